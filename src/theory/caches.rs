//! Caches under independent references: what LRU, FIFO, RANDOM and the best fixed choice find, exactly.

/// Requests of which each is for item i with probability `p_i`, whatever came before: the independent reference model (Aho, Denning
/// & Ullman 1971; King 1971). Items are numbered from 0 and all of size 1, so that a capacity is a number of items. All hit ratios
/// are those of the steady state. A cache that holds every item finds every one.
#[derive(Debug, Clone, PartialEq)]
pub struct IndependentReferences {
    popularity: Vec<f64>,
}

impl IndependentReferences {
    /// The most items that are accepted.
    pub const MOST_ITEMS: usize = 1 << 24;
    /// The most items for which LRU is solved exactly: there are 2^items sets of them.
    pub const MOST_ITEMS_OF_EXACT_LRU: usize = 20;
    /// The most steps, items times capacity, for which FIFO and RANDOM are solved exactly: some seconds.
    pub const MOST_STEPS_OF_EXACT_RANDOM: u64 = 10_000_000_000;

    /// Items asked for in proportion to these weights. Nothing where there is none, there are too many, a weight is not above 0 and
    /// finite, or their sum overflows.
    #[must_use]
    pub fn new(weights: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let sensible = !weights.is_empty() && weights.len() <= Self::MOST_ITEMS && total.is_finite();
        let popularity: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        (sensible && weights.iter().chain(&popularity).all(|value| *value > 0.0)).then_some(Self { popularity })
    }

    /// Popularities by Zipf's law: the k-th of `items`, k from 1, is asked for in proportion to k^-`exponent` (Breslau et al. 1999
    /// for the web). Exponent 0 makes all equal. Nothing where there is no item, there are too many, the exponent is negative or not
    /// finite, or so large that the last weight is 0.
    #[must_use]
    pub fn zipf(items: u32, exponent: f64) -> Option<Self> {
        if items as usize > Self::MOST_ITEMS || !(exponent >= 0.0 && exponent.is_finite()) {
            return None;
        }
        Self::new(&(1..=items).map(|rank| libm::pow(f64::from(rank), -exponent)).collect::<Vec<_>>())
    }

    /// The probability of each item; they sum to 1.
    #[must_use]
    pub fn popularity(&self) -> &[f64] {
        &self.popularity
    }

    /// The fraction of requests found where item i is found with probability `by_item[i]`; what is not named is never found.
    pub(super) fn overall(&self, by_item: impl Iterator<Item = f64>) -> f64 {
        self.popularity.iter().zip(by_item).map(|(p, hit)| p * hit).sum()
    }

    /// The hit ratio of the best fixed choice, the `capacity` most popular items: no rule that does not know the future finds more
    /// (Aho, Denning & Ullman 1971). What frequency-based rules tend to.
    #[must_use]
    pub fn most_popular(&self, capacity: u32) -> f64 {
        let mut sorted = self.popularity.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        if capacity as usize >= sorted.len() { 1.0 } else { sorted.iter().take(capacity as usize).sum() }
    }

    /// The exact hit ratio of LRU with room for `capacity` items: see [`Self::exact_lru_by_item`].
    #[must_use]
    pub fn exact_lru(&self, capacity: u32) -> Option<f64> {
        Some(self.overall(self.exact_lru_by_item(capacity)?.into_iter()))
    }

    /// The exact probability under LRU that a request for each item finds it. The list of the C items last asked for, the newest
    /// first, is (`i_1`, ..., `i_C`) with probability prod `p_{i_j}` / (1 - `p_{i_1}` - ... - `p_{i_{j-1}}`) (King 1971). Summed over the
    /// orders of a set S by the item that comes last, f(S) = sum over i in S of f(S - i) `p_i` / (1 - p(S - i)). Time and memory are
    /// those of all sets. Nothing where there are more than [`Self::MOST_ITEMS_OF_EXACT_LRU`] items.
    #[must_use]
    pub fn exact_lru_by_item(&self, capacity: u32) -> Option<Vec<f64>> {
        let items = self.popularity.len();
        if items > Self::MOST_ITEMS_OF_EXACT_LRU {
            return None;
        }
        let capacity = capacity.min(items as u32);
        let all = (1_usize << items) - 1;
        // What each set is asked for in all, by its smallest item: 1 - p(S) is that of the others, so that nothing cancels.
        let mut asked = vec![0.0; all + 1];
        for set in 1..=all {
            asked[set] = asked[set & (set - 1)] + self.popularity[set.trailing_zeros() as usize];
        }
        let mut held = vec![0.0; all + 1];
        held[0] = 1.0;
        let mut hits = vec![0.0; items];
        for set in 0..=all {
            let full = set.count_ones() == capacity;
            if !full && (held[set] == 0.0 || set.count_ones() > capacity) {
                continue;
            }
            for (item, p) in self.popularity.iter().enumerate() {
                let inside = set >> item & 1 == 1;
                if full && inside {
                    hits[item] += held[set];
                } else if !full && !inside {
                    held[set | 1 << item] += held[set] * p / asked[all ^ set];
                }
            }
        }
        Some(hits)
    }

    /// The exact hit ratio of RANDOM, which evicts any item, and of FIFO, which has the same: a set S of C items is held with
    /// probability prod over S of `p_i` / `e_C`, where `e_k` is the elementary symmetric polynomial of the popularities (King 1971;
    /// Gelenbe 1973), so that the miss ratio is (C + 1) `e_{C+1}` / `e_C`. In time items times capacity; nothing where that is above
    /// [`Self::MOST_STEPS_OF_EXACT_RANDOM`], or popularities are too far apart for the characteristic time to exist.
    #[must_use]
    pub fn exact_random(&self, capacity: u32) -> Option<f64> {
        let items = self.popularity.len();
        if capacity == 0 || capacity as usize >= items {
            return Some(if capacity == 0 { 0.0 } else { 1.0 });
        }
        if items as u64 * u64::from(capacity) > Self::MOST_STEPS_OF_EXACT_RANDOM {
            return None;
        }
        // `e_k z^k` / prod(1 + z p_i) is the probability that k of independent items are present, item i with z p_i / (1 + z p_i).
        // With the z for which C are present on average none of what matters is tiny, and all terms are positive.
        let z = self.characteristic_time(capacity, super::Replacement::Random)?.requests();
        let last = capacity as usize + 1;
        let mut present = vec![0.0; last + 1];
        present[0] = 1.0;
        for (before, p) in self.popularity.iter().enumerate() {
            let (with, without) = (1.0 / (1.0 + 1.0 / (z * p)), 1.0 / (1.0 + z * p));
            for k in (1..=last.min(before + 1)).rev() {
                present[k] = present[k] * without + present[k - 1] * with;
            }
            present[0] *= without;
        }
        let miss = f64::from(capacity + 1) * present[last] / (z * present[last - 1]);
        miss.is_finite().then_some(1.0 - miss)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Replacement;
    use super::*;

    fn near(found: Option<f64>, expected: f64, relative: f64) {
        assert!(found.is_some_and(|found| (found / expected - 1.0).abs() < relative), "{found:?} for {expected}");
    }

    /// Six items by Zipf 0.8, room for three: King's formula over ordered lists, and the product form over subsets.
    #[test]
    fn kings_figures() {
        let references = IndependentReferences::zipf(6, 0.8).unwrap();
        near(references.exact_lru(3), 0.591_638_795_381, 1e-11);
        near(references.exact_random(3), 0.573_289_385_611, 1e-11);
    }

    /// The probability of every ordered list without a repetition, written down as King does.
    fn lists(p: &[f64], capacity: usize, list: &mut Vec<usize>, probability: f64, hits: &mut [f64]) {
        if list.len() == capacity {
            list.iter().for_each(|item| hits[*item] += probability);
            return;
        }
        let rest = 1.0 - list.iter().map(|item| p[*item]).sum::<f64>();
        for item in 0..p.len() {
            if !list.contains(&item) {
                list.push(item);
                lists(p, capacity, list, probability * p[item] / rest, hits);
                list.pop();
            }
        }
    }

    #[test]
    fn sets_are_lists_in_any_order() {
        let references = IndependentReferences::new(&[5.0, 1.0, 3.0, 0.5, 2.0, 2.0, 0.1]).unwrap();
        for capacity in 0..=6 {
            let mut hits = vec![0.0; 7];
            lists(references.popularity(), capacity, &mut Vec::new(), 1.0, &mut hits);
            let found = references.exact_lru_by_item(capacity as u32).unwrap();
            assert!(hits.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-13), "{hits:?} {found:?}");
        }
    }

    /// The hit ratio of FIFO and RANDOM by adding up all sets.
    fn by_sets(p: &[f64], capacity: u32) -> f64 {
        let (mut total, mut found) = (0.0, 0.0);
        for set in (0..1_usize << p.len()).filter(|set| set.count_ones() == capacity) {
            let inside = || p.iter().enumerate().filter(|(item, _)| set >> item & 1 == 1).map(|(_, p)| p);
            let weight: f64 = inside().product();
            total += weight;
            found += weight * inside().sum::<f64>();
        }
        found / total
    }

    #[test]
    fn polynomials_are_sums_over_sets() {
        let references = IndependentReferences::new(&[5.0, 1.0, 3.0, 0.5, 2.0, 2.0, 0.1, 1e-6]).unwrap();
        for capacity in 1..8 {
            near(references.exact_random(capacity), by_sets(references.popularity(), capacity), 1e-12);
        }
    }

    /// With room for one all rules find a repetition of the last request; in equal items any rule finds C of n.
    #[test]
    fn where_rules_agree() {
        let references = IndependentReferences::zipf(12, 1.1).unwrap();
        let repeated = references.popularity().iter().map(|p| p * p).sum();
        near(references.exact_lru(1), repeated, 1e-13);
        near(references.exact_random(1), repeated, 1e-13);
        let equal = IndependentReferences::zipf(15, 0.0).unwrap();
        near(equal.exact_lru(6), 0.4, 1e-13);
        near(equal.exact_random(6), 0.4, 1e-13);
        near(Some(equal.most_popular(6)), 0.4, 1e-13);
    }

    #[test]
    fn lru_lies_between_fifo_and_the_best_choice() {
        let references = IndependentReferences::zipf(20, 0.9).unwrap();
        let mut last = 0.0;
        for capacity in [1, 2, 5, 10, 19, 20, 21] {
            let (lru, random) = (references.exact_lru(capacity).unwrap(), references.exact_random(capacity).unwrap());
            assert!(
                random <= lru + 1e-15 && lru <= references.most_popular(capacity) + 1e-14 && lru > last - 1e-14,
                "{capacity}"
            );
            last = lru;
        }
        assert!((last - 1.0).abs() < 1e-14);
    }

    /// Thousands of items: symmetric polynomials of popularities would be smaller than any float.
    #[test]
    fn large_catalogues_neither_vanish_nor_overflow() {
        let references = IndependentReferences::zipf(10_000, 0.9).unwrap();
        let exact = references.exact_random(500).unwrap();
        near(references.characteristic_time(500, Replacement::Random).map(|time| time.hit_ratio()), exact, 1e-3);
        let equal = IndependentReferences::zipf(5_000, 0.0).unwrap();
        near(equal.exact_random(4_999), 0.9998, 1e-11);
        near(equal.exact_random(1), 2e-4, 1e-9);
    }

    #[test]
    fn senseless_references_do_not_exist() {
        for weights in [&[][..], &[0.0], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY], &[f64::MAX, f64::MAX], &[1e-300, 1e300]] {
            assert_eq!(IndependentReferences::new(weights), None);
        }
        assert_eq!(IndependentReferences::zipf(0, 1.0), None);
        assert_eq!(IndependentReferences::zipf(u32::MAX, 1.0), None);
        assert!(IndependentReferences::zipf(9, -0.1).is_none() && IndependentReferences::zipf(9, f64::NAN).is_none());
        assert!(IndependentReferences::zipf(9, 1e9).is_none());
        let many = IndependentReferences::zipf(21, 1.0).unwrap();
        assert_eq!((many.exact_lru(3), many.exact_lru_by_item(3)), (None, None));
        assert_eq!((many.exact_random(0), many.exact_random(21)), (Some(0.0), Some(1.0)));
        assert_eq!((many.most_popular(0), many.most_popular(u32::MAX)), (0.0, 1.0));
    }

    #[test]
    fn popularities_far_apart() {
        let references = IndependentReferences::new(&[1.0, 1e-150, 1e-160]).unwrap();
        assert!(references.exact_lru(2).is_some_and(|hit| (hit - 1.0).abs() < 1e-14));
        assert!(references.exact_random(2).is_none_or(|hit| (hit - 1.0).abs() < 1e-9));
    }
}
