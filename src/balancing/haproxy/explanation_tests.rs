//! What the algorithms of HAProxy say of their choices.

use crate::balancing::stand::{Bench, item};
use crate::balancing::{Best, Candidates, Choice};

/// The explanation of the next choice, and the choice.
fn explained(bench: &mut Bench, key: u32) -> (Vec<(u32, f64)>, Best, String, Choice) {
    let (before, stream) = (bench.algorithm.clone(), bench.stream.clone());
    let choice = bench.ask(&item(key), &[]);
    let candidates = Candidates { eligible: &bench.eligible, excluded: &[] };
    let explanation = before.explain(&item(key), &candidates, choice, stream);
    let scores = explanation.scores.iter().map(|score| (score.server.0, score.value)).collect();
    (scores, explanation.best, explanation.because, choice)
}

#[test]
fn the_winner_has_the_best_score() {
    for name in ["HaproxyRoundRobin", "HaproxyStaticRr", "HaproxyLeastconn", "HaproxyRandom", "HaproxyHash"] {
        let mut bench = Bench::new(name, &[("key", 2), ("hash_type", 1), ("balance_factor", 120)], &[1.0, 2.0, 5.0, 1.0], 1);
        for step in 0..2_000_u32 {
            match step % 97 {
                20 => bench.fill(2),
                40 => bench.free(2),
                60 => bench.withdraw(1),
                80 => bench.admit(1),
                _ => {}
            }
            let (scores, best, because, choice) = explained(&mut bench, step);
            assert!(!because.is_empty() && !because.ends_with('.'), "{name}: {because}");
            let Choice::Server(winner) = choice else { continue };
            if best == Best::Smallest {
                let least = scores.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
                assert!(scores.contains(&(winner.0, least)), "{name}: {scores:?} and {winner:?}");
            }
            bench.send(winner.0);
            if step % 3 > 0 {
                bench.end(winner.0);
            }
        }
    }
}

#[test]
fn reasons_name_what_decided() {
    let because = |name: &str, parameters: &[(&'static str, u64)], full: &[u32]| {
        let mut bench = Bench::new(name, parameters, &[1.0; 3], 1);
        full.iter().for_each(|&server| bench.fill(server));
        explained(&mut bench, 0).2
    };
    let first = "the first in turn: its position was 48 in a window of 48";
    assert_eq!(because("HaproxyRoundRobin", &[], &[]), first);
    let later = "the first in turn: its position was 49 in a window of 48 and 1 before it, full or already tried, lost a turn";
    assert_eq!(because("HaproxyRoundRobin", &[], &[0]), later);
    assert_eq!(because("HaproxyStaticRr", &[], &[]), "turn 1 of the 3 of the table");
    let by_map = "the hash of key-0 is 4206784514, which is turn 2 of the 3 of the table";
    assert_eq!(because("HaproxyHash", &[("key", 2)], &[]), by_map);
    assert_eq!(because("HaproxyHash", &[("key", 2)], &[2]), format!("{by_map}; it is full"));
    let full = "the least loaded server drawn is full";
    assert_eq!(because("HaproxyRandom", &[], &[0, 1, 2]), full);
}
