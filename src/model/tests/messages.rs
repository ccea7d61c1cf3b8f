//! Every message that a bad model file can cause, pinned as it is shown to people.

use super::{FULL, read_with};
use crate::model::{Override, Report};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What a case is about, the model file, the overrides.
pub(super) struct Case(pub &'static str, pub String, pub &'static [&'static str]);

/// A model with one plain class of clients and some more fields.
pub(super) fn with(fields: &str) -> String {
    format!(
        "Model(\n    clients: [Open(name: \"web\", arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"))],\n    {fields}\n)\n"
    )
}

/// A model with these classes of clients.
pub(super) fn clients(classes: &str) -> String {
    format!("Model(\n    clients: [\n        {classes}\n    ],\n)\n")
}

/// A model whose demand is this distribution.
fn demand(distribution: &str) -> String {
    clients(&format!("Open(arrivals: Poisson(rate: \"1/s\"), demand: {distribution}),"))
}

fn report(case: &Case) -> Report {
    match read_with(&case.1, case.2) {
        Ok(checked) => checked.warnings,
        Err(report) => report,
    }
}

fn show(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let report = report(case);
        assert!(!report.is_empty(), "{}: nothing was found", case.0);
        let _ = write!(text, "=== {}\n\n{report}\n", case.0);
    }
    text
}

fn syntax() -> Vec<Case> {
    let deep = "[".repeat(65);
    vec![
        Case("an empty file", String::new(), &[]),
        Case("nothing but a comment", "// later\n".into(), &[]),
        Case("a comment without an end", "Model( /* what /* ever */ )".into(), &[]),
        Case("a missing comma", "Model(\n    seed: 1\n    about: \"x\",\n)".into(), &[]),
        Case("a wrong bracket", "Model(\n    clients: [Open(name: \"a\"], \n)".into(), &[]),
        Case("a structure without an end", "Model(\n    clients: [\n    ],\n".into(), &[]),
        Case("a list without an end", "Model(\n    clients: [".into(), &[]),
        Case("a text without an end", "Model(\n    about: \"a shop,\n    seed: 1,\n)".into(), &[]),
        Case("a raw text without an end", "Model(about: r#\"a shop\")".into(), &[]),
        Case("two models", "Model()\nModel()".into(), &[]),
        Case("a value without a name", "Model(seed: 1, 2)".into(), &[]),
        Case("two commas", "Model(seed: 1,, about: \"x\")".into(), &[]),
        Case("a field without a value", "Model(seed: , about: \"x\")".into(), &[]),
        Case("an equals sign", "Model(seed = 1)".into(), &[]),
        Case("a unit without quotes", "Model(a: 20ms)".into(), &[]),
        Case("a rate without quotes", "Model(a: 12/s)".into(), &[]),
        Case("no number", "Model(a: 1.2.3)".into(), &[]),
        Case("an unknown escape", "Model(about: \"a\\qb\")".into(), &[]),
        Case("a wrong code of a character", "Model(about: \"a\\u{d800}b\")".into(), &[]),
        Case("a map", "Model(seed: {1: 2})".into(), &[]),
        Case("an attribute", "#![enable(implicit_some)]\nModel()".into(), &[]),
        Case("single quotes", "Model(about: 'x')".into(), &[]),
        Case("bytes", "Model(about: b\"x\")".into(), &[]),
        Case("a raw identifier", "Model(r#seed: 1)".into(), &[]),
        Case("a character without meaning", "Model(seed: $1)".into(), &[]),
        Case("nested too deep", format!("Model(seed: {deep})"), &[]),
        Case("too long", " ".repeat((1 << 20) + 1), &[]),
    ]
}

fn values() -> Vec<Case> {
    vec![
        Case("no model", "[1, 2]".into(), &[]),
        Case("something else", "Experiment(base: \"x\")".into(), &[]),
        Case("no fields", "Model".into(), &[]),
        Case("values without names", "Model(\"shop\")".into(), &[]),
        Case("an unknown field", with("server: [Pool()],"), &[]),
        Case("a field like no other", with("zzz: 1,"), &[]),
        Case("a field given twice", with("seed: 1,\n    seed: 2,"), &[]),
        Case("a negative seed", with("seed: -1,"), &[]),
        Case("a seed with a fraction", with("seed: 1.5,"), &[]),
        Case("a seed in quotes", with("seed: \"1\","), &[]),
        Case("a seed beyond 64 bits", with("seed: 18446744073709551616,"), &[]),
        Case("no text", with("about: 1,"), &[]),
        Case("a text that clears the terminal", with("about: \"a\\u{1b}[2Jb\","), &[]),
        Case("too long a text", with(&format!("about: \"{}\",", "x".repeat(1_001))), &[]),
        Case("no list", with("servers: Pool(),"), &[]),
        Case("expectations that are no list of texts", with("expect: \"p99 < 1s\","), &["expect[0]=3"]),
        Case("an expectation without quotes", with("expect: [p99],"), &[]),
        Case("an empty list", with("servers: [],"), &[]),
        Case("an entry that is no structure", with("servers: [3],"), &[]),
        Case("an entry of another kind", with("servers: [BackEnd(name: \"db\")],"), &[]),
        Case("a number out of range", with("servers: [Pool(count: 0, workers: 2000000, speed: 0, weight: -1)],"), &[]),
        Case("numbers that are none", with("servers: [Pool(count: many, workers: [1], speed: inf, weight: NaN)],"), &[]),
        Case(
            "a name that is none",
            with("servers: [Pool(name: new), Pool(name: 3), Pool(name: \"\"), Pool(name: \"a\\nb\")],"),
            &[],
        ),
        Case(
            "a choice that does not exist",
            with("servers: [Pool(discipline: Fifo), Pool(discipline: fcfs), Pool(discipline: \"Fcfs\"), Pool(discipline: 1)],"),
            &[],
        ),
    ]
}

fn client_cases() -> Vec<Case> {
    let many = "Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\")),".repeat(65);
    vec![
        Case("no clients", "Model(\n    seed: 1,\n)".into(), &[]),
        Case("no class", clients(""), &[]),
        Case("an unknown kind", clients("Opne(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\")),"), &[]),
        Case("no kind", clients("(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\")),"), &[]),
        Case("nothing but a name", clients("Open(name: \"web\"), Closed(), Replay,"), &[]),
        Case("a rate without a unit", clients("Open(arrivals: Poisson(rate: 12), demand: Constant(\"1ms\")),"), &[]),
        Case("a negative rate", clients("Open(arrivals: Poisson(rate: \"-3/s\"), demand: Constant(\"1ms\")),"), &[]),
        Case("a rate of another unit", clients("Open(arrivals: Poisson(rate: \"3/parsec\"), demand: Constant(\"1ms\")),"), &[]),
        Case("a rate that is none", clients("Open(arrivals: Poisson(rate: [1]), demand: Constant(\"1ms\")),"), &[]),
        Case("arrivals as a rate", clients("Open(arrivals: \"12/s\", demand: Constant(\"1ms\")),"), &[]),
        Case("unknown arrivals", clients("Open(arrivals: Poison(rate: \"1/s\"), demand: Constant(\"1ms\")),"), &[]),
        Case(
            "arrivals without their parameter",
            clients(
                "Open(arrivals: Poisson, demand: Constant(\"1ms\")),\n        Open(arrivals: Renewal(), demand: Constant(\"1ms\")),",
            ),
            &[],
        ),
        Case("gaps of no length", clients("Open(arrivals: Renewal(gap: Constant(\"10ns\")), demand: Constant(\"1ms\")),"), &[]),
        Case(
            "gaps that are nearly always 0",
            clients(
                "Open(arrivals: Renewal(gap: Discrete(values: [\"0s\", \"10d\"], probs: [0.99999999, 1e-8])), demand: Constant(\"1ms\")),",
            ),
            &[],
        ),
        Case("too many users", clients("Closed(users: 10000001, think_time: Constant(\"1s\"), demand: Constant(\"1ms\")),"), &[]),
        Case(
            "too many users in all",
            clients(
                "Closed(name: \"a\", users: 9000000, think_time: Constant(\"1s\"), demand: Constant(\"1ms\")),\n        Closed(name: \"b\", users: 9000000, think_time: Constant(\"1s\"), demand: Constant(\"1ms\")),",
            ),
            &[],
        ),
        Case("too many classes", clients(&many), &[]),
        Case(
            "two classes of one name",
            clients(
                "Open(name: \"web\", arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\")),\n        Open(name: \"web\", arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\")),",
            ),
            &[],
        ),
        Case("a log that is not there", clients("Replay(log: \"acess.log\", demand: Constant(\"1ms\")),"), &[]),
        Case("a log without a request", clients("Replay(log: \"empty.log\", demand: Constant(\"1ms\")),"), &[]),
        Case("a log with a bad line", clients("Replay(log: \"access.log\", demand: Constant(\"1ms\")),"), &[]),
        Case("a log with two bad lines", clients("Replay(log: \"worse.log\", demand: Constant(\"1ms\")),"), &[]),
        Case("a log without demands, and none written", clients("Replay(log: \"access.log\"),"), &[]),
        Case("demands twice", clients("Replay(log: \"demands.csv\", demand: Constant(\"1ms\")),"), &[]),
        Case("a log with many bad lines", clients("Replay(log: \"worst.log\", demand: Constant(\"1ms\")),"), &[]),
    ]
}

fn distributions() -> Vec<Case> {
    vec![
        Case("a duration in its place", demand("\"20ms\""), &[]),
        Case("a number in its place", demand("20"), &[]),
        Case("an unknown kind", demand("Exponental(mean: \"20ms\")"), &[]),
        Case("a kind cut short", demand("Hyper(means: [\"1s\"])"), &[]),
        Case("a kind that is far from all", demand("Zipf(s: 1)"), &[]),
        Case("a duration without a unit", demand("Exponential(mean: 40)"), &[]),
        Case("a duration without a unit and a name", demand("Constant(40)"), &[]),
        Case("a negative duration", demand("Exponential(\"-40ms\")"), &[]),
        Case("a duration of 200 years", demand("Exponential(\"200y\")"), &[]),
        Case("a duration of no known unit", demand("Exponential(\"40 minutes\")"), &[]),
        Case("a duration that is none", demand("Exponential(true)"), &[]),
        Case("a mean of zero", demand("Exponential(mean: \"0s\")"), &[]),
        Case("a mean of zero without a name", demand("Exponential(\"0s\")"), &[]),
        Case("parameters without names", demand("Erlang(4, \"1s\")"), &[]),
        Case("missing parameters", demand("LogNormal()"), &[]),
        Case("an unknown parameter", demand("LogNormal(mean: \"1s\", scv: 2)"), &[]),
        Case("a shape that is no whole number", demand("Erlang(shape: 2.5, mean: \"1s\")"), &[]),
        Case("a shape out of range", demand("Erlang(shape: 0, mean: \"1s\")"), &[]),
        Case("a shape that is too large", demand("Erlang(shape: 4000000000, mean: \"1s\")"), &[]),
        Case("a Pareto distribution without a mean", demand("Pareto(shape: 1, scale: \"1ms\")"), &[]),
        Case("bounds in the wrong order", demand("BoundedPareto(shape: 1.1, low: \"1s\", high: \"1ms\")"), &[]),
        Case("an interval without length", demand("Uniform(low: \"1s\", high: \"1s\")"), &[]),
        Case("both scale and mean", demand("Weibull(shape: 2, scale: \"1s\", mean: \"1s\")"), &[]),
        Case("neither scale nor mean", demand("Weibull(shape: 2)"), &[]),
        Case("a Weibull mean of zero", demand("Weibull(shape: 2, mean: \"0s\")"), &[]),
        Case("lists of unequal lengths", demand("Hyperexponential(probs: [0.5, 0.5], means: [\"1s\"])"), &[]),
        Case("probabilities with another sum", demand("Discrete(values: [\"1s\", \"2s\"], probs: [0.5, 0.6])"), &[]),
        Case("probabilities that are none", demand("Discrete(values: [\"1s\", \"2s\"], probs: [\"50%\", 1.5])"), &[]),
        Case("empty lists", demand("Discrete(values: [], probs: [])"), &[]),
    ]
}

fn servers() -> Vec<Case> {
    vec![
        Case("two pools of one name", with("servers: [Pool(name: \"new\"), Pool(name: \"new\")],"), &[]),
        Case("too many servers", with("servers: [Pool(name: \"a\", count: 900000), Pool(name: \"b\", count: 900000)],"), &[]),
        Case("a capacity below the workers", with("servers: [Pool(workers: 8, capacity: 4)],"), &[]),
        Case("a capacity that is none", with("servers: [Pool(capacity: \"4\"), Pool(capacity: Some(0))],"), &[]),
        Case("a call of nobody", with("servers: [Pool(call: Call(demand: Constant(\"5ms\")))],"), &[]),
        Case(
            "a call without demand",
            with("servers: [Pool(call: Call(to: \"db\"))],\n    back_ends: [BackEnd(name: \"db\")],"),
            &[],
        ),
        Case(
            "a call that may mean several",
            with(
                "servers: [Pool(call: Call(demand: Constant(\"5ms\")))],\n    back_ends: [BackEnd(name: \"db\"), BackEnd(name: \"search\")],",
            ),
            &[],
        ),
        Case(
            "a call of an unknown back end",
            with("servers: [Pool(call: Call(to: \"bd\", demand: Constant(\"5ms\")))],\n    back_ends: [BackEnd(name: \"db\")],"),
            &[],
        ),
        Case(
            "a call of a pool",
            with(
                "servers: [Pool(name: \"a\", call: Call(to: \"a\", demand: Constant(\"5ms\")))],\n    back_ends: [BackEnd(name: \"db\")],",
            ),
            &[],
        ),
        Case("a back end without a name", with("back_ends: [BackEnd(workers: 2)],"), &[]),
        Case("a back end that calls", with("back_ends: [BackEnd(name: \"db\", call: Call(demand: Constant(\"1ms\")))],"), &[]),
        Case("a back end that nobody calls", with("back_ends: [BackEnd(name: \"db\")],"), &[]),
    ]
}

fn balancers() -> Vec<Case> {
    let two = "balancers: [Balancer(name: \"edge\"), Balancer(name: \"inner\")],";
    let class = |balancer: &str| {
        format!(
            "Model(\n    clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"){balancer})],\n    {two}\n)\n"
        )
    };
    vec![
        Case("an unknown algorithm", with("balancer: (\n        algorithm: LeastConnection,\n    ),"), &[]),
        Case("an algorithm in quotes", with("balancer: (algorithm: \"RoundRobin\"),"), &[]),
        Case("an algorithm that is none", with("balancer: (algorithm: 3),"), &[]),
        Case("a parameter out of range", with("balancer: (algorithm: PowerOfD(d: 0)),"), &[]),
        Case("a parameter of another type", with("balancer: (algorithm: PowerOfD(d: 2, replacement: 1)),"), &[]),
        Case("an unknown parameter", with("balancer: (algorithm: PowerOfD(k: 2)),"), &[]),
        Case("a parameter without a name", with("balancer: (algorithm: PowerOfD(2)),"), &[]),
        Case("a parameter where there is none", with("balancer: (algorithm: RoundRobin(d: 2)),"), &[]),
        Case("one balancer and several", with("balancer: (algorithm: Random),\n    balancers: [Balancer()],"), &[]),
        Case(
            "an unknown pool",
            with("balancer: (pools: [\"nwe\"]),\n    servers: [Pool(name: \"new\"), Pool(name: \"old\")],"),
            &[],
        ),
        Case("a pool named twice", with("balancer: (pools: [\"new\", \"new\"]),\n    servers: [Pool(name: \"new\")],"), &[]),
        Case("a back end as a pool", with("balancer: (pools: [\"db\"]),\n    back_ends: [BackEnd(name: \"db\")],"), &[]),
        Case("no pool", with("balancer: (pools: []),"), &[]),
        Case("a wrong answer to full servers", with("balancer: (when_full: Wait, queue_capacity: -1),"), &[]),
        Case("a class that must choose", class(""), &[]),
        Case("an unknown balancer", class(", balancer: \"egde\""), &[]),
        Case("a balancer that nobody uses", class(", balancer: \"edge\""), &[]),
        Case("two balancers of one name", with("balancers: [Balancer(name: \"edge\"), Balancer(name: \"edge\")],"), &[]),
        Case(
            "a pool that nobody reaches",
            with("balancer: (pools: [\"new\"]),\n    servers: [Pool(name: \"new\"), Pool(name: \"old\")],"),
            &[],
        ),
    ]
}

fn script() -> Vec<Case> {
    let lines = |lines: &str| {
        with(&format!(
            "servers: [Pool(name: \"new\", count: 3), Pool(name: \"old\")],\n    script: [{lines}],\n    run: Steady(length: \"1h\"),"
        ))
    };
    vec![
        Case("no time and no change", lines("()"), &[]),
        Case("two changes in one", lines("(at: \"1s\", remove: 1, restore: 2)"), &[]),
        Case("a server that does not exist", lines("(at: \"1s\", remove: 4)"), &[]),
        Case("a pool that does not exist", lines("(at: \"1s\", remove: \"odl\")"), &[]),
        Case("a server that does not exist, by its name", lines("(at: \"1s\", remove: [\"new 4\", \"new 0\", \"old 1\"])"), &[]),
        Case("a server of a name that is nearly right", lines("(at: \"1s\", remove: [0, \"nwe 2\", \"New 3\"])"), &[]),
        Case("a server removed twice by its name", lines("(at: \"1s\", remove: [1, \"new 2\"])"), &[]),
        Case("no server", lines("(at: \"1s\", remove: [])"), &[]),
        Case("a server that is none", lines("(at: \"1s\", remove: [true, -1])"), &[]),
        Case("a time without a unit", lines("(at: 10, remove: 1)"), &[]),
        Case("after the end", lines("(at: \"1h\", remove: 1)"), &[]),
        Case("removed twice", lines("(at: \"2s\", remove: 3), (at: \"1s\", remove: \"old\")"), &[]),
        Case("restored without being removed", lines("(at: \"1s\", restore: 0)"), &[]),
        Case(
            "a back end",
            with(
                "servers: [Pool(call: Call(demand: Constant(\"1ms\")))],\n    back_ends: [BackEnd(name: \"db\")],\n    script: [(at: \"1s\", remove: \"db\")],",
            ),
            &[],
        ),
        Case(
            "too many changes",
            with(&format!(
                "servers: [Pool(name: \"all\", count: 1000000)],\n    script: [{}],\n    run: Steady(length: \"1h\"),",
                "(at: \"1s\", remove: \"all\"), ".repeat(5)
            )),
            &[],
        ),
        Case("too many lines", with(&format!("script: [{}],", "(),".repeat(10_001))), &[]),
    ]
}

fn run() -> Vec<Case> {
    let replay = |run: &str| {
        format!("Model(\n    clients: [Replay(log: \"access.log\", demand: Constant(\"1ms\"))],\n    run: {run},\n)\n")
    };
    let closed = |think: &str, rest: &str| {
        format!(
            "Model(\n    clients: [Closed(name: \"users\", users: 5, think_time: Constant(\"{think}\"), demand: Constant(\"0s\"))],\n    {rest}\n)\n"
        )
    };
    vec![
        Case("an unknown kind", with("run: Stady(length: \"1h\"),"), &[]),
        Case("a duration in its place", with("run: \"1h\","), &[]),
        Case("a length without a unit", with("run: Steady(length: 3600),"), &[]),
        Case("a length of nothing", with("run: Steady(length: \"0s\"),"), &[]),
        Case("a warm-up of everything", with("run: Steady(length: \"1h\", warm_up: \"100%\"),"), &[]),
        Case("a warm-up longer than the run", with("run: Steady(length: \"1h\", warm_up: \"2h\"),"), &[]),
        Case("a warm-up that is none", with("run: Steady(warm_up: \"120%\"),"), &[]),
        Case("a warm-up as a number", with("run: Steady(warm_up: 0.2),"), &[]),
        Case("no replications", with("run: Steady(replications: 0),"), &[]),
        Case("too many replications", with("run: Steady(replications: 100001),"), &[]),
        Case("no horizon", with("run: Terminating(),"), &[]),
        Case("a horizon in a steady run", with("run: Steady(horizon: \"1h\"),"), &[]),
        Case("a length in a terminating run", with("run: Terminating(horizon: \"1h\", length: \"1h\", warm_up: \"10%\"),"), &[]),
        Case("a steady replay", replay("Steady(length: \"1h\")"), &[]),
        Case("several replays", replay("Terminating(replications: 20)"), &[]),
        Case("too many events", with("run: Steady(length: \"90y\", warm_up: \"0s\"),"), &["clients[0].arrivals.rate=10000000/s"]),
        Case("too many events of users", closed("1us", "run: Terminating(horizon: \"1y\"),"), &[]),
        Case("users who take no time", closed("0s", "run: Terminating(horizon: \"1s\"),"), &[]),
        Case("users who take no time, without a length", closed("0s", ""), &[]),
        Case(
            "service in less than a nanosecond",
            closed("0s", "servers: [Pool(name: \"fast\", speed: 1000000)],"),
            &["clients[0].demand.value=100us"],
        ),
        Case(
            "users who nearly never take time",
            closed("0s", "servers: [Pool(name: \"slow\"), Pool(name: \"fast\", speed: 10)],"),
            &[
                "clients[0].think_time=Discrete(values: [\"0s\", \"10d\"], probs: [0.99999999, 1e-8])",
                "clients[0].demand=Constant(\"4ns\")",
            ],
        ),
        Case(
            "refusals over and over",
            closed("0s", "servers: [Pool(capacity: 2)],"),
            &[
                "clients[0].think_time=Discrete(values: [\"0s\", \"10d\"], probs: [0.99999999, 1e-8])",
                "clients[0].demand=Constant(\"1s\")",
            ],
        ),
        Case("endless refusals", closed("0s", "servers: [Pool(capacity: 2)],"), &["clients[0].demand.value=1s"]),
        Case(
            "endless refusals by a script",
            closed("0s", "script: [(at: \"1s\", remove: 0)],\n    run: Steady(length: \"1h\"),"),
            &["clients[0].demand=Constant(\"1s\")"],
        ),
    ]
}

fn load() -> Vec<Case> {
    let at = |rate: &str, rest: &str| {
        format!(
            "Model(\n    clients: [Open(arrivals: Poisson(rate: \"{rate}\"), demand: Exponential(mean: \"100ms\"))],\n    {rest}\n)\n"
        )
    };
    vec![
        Case("more than the servers can do", at("13/s", ""), &[]),
        Case("exactly what the servers can do", at("15/s", "servers: [Pool(name: \"new\"), Pool(name: \"old\", speed: 0.5)],"), &[]),
        Case(
            "workers that wait for calls",
            at("9/s", "servers: [Pool(call: Call(demand: Constant(\"50ms\")))],\n    back_ends: [BackEnd(name: \"db\", workers: 8)],"),
            &[],
        ),
        Case(
            "more than a back end can do",
            at("9/s", "servers: [Pool(count: 4, call: Call(demand: Constant(\"200ms\")))],\n    back_ends: [BackEnd(name: \"db\")],"),
            &[],
        ),
        Case(
            "two balancers that share a pool",
            "Model(\n    clients: [\n        Open(name: \"a\", arrivals: Poisson(rate: \"7/s\"), demand: Constant(\"100ms\"), balancer: \"one\"),\n        \
             Open(name: \"b\", arrivals: Poisson(rate: \"8/s\"), demand: Constant(\"100ms\"), balancer: \"two\"),\n    ],\n    \
             balancers: [Balancer(name: \"one\"), Balancer(name: \"two\")],\n)\n"
                .into(),
            &[],
        ),
    ]
}

fn overrides() -> Vec<Case> {
    let plain = || with("servers: [Pool(name: \"new\", count: 3), Pool(name: \"old\")],");
    vec![
        Case("an entry that does not exist", plain(), &["servers[2].count=8"]),
        Case("a name that does not exist", plain(), &["servers[odl].count=8"]),
        Case("a name where there is none", FULL.into(), &["script[x].at=1s"]),
        Case("an entry of no list", with("balancer: (),"), &["balancer[1].algorithm=Random", "balancer[x]=1"]),
        Case("a field of a number", with("seed: 1,"), &["seed.value=2"]),
        Case("a field of a list", plain(), &["servers.count=2"]),
        Case("a field of values without names", demand("Constant(1, 2)"), &["clients[0].demand.mean=2"]),
        Case("an unknown field", plain(), &["servers[0].cuont=8", "sevrers[0].count=8"]),
        Case("a wrong value", plain(), &["servers[0].count=0", "servers[0].speed=fast", "clients[0].arrivals.rate=12"]),
        Case("an unknown algorithm", plain(), &["balancer.algorithm=LeastConnection"]),
        Case("no value", plain(), &["seed="]),
        Case("a broken value", plain(), &["seed=(1", "about=\"x", "about=a b"]),
        Case(
            "a broken path",
            plain(),
            &["=1", "servers[0.count=1", "servers[0]count=1", "servers..count=1", "servers[]=1", ".seed=1"],
        ),
        Case("a broken file", "Model(".into(), &["seed=1"]),
        Case("in conflict with the file", FULL.into(), &["balancer.algorithm=Random"]),
    ]
}

fn many() -> Vec<Case> {
    let all = "Model(
    about: 3,
    clients: [
        Open(name: \"web\", arrivals: Poisson(rate: \"-3/s\"), demand: LogNormal(mean: 40, cv: 1.5)),
        Closed(name: \"web\", users: 0, think_time: \"5s\", demand: Exponential(\"20ms\"), balancer: \"edge\"),
    ],
    balancer: (algorithm: LeastConnection, pools: [\"fast\", \"old\"]),
    servers: [
        Pool(name: \"new\", count: 0, cuont: 3),
        Pool(name: \"old\", workers: 8, capacity: 4, call: Call(to: \"db\", demand: Exponential(mean: \"5ms\"))),
    ],
    script: [(at: \"10s\", remove: \"odl\"), (at: \"2h\", restore: 9)],
    run: Steady(length: \"1h\", warm_up: \"2h\", replications: 0),
)
";
    vec![
        Case("all mistakes at once", all.into(), &[]),
        Case("in a line that is too long to show", format!("Model({}seed: -1)", " ".repeat(5_000)), &[]),
    ]
}

macro_rules! pinned {
    ($($topic:ident: $cases:expr),+ $(,)?) => {
        $(#[test]
        fn $topic() {
            insta::assert_snapshot!(show(&$cases));
        })+

        fn all() -> Vec<Case> {
            let mut all = Vec::new();
            $(all.extend($cases);)+
            all
        }
    };
}

pinned! {
    messages_on_syntax: syntax(),
    messages_on_values: values(),
    messages_on_clients: client_cases(),
    messages_on_distributions: distributions(),
    messages_on_servers: servers(),
    messages_on_balancers: balancers(),
    messages_on_products: super::product_messages::products(),
    messages_on_health: super::health::messages(),
    messages_on_populations: super::product_messages::populations(),
    messages_on_sessions: super::session_messages::sessions(),
    messages_on_caches: super::session_messages::caches(),
    messages_on_recovery: super::recovery_messages::recovery(),
    messages_on_scripts: script(),
    messages_on_faults: super::fault_messages::faults(),
    messages_on_faults_of_pools: super::fault_messages::pools(),
    messages_on_faults_in_scripts: super::fault_messages::scripts(),
    messages_on_faults_and_load: super::fault_messages::loads(),
    messages_on_scaling: super::scaling::messages(),
    messages_on_pairs_and_sites: super::pair_messages::messages(),
    messages_on_runs: run(),
    messages_on_load: load(),
    messages_on_overrides: overrides(),
    many_messages: many(),
}

#[test]
fn nobody_reads_more_than_50_messages() {
    let report = read_with(&with(&format!("servers: [{}],", "Pool(count: 0), ".repeat(150))), &[]).unwrap_err();
    assert_eq!((report.diagnostics().len(), report.errors()), (50, 50));
    assert!(report.render(false).ends_with("\n\nnote: 100 more like these are not shown\n"));
}

#[test]
fn an_override_needs_a_value() {
    insta::assert_snapshot!(Override::parse("servers[0].count").unwrap_err());
}

#[test]
fn every_kind_of_problem_is_pinned() {
    let variants = |source: &'static str| source.split_once("Problem {\n").unwrap().1.split_once("\n}").unwrap().0;
    let declared = [variants(include_str!("../../notation/problem.rs")), variants(include_str!("../problem.rs"))].join("\n");
    let name = |line: &str| {
        let line = line.strip_prefix("    ")?;
        line.starts_with(char::is_uppercase).then(|| line.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_string())
    };
    let declared: BTreeSet<String> = declared.lines().filter_map(name).collect();
    let mut seen: BTreeSet<String> = BTreeSet::from(["OverrideWithoutValue".to_string()]);
    for case in all() {
        for diagnostic in report(&case).diagnostics() {
            seen.insert(diagnostic.kind().to_string());
        }
    }
    assert_eq!(seen, declared);
}

#[test]
fn colours_change_nothing_but_colours() {
    let report = read_with("Model(seed: -1)", &[]).unwrap_err();
    let coloured = report.render(true);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, report.render(false));
}

#[test]
fn programs_can_ask_where_a_mistake_is() {
    let report = read_with("Model(\n    about: \"\u{e4}\", seed: -1)", &[]).unwrap_err();
    let places: Vec<_> = report.diagnostics().iter().filter_map(|diagnostic| report.locate(diagnostic.place)).collect();
    assert_eq!(places, [("shop.ron", 1, 1), ("shop.ron", 2, 23)]);
}
