//! Where requests are sent again, and what a balancer learns from those that fail.

use crate::models::model;
use crate::witness::{Ending, Life, story};
use lbsim::experiment::replicate;
use lbsim::observe::Why;

/// Requests that no server is sent twice, before two servers with a connection each, some of which answer by errors only.
fn one_connection_each(rate: &str, retries: u32, failing: &str) -> String {
    format!(
        "Model(
            clients: [Open(arrivals: Poisson(rate: \"{rate}\"), demand: Exponential(\"20ms\"))],
            balancer: (algorithm: LeastConnections, retries: Retries(most: {retries}, to: Another, on: [Error])),
            servers: [Pool(count: 2, max_connections: 1)],
            script: [(at: \"0s\", fail: {failing}, fault: Errors(probability: \"100%\"))],
            run: Terminating(horizon: \"200s\", replications: 1),
        )"
    )
}

#[test]
fn a_request_that_waits_in_line_does_not_go_where_it_has_been() {
    // Both servers are nearly always busy: most requests wait in line, before their first try or before their second.
    let lives = story(&model(&one_connection_each("45/s", 1, "0"))).lives;
    let served: Vec<Option<usize>> = lives.iter().filter(|life| life.end < 200_000_000_000).map(Life::server).collect();
    assert!(served.len() > 8_000);
    assert!(served.iter().all(|server| *server == Some(1)), "each is answered by the sound server, at once or after the other");
}

#[test]
fn a_request_that_has_been_everywhere_waits_for_nobody() {
    let lives = story(&model(&one_connection_each("20/s", 5, "\"servers\""))).lives;
    assert!(lives.len() > 3_000);
    let unfinished = lives.iter().filter(|life| life.ending == Ending::Unfinished).count();
    assert!(unfinished < 20, "{unfinished} wait for ever");
    assert!(lives.iter().all(|life| life.server().is_none()));
}

#[test]
fn an_algorithm_that_counts_failures_finds_out_who_is_down() {
    // A request every 100 ms to two servers in turn: the server that goes down at 10.05 s is tried 50 or 150 ms later.
    let text = |max_fails: u32| {
        format!(
            "Model(
                clients: [Open(arrivals: Renewal(gap: Constant(\"100ms\")), demand: Constant(\"1ms\"))],
                balancer: (product: Nginx, algorithm: RoundRobin(max_fails: {max_fails}, fail_timeout: \"10s\")),
                servers: [Pool(count: 2)],
                script: [(at: \"10050ms\", fail: 0)],
                run: Terminating(horizon: \"60s\", replications: 1),
            )"
        )
    };
    let found = |max_fails: u32| {
        let uptime = replicate(&model(&text(max_fails)), 0).uptime.unwrap();
        (uptime.detections, uptime.detection_ns / 1_000_000)
    };
    let (number, first) = found(1);
    assert!(number == 1 && (first == 50 || first == 150), "{number} {first}");
    // Its turn comes every 200 ms.
    assert_eq!(found(4), (1, first + 600));
    assert_eq!(found(0), (0, 0));
}

/// How many requests end without an answer for each reason, of those that do at all.
fn failed(text: &str) -> Vec<(Why, u64)> {
    let record = replicate(&model(text), 0);
    let failed = |why: Why| (why, record.classes[0].failed[why as usize]);
    Why::ALL.into_iter().map(failed).filter(|(_, number)| *number > 0).collect()
}

/// A request every 100 ms through nginx to two servers, one failure of which takes a server out for 10 s.
fn nginx(client: &str, balancer: &str, servers: &str, script: &str) -> String {
    format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"100ms\")), {client})],
            balancer: (name: \"lb\", product: Nginx, algorithm: RoundRobin(max_fails: 1, fail_timeout: \"10s\"), {balancer}),
            servers: [Pool(name: \"web\", count: 2, {servers})],
            script: [{script}],
            run: Terminating(horizon: \"60s\", replications: 1),
        )"
    )
}

#[test]
fn a_server_is_not_to_blame_for_clients_without_patience() {
    let text = nginx("demand: Constant(\"300ms\"), patience: \"200ms\"", "timeouts: (response: \"60s\")", "workers: 100", "");
    // All that were born 200 ms before the end.
    assert_eq!(failed(&text), [(Why::Abandoned, 598)]);
}

#[test]
fn servers_are_not_to_blame_for_the_crash_of_their_balancer() {
    let script = "(at: \"10050ms\", fail: \"lb\", lasting: \"100ms\")";
    let text = nginx("demand: Constant(\"450ms\")", "timeouts: (response: \"60s\")", "workers: 100", script);
    // Those of 9.7 s to 10 s (that of 9.6 s has ended), and the one that meets nobody.
    assert_eq!(failed(&text), [(Why::ConnectionRefused, 1), (Why::Lost, 4)]);
}

#[test]
fn an_answer_that_a_server_is_busy_is_no_failure_to_nginx_unless_it_leads_elsewhere() {
    // Of three requests to each server in turn one is taken, for it is there for 210 ms.
    let text = |on: &str| nginx("demand: Constant(\"210ms\")", &format!("retries: Retries({on})"), "capacity: 1", "");
    let answered = |on: &str| story(&model(&text(on))).lives.iter().filter(|life| life.server().is_some()).count();
    assert!((290..=310).contains(&answered("")), "{}", answered(""));
    assert!(answered("on: [Full]") < 100, "{}", answered("on: [Full]"));
}

#[test]
fn haproxy_waits_where_one_server_is_in_rotation_not_where_one_has_room() {
    // The dead server refuses; the other one is busy, so that there is nobody else to go to, but two are in rotation.
    let text = "Model(
        clients: [Open(arrivals: Renewal(gap: Constant(\"200ms\")), demand: Constant(\"350ms\"))],
        balancer: (product: HAProxy, algorithm: RoundRobin, retries: Retries(most: 3, to: Redispatch(every: 1))),
        servers: [Pool(name: \"web\", count: 2, max_connections: 1)],
        script: [(at: \"0s\", fail: \"web 1\")],
        run: Terminating(horizon: \"20s\", replications: 1),
    )";
    for life in story(&model(text)).lives.iter().filter(|life| life.ending != Ending::Unfinished) {
        let lasted_ms = (life.end - life.birth) / 1_000_000;
        assert_eq!(lasted_ms, if life.server().is_some() { 350 } else { 0 });
    }
}

#[test]
fn envoy_comes_back_to_a_server_where_all_have_been_tried() {
    let text = "Model(
        clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"1ms\"))],
        balancer: (product: Envoy, algorithm: RoundRobin, retries: Retries(most: 5, to: Another)),
        servers: [Pool(count: 2)],
        script: [(at: \"0s\", fail: \"servers\")],
        run: Terminating(horizon: \"20500ms\", replications: 1),
    )";
    let record = replicate(&model(text), 0);
    assert_eq!((record.classes[0].failed[Why::ConnectionRefused as usize], record.classes[0].tries()), (20, 120));
}

#[test]
fn a_retry_on_the_same_server_goes_nowhere_else() {
    // web 1 is gone for 300 ms, in which its request is tried again; it waits where the server is full.
    let text = |script: &str| {
        format!(
            "Model(
                clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"900ms\"))],
                balancer: (algorithm: RoundRobin, retries: Retries(most: 9, to: Same, delay: Fixed(\"100ms\"))),
                servers: [Pool(name: \"web\", count: 2, max_connections: 1)],
                script: [{script}],
                run: Terminating(horizon: \"10s\", replications: 1),
            )"
        )
    };
    let script = "(at: \"2950ms\", fail: 0, lasting: \"300ms\"), (at: \"3050ms\", remove: 0)";
    let lives = story(&model(&text(script))).by_number();
    assert_eq!((lives[2].server(), (lives[2].end - lives[2].birth) / 1_000_000), (Some(0), 1_200));
}
