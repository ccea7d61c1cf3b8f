//! The same for balancers of each product, two of them as sites behind one name.

use crate::failures::{ARRIVALS, CLIENTS, DEMANDS, FAILURES, FAULTS, STATIONS, TIMES, ends_once, presence_is_right};
use crate::models::{Text, config, model, pick};
use proptest::prelude::*;

/// What the balancers of a product can be.
struct Kind {
    product: &'static str,
    algorithms: &'static [&'static str],
    health: &'static [&'static str],
    recovery: &'static [&'static str],
}

const KINDS: [Kind; 3] = [
    Kind {
        product: "Nginx",
        algorithms: &["RoundRobin", "LeastConnections", "RoundRobin(max_fails: 2, fail_timeout: \"2s\")"],
        health: &[""],
        recovery: &[
            "",
            "retries: None,",
            "retries: Retries(on: [Refused, Cut, ResponseTimeout, ConnectTimeout, Error, Full], within: \"2s\"),",
            "timeouts: (connect: \"250ms\", response: \"1s\"),",
        ],
    },
    Kind {
        product: "HAProxy",
        algorithms: &["RoundRobin", "LeastConnections", "Random"],
        health: &[
            "",
            "health: Perfect,",
            "health: Checks(interval: \"500ms\"),",
            "health: Checks(interval: \"1s\", fall: 2, rise: 1), observe: Observe(error_limit: 2, action: SuddenDeath),",
        ],
        recovery: &[
            "",
            "retries: Retries(most: 3, to: Same),",
            "retries: Retries(most: 2, to: Redispatch(every: 1)), timeouts: (queue: \"1s\"),",
            "retries: Retries(most: 3, to: Redispatch(every: 2), on: [Refused, Error, ResponseTimeout]), timeouts: (response: \"1s\"),",
        ],
    },
    Kind {
        product: "Envoy",
        algorithms: &["RoundRobin", "LeastConnections", "Random"],
        health: &[
            "",
            "health: Perfect, panic: \"60%\",",
            "health: Checks(interval: \"500ms\", timeout: \"250ms\", rise: 1, fall: 2),",
            "outlier_detection: Outliers(consecutive_errors: 2, interval: \"500ms\", base_ejection: \"1s\", most_ejected: \"60%\"),",
        ],
        recovery: &[
            "",
            "retries: Retries(most: 3, to: Another),",
            "retries: 2, timeouts: (response: \"500ms\", total: \"2s\"),",
            "hedge: Hedge(after: \"250ms\", most: 1), limits: (requests: 4),",
        ],
    },
];
const LEVELS: [&str; 3] = ["", ", backup: true", ", priority: 1"];

fn text(genes: &[u8; 16]) -> Text {
    let [kind, algorithm, health, recovery, arrivals, demand, client, rest @ ..] = *genes;
    let [station, fault, time, repair, failures, level, front, other, seed] = rest;
    let kind = &KINDS[kind as usize % KINDS.len()];
    let is_named = ARRIVALS[arrivals as usize % ARRIVALS.len()].starts_with("Open");
    let who = if is_named {
        "sites: Sites(balancers: [\"one\", \"two\"], ttl: \"2s\", detection: \"500ms\", resolvers: 7)"
    } else {
        "balancer: \"one\""
    };
    Text(format!(
        "Model(seed: {seed},
            clients: [{arrivals}demand: {demand}, {client} {who})],
            balancers: [
                (name: \"one\", product: {product}, algorithm: {algorithm}, {health} {recovery} {front}pools: [\"a\", \"b\"]),
                (name: \"two\", pools: [\"b\", \"c\"], {other}),
            ],
            servers: [
                Pool(name: \"a\", count: 3, {station}
                    failures: Failures(time_to_failure: {life}, time_to_repair: {repair}, fault: {fault}{failures})),
                Pool(name: \"b\"{level}),
                Pool(name: \"c\"),
            ],
            run: Terminating(horizon: \"12s\", replications: 1),
        )",
        seed = u32::from(seed) + 1,
        arrivals = pick(&ARRIVALS, arrivals),
        demand = pick(&DEMANDS, demand),
        client = pick(&CLIENTS, client),
        product = kind.product,
        algorithm = pick(kind.algorithms, algorithm),
        health = pick(kind.health, health),
        recovery = pick(kind.recovery, recovery),
        front =
            pick(&["", "failures: Failures(time_to_failure: Exponential(\"3s\"), time_to_repair: Constant(\"500ms\")), "], front),
        other = pick(&["retries: 1", "algorithm: CentralQueue", "health: Perfect"], other),
        // Envoy limits no connections to single servers.
        station = pick(&STATIONS, station).replace(if kind.product == "Envoy" { "max_connections: 1, " } else { " " }, " "),
        life = pick(&TIMES, time),
        repair = pick(&TIMES, repair),
        fault = pick(&FAULTS, fault),
        failures = pick(&FAILURES, failures),
        level = pick(&LEVELS, level),
    ))
}

fn texts() -> impl Strategy<Value = Text> {
    prop::array::uniform16(any::<u8>()).prop_map(|genes| text(&genes))
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn every_request_of_every_product_ends_once(text in texts()) {
        ends_once(&model(&text.0))?;
    }

    #[test]
    fn the_number_present_is_right_for_every_product(text in texts()) {
        presence_is_right(&model(&text.0))?;
    }
}
