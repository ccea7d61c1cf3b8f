//! A small experiment, simulated once.

use lbsim::experiment::{Design, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping, replicate};
use lbsim::model::{Model, NoFiles, Override, Source, read};
use lbsim::observe::{Measure, Record, Shape};
use lbsim::results::{Provenance, Store};
use lbsim::stats::codec::Codec;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const MODEL: &str = r#"Model(
    clients: [
        Open(name: "people", arrivals: Poisson(rate: "60/s"), demand: Exponential(mean: "10ms")),
        Open(name: "robots", arrivals: Poisson(rate: "40/s"), demand: Exponential(mean: "20ms")),
    ],
    servers: [Pool(name: "web", count: 4)],
    run: Steady(length: "30s", replications: 5),
)"#;

/// Two strategies at two seeds, five replications each.
pub struct Lab {
    pub plan: Plan,
    /// By point, then replication.
    pub records: Vec<Vec<Record>>,
}

impl Lab {
    pub const REPLICATIONS: u32 = 5;

    pub fn get() -> &'static Self {
        static LAB: OnceLock<Lab> = OnceLock::new();
        LAB.get_or_init(Self::make)
    }

    fn make() -> Self {
        let strategies = ["Random", "JoinShortestQueue"];
        let places = [(0, 0), (0, 1), (1, 0), (1, 1)];
        let model = |(strategy, rate): (usize, usize)| -> Model {
            let rate = format!("{}/s", [60, 90][rate]);
            let set =
                [Override::new("balancer.algorithm", strategies[strategy]), Override::new("clients[0].arrivals.rate", rate)];
            read(Source { name: "lab.ron", text: MODEL }, &set, &NoFiles).unwrap().model
        };
        let models: Vec<Model> = places.iter().map(|&place| model(place)).collect();
        let level = |label: &str, number| Level { label: label.into(), number };
        let point = |(model, (strategy, rate)): (&Model, &(usize, usize))| PlannedPoint {
            levels: vec![*strategy, *rate],
            fingerprint: format!("model {strategy} {rate}"),
            shape: Shape::of(model),
            offered_load: Some(0.1 + 0.2),
            expected_requests: 1e4 / 3.0,
            theory: Vec::new(),
        };
        let plan = Plan {
            name: "lab".into(),
            about: "Which?".into(),
            files: vec![PlanFile { name: "lab.ron".into(), text: MODEL.into() }],
            seed: 1,
            factors: vec![
                Factor {
                    name: "strategy".into(),
                    unit: String::new(),
                    scale: Scale::Category,
                    levels: strategies.map(|name| level(name, None)).to_vec(),
                },
                // A name that the tables have use for themselves.
                Factor {
                    name: "arrival_rate".into(),
                    unit: "1/s".into(),
                    scale: Scale::Linear,
                    levels: vec![level("60/s", Some(60.0)), level("90/s, \"rush\"", Some(90.0))],
                },
            ],
            design: Design::Factorial,
            stopping: Stopping::Fixed,
            metrics: vec![Measure::named("mean").unwrap()],
            compared: None,
            contrasts: Vec::new(),
            goals: Vec::new(),
            charts: Vec::new(),
            points: models.iter().zip(&places).map(point).collect(),
        };
        let records = models.iter().map(|model| (0..Self::REPLICATIONS).map(|n| replicate(model, n)).collect()).collect();
        Self { plan, records }
    }

    pub fn provenance() -> Provenance {
        let machine = [("processors".to_owned(), "2".to_owned())].into();
        Provenance { lbsim: "0.1.0".into(), results: 1, machine }
    }

    /// Stores the records chosen by point and number, and decides on complete points.
    pub fn store(&self, dir: &Path, chosen: impl Fn(usize, u32) -> bool) {
        let (_, writer) = Store::open(dir, &self.plan, &Self::provenance()).unwrap();
        for (point, records) in self.records.iter().enumerate() {
            let chosen = records.iter().filter(|record| chosen(point, record.replication));
            if chosen.map(|record| writer.put(point, record).unwrap()).count() == records.len() {
                writer.decide(point, Self::REPLICATIONS).unwrap();
            }
        }
        writer.finish().unwrap();
    }
}

/// Floats by their bits, so that they can be compared.
pub fn bytes_of(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    bytes
}

/// A folder of this name that is not there.
pub fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    dir
}
