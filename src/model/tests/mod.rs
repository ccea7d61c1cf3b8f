//! Tests of the room.

mod examples;
mod fault_messages;
mod fault_readings;
mod health;
mod messages;
mod mutations;
mod pair_messages;
mod product_messages;
mod readings;
mod recovery_messages;
mod recovery_readings;
mod scaling;
mod session_messages;

use super::{Checked, Files, Override, Report, Source, read};

/// The example that shows every field.
const FULL: &str = r#"// Everything that a model can say.
Model(
    about: "A web shop with one old machine",
    seed: 7,
    clients: [
        Open(name: "shoppers", arrivals: Poisson(rate: "12/s"), demand: LogNormal(mean: "40ms", cv: 1.5), balancer: "edge"),
        Open(name: "batch", arrivals: Renewal(gap: Erlang(shape: 4, mean: "1s")), demand: Constant("10ms"), balancer: "edge",
            clients: 40, items: Zipf(count: 1000, exponent: 0.9)),
        Closed(name: "users", users: 50, think_time: Exponential(mean: "5s"), demand: Exponential("20ms"), balancer: "inner"),
    ],
    balancers: [
        Balancer(name: "edge", algorithm: PowerOfD(d: 2, replacement: true), pools: ["new", "old"], when_full: Skip, queue_capacity: 100, slow_start: None),
        (name: "inner", product: Envoy(version: "1.40"), algorithm: LeastRequest(), pools: ["new"], slow_start: (window: "20s", from: "20%", aggression: 2)),
    ],
    servers: [
        Pool(name: "new", count: 3, workers: 8, speed: 1, discipline: Fcfs, capacity: 100, weight: 1),
        Pool(name: "old", count: 1, workers: 8, speed: 0.33, max_connections: 50, call: Call(to: "db", demand: Exponential(mean: "5ms"))),
    ],
    back_ends: [BackEnd(name: "db", workers: 4, speed: 1, discipline: ProcessorSharing, capacity: None)],
    script: [(at: "10s", remove: 2), (at: "20s", restore: [2, 3]), (at: "15s", remove: "old"), (at: "30s", reweigh: 0, weight: 2.5)],
    run: Steady(length: "1h", warm_up: "20%", replications: 20),
    expect: ["p99 < 200ms", "utilization < 80%"],
)
"#;

/// Two good lines and a bad one.
const LOG: &str = "10.0.0.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 5\nrubbish\n\
    10.0.0.2 - - [17/May/2015:10:05:12 +0000] \"GET / HTTP/1.1\" 200 5\n";

/// The files of the tests: one good log, one that is none.
struct Shelf;

impl Files for Shelf {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "access.log" => Ok(LOG.into()),
            "demands.csv" => Ok("arrival_s,demand_s\n0.5,0.010\n2.25,0.030\n".into()),
            "worse.log" => Ok(format!("{LOG}rubbish [17/May/2015:10:05:03 +0000]\n").into()),
            "worst.log" => Ok(format!("{}{LOG}", "rubbish\n".repeat(1_200)).into()),
            "empty.log" => Ok(Vec::new()),
            _ => Err("no such file".into()),
        }
    }
}

fn read_with(text: &str, overrides: &[&str]) -> Result<Checked, Report> {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::parse(text)).collect::<Result<_, _>>()?;
    read(Source { name: "shop.ron", text }, &overrides, &Shelf)
}
