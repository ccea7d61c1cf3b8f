//! The course of a run in a bounded number of batches, indexed by birth number.

use super::codec::{Codec, decode_sparse, encode_sparse};

/// The sums of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Batch {
    sum: u128,
    count: u64,
}

impl Batch {
    const fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }
}

/// Sums and counts of values in at most [`BatchSeries::MOST`] batches of consecutive birth numbers.
///
/// Batch j holds the requests numbered from j 2^shift up to (j + 1) 2^shift. The batches start with one number each;
/// when a number does not fit, neighbours are merged and the shift grows. It depends on the greatest number alone, so
/// records and merges commute: the same records give the same series in whatever order they came. Batches may be empty,
/// as requests that were refused or never finished bring no value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchSeries {
    batches: Vec<Batch>,
    shift: u32,
}

impl BatchSeries {
    /// The most batches that are kept.
    pub const MOST: usize = 1 << Self::MOST_BITS;
    const MOST_BITS: u32 = 10;

    /// An empty series, with the memory for all its batches (32 KiB, untouched).
    #[must_use]
    pub fn new() -> Self {
        Self { batches: Vec::with_capacity(Self::MOST), shift: 0 }
    }

    /// Adds the value of the request with this birth number.
    #[inline]
    pub fn record(&mut self, number: u64, value: u64) {
        let index = number >> self.shift;
        if index >= self.batches.len() as u64 {
            self.make_room(number);
        }
        if let Some(batch) = self.batches.get_mut((number >> self.shift) as usize) {
            batch.sum += u128::from(value);
            batch.count += 1;
        }
    }

    /// Coarsens until this number has a batch, and adds the batches up to it.
    #[cold]
    fn make_room(&mut self, number: u64) {
        let bits = u64::BITS - number.leading_zeros();
        self.coarsen_to(bits.saturating_sub(Self::MOST_BITS));
        let index = (number >> self.shift) as usize;
        if index >= self.batches.len() {
            self.batches.resize(index + 1, Batch::default());
        }
    }

    /// Merges neighbours until a batch spans 2^shift numbers; does nothing where it spans as many already. The shift is
    /// at most 63.
    pub fn coarsen_to(&mut self, shift: u32) {
        let shift = shift.min(u64::BITS - 1);
        if shift <= self.shift {
            return;
        }
        let fold = shift - self.shift;
        for index in 1..self.batches.len() {
            let batch = std::mem::take(&mut self.batches[index]);
            self.batches[(index as u64 >> fold) as usize].merge(batch);
        }
        if let Some(last) = self.batches.len().checked_sub(1) {
            self.batches.truncate((last as u64 >> fold) as usize + 1);
        }
        self.shift = shift;
    }

    /// Adds the records of another series, at the coarser of the two shifts.
    pub fn merge(&mut self, other: &Self) {
        self.coarsen_to(other.shift);
        let fold = self.shift - other.shift;
        let needed = other.batches.len().checked_sub(1).map_or(0, |last| (last as u64 >> fold) as usize + 1);
        if needed > self.batches.len() {
            self.batches.resize(needed, Batch::default());
        }
        for (index, &batch) in other.batches.iter().enumerate() {
            self.batches[(index as u64 >> fold) as usize].merge(batch);
        }
    }

    /// Brings series, such as those of several replications, to the coarsest of their shifts, so that batch j spans the
    /// same birth numbers in all; returns that shift.
    pub fn align(series: &mut [Self]) -> u32 {
        let shift = series.iter().map(|one| one.shift).max().unwrap_or(0);
        for one in series {
            one.coarsen_to(shift);
        }
        shift
    }

    /// How many batches there are: up to that of the greatest number recorded.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// A batch spans 2^shift birth numbers.
    #[must_use]
    pub const fn shift(&self) -> u32 {
        self.shift
    }

    /// How many birth numbers a batch spans.
    #[must_use]
    pub const fn batch_size(&self) -> u64 {
        1 << self.shift
    }

    /// How many values each batch holds.
    pub fn counts(&self) -> impl Iterator<Item = u64> + '_ {
        self.batches.iter().map(|batch| batch.count)
    }

    /// The mean of each batch, nothing for an empty one.
    pub fn means(&self) -> impl Iterator<Item = Option<f64>> + '_ {
        self.batches.iter().map(|batch| (batch.count > 0).then(|| batch.sum as f64 / batch.count as f64))
    }

    /// The mean of each batch, where an empty one repeats the last before it that is not (the first after it, at the
    /// start): what a truncation rule needs, which must not shift the index of a batch. Empty where all are.
    #[must_use]
    pub fn filled_means(&self) -> Vec<f64> {
        let Some(first) = self.means().flatten().next() else { return Vec::new() };
        self.means()
            .scan(first, |last, mean| {
                *last = mean.unwrap_or(*last);
                Some(*last)
            })
            .collect()
    }
}

impl Codec for BatchSeries {
    /// Counts of neighbours are mostly equal, and are kept as their differences; a batch without a count has no sum.
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { batches, shift } = self;
        (batches.len() as u64).encode(bytes);
        shift.encode(bytes);
        let steps =
            batches.iter().scan(0, |last, batch| Some(zigzag(batch.count.wrapping_sub(std::mem::replace(last, batch.count)))));
        encode_sparse(steps, bytes);
        batches.iter().filter(|batch| batch.count > 0).for_each(|batch| batch.sum.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::decode(bytes)?).ok().filter(|&length| length <= Self::MOST)?;
        let shift = u32::decode(bytes).filter(|&shift| shift < u64::BITS)?;
        let mut steps = vec![0; length];
        decode_sparse(&mut steps, bytes)?;
        let (mut count, mut all) = (0_u64, 0_u64);
        let batch = |step| {
            count = count.wrapping_add(unzigzag(step));
            all = all.checked_add(count)?;
            let sum = if count > 0 { u128::decode(bytes)? } else { 0 };
            (sum <= u128::from(count) * u128::from(u64::MAX)).then_some(Batch { sum, count })
        };
        Some(Self { batches: steps.into_iter().map(batch).collect::<Option<_>>()?, shift })
    }
}

/// A difference as a number that is small where the difference is, of either sign.
const fn zigzag(difference: u64) -> u64 {
    (difference << 1) ^ ((difference as i64 >> 63) as u64)
}

const fn unzigzag(number: u64) -> u64 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(records: &[(u64, u64)]) -> BatchSeries {
        let mut series = BatchSeries::new();
        records.iter().for_each(|&(number, value)| series.record(number, value));
        series
    }

    #[test]
    fn batches_coarsen_when_a_number_does_not_fit() {
        let mut run = series(&(0..1024).map(|k| (k, k)).collect::<Vec<_>>());
        assert_eq!((run.len(), run.shift()), (1024, 0));
        run.record(1024, 0);
        assert_eq!((run.len(), run.shift(), run.batch_size()), (513, 1, 2));
        assert_eq!(run.means().nth(3), Some(Some(6.5)));
        run.record(u64::MAX, 5);
        assert_eq!((run.len(), run.shift()), (1024, 54));
        assert_eq!((run.counts().next(), run.counts().last()), (Some(1025), Some(1)));
    }

    #[test]
    fn empty_batches_are_told_apart_and_filled() {
        let run = series(&[(1, 4), (3, 8)]);
        assert_eq!(run.means().collect::<Vec<_>>(), [None, Some(4.0), None, Some(8.0)]);
        assert_eq!(run.filled_means(), [4.0, 4.0, 4.0, 8.0]);
        assert!(BatchSeries::new().filled_means().is_empty() && BatchSeries::new().is_empty());
    }

    #[test]
    fn replications_align_to_the_coarsest() {
        let mut runs = [series(&[(0, 1), (700, 3)]), series(&[(5_000, 1)]), BatchSeries::new()];
        assert_eq!(BatchSeries::align(&mut runs), 3);
        assert!(runs.iter().all(|run| run.shift() == 3));
        assert_eq!(runs[0].len(), 700 / 8 + 1);
        runs[0].coarsen_to(1_000);
        assert_eq!((runs[0].len(), runs[0].shift()), (1, 63));
    }

    fn records() -> impl Strategy<Value = Vec<(u64, u64)>> {
        let number = (any::<u64>(), 30u32..64).prop_map(|(bits, shift)| bits >> shift);
        prop::collection::vec((number, any::<u64>()), 0..60)
    }

    #[test]
    fn bytes_of_a_regular_series_are_few_and_impossible_ones_are_none() {
        let run = series(&(0..1_000).map(|k| (k, 5)).collect::<Vec<_>>());
        let mut bytes = Vec::new();
        run.encode(&mut bytes);
        assert!(bytes.len() < 1_010, "{}", bytes.len());
        assert_eq!(BatchSeries::decode(&mut &bytes[..]), Some(run));
        assert_eq!(BatchSeries::decode(&mut &bytes[..500]), None);
        assert_eq!(BatchSeries::decode(&mut &[1, 64, 0, 0][..]), None, "a shift of 64");
        assert_eq!(BatchSeries::decode(&mut &[0x81, 8, 0, 0, 0x80, 8][..]), None, "1,025 batches");
    }

    proptest! {
        #[test]
        fn bytes_hold_a_series_exactly(
            records in prop::collection::vec((0_u64..5_000, 0_u64..1 << 40), 0..200), last in 0_u64..1 << 40,
        ) {
            let mut run = series(&records);
            run.record(last, u64::MAX);
            let mut bytes = Vec::new();
            run.encode(&mut bytes);
            prop_assert_eq!(BatchSeries::decode(&mut &bytes[..]), Some(run));
        }

        #[test]
        fn bytes_hold_moments_exactly(values in prop::collection::vec(any::<u64>(), 0..60)) {
            let moments: crate::stats::Moments = values.into_iter().collect();
            let mut bytes = Vec::new();
            moments.encode(&mut bytes);
            prop_assert_eq!(crate::stats::Moments::decode(&mut &bytes[..]), Some(moments));
        }

        #[test]
        fn order_and_grouping_do_not_matter(records in records(), cut in 0usize..60) {
            let cut = cut.min(records.len());
            let whole = series(&records);
            let mut reversed = records.clone();
            reversed.reverse();
            prop_assert_eq!(&series(&reversed), &whole);
            let (mut head, tail) = (series(&records[..cut]), series(&records[cut..]));
            let mut other = tail.clone();
            other.merge(&head);
            head.merge(&tail);
            prop_assert_eq!(&head, &whole);
            prop_assert_eq!(&other, &whole);
            prop_assert!(whole.len() <= BatchSeries::MOST);
            prop_assert_eq!(whole.counts().sum::<u64>(), records.len() as u64);
        }
    }
}
