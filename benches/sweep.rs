//! How busy a sweep keeps the cores, and what keeping its results costs.
//!
//! Busy: processor time over wall time and threads, while unequal points are simulated and kept. Cost: processor time of a sweep of many
//! short replications that keeps each in a store and tells of its progress, over that of the same sweep that drops them.

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

use cpu_time::ProcessTime;
use indicatif::{ProgressBar, ProgressDrawTarget};
use lbsim::experiment::{Experiment, Keeper, Library, ModelFile, Progress, Sweep, read};
use lbsim::model::{Files, Source};
use lbsim::observe::Record;
use lbsim::results::{Provenance, Store, Writer};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Nine points whose replications differ in length by a factor of thirty.
const UNEQUAL: &str = r#"Experiment(
    model: Model(
        clients: [Open(arrivals: Poisson(rate: "200/s"), demand: Exponential(mean: "10ms"))],
        servers: [Pool(name: "web", count: 4)],
        run: Steady(length: "1h", replications: 8),
    ),
    factors: [
        Factor(name: "strategy", path: "balancer.algorithm", values: [RoundRobin, Random, JoinShortestQueue]),
        Factor(name: "size", levels: [
            Level(name: "10 min", set: [("run.length", "10min")]),
            Level(name: "1 h", set: [("run.length", "1h")]),
            Level(name: "5 h", set: [("run.length", "5h")]),
        ]),
    ],
)"#;

/// Ten thousand replications of 100,000 requests, what a replication has if nothing is said: some 5 ms each.
const SHORT: &str = r#"Experiment(
    model: Model(
        clients: [Open(arrivals: Poisson(rate: "300/s"), demand: Exponential(mean: "10ms"))],
        servers: [Pool(name: "web", count: 4)],
        run: Steady(length: "333s", replications: 2500),
    ),
    factors: [Factor(name: "rate", path: "clients[0].arrivals.rate", values: ["300/s", "301/s", "302/s", "303/s"])],
)"#;

/// There are no files beside these.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("no files".into())
    }
}

impl Library for Nothing {
    fn model(&self, _: &str) -> Result<ModelFile, String> {
        Err("no files".into())
    }
}

/// Keeps nothing.
struct Dropped;

impl Keeper for Dropped {
    fn has(&self, _: usize, _: u32) -> bool {
        false
    }

    fn recall(&self, _: usize, _: u32) -> Result<Record, String> {
        Err("nothing is kept".into())
    }

    fn keep(&self, _: usize, _: &Record) -> Result<(), String> {
        Ok(())
    }
}

/// Keeps everything.
struct Stored(Writer);

impl Keeper for Stored {
    fn has(&self, _: usize, _: u32) -> bool {
        false
    }

    fn recall(&self, _: usize, _: u32) -> Result<Record, String> {
        Err("nothing is recalled".into())
    }

    fn keep(&self, point: usize, record: &Record) -> Result<(), String> {
        self.0.put(point, record).map_err(|error| error.to_string())
    }
}

fn experiment(text: &str) -> Experiment {
    read("bench", Source { name: "bench.ron", text }, &Nothing, &[]).unwrap()
}

/// Processor seconds and wall seconds of the sweep, until all is kept.
fn time(experiment: &Experiment, keeper: &dyn Keeper, progress: &(dyn Fn(Progress) + Sync)) -> (f64, f64) {
    static STOP: AtomicBool = AtomicBool::new(false);
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    Sweep { experiment, keeper, shard: None, stop: &STOP, progress }.run().unwrap();
    (cpu.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64())
}

/// The same with a store in an empty folder and a bar that draws itself twenty times a second.
fn stored(experiment: &Experiment) -> (f64, f64) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-sweep");
    let _ = std::fs::remove_dir_all(&folder);
    let (store, writer) = Store::open(&folder, &experiment.plan, &Provenance::default()).unwrap();
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::term_like(Box::new(console())));
    let tell = |now: Progress| {
        bar.set_length(now.asked);
        bar.set_position(now.done);
    };
    let keeper = Stored(writer);
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    time(experiment, &keeper, &tell);
    keeper.0.finish().unwrap();
    let spent = (cpu.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64());
    drop(store);
    let _ = std::fs::remove_dir_all(&folder);
    spent
}

fn console() -> indicatif::InMemoryTerm {
    indicatif::InMemoryTerm::new(10, 100)
}

fn main() {
    let threads = rayon::current_num_threads() as f64;
    let unequal = experiment(UNEQUAL);
    for _ in 0..3 {
        let (cpu, wall) = stored(&unequal);
        println!(
            "unequal points: {:.1} % busy ({cpu:.2} CPU-s in {wall:.2} s on {threads} threads)",
            100.0 * cpu / (wall * threads)
        );
    }
    let short = experiment(SHORT);
    for _ in 0..3 {
        let (with, _) = stored(&short);
        let (without, _) = time(&short, &Dropped, &|_| ());
        println!(
            "10,000 short replications: {with:.2} CPU-s kept, {without:.2} dropped: {:.2} % more",
            100.0 * (with / without - 1.0)
        );
    }
}
