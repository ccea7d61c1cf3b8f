//! Servers that fail, are out for a while, and are tried again.

use super::Bench;

const FAIL_TIMEOUT: &[(&str, u64)] = &[("max_fails", 1), ("fail_timeout", 3)];

/// Measured as `A_remove_return_nginx_*`: 5 requests; server 1 refuses; 20 requests at once; a request every 50 ms until server 1
/// answers; 40 requests at once. Two things are not on record. Where the clock stood within its second is chosen so that
/// the first answer comes when it did, after 3.958 s and 3.805 s. That a request took 0.75 ms before the next pause of 50 ms follows
/// from both: 78 and 75 of them make 3.9585 s and 3.80625 s.
#[test]
fn a_server_is_out_and_returns_as_measured() {
    for (name, crash_us, first_us) in [("NginxLeastConn", 20_245_000, 3_958_000), ("NginxRoundRobin", 20_398_000, 3_805_000)] {
        let mut bench = Bench::new(name, FAIL_TIMEOUT, &[1.0; 4]);
        bench.at_us(crash_us);
        assert_eq!(bench.sequence(5), "01230", "{name}");
        let tries: Vec<String> =
            (0..20).map(|_| bench.request(Some(1)).iter().map(u32::to_string).collect::<Vec<_>>().join(",")).collect();
        assert_eq!(tries.join(" "), "1,2 3 2 3 0 2 3 0 2 3 0 2 3 0 2 3 0 2 3 0", "{name}");
        let mut us = crash_us;
        while bench.request(None) != [1] {
            us += 50_750;
            bench.at_us(us);
        }
        assert!((us - crash_us).abs_diff(first_us) <= 2_000, "{name}: first answer after {} us", us - crash_us);
        assert_eq!(bench.sequence(40), "2301230123012301230123012301230123012301", "{name}");
    }
}

/// A crash at 20.9 s is written down for second 20, and more than 3 whole seconds after that is second 24, at 3.1 s.
#[test]
fn one_single_request_tests_a_server_by_the_clock_of_whole_seconds() {
    let mut bench = Bench::new("NginxRoundRobin", FAIL_TIMEOUT, &[1.0; 2]);
    let picks = |bench: &mut Bench, us: u64| {
        bench.at_us(us);
        [(); 4].map(|()| bench.choose(&[]).expect("a server is left"))
    };
    bench.at_us(20_900_000);
    bench.sent(1);
    bench.ended(1, bench.request.now, true);
    assert_eq!(picks(&mut bench, 20_900_000), [0; 4]);
    assert_eq!(picks(&mut bench, 23_999_000), [0; 4]);
    assert!(picks(&mut bench, 24_000_000).contains(&1));
    // The test is under way: nobody else is sent there, for 3 seconds more, or until it is over.
    bench.sent(1);
    assert_eq!(picks(&mut bench, 24_100_000), [0; 4]);
    assert_eq!(picks(&mut bench, 27_999_000), [0; 4]);
    let mut failed = bench.clone();
    failed.ended(1, bench.request.now, true);
    assert_eq!(picks(&mut failed, 28_000_000), [0; 4], "one failure shuts it out anew");
    bench.ended(1, bench.request.now, false);
    assert!(picks(&mut bench, 27_999_000).contains(&1), "one success and it is back");
}

#[test]
fn a_success_that_began_before_a_failure_clears_nothing() {
    let mut bench = Bench::new("NginxRoundRobin", FAIL_TIMEOUT, &[1.0; 2]);
    bench.at_us(20_000_000);
    (0..2).for_each(|_| bench.sent(1));
    bench.at_us(21_000_000);
    bench.ended(1, bench.request.now, true);
    bench.ended(1, bench.request.now, false);
    assert_eq!([(); 4].map(|()| bench.choose(&[])), [Some(0); 4]);
}

#[test]
fn failures_cost_weight_which_grows_back() {
    let mut bench = Bench::new("NginxRoundRobin", &[("max_fails", 3)], &[9.0, 9.0]);
    for _ in 0..2 {
        bench.sent(1);
        bench.ended(1, bench.request.now, true);
    }
    // Its effective weight is 9 - 2 * 3 = 3, and at the next requests 4, 5, 6, 7, 8, 9, 9.
    assert_eq!(bench.sequence(9), "010010101");
}

#[test]
fn a_single_server_is_never_out_and_where_all_are_nobody_is_chosen() {
    let mut alone = Bench::new("NginxRoundRobin", &[], &[1.0]);
    assert_eq!(alone.request(Some(0)), [0]);
    assert_eq!(alone.request(None), [0]);
    for name in ["NginxRoundRobin", "NginxLeastConn"] {
        let mut pair = Bench::new(name, &[], &[1.0; 2]);
        for server in 0..2 {
            pair.sent(server);
            pair.ended(server, pair.request.now, true);
        }
        assert_eq!(pair.choose(&[]), None, "{name}");
        let mut forgiving = Bench::new(name, &[("max_fails", 0)], &[1.0; 2]);
        assert_eq!((0..3).map(|_| forgiving.request(Some(0))[0]).collect::<Vec<_>>(), [0, 1, 0], "{name}");
    }
}
