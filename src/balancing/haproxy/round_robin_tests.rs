//! The sequences of HAProxy 2.6.12, and what full servers do to them.

use crate::balancing::Choice;
use crate::balancing::stand::{Bench, item};
use crate::units::ServerId;

const NAME: &str = "HaproxyRoundRobin";

#[test]
fn sequences_are_those_measured() {
    assert_eq!(Bench::new(NAME, &[], &[1.0; 3], 1).sequence(12), "012012012012");
    assert_eq!(Bench::new(NAME, &[], &[5.0, 1.0, 1.0], 1).sequence(21), "000100200010020001002");
}

#[test]
fn removal_return_and_a_new_weight_are_as_measured() {
    let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
    assert_eq!(bench.sequence(5), "01230");
    bench.withdraw(1);
    assert_eq!(bench.sequence(14), "23023023023023");
    bench.admit(1);
    assert_eq!(bench.sequence(24), "021302130213021302130213");
    bench.reweigh(2, 3.0);
    assert_eq!(bench.sequence(24), "021322021322021322021232");
}

#[test]
fn weights_give_turns_in_proportion() {
    let weights = [1.0, 2.0, 0.5, 16.0, 7.0];
    let mut bench = Bench::new(NAME, &[], &weights, 1);
    let turns = bench.sequence(2 * 5_300);
    for (server, weight) in ('0'..).zip(weights) {
        let share = turns.chars().filter(|turn| *turn == server).count() as f64;
        assert!((share - weight * 400.0).abs() <= 1.0, "server {server}: {share}");
    }
}

#[test]
fn full_and_tried_servers_lose_their_turns() {
    let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
    bench.fill(0);
    assert_eq!(bench.sequence(2), "12");
    bench.free(0);
    assert_eq!(bench.sequence(4), "3012", "the turn of server 0 was used up");
    assert_eq!(bench.sequence_without(1, &[ServerId(3)]), "0");
    assert_eq!(bench.sequence(4), "1230");
    (0..4).for_each(|server| bench.fill(server));
    assert_eq!(bench.ask(&item(0), &[]), Choice::Nobody);
    (0..4).for_each(|server| bench.withdraw(server));
    assert_eq!(bench.ask(&item(0), &[]), Choice::Nobody);
    bench.admit(2);
    assert_eq!(bench.sequence(2), "22");
}
