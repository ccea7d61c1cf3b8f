//! Bad files about products, limits, slow starts, populations and weights.

use super::messages::{Case, clients, with};

pub(super) fn products() -> Vec<Case> {
    let balancer = |fields: &str| with(&format!("balancer: ({fields}),"));
    let limited = |fields: &str| with(&format!("balancer: ({fields}), servers: [Pool(max_connections: 4)],"));
    vec![
        Case("an unknown product", balancer("product: Ngix"), &[]),
        Case("a product in quotes", balancer("product: \"Envoy\", algorithm: RoundRobin"), &[]),
        Case("another version", balancer("product: Nginx(version: \"1.2\")"), &[]),
        Case("a version that is none", balancer("product: Nginx(version: 1.22)"), &[]),
        Case("a slow start in nginx", balancer("product: Nginx, slow_start: \"10s\""), &[]),
        Case("a queue in nginx", limited("product: Nginx, queue_capacity: 10"), &[]),
        Case("a limit in Envoy", limited("product: Envoy, algorithm: Random"), &[]),
        Case("an algorithm of no product", balancer("product: Envoy, algorithm: LeastWorkLeft"), &[]),
        Case("a slow start without window", balancer("slow_start: SlowStart(from: \"20%\")"), &[]),
        Case("a slow start of nothing", balancer("slow_start: \"0s\""), &[]),
        Case("an aggression in HAProxy", balancer("product: HAProxy, slow_start: (window: \"10s\", aggression: 2)"), &[]),
        Case("no connections at all", with("servers: [Pool(max_connections: 0)],"), &[]),
        Case("a bad limit", with("servers: [Pool(max_connections: \"many\")],"), &[]),
        Case(
            "weights in the script",
            with(
                "script: [(at: \"1s\", reweigh: 0), (at: \"2s\", reweigh: 0, remove: 0, weight: 2), (at: \"3s\", reweigh: 0, weight: 0)],",
            ),
            &[],
        ),
        Case(
            "weights that nobody looks at",
            with("balancer: (slow_start: \"10s\"), script: [(at: \"1s\", reweigh: 0, weight: 2)],"),
            &[],
        ),
        Case("a weight for nothing", with("script: [(at: \"1s\", remove: 0, weight: 2)],"), &[]),
    ]
}

pub(super) fn populations() -> Vec<Case> {
    let open = |fields: &str| clients(&format!("Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"), {fields}),"));
    vec![
        Case("clients in words", open("clients: \"many\""), &[]),
        Case("no clients", open("clients: 0"), &[]),
        Case("an unknown popularity", open("items: Pareto(count: 10)"), &[]),
        Case("a popularity of nothing", open("items: Zipf(exponent: 1)"), &[]),
        Case("an exponent below 0", open("items: Zipf(count: 10, exponent: -1)"), &[]),
        Case("items that nobody asks for", with("balancer: (algorithm: JumpHash(key: Item)),"), &[]),
        Case(
            "clients of users",
            clients("Closed(users: 5, think_time: Constant(\"1s\"), demand: Constant(\"10ms\"), clients: 5),"),
            &[],
        ),
    ]
}
