//! Processor sharing against a simulation of the textbook, and what blocking on a back end means in time.

use crate::models::model;
use crate::witness::{Life, story};
use lbsim::model::Model;
use lbsim::random::{Role, Stream};

/// When each of some jobs (arrival, service; seconds) leaves `workers` workers that all share: each gets
/// min(1, workers / present) of a worker. Plain subtraction of work done from work left.
fn shared(jobs: &[(f64, f64)], workers: f64) -> Vec<f64> {
    let mut left: Vec<(usize, f64)> = Vec::new();
    let mut ends = vec![f64::INFINITY; jobs.len()];
    let (mut now, mut next) = (0.0, 0);
    while next < jobs.len() || !left.is_empty() {
        let rate = (workers / left.len() as f64).min(1.0);
        let first = left.iter().map(|(_, work)| work / rate).fold(f64::INFINITY, f64::min);
        let arrival = jobs.get(next).map_or(f64::INFINITY, |(at, _)| *at);
        let passed = first.min(arrival - now);
        left.iter_mut().for_each(|(_, work)| *work -= passed * rate);
        now += passed;
        if first <= passed {
            for (job, _) in left.extract_if(.., |(_, work)| *work <= 1e-12) {
                ends[job] = now;
            }
        } else {
            left.push((next, jobs[next].1));
            next += 1;
        }
    }
    ends
}

/// Arrivals and services of an open class on servers of `speed`, in seconds.
fn jobs(model: &Model, lives: &[Life], speed: f64) -> Vec<(f64, f64)> {
    let mut stream = Stream::new(model.parts().seed, 0, Role::Demand, 0);
    let demand = &model.parts().classes[0].demand;
    lives.iter().map(|life| (life.birth as f64 * 1e-9, demand.sample(&mut stream).as_secs() / speed)).collect()
}

#[test]
fn processor_sharing_is_that_of_the_textbook() {
    let demands = ["Exponential(\"1s\")", "Constant(\"1s\")", "Discrete(values: [\"0s\", \"10s\"], probs: [\"90%\", \"10%\"])"];
    for (workers, speed, rate) in [(1, 1.0, "0.9/s"), (3, 0.5, "1.4/s"), (2, 3.0, "5.5/s")] {
        for demand in demands {
            let model = model(&format!(
                "Model(clients: [Open(arrivals: Poisson(rate: \"{rate}\"), demand: {demand})],
                servers: [(workers: {workers}, speed: {speed}, discipline: ProcessorSharing)], run: Terminating(horizon: \"20min\"))"
            ));
            let lives = story(&model).by_number();
            let expected = shared(&jobs(&model, &lives, speed), f64::from(workers));
            let completed = lives.iter().zip(expected).filter(|(life, _)| life.server().is_some());
            let mut compared = 0;
            for (life, expected) in completed {
                compared += 1;
                // Completions are rounded up to whole nanoseconds, which delays those behind by as much.
                assert!(
                    (life.end as f64 * 1e-9 - expected).abs() < 1e-6,
                    "{demand}, {workers} workers: {life:?}, not {expected}"
                );
            }
            assert!(compared > 800, "{compared}");
        }
    }
}

#[test]
fn all_jobs_that_end_together_leave_together() {
    // Two births every second, each of half a second: alone together, they need one second.
    let model = model(
        "Model(clients: [
            Open(name: \"a\", arrivals: Renewal(gap: Constant(\"2s\")), demand: Constant(\"500ms\")),
            Open(name: \"b\", arrivals: Renewal(gap: Constant(\"2s\")), demand: Constant(\"500ms\"))],
        servers: [(discipline: ProcessorSharing)], run: Terminating(horizon: \"10.5s\"))",
    );
    let lives = story(&model).lives;
    let ends: Vec<(u64, u64)> = lives.iter().map(|life| (life.number, life.end / 1_000_000)).collect();
    let unfinished = [(8, 10_500), (9, 10_500)];
    assert_eq!(ends[..8], [(0, 3_000), (1, 3_000), (2, 5_000), (3, 5_000), (4, 7_000), (5, 7_000), (6, 9_000), (7, 9_000)]);
    let mut rest = ends[8..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, unfinished);
}

/// One worker, whose requests take 1 s and then 2 s at a back end with two workers: the worker waits.
#[test]
fn a_worker_waits_for_the_back_end() {
    let model = model(
        "Model(clients: [Open(arrivals: Renewal(gap: Constant(\"2s\")), demand: Constant(\"1s\"))],
        servers: [(call: (to: \"db\", demand: Constant(\"2s\")))], back_ends: [(name: \"db\", workers: 2)],
        run: Terminating(horizon: \"12s\"))",
    );
    let story = story(&model);
    let secs =
        |life: &Life| (life.birth / 1_000_000_000, life.start.map(|start| start / 1_000_000_000), life.end / 1_000_000_000);
    let lives: Vec<_> = story.by_number().iter().map(secs).collect();
    assert_eq!(lives[..3], [(2, Some(2), 5), (4, Some(5), 8), (6, Some(8), 11)]);
    assert_eq!(lives[3..], [(8, Some(11), 12), (10, None, 12), (12, None, 12)]);
    let busy: Vec<u128> = story.usage.iter().map(|usage| usage.busy_ns / 1_000_000_000).collect();
    assert_eq!(busy, [10, 6], "the worker from 2 to 12 s, the back end for three calls");
    assert_eq!(story.usage[1].served, 3);
}

/// Two workers that share may both wait for a back end and others be served meanwhile; its single worker serves one call at
/// a time, and a third call finds it full.
#[test]
fn a_full_back_end_turns_requests_away_after_their_service() {
    let model = model(
        "Model(clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"500ms\"))],
        servers: [(workers: 3, call: (to: \"db\", demand: Constant(\"10s\")))], back_ends: [(name: \"db\", capacity: 1)],
        run: Terminating(horizon: \"5s\"))",
    );
    let lives = story(&model).by_number();
    let brief: Vec<String> =
        lives.iter().map(|life| format!("{:?} from {:?} to {}", life.ending, life.start, life.end)).collect();
    assert_eq!(
        brief,
        [
            "Unfinished from Some(1000000000) to 5000000000",
            "Refused from Some(2000000000) to 2500000000",
            "Refused from Some(3000000000) to 3500000000",
            "Refused from Some(4000000000) to 4500000000",
            "Unfinished from Some(5000000000) to 5000000000",
        ]
    );
}
