//! The algorithms that follow Envoy against what Envoy 1.40.0 was measured to do.

use crate::balancing::RequestView;
use crate::balancing::stand::{Bench, clients, item};
use crate::units::ServerId;

fn round_robin(weights: &[f64], seed: u64) -> Bench {
    Bench::new("EnvoyRoundRobin", &[], weights, seed)
}

/// Measured case `A_seq_envoy_round_robin_w511`, each different sequence once, and `..._w111`.
#[test]
fn measured_sequences_come_out_for_some_start() {
    let unequal = [
        "120000012000001200000",
        "012000001200000120000",
        "001200000120000012000",
        "000012000001200000120",
        "000120000012000001200",
    ];
    let equal = ["012012012012", "120120120120", "201201201201"];
    let starts = |weights: &[f64], turns| (0..100).map(|seed| round_robin(weights, seed).turns(turns)).collect::<Vec<_>>();
    let (of_unequal, of_equal) = (starts(&[5.0, 1.0, 1.0], 21), starts(&[1.0; 3], 12));
    assert!(unequal.iter().all(|measured| of_unequal.iter().any(|start| start == measured)));
    assert!(equal.iter().all(|measured| of_equal.iter().any(|start| start == measured)));
    assert!(of_equal.iter().all(|start| equal.contains(&&**start)));
}

/// Measured cases `A_envoy_start_offset_w511` and `..._w1111`: each start is a rotation of one cycle, all equally likely. The
/// bound is the 99.9 % quantile of chi squared with 6 and 3 degrees of freedom: wrong once in a thousand seeds, and this is one.
#[test]
fn starts_are_uniform_over_the_cycle() {
    for (weights, cycle, bound) in [(&[5.0, 1.0, 1.0][..], "0000012", 22.46), (&[1.0; 4], "0123", 16.27)] {
        let twice = cycle.repeat(2);
        let mut counts = vec![0; cycle.len()];
        for seed in 0..7_000 {
            let turns = round_robin(weights, seed).turns(cycle.len());
            counts[twice.find(&turns).unwrap_or_else(|| panic!("{turns} is no rotation"))] += 1;
        }
        let expected = 7_000.0 / cycle.len() as f64;
        let distance: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
        assert!(distance < bound, "{counts:?}");
    }
}

/// Measured cases `A_remove_return_envoy_eds_w1111` and `..._health_w1111`, all eight replications.
#[test]
fn the_counter_goes_on_when_a_server_leaves_and_returns() {
    let measured = [
        ("012301230", "2302302302302", "230123012301230123012301"),
        ("012301230", "3023023023023", "230123012301230123012301"),
        ("123012301", "3023023023023", "301230123012301230123012"),
        ("301230123", "0230230230230", "123012301230123012301230"),
        ("123012301", "2302302302302", "301230123012301230123012"),
        ("123012301", "0230230230230", "301230123012301230123012"),
    ];
    let life = |seed| {
        let mut bench = round_robin(&[1.0; 4], seed);
        let before = bench.turns(9);
        bench.withdraw(1);
        let without = bench.turns(13);
        bench.admit(1);
        (before, without, bench.turns(24))
    };
    let lives: Vec<_> = (0..200).map(life).collect();
    for phases in measured {
        assert!(lives.iter().any(|(a, b, c)| (&**a, &**b, &**c) == phases), "{phases:?}");
    }
}

#[test]
fn a_schedule_begins_again_at_its_own_place() {
    for seed in 0..50 {
        let mut bench = round_robin(&[5.0, 1.0, 1.0, 2.0], seed);
        let first = bench.turns(20);
        bench.withdraw(2);
        bench.turns(5);
        bench.admit(2);
        assert_eq!(bench.turns(20), first);
    }
}

#[test]
fn full_and_tried_servers_lose_their_turn() {
    let mut bench = round_robin(&[1.0; 4], 1);
    while bench.next() != 3 {}
    bench.fill(1);
    assert_eq!(bench.turns(5), "02302");
    bench.free(1);
    assert_eq!(bench.turns(3), "301");
    assert_eq!(bench.choose(&item(0), &[ServerId(2), ServerId(3)]), 0);
    assert_eq!(bench.turns(4), "1230");
    let mut bench = round_robin(&[50.0, 1.0], 1);
    assert_eq!([0; 3].map(|_| bench.choose(&item(0), &[ServerId(0)])), [1; 3]);
}

/// A weight of one tenth, as at the beginning of a slow start: one turn in 31 of four servers, and in 11 after it has grown.
#[test]
fn fractional_weights_are_honoured() {
    let mut bench = round_robin(&[1.0; 4], 3);
    bench.withdraw(2);
    bench.reweigh(2, 0.1);
    bench.admit(2);
    assert!(bench.turns(310).matches('2').count().abs_diff(10) <= 1);
    bench.reweigh(2, 0.3);
    bench.turns(40);
    assert!(bench.turns(330).matches('2').count().abs_diff(30) <= 1);
    bench.reweigh(2, 1.0);
    bench.turns(10);
    assert!(bench.turns(400).matches('2').count().abs_diff(100) <= 1);
}

/// Two draws of two servers see the busier one twice in a quarter of all cases; a scan never takes it, nor does it care where
/// it stands. 10,000 choices: 4.5 standard errors, wrong in 7 of a million; the seed is fixed.
#[test]
fn least_request_draws_with_replacement_or_scans() {
    let busier = |given| {
        let mut bench = Bench::new("EnvoyLeastRequest", given, &[1.0; 2], 4);
        bench.send(0);
        bench.turns(10_000).matches('0').count()
    };
    assert!(busier(&[]).abs_diff(2_500) <= 195);
    assert!(busier(&[("choice_count", 4)]).abs_diff(625) <= 109);
    assert_eq!(busier(&[("selection", 1)]), 0);
    let mut bench = Bench::new("EnvoyLeastRequest", &[("selection", 1)], &[1.0; 4], 4);
    bench.send(1);
    bench.fill(2);
    let turns = bench.turns(10_000);
    assert_eq!(turns.matches(['1', '2']).count(), 0);
    assert!(turns.matches('0').count().abs_diff(5_000) <= 225);
}

/// The weight at the time of the turn decides when the next one comes: with bias 1 a server with one request in flight counts
/// half, with bias 2 a quarter, with bias 0 fully.
#[test]
fn unequal_weights_are_reduced_by_active_requests() {
    for (given, share) in [(&[][..], 500), (&[("active_request_bias", 2)][..], 333), (&[("active_request_bias", 0)][..], 667)] {
        let mut bench = Bench::new("EnvoyLeastRequest", given, &[2.0, 1.0], 4);
        bench.send(0);
        bench.turns(10);
        assert!(bench.turns(1_000).matches('0').count().abs_diff(share) <= 2, "{given:?}");
        bench.end(0);
        bench.turns(10);
        assert!(bench.turns(1_000).matches('0').count().abs_diff(667) <= 2, "{given:?}");
    }
}

/// What was measured of ring hash over ten servers and 10,000 keys.
struct Measured {
    first: &'static str,
    base: [u32; 10],
    without_4: [u32; 9],
    with_11: [u32; 11],
    /// How many keys moved when one was removed, and when one was added.
    moved: [usize; 2],
}

fn assert_ring(key: u64, requests: &[RequestView], measured: &Measured) {
    let given: &[(&str, u64)] = if key == 0 { &[("key", 0)] } else { &[("key", 2)] };
    let mut bench = Bench::new("EnvoyRingHash", given, &[1.0; 11], 1);
    let place = |bench: &mut Bench| requests.iter().map(|request| bench.choose(request, &[])).collect::<Vec<u32>>();
    let counts = |places: &[u32]| -> Vec<u32> {
        (0..11).map(|server| places.iter().filter(|&&place| place == server).count() as u32).collect()
    };
    let with_11 = place(&mut bench);
    bench.withdraw(10);
    let base = place(&mut bench);
    bench.withdraw(4);
    let without_4 = place(&mut bench);
    let digits: String = base[..100].iter().map(u32::to_string).collect();
    assert_eq!(digits, measured.first);
    assert_eq!(counts(&base)[..10], measured.base);
    let rest: Vec<u32> = counts(&without_4)[..10].iter().enumerate().filter(|(i, _)| *i != 4).map(|(_, &count)| count).collect();
    assert_eq!(rest, measured.without_4);
    assert_eq!(counts(&with_11), measured.with_11);
    let moved = [&without_4, &with_11].map(|after| base.iter().zip(after).filter(|(a, b)| a != b).count());
    assert_eq!(moved, measured.moved);
}

/// Measured case `B_envoy_ring_hash`.
#[test]
fn ring_hash_places_items_as_measured() {
    let requests: Vec<RequestView> = (0..10_000).map(item).collect();
    let measured = Measured {
        first: "1978939198548430177704090261802137590957859697969266703710567413706746954414259755081437468266754567",
        base: [1_148, 916, 976, 1_034, 1_082, 869, 877, 975, 982, 1_141],
        without_4: [1_176, 925, 1_124, 1_180, 1_031, 1_104, 1_103, 1_093, 1_264],
        with_11: [1_048, 828, 943, 898, 1_002, 700, 741, 903, 920, 1_019, 998],
        moved: [1_817, 1_637],
    };
    assert_ring(2, &requests, &measured);
}

/// Measured case `B_envoy_ring_hash_ip`.
#[test]
fn ring_hash_places_addresses_as_measured() {
    let requests = clients();
    let measured = Measured {
        first: "1487123997000972561964092882940916018090050078969651932884005497283340748180262945149333427890966971",
        base: [1_167, 931, 960, 995, 1_160, 828, 898, 945, 1_033, 1_083],
        without_4: [1_171, 954, 1_120, 1_139, 1_024, 1_149, 1_056, 1_161, 1_226],
        with_11: [1_050, 838, 924, 889, 1_076, 677, 741, 846, 957, 994, 1_008],
        moved: [1_965, 1_646],
    };
    assert_ring(0, &requests, &measured);
}

/// Shares over 20,000 keys are near the weights: on a ring of 8,192 points within a few per cent, in a table nearly exact.
#[test]
fn tables_honour_weights() {
    for (name, given) in [("EnvoyRingHash", &[("key", 2), ("min_ring_size", 8_192)][..]), ("EnvoyMaglev", &[("key", 2)])] {
        let mut bench = Bench::new(name, given, &[1.0, 2.0, 4.6, 1.0, 1.0], 1);
        let mut counts = [0_u32; 5];
        (0..20_000).for_each(|key| counts[bench.choose(&item(key), &[]) as usize] += 1);
        for (count, weight) in counts.iter().zip([1, 2, 5, 1, 1]) {
            assert!(count.abs_diff(weight * 2_000) <= weight * 300, "{name}: {counts:?}");
        }
    }
}

/// The table is minimally disrupted (Eisenbud et al. 2016, section 5.3): almost all keys of the servers that stay stay.
#[test]
fn maglev_moves_few_keys_and_knows_its_way_back() {
    let mut bench = Bench::new("EnvoyMaglev", &[("key", 2)], &[1.0; 10], 1);
    let place = |bench: &mut Bench| (0..10_000).map(|key| bench.choose(&item(key), &[])).collect::<Vec<u32>>();
    let before = place(&mut bench);
    bench.withdraw(4);
    let without = place(&mut bench);
    bench.admit(4);
    assert_eq!(place(&mut bench), before);
    let moved = before.iter().zip(&without).filter(|(a, b)| a != b && **a != 4).count();
    assert!(!without.contains(&4) && (1..=400).contains(&moved), "{moved} moved");
}

/// Who was tried, or is full, is passed over, and the same key goes to the same other server.
#[test]
fn tables_pass_over_who_is_no_candidate() {
    for name in ["EnvoyRingHash", "EnvoyMaglev"] {
        let mut bench = Bench::new(name, &[("key", 2)], &[1.0; 5], 1);
        for key in 0..500 {
            let first = bench.choose(&item(key), &[]);
            let second = bench.choose(&item(key), &[ServerId(first)]);
            bench.fill(first);
            assert_eq!(bench.choose(&item(key), &[]), second);
            assert!(![first, second].contains(&bench.choose(&item(key), &[ServerId(second)])));
            bench.free(first);
            assert_eq!(bench.choose(&item(key), &[]), first);
        }
    }
}

/// One popular key: without a bound all of it is at one server; with 150 per cent nobody has more than a request above its
/// slots, and the order in which the others are tried belongs to the key.
#[test]
fn bounded_loads_spread_a_popular_key() {
    for name in ["EnvoyRingHash", "EnvoyMaglev"] {
        let run = || {
            let mut bench = Bench::new(name, &[("key", 2), ("hash_balance_factor", 150)], &[1.0; 5], 1);
            let mut active = [0_u32; 5];
            for _ in 0..100 {
                let server = bench.choose(&item(7), &[]);
                bench.send(server);
                active[server as usize] += 1;
            }
            active
        };
        let active = run();
        assert_eq!(active.iter().max(), Some(&31), "{active:?}: 101 requests at 150 per cent are 152 slots, 31 for each");
        assert_eq!(active, run());
        let mut bench = Bench::new(name, &[("key", 2)], &[1.0; 5], 1);
        let home = bench.choose(&item(7), &[]);
        assert!((0..100).all(|_| bench.choose(&item(7), &[]) == home));
    }
}
