//! A histogram of whole numbers whose quantiles have a bounded relative error.

use super::codec::{Codec, decode_sparse, encode_sparse};
use super::order::nearest_rank;

/// Buckets per octave: from a power of two to the next.
const PER_OCTAVE: u64 = 128;
/// The exponent of [`PER_OCTAVE`].
const BITS: u32 = PER_OCTAVE.trailing_zeros();
/// Octaves of 64-bit numbers above the exact part, and the exact part itself.
const BUCKETS: usize = (65 - BITS as usize) * PER_OCTAVE as usize;

/// Counts of whole numbers from 0 to 2^64 - 1 in 7,424 buckets (58 KiB): one for each number below 256, then 128 buckets
/// of equal width from each power of two to the next.
///
/// The midpoint of a bucket is within [`Histogram::RELATIVE_ERROR`] of every number in it. Records and merges commute:
/// the same numbers give the same histogram in whatever order they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Box<[u64]>,
}

/// A bucket of a [`Histogram`] that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The least number that falls into it.
    pub lower: u64,
    /// The greatest number that falls into it.
    pub upper: u64,
    /// How many did.
    pub count: u64,
}

/// A quantile read from a [`Histogram`], in the unit of the numbers recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The midpoint of the bucket that holds the number of this rank.
    pub value: f64,
    /// The least number the quantile can be.
    pub lower: u64,
    /// The greatest number the quantile can be.
    pub upper: u64,
    /// The rank from 1 in ascending order: ceil(p n).
    pub rank: u64,
    /// How many numbers were recorded.
    pub count: u64,
}

impl Histogram {
    /// The largest relative distance from the midpoint of a bucket to a number in it: 1/256, or 0.39 %.
    pub const RELATIVE_ERROR: f64 = 0.5 / PER_OCTAVE as f64;

    /// An empty histogram. The memory comes zeroed from the system, so parts never recorded to are never touched.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: vec![0; BUCKETS].into_boxed_slice() }
    }

    /// Adds one number.
    #[inline]
    pub fn record(&mut self, value: u64) {
        // The index is below the number of buckets for every value; the compiler does not know.
        if let Some(count) = self.counts.get_mut(index_of(value)) {
            *count += 1;
        }
    }

    /// Adds all the numbers of another histogram.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
    }

    /// How many numbers were recorded: a pass over all buckets, about a microsecond.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many of them were 0.
    #[must_use]
    pub fn count_of_zero(&self) -> u64 {
        self.counts.first().copied().unwrap_or(0)
    }

    /// How many numbers lie in buckets above the one that `value` falls into: all of these are greater than `value`.
    /// What shares the bucket of `value` is not counted; below 256 a bucket holds one number and the answer is exact.
    #[must_use]
    pub fn count_above(&self, value: u64) -> u64 {
        self.counts.iter().skip(index_of(value) + 1).sum()
    }

    /// The quantile of probability `p` by nearest rank, X(ceil(p n)) (type 1 of Hyndman & Fan 1996); nothing where
    /// nothing was recorded or `p` is not from 0 to 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<Quantile> {
        let count = self.count();
        let rank = nearest_rank(p, count)?;
        let mut seen = 0;
        for (index, &here) in self.counts.iter().enumerate() {
            seen += here;
            if seen >= rank {
                let (lower, upper) = bounds_of(index);
                return Some(Quantile { value: middle(lower, upper), lower, upper, rank, count });
            }
        }
        None
    }

    /// The buckets that are not empty, in ascending order.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.counts.iter().enumerate().filter(|&(_, &count)| count > 0).map(|(index, &count)| {
            let (lower, upper) = bounds_of(index);
            Bucket { lower, upper, count }
        })
    }
}

impl Bucket {
    /// The midpoint, by which the bucket stands for its numbers.
    #[must_use]
    pub const fn middle(&self) -> f64 {
        middle(self.lower, self.upper)
    }
}

impl Quantile {
    /// How many numbers have a rank beyond that of the quantile, on the side of the nearer tail: above it for `p` of
    /// one half and more, below it otherwise. What the precision of the quantile rests on.
    #[must_use]
    pub const fn beyond(&self, p: f64) -> u64 {
        if p >= 0.5 { self.count.saturating_sub(self.rank) } else { self.rank.saturating_sub(1) }
    }

    /// The largest distance from `value` to a number of the bucket.
    #[must_use]
    pub const fn bin_error(&self) -> f64 {
        self.upper.saturating_sub(self.lower) as f64 / 2.0
    }
}

impl Codec for Histogram {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let used = self.counts.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        (used as u64).encode(bytes);
        encode_sparse(self.counts[..used].iter().copied(), bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let used = usize::try_from(u64::decode(bytes)?).ok()?;
        let mut histogram = Self::new();
        decode_sparse(histogram.counts.get_mut(..used)?, bytes)?;
        // Their sum must be a number, as it was when they were counted.
        histogram.counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count))?;
        Some(histogram)
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// The bucket of a number. With e the exponent of the leading bit, or [`BITS`] where that is greater, the number
/// shifted right by e - BITS has BITS + 1 bits at most, which number the buckets of the octave.
#[inline]
const fn index_of(value: u64) -> usize {
    let shift = (63 - BITS) - (value | PER_OCTAVE).leading_zeros();
    ((shift as usize) << BITS) + (value >> shift) as usize
}

/// The least and the greatest number of a bucket.
const fn bounds_of(index: usize) -> (u64, u64) {
    let index = index as u64;
    let shift = (index >> BITS).saturating_sub(1);
    let lower = (index - (shift << BITS)) << shift;
    (lower, lower + ((1 << shift) - 1))
}

const fn middle(lower: u64, upper: u64) -> f64 {
    lower as f64 + upper.saturating_sub(lower) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_tile_all_numbers() {
        let mut next = 0;
        for index in 0..BUCKETS {
            let (lower, upper) = bounds_of(index);
            assert_eq!(lower, next, "bucket {index}");
            assert_eq!((index_of(lower), index_of(upper)), (index, index));
            assert!(lower >= 256 || upper == lower);
            next = upper.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last bucket ends at the greatest number");
    }

    #[test]
    fn ranks_and_tails() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(0.5), None);
        (0..200).for_each(|value| histogram.record(value));
        histogram.record(0);
        assert_eq!((histogram.count(), histogram.count_of_zero(), histogram.count_above(149)), (201, 2, 50));
        let p = 0.75;
        let quantile = histogram.quantile(p).unwrap();
        assert_eq!((quantile.rank, quantile.value, quantile.beyond(p), quantile.bin_error()), (151, 149.0, 50, 0.0));
        assert_eq!(histogram.quantile(0.25).unwrap().beyond(0.25), 50);
        assert_eq!(histogram.quantile(0.0).unwrap().value, 0.0);
        assert_eq!(histogram.quantile(1.0).unwrap().value, 199.0);
        for p in [-0.1, 1.1, f64::NAN] {
            assert_eq!(histogram.quantile(p), None);
        }
    }

    fn number() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0u32..64).prop_map(|(bits, shift)| bits >> shift)
    }

    #[test]
    fn bytes_hold_it_exactly_and_are_few() {
        let mut histogram = Histogram::new();
        for value in [0, 7, 7, 1_000_000, 1_010_000, u64::MAX] {
            histogram.record(value);
        }
        let mut bytes = Vec::new();
        histogram.encode(&mut bytes);
        assert!(bytes.len() < 24, "{bytes:?}");
        assert_eq!(Histogram::decode(&mut &bytes[..]), Some(histogram));
        assert_eq!(Histogram::decode(&mut &[0][..]), Some(Histogram::new()));
        // Too many buckets, and too many numbers.
        let mut wrong = Vec::new();
        (BUCKETS as u64 + 1).encode(&mut wrong);
        wrong.extend([0, 255, 255, 1]);
        assert_eq!(Histogram::decode(&mut &wrong[..]), None);
        let mut wrong = vec![2];
        u64::MAX.encode(&mut wrong);
        wrong.push(1);
        assert_eq!(Histogram::decode(&mut &wrong[..]), None);
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(values in prop::collection::vec(number(), 0..60), cut in 0usize..60) {
            let cut = cut.min(values.len());
            let (mut whole, mut head, mut tail) = (Histogram::new(), Histogram::new(), Histogram::new());
            values.iter().for_each(|&v| whole.record(v));
            values[..cut].iter().for_each(|&v| head.record(v));
            values[cut..].iter().rev().for_each(|&v| tail.record(v));
            tail.merge(&head);
            prop_assert_eq!(&tail, &whole);
            prop_assert_eq!(whole.count(), values.len() as u64);
            prop_assert_eq!(whole.buckets().map(|b| b.count).sum::<u64>(), values.len() as u64);
        }

        #[test]
        fn quantiles_are_within_the_stated_error(mut values in prop::collection::vec(number(), 1..60), p in 0.0f64..=1.0) {
            let mut histogram = Histogram::new();
            values.iter().for_each(|&v| histogram.record(v));
            values.sort_unstable();
            let quantile = histogram.quantile(p).unwrap();
            let exact = values[quantile.rank as usize - 1];
            prop_assert!(quantile.lower <= exact && exact <= quantile.upper);
            prop_assert!((quantile.value - exact as f64).abs() <= Histogram::RELATIVE_ERROR * exact as f64);
        }
    }
}
