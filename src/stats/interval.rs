//! Confidence intervals of means and of differences of means.

use super::sample::{correlation, mean, sd, variance};
use super::student::t_quantile;

/// A two-sided confidence interval: `mean` plus or minus `half_width`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The point estimate, in the middle.
    pub mean: f64,
    /// Half the length, in the unit of the mean.
    pub half_width: f64,
    /// The nominal probability of covering the true value, such as 0.95.
    pub level: f64,
    /// How many observations (replications, batches, pairs) stand behind it.
    pub n: usize,
}

/// The difference of two strategies that met the same customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// The mean of a - b with its t interval over the pairs.
    pub interval: Interval,
    /// Pearson's correlation of the pairs; nothing where one side does not vary.
    pub correlation: Option<f64>,
    /// Var(a - b) / (Var a + Var b): below 1 the common random numbers helped. Nothing where neither side varies.
    pub variance_ratio: Option<f64>,
}

/// The difference of two independent samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchDifference {
    /// The difference of the means with its interval; `n` counts both samples.
    pub interval: Interval,
    /// Welch's degrees of freedom.
    pub degrees: f64,
}

impl Interval {
    /// The lower end.
    #[must_use]
    pub const fn lower(&self) -> f64 {
        self.mean - self.half_width
    }

    /// The upper end.
    #[must_use]
    pub const fn upper(&self) -> f64 {
        self.mean + self.half_width
    }

    /// Whether a value lies in it, ends included.
    #[must_use]
    pub const fn contains(&self, value: f64) -> bool {
        self.lower() <= value && value <= self.upper()
    }

    /// The half-width as a fraction of the size of the mean; not a number where the interval is the point 0.
    #[must_use]
    pub const fn relative_half_width(&self) -> f64 {
        self.half_width / self.mean.abs()
    }
}

/// The t interval of the mean of independent observations, mean +- t((1 + level)/2, n - 1) s / sqrt(n) (Student 1908;
/// Law 2015, chapter 4). Nothing for fewer than two observations or a level not strictly between 0 and 1.
#[must_use]
pub fn mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let standard_error = sd(values)? / (values.len() as f64).sqrt();
    let t = two_sided(level, (values.len() - 1) as f64)?;
    Some(Interval { mean: mean(values)?, half_width: t * standard_error, level, n: values.len() })
}

/// The t interval of values around a centre that is not their mean (sectioning, Asmussen & Glynn 2007, chapter III): their
/// spread is that of the squared distances from the centre, divided by n - 1. Nothing where [`mean_interval`] gives nothing.
pub(super) fn interval_around(centre: f64, values: &[f64], level: f64) -> Option<Interval> {
    let half_width = two_sided(level, values.len().checked_sub(1)? as f64)? * error_around(centre, values)?;
    Some(Interval { mean: centre, half_width, level, n: values.len() })
}

/// The standard error that stands in [`interval_around`]; nothing for fewer than two values.
pub(super) fn error_around(centre: f64, values: &[f64]) -> Option<f64> {
    let degrees = values.len().checked_sub(1).filter(|&degrees| degrees > 0)? as f64;
    let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
    Some((squares / degrees / values.len() as f64).sqrt())
}

/// The interval of the mean of a - b over pairs, one of each per replication under common random numbers (Law 2015,
/// chapter 10). Nothing where the lengths differ, for fewer than two pairs, or a level outside (0, 1).
#[must_use]
pub fn paired_difference(a: &[f64], b: &[f64], level: f64) -> Option<PairedDifference> {
    if a.len() != b.len() {
        return None;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    let independent = variance(a)? + variance(b)?;
    Some(PairedDifference {
        interval: mean_interval(&differences, level)?,
        correlation: correlation(a, b),
        variance_ratio: (independent > 0.0).then_some(variance(&differences)? / independent),
    })
}

/// The interval of the difference of the means of two independent samples, whose variances may differ (Welch 1938, with
/// the degrees of Satterthwaite 1946; Law 2015, chapter 10). Nothing where one has fewer than two observations or for
/// a level outside (0, 1).
#[must_use]
pub fn welch(a: &[f64], b: &[f64], level: f64) -> Option<WelchDifference> {
    let share_a = variance(a)? / a.len() as f64;
    let share_b = variance(b)? / b.len() as f64;
    let (rest_a, rest_b) = ((a.len() - 1) as f64, (b.len() - 1) as f64);
    let total = share_a + share_b;
    // Where neither varies the interval is a point, whatever the degrees.
    let degrees =
        if total > 0.0 { total * total / (share_a * share_a / rest_a + share_b * share_b / rest_b) } else { rest_a + rest_b };
    let half_width = two_sided(level, degrees)? * total.sqrt();
    let interval = Interval { mean: mean(a)? - mean(b)?, half_width, level, n: a.len() + b.len() };
    Some(WelchDifference { interval, degrees })
}

/// The factor t((1 + level)/2, degrees) of a two-sided interval; nothing for a level not strictly between 0 and 1.
#[must_use]
pub fn two_sided(level: f64, degrees: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    // By the lower tail, which a level near 1 leaves its digits.
    t_quantile((1.0 - level) / 2.0, degrees).map(f64::abs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_ends() {
        let interval = mean_interval(&[1.0, 2.0, 3.0], 0.95).unwrap();
        assert_eq!((interval.mean, interval.n), (2.0, 3));
        assert!((interval.half_width - 4.302_652_729_7 / 3f64.sqrt()).abs() < 1e-9);
        assert!(interval.contains(interval.upper()) && interval.contains(interval.lower()) && !interval.contains(5.0));
        assert!((interval.relative_half_width() * 2.0 - interval.half_width).abs() < 1e-15);
    }

    #[test]
    fn too_little_gives_nothing() {
        assert_eq!(mean_interval(&[1.0], 0.95), None);
        assert_eq!(mean_interval(&[1.0, 2.0], 1.0), None);
        assert_eq!(paired_difference(&[1.0, 2.0], &[1.0], 0.95), None);
        assert_eq!(welch(&[1.0, 2.0], &[1.0], 0.95), None);
    }

    #[test]
    fn equal_constants_differ_by_a_point() {
        let pair = paired_difference(&[1.0, 1.0], &[1.0, 1.0], 0.95).unwrap();
        assert_eq!((pair.interval.half_width, pair.correlation, pair.variance_ratio), (0.0, None, None));
        assert_eq!(welch(&[3.0, 3.0], &[1.0, 1.0], 0.95).unwrap().interval.half_width, 0.0);
    }

    #[test]
    fn welch_of_equal_samples_has_the_pooled_degrees() {
        let sample = [1.0, 2.0, 4.0, 8.0];
        assert!((welch(&sample, &sample, 0.9).unwrap().degrees - 6.0).abs() < 1e-12);
    }
}
