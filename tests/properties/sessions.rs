//! Sessions and caches worked out by hand. Of sessions whose server crashes: two users, two servers, ten requests each, one a second; server 0 is gone from 5.5 s to 7.5 s.

use crate::models::model;
use lbsim::experiment::replicate;
use lbsim::observe::{Fold, Record};

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

/// Lookups, hits and bytes hit at the one server of these visitors.
fn looked(visitors: &str, cache: &str, run: &str) -> [u64; 3] {
    let text = format!(
        "Model(
            clients: [Visitors({visitors}, demand: Constant(\"10ms\"))],
            servers: [Pool(count: 1, workers: 2, cache: Cache({cache}, miss: Constant(\"0s\")))],
            run: Terminating(horizon: \"{run}\", replications: 1),
        )"
    );
    let record = replicate(&model(&text), 0);
    let caches = &record.caches[0];
    [caches.lookups, caches.hits, caches.bytes_hit]
}

#[test]
fn what_is_kept_has_its_time() {
    // Ten requests, one a second; what the first one loads is there at its end, 990 ms before the next one looks.
    let of = |lifetime: &str| {
        let user = "users: 1, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\")";
        let [lookups, hits, _] = looked(user, &format!("of: Session, ttl: {lifetime}"), "1min");
        assert_eq!(lookups, 10);
        hits
    };
    assert_eq!(of("None"), 9);
    assert_eq!(of("\"989ms\""), 0, "always gone a millisecond before");
    assert_eq!(of("\"990ms\""), 5, "at exactly that age it can be used; the time after that it is gone");
    assert_eq!(of("\"1990ms\""), 6, "used twice, then gone: misses number 1, 4, 7 and 10");
    assert_eq!(of("Ttl(after: \"999ms\", resets: true)"), 5, "asked for at 1 s, and a second is too long then");
    assert_eq!(of("Ttl(after: \"1s\", resets: true)"), 9, "whoever asks keeps it there");
}

#[test]
fn bytes_are_what_there_is_room_for() {
    let of = |capacity: &str| {
        let users = "users: 2, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\")";
        let [lookups, hits, bytes] = looked(users, &format!("of: Session, capacity: \"{capacity}\", size: \"600 B\""), "1min");
        assert_eq!((lookups, bytes), (20, 600 * hits));
        hits
    };
    assert_eq!(of("1200 B"), 18, "there is room for both");
    assert_eq!(of("1199 B"), 9, "who came last has driven the other one out, and is there when both look at the same time");
    assert_eq!(of("599 B"), 0, "what is larger than the cache is not kept");
}

#[test]
fn users_come_first_when_they_say_and_again_when_they_have_been_away() {
    // Three requests from 1 s on, half a second apart, the last answered at 2.01 s; the next visit begins at 4.01 s, the third at 7.02 s, and at 8 s it has
    // had two requests.
    let user = "users: 1, first: Constant(\"1s\"), away: Constant(\"2s\"), requests: 3, think_time: Constant(\"490ms\")";
    assert_eq!(looked(user, "of: Session", "8s")[..2], [8, 5], "each visit loads its own");
    assert_eq!(looked(user, "of: User", "8s")[..2], [8, 7], "what belongs to the user is still there");
    assert_eq!(looked(user, "of: User", "999ms")[..2], [0, 0], "nobody comes before");
    let once = "users: 1, first: Constant(\"1s\"), away: None, requests: 3, think_time: Constant(\"490ms\")";
    assert_eq!(looked(once, "of: Session", "1min")[..2], [3, 2], "who never comes again");
}

#[test]
fn hits_are_told_by_the_age_of_the_cache() {
    // Two hundred users at once, ten requests each, a second apart: at 10 ms all miss, later none does.
    let text = "Model(
        clients: [Visitors(users: 200, first: Constant(\"10ms\"), away: None, requests: 10, think_time: Constant(\"990ms\"),
            demand: Constant(\"10ms\"))],
        servers: [Pool(count: 1, workers: 200, cache: Cache(of: Session, miss: Constant(\"0s\")))],
        run: Terminating(horizon: \"1min\", replications: 2),
    )";
    let model = model(text);
    let mut fold = Fold::new(&model);
    (0..2).for_each(|number| fold.add(&replicate(&model, number)));
    let ages = fold.summary_unchecked().ages;
    let told: Vec<(f64, f64, u64, Option<f64>)> =
        ages.iter().map(|age| (age.from_secs, age.to_secs, age.lookups, age.hit_ratio.value)).collect();
    let expected = [
        (0.008, 0.012, 400, Some(0.0)),
        (0.768, 1.024, 400, Some(1.0)),
        (1.536, 2.048, 400, Some(1.0)),
        (2.048, 3.072, 400, Some(1.0)),
        (3.072, 4.096, 400, Some(1.0)),
        (4.096, 6.144, 800, Some(1.0)),
        (6.144, 8.192, 800, Some(1.0)),
        (8.192, 12.288, 400, Some(1.0)),
    ];
    assert_eq!(told, expected);
    assert!(ages.iter().all(|age| age.hit_ratio.half_width == Some(0.0)), "both replications are alike");
}
