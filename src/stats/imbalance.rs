//! How unequally a load is spread over servers.

use super::moments::Moments;

/// Indices of the imbalance of loads that are not negative.
///
/// Loads that are all zero count as perfectly balanced: cv 0, Jain 1, max/mean and min/mean 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imbalance {
    /// The population standard deviation (divisor n) over the mean: 0 when equal, sqrt(n - 1) when one server has all.
    pub cv: f64,
    /// The greatest load over the mean, from 1 to n.
    pub max_over_mean: f64,
    /// The least load over the mean, from 0 to 1; nothing where only sums were known.
    pub min_over_mean: Option<f64>,
    /// (sum x)^2 / (n sum x^2), from 1/n when one server has all to 1 when equal (Jain, Chiu & Hawe 1984); it is
    /// 1 / (1 + cv^2).
    pub jain: f64,
}

impl Imbalance {
    /// What perfectly equal loads have.
    pub const NONE: Self = Self { cv: 0.0, max_over_mean: 1.0, min_over_mean: Some(1.0), jain: 1.0 };

    /// The indices of a list of loads; nothing where it is empty or a load is negative or not finite.
    #[must_use]
    pub fn of(loads: &[f64]) -> Option<Self> {
        if loads.is_empty() || !loads.iter().all(|&load| load >= 0.0 && load.is_finite()) {
            return None;
        }
        let max = loads.iter().copied().fold(0.0, f64::max);
        let min = loads.iter().copied().fold(max, f64::min);
        if max == 0.0 {
            return Some(Self::NONE);
        }
        // In units of the greatest load, so that no square overflows or vanishes.
        let n = loads.len() as f64;
        let mean = loads.iter().map(|load| load / max).sum::<f64>() / n;
        let variance = loads.iter().map(|load| (load / max - mean) * (load / max - mean)).sum::<f64>() / n;
        let cv = variance.sqrt() / mean;
        Some(Self { cv, max_over_mean: 1.0 / mean, min_over_mean: Some(min / max / mean), jain: 1.0 / (1.0 + cv * cv) })
    }

    /// The indices of whole loads (busy nanoseconds, requests) from their exact sums and the greatest of them; nothing
    /// where there are none or `max` is below the mean.
    #[must_use]
    pub fn of_moments(loads: &Moments, max: u64) -> Option<Self> {
        let squared_deviations = loads.squared_deviations()?;
        Self::build(loads.count(), loads.sum(), squared_deviations, max)
    }

    /// The indices of `n` whole loads from their sum, the sum of their squares and the greatest of them; nothing where
    /// `n` is 0 or no loads have such sums. The sum of the squares must fit 128 bits.
    #[must_use]
    pub fn of_sums(n: u64, sum: u128, squares: u128, max: u64) -> Option<Self> {
        let squared_deviations = super::wide::squared_deviations(n, sum, &super::wide::Wide::new(squares))?;
        Self::build(n, sum, squared_deviations, max)
    }

    fn build(n: u64, sum: u128, squared_deviations: f64, max: u64) -> Option<Self> {
        if u128::from(max) * u128::from(n) < sum {
            return None;
        }
        if sum == 0 {
            return (max == 0).then_some(Self { min_over_mean: None, ..Self::NONE });
        }
        let mean = sum as f64 / n as f64;
        let cv = (squared_deviations / n as f64).sqrt() / mean;
        Some(Self { cv, max_over_mean: max as f64 / mean, min_over_mean: None, jain: 1.0 / (1.0 + cv * cv) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extremes() {
        assert_eq!(Imbalance::of(&[0.0, 0.0]), Some(Imbalance::NONE));
        let one = Imbalance::of(&[0.0, 8.0, 0.0, 0.0]).unwrap();
        assert!((one.cv - 3f64.sqrt()).abs() < 1e-15 && (one.jain - 0.25).abs() < 1e-15);
        assert_eq!((one.max_over_mean, one.min_over_mean), (4.0, Some(0.0)));
        for loads in [&[][..], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY]] {
            assert_eq!(Imbalance::of(loads), None);
        }
    }

    #[test]
    fn impossible_sums_give_nothing() {
        assert_eq!(Imbalance::of_sums(0, 0, 0, 0), None);
        assert_eq!(Imbalance::of_sums(2, 10, 100, 3), None);
        assert_eq!(Imbalance::of_sums(2, 10, 3, 9), None);
        assert_eq!(Imbalance::of_sums(2, 0, 0, 0).map(|none| none.jain), Some(1.0));
    }

    proptest! {
        #[test]
        fn sums_and_lists_agree(loads in prop::collection::vec(0u64..1 << 50, 1..40)) {
            let list = Imbalance::of(&loads.iter().map(|&load| load as f64).collect::<Vec<_>>()).unwrap();
            let max = *loads.iter().max().unwrap();
            let moments: Moments = loads.iter().copied().collect();
            let squares = loads.iter().map(|&load| u128::from(load) * u128::from(load)).sum();
            let sums = Imbalance::of_sums(loads.len() as u64, moments.sum(), squares, max).unwrap();
            prop_assert_eq!(Imbalance::of_moments(&moments, max), Some(sums));
            prop_assert!((list.cv - sums.cv).abs() < 1e-12);
            prop_assert!((list.jain - sums.jain).abs() < 1e-12);
            prop_assert!((list.max_over_mean - sums.max_over_mean).abs() < 1e-12 * list.max_over_mean);
        }
    }
}
