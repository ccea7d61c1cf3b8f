//! Strategies that are the same in disguise, request by request, on random customers.

use crate::models::{Text, Zoo, config, model, texts};
use crate::witness::{Ending, Life, story};
use proptest::prelude::*;

/// Equal servers of one worker behind one balancer that may send anything anywhere.
const EQUAL: Zoo = Zoo {
    speeds: &["1"],
    disciplines: &["Fcfs"],
    capacities: false,
    back_ends: false,
    script: false,
    sessions: false,
    failures: false,
    algorithms: &["ALGORITHM"],
    ..Zoo::EVERYTHING
};

/// Of each request: its class, when it was born, started and ended, whoever served it, and how it ended.
type Times = Vec<(usize, u64, Option<u64>, u64, &'static str)>;

fn times(text: &Text, algorithm: &str, servers: u8) -> Times {
    times_with(text, &format!("algorithm: {algorithm}"), &format!("count: {servers}"))
}

/// The same with these fields of the only balancer and the only pool.
fn times_with(Text(text): &Text, balancer: &str, pool: &str) -> Times {
    // One balancer and one pool in place of those of the random model.
    let lines = text.lines().map(|line| match line.trim_start() {
        line if line.starts_with("balancers:") => format!("balancers: [(name: \"b0\", {balancer})],"),
        line if line.starts_with("servers:") => format!("servers: [({pool})],"),
        line => line.replace("\"b1\"", "\"b0\"").replace("\"b2\"", "\"b0\""),
    });
    let story = story(&model(&lines.collect::<Vec<_>>().join("\n")));
    let ending = |life: &Life| match life.ending {
        Ending::Completed { .. } => "completed",
        Ending::Refused => "refused",
        Ending::Unfinished => "unfinished",
    };
    story.by_number().iter().map(|life| (life.class, life.birth, life.start, life.end, ending(life))).collect()
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn least_work_left_is_the_central_queue(text in texts(EQUAL), servers in 1..6_u8) {
        let central = times(&text, "CentralQueue", servers);
        prop_assert_eq!(&times(&text, "LeastWorkLeft", servers), &central);
    }

    /// One connection to each server, and who finds none waits in the balancer: whatever the algorithm, the central queue.
    #[test]
    fn one_connection_a_server_is_the_central_queue(text in texts(EQUAL), servers in 1..6_u8) {
        let central = times(&text, "CentralQueue", servers);
        let pool = format!("count: {servers}, max_connections: 1");
        for balancer in [
            "algorithm: Random",
            "product: HAProxy",
            "product: HAProxy, algorithm: StaticRr",
            "product: HAProxy, algorithm: LeastConnections",
            "algorithm: NginxRoundRobin",
        ] {
            prop_assert_eq!(&times_with(&text, balancer, &pool), &central, "{}", balancer);
        }
    }

    /// nginx has no queue: who finds all connections used is refused, as by servers with room for one.
    #[test]
    fn one_connection_a_server_without_a_queue_is_a_loss_system(text in texts(EQUAL), servers in 1..6_u8) {
        let loss = times_with(&text, "algorithm: Random, when_full: Skip", &format!("count: {servers}, capacity: 1"));
        let pool = format!("count: {servers}, max_connections: 1");
        for algorithm in ["RoundRobin", "LeastConn", "Random", "Hash"] {
            let balancer = format!("product: Nginx, algorithm: {algorithm}");
            prop_assert_eq!(&times_with(&text, &balancer, &pool), &loss, "{}", algorithm);
        }
    }

    #[test]
    fn under_constant_demands_round_robin_is_as_good(
        text in texts(Zoo { demands: &["Constant(\"500ms\")"], ..EQUAL }),
        servers in 1..6_u8,
    ) {
        let central = times(&text, "CentralQueue", servers);
        prop_assert_eq!(&times(&text, "RoundRobin", servers), &central);
        prop_assert_eq!(&times(&text, "LeastWorkLeft", servers), &central);
    }

    #[test]
    fn with_one_balancer_least_connections_is_the_shortest_queue(text in texts(Zoo { sessions: false, failures: false, ..Zoo::EVERYTHING })) {
        // They draw the same random numbers too, so even the servers agree.
        let with = |algorithm: &str| {
            let lines = text.0.lines().map(|line| match line.trim_start() {
                line if line.starts_with("balancers:") => format!("balancers: [(name: \"b0\", algorithm: {algorithm})],"),
                line => line.replace("\"b1\"", "\"b0\"").replace("\"b2\"", "\"b0\""),
            });
            story(&model(&lines.collect::<Vec<_>>().join("\n"))).lives
        };
        prop_assert_eq!(with("LeastConnections"), with("JoinShortestQueue"));
    }
}
