//! What the algorithms of HAProxy say of their choices.

use crate::balancing::Candidates;
use crate::balancing::stand::{Bench, item};

/// Why the next choice is made.
fn because(bench: &mut Bench) -> String {
    let (before, stream) = (bench.algorithm.clone(), bench.stream.clone());
    let choice = bench.ask(&item(0), &[]);
    let candidates = Candidates { eligible: &bench.eligible, excluded: &[] };
    before.explain(&item(0), &candidates, choice, stream).because
}

#[test]
fn reasons_name_what_decided() {
    let reason = |name: &str, parameters: &[(&'static str, u64)], full: &[u32]| {
        let mut bench = Bench::new(name, parameters, &[1.0; 3], 1);
        full.iter().for_each(|&server| bench.fill(server));
        because(&mut bench)
    };
    let first = "the first in turn: its position was 48 in a window of 48";
    assert_eq!(reason("HaproxyRoundRobin", &[], &[]), first);
    let later = "the first in turn: its position was 49 in a window of 48 and 1 before it, full or already tried, lost a turn";
    assert_eq!(reason("HaproxyRoundRobin", &[], &[0]), later);
    assert_eq!(reason("HaproxyStaticRr", &[], &[]), "turn 1 of the 3 of the table");
    let by_map = "the hash of key-0 is 4206784514, which is turn 2 of the 3 of the table";
    assert_eq!(reason("HaproxyHash", &[("key", 2)], &[]), by_map);
    assert_eq!(reason("HaproxyHash", &[("key", 2)], &[2]), format!("{by_map}; it is full"));
    let full = "the least loaded server drawn is full";
    assert_eq!(reason("HaproxyRandom", &[], &[0, 1, 2]), full);
}
