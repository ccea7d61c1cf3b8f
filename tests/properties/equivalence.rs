//! Strategies that are the same in disguise, request by request, on random customers.

use crate::models::{Text, Zoo, config, model, texts};
use crate::witness::{Ending, story};
use proptest::prelude::*;

/// Equal servers of one worker behind one balancer that may send anything anywhere.
const EQUAL: Zoo = Zoo {
    speeds: &["1"],
    disciplines: &["Fcfs"],
    capacities: false,
    back_ends: false,
    script: false,
    algorithms: &["ALGORITHM"],
    ..Zoo::EVERYTHING
};

/// When each request was born, started and ended, whoever served it.
fn times(Text(text): &Text, algorithm: &str, servers: u8) -> Vec<(usize, u64, Option<u64>, u64, bool)> {
    // One balancer and one pool in place of those of the random model.
    let lines = text.lines().map(|line| match line.trim_start() {
        line if line.starts_with("balancers:") => format!("balancers: [(name: \"b0\", algorithm: {algorithm})],"),
        line if line.starts_with("servers:") => format!("servers: [(count: {servers})],"),
        line => line.replace("\"b1\"", "\"b0\"").replace("\"b2\"", "\"b0\""),
    });
    let story = story(&model(&lines.collect::<Vec<_>>().join("\n")));
    story
        .by_number()
        .iter()
        .map(|life| (life.class, life.birth, life.start, life.end, life.ending == Ending::Unfinished))
        .collect()
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn least_work_left_is_the_central_queue(text in texts(EQUAL), servers in 1..6_u8) {
        let central = times(&text, "CentralQueue", servers);
        prop_assert_eq!(&times(&text, "LeastWorkLeft", servers), &central);
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
    fn with_one_balancer_least_connections_is_the_shortest_queue(text in texts(Zoo::EVERYTHING)) {
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
