//! The simulator against event loops written by hand for one model each, in millions of requests per CPU-second.
//!
//! `cargo bench --bench limit` runs all, `cargo bench --bench limit -- W2 10` one. Both sides take turns, several
//! rounds, and the medians are printed, so that other work on the machine troubles both alike.
//!
//! - W1: M/M/1 at a load of 0.8.
//! - W2: n servers of one worker, first come first served, Poisson arrivals of 0.8 n per second, exponential demands
//!   of mean 1 s, each request to a server chosen at random.
//! - W3: the same, each request to a server with the fewest requests.
//! - W4: 100 servers that fail every 1,000 s and are repaired in 50 s (means, both exponential), 70 requests per second, demands as
//!   before, each request to the next server in turn of those that are up; what a failing server holds is lost.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark prints what it measured, and stops where that cannot be believed"
)]

mod agenda;
mod choice;
mod failing;
mod loops;
mod queue;

use cpu_time::ThreadTime;
use lbsim::experiment::replicate;
use lbsim::model::{self, NoFiles, Source};
use loops::Outcome;

/// A model and how many of its requests to simulate.
#[derive(Debug, Clone, Copy)]
struct Workload {
    name: &'static str,
    servers: usize,
    requests: u64,
    /// Least and greatest mean response that is believed, in seconds.
    mean_response: (f64, f64),
}

/// M/M/1: 1 / (1 - 0.8) = 5 s, whatever the number of servers that random choice splits the arrivals over.
const RANDOM: (f64, f64) = (4.8, 5.2);
/// Join the shortest queue: between no wait at all and, with 10 servers, somewhat more than the 1.2 s of one common
/// queue (M/M/10).
const SHORTEST: (f64, f64) = (0.99, 1.5);

/// In turn over 95.2 servers on average, each 73.5 % busy: less than the 3.8 s of random choice, more than half of that.
const FAILING: (f64, f64) = (1.9, 2.9);

const WORKLOADS: [Workload; 10] = [
    Workload { name: "W1", servers: 1, requests: 15_000_000, mean_response: RANDOM },
    Workload { name: "W2", servers: 10, requests: 8_000_000, mean_response: RANDOM },
    Workload { name: "W2", servers: 1_000, requests: 8_000_000, mean_response: RANDOM },
    Workload { name: "W2", servers: 10_000, requests: 8_000_000, mean_response: RANDOM },
    Workload { name: "W2", servers: 100_000, requests: 20_000_000, mean_response: RANDOM },
    Workload { name: "W3", servers: 10, requests: 8_000_000, mean_response: SHORTEST },
    Workload { name: "W3", servers: 1_000, requests: 8_000_000, mean_response: SHORTEST },
    Workload { name: "W3", servers: 10_000, requests: 8_000_000, mean_response: SHORTEST },
    Workload { name: "W3", servers: 100_000, requests: 20_000_000, mean_response: SHORTEST },
    Workload { name: "W4", servers: failing::SERVERS, requests: 8_000_000, mean_response: FAILING },
];

const ROUNDS: u64 = 9;

/// The loop written for the workload: its speed in Mreq/cpu-s.
fn limit(workload: Workload, seed: u64) -> f64 {
    let Workload { name, servers, requests, mean_response: (least, greatest) } = workload;
    let start = ThreadTime::now();
    let outcome = match name {
        "W1" => loops::w1(requests, seed),
        "W2" => loops::w2(servers, requests, seed),
        "W4" => failing::w4(requests, seed),
        _ => loops::w3(servers, requests, seed),
    };
    let speed = outcome.completed as f64 / start.elapsed().as_secs_f64() / 1e6;
    let Outcome { mean_response, .. } = outcome;
    let believed = (least..greatest).contains(&mean_response);
    assert!(believed, "{name} n={servers}: a mean response of {mean_response} s is not between {least} and {greatest}");
    speed
}

/// The simulator on the workload, from an empty system to its record, everything measured: its speed in Mreq/cpu-s.
fn lbsim(workload: Workload, seed: u64) -> f64 {
    let Workload { name, servers, requests, mean_response: (least, greatest) } = workload;
    let algorithm = match name {
        "W3" => "algorithm: JoinShortestQueue",
        "W4" => "algorithm: RoundRobin, health: Perfect",
        _ => "algorithm: Random",
    };
    let (rate, failures) = match name {
        "W4" => {
            let law = |mean: f64| format!("Exponential(mean: \"{mean}s\")");
            let (life, repair) = (law(failing::MTBF), law(failing::MTTR));
            (failing::RATE, format!(", failures: Failures(time_to_failure: {life}, time_to_repair: {repair})"))
        }
        _ => (0.8 * servers as f64, String::new()),
    };
    let horizon_secs = requests as f64 / rate;
    let text = format!(
        "Model(
            seed: {seed},
            clients: [Open(arrivals: Poisson(rate: \"{rate}/s\"), demand: Exponential(mean: \"1s\"))],
            balancer: ({algorithm}),
            servers: [Pool(count: {servers}{failures})],
            run: Terminating(horizon: \"{horizon_secs}s\", replications: 1),
        )"
    );
    let source = Source { name: "workload", text: &text };
    let model = model::read(source, &[], &NoFiles).unwrap_or_else(|report| panic!("{}", report.render(false))).model;
    let start = ThreadTime::now();
    let record = replicate(&model, 0);
    let speed = record.born as f64 / start.elapsed().as_secs_f64() / 1e6;
    let mean_response = record.total().sojourn.mean().unwrap_or(f64::NAN) * 1e-9;
    // The transient from the empty start, which the loops leave out of their mean, makes it smaller.
    let believed = (0.9 * least..greatest).contains(&mean_response);
    assert!(believed, "{name} n={servers}: a mean response of {mean_response} s is not between {least} and {greatest}");
    speed
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Whether a workload was asked for: by name, by number of servers, by both, or not at all and so all are.
fn wanted(workload: &Workload, words: &[String]) -> bool {
    let matches = |word: &String| match word.replace('_', "").parse::<usize>() {
        Ok(servers) => servers == workload.servers,
        Err(_) => word.eq_ignore_ascii_case(workload.name),
    };
    words.iter().all(matches)
}

fn compare(workload: Workload) {
    let (mut limits, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 1..=ROUNDS {
        let limit = limit(workload, seed);
        limits.push(limit);
        let speed = lbsim(workload, seed);
        ours.push(speed);
        ratios.push(speed / limit);
    }
    let Workload { name, servers, .. } = workload;
    let [speed, limit, ratio] = [ours, limits, ratios].map(median);
    println!("{name} n={servers} lbsim {speed:.1} limit {limit:.1} Mreq/cpu-s ratio {ratio:.2}");
}

fn main() {
    // Cargo adds `--bench` to the words of the user.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    WORKLOADS.into_iter().filter(|workload| wanted(workload, &words)).for_each(compare);
}
