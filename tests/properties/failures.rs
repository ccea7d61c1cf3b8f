//! Whatever fails, is checked, tried again, given up: each request ends exactly once, and none vanishes.

use crate::models::{Text, config, model, pick};
use crate::witness::{Ending, story, story_driven, window};
use lbsim::model::Model;
use lbsim::units::Time;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

pub const FAULTS: [&str; 12] = [
    "Crash",
    "Silence",
    "Crash(work: Resumed)",
    "Crash(work: Restarted)",
    "Silence(work: Resumed)",
    "Silence(work: Restarted)",
    "Slow(factor: 4)",
    "Errors(probability: \"40%\")",
    "Errors(probability: \"60%\", after: Constant(\"250ms\"))",
    "WrongAnswers(probability: \"30%\")",
    "Partition(refused: true)",
    "Partition(refused: false)",
];
pub const TIMES: [&str; 4] =
    ["Constant(\"2s\")", "Exponential(\"3s\")", "Constant(\"500ms\")", "Uniform(low: \"250ms\", high: \"4s\")"];
pub const FAILURES: [&str; 6] = [
    "",
    ", clock: WhileServing",
    ", crews: 1",
    ", scope: AllAtOnce",
    ", scope: Together",
    ", flapping: Flapping(on: \"250ms\", off: \"500ms\")",
];
const HEALTH: [&str; 6] = [
    "",
    "health: Perfect,",
    "health: Checks(interval: \"500ms\", timeout: \"250ms\", rise: 1, fall: 2, phase: Common),",
    "health: Checks(interval: \"1s\", timeout: \"1s\"), observe: Observe(error_limit: 2, action: MarkDown),",
    "outlier_detection: Outliers(consecutive_errors: 2, interval: \"1s\", base_ejection: \"1s\", most_ejected: \"60%\"), panic: \"50%\", merge_window: \"500ms\",",
    "health: Checks(interval: \"250ms\", timeout: \"0s\"), panic: \"40%\",",
];
const RETRIES: [&str; 7] = [
    "",
    "retries: 2,",
    "retries: Retries(most: 3, to: Another, delay: None),",
    "retries: Retries(most: 2, to: Same, delay: Fixed(\"250ms\")),",
    "retries: Retries(most: 3, to: Redispatch(every: 2)),",
    "retries: Retries(most: 2, on: [Refused, Cut, Error, Full, ResponseTimeout, ConnectTimeout], delay: FullJitter(base: \"100ms\", most: \"1s\"), budget: AtOnce(most: 2)),",
    "retries: Retries(most: 4, delay: Exponential(base: \"250ms\", factor: 2, most: \"1s\", jitter: 0), budget: Tokens(most: 10, ratio: 0.5), within: \"3s\"),",
];
const TIMEOUTS: [&str; 6] = [
    "",
    "timeouts: (response: \"1s\"),",
    "timeouts: (response: \"500ms\", connect: \"250ms\", queue: \"500ms\"),",
    "timeouts: (total: \"1s\"),",
    "timeouts: (response: \"750ms\", total: \"1500ms\", queue: \"1s\"), cancels: true,",
    "timeouts: (connect: \"1s\"), cancels: true,",
];
const LIMITS: [&str; 5] = [
    "",
    "limits: (requests: 3),",
    "limits: (shed_wait: \"100ms\"),",
    "limits: (adaptive: Aimd(initial: 4, most: 10, backoff: 0.5)),",
    "hedge: Hedge(after: \"250ms\", most: 2),",
];
pub const CLIENTS: [&str; 6] = [
    "",
    "patience: \"1s\",",
    "patience: Exponential(\"700ms\"),",
    "retries: Retries(most: 2, delay: Fixed(\"500ms\")),",
    "patience: \"500ms\", retries: Retries(most: 1, delay: Fixed(\"250ms\"), budget: AtOnce(most: 1)),",
    "throttle: Throttle(k: 2, window: \"4s\"), patience: \"2s\",",
];
pub const ARRIVALS: [&str; 4] = [
    "Open(arrivals: Renewal(gap: Constant(\"250ms\")), ",
    "Open(arrivals: Poisson(rate: \"5/s\"), ",
    "Closed(users: 4, think_time: Constant(\"500ms\"), ",
    "Open(arrivals: Poisson(rate: \"12/s\"), ",
];
pub const DEMANDS: [&str; 3] = ["Constant(\"500ms\")", "Exponential(\"400ms\")", "Constant(\"250ms\")"];
pub const STATIONS: [&str; 6] =
    ["", "workers: 2, ", "capacity: 3, ", "max_connections: 1, ", "discipline: ProcessorSharing, ", "workers: 2, capacity: 4, "];
const ALGORITHMS: [&str; 7] =
    ["RoundRobin", "LeastConnections", "Random", "JoinShortestQueue", "CentralQueue", "PeakEwma", "Rendezvous(key: Session)"];
const FRONTS: [&str; 8] = [
    "",
    "",
    "",
    "queue_capacity: 2,",
    "failures: Failures(time_to_failure: Exponential(\"3s\"), time_to_repair: Constant(\"500ms\")),",
    "failures: Failures(time_to_failure: Constant(\"2s\"), time_to_repair: Exponential(\"1s\"), fault: Silence),",
    "failures: Failures(time_to_failure: Exponential(\"2s\"), time_to_repair: Constant(\"1s\"), crews: 1), pair: Pair(takeover: Vrrp(advert: \"250ms\")),",
    "failures: Failures(time_to_failure: Exponential(\"2s\"), time_to_repair: Constant(\"1s\"), fault: Silence), pair: Pair(takeover: \"500ms\", coverage: \"50%\", preempt_delay: \"250ms\"),",
];
const EXTRAS: [&str; 7] = [
    "",
    "spares: Spares(count: 1, kind: Cold, start_up: \"500ms\"),",
    "overload: OverloadCrash(most_present: 3, time_to_repair: Constant(\"1s\")),",
    "spares: Spares(count: 1, kind: Warm(0.5), start_up: Exponential(\"1s\")),",
    "call: (to: \"db\", demand: Constant(\"250ms\")),",
    "autoscaling: Autoscaling(least: 1, most: 4, target: Utilization(\"60%\"), interval: \"1s\", provisioning: \"500ms\", cooldown_in: \"1s\"),",
    "maintenance: Maintenance(every: \"3s\", drain: \"250ms\", down: \"500ms\"),",
];

fn text(genes: &[u8; 20]) -> Text {
    let [arrivals, demand, client, algorithm, health, retries, timeouts, limits, rest @ ..] = *genes;
    let [station, extra, fault, time, repair, failures, second, script, scripted, backup, count, pick_when] = rest;
    let both = |text: &str| text.starts_with("timeouts") || text.starts_with("limits") || text.is_empty();
    debug_assert!(both(pick(&TIMEOUTS, timeouts)));
    // A lifetime that counts service cannot have a common cause; waiting without a limit cannot be hedged less than it takes.
    let zone = match second % 3 {
        1 => format!(
            "zones: [Zone(name: \"rack\", servers: [0, \"b\"], failures: Failures(time_to_failure: {}, time_to_repair: {}, fault: {}))],",
            pick(&TIMES, second / 3),
            pick(&TIMES, repair),
            pick(&FAULTS, second / 5)
        ),
        _ => String::new(),
    };
    let script = match script % 4 {
        1 => format!("script: [(at: \"2s\", spread: \"1s\", fail: 0, fault: {}, lasting: \"3s\")],", pick(&FAULTS, scripted)),
        2 => format!("script: [(at: \"1s\", fail: \"a\", fault: {}), (at: \"6s\", repair: \"a\")],", pick(&FAULTS, scripted)),
        3 => "script: [(at: \"3s\", restart: \"a\", drain: \"500ms\", down: \"1s\", at_a_time: 1)],".into(),
        _ => String::new(),
    };
    let calls = pick(&EXTRAS, extra).starts_with("call");
    Text(format!(
        "Model(seed: {seed},
            clients: [{arrivals}demand: {demand}, {client})],
            balancer: (algorithm: {algorithm}, when_full: {when_full}, {health} {retries} {timeouts} {limits} {front}),
            servers: [
                Pool(name: \"a\", count: {count}, {station}{extra}
                    failures: Failures(time_to_failure: {life}, time_to_repair: {repair}, fault: {fault}{failures})),
                Pool(name: \"b\"{backup}),
            ],
            {back_end}
            {zone}
            {script}
            run: Terminating(horizon: \"12s\", replications: 1),
        )",
        seed = u32::from(pick_when) + 1,
        arrivals = pick(&ARRIVALS, arrivals),
        demand = pick(&DEMANDS, demand),
        client = pick(&CLIENTS, client),
        algorithm = pick(&ALGORITHMS, algorithm),
        when_full = pick(&["Reject", "Skip"], pick_when),
        health = pick(&HEALTH, health),
        retries = pick(&RETRIES, retries),
        timeouts = pick(&TIMEOUTS, timeouts),
        limits = pick(&LIMITS, limits),
        front = pick(&FRONTS, second / 3),
        count = 2 + count % 3,
        station = pick(&STATIONS, station),
        extra = pick(&EXTRAS, extra),
        life = pick(&TIMES, time),
        repair = pick(&TIMES, repair),
        fault = pick(&FAULTS, fault),
        failures = pick(&FAILURES, failures),
        backup = pick(&["", ", backup: true"], backup),
        back_end = if calls { "back_ends: [BackEnd(name: \"db\")]," } else { "" },
    ))
}

fn texts() -> impl Strategy<Value = Text> {
    prop::array::uniform20(any::<u8>()).prop_map(|genes| text(&genes))
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn every_request_ends_once_and_none_vanishes(text in texts()) {
        ends_once(&model(&text.0))?;
    }

    #[test]
    fn the_number_present_is_that_of_the_requests_under_way(text in texts()) {
        presence_is_right(&model(&text.0))?;
    }
}

/// Every request born is told of once, in order of its end, with times that fit each other.
pub fn ends_once(model: &Model) -> Result<(), TestCaseError> {
    let story = story(model);
    let lives = story.by_number();
    prop_assert!(lives.iter().map(|life| life.number).eq(0..story.born), "numbers 0 to {}", story.born);
    let ends: Vec<u64> = story.lives.iter().filter(|life| life.ending != Ending::Unfinished).map(|life| life.end).collect();
    prop_assert!(ends.is_sorted(), "facts are told when they happen");
    for life in &lives {
        let start = life.start.unwrap_or(life.birth);
        prop_assert!(life.birth <= start && start <= life.end && life.end <= window(model).1, "{life:?}");
    }
    Ok(())
}

/// At each second as many requests are present as have begun and not ended.
pub fn presence_is_right(model: &Model) -> Result<(), TestCaseError> {
    let to = model.parts().run.ends_at();
    let mut counts = Vec::new();
    let story = story_driven(model, |cluster| {
        for second in 1..12 {
            cluster.run_until(Time::from_nanos(second * 1_000_000_000));
            counts.push(cluster.present());
        }
        cluster.run_until(to);
    });
    for (second, present) in (1_u64..).zip(counts) {
        let at = second * 1_000_000_000;
        let under_way =
            story.lives.iter().filter(|life| life.birth <= at && (life.end > at || life.ending == Ending::Unfinished));
        prop_assert_eq!(under_way.count() as u64, present, "at {} s", second);
    }
    Ok(())
}
