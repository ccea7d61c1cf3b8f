//! Sessions through caches, in millions of requests per CPU-second.
//!
//! `cargo bench --bench sessions` runs all, `cargo bench --bench sessions -- cookie 1000000` those whose name and size of the catalogue are these. The
//! reference model: users come at random, each sends 10 requests on average, thinks 10 s before each but the first, and is bound to one of 10
//! servers by a cookie (or is not); some 1,000 sessions go on at once (`many`: 100,000). Each server has room for all requests, and an LRU cache of
//! 10,000 items out of a catalogue that is asked for by Zipf's law with exponent 0.9. Everything is measured. The median of several rounds is printed.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark prints what it measured, and stops where that cannot be believed"
)]

use cpu_time::ThreadTime;
use lbsim::experiment::replicate;
use lbsim::model::{self, NoFiles, Source};

const ROUNDS: u64 = 5;

/// Name, the persistence of the balancer, sessions at once, and the size of the catalogue.
const WORKLOADS: [(&str, &str, u32, u64); 8] = [
    ("cookie", "Cookie", 1_000, 100_000),
    ("cookie", "Cookie", 1_000, 1_000_000),
    ("cookie", "Cookie", 1_000, 10_000_000),
    ("cookie", "Cookie", 1_000, 100_000_000),
    ("none", "None", 1_000, 1_000_000),
    ("table", "Table(key: Client, capacity: 2000, expires: \"1min\")", 1_000, 1_000_000),
    ("many", "Cookie", 100_000, 1_000_000),
    ("many", "Cookie", 100_000, 100_000_000),
];

/// The speed in Mreq/cpu-s, and the hit ratio of requests.
fn speed(persistence: &str, sessions: u32, catalogue: u64, seed: u64) -> (f64, f64) {
    // A session goes on for nine thoughts; the run has some four million requests.
    let (rate, horizon_secs) = (f64::from(sessions) / 90.0, 400_000_000.0 / f64::from(sessions) / 11.0);
    let text = format!(
        "Model(
            seed: {seed},
            clients: [Visitors(arrivals: Poisson(rate: \"{rate}/s\"), requests: Geometric(mean: 10),
                think_time: Exponential(mean: \"10s\"), demand: Exponential(mean: \"10ms\"),
                items: Zipf(count: {catalogue}, exponent: 0.9))],
            balancer: (algorithm: RoundRobin, persistence: {persistence}),
            servers: [Pool(count: 10, workers: 1000,
                cache: Cache(of: Item, capacity: 10000, eviction: Lru, miss: Exponential(mean: \"30ms\")))],
            run: Terminating(horizon: \"{horizon_secs}s\", replications: 1),
        )"
    );
    let source = Source { name: "workload", text: &text };
    let model = model::read(source, &[], &NoFiles).unwrap_or_else(|report| panic!("{}", report.render(false))).model;
    let start = ThreadTime::now();
    let record = replicate(&model, 0);
    let speed = record.born as f64 / start.elapsed().as_secs_f64() / 1e6;
    let total = record.total();
    let hits = total.hits.count() as f64 / (total.hits.count() + total.misses.count()) as f64;
    assert!((0.1..0.9).contains(&hits), "a hit ratio of {hits}");
    (speed, hits)
}

fn main() {
    // Cargo adds `--bench` to the words of the user.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for (name, persistence, sessions, catalogue) in WORKLOADS {
        if !words.iter().all(|word| word == name || *word == catalogue.to_string()) {
            continue;
        }
        let mut rounds: Vec<(f64, f64)> = (1..=ROUNDS).map(|seed| speed(persistence, sessions, catalogue, seed)).collect();
        rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (speed, hits) = rounds[rounds.len() / 2];
        println!("{name} sessions={sessions} catalogue={catalogue} {speed:.2} Mreq/cpu-s, hit ratio {hits:.3}");
    }
}
