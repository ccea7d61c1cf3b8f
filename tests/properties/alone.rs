//! Several balancers: what each of them sees of the others.

use crate::models::model;
use crate::witness::{Ending, Story, story};

/// The balancer `a` sends one endless request to the server `x`. The balancer `b` has `x` and `y`, and its short requests
/// find `y` idle each time.
fn beside_an_endless_request(algorithm: &str) -> Story {
    story(&model(&format!(
        "Model(clients: [
            Open(name: \"endless\", arrivals: Renewal(gap: Constant(\"999s\")), demand: Constant(\"1y\"), balancer: \"a\"),
            Open(name: \"short\", arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"10ms\"), balancer: \"b\")],
        balancers: [(name: \"a\", pools: [\"x\"]), (name: \"b\", algorithm: {algorithm}, pools: [\"x\", \"y\"])],
        servers: [(name: \"x\"), (name: \"y\")],
        script: [(at: \"1s\", remove: \"x\"), (at: \"998s\", restore: \"x\")],
        run: Terminating(horizon: \"1200s\"))"
    )))
}

fn stuck(story: &Story) -> usize {
    story.of_class(1).iter().filter(|life| life.ending == Ending::Unfinished && life.birth < 1_200_000_000_000).count()
}

/// It sees its own requests only: to it `x` is as idle as `y`, until it has lost one request there. (It picks `y` 200 times
/// in a row with a probability of 2^-200.)
#[test]
fn counting_own_requests_does_not_show_those_of_another_balancer() {
    for algorithm in ["LeastConnections", "PowerOfD(d: 2)"] {
        assert_eq!(stuck(&beside_an_endless_request(algorithm)), 1, "{algorithm}");
    }
}

/// It knows the work that it sent itself, and takes that for done after 10 ms: it goes on losing every second of 201
/// requests. (Fewer than 70 or more than 131 in 1 of 100,000 seeds.)
#[test]
fn knowing_own_work_does_not_show_that_of_another_balancer() {
    assert!((70..=131).contains(&stuck(&beside_an_endless_request("LeastWorkLeft"))));
}

#[test]
fn the_truth_shows_the_requests_of_all_balancers() {
    for algorithm in ["JoinShortestQueue", "CentralQueue"] {
        assert_eq!(stuck(&beside_an_endless_request(algorithm)), 0, "{algorithm}");
    }
}

/// Behind two balancers that each count their own, requests meet at servers; under the truth they do so less, and never
/// when there are servers enough for all.
#[test]
fn two_balancers_that_see_the_truth_never_meet_at_a_server_while_another_is_idle() {
    let waited = |algorithm: &str| {
        let story = story(&model(&format!(
            "Model(clients: [
                Closed(name: \"p\", users: 5, think_time: Exponential(\"1s\"), demand: Exponential(\"1s\"), balancer: \"a\"),
                Closed(name: \"q\", users: 5, think_time: Exponential(\"1s\"), demand: Exponential(\"1s\"), balancer: \"b\")],
            balancers: [(name: \"a\", algorithm: {algorithm}), (name: \"b\", algorithm: {algorithm})],
            servers: [(count: 10)], run: Terminating(horizon: \"1000s\"))"
        )));
        story.lives.iter().filter(|life| life.start.is_none_or(|start| start > life.birth)).count()
    };
    assert_eq!((waited("JoinShortestQueue"), waited("CentralQueue")), (0, 0));
    assert!(waited("LeastConnections") > 500);
}
