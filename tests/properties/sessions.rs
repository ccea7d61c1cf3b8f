//! Sessions whose server crashes, worked out by hand: two users, two servers, ten requests each, one a second; server 0 is gone from 5.5 s to 7.5 s.

use crate::models::model;
use lbsim::experiment::replicate;
use lbsim::observe::Record;

fn record(user: &str, balancer: &str, cache: &str, more: &str) -> Record {
    let text = format!(
        "Model(
            clients: [Visitors(users: 2, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\"),
                demand: Constant(\"10ms\"), {user})],
            balancer: (algorithm: RoundRobin, health: Perfect, {balancer}),
            servers: [Pool(count: 2, workers: 2, cache: Cache({cache}))],
            {more}
            script: [(at: \"5500ms\", fail: 0, lasting: \"2s\")],
            run: Terminating(horizon: \"1min\", replications: 1),
        )"
    );
    replicate(&model(&text), 0)
}

const STORE: &str = "back_ends: [BackEnd(name: \"store\", workers: 2)],";

/// Sessions ended, their requests, the servers that answered them, moves, sessions that lost their state, and misses.
fn told(record: &Record) -> [u64; 6] {
    let sessions = record.total().sessions;
    let caches = &record.caches[0];
    [sessions.ended, sessions.requests, sessions.servers, sessions.moves, sessions.lost, caches.lookups - caches.hits]
}

#[test]
fn the_state_of_a_session_goes_with_its_server() {
    let of = |user: &str, balancer: &str, cache: &str, more: &str| {
        told(&record(user, balancer, &format!("of: State, miss: Constant(\"0s\"), {cache}"), more))
    };
    let cookie = "persistence: Cookie";
    assert_eq!(of("", cookie, "", ""), [2, 20, 3, 1, 1, 3], "who was there logs in again at the other server, and stays");
    let back = "persistence: Cookie(when_down: Return)";
    assert_eq!(of("", back, "", ""), [2, 20, 3, 2, 1, 4], "and once more when it goes back: nothing is left there");
    let insist = "persistence: Cookie(when_down: Insist)";
    assert_eq!(of("", insist, "", ""), [2, 20, 2, 0, 1, 3], "two requests are refused, then its state is gone");
    assert_eq!(of("leaves_when_lost: true", cookie, "", ""), [2, 17, 3, 1, 1, 3], "its seventh request is its last");
    assert_eq!(of("", cookie, "replicas: 1", ""), [2, 20, 3, 1, 0, 2], "the other server has a copy");
    assert_eq!(of("", cookie, "survives_crashes: true", ""), [2, 20, 3, 1, 1, 3], "it does not help elsewhere");
    assert_eq!(of("", back, "survives_crashes: true", ""), [2, 20, 3, 2, 1, 3], "but who goes back finds it");
    let store = "shared: true, lookup: Call(demand: Constant(\"1ms\"))";
    assert_eq!(of("", cookie, store, STORE), [2, 20, 3, 1, 0, 2], "it is in the store");
    assert_eq!(of("", "", store, STORE)[4..], [0, 2], "whoever is asked");
}

#[test]
fn every_request_asks_the_store() {
    let cache = "of: State, miss: Constant(\"30ms\"), shared: true, lookup: Call(demand: Constant(\"1ms\"))";
    let record = record("", "persistence: Cookie", cache, STORE);
    let total = record.total();
    assert_eq!((record.calls, total.hits.count(), total.misses.count()), (20, 18, 2));
    // The first requests log in, which takes 30 ms.
    assert_eq!((total.hits.mean(), total.misses.mean()), (Some(11e6), Some(41e6)));
}

#[test]
fn data_that_can_be_loaded_again_are_no_lost_session() {
    let record = record("", "persistence: Cookie", "of: Session, miss: Constant(\"0s\")", "");
    assert_eq!(told(&record), [2, 20, 3, 1, 0, 3]);
}

#[test]
fn the_sessions_of_a_store_go_with_it_unless_it_keeps_them() {
    let of = |cache: &str| {
        let text = format!(
            "Model(
                clients: [Visitors(users: 2, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\"),
                    demand: Constant(\"10ms\"))],
                servers: [Pool(count: 2, workers: 2, cache: Cache(of: State, miss: Constant(\"0s\"), shared: true,
                    lookup: Call(demand: Constant(\"0s\")), {cache}))],
                {STORE}
                script: [(at: \"5500ms\", fail: \"store\", lasting: \"2s\")],
                run: Terminating(horizon: \"1min\", replications: 1),
            )"
        );
        let record = replicate(&model(&text), 0);
        let total = record.total();
        let caches = &record.caches[0];
        [total.unanswered(), total.sessions.lost, caches.lookups, caches.lookups - caches.hits]
    };
    assert_eq!(of(""), [4, 2, 16, 4], "two requests of each fail, then both log in again");
    assert_eq!(of("survives_crashes: true"), [4, 0, 16, 2], "two requests of each fail");
}

#[test]
fn a_table_goes_with_its_balancer_unless_others_know_it() {
    // Both users are bound by their first requests; the balancer is away between two of them, and the next turn is that of the third server.
    let moves = |persistence: &str| {
        let text = format!(
            "Model(
                clients: [Visitors(users: 2, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\"),
                    demand: Constant(\"10ms\"))],
                balancers: [(name: \"lb\", algorithm: RoundRobin, persistence: {persistence})],
                servers: [Pool(count: 3, workers: 2)],
                script: [(at: \"5500ms\", fail: \"lb\", lasting: \"100ms\")],
                run: Terminating(horizon: \"1min\", replications: 1),
            )"
        );
        let total = replicate(&model(&text), 0).total();
        assert_eq!((total.sessions.ended, total.unanswered()), (2, 0));
        total.sessions.moves
    };
    assert_eq!(moves("Table(key: Session, shared: false)"), 2);
    assert_eq!(moves("Table(key: Session, shared: true)"), 0);
    assert_eq!(moves("Cookie"), 0, "cookies lie with the users");
    assert_eq!(moves("Table(key: Session, shared: true, expires: \"990ms\")"), 18, "forgotten just before each next request");
    assert_eq!(moves("Table(key: Session, shared: true, capacity: 1)"), 18, "each user drives the other one out");
}
