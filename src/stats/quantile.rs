//! A quantile over replications, with its interval.

use super::histogram::Histogram;
use super::interval::{Interval, interval_around};

/// A quantile is shown only where at least this many observations lie beyond it.
pub const FEWEST_BEYOND: u64 = 100;

/// A quantile of the observations of all replications together, in the unit recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileEstimate {
    /// Its probability.
    pub p: f64,
    /// The point: the midpoint of its bucket in the merged histogram.
    pub value: f64,
    /// Half the width of that bucket, contained in the interval.
    pub bin_error: f64,
    /// Observations beyond the quantile, on the side of the nearer tail.
    pub beyond: u64,
    /// The interval centred on the point; nothing for fewer than two replications.
    pub interval: Option<Interval>,
}

/// Why there is no quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoQuantile {
    /// Nothing was observed.
    NoObservations,
    /// Fewer than [`FEWEST_BEYOND`] observations lie beyond it: any figure would be a guess.
    TooFewBeyond {
        /// How many there were.
        beyond: u64,
    },
    /// The probability or the level is out of range.
    OutOfRange,
}

impl std::fmt::Display for NoQuantile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoObservations => write!(f, "no observations"),
            Self::TooFewBeyond { beyond } => write!(f, "too few observations: {beyond} beyond it, {FEWEST_BEYOND} needed"),
            Self::OutOfRange => write!(f, "a probability must be from 0 to 1, a level between 0 and 1"),
        }
    }
}

impl std::error::Error for NoQuantile {}

/// Estimates the quantile of probability `p` from the `merged` histogram of all replications and the quantile that each
/// of the replications has of its own, `each` in the order of their index (those that observed nothing left out).
///
/// The interval is by sectioning (Asmussen & Glynn 2007, chapter III): the point of the merged sample, plus or minus
/// t((1 + level)/2, R - 1) S / sqrt(R), where S^2 is the sum of the squared distances from the quantiles of the R
/// replications to the point of the merged sample, divided by R - 1. Half the width of the bucket of the point is added.
///
/// # Errors
/// [`NoQuantile`] where nothing was observed, too little lies beyond the quantile, or an argument is out of range.
pub fn estimate_quantile(p: f64, level: f64, merged: &Histogram, each: &[f64]) -> Result<QuantileEstimate, NoQuantile> {
    if !((0.0..=1.0).contains(&p) && level > 0.0 && level < 1.0) {
        return Err(NoQuantile::OutOfRange);
    }
    let point = merged.quantile(p).ok_or(NoQuantile::NoObservations)?;
    let beyond = point.beyond(p);
    if beyond < FEWEST_BEYOND {
        return Err(NoQuantile::TooFewBeyond { beyond });
    }
    let bin_error = point.bin_error();
    let interval = interval_around(point.value, each, level).map(|mut interval| {
        interval.half_width += bin_error;
        interval
    });
    Ok(QuantileEstimate { p, value: point.value, bin_error, beyond, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three replications of 1,000 numbers below 256, where buckets are exact.
    fn replications() -> Vec<Histogram> {
        (0..3u64)
            .map(|run| {
                let mut histogram = Histogram::new();
                (0..1_000u64).for_each(|k| histogram.record(k / 5 + 10 * run));
                histogram
            })
            .collect()
    }

    fn merged(runs: &[Histogram]) -> Histogram {
        let mut whole = Histogram::new();
        runs.iter().for_each(|run| whole.merge(run));
        whole
    }

    fn each(runs: &[Histogram], p: f64) -> Vec<f64> {
        runs.iter().filter_map(|run| run.quantile(p)).map(|quantile| quantile.value).collect()
    }

    #[test]
    fn sectioning_is_centred_on_the_merged_point() {
        let runs = replications();
        let each = each(&runs, 0.5);
        assert_eq!(each, [99.0, 109.0, 119.0]);
        let median = estimate_quantile(0.5, 0.95, &merged(&runs), &each).unwrap();
        assert_eq!((median.value, median.beyond, median.bin_error), (109.0, 1_500, 0.0));
        let interval = median.interval.unwrap();
        assert!((interval.half_width - 4.302_652_729_749_46 * (200f64 / 2.0 / 3.0).sqrt()).abs() < 1e-9);
        assert_eq!((interval.mean, interval.n), (109.0, 3));
    }

    #[test]
    fn the_bin_error_is_added() {
        let mut runs = vec![Histogram::new(), Histogram::new()];
        runs.iter_mut().for_each(|run| (0..500).for_each(|_| run.record(1_000_000)));
        let p95 = estimate_quantile(0.5, 0.95, &merged(&runs), &each(&runs, 0.5)).unwrap();
        let half_width = p95.interval.unwrap().half_width;
        assert!(half_width == p95.bin_error && half_width > 0.0 && half_width <= 1_000_000.0 / 256.0);
        assert!(p95.interval.unwrap().contains(1e6));
    }

    #[test]
    fn a_figure_that_would_be_a_guess_is_refused() {
        let runs = replications();
        let whole = merged(&runs);
        assert_eq!(estimate_quantile(0.99, 0.95, &whole, &each(&runs, 0.99)), Err(NoQuantile::TooFewBeyond { beyond: 30 }));
        assert_eq!(estimate_quantile(0.01, 0.95, &whole, &[]), Err(NoQuantile::TooFewBeyond { beyond: 29 }));
        assert_eq!(estimate_quantile(0.5, 0.95, &Histogram::new(), &[]), Err(NoQuantile::NoObservations));
        assert_eq!(estimate_quantile(0.5, 1.0, &whole, &[]), Err(NoQuantile::OutOfRange));
        assert_eq!(estimate_quantile(0.5, 0.95, &whole, &[99.0]).unwrap().interval, None);
    }
}
