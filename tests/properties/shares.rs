//! What servers get of the requests: equal shares where they are promised, more for the heavier, turns that are kept.

use crate::policies::{Answers, EQUAL, Life, algorithms, request};
use lbsim::balancing::{Algorithm, Candidates, Choice, Policy, ServerTraits, Shares, Told};
use lbsim::units::ServerId;

/// How often each server is chosen while every request ends before the next comes.
fn shares(algorithm: &Algorithm, traits: &[ServerTraits], requests: u64) -> Vec<u64> {
    let mut life = Life::new(algorithm.clone(), traits, 11, 0);
    (0..traits.len() as u32).for_each(|server| life.toggle(ServerId(server)));
    let mut shares = vec![0; traits.len()];
    for number in 0..requests {
        life.now = number;
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let request = request(number, number, 0);
        if let Choice::Server(server) = life.algorithm.choose(&request, &candidates, &mut life.stream) {
            shares[server.index()] += 1;
            if life.algorithm.reads().told() != Told::Nobody {
                life.load[server.index()] += 1;
                life.algorithm.sent(server, &request);
                life.end(server);
            }
        }
    }
    shares
}

/// Each share within 4.5 standard errors: wrong in 7 of a million, and there are some 300 of them; the seed is fixed.
#[track_caller]
fn assert_shares(name: &str, shares: &[u64], probabilities: &[f64]) {
    let total: u64 = shares.iter().sum();
    for (share, p) in shares.iter().zip(probabilities) {
        let error = (total as f64 * p * (1.0 - p)).sqrt();
        assert!((*share as f64 - total as f64 * p).abs() <= 4.5 * error, "{name}: {shares:?}");
    }
}

fn promise(algorithm: &Algorithm) -> Shares {
    let help = Algorithm::help().into_iter().find(|help| help.name == algorithm.name());
    help.expect("every algorithm has help").shares
}

#[test]
fn equal_servers_get_equal_shares() {
    for servers in [2, 3, 10] {
        for algorithm in algorithms() {
            let shares = shares(&algorithm, &vec![EQUAL; servers], 100_000);
            match promise(&algorithm) {
                Shares::InTurn => {
                    let even = shares.iter().all(|share| share.abs_diff(100_000 / servers as u64) <= 1);
                    assert!(even, "{}: {shares:?}", algorithm.name());
                }
                Shares::OnAverage => assert_shares(algorithm.name(), &shares, &vec![1.0 / servers as f64; servers]),
                Shares::Unpromised => {}
            }
        }
    }
}

#[test]
fn weights_give_shares_in_proportion() {
    let weights = [1.0, 2.5, 0.001, 6.499, 10.0];
    let traits = weights.map(|weight| ServerTraits { weight, ..EQUAL });
    let weighted = Algorithm::named("WeightedRandom", &mut Answers(1, false)).expect("a registered name");
    assert_shares("WeightedRandom", &shares(&weighted, &traits, 200_000), &weights.map(|weight| weight / 20.0));
}

/// The choices of an algorithm over four servers, one of them perhaps heavier than it was. Loads grow and shrink, so that algorithms that look at them are asked in many states.
fn with_a_heavy_server(algorithm: &Algorithm, heavy: bool) -> Vec<Choice> {
    let mut life = Life::new(algorithm.clone(), &[EQUAL; 4], 1, 1);
    (0..4).for_each(|server| life.toggle(ServerId(server)));
    if heavy {
        life.algorithm.reweigh(ServerId(2), 5.0);
    }
    let mut choices = Vec::new();
    for number in 0..400 {
        life.now += 1_000_000;
        let request = request(number, life.now, 250);
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let choice = life.algorithm.choose(&request, &candidates, &mut life.stream);
        choices.push(choice);
        if let Choice::Server(server) = choice {
            life.load[server.index()] += 1;
            if life.algorithm.reads().told() != Told::Nobody {
                life.algorithm.sent(server, &request);
            }
        }
        if number % 2 == 0 {
            life.end(ServerId((number / 2 % 4) as u32));
        }
    }
    choices
}

/// By name: with some parameters at least, and with no others.
#[test]
fn changed_weights_change_choices_where_that_is_promised() {
    for name in Algorithm::NAMES {
        let variants = algorithms().into_iter().filter(|algorithm| algorithm.name() == *name);
        let heeds = |algorithm: Algorithm| {
            let differ = with_a_heavy_server(&algorithm, true) != with_a_heavy_server(&algorithm, false);
            assert!(!differ || algorithm.heeds_weights(), "{name} heeds weights and does not say so");
            (differ, algorithm.heeds_weights())
        };
        let (differ, said): (Vec<bool>, Vec<bool>) = variants.map(heeds).unzip();
        assert_eq!(differ.contains(&true), said[0], "{name} does not heed weights");
    }
}

#[test]
fn round_robin_goes_on_where_it_stood() {
    let algorithm = Algorithm::named("RoundRobin", &mut Answers(1, false)).expect("a registered name");
    let mut life = Life::new(algorithm, &[EQUAL; 4], 1, 1);
    (0..4).for_each(|server| life.toggle(ServerId(server)));
    let next = |life: &mut Life, excluded: &[ServerId]| {
        let candidates = Candidates { eligible: &life.eligible, excluded };
        match life.algorithm.choose(&request(0, 0, 0), &candidates, &mut life.stream) {
            Choice::Server(server) => server.0,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([0; 5].map(|_| next(&mut life, &[])), [0, 1, 2, 3, 0]);
    life.toggle(ServerId(2));
    assert_eq!([0; 4].map(|_| next(&mut life, &[])), [1, 3, 0, 1]);
    life.toggle(ServerId(2));
    assert_eq!([0; 2].map(|_| next(&mut life, &[])), [2, 3]);
    assert_eq!(next(&mut life, &[ServerId(0), ServerId(1)]), 2, "who has been tried is passed over");
}

/// Two choices out of two servers see both, so the busier is never taken; with replacement one may be drawn twice.
#[test]
fn power_of_d_looks_at_d_servers() {
    for (d, replacement, expected) in [(2, false, 0.0), (2, true, 0.25), (3, true, 0.125), (1, false, 0.5)] {
        let algorithm = Algorithm::named("PowerOfD", &mut Answers(d, replacement)).expect("a registered name");
        let mut life = Life::new(algorithm, &[EQUAL; 2], 5, 1);
        (0..2).for_each(|server| life.toggle(ServerId(server)));
        life.algorithm.sent(ServerId(0), &request(0, 0, 1));
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let mut busier = 0;
        for number in 0..100_000 {
            let choice = life.algorithm.choose(&request(number, 0, 1), &candidates, &mut life.stream);
            busier += u64::from(choice == Choice::Server(ServerId(0)));
        }
        assert_shares(&format!("PowerOfD({d})"), &[busier, 100_000 - busier], &[expected, 1.0 - expected]);
    }
}
