//! Bad files about what goes wrong with servers.

use super::messages::{Case, clients, with};

/// A model with three servers and a run of an hour.
fn servers(fields: &str, rest: &str) -> String {
    with(&format!("servers: [Pool(name: \"web\", count: 3, {fields})],\n    run: Steady(length: \"1h\"),\n    {rest}"))
}

/// A model with these failures.
fn failures(fields: &str) -> String {
    servers(&format!("failures: Failures({fields})"), "")
}

/// Failures that are right, and some more fields.
fn plain(fields: &str) -> String {
    failures(&format!("time_to_failure: Exponential(\"1000s\"), time_to_repair: Exponential(\"50s\"), {fields}"))
}

const ZERO_OR_LONG: &str = "Discrete(values: [\"0s\", \"10d\"], probs: [0.999, 0.001])";

pub(super) fn faults() -> Vec<Case> {
    vec![
        Case("failures without times", failures(""), &[]),
        Case("failures that are none", servers("failures: \"often\"", ""), &[]),
        Case("no failures in the list", servers("failures: []", ""), &[]),
        Case("an unknown field of failures", plain("crew: 2"), &[]),
        Case("failures in no time", failures("time_to_failure: Constant(\"999ns\"), time_to_repair: Constant(\"0s\")"), &[]),
        Case(
            "failures that nearly always come at once",
            failures(&format!("time_to_failure: {ZERO_OR_LONG}, time_to_repair: {ZERO_OR_LONG}")),
            &[],
        ),
        Case("a repair that is none", failures("time_to_failure: Exponential(\"1h\"), time_to_repair: Nver"), &[]),
        Case("a duration for a repair", failures("time_to_failure: Exponential(\"1h\"), time_to_repair: \"50s\""), &[]),
        Case("an unknown fault", plain("fault: Chrash"), &[]),
        Case("a fault in quotes", plain("fault: \"Crash\""), &[]),
        Case("a fault that is none", plain("fault: 3"), &[]),
        Case("an unknown fate of work", plain("fault: Crash(work: Dropped)"), &[]),
        Case("a parameter of another fault", plain("fault: FailingChecks(work: Lost)"), &[]),
        Case("slow without a factor", plain("fault: Slow"), &[]),
        Case("slow by nothing", plain("fault: Slow(factor: 0)"), &[]),
        Case("errors of no probability", plain("fault: Errors(after: \"1ms\")"), &[]),
        Case("wrong answers of too much", plain("fault: WrongAnswers(probability: \"130%\")"), &[]),
        Case("a partition in words", plain("fault: Partition(refused: Yes)"), &[]),
        Case("flapping in no time", plain("flapping: Flapping(on: \"0s\")"), &[]),
        Case("an unknown clock and scope", plain("clock: Busy, scope: All"), &[]),
        Case("a common cause while serving", plain("scope: AllAtOnce, clock: WhileServing"), &[]),
        Case("no crew", plain("crews: 0"), &[]),
        Case("more crews than servers", plain("crews: 4"), &[]),
    ]
}

pub(super) fn pools() -> Vec<Case> {
    let zone = |fields: &str| servers("", &format!("zones: [Zone(name: \"rack\", {fields})],"));
    let failures = "failures: Failures(time_to_failure: Exponential(\"1h\"), time_to_repair: Exponential(\"50s\"))";
    let crews = failures.replace("\"50s\")", "\"50s\"), crews: 3");
    vec![
        Case("an overload of nobody", servers("overload: OverloadCrash(most_present: 0)", ""), &[]),
        Case("an overload in no time", servers("overload: (most_present: 9, time_to_repair: Constant(\"1ns\"))", ""), &[]),
        Case("spares of an unknown kind", servers("spares: Spares(kind: Lukewarm, start_up: 30)", ""), &[]),
        Case("spares without a start", servers("spares: Spares(kind: Warm(2))", ""), &[]),
        Case("nothing but spares", servers("spares: Spares(count: 3, start_up: \"30s\")", ""), &[]),
        Case("maintenance without times", servers("maintenance: Maintenance()", ""), &[]),
        Case("maintenance all the time", servers("maintenance: (every: \"1min\", drain: \"10s\", down: \"20s\")", ""), &[]),
        Case("maintenance after the end", servers("maintenance: (every: \"1d\", down: \"1s\")", ""), &[]),
        Case("too much maintenance", servers("maintenance: (every: \"6us\", first: \"0s\", down: \"2us\")", ""), &[]),
        Case(
            "a back end that fails",
            with(
                "servers: [Pool(call: (demand: Constant(\"1ms\")))],\n    back_ends: [(name: \"db\", failures: Failures(time_to_failure: Exponential(\"1h\"), time_to_repair: Exponential(\"1min\"), fault: FailingChecks, crews: 2), spares: None)],
    script: [(at: \"1s\", fail: \"db\", fault: Partition), (at: \"2s\", repair: \"db\"), (at: \"3s\", repair: \"db\"), (at: \"4s\", fail: \"bd\")],",
            ),
            &[],
        ),
        Case("a zone of nobody", zone("servers: []"), &[]),
        Case("a zone of unknown servers", zone(&format!("servers: [\"web 4\", \"wbe\", 3], {failures}")), &[]),
        Case("a server twice in a zone", zone(&format!("servers: [\"web\", \"web 2\", 0], {failures}")), &[]),
        Case("more crews than servers of a zone", zone(&format!("servers: [0, 1], {crews}")), &[]),
        Case(
            "two zones of one name",
            servers("", &format!("zones: [(name: \"a\", servers: 0, {failures}), (name: \"a\", servers: 1, {failures})],")),
            &[],
        ),
        Case(
            "a back end in a zone",
            with(&format!(
                "servers: [Pool(call: (demand: Constant(\"1ms\")))],\n    back_ends: [(name: \"db\")],\n    zones: [(servers: \"db\", {failures})],"
            )),
            &[],
        ),
        Case("more servers needed than there are", servers("", "needed: 4,"), &[]),
        Case("no server needed", servers("", "needed: 0,"), &[]),
    ]
}

pub(super) fn scripts() -> Vec<Case> {
    let lines = |lines: &str| servers("", &format!("script: [{lines}],"));
    vec![
        Case("a failure of nobody", lines("(at: \"1s\", fail: \"wbe 2\")"), &[]),
        Case("a failure after the end", lines("(at: \"2h\", fail: 0, lasting: \"1s\")"), &[]),
        Case("a failure that lasts no time", lines("(at: \"1s\", fail: 0, lasting: \"0s\", spread: 3)"), &[]),
        Case("a fault of another change", lines("(at: \"1s\", repair: 0, fault: Crash)"), &[]),
        Case("an unknown fault", lines("(at: \"1s\", fail: 0, fault: Silent)"), &[]),
        Case("a spread of a removal", lines("(at: \"1s\", spread: \"1s\", remove: 0)"), &[]),
        Case("a failure and a repair in one", lines("(at: \"1s\", fail: 0, repair: 0)"), &[]),
        Case(
            "a repair of what works",
            lines("(at: \"1s\", fail: 0, lasting: \"1s\"), (at: \"2s\", repair: [\"web 1\", 1])"),
            &[],
        ),
        Case("a restart that takes no time", lines("(at: \"1s\", restart: \"web\")"), &[]),
        Case("a restart of nobody at a time", lines("(at: \"1s\", restart: \"web\", down: \"1s\", at_a_time: 0)"), &[]),
        Case("a restart of what does not exist", lines("(at: \"1s\", restart: 3, down: \"1s\")"), &[]),
    ]
}

pub(super) fn loads() -> Vec<Case> {
    let at = |rate: &str, rest: &str| {
        let class = format!("Open(arrivals: Poisson(rate: \"{rate}\"), demand: Exponential(\"100ms\")),");
        clients(&class).replace("],\n)", &format!("],\n    {rest}\n)"))
    };
    let closed = |rest: &str| {
        let class = "Closed(name: \"users\", users: 5, think_time: Constant(\"0s\"), demand: Constant(\"10ms\")),";
        clients(class).replace("],\n)", &format!("],\n    {rest}\n    run: Steady(length: \"1h\"),\n)"))
    };
    let failing = |fault: &str| {
        format!("failures: Failures(time_to_failure: Exponential(\"30s\"), time_to_repair: Exponential(\"10s\"), fault: {fault})")
    };
    vec![
        Case("more than servers can do that fail", at("16/s", &format!("servers: [Pool(count: 2, {})],", failing("Crash"))), &[]),
        Case("more than slow servers can do", at("9/s", &format!("servers: [Pool({})],", failing("Slow(factor: 2)"))), &[]),
        Case("more than what is no spare can do", at("11/s", "servers: [Pool(count: 2, spares: (start_up: \"1s\"))],"), &[]),
        Case(
            "more than what a zone leaves",
            at("18/s", &format!("servers: [Pool(count: 2)], zones: [(servers: 0, {})],", failing("Silence"))),
            &[],
        ),
        Case("endless refusals by failures", closed(&format!("servers: [Pool({})],", failing("Crash"))), &[]),
        Case(
            "endless refusals by overload",
            closed("servers: [Pool(overload: (most_present: 4, time_to_repair: Constant(\"1s\")))],"),
            &[],
        ),
        Case(
            "endless refusals by an incident",
            closed("script: [(at: \"1s\", fail: 0, fault: Partition, lasting: \"1s\")],"),
            &[],
        ),
        Case(
            "too many failures",
            with(
                "servers: [Pool(count: 1000, failures: Failures(time_to_failure: Constant(\"1us\"), time_to_repair: Constant(\"1us\")))],\n    run: Steady(length: \"1h\"),",
            ),
            &[],
        ),
        Case(
            "too much flapping",
            with(
                "servers: [Pool(count: 1000, failures: Failures(time_to_failure: Constant(\"1s\"), time_to_repair: Never, flapping: (on: \"1us\", off: \"1us\")))],\n    run: Steady(length: \"1h\"),",
            ),
            &[],
        ),
    ]
}
