//! Tests of fit: Kolmogorov and Smirnov for continuous kinds, chi-square for the others.

use super::{ALPHA, continuous, stream};
use crate::random::{Distribution, InvalidDistribution, Stream};

const SAMPLES: usize = 200_000;

/// The distance between the empirical cdf and the exact one stays below the critical value sqrt(-ln(alpha / 2) / (2 n)) of
/// Kolmogorov's limit law (Knuth 1997, The Art of Computer Programming 2, section 3.3.1 B).
fn assert_fits(name: &str, samples: &mut [f64], cdf: impl Fn(f64) -> f64) {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let distances = samples.iter().enumerate().map(|(i, x)| {
        let exact = cdf(*x);
        (exact - i as f64 / n).max((i + 1) as f64 / n - exact)
    });
    let distance = distances.fold(0.0, f64::max);
    let critical = (-(ALPHA / 2.0).ln() / (2.0 * n)).sqrt();
    assert!(distance < critical, "{name}: distance {distance}, critical {critical}");
}

#[test]
fn continuous_kinds_fit_their_cdf() -> Result<(), InvalidDistribution> {
    for (index, distribution) in (0..).zip(continuous()?) {
        let mut samples = vec![0.0; SAMPLES];
        distribution.sample_into(&mut stream(index), &mut samples);
        assert_fits(&distribution.to_string(), &mut samples, |x| distribution.cdf(x));
    }
    Ok(())
}

/// Five times as many samples for the two samplers under nearly all others.
#[test]
fn ziggurats_fit_their_cdf() {
    let draw = |mut stream: Stream, how: fn(&mut Stream) -> f64| (0..5 * SAMPLES).map(|_| how(&mut stream)).collect();
    let mut samples: Vec<f64> = draw(stream(100), Stream::exponential);
    assert_fits("exponential", &mut samples, |x| -libm::expm1(-x));
    let mut samples: Vec<f64> = draw(stream(101), Stream::normal);
    assert_fits("normal", &mut samples, |x| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2));
    let mut samples: Vec<f64> = draw(stream(102), Stream::uniform);
    assert_fits("uniform", &mut samples, |x| x);
}

/// The tails alone, where the base strip ends: beyond 7.697 the exponential, beyond 3.654 the normal.
#[test]
fn tails_fit_their_cdf() {
    let tail = |mut stream: Stream, how: fn(&mut Stream) -> f64, from: f64| -> Vec<f64> {
        (0..20_000_000).map(|_| how(&mut stream).abs()).filter(|x| *x > from).collect()
    };
    let mut samples = tail(stream(103), Stream::exponential, 7.6);
    // 20 million times exp(-7.6) is 10009; 4 standard deviations are 400.
    assert!(samples.len().abs_diff(10_009) < 400, "{} in the tail", samples.len());
    assert_fits("exponential tail", &mut samples, |x| -libm::expm1(7.6 - x));
    let above = |x: f64| libm::erfc(x / std::f64::consts::SQRT_2);
    let mut samples = tail(stream(104), Stream::normal, 3.5);
    // 20 million times 4.6526e-4 is 9305.
    assert!(samples.len().abs_diff(9_305) < 390, "{} in the tail", samples.len());
    assert_fits("normal tail", &mut samples, |x| 1.0 - above(x) / above(3.5));
}

/// The sampler of the normal tail by itself, which the ziggurat asks once in 4,000 draws.
#[test]
fn the_normal_tail_fits_its_cdf() {
    use crate::random::ziggurat::NORMAL_TAIL;
    let above = |x: f64| libm::erfc(x / std::f64::consts::SQRT_2);
    let mut stream = stream(105);
    let mut samples: Vec<f64> = (0..5 * SAMPLES).map(|_| stream.normal_tail()).collect();
    assert_fits("normal tail by itself", &mut samples, |x| 1.0 - above(x) / above(NORMAL_TAIL));
}

/// Pearson's chi-square of counts against probabilities; its own cdf is that of a gamma number.
fn assert_counts_fit(name: &str, counts: &[u64], probs: &[f64]) {
    let total: u64 = counts.iter().sum();
    let terms = counts.iter().zip(probs).map(|(count, prob)| {
        let expected = total as f64 * prob;
        (*count as f64 - expected).powi(2) / expected
    });
    let (square, freedom) = (terms.sum::<f64>(), (counts.len() - 1) as f64);
    let chance = Distribution::gamma(freedom / 2.0, freedom).map_or(0.0, |gamma| 1.0 - gamma.cdf(square));
    assert!(chance > ALPHA, "{name}: chi-square {square} has chance {chance}");
}

#[test]
fn whole_numbers_are_even() {
    for bound in [2, 3, 10, 1000] {
        let mut stream = stream(bound);
        let mut counts = vec![0; bound as usize];
        for _ in 0..SAMPLES {
            counts[stream.below(bound) as usize] += 1;
        }
        assert_counts_fit(&format!("below {bound}"), &counts, &vec![1.0 / f64::from(bound); bound as usize]);
    }
}

/// Without Lemire's rejection, a third of the numbers below 3 2^30 would come up twice as often as the others.
#[test]
fn whole_numbers_below_a_large_bound_are_even() {
    const THIRD: u32 = 1 << 30;
    let mut stream = stream(0);
    let mut counts = [[0; 3]; 2];
    for _ in 0..SAMPLES {
        let number = stream.below(3 * THIRD);
        counts[0][(number / THIRD) as usize] += 1;
        counts[1][(number % 3) as usize] += 1;
    }
    for counts in counts {
        assert_counts_fit("below 3 2^30", &counts, &[1.0 / 3.0; 3]);
    }
}

#[test]
fn discrete_values_come_as_often_as_they_should() -> Result<(), InvalidDistribution> {
    let many: Vec<f64> = (1..=200).map(|i| f64::from(i) / 20_100.0).collect();
    for probs in [&[0.5, 0.25, 0.125, 0.125][..], &[0.9, 0.1], &[0.01, 0.01, 0.98], &many] {
        let values: Vec<f64> = (0..probs.len()).map(|i| i as f64).collect();
        let distribution = Distribution::discrete(&values, probs)?;
        let mut stream = stream(probs.len() as u32);
        let mut counts = vec![0; probs.len()];
        for _ in 0..SAMPLES {
            counts[distribution.sample(&mut stream) as usize] += 1;
        }
        assert_counts_fit("discrete", &counts, probs);
    }
    Ok(())
}
