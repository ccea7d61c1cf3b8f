//! A small experiment, really simulated, for the tests of this room and of those that show its findings: three strategies at
//! four loads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Analysis, analyse};
use crate::experiment::{Compared, Design, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping, run};
use crate::model::{NoFiles, Override, Source, read};
use crate::observe::{Fold, Goal, Measure};

const MODEL: &str = r#"Model(
    clients: [Open(arrivals: Poisson(rate: "200/s"), demand: Exponential(mean: "10ms"))],
    servers: [Pool(name: "web", count: 4)],
    run: Steady(length: "2min", replications: 6),
)"#;
const STRATEGIES: [&str; 3] = ["Random", "RoundRobin", "JoinShortestQueue"];
const RATES: [u32; 4] = [200, 260, 320, 360];

/// The findings of the small experiment.
///
/// # Panics
/// Where the experiment itself is wrong.
#[must_use]
pub fn sample() -> Analysis {
    let (plan, folds) = simulated();
    analyse(plan, &folds, &[])
}

/// Its plan, and what was simulated of each point.
///
/// # Panics
/// Where the experiment itself is wrong.
#[must_use]
pub fn simulated() -> (Plan, Vec<Fold>) {
    let (mut points, mut folds) = (Vec::new(), Vec::new());
    for (strategy, rate) in (0..3).flat_map(|strategy| (0..4).map(move |rate| (strategy, rate))) {
        let set = [
            Override::new("balancer.algorithm", STRATEGIES[strategy]),
            Override::new("clients[0].arrivals.rate", format!("{}/s", RATES[rate])),
        ];
        let model = read(Source { name: "sample.ron", text: MODEL }, &set, &NoFiles).unwrap().model;
        let mut fold = Fold::new(&model);
        run(&model, 0..6, |record| fold.add(&record));
        points.push(PlannedPoint::of(vec![strategy, rate], &model));
        folds.push(fold);
    }
    (plan(points), folds)
}

fn plan(points: Vec<PlannedPoint>) -> Plan {
    let factor = |name: &str, unit: &str, scale, levels: Vec<(String, Option<f64>)>| Factor {
        name: name.into(),
        unit: unit.into(),
        scale,
        levels: levels.into_iter().map(|(label, number)| Level { label, number }).collect(),
    };
    Plan {
        name: "sample".into(),
        about: "Which strategy, at which load?".into(),
        files: vec![PlanFile { name: "sample.ron".into(), text: MODEL.into() }],
        seed: 1,
        factors: vec![
            factor("strategy", "", Scale::Category, STRATEGIES.iter().map(|name| ((*name).into(), None)).collect()),
            factor(
                "load",
                "1/s",
                Scale::Linear,
                RATES.iter().map(|rate| (format!("{rate}/s"), Some(f64::from(*rate)))).collect(),
            ),
        ],
        design: Design::Factorial,
        stopping: Stopping::Fixed,
        metrics: vec![Measure::named("mean").unwrap(), Measure::named("p99").unwrap()],
        compared: Some(Compared { factor: 0, baseline: 1 }),
        contrasts: Vec::new(),
        goals: vec![Goal::parse("p99 < 200ms").unwrap()],
        charts: Vec::new(),
        points,
    }
}

#[test]
fn the_sample_is_complete() {
    let sample = sample();
    assert_eq!((sample.points.len(), sample.best.len(), sample.comparisons.len()), (12, 4, 16));
    assert!(sample.points.iter().all(|point| point.tail.len() > 100 && point.heat.as_ref().unwrap().servers.len() == 4));
    assert_eq!(sample.effects.len(), 3 + 4 + 12);
}
