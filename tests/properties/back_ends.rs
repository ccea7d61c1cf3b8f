//! Back ends that fail, worked out by hand: a request a second, 10 ms at a server and 300 ms at the database, which fails at 5.2 s for two seconds.
//! The request of 5 s is in the database then, those of 6 s and 7 s come while it is down.

use crate::models::model;
use lbsim::experiment::replicate;
use lbsim::observe::{Record, Why};

fn record(server: &str, fault: &str, more: &str) -> Record {
    let text = format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"10ms\"), items: 1)],
            servers: [Pool(workers: 4, {server})],
            back_ends: [BackEnd(name: \"db\", workers: 2)],
            script: [(at: \"5200ms\", fail: \"db\", {fault} lasting: \"2s\"), {more}],
            run: Terminating(horizon: \"20500ms\", replications: 1),
        )"
    );
    replicate(&model(&text), 0)
}

const CALL: &str = "call: Call(demand: Constant(\"300ms\"))";

/// How many requests failed, and the sum of the sojourn times of the others in milliseconds.
fn told(record: &Record) -> (u64, f64) {
    let total = record.total();
    let failed = total.failed_by(Why::Error);
    assert_eq!(total.ended(), record.born, "every request ends");
    assert_eq!(failed, total.unanswered(), "because an error was answered");
    (failed, total.sojourn.sum() as f64 / 1e6)
}

#[test]
fn requests_fail_with_their_back_end_or_wait_for_it() {
    let of = |fault: &str| told(&record(CALL, fault, ""));
    let sound = 17.0 * 310.0;
    assert_eq!(of(""), (3, sound), "one is lost, two are refused");
    assert_eq!(of("fault: Crash(work: Resumed),"), (2, sound + 2_310.0), "what it holds waits for it, others are refused");
    assert_eq!(of("fault: Silence(work: Lost),"), (3, sound), "all three hang, and are lost when it comes back");
    let later = 2_310.0 + 1_500.0 + 610.0;
    assert_eq!(of("fault: Silence(work: Resumed),"), (0, sound + later), "all three hang until it goes on");
    // Of the first 110 ms are left that take four times as long; the next does 10 ms, the last 252.5 ms of its work after that.
    assert_eq!(of("fault: Slow(factor: 4),"), (0, sound + 640.0 + 1_202.5 + 452.5));
}

#[test]
fn a_server_that_stands_still_says_later_that_its_back_end_has_failed() {
    // The server hangs from 5.1 s to 9.1 s: the request of 5 s hears at the end of that what happened at 5.2 s.
    let hung = "(at: \"5100ms\", fail: 0, fault: Silence(work: Resumed), lasting: \"4s\")";
    // Those of 6 s to 9 s begin when the server goes on, and are two at a time in the database.
    let later = 3_410.0 + 2_410.0 + 1_710.0 + 710.0;
    assert_eq!(told(&record(CALL, "", hung)), (1, 15.0 * 310.0 + later));
}

#[test]
fn those_who_wait_for_a_load_fail_with_it() {
    let text = "Model(
            clients: [
                Open(name: \"a\", arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"10ms\"), items: 1),
                Open(name: \"b\", arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"20ms\"), items: 1),
            ],
            servers: [Pool(workers: 4, cache: Cache(of: Item, ttl: \"500ms\", coalesces: true, call: Call(demand: Constant(\"300ms\"))))],
            back_ends: [BackEnd(name: \"db\", workers: 2)],
            script: [(at: \"5200ms\", fail: \"db\", lasting: \"2s\")],
            run: Terminating(horizon: \"20500ms\", replications: 1),
        )";
    let record = replicate(&model(text), 0);
    assert_eq!(record.calls, 17, "a load a second, but for three");
    assert_eq!(told(&record), (6, 2.0 * 17.0 * 310.0), "who comes 10 ms later has the answer when the first has it");
}

#[test]
fn a_back_end_crashes_under_its_load() {
    // Ten calls at once are one too many; half a second later it is back.
    let text = "Model(
            clients: [Visitors(users: 10, first: Constant(\"1s\"), away: None, requests: 1, think_time: Constant(\"1s\"), demand: Constant(\"10ms\"))],
            servers: [Pool(workers: 20, call: Call(demand: Constant(\"300ms\")))],
            back_ends: [BackEnd(name: \"db\", workers: 20, overload: OverloadCrash(most_present: MOST, time_to_repair: Constant(\"500ms\")))],
            run: Terminating(horizon: \"4s\", replications: 1),
        )";
    let failed = |most: &str| told(&replicate(&model(&text.replace("MOST", most)), 0)).0;
    assert_eq!((failed("9"), failed("10")), (10, 0));
}
