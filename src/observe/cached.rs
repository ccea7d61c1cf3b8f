//! What caches were good for.

use crate::units::Span;

/// The use of the caches of one kind in all servers of a pool over the measured window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheUsage {
    /// How often something was looked for.
    pub lookups: u64,
    /// How often it was there.
    pub hits: u64,
    /// Bytes looked for; 0 where entries have no size.
    pub bytes_asked: u64,
    /// Those of them that were there.
    pub bytes_hit: u64,
    /// Misses that waited for what another request was loading already.
    pub joined: u64,
    /// Lookups and hits by the age of the cache since it was last empty: see [`CacheUsage::age_class`].
    pub by_age: [[u64; 2]; Self::AGES],
    /// How often a cache that had been emptied by a failure was as good as before again.
    pub refills: u64,
    /// Nanoseconds from the return of its server until then, added up.
    pub refill_ns: u128,
}

impl Default for CacheUsage {
    fn default() -> Self {
        Self {
            lookups: 0,
            hits: 0,
            bytes_asked: 0,
            bytes_hit: 0,
            joined: 0,
            by_age: [[0; 2]; Self::AGES],
            refills: 0,
            refill_ns: 0,
        }
    }
}

impl CacheUsage {
    /// Classes of ages: two to each doubling, the first below a millisecond, the last beyond some centuries.
    pub const AGES: usize = 88;

    /// The class of an age.
    #[must_use]
    pub const fn age_class(age: Span) -> usize {
        let millis = age.as_nanos() / 1_000_000;
        if millis == 0 {
            return 0;
        }
        let octave = millis.ilog2();
        // Above 1.5 times a power of two it is the upper half.
        let upper = octave > 0 && millis >> (octave - 1) & 1 == 1;
        let class = 1 + 2 * octave as usize + upper as usize;
        if class < Self::AGES { class } else { Self::AGES - 1 }
    }

    /// Where class number `class` begins, in seconds.
    #[must_use]
    pub fn age_begins_secs(class: usize) -> f64 {
        if class == 0 {
            return 0.0;
        }
        let (octave, half) = ((class - 1) / 2, (class - 1) % 2);
        1e-3 * (1_u64 << octave.min(63)) as f64 * if half == 1 { 1.5 } else { 1.0 }
    }

    /// Where class number `class` ends, in seconds.
    #[must_use]
    pub fn age_ends_secs(class: usize) -> f64 {
        // Ages are counted in whole milliseconds: there is none in the upper half of the first octave.
        Self::age_begins_secs(if class == 1 { 3 } else { class + 1 })
    }

    /// Counts a lookup.
    #[inline]
    pub fn count(&mut self, age: Span, is_hit: bool, bytes: u64) {
        let hit = u64::from(is_hit);
        self.lookups += 1;
        self.hits += hit;
        self.bytes_asked += bytes;
        self.bytes_hit += bytes * hit;
        let [lookups, hits] = &mut self.by_age[Self::age_class(age)];
        *lookups += 1;
        *hits += hit;
    }

    /// Adds the use of other caches.
    pub fn add(&mut self, other: &Self) {
        let Self { lookups, hits, bytes_asked, bytes_hit, joined, by_age, refills, refill_ns } = other;
        self.lookups += lookups;
        self.hits += hits;
        self.bytes_asked += bytes_asked;
        self.bytes_hit += bytes_hit;
        self.joined += joined;
        self.refills += refills;
        self.refill_ns += refill_ns;
        self.by_age.iter_mut().flatten().zip(by_age.iter().flatten()).for_each(|(sum, count)| *sum += count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fall_into_classes_that_begin_where_they_say() {
        for (millis, class) in [(0, 0), (1, 1), (2, 3), (3, 4), (4, 5), (5, 5), (6, 6), (1_000, 20), (1_024, 21), (1_536, 22)] {
            assert_eq!(CacheUsage::age_class(Span::from_nanos(millis * 1_000_000)), class, "{millis} ms");
        }
        for class in (0..80).filter(|class| *class != 2) {
            let begins = Span::from_nanos_f64(CacheUsage::age_begins_secs(class) * 1e9);
            assert_eq!(CacheUsage::age_class(begins), class, "{begins}");
        }
        assert_eq!(CacheUsage::age_class(Span::LONGEST), CacheUsage::age_class(Span::LONGEST).min(CacheUsage::AGES - 1));
    }
}
