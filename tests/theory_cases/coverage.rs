//! Intervals of 95 % must cover the truth in 364 to 393 of 400 trials (case S07): a probability of 99.9 % if they are
//! what they claim. The seeds are fixed.

use lbsim::stats::order::coverage_band;
use lbsim::stats::{Histogram, batch_means, estimate_quantile, mean_interval, paired_difference, welch};

const TRIALS: u64 = 400;
const LEVEL: f64 = 0.95;

/// Exponential numbers of mean 1 from the generator SplitMix64 (Steele, Lea & Flood 2014).
struct Exponential(u64);

impl Exponential {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        -(((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64).ln()
    }

    /// Means of `size` numbers each, nearly normal.
    fn means(&mut self, count: usize, size: usize) -> Vec<f64> {
        (0..count).map(|_| (0..size).map(|_| self.next()).sum::<f64>() / size as f64).collect()
    }
}

fn assert_coverage(mut covers: impl FnMut(&mut Exponential) -> bool) {
    let mut random = Exponential(20_260_728);
    let covered = (0..TRIALS).filter(|_| covers(&mut random)).count() as u64;
    let (low, high) = coverage_band(TRIALS, LEVEL, 0.999).unwrap();
    assert!((low..=high).contains(&covered), "{covered} of {TRIALS}");
}

#[test]
fn replication_means() {
    assert_coverage(|random| mean_interval(&random.means(20, 100), LEVEL).unwrap().contains(1.0));
}

#[test]
fn batches_of_one_run() {
    assert_coverage(|random| batch_means(&random.means(2_000, 1), 20, LEVEL).unwrap().interval.contains(1.0));
}

#[test]
fn differences() {
    assert_coverage(|random| {
        let common = random.means(10, 20);
        let noise: Vec<f64> = random.means(10, 20).iter().zip(&common).map(|(own, shared)| own + shared).collect();
        paired_difference(&noise, &common, LEVEL).unwrap().interval.contains(1.0)
    });
    assert_coverage(|random| {
        let (a, b) = (random.means(6, 20), random.means(15, 100));
        welch(&a, &b, LEVEL).unwrap().interval.contains(0.0)
    });
}

#[test]
fn quantiles_by_sectioning() {
    for p in [0.5, 0.95, 0.99] {
        let truth = -(1.0f64 - p).ln() * 1e9;
        assert_coverage(|random| {
            let (mut merged, mut each) = (Histogram::new(), Vec::new());
            for _ in 0..10 {
                let mut own = Histogram::new();
                (0..2_000).for_each(|_| own.record((random.next() * 1e9) as u64));
                merged.merge(&own);
                each.extend(own.quantile(p).map(|quantile| quantile.value));
            }
            estimate_quantile(p, LEVEL, &merged, &each).unwrap().interval.unwrap().contains(truth)
        });
    }
}
