//! The sequences of HAProxy 2.6.12, and what full servers do to them.

use crate::balancing::Choice;
use crate::balancing::haproxy::testing::Driver;
use crate::units::ServerId;
use std::collections::VecDeque;

const NAME: &str = "HaproxyRoundRobin";

#[test]
fn sequences_are_those_measured() {
    assert_eq!(Driver::new(NAME, &[], &[1.0; 3]).sequence(12), "012012012012");
    assert_eq!(Driver::new(NAME, &[], &[5.0, 1.0, 1.0]).sequence(21), "000100200010020001002");
}

#[test]
fn removal_return_and_a_new_weight_are_as_measured() {
    let mut driver = Driver::new(NAME, &[], &[1.0; 4]);
    assert_eq!(driver.sequence(5), "01230");
    driver.withdraw(1);
    assert_eq!(driver.sequence(14), "23023023023023");
    driver.admit(1);
    assert_eq!(driver.sequence(24), "021302130213021302130213");
    driver.reweigh(2, 3.0);
    assert_eq!(driver.sequence(24), "021322021322021322021232");
}

#[test]
fn weights_give_turns_in_proportion() {
    let weights = [1.0, 2.0, 0.5, 16.0, 7.0];
    let mut driver = Driver::new(NAME, &[], &weights);
    let turns = driver.sequence(2 * 5_300);
    for (server, weight) in ('0'..).zip(weights) {
        let share = turns.chars().filter(|turn| *turn == server).count() as f64;
        assert!((share - weight * 400.0).abs() <= 1.0, "server {server}: {share}");
    }
}

/// Replays the first 504 requests of a real run of HAProxy 2.6.12 in which each of four servers takes one request at a time and
/// the others wait in the balancer. HAProxy gives the first of these to the server that becomes free and asks its algorithm
/// about a new request only if none waits; the first that finds all servers full takes all their turns. Times are those of the
/// client; the balancer decides half of its mean overhead, 0.32 ms, later. (The run goes on, but a few ends and arrivals within
/// 0.04 ms of each other leave open which came first.)
#[test]
fn full_servers_lose_their_turns_as_recorded() {
    let mut driver = Driver::new(NAME, &[], &[1.0; 4]);
    let (mut busy_until, mut waiting) = ([None; 4], VecDeque::<(u64, usize)>::new());
    let mut asked = 0;
    for line in include_str!("round_robin_trace.csv").lines().skip(1) {
        let row: Vec<u64> = line.split(',').map(|number| number.parse().unwrap()).collect();
        let (arrival, server, end) = (row[0] + 161, row[1] as usize, row[0] + row[2]);
        while let Some((_, freed)) =
            (0..4).filter_map(|server| busy_until[server].map(|end| (end, server))).min().filter(|(end, _)| *end <= arrival)
        {
            let next = waiting.pop_front();
            assert!(next.is_none_or(|(_, server)| server == freed), "the first that waits gets server {freed}");
            busy_until[freed] = next.map(|(end, _)| end);
            if next.is_none() {
                driver.free(freed as u32);
            }
        }
        if waiting.is_empty() {
            asked += 1;
            match driver.choose() {
                Choice::Server(chosen) => assert_eq!(chosen.index(), server, "request {asked} that was asked about"),
                _ => assert!(busy_until.iter().all(Option::is_some)),
            }
        }
        if busy_until.iter().all(Option::is_some) {
            waiting.push_back((end, server));
        } else {
            busy_until[server] = Some(end);
            driver.fill(server as u32);
        }
    }
    assert_eq!(asked, 281);
}

#[test]
fn full_and_tried_servers_lose_their_turns() {
    let mut driver = Driver::new(NAME, &[], &[1.0; 4]);
    driver.fill(0);
    assert_eq!(driver.sequence(2), "12");
    driver.free(0);
    assert_eq!(driver.sequence(4), "3012", "the turn of server 0 was used up");
    driver.excluded = vec![ServerId(3)];
    assert_eq!(driver.sequence(1), "0");
    driver.excluded.clear();
    assert_eq!(driver.sequence(4), "1230");
    (0..4).for_each(|server| driver.fill(server));
    assert_eq!(driver.choose(), Choice::Nobody);
    (0..4).for_each(|server| driver.withdraw(server));
    assert_eq!(driver.choose(), Choice::Nobody);
    driver.admit(2);
    assert_eq!(driver.sequence(2), "22");
}
