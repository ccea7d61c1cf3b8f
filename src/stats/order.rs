//! Quantiles of a sample: two definitions of the point, and the interval by ranks.

use super::binomial::Binomial;

/// The ranks between whose values a quantile lies, counted from 1 in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankInterval {
    /// The rank of the lower end.
    pub lower: u64,
    /// The rank of the upper end.
    pub upper: u64,
    /// The probability that the two values enclose the quantile, at least the level asked for.
    pub coverage: f64,
}

/// The rank ceil(p n), at least 1, of the quantile of probability `p` among `n` numbers; nothing where there are none or
/// `p` is not from 0 to 1. A product within four roundings of a whole number counts as that number, so that 7 % of 100 is
/// 7, though the double nearest to 0.07 gives 7.000000000000001.
#[must_use]
pub fn nearest_rank(p: f64, n: u64) -> Option<u64> {
    if n == 0 || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let exact = p * n as f64;
    let whole = exact.round();
    let rank = if (exact - whole).abs() <= 4.0 * f64::EPSILON * exact { whole } else { exact.ceil() };
    Some((rank as u64).clamp(1, n))
}

/// The quantile by nearest rank, X(ceil(p n)): always one of the values (type 1 of Hyndman & Fan 1996). The values may
/// stand in any order. Nothing where there are none, one is not a number, or `p` is not from 0 to 1.
#[must_use]
pub fn quantile_nearest_rank(values: &[f64], p: f64) -> Option<f64> {
    let rank = nearest_rank(p, values.len() as u64)?;
    sorted(values)?.get(rank as usize - 1).copied()
}

/// The quantile by linear interpolation at the position 1 + (n - 1) p (type 7 of Hyndman & Fan 1996). The values may
/// stand in any order. Nothing where there are none, one is not a number, or `p` is not from 0 to 1.
#[must_use]
pub fn quantile_linear(values: &[f64], p: f64) -> Option<f64> {
    if values.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let sorted = sorted(values)?;
    let position = (sorted.len() - 1) as f64 * p;
    let below = position.floor();
    let low = *sorted.get(below as usize)?;
    let high = *sorted.get(below as usize + 1).unwrap_or(&low);
    Some(low + (position - below) * (high - low))
}

/// The interval of the quantile of probability `p` by the ranks of `n` independent values: the largest lower rank l with
/// P(Bin(n, p) <= l - 1) <= (1 - level)/2 and the smallest upper rank u with P(Bin(n, p) >= u) <= (1 - level)/2 (Conover
/// 1999; David & Nagaraja 2003). Holds for independent values of any distribution, not for the response times of one run.
/// Nothing where one of the ranks does not exist (too few values), there are more than 10^9 values, or an argument is out
/// of range.
#[must_use]
pub fn quantile_ranks(n: u64, p: f64, level: f64) -> Option<RankInterval> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    let tail = (1.0 - level) / 2.0;
    let successes = Binomial::new(n, p)?;
    let (lower, upper) = (successes.low_rank(tail), successes.high_rank(tail));
    let coverage = successes.below(upper) - successes.below(lower);
    (lower >= 1 && upper <= n).then_some(RankInterval { lower, upper, coverage })
}

/// The fewest and the most of `n` intervals of the given `level` that may cover the true value, if they are what they
/// claim, but for a probability of (1 - `confidence`)/2 on either side: the acceptance band of the exact binomial
/// distribution (Schruben 1980 for the idea). Nothing where an argument is out of range or `n` exceeds 10^9.
#[must_use]
pub fn coverage_band(n: u64, level: f64, confidence: f64) -> Option<(u64, u64)> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    let covered = Binomial::new(n, level)?;
    Some((covered.low_rank(tail), covered.high_rank(tail) - 1))
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_survive_the_rounding_of_decimals() {
        for n in [100, 1_000, 10_000, 1_000_000, 100_000_000] {
            for percent in 1..=100 {
                assert_eq!(nearest_rank(f64::from(percent) / 100.0, n), Some(u64::from(percent as u8) * n / 100));
            }
        }
        assert_eq!((nearest_rank(0.0, 5), nearest_rank(1.0, 5), nearest_rank(0.41, 5)), (Some(1), Some(5), Some(3)));
        assert_eq!((nearest_rank(0.5, 0), nearest_rank(f64::NAN, 5)), (None, None));
        assert_eq!(nearest_rank(1.0, u64::MAX), Some(u64::MAX));
    }

    #[test]
    fn bad_samples_give_nothing() {
        assert_eq!((quantile_linear(&[], 0.5), quantile_nearest_rank(&[f64::NAN], 0.5)), (None, None));
        assert_eq!((quantile_linear(&[4.0], 1.0), quantile_linear(&[1.0, 2.0], 2.0)), (Some(4.0), None));
    }

    #[test]
    fn too_few_values_enclose_no_quantile() {
        assert_eq!(quantile_ranks(20, 0.99, 0.95), None);
        assert_eq!(quantile_ranks(20, 0.5, 1.0), None);
        // The classical sign-test interval of the median of ten: the second and the ninth value, 97.9 %.
        let median = quantile_ranks(10, 0.5, 0.95).unwrap();
        assert_eq!((median.lower, median.upper), (2, 9));
        assert!((median.coverage - (1.0 - 22.0 / 1_024.0)).abs() < 1e-14);
    }
}
