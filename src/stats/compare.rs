//! Two systems that met the same customers: is there a difference, how large is it, and how large is the ratio?
//!
//! All figures come in pairs, one of each system per replication under common random numbers. The p-values belong to the
//! hypothesis that the true values are equal, against both sides; they are exact where the differences are normal.

use super::interval::{Interval, PairedDifference, error_around, interval_around, mean_interval, paired_difference, two_sided};
use super::sample::mean;
use super::student::t_two_sided_p;

/// The difference of two systems with the evidence against there being none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedTest {
    /// The difference a - b with its interval.
    pub difference: PairedDifference,
    /// The probability of a difference at least as far from 0, if in truth there is none. It is at most 1 - level exactly where
    /// the interval leaves 0 out, but for rounding.
    pub p_value: f64,
}

/// The estimate of one system where it is not the mean of its replications, such as a quantile of the merged histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Centre {
    /// The point estimate.
    pub value: f64,
    /// How far it may be off by rounding, such as half the width of its bucket ([`super::QuantileEstimate::bin_error`]); at
    /// least 0.
    pub error: f64,
}

/// The paired t test of the means of a and b (Student 1908; Law 2015, section 10.2.1): t = D / (S / sqrt(n)) with n - 1
/// degrees, where D and S are the mean and the standard deviation of the n differences.
///
/// Where all differences are equal there is no spread to judge by: the p-value is 1 if they are 0 and 0 if they are not.
///
/// Nothing where the lengths differ, for fewer than two pairs, for a figure that is not finite, or a level not strictly
/// between 0 and 1.
#[must_use]
pub fn paired_test(a: &[f64], b: &[f64], level: f64) -> Option<PairedTest> {
    let difference = paired_difference(a, b, level)?;
    let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    Some(PairedTest { difference, p_value: zero_p(&differences)? })
}

/// The paired test by sectioning (Asmussen & Glynn 2007, chapter III): the difference D is that of the two centres, its
/// standard error comes from the distances of the differences a - b of the replications from D, with n - 1 degrees.
///
/// The errors of the centres by rounding, added up, widen the interval and are taken off |D| before it is held against its
/// standard error, so that no difference is found that the buckets may have made. Nothing where [`paired_test`] gives nothing or
/// a centre is not finite or has a negative error.
#[must_use]
pub fn paired_test_around(a: &[f64], b: &[f64], centre_a: Centre, centre_b: Centre, level: f64) -> Option<PairedTest> {
    let mut difference = paired_difference(a, b, level)?;
    let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    let centre = centre_a.value - centre_b.value;
    let rounding = rounding(centre_a, centre_b, 1.0)?;
    difference.interval = interval_around(centre, &differences, level)?;
    difference.interval.half_width += rounding;
    let excess = (centre.abs() - rounding).max(0.0);
    Some(PairedTest { difference, p_value: p_value(excess, error_around(centre, &differences)?, differences.len())? })
}

/// The ratio of the means of a and b with its interval by the delta method on pairs: r = mean(a) / mean(b), plus or minus
/// t((1 + level)/2, n - 1) S / (sqrt(n) |mean(b)|), where S is the standard deviation of a - r b (Cochran 1977, section 6.3;
/// Asmussen & Glynn 2007, chapter III).
///
/// The coverage is that of the level for many pairs; it falls short where the mean of b is not many of its own standard errors
/// away from 0. Nothing where [`paired_test`] gives nothing or the mean of b is 0.
#[must_use]
pub fn paired_ratio(a: &[f64], b: &[f64], level: f64) -> Option<Interval> {
    if a.len() != b.len() {
        return None;
    }
    let exact = |value| Centre { value, error: 0.0 };
    paired_ratio_around(a, b, exact(mean(a)?), exact(mean(b)?), level)
}

/// The ratio of two centres with its interval: the delta method of [`paired_ratio`] with r the ratio of the centres, and the
/// distances of a - r b from 0, which is where the centres have it. Errors by rounding widen the interval, to first order by
/// `(e_a + |r| e_b) / |b|`. Nothing where [`paired_test_around`] gives nothing or the centre of b is 0.
#[must_use]
pub fn paired_ratio_around(a: &[f64], b: &[f64], centre_a: Centre, centre_b: Centre, level: f64) -> Option<Interval> {
    if a.len() != b.len() || centre_b.value == 0.0 {
        return None;
    }
    let ratio = centre_a.value / centre_b.value;
    let rest: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - ratio * y).collect();
    let spread = two_sided(level, rest.len().checked_sub(1)? as f64)? * error_around(0.0, &rest)?;
    let half_width = (spread + rounding(centre_a, centre_b, ratio.abs())?) / centre_b.value.abs();
    (ratio.is_finite() && half_width.is_finite()).then_some(Interval { mean: ratio, half_width, level, n: a.len() })
}

/// The interval of the mean of values and the p-value of the hypothesis that it is 0.
pub(super) fn zero_test(values: &[f64], level: f64) -> Option<(Interval, f64)> {
    Some((mean_interval(values, level)?, zero_p(values)?))
}

fn zero_p(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    // Exactly, whatever the rounding of the mean.
    let (centre, error) = if values.iter().all(|&value| value == first) {
        (first, 0.0)
    } else {
        (mean(values)?, error_around(mean(values)?, values)?)
    };
    p_value(centre, error, values.len())
}

/// The p-value of an estimate with its standard error over n values; nothing where one of them is not finite.
fn p_value(estimate: f64, error: f64, n: usize) -> Option<f64> {
    if !(estimate.is_finite() && error.is_finite()) {
        return None;
    }
    let t = if estimate == 0.0 { 0.0 } else { estimate / error };
    t_two_sided_p(t, n.checked_sub(1)? as f64)
}

/// What rounding may do to a - weight b.
fn rounding(a: Centre, b: Centre, weight: f64) -> Option<f64> {
    let sum = a.error + weight * b.error;
    (a.error >= 0.0 && b.error >= 0.0 && sum.is_finite()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 4] = [3.0, 5.0, 4.0, 8.0];
    const B: [f64; 4] = [2.0, 3.0, 3.0, 4.0];

    const fn exact(value: f64) -> Centre {
        Centre { value, error: 0.0 }
    }

    /// Differences 1, 2, 1, 4: mean 2, variance 2, so t = 2 / sqrt(2/4) = sqrt(8) with 3 degrees.
    #[test]
    fn a_test_by_hand() {
        let test = paired_test(&A, &B, 0.95).unwrap();
        assert_eq!(test.difference.interval.mean, 2.0);
        let expected = t_two_sided_p(8f64.sqrt(), 3.0).unwrap();
        assert!((test.p_value - expected).abs() < 1e-15);
        // By the closed form for 3 degrees: 1 - 2/pi (angle + sin cos) with tan(angle) = sqrt(8/3).
        let angle = (8f64 / 3.0).sqrt().atan();
        let closed = 1.0 - 2.0 / std::f64::consts::PI * (angle + angle.sin() * angle.cos());
        assert!((test.p_value - closed).abs() < 1e-14);
    }

    #[test]
    fn the_p_value_is_the_level_at_which_the_interval_touches_0() {
        let p = paired_test(&A, &B, 0.95).unwrap().p_value;
        let at = |level| paired_test(&A, &B, level).unwrap().difference.interval.contains(0.0);
        assert!(!at(1.0 - p * 1.000_001) && at(1.0 - p * 0.999_999));
        let (a, b) = (Centre { value: 4.5, error: 0.3 }, Centre { value: 3.0, error: 0.2 });
        let p = paired_test_around(&A, &B, a, b, 0.95).unwrap().p_value;
        let at = |level| paired_test_around(&A, &B, a, b, level).unwrap().difference.interval.contains(0.0);
        assert!(!at(1.0 - p * 1.000_001) && at(1.0 - p * 0.999_999));
    }

    #[test]
    fn without_spread_the_answer_is_certain() {
        let test = |a: &[f64], b: &[f64]| paired_test(a, b, 0.95).unwrap().p_value;
        assert_eq!(test(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), 1.0);
        assert_eq!(test(&[1.5, 2.5, 3.5], &[1.0, 2.0, 3.0]), 0.0);
        // Seven times 0.1 does not add up to 0.7.
        assert_eq!(test(&[0.1; 7], &[0.0; 7]), 0.0);
        let around = |a, b| paired_test_around(&[2.0; 3], &[1.0; 3], a, b, 0.95).unwrap().p_value;
        assert_eq!(around(exact(2.0), exact(1.0)), 0.0);
        // What a bucket may have made is no difference.
        assert_eq!(around(Centre { value: 2.0, error: 0.5 }, Centre { value: 1.0, error: 0.5 }), 1.0);
    }

    #[test]
    fn around_the_means_nothing_changes() {
        let (plain, around) = (paired_test(&A, &B, 0.9), paired_test_around(&A, &B, exact(5.0), exact(3.0), 0.9));
        let (plain, around) = (plain.unwrap(), around.unwrap());
        assert!((plain.p_value - around.p_value).abs() < 1e-15);
        assert!((plain.difference.interval.half_width - around.difference.interval.half_width).abs() < 1e-14);
        // Off the means by 1, the squared distances 4, 1, 4 and 1 grow from 6 to 10.
        let off = paired_test_around(&A, &B, exact(6.0), exact(3.0), 0.9).unwrap();
        assert!((off.difference.interval.half_width / plain.difference.interval.half_width - (10f64 / 6.0).sqrt()).abs() < 1e-14);
    }

    /// Means 5 and 3, r = 5/3; a - r b is -1/3, 0, -1, 4/3, whose squares add up to 26/9.
    #[test]
    fn a_ratio_by_hand() {
        let ratio = paired_ratio(&A, &B, 0.95).unwrap();
        let t = two_sided(0.95, 3.0).unwrap();
        assert!((ratio.mean - 5.0 / 3.0).abs() < 1e-15 && ratio.n == 4);
        assert!((ratio.half_width - t * (26f64 / 9.0 / 3.0 / 4.0).sqrt() / 3.0).abs() < 1e-14);
        let coarse = Centre { value: 3.0, error: 0.3 };
        let wider = paired_ratio_around(&A, &B, exact(5.0), coarse, 0.95).unwrap();
        assert!((wider.half_width - ratio.half_width - 5.0 / 3.0 * 0.3 / 3.0).abs() < 1e-14);
        // Exactly proportional pairs leave no doubt.
        assert_eq!(paired_ratio(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0], 0.95).map(|ratio| ratio.half_width), Some(0.0));
    }

    #[test]
    fn too_little_gives_nothing() {
        assert_eq!(paired_test(&[1.0], &[2.0], 0.95), None);
        assert_eq!(paired_test(&A, &B[..3], 0.95), None);
        assert_eq!(paired_test(&[1.0, f64::NAN], &[2.0, 1.0], 0.95), None);
        assert_eq!(paired_test(&[1.0, f64::INFINITY], &[2.0, 1.0], 0.95), None);
        assert_eq!(paired_test_around(&A, &B, exact(f64::NAN), exact(1.0), 0.95), None);
        assert_eq!(paired_test_around(&A, &B, exact(1.0), Centre { value: 1.0, error: -1.0 }, 0.95), None);
        assert_eq!(paired_ratio(&[1.0, 2.0], &[-1.0, 1.0], 0.95), None);
        assert_eq!(paired_ratio(&[1.0, 2.0], &[1.0], 0.95), None);
        assert_eq!(paired_ratio(&[1.0], &[1.0], 0.95), None);
        assert_eq!(paired_ratio(&A, &B, 1.0), None);
    }
}
