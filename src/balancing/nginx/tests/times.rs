//! Least time. It was not measured: these are the rules of its source, worked out by hand.

use super::Bench;
use crate::units::Time;

const INFLIGHT: &[(&str, u64)] = &[("inflight", 1)];

/// A request of so many milliseconds that ends now.
fn took(bench: &mut Bench, server: u32, ms: u64, failed: bool) {
    bench.sent(server);
    let since = Time::from_nanos(bench.request.now.as_nanos() - ms * 1_000_000);
    bench.ended(server, since, failed);
}

fn scores(bench: &Bench) -> Vec<f64> {
    let candidates = crate::balancing::Candidates { eligible: &bench.eligible, excluded: &[] };
    let choice = crate::balancing::Choice::Nobody;
    let explanation = bench.algorithm.explain(&bench.request, &candidates, choice, bench.stream.clone());
    explanation.scores.iter().map(|score| score.value).collect()
}

fn at_1_minute(written: &'static [(&'static str, u64)], weights: &[f64]) -> Bench {
    let mut bench = Bench::new("NginxLeastTime", written, weights);
    bench.at_us(60_000_000);
    bench
}

#[test]
fn times_are_averaged_and_rounded_up() {
    let mut bench = at_1_minute(&[], &[1.0, 2.0]);
    assert_eq!(scores(&bench), [20.0, 10.0], "no answer yet counts as the first 20 ms");
    took(&mut bench, 0, 119, false);
    assert_eq!(scores(&bench)[0], 120.0);
    // 0.5 + 0.05 * 140 + 0.95 * 119 = 120.55, cut off to 120: the next multiple of 20 is 140.
    took(&mut bench, 0, 140, false);
    assert_eq!(scores(&bench)[0], 140.0);
    took(&mut bench, 1, 6_000, false);
    assert_eq!(scores(&bench)[1], 2_500.0, "above 5 s all are equal");
    bench.sent(0);
    assert_eq!(scores(&bench)[0], 280.0, "times 1 + connections");
}

#[test]
fn failures_are_no_fast_answers() {
    let mut bench = at_1_minute(&[("max_fails", 0)], &[1.0; 2]);
    (0..2).for_each(|server| took(&mut bench, server, 100, false));
    (0..50).for_each(|_| took(&mut bench, 0, 1, true));
    assert_eq!(scores(&bench), [120.0; 2]);
}

#[test]
fn a_slow_server_gets_another_chance() {
    let mut bench = at_1_minute(&[], &[1.0; 2]);
    took(&mut bench, 0, 30, false);
    took(&mut bench, 1, 150, false);
    assert_eq!((bench.choose(&[]), scores(&bench)), (Some(0), vec![40.0, 160.0]));
    // fail_timeout is 10 s: after 11 s the time counts half, after 22 s a quarter; the server that is used is checked.
    for (second, expected) in [(70, 160.0), (71, 80.0), (82, 40.0), (93, 20.0), (10_000, 20.0)] {
        bench.at_us(second * 1_000_000);
        bench.sent(0);
        bench.ended(0, bench.request.now, false);
        took(&mut bench, 0, 30, false);
        assert_eq!(scores(&bench)[1], expected, "after {second} s");
    }
}

#[test]
fn ties_take_turns() {
    let mut bench = at_1_minute(&[], &[5.0, 1.0, 1.0]);
    (0..3).for_each(|server| took(&mut bench, server, if server == 0 { 195 } else { 35 }, false));
    // 200 / 5 = 40 / 1: all tie, and every further answer keeps them there.
    let mut next = || {
        let server = bench.choose(&[]).expect("a server");
        took(&mut bench, server, if server == 0 { 195 } else { 35 }, false);
        server
    };
    assert_eq!([(); 14].map(|()| next()), [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn the_age_of_requests_in_flight_counts_if_asked() {
    for (written, two, one) in [(&[][..], 60.0, 1240.0), (INFLIGHT, 1260.0, 1240.0)] {
        let mut bench = at_1_minute(written, &[1.0; 2]);
        bench.sent(0);
        bench.at_us(60_400_000);
        bench.sent(0);
        bench.at_us(60_600_000);
        // Two are in flight, 600 ms and 200 ms old: 400 ms on average, rounded up to 420, times 1 + 2.
        assert_eq!(scores(&bench)[0], two);
        // The first ends, which makes the average response time 600 ms: 620, times 1 + 1.
        bench.ended(0, Time::from_nanos(60_000_000_000), false);
        assert_eq!(scores(&bench)[0], one);
    }
    let mut bench = at_1_minute(INFLIGHT, &[1.0; 2]);
    (0..2).for_each(|server| took(&mut bench, server, 100, false));
    bench.sent(0);
    // It does not answer: decision by decision its age goes into the average, the first time as it is.
    bench.at_us(60_300_000);
    assert_eq!((scores(&bench)[0], bench.choose(&[])), (640.0, Some(1)));
    bench.at_us(60_700_000);
    // 0.5 + 0.05 * 700 + 0.95 * 300 = 320.5, cut off to 320: 340, times 1 + 1.
    assert_eq!(scores(&bench)[0], 680.0);
}
