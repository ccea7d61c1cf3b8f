//! Draws, by one and by two.

use super::Bench;

const TWO: &[(&str, u64)] = &[("two", 1)];

/// How often each of the servers is chosen.
fn shares(bench: &mut Bench, requests: u32) -> Vec<u32> {
    let mut shares = vec![0; 4];
    (0..requests).for_each(|_| shares[bench.choose(&[]).expect("a server") as usize] += 1);
    shares
}

/// Within 4.5 standard errors: wrong in 7 of a million; the seed is fixed.
#[track_caller]
fn assert_shares(shares: &[u32], probabilities: [f64; 4]) {
    let total = f64::from(shares.iter().sum::<u32>());
    for (share, p) in shares.iter().zip(probabilities) {
        let off = (f64::from(*share) - total * p).abs();
        assert!(off <= 4.5 * (total * p * (1.0 - p)).sqrt(), "{shares:?}");
    }
}

#[test]
fn draws_follow_the_weights() {
    let mut bench = Bench::new("NginxRandom", &[], &[4.0, 3.0, 2.0, 1.0]);
    assert_shares(&shares(&mut bench, 40_000), [0.4, 0.3, 0.2, 0.1]);
    bench.withdraw(0);
    // A draw of a server that left is repeated: 0.4^21 of the requests go on to round robin.
    assert_shares(&shares(&mut bench, 40_000), [0.0, 0.5, 1.0 / 3.0, 1.0 / 6.0]);
}

/// Two different servers are drawn: the busiest of all is never taken, and of two servers never the busier.
#[test]
fn of_two_the_less_loaded_is_taken() {
    let mut bench = Bench::new("NginxRandom", TWO, &[1.0; 4]);
    for (server, conns) in [(0, 3), (1, 2), (2, 1)] {
        (0..conns).for_each(|_| bench.sent(server));
    }
    // Of the six pairs, server 3 wins three, server 2 two, server 1 one.
    assert_shares(&shares(&mut bench, 40_000), [0.0, 1.0 / 6.0, 1.0 / 3.0, 0.5]);
    let mut weighted = Bench::new("NginxRandom", TWO, &[4.0, 1.0]);
    (0..3).for_each(|_| weighted.sent(0));
    weighted.sent(1);
    assert_eq!([(); 50].map(|()| weighted.choose(&[])), [Some(0); 50], "3/4 < 1/1");
}

/// The second of a tie is taken, and the second of two different ones drawn by weight is the light one more often than not.
#[test]
fn ties_go_to_the_second_drawn() {
    let mut bench = Bench::new("NginxRandom", TWO, &[9.0, 1.0, 1e-6, 1e-6]);
    (2..4).for_each(|server| bench.withdraw(server));
    // Servers 2 and 3 weigh 1 and never count; 0 is drawn first in 9 of 10 requests, so 1 comes second in as many, unless 21 draws
    // miss it: each does with probability 11/12.
    let missed = libm::pow(11.0 / 12.0, 21.0);
    let ones = f64::from(shares(&mut bench, 40_000)[1]) / 40_000.0;
    assert!(ones > 0.9 - 0.9 * missed - 0.02 && ones < 0.9, "{ones}");
}

/// Only one can be used: no second is found, and round robin takes it.
#[test]
fn where_draws_are_futile_round_robin_decides() {
    for written in [&[][..], TWO] {
        let mut bench = Bench::new("NginxRandom", written, &[1.0, 1.0, 1.0, 1000.0]);
        bench.withdraw(3);
        let shares = shares(&mut bench, 300);
        assert!(shares[3] == 0 && shares[..3].iter().all(|share| *share > 90), "{shares:?}");
        assert_eq!(bench.choose(&[0, 1]), Some(2));
        assert_eq!(bench.choose(&[0, 1, 2]), None);
    }
}
