//! Large caches by the characteristic time, and pools of servers with a cache each.

use super::{IndependentReferences, TtlCache};

/// How a full cache chooses what it evicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// What was not asked for the longest.
    Lru,
    /// Any entry; or the oldest (FIFO), which under independent references finds the same.
    Random,
}

/// A cache of C items as entries with a common time to live T, counted in requests, for which C of them are present on average: under
/// LRU, where a hit begins the time anew, the T with sum 1 - exp(-`p_i` T) = C (Fagin 1977; Che, Tung & Wang 2002), under RANDOM and
/// FIFO, where it does not, the T with sum `p_i` T / (1 + `p_i` T) = C (Fricker, Robert & Roberts 2012; Martina, Garetto & Leonardi 2014).
/// An approximation, the better the larger the cache; of a cache of a few items it may be off by some percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CharacteristicTime<'a> {
    references: &'a IndependentReferences,
    lives: TtlCache,
}

impl CharacteristicTime<'_> {
    /// The characteristic time in requests: how long an item stays that is not asked for (LRU), or however often it is asked for
    /// (RANDOM, FIFO). 0 where the cache has no room, infinite where it holds every item.
    #[must_use]
    pub const fn requests(&self) -> f64 {
        self.lives.ttl
    }

    /// The probability that a request for this item, counted from 0, finds it: 1 - exp(-`p_i` T), or `p_i` T / (1 + `p_i` T). Not a
    /// number where there is no such item.
    #[must_use]
    pub fn hit_ratio_of(&self, item: usize) -> f64 {
        self.references.popularity().get(item).map_or(f64::NAN, |p| self.lives.hit_ratio(*p))
    }

    /// The fraction of all requests that are found, sum `p_i` `h_i`.
    #[must_use]
    pub fn hit_ratio(&self) -> f64 {
        let popularity = self.references.popularity();
        self.references.overall(popularity.iter().map(|p| self.lives.hit_ratio(*p)))
    }

    /// The mean number of items present, and its derivative by T: `p_i` (1 - `h_i`) an item for LRU, `p_i` (1 - `h_i`)^2 for RANDOM.
    fn present(&self) -> (f64, f64) {
        let of_one = |p: &f64| {
            let hit = self.lives.hit_ratio(*p);
            let missed = 1.0 - hit;
            (hit, p * if self.lives.reset_on_hit { missed } else { missed * missed })
        };
        let add = |sum: (f64, f64), one: (f64, f64)| (sum.0 + one.0, sum.1 + one.1);
        self.references.popularity().iter().map(of_one).fold((0.0, 0.0), add)
    }
}

impl IndependentReferences {
    /// The characteristic time of a cache with room for `capacity` items. The number present is an increasing, concave function of T
    /// and at most T, so that Newton's steps from T = C rise to the solution and never pass it. Nothing where popularities are so far
    /// apart that they do not find it.
    #[must_use]
    pub fn characteristic_time(&self, capacity: u32, rule: Replacement) -> Option<CharacteristicTime<'_>> {
        /// Each step at least about doubles T, or the fraction of the way.
        const MOST_STEPS: usize = 10_000;
        let lives = |ttl| TtlCache { ttl, reset_on_hit: rule == Replacement::Lru };
        let at = |requests| CharacteristicTime { references: self, lives: lives(requests) };
        if capacity as usize >= self.popularity().len() {
            return Some(at(f64::INFINITY));
        }
        let room = f64::from(capacity);
        let mut time = at(room);
        for _ in 0..MOST_STEPS {
            let (present, slope) = time.present();
            let next = time.requests() + (room - present) / slope;
            // As near as rounding lets it come, which may be beyond the solution.
            if capacity == 0 || next <= time.requests() * (1.0 + 4.0 * f64::EPSILON) {
                return Some(time);
            }
            if !next.is_finite() {
                return None;
            }
            time = at(next);
        }
        None
    }

    /// The references each of `servers` sees where the k-th item, k from 1, always goes to server (k - 1) mod n, and the share of all
    /// requests that goes there. Servers without an item are left out; nothing where there is no server.
    #[must_use]
    pub fn by_rank(&self, servers: u32) -> Option<Vec<(f64, Self)>> {
        let stride = (servers > 0).then_some(servers as usize)?;
        let part = |first: usize| {
            let own: Vec<f64> = self.popularity().iter().skip(first).step_by(stride).copied().collect();
            Some((own.iter().sum(), Self::new(&own)?))
        };
        (0..stride.min(self.popularity().len())).map(part).collect()
    }
}

/// Servers with a cache each, and no other: what their caches find depends on which requests go where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachePool {
    /// Servers, at least one.
    pub servers: u32,
    /// Items each of them has room for.
    pub capacity: u32,
    /// What a full cache evicts.
    pub rule: Replacement,
}

impl CachePool {
    /// The hit ratio where each request goes to any server: all caches hold the same, as one of them would alone (by the
    /// characteristic time, Che, Tung & Wang 2002). Nothing where there is no server.
    #[must_use]
    pub fn random(&self, references: &IndependentReferences) -> Option<f64> {
        if self.servers == 0 {
            return None;
        }
        Some(references.characteristic_time(self.capacity, self.rule)?.hit_ratio())
    }

    /// The hit ratio where each item has a server of its own, the k-th the one of number (k - 1) mod n: every cache holds other
    /// items. By the characteristic time of each server. Nothing where there is no server.
    #[must_use]
    pub fn sticky(&self, references: &IndependentReferences) -> Option<f64> {
        let found = |(share, own): (f64, IndependentReferences)| {
            Some(share * own.characteristic_time(self.capacity, self.rule)?.hit_ratio())
        };
        references.by_rank(self.servers)?.into_iter().map(found).sum()
    }

    /// The hit ratio of one cache with the room of all, which the servers would share: nearly that of [`Self::sticky`]. Nothing where
    /// there is no server.
    #[must_use]
    pub fn shared(&self, references: &IndependentReferences) -> Option<f64> {
        let capacity = self.capacity.saturating_mul(self.servers);
        Self { servers: self.servers.min(1), capacity, rule: self.rule }.random(references)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, relative: f64) {
        assert!((found / expected - 1.0).abs() < relative, "{found} for {expected}");
    }

    /// 10000 items by Zipf 0.9, room for 500: the fixed point of Che, Tung & Wang 2002.
    #[test]
    fn ches_figures() {
        let references = IndependentReferences::zipf(10_000, 0.9).unwrap();
        let lru = references.characteristic_time(500, Replacement::Lru).unwrap();
        near(lru.requests(), 770.854_439_695, 1e-11);
        near(lru.hit_ratio(), 0.455_381_752_042, 1e-11);
        near(lru.hit_ratio_of(0), 1.0, 1e-12);
        near(lru.hit_ratio_of(9), 0.997_941_096_553, 1e-11);
        near(lru.hit_ratio_of(99), 0.541_006_212_81, 1e-11);
        assert!(lru.hit_ratio_of(10_000).is_nan());
        let small = IndependentReferences::zipf(6, 0.8).unwrap();
        near(small.characteristic_time(3, Replacement::Lru).unwrap().hit_ratio(), 0.589_102, 1e-6);
    }

    /// Four servers with room for 250 of 10000 items by Zipf 0.8 (Che, Tung & Wang 2002; Fricker, Robert & Roberts 2012).
    #[test]
    fn figures_of_a_pool() {
        let references = IndependentReferences::zipf(10_000, 0.8).unwrap();
        let pool = CachePool { servers: 4, capacity: 250, rule: Replacement::Lru };
        near(pool.random(&references).unwrap(), 0.245_778_068_343, 1e-11);
        near(pool.sticky(&references).unwrap(), 0.436_659_647_402, 1e-11);
        near(pool.shared(&references).unwrap(), 0.436_659_722_231, 1e-11);
        let shares: Vec<f64> = references.by_rank(4).unwrap().iter().map(|(share, _)| *share).collect();
        near(shares.iter().sum(), 1.0, 1e-13);
        assert!(shares.is_sorted_by(|a, b| a > b), "{shares:?}");
    }

    /// It is the solution, also where nearly all items fit and popularities are far apart.
    #[test]
    fn as_many_are_present_as_there_is_room() {
        for (items, exponent) in [(2, 0.0), (2, 30.0), (50, 0.0), (50, 8.0), (1_000, 0.7), (1_000, 3.0)] {
            let references = IndependentReferences::zipf(items, exponent).unwrap();
            for rule in [Replacement::Lru, Replacement::Random] {
                for capacity in [1, 2, items / 2, items - 1].into_iter().filter(|capacity| *capacity < items) {
                    let time = references.characteristic_time(capacity, rule).unwrap();
                    near(time.present().0, f64::from(capacity), 1e-11);
                    assert!(time.requests() >= f64::from(capacity) * (1.0 - 1e-15));
                }
            }
        }
    }

    #[test]
    fn the_approximation_is_near_where_the_truth_is_known() {
        let references = IndependentReferences::zipf(20, 0.8).unwrap();
        for (capacity, error) in [(2, 0.04), (5, 0.02), (10, 0.01), (15, 0.01)] {
            let approximate = |rule| references.characteristic_time(capacity, rule).unwrap().hit_ratio();
            near(approximate(Replacement::Lru), references.exact_lru(capacity).unwrap(), error);
            near(approximate(Replacement::Random), references.exact_random(capacity).unwrap(), error);
        }
    }

    #[test]
    fn no_room_and_room_for_all() {
        let references = IndependentReferences::zipf(10, 1.0).unwrap();
        for rule in [Replacement::Lru, Replacement::Random] {
            let none = references.characteristic_time(0, rule).unwrap();
            assert_eq!((none.requests(), none.hit_ratio(), none.hit_ratio_of(0)), (0.0, 0.0, 0.0));
            let all = references.characteristic_time(10, rule).unwrap();
            assert_eq!((all.requests(), all.hit_ratio_of(9)), (f64::INFINITY, 1.0));
            near(all.hit_ratio(), 1.0, 1e-14);
        }
    }

    #[test]
    fn pools_at_the_ends() {
        let references = IndependentReferences::zipf(10, 1.0).unwrap();
        let pool = CachePool { servers: 12, capacity: 1, rule: Replacement::Random };
        near(pool.sticky(&references).unwrap(), 1.0, 1e-14);
        assert_eq!(references.by_rank(12).unwrap().len(), 10);
        let alone = CachePool { servers: 1, capacity: 4, ..pool };
        near(alone.random(&references).unwrap(), alone.sticky(&references).unwrap(), 1e-14);
        assert_eq!(alone.random(&references), alone.shared(&references));
        let nobody = CachePool { servers: 0, ..pool };
        assert_eq!((nobody.random(&references), nobody.sticky(&references), nobody.shared(&references)), (None, None, None));
        let vast = CachePool { servers: u32::MAX, capacity: u32::MAX, ..pool };
        near(vast.shared(&references).unwrap(), 1.0, 1e-14);
    }
}
