//! Means, deviations and quantiles against numbers from elsewhere, and against each other.

use super::{continuous, examples};
use crate::random::{Distribution, InvalidDistribution};

fn close(what: &str, left: f64, right: f64, tolerance: f64) {
    assert!((left - right).abs() <= tolerance * right.abs(), "{what}: {left} is not {right}");
}

/// Theory case S18, "sampling distributions: mean, standard deviation and p99" (closed forms, Law 2015, chapter 6): mean,
/// standard deviation and, where the case gives one, the quantile at 0.99.
#[test]
fn theory_case_s18() -> Result<(), InvalidDistribution> {
    let lognormal_cv = 3f64.sqrt();
    let cases = [
        (Distribution::exponential(2.0)?, 2.0, 2.0, None),
        (Distribution::erlang(4, 2.0)?, 2.0, 1.0, Some(5.022_558_757_42)),
        (Distribution::hyperexponential(&[0.9, 0.1], &[0.5, 5.5])?, 1.0, 2.345_207_879_91, None),
        (Distribution::log_normal(2.0, lognormal_cv)?, 2.0, 3.464_101_615_14, Some(15.472_516_217_1)),
        (Distribution::pareto(3.5, 1.0)?, 1.4, 0.611_010_092_661, Some(3.727_593_720_31)),
        (Distribution::bounded_pareto(1.5, 1.0, 1000.0)?, 2.905_223_541_43, 9.134_052_288_16, Some(21.499_498_607_2)),
        (Distribution::weibull(0.5, 1.0)?, 2.0, 4.472_135_955, Some(21.207_592_441_9)),
    ];
    for (distribution, mean, deviation, p99) in cases {
        let name = distribution.to_string();
        close(&name, distribution.mean(), mean, 1e-11);
        close(&name, distribution.mean() * distribution.scv().sqrt(), deviation, 1e-11);
        if let Some(p99) = p99 {
            close(&name, distribution.quantile(0.99), p99, 1e-9);
        }
    }
    Ok(())
}

/// The kinds that S18 leaves out, by hand.
#[test]
fn means_and_variations_by_hand() -> Result<(), InvalidDistribution> {
    let cases = [
        (Distribution::constant(2.5)?, 2.5, 0.0),
        (Distribution::constant(0.0)?, 0.0, 0.0),
        (Distribution::uniform(1.0, 3.0)?, 2.0, 1.0 / 12.0),
        (Distribution::gamma(0.25, 3.0)?, 3.0, 4.0),
        (Distribution::weibull_with_mean(2.0, 5.0)?, 5.0, 4.0 / std::f64::consts::PI - 1.0),
        (Distribution::pareto(2.0, 1.0)?, 2.0, f64::INFINITY),
        // The mean of 1 / x between 1 and e is e / (e - 1), and its second moment e.
        (Distribution::bounded_pareto(1.0, 1.0, std::f64::consts::E)?, 1.581_976_706_869_326_3, 0.086_161_269_630_487_56),
        // Values 0 and 4, a quarter for the second.
        (Distribution::discrete(&[0.0, 4.0], &[0.75, 0.25])?, 1.0, 3.0),
        // Mean 1/2 + 1 = 3/2; variance 1/2 + 2 + 1/4.
        (Distribution::hyperexponential(&[0.5, 0.5], &[1.0, 2.0])?, 1.5, 2.75 / 2.25),
    ];
    for (distribution, mean, scv) in cases {
        let name = distribution.to_string();
        close(&name, distribution.mean(), mean, 1e-14);
        assert!(distribution.scv() == scv || (distribution.scv() / scv - 1.0).abs() < 1e-13, "{name}: {}", distribution.scv());
    }
    Ok(())
}

/// The mean is the integral of the quantile function; here by the midpoints of equal steps of probability, which leave out a
/// part of the tail.
#[test]
fn means_are_integrals_of_quantiles() -> Result<(), InvalidDistribution> {
    const STEPS: u32 = 2_000;
    for distribution in continuous()?.iter().filter(|distribution| distribution.scv() < 5.0) {
        let middle = |i: u32| (f64::from(i) + 0.5) / f64::from(STEPS);
        let integral = (0..STEPS).map(|i| distribution.quantile(middle(i))).sum::<f64>() / f64::from(STEPS);
        close(&distribution.to_string(), integral, distribution.mean(), 1e-2);
    }
    Ok(())
}

#[test]
fn quantiles_invert_the_cdf() -> Result<(), InvalidDistribution> {
    for distribution in continuous()? {
        for p in [1e-6, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999_999] {
            let back = distribution.cdf(distribution.quantile(p));
            assert!((back - p).abs() < 1e-9, "{distribution} at {p}: {back}");
        }
    }
    Ok(())
}

#[test]
fn the_ends_of_every_kind() -> Result<(), InvalidDistribution> {
    for distribution in examples()? {
        let (first, last) = (distribution.quantile(0.0), distribution.quantile(1.0));
        assert!(first >= 0.0 && first <= distribution.mean() && last >= distribution.mean(), "{distribution}: {first} to {last}");
        assert_eq!(distribution.cdf(last), 1.0, "{distribution}");
        assert_eq!(distribution.cdf(f64::INFINITY), 1.0, "{distribution}");
        assert_eq!(distribution.cdf(-1.0), 0.0, "{distribution}");
        assert_eq!(distribution.cdf(f64::NEG_INFINITY), 0.0, "{distribution}");
        assert!(distribution.cdf(f64::NAN).is_nan(), "{distribution}");
        for p in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(distribution.quantile(p).is_nan(), "{distribution}");
        }
    }
    Ok(())
}

#[test]
fn quantiles_of_a_discrete_one_are_its_values() -> Result<(), InvalidDistribution> {
    let distribution = Distribution::discrete(&[4.0, 0.0, 1.0, 9.0], &[0.25, 0.25, 0.5, 0.0])?;
    for (p, value) in [(0.0, 0.0), (0.25, 0.0), (0.26, 1.0), (0.75, 1.0), (0.76, 4.0), (1.0, 4.0)] {
        assert_eq!(distribution.quantile(p), value, "{p}");
    }
    for (x, p) in [(-0.1, 0.0), (0.0, 0.25), (0.9, 0.25), (1.0, 0.75), (4.0, 1.0)] {
        assert_eq!(distribution.cdf(x), p, "{x}");
    }
    Ok(())
}

/// A large shape needs many terms of the incomplete gamma function; the median of a gamma number is near shape - 1/3.
#[test]
fn large_shapes_keep_their_quantiles() -> Result<(), InvalidDistribution> {
    close("gamma", Distribution::gamma(1e6, 1e6)?.quantile(0.5), 1e6 - 1.0 / 3.0, 1e-9);
    close("Erlang", Distribution::erlang(10_000, 1e4)?.quantile(0.5), 1e4 - 1.0 / 3.0, 1e-8);
    Ok(())
}
