//! Where HAProxy 2.6.12 sent 10,000 keys, and what moved when a server was taken away, added or marked down.

use crate::balancing::stand::{Bench, clients, item};
use crate::balancing::{Choice, RequestView};
use crate::units::ServerId;

const NAME: &str = "HaproxyHash";
const ITEM: (&str, u64) = ("key", 2);
const CONSISTENT: (&str, u64) = ("hash_type", 1);

/// Where each of the measured keys goes.
fn placement(bench: &mut Bench, keys: &[RequestView]) -> Vec<usize> {
    let place = |key| match bench.ask(key, &[]) {
        Choice::Server(server) => server.index(),
        other => panic!("{other:?}"),
    };
    keys.iter().map(place).collect()
}

fn counts(placement: &[usize]) -> Vec<usize> {
    let servers = placement.iter().max().unwrap() + 1;
    (0..servers).map(|server| placement.iter().filter(|&&place| place == server).count()).collect()
}

fn items() -> Vec<RequestView> {
    (0..10_000).map(item).collect()
}

struct Measured<'a> {
    first_100: &'a str,
    base: &'a [usize],
    removed: &'a [usize],
    moved_by_removal: f64,
    added: &'a [usize],
    /// Without server 4, whose number stays.
    down: &'a [usize],
    moved_by_down: f64,
}

/// The moved fraction: server `gone` (if any) was taken out of the configuration, so that those behind it have moved up.
fn moved(before: &[usize], after: &[usize], gone: Option<usize>) -> f64 {
    let old_number = |server: usize| server + usize::from(gone.is_some_and(|gone| server >= gone));
    before.iter().zip(after).filter(|(before, after)| **before != old_number(**after)).count() as f64 / before.len() as f64
}

fn check(parameters: &[(&'static str, u64)], keys: &[RequestView], measured: &Measured<'_>) {
    let mut bench = Bench::new(NAME, parameters, &[1.0; 10], 1);
    let base = placement(&mut bench, keys);
    let first: String = base.iter().take(100).map(ToString::to_string).collect();
    assert_eq!(first, measured.first_100);
    assert_eq!(counts(&base), measured.base);

    bench.withdraw(4);
    let down = placement(&mut bench, keys);
    let mut counts_down = counts(&down);
    assert_eq!(counts_down.remove(4), 0);
    assert_eq!(counts_down, measured.down);
    assert_eq!(moved(&base, &down, None), measured.moved_by_down);
    bench.admit(4);
    assert_eq!(placement(&mut bench, keys), base, "after its return all is as before");

    let removed = placement(&mut Bench::new(NAME, parameters, &[1.0; 9], 1), keys);
    assert_eq!(counts(&removed), measured.removed);
    assert_eq!(moved(&base, &removed, Some(4)), measured.moved_by_removal);
    let added = placement(&mut Bench::new(NAME, parameters, &[1.0; 11], 1), keys);
    assert_eq!(counts(&added), measured.added);
}

#[test]
fn items_by_ring_are_placed_as_measured() {
    let measured = Measured {
        first_100: "9190409129999068511859111419480685984410584050192222306072358244420806816034995909679182834788497892",
        base: &[1156, 839, 903, 932, 1110, 1138, 750, 847, 1022, 1303],
        removed: &[1210, 1122, 984, 1058, 1406, 1372, 906, 872, 1070],
        moved_by_removal: 0.6122,
        added: &[1037, 803, 838, 879, 1003, 1100, 709, 847, 889, 1095, 800],
        down: &[1332, 929, 963, 1100, 1246, 858, 1105, 1037, 1430],
        moved_by_down: 0.111,
    };
    check(&[ITEM, CONSISTENT], &items(), &measured);
    check(&[ITEM, CONSISTENT, ("avalanche", 1)], &items(), &measured);
}

#[test]
fn items_by_map_are_placed_as_measured() {
    let measured = Measured {
        first_100: "4567890123123456789001234567899012345678890123456778901234566789012345567890123445678901233456789012",
        base: &[1000; 10],
        removed: &[1100, 1100, 1100, 1100, 1130, 1101, 1109, 1100, 1160],
        moved_by_removal: 0.8988,
        added: &[909, 909, 909, 910, 909, 910, 908, 908, 908, 910, 910],
        down: &[1100, 1100, 1100, 1100, 1130, 1101, 1109, 1100, 1160],
        moved_by_down: 0.8988,
    };
    check(&[ITEM], &items(), &measured);
}

#[test]
fn addresses_by_map_are_placed_as_measured() {
    let measured = Measured {
        first_100: "5550024923928755983764616942049604317652504695467140757515523629651450777017835357137025179369692275",
        base: &[1033, 987, 1014, 971, 1015, 1030, 1015, 963, 989, 983],
        removed: &[1130, 1099, 1082, 1118, 1127, 1127, 1096, 1057, 1164],
        moved_by_removal: 0.9012,
        added: &[939, 906, 920, 899, 891, 889, 920, 953, 861, 883, 939],
        down: &[1130, 1099, 1082, 1118, 1127, 1127, 1096, 1057, 1164],
        moved_by_down: 0.9012,
    };
    check(&[], &clients(), &measured);
}

#[test]
fn a_full_server_keeps_its_keys_waiting() {
    for parameters in [&[ITEM][..], &[ITEM, CONSISTENT]] {
        let mut bench = Bench::new(NAME, parameters, &[1.0; 10], 1);
        let Choice::Server(server) = bench.ask(&item(0), &[]) else { panic!("no server") };
        bench.fill(server.0);
        assert_eq!(bench.ask(&item(0), &[]), Choice::WaitFor(server));
        let Choice::Server(next) = bench.ask(&item(0), &[server]) else { panic!("no other server") };
        assert_ne!(next, server);
        bench.free(server.0);
        assert_eq!(bench.ask(&item(0), &[]), Choice::Server(server));
        (0..10).for_each(|server| bench.withdraw(server));
        assert_eq!(bench.ask(&item(0), &[]), Choice::Nobody);
    }
}

#[test]
fn weights_of_a_map_are_fixed_and_those_of_a_ring_are_not() {
    let placed = |parameters: &[(&'static str, u64)]| {
        let mut bench = Bench::new(NAME, parameters, &[1.0, 1.0], 1);
        let before = counts(&placement(&mut bench, &items()));
        bench.reweigh(1, 9.0);
        (before, counts(&placement(&mut bench, &items())))
    };
    let (before, after) = placed(&[ITEM]);
    assert_eq!(before, after);
    let (before, after) = placed(&[ITEM, CONSISTENT]);
    assert!(after[1] > 8_000 && before[1] < 7_000, "{before:?} {after:?}");
}

/// One key for all requests: each server takes its part of the bound, the next on the ring the rest.
#[test]
fn bounded_loads_spread_one_key() {
    let mut bench = Bench::new(NAME, &[ITEM, CONSISTENT, ("balance_factor", 125)], &[1.0, 1.0, 2.0, 1.0], 1);
    let mut loads = [0_u32; 4];
    for sent in 1..=1_000_u32 {
        let Choice::Server(server) = bench.ask(&item(0), &[]) else { panic!("no server") };
        bench.send(server.0);
        loads[server.index()] += 1;
        // ceil(1.25 * sent) in fifths, and one more where the parts are not whole.
        let part = (sent * 5).div_ceil(4).div_ceil(5) * if server == ServerId(2) { 2 } else { 1 };
        assert!(loads[server.index()] <= part, "{sent}: {loads:?}");
    }
    assert_eq!(loads.iter().sum::<u32>(), 1_000);
    assert!(loads.iter().all(|&load| load > 0), "all four have to help: {loads:?}");
    for (server, &load) in (0..).zip(&loads) {
        (0..load).for_each(|_| bench.end(server));
    }
    assert_eq!(bench.sequence(3), Bench::new(NAME, &[ITEM, CONSISTENT], &[1.0, 1.0, 2.0, 1.0], 1).sequence(3));
}
