//! Equal times, by hand: completions, then changes of state, then arrivals; each by server or source, never by the order of
//! scheduling.

use crate::models::model;
use crate::witness::{Ending, Story, story};

const SECOND: u64 = 1_000_000_000;
const NOBODY: [u64; 0] = [];

/// One class of constant gaps and demands.
fn open(gap: &str, demand: &str) -> String {
    format!("Open(arrivals: Renewal(gap: Constant(\"{gap}\")), demand: Constant(\"{demand}\")),")
}

fn run(clients: &str, rest: &str, horizon: &str) -> Story {
    story(&model(&format!("Model(clients: [{clients}], {rest}, run: Terminating(horizon: \"{horizon}\"))")))
}

/// The births, in seconds, of those that were refused.
fn refused_at(story: &Story) -> Vec<u64> {
    story.by_number().iter().filter(|life| life.ending == Ending::Refused).map(|life| life.birth / SECOND).collect()
}

#[test]
fn who_leaves_makes_room_for_who_arrives_at_that_instant() {
    let one_place = "servers: [(capacity: 1)]";
    assert_eq!(refused_at(&run(&open("1s", "1s"), one_place, "10s")), NOBODY);
    // A nanosecond later is too late, so every second request finds the place taken.
    assert_eq!(refused_at(&run(&open("1s", "1000000001ns"), one_place, "10s")), [2, 4, 6, 8, 10]);
    for when_full in ["Reject", "Skip"] {
        let story = run(&open("1s", "1s"), &format!("balancer: (when_full: {when_full}), {one_place}"), "10s");
        assert_eq!(refused_at(&story), NOBODY);
        let shared = format!("balancer: (when_full: {when_full}), servers: [(capacity: 1, discipline: ProcessorSharing)]");
        assert_eq!(refused_at(&run(&open("1s", "1s"), &shared, "10s")), NOBODY);
    }
}

#[test]
fn a_change_is_seen_by_the_arrival_of_its_instant() {
    let script = "script: [(at: \"2s\", remove: 0), (at: \"4s\", restore: 0)]";
    assert_eq!(refused_at(&run(&open("1s", "100ms"), script, "6s")), [2, 3]);
    // One nanosecond later it is not.
    let later = "script: [(at: \"2000000001ns\", remove: 0), (at: \"4000000001ns\", restore: 0)]";
    assert_eq!(refused_at(&run(&open("1s", "100ms"), later, "6s")), [3, 4]);
}

#[test]
fn changes_of_one_instant_happen_in_the_order_of_the_file() {
    let script = |first: &str, second: &str| format!("script: [(at: \"2s\", {first}: 0), (at: \"2s\", {second}: 0)]");
    assert_eq!(refused_at(&run(&open("1s", "100ms"), &script("remove", "restore"), "4s")), NOBODY);
    assert_eq!(refused_at(&run(&open("1s", "100ms"), &script("restore", "remove"), "4s")), [2, 3, 4]);
}

/// The second request waits in the balancer. The first ends at the instant at which the server is taken away: the second is
/// sent there before that.
#[test]
fn a_completion_comes_before_a_change() {
    let central = "balancer: (algorithm: CentralQueue), script: [(at: \"1750ms\", remove: 0)]";
    let story = run(&open("750ms", "1s"), central, "3s");
    let lives = story.by_number();
    let ms = |time: u64| time / 1_000_000;
    assert_eq!((ms(lives[0].end), lives[1].start.map(ms), ms(lives[1].end)), (1_750, Some(1_750), 2_750));
    assert_eq!(lives[2].ending, Ending::Unfinished, "the queue holds what comes when no server is left");
    // A nanosecond earlier, and the second is held for good.
    let earlier = central.replace("1750ms", "1749999999ns");
    assert_eq!(run(&open("750ms", "1s"), &earlier, "3s").by_number()[1].ending, Ending::Unfinished);
}

/// What is restored takes in at once what the balancer held.
#[test]
fn a_restored_server_is_fed_before_the_arrival_of_its_instant() {
    let rest = "balancer: (algorithm: CentralQueue), servers: [(count: 2)],
        script: [(at: \"500ms\", remove: 1), (at: \"3s\", restore: 1)]";
    let lives = run(&open("1s", "10s"), rest, "4s").by_number();
    let starts: Vec<Option<u64>> = lives.iter().map(|life| life.start.map(|start| start / SECOND)).collect();
    assert_eq!(starts, [Some(1), Some(3), None, None]);
}

/// Users come after all open classes, wherever they stand in the file.
#[test]
fn arrivals_of_one_instant_come_by_class_and_then_by_user() {
    // Which of the open classes was last drawn from its stream differs.
    for (first, second) in [("500ms", "1s"), ("1s", "500ms")] {
        let users = "Closed(users: 3, think_time: Constant(\"1s\"), demand: Constant(\"0s\")),";
        let clients = format!("{users}{}{}", open(first, "1ms"), open(second, "1ms"));
        let story = run(&clients, "servers: [(workers: 9)]", "4s");
        let at_three = story.by_number().into_iter().filter(|life| life.birth == 3 * SECOND);
        assert_eq!(at_three.map(|life| life.class).collect::<Vec<_>>(), [1, 2, 0, 0, 0]);
    }
}

/// Twice two requests end at one instant: the one at the second server was scheduled before the other, and after it.
#[test]
fn completions_of_one_instant_come_by_server() {
    for (speeds, expected) in [(["1", "0.5"], vec![(2, 0), (4, 2), (4, 1)]), (["0.5", "1"], vec![(3, 0), (3, 1)])] {
        let [first, second] = speeds;
        let servers = format!("servers: [(name: \"x\", speed: {first}), (name: \"y\", speed: {second})]");
        let story = run(&open("1s", "1s"), &servers, "4s");
        let completed = story.lives.iter().filter(|life| life.server().is_some());
        assert_eq!(completed.map(|life| (life.end / SECOND, life.number)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn jobs_of_one_server_that_end_together_leave_in_order_of_birth() {
    let twice = format!("{}{}", open("1s", "2s"), open("2s", "1s"));
    for discipline in ["Fcfs", "ProcessorSharing"] {
        let rest = format!("servers: [(workers: 9, discipline: {discipline})]");
        let story = run(&twice, &rest, "9s");
        let ended: Vec<(u64, u64)> =
            story.lives.iter().filter(|life| life.server().is_some()).map(|life| (life.end, life.number)).collect();
        assert!(ended.is_sorted() && ended.windows(2).any(|pair| pair[0].0 == pair[1].0), "{discipline}: {ended:?}");
    }
}

/// Demands of nothing: served on the spot, each before the next arrival of the same instant.
#[test]
fn service_of_no_length_ends_before_the_next_arrival_of_its_instant() {
    let twice = open("1s", "0s").repeat(3);
    for servers in ["(capacity: 1)", "(capacity: 1, discipline: ProcessorSharing)", "(capacity: 2, workers: 2)"] {
        let story = run(&twice, &format!("servers: [{servers}]"), "5s");
        assert_eq!(refused_at(&story), NOBODY, "{servers}");
        assert!(story.lives.iter().all(|life| life.server().is_some() && life.end == life.birth), "{servers}");
    }
}

/// Users who never think come back at the instant of their answer, after all completions of that instant.
#[test]
fn users_without_think_time_keep_their_server_busy() {
    let users = "Closed(users: 3, think_time: Constant(\"0s\"), demand: Constant(\"1s\")),";
    let story = run(users, "servers: [(count: 2)]", "10s");
    assert_eq!(story.born, 3 + 2 * 10);
    assert!(story.usage.iter().all(|usage| usage.busy_ns == 10 * u128::from(SECOND) && usage.served == 10));
}
