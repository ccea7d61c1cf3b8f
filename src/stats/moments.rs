//! Mean and standard deviation from exact whole sums.

use super::codec::Codec;
use super::wide::{Wide, squared_deviations};

/// Count, sum and sum of squares of whole numbers (nanoseconds, mostly), exact: the sum in 128 bits and the squares in
/// 192 hold any 2^64 numbers of 64 bits.
///
/// Records and merges commute: the same numbers give the same bits in whatever order they came, which is what makes
/// results independent of threads and of the order of completion. The size is one cache line of 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    sum: u128,
    squares: Wide,
    count: u64,
}

const _: () = assert!(size_of::<Moments>() <= 64);

impl Moments {
    /// No numbers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sum: 0, squares: Wide::new(0), count: 0 }
    }

    /// Adds one number.
    #[inline]
    pub const fn record(&mut self, value: u64) {
        let wide = value as u128;
        self.count += 1;
        self.sum += wide;
        self.squares.add(wide * wide);
    }

    /// Adds all the numbers of another accumulator.
    pub const fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares.merge(&other.squares);
    }

    /// How many numbers.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their exact sum.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// Their mean; nothing where there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The variance of the sample (divisor n - 1), in the squared unit of the numbers; nothing for fewer than two.
    /// Computed without cancellation: exact in whole numbers up to the last rounding.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let degrees = self.count.checked_sub(1).filter(|&degrees| degrees > 0)?;
        Some(self.squared_deviations()? / degrees as f64)
    }

    /// The standard deviation of the sample, the root of [`Moments::variance`].
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The sum of the squared deviations from the mean; nothing where there are no numbers.
    #[must_use]
    pub fn squared_deviations(&self) -> Option<f64> {
        squared_deviations(self.count, self.sum, &self.squares)
    }
}

impl Codec for Moments {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { sum, squares, count } = self;
        count.encode(bytes);
        sum.encode(bytes);
        squares.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (count, sum, squares) = (u64::decode(bytes)?, u128::decode(bytes)?, Wide::decode(bytes)?);
        let possible = sum <= u128::from(count) * u128::from(u64::MAX);
        possible.then_some(Self { sum, squares, count })
    }
}

impl Extend<u64> for Moments {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, values: I) {
        for value in values {
            self.record(value);
        }
    }
}

impl FromIterator<u64> for Moments {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut moments = Self::new();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_and_one_number() {
        assert_eq!(Moments::new().mean(), None);
        assert_eq!(Moments::new().variance(), None);
        let one = Moments::from_iter([7]);
        assert_eq!((one.mean(), one.variance(), one.squared_deviations()), (Some(7.0), None, Some(0.0)));
    }

    #[test]
    fn a_tiny_deviation_beside_a_huge_mean_survives() {
        // 0, 1, 2, ..., 9 have the variance 55/6 wherever they are moved to.
        for offset in [0, 1_000_000_007, u64::MAX - 9] {
            let moments: Moments = (0..10).map(|k| offset + k).collect();
            assert_eq!(moments.variance(), Some(82.5 / 9.0), "{offset}");
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut moments = Moments::from_iter([u64::MAX, u64::MAX, 0, 0]);
        for _ in 0..61 {
            let copy = moments;
            moments.merge(&copy);
        }
        assert_eq!(moments.count(), 1 << 63);
        assert_eq!(moments.sum(), u128::from(u64::MAX) << 62);
        let half = u64::MAX as f64 / 2.0;
        assert!((moments.sd().unwrap() / half - 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(values in prop::collection::vec(any::<u64>(), 0..60), cut in 0usize..60) {
            let whole: Moments = values.iter().copied().collect();
            let cut = cut.min(values.len());
            let mut parts: Moments = values[cut..].iter().rev().copied().collect();
            parts.merge(&values[..cut].iter().copied().collect());
            prop_assert_eq!(parts, whole);
            prop_assert_eq!(parts.variance().map(f64::to_bits), whole.variance().map(f64::to_bits));
        }

        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(0u64..1 << 40, 2..60)) {
            let n = values.len() as f64;
            let mean = values.iter().map(|&v| v as f64).sum::<f64>() / n;
            let squares: f64 = values.iter().map(|&v| (v as f64 - mean) * (v as f64 - mean)).sum();
            let variance = Moments::from_iter(values).variance().unwrap();
            prop_assert!((variance - squares / (n - 1.0)).abs() <= 1e-9 * variance.max(1e-9));
        }
    }
}
