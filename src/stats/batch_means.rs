//! Batch means: an interval from one long run.

use super::interval::{Interval, mean_interval};
use super::sample::{correlation, mean};

/// The t interval over the means of consecutive batches of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchMeans {
    /// The mean of the batch means with its interval; `n` counts the batches.
    pub interval: Interval,
    /// Values per batch.
    pub batch_size: usize,
    /// Pearson's correlation of each batch mean with the next: near 0 where the batches are long enough for the interval
    /// to be honest. Nothing for fewer than three batches or where the means do not vary.
    pub lag1: Option<f64>,
}

/// Cuts a run into `batches` of equal length, dropping the rest at the end, and takes the t interval of their means
/// (Law 2015, chapter 9). Nothing for fewer than two batches, fewer values than batches, or a level outside (0, 1).
#[must_use]
pub fn batch_means(values: &[f64], batches: usize, level: f64) -> Option<BatchMeans> {
    let batch_size = values.len().checked_div(batches).filter(|&size| size > 0)?;
    let means: Vec<f64> = values.chunks_exact(batch_size).take(batches).filter_map(mean).collect();
    let interval = mean_interval(&means, level)?;
    let lag1 = correlation(&means[..means.len() - 1], &means[1..]);
    Some(BatchMeans { interval, batch_size, lag1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_dropped() {
        let run = [1.0, 3.0, 2.0, 4.0, 9.0];
        let batches = batch_means(&run, 2, 0.95).unwrap();
        assert_eq!((batches.batch_size, batches.interval.mean, batches.interval.n, batches.lag1), (2, 2.5, 2, None));
        for count in [0, 1, 6] {
            assert_eq!(batch_means(&run, count, 0.95), None, "{count}");
        }
    }
}
