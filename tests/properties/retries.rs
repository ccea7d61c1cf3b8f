//! Where requests are sent again, and what a balancer learns from those that fail.

use crate::models::model;
use crate::witness::{Ending, Life, story};
use lbsim::experiment::replicate;

#[test]
fn a_request_that_waits_in_line_does_not_go_where_it_has_been() {
    // Both servers are always busy: most requests wait in line, before their first try or before their second.
    let text = "Model(
        clients: [Open(arrivals: Poisson(rate: \"45/s\"), demand: Exponential(\"20ms\"))],
        balancer: (algorithm: LeastConnections, retries: Retries(most: 1, to: Another, on: [Error])),
        servers: [Pool(count: 2, max_connections: 1)],
        script: [(at: \"0s\", fail: 0, fault: Errors(probability: \"100%\"))],
        run: Terminating(horizon: \"200s\", replications: 1),
    )";
    let lives = story(&model(text)).lives;
    let served: Vec<Option<usize>> = lives.iter().filter(|life| life.end < 200_000_000_000).map(Life::server).collect();
    assert!(served.len() > 8_000);
    println!(
        "{:?}",
        lives.iter().filter(|life| life.end < 200_000_000_000 && life.server() != Some(1)).take(5).collect::<Vec<_>>()
    );
    assert!(served.iter().all(|server| *server == Some(1)), "each is answered by the sound server, at once or after the other");
}

#[test]
fn a_request_that_has_been_everywhere_waits_for_nobody() {
    let text = "Model(
        clients: [Open(arrivals: Poisson(rate: \"20/s\"), demand: Exponential(\"20ms\"))],
        balancer: (algorithm: LeastConnections, retries: Retries(most: 5, to: Another, on: [Error])),
        servers: [Pool(count: 2, max_connections: 1)],
        script: [(at: \"0s\", fail: \"servers\", fault: Errors(probability: \"100%\"))],
        run: Terminating(horizon: \"200s\", replications: 1),
    )";
    let lives = story(&model(text)).lives;
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
