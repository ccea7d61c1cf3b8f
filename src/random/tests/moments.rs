//! Means and variances of many samples against the exact ones, and blocks against single samples.

use super::{examples, stream};
use crate::random::{InvalidDistribution, SpanDistribution};
use crate::units::Span;

const SAMPLES: usize = 400_000;

/// Mean and variance of the samples lie within 4.5 standard errors of the exact ones (two-sided chance 7e-6 each, if normal).
/// The error of the variance comes from the samples' fourth moment. Infinite variances are left to the tests of fit.
#[test]
fn sample_moments_agree_with_exact_ones() -> Result<(), InvalidDistribution> {
    for (index, distribution) in (0..).zip(examples()?) {
        if distribution.scv() == 0.0 || distribution.scv() > 1e3 {
            continue;
        }
        let mut samples = vec![0.0; SAMPLES];
        distribution.sample_into(&mut stream(index), &mut samples);
        let mean_of = |of: &dyn Fn(f64) -> f64| samples.iter().map(|x| of(*x)).sum::<f64>() / SAMPLES as f64;
        let (mean, variance) = (distribution.mean(), distribution.scv() * distribution.mean() * distribution.mean());
        let off = (mean_of(&|x| x) - mean) / (variance / SAMPLES as f64).sqrt();
        assert!(off.abs() < 4.5, "{distribution}: the mean is off by {off} standard errors");
        let found = mean_of(&|x| (x - mean).powi(2));
        let fourth = mean_of(&|x| (x - mean).powi(4));
        let off = (found - variance) / ((fourth - found * found) / SAMPLES as f64).sqrt();
        assert!(off.abs() < 4.5, "{distribution}: the variance is off by {off} standard errors");
    }
    Ok(())
}

/// The normal number, which no distribution shows as it is: its first four moments 0, 1, 0, 3 within 4.5 standard errors.
#[test]
fn normal_moments() {
    let mut stream = stream(0);
    let samples: Vec<f64> = (0..SAMPLES).map(|_| stream.normal()).collect();
    for (power, moment, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let mean = samples.iter().map(|x| x.powi(power)).sum::<f64>() / SAMPLES as f64;
        let off = (mean - moment) / f64::sqrt(variance / SAMPLES as f64);
        assert!(off.abs() < 4.5, "moment {power} is off by {off} standard errors");
    }
}

#[test]
fn samples_are_finite_and_not_negative() -> Result<(), InvalidDistribution> {
    for distribution in examples()? {
        let mut stream = stream(1);
        for _ in 0..10_000 {
            let x = distribution.sample(&mut stream);
            assert!(x.is_finite() && x >= distribution.quantile(0.0) && x <= distribution.quantile(1.0), "{distribution}: {x}");
        }
    }
    Ok(())
}

/// A block has the bits of single samples, and leaves the stream where they leave it.
#[test]
fn blocks_are_single_samples() -> Result<(), InvalidDistribution> {
    for distribution in examples()? {
        let spans = SpanDistribution::from_nanos(distribution.clone());
        let mut streams = [stream(2), stream(2), stream(2)];
        for length in [0, 1, 7, 256, 5000] {
            let (mut numbers, mut durations) = (vec![0.0; length], vec![Span::ZERO; length]);
            distribution.sample_into(&mut streams[0], &mut numbers);
            spans.fill(&mut streams[1], &mut durations);
            for (number, duration) in numbers.iter().zip(&durations) {
                let single = distribution.sample(&mut streams[2]);
                assert_eq!(single.to_bits(), number.to_bits(), "{distribution}");
                assert_eq!(Span::from_nanos_f64(single), *duration, "{distribution}");
            }
            assert!(streams[0] == streams[2] && streams[1] == streams[2], "{distribution}");
        }
    }
    Ok(())
}
