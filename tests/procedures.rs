//! The procedures that compare systems keep what they promise, on data whose truth is known.
//!
//! Each test repeats an experiment with normal data and counts how often the promise was kept. The count is held against the
//! band that it leaves with probability 0.1 % if the promise is exact (`band`), or against that band's lower end, left with
//! 0.05 %, where the procedure promises "at least". Seeds are fixed. Each of these tests also shows that it could fail: a procedure
//! that never finds anything, or promises more than asked, does not pass.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use lbsim::random::{Role, Seed, Stream};
use lbsim::stats::order::coverage_band;
use lbsim::stats::{
    Centre, SelectionRule, factorial_effects, holm, kim_nelson, paired_ratio, paired_test, paired_test_around, rank_correlation,
    screen,
};

/// Experiments a test.
const TIMES: u32 = 2_000;

/// Between how many and how many of the experiments something of that probability happens, but for 0.05 % on either side.
fn band(probability: f64) -> (u64, u64) {
    coverage_band(u64::from(TIMES), probability, 0.999).expect("the arguments are in range")
}

/// In how many experiments something happens, each with a stream of its own.
fn count(seed: u64, mut happens: impl FnMut(&mut Stream) -> bool) -> u64 {
    (0..TIMES).map(|time| u64::from(happens(&mut Stream::new(Seed(seed), time, Role::Demand, 0)))).sum()
}

#[track_caller]
fn exactly(found: u64, probability: f64) {
    let (fewest, most) = band(probability);
    assert!((fewest..=most).contains(&found), "{found} of {TIMES}, expected {fewest} to {most}");
}

#[track_caller]
fn at_least(found: u64, probability: f64) {
    let (fewest, _) = band(probability);
    assert!(found >= fewest, "{found} of {TIMES}, expected {fewest} or more");
}

#[track_caller]
fn at_most(found: u64, probability: f64) {
    let (_, most) = band(probability);
    assert!(found <= most, "{found} of {TIMES}, expected {most} or fewer");
}

/// Normal figures of systems with these means and the standard deviation 1, `n` replications; any two of them have this
/// correlation, from what they share.
fn systems(stream: &mut Stream, means: &[f64], n: usize, correlation: f64) -> Vec<Vec<f64>> {
    let mut systems = vec![Vec::with_capacity(n); means.len()];
    let (common, own) = (correlation.sqrt(), (1.0 - correlation).sqrt());
    for _ in 0..n {
        let shared = common * stream.normal();
        for (system, mean) in systems.iter_mut().zip(means) {
            system.push(mean + shared + own * stream.normal());
        }
    }
    systems
}

fn p_value(a: &[f64], b: &[f64]) -> f64 {
    paired_test(a, b, 0.95).expect("there are pairs").p_value
}

#[test]
fn the_paired_test_errs_as_often_as_it_says() {
    for (n, correlation) in [(2, 0.0), (5, 0.9), (20, 0.0), (20, 0.95)] {
        for alpha in [0.05, 0.01] {
            let errors = count(1, |stream| {
                let pair = systems(stream, &[3.0, 3.0], n, correlation);
                p_value(&pair[0], &pair[1]) <= alpha
            });
            exactly(errors, alpha);
        }
    }
}

/// A difference of half a standard deviation over 20 replications: with correlation 0.95 the test always finds it, without it
/// seldom does (power 0.33 by the non-central t).
#[test]
fn common_random_numbers_find_what_independent_ones_miss() {
    let found = |correlation| {
        count(2, |stream| {
            let pair = systems(stream, &[0.5, 0.0], 20, correlation);
            p_value(&pair[0], &pair[1]) <= 0.05
        })
    };
    assert!(found(0.95) > 1_990 && (500..900).contains(&found(0.0)), "{} and {}", found(0.95), found(0.0));
}

/// Medians of 41 observations a replication, all 20 replications merged for the point: the sectioned test of two systems that
/// share half of the variance of their noise.
#[test]
fn the_sectioned_test_errs_as_often_as_it_says() {
    let median = |mut values: Vec<f64>| {
        let middle = values.len() / 2;
        *values.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    let errors = count(3, |stream| {
        let runs: Vec<Vec<Vec<f64>>> = (0..20).map(|_| systems(stream, &[0.0, 0.0], 41, 0.5)).collect();
        let each = |system: usize| runs.iter().map(|run| median(run[system].clone())).collect::<Vec<_>>();
        let merged = |system: usize| median(runs.iter().flat_map(|run| run[system].iter().copied()).collect());
        let centre = |system| Centre { value: merged(system), error: 0.0 };
        paired_test_around(&each(0), &each(1), centre(0), centre(1), 0.95).expect("there are pairs").p_value <= 0.05
    });
    exactly(errors, 0.05);
}

/// Normal figures with means 6 and 4 and standard deviation 1: the mean of b is 18 of its standard errors away from 0.
#[test]
fn the_interval_of_a_ratio_covers_it() {
    for correlation in [0.0, 0.8] {
        let covered = count(4, |stream| {
            let pair = systems(stream, &[6.0, 4.0], 20, correlation);
            paired_ratio(&pair[0], &pair[1], 0.95).expect("there are pairs").contains(1.5)
        });
        exactly(covered, 0.95);
    }
}

/// Whether Holm at 5 % rejects one of the hypotheses that are true: systems compared with the first, whose figures are
/// in every comparison, so that the test statistics are correlated.
fn false_rejection(stream: &mut Stream, means: &[f64]) -> bool {
    let systems = systems(stream, means, 10, 0.5);
    let p_values: Vec<f64> = systems[1..].iter().map(|system| p_value(system, &systems[0])).collect();
    holm(&p_values, 0.05).iter().zip(&means[1..]).any(|(&rejected, mean)| rejected && *mean == means[0])
}

#[test]
fn holm_keeps_false_rejections_among_all_below_alpha() {
    let global = count(5, |stream| false_rejection(stream, &[1.0; 7]));
    at_most(global, 0.05);
    // Three of six differ, by much, so that what is left is tested at 5 % / 3 and Holm uses most of its alpha.
    let partial = count(6, |stream| false_rejection(stream, &[1.0, 1.0, 1.0, 1.0, 6.0, 6.0, 6.0]));
    at_most(partial, 0.05);
    assert!(global > 40 && partial > 40, "correlated as they are, some are rejected: {global} and {partial}");
    // One by one at 5 %, they would be wrong more often.
    let naive = count(5, |stream| {
        let systems = systems(stream, &[1.0; 7], 10, 0.5);
        systems[1..].iter().any(|system| p_value(system, &systems[0]) <= 0.05)
    });
    assert!(naive > band(0.05).1, "{naive}");
}

/// Six independent tests: under the global null Holm is wrong with probability 1 - (1 - 0.05/6)^6 = 0.0490.
#[test]
fn holm_on_independent_tests_is_almost_exact() {
    let errors = count(7, |stream| {
        let p_values: Vec<f64> =
            (0..6).map(|_| systems(stream, &[0.0, 0.0], 10, 0.0)).map(|pair| p_value(&pair[0], &pair[1])).collect();
        holm(&p_values, 0.05).contains(&true)
    });
    exactly(errors, 1.0 - (1.0 - 0.05 / 6.0_f64).powi(6));
}

/// With two equal systems each is dropped with exactly 5 %. With six, and with a best that is better by little, the best
/// stays with at least 95 %.
#[test]
fn screening_keeps_the_best() {
    let kept = |seed, means: &[f64], smallest, best: usize| {
        count(seed, |stream| screen(&systems(stream, means, 12, 0.6), smallest, 0.95).expect("figures").contains(&best))
    };
    exactly(kept(8, &[1.0, 1.0], true, 0), 0.95);
    exactly(kept(9, &[1.0, 1.0], false, 1), 0.95);
    at_least(kept(10, &[2.0; 6], true, 3), 0.95);
    at_least(kept(11, &[2.0, 2.0, 2.0, 2.1, 2.0, 2.0], false, 3), 0.95);
    // What is worse by much goes: the promise is not kept by keeping everything.
    let others = kept(12, &[2.0, 2.0, 4.0, 2.0, 2.0, 2.0], true, 2);
    assert!(others < 20, "{others}");
}

const RULE: SelectionRule = SelectionRule { probability: 0.95, indifference: 0.5, smallest_is_best: false, first_stage: 10 };

/// The place selected, and after how many replications, simulated 20 at a time as a sweep would.
fn select(stream: &mut Stream, means: &[f64], correlation: f64, rule: &SelectionRule) -> (usize, usize) {
    let mut figures = vec![Vec::new(); means.len()];
    let mut alive: Vec<usize> = (0..means.len()).collect();
    loop {
        // What was dropped gets no more replications.
        let more = systems(stream, means, 20, correlation);
        alive.iter().for_each(|&system| figures[system].extend(&more[system]));
        let selection = kim_nelson(&figures, rule).expect("the rule is sensible");
        if let Some(best) = selection.decided {
            return (best, selection.replications);
        }
        alive = selection.alive;
    }
}

/// The slippage configuration, the hardest that the promise covers: one system is better than all others by exactly the
/// indifference.
#[test]
fn the_sequential_selection_finds_the_best_in_the_slippage_configuration() {
    for (k, correlation) in [(2, 0.0), (2, 0.6), (5, 0.0), (5, 0.6)] {
        let mut means = vec![1.0; k];
        means[1] = 1.5;
        let right = count(13, |stream| select(stream, &means, correlation, &RULE).0 == 1);
        at_least(right, 0.95);
        means[1] = 0.5;
        let smallest = SelectionRule { smallest_is_best: true, ..RULE };
        at_least(count(14, |stream| select(stream, &means, correlation, &smallest).0 == 1), 0.95);
    }
}

/// Every promise is kept, and a smaller one costs fewer replications.
#[test]
fn a_smaller_promise_costs_less() {
    let mut replications = [0, 0];
    let means = [0.0, 0.5, 0.0];
    for (probability, used) in [0.7, 0.99].into_iter().zip(&mut replications) {
        let rule = SelectionRule { probability, ..RULE };
        let right = count(15, |stream| {
            let (best, made) = select(stream, &means, 0.5, &rule);
            *used += made;
            best == 1
        });
        at_least(right, probability);
    }
    assert!(2 * replications[0] < replications[1], "{replications:?}");
}

/// Common random numbers pay: with a correlation of 0.8 the differences have a fifth of the variance. (The replications fall less
/// than that, for a first stage of ten is made in any case.)
#[test]
fn the_sequential_selection_is_faster_with_common_random_numbers() {
    let total = |correlation| {
        let mut total = 0;
        count(16, |stream| {
            total += select(stream, &[0.0, 0.0, 0.5], correlation, &RULE).1;
            true
        });
        total
    };
    assert!(total(0.8) * 2 < total(0.0), "{} and {}", total(0.8), total(0.0));
}

/// A 3x2 layout with known effects and noise of which a part is shared by all cells of a replication.
#[test]
fn intervals_of_effects_cover_them() {
    // Rows -2, 0 and 2, columns -1 and 1, and 0.5 in the corner that the sums take away again.
    let interaction = [0.5, -0.5, 0.0, 0.0, -0.5, 0.5];
    let truth: Vec<f64> = (0..6).map(|cell| [-2.0, 0.0, 2.0][cell / 2] + [-1.0, 1.0][cell % 2] + interaction[cell]).collect();
    let mut covered = [0; 4];
    let mut false_alarms = 0;
    count(17, |stream| {
        let effects = factorial_effects(&[3, 2], &systems(stream, &truth, 8, 0.7), 0.95).expect("a factorial");
        covered[0] += u64::from(effects.grand_mean.contains(0.0));
        covered[1] += u64::from(effects.main[2].effect.shift.contains(2.0));
        covered[2] += u64::from(effects.main[3].effect.shift.contains(-1.0));
        covered[3] += u64::from(effects.interactions[5].effect.shift.contains(0.5));
        // The middle row has no effect.
        false_alarms += u64::from(effects.main[1].effect.p_value <= 0.05);
        true
    });
    covered.into_iter().for_each(|covered| exactly(covered, 0.95));
    exactly(false_alarms, 0.05);
}

/// Under no relation the p-value is at most 5 % in at most 5 % of the experiments, for counted orders; where Student's t stands
/// in, in 5 %.
#[test]
fn rank_correlation_errs_as_often_as_it_says() {
    let errors = |seed, n| {
        count(seed, |stream| {
            let pair = systems(stream, &[0.0, 0.0], n, 0.0);
            rank_correlation(&pair[0], &pair[1]).expect("they vary").p_value <= 0.05
        })
    };
    at_most(errors(18, 6), 0.05);
    exactly(errors(19, 16), 0.05);
    exactly(errors(20, 64), 0.05);
    // A trend that bends is found like a straight one.
    let found = count(21, |stream| {
        let x: Vec<f64> = (0..16).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| (0.5 * x).exp() * (1.0 + stream.uniform())).collect();
        let found = rank_correlation(&x, &y).expect("they vary");
        found.rho > 0.8 && found.p_value < 0.001
    });
    at_least(found, 0.99);
}
