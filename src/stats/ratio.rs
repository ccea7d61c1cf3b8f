//! Ratios of sums over replications, such as hits over lookups, where the replications differ in how much they saw.

use super::interval::{Interval, two_sided};

/// What is needed of pairs of counts (above, below) for the ratio of their sums, in constant memory and exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RatioOfSums {
    n: usize,
    above: u128,
    below: u128,
    above_squared: u128,
    product: u128,
    below_squared: u128,
}

impl RatioOfSums {
    /// Adds the counts of one replication. One that saw nothing (`below` is 0) says nothing and does not count.
    pub fn add(&mut self, above: u64, below: u64) {
        if below == 0 {
            return;
        }
        let (above, below) = (u128::from(above), u128::from(below));
        self.n += 1;
        self.above += above;
        self.below += below;
        self.above_squared += above * above;
        self.product += above * below;
        self.below_squared += below * below;
    }

    /// The sum of what stands below.
    #[must_use]
    pub const fn below(&self) -> u128 {
        self.below
    }

    /// The ratio of the sums; nothing where nothing was seen.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.below > 0).then(|| self.above as f64 / self.below as f64)
    }

    /// The ratio with its interval at `level` (between 0 and 1), by the classical ratio estimator: with d = above - ratio * below of each of the n
    /// replications, its variance is n / (n - 1) * sum(d²) / sum(below)² (Cochran 1977, Sampling Techniques, eq. 6.13 without the correction for
    /// finite populations), and Student's t has n - 1 degrees. Nothing with fewer than two replications that saw something.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let ratio = self.ratio().filter(|_| self.n > 1)?;
        let n = self.n as f64;
        let squares = self.above_squared as f64 - 2.0 * ratio * self.product as f64 + ratio * ratio * self.below_squared as f64;
        let variance = n / (n - 1.0) * squares.max(0.0) / (self.below as f64 * self.below as f64);
        let t = two_sided(level, n - 1.0)?;
        Some(Interval { mean: ratio, half_width: t * variance.sqrt(), level, n: self.n })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(u64, u64)]) -> RatioOfSums {
        let mut sums = RatioOfSums::default();
        pairs.iter().for_each(|&(above, below)| sums.add(above, below));
        sums
    }

    #[test]
    fn worked_out_by_hand() {
        // Ratio 12/20 = 0.6; d = 3 - 2.4 = 0.6, 2 - 2.4 = -0.4, 7 - 7.2 = -0.2; sum of squares 0.56; 3/2 * 0.56 / 400 = 0.0021.
        let interval = of(&[(3, 4), (2, 4), (7, 12)]).interval(0.95).unwrap();
        assert!((interval.mean - 0.6).abs() < 1e-12);
        assert!((interval.half_width - 4.302_652_729_911_275 * 0.0021_f64.sqrt()).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn with_equal_counts_below_it_is_the_interval_of_the_mean() {
        let above = [3_u64, 9, 4, 6, 8, 1];
        let interval = of(&above.map(|above| (above, 10))).interval(0.9).unwrap();
        let mean = crate::stats::mean_interval(&above.map(|above| above as f64 / 10.0), 0.9).unwrap();
        assert!((interval.mean - mean.mean).abs() < 1e-12 && (interval.half_width - mean.half_width).abs() < 1e-12);
    }

    #[test]
    fn who_saw_nothing_says_nothing() {
        assert_eq!(of(&[(0, 0), (1, 2), (0, 0), (2, 5)]), of(&[(1, 2), (2, 5)]));
        assert_eq!(of(&[(0, 0)]).ratio(), None);
        assert_eq!(of(&[(1, 2)]).interval(0.95), None);
        assert_eq!(of(&[(1, 2)]).ratio(), Some(0.5));
    }
}
