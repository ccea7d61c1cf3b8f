//! Bad files about visitors, caches and session persistence.

use super::messages::{Case, clients, with};

pub(super) fn sessions() -> Vec<Case> {
    let visitors = |fields: &str| clients(&format!("Visitors(demand: Constant(\"10ms\"), {fields}),"));
    let arrive = |fields: &str| {
        visitors(&format!("arrivals: Poisson(rate: \"1/s\"), requests: 5, think_time: Constant(\"1s\"), {fields}"))
    };
    let return_ = |fields: &str| visitors(&format!("users: 5, requests: 5, think_time: Constant(\"1s\"), {fields}"));
    let balancer = |fields: &str| with(&format!("balancer: ({fields}),"));
    vec![
        Case("visitors of whom nothing is said", visitors(""), &[]),
        Case("visitors who arrive and come again", arrive("users: 5, away: None, first: Constant(\"1s\")"), &[]),
        Case("new users who are away", arrive("away: Constant(\"1s\")"), &[]),
        Case("users who never come", return_("away: None"), &[]),
        Case("users of whose absence nothing is said", return_(""), &[]),
        Case(
            "visits of no request",
            visitors("arrivals: Poisson(rate: \"1/s\"), requests: 0, think_time: Constant(\"1s\")"),
            &[],
        ),
        Case(
            "too short a mean",
            visitors("arrivals: Poisson(rate: \"1/s\"), requests: Geometric(mean: 0.5), think_time: Constant(\"1s\")"),
            &[],
        ),
        Case(
            "requests in words",
            visitors("arrivals: Poisson(rate: \"1/s\"), requests: \"five\", think_time: Constant(\"1s\")"),
            &[],
        ),
        Case(
            "users who stand still",
            visitors("users: 5, requests: 5, think_time: Constant(\"0s\"), away: Constant(\"0s\")")
                .replace("Constant(\"10ms\")", "Constant(\"0s\")"),
            &[],
        ),
        Case("heaviness in seconds", arrive("heaviness: Exponential(mean: \"1s\")"), &[]),
        Case("addresses in words", arrive("addresses: \"many\""), &[]),
        Case("an unknown way to share addresses", arrive("addresses: Pareto(count: 5)"), &[]),
        Case("crowds of nobody", arrive("addresses: Crowds(count: 0)"), &[]),
        Case("items that live for no time", arrive("items: Items(popularity: 100, lifetime: \"0s\")"), &[]),
        Case("persistence in nginx", balancer("product: Nginx, persistence: Cookie"), &[]),
        Case("a table in Envoy", balancer("product: Envoy, algorithm: Random, persistence: Table(key: Client)"), &[]),
        Case("an unknown persistence", balancer("persistence: Cookies"), &[]),
        Case("a persistence in quotes", balancer("persistence: \"Cookie\""), &[]),
        Case("a cookie with a size", balancer("persistence: Cookie(capacity: 5)"), &[]),
        Case("a table without room", balancer("persistence: Table(capacity: 0, expires: \"0s\", when_down: Return_)"), &[]),
    ]
}

pub(super) fn caches() -> Vec<Case> {
    let cache = |fields: &str| with(&format!("servers: [Pool(cache: Cache({fields}))],"));
    vec![
        Case("a cache of which nothing is said", cache(""), &[]),
        Case("a cache and caches", with("servers: [Pool(cache: Cache(of: Item), caches: [])],"), &[]),
        Case("a cache of anything", cache("of: Thing, miss: Constant(\"1ms\")"), &[]),
        Case("a cache by no rule", cache("of: Session, eviction: Lfru, miss: Constant(\"1ms\")"), &[]),
        Case("a rule in quotes", cache("of: Session, eviction: \"Lru\", miss: Constant(\"1ms\")"), &[]),
        Case("bytes without sizes", cache("of: Session, capacity: \"64 MiB\", miss: Constant(\"1ms\")"), &[]),
        Case("a capacity of nothing", cache("of: Session, capacity: \"0 B\", size: \"1 kB\", miss: Constant(\"1ms\")"), &[]),
        Case("a capacity in seconds", cache("of: Session, capacity: \"5s\", size: 100, miss: Constant(\"1ms\")"), &[]),
        Case("sizes in seconds", cache("of: Session, size: Exponential(mean: \"1s\"), miss: Constant(\"1ms\")"), &[]),
        Case("a lifetime of nothing", cache("of: Session, ttl: \"0s\", miss: Constant(\"1ms\")"), &[]),
        Case("a lifetime without length", cache("of: Session, ttl: Ttl(resets: true), miss: Constant(\"1ms\")"), &[]),
        Case("a call to nobody", cache("of: Session, call: Call(demand: Constant(\"1ms\"))"), &[]),
        Case("sharing where there are no calls", cache("of: Session, coalesces: true, miss: Constant(\"1ms\")"), &[]),
        Case("copies of what is shared", cache("of: State, miss: Constant(\"1ms\"), shared: true, replicas: 2"), &[]),
        Case("too many copies", cache("of: State, miss: Constant(\"1ms\"), replicas: 1000, lookup: 5"), &[]),
        Case("items that nobody asks caches for", cache("of: Item, miss: Constant(\"1ms\")"), &[]),
        Case("a change that drains and restores", with("script: [(at: \"1s\", drain: 0, restore: 0)],"), &[]),
    ]
}
