//! Single servers that fail, cannot be reached or work in vain: what becomes of each request.

use crate::models::model;
use crate::witness::{Ending, Life, story};
use lbsim::experiment::replicate;

const MS: u64 = 1_000_000;

/// A request every second, each of 1.5 s, with workers enough; the only server cannot be reached from 5.2 s to 9.2 s.
fn cut_off(refused: bool, balancer: &str, script: &str) -> String {
    format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"1500ms\"))],
            balancer: ({balancer}),
            servers: [Pool(workers: 100)],
            script: [
                (at: \"5200ms\", fail: \"servers\", fault: Partition(refused: {refused}), lasting: \"4s\"),
                {script}
            ],
            run: Terminating(horizon: \"12s\", replications: 1),
        )"
    )
}

/// When the requests born from 3 s to 9 s end, in milliseconds, and which of them are answered.
fn ends(text: &str) -> (Vec<u64>, Vec<u64>) {
    let lives: Vec<Life> =
        story(&model(text)).by_number().into_iter().filter(|life| (3_000 * MS..=9_000 * MS).contains(&life.birth)).collect();
    let answered = lives.iter().filter(|life| life.server().is_some()).map(|life| life.birth / (1_000 * MS));
    (lives.iter().map(|life| life.end / MS).collect(), answered.collect())
}

#[test]
fn answers_wait_for_the_end_of_a_partition() {
    let (ends, answered) = ends(&cut_off(false, "", ""));
    // Born at 3 s: answered before. At 4 s and 5 s: served at 5.5 s and 6.5 s, heard at 9.2 s. The others are connected then.
    assert_eq!(ends, [4_500, 9_200, 9_200, 10_700, 10_700, 10_700, 10_700]);
    assert_eq!(answered, [3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_partition_that_refuses_lets_no_answer_through_either() {
    let (ends, answered) = ends(&cut_off(true, "", ""));
    assert_eq!(ends, [4_500, 9_200, 9_200, 6_000, 7_000, 8_000, 9_000]);
    assert_eq!(answered, [3, 4, 5]);
}

#[test]
fn a_balancer_does_not_wait_for_an_answer_longer_than_it_may() {
    let text = cut_off(false, "timeouts: (response: \"2s\")", "");
    let (ends, answered) = ends(&text);
    assert_eq!(ends, [4_500, 6_000, 7_000, 8_000, 9_000, 10_700, 10_700]);
    assert_eq!(answered, [3, 8, 9]);
    // The server had worked on two of them.
    assert_eq!(replicate(&model(&text), 0).uptime.unwrap().wasted_ns, u128::from(2 * 1_500 * MS));
}

#[test]
fn that_a_server_behind_a_partition_has_lost_its_work_is_heard_afterwards() {
    let (ends, answered) = ends(&cut_off(false, "", "(at: \"6s\", fail: \"servers\", lasting: \"1s\")"));
    // The answer to the one of 4 s was ready, the one of 5 s was in service.
    assert_eq!(ends, [4_500, 9_200, 9_200, 10_700, 10_700, 10_700, 10_700]);
    assert_eq!(answered, [3, 4, 6, 7, 8, 9]);
}

#[test]
fn lifetimes_count_service_in_a_zone_as_they_do_in_a_pool() {
    let text = |pool: &str, zone: &str| {
        format!(
            "Model(
                clients: [Open(arrivals: Poisson(rate: \"30/s\"), demand: Exponential(\"50ms\"))],
                servers: [Pool(name: \"web\", count: 3, {pool})],
                zones: [{zone}],
                run: Terminating(horizon: \"200s\", replications: 1),
            )"
        )
    };
    let failures = "failures: Failures(time_to_failure: Exponential(\"5s\"), time_to_repair: Exponential(\"1s\"), \
        clock: WhileServing, scope: Each)";
    let own = story(&model(&text(failures, "")));
    assert!(own.lives.iter().filter(|life| life.ending == Ending::Refused).count() > 50, "servers fail");
    assert_eq!(own.lives, story(&model(&text("", &format!("Zone(servers: \"web\", {failures})")))).lives);
}

#[test]
fn work_in_vain_is_no_more_than_a_server_does() {
    // Half as much again as the server can do, by turns: nobody waits as long as it takes.
    let text = "Model(
        clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"1500ms\"))],
        balancer: (timeouts: (response: \"1s\")),
        servers: [Pool(discipline: ProcessorSharing, failures: Failures(time_to_failure: Constant(\"700s\"), time_to_repair: Constant(\"1s\")))],
        run: Terminating(horizon: \"600s\", replications: 1),
    )";
    let wasted = replicate(&model(text), 0).uptime.unwrap().wasted_ns;
    assert_eq!(wasted % u128::from(1_500 * MS), 0);
    // What is present at the end is work begun and not done: under equal shares that of each differs.
    assert!((200_000..=600_000).contains(&(wasted / u128::from(MS))), "{wasted}");
}
