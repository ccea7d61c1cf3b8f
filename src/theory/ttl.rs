//! Caches whose entries expire.

/// A cache without bounds whose entries live for a time. Requests for a key are a Poisson process of some rate; what is missed is
/// inserted at once. A request sees the time average (Wolff 1982), so that a hit ratio is also the fraction of time that the key is
/// there. Where requests are spread at random over n servers with a cache each, each of them sees a Poisson process of rate / n.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TtlCache {
    /// How long an entry lives, in s from 0 up; infinite where it stays for ever.
    pub ttl: f64,
    /// Whether that time begins anew at every hit; else it is counted from the insertion.
    pub reset_on_hit: bool,
}

impl TtlCache {
    /// The fraction of requests for a key that find it, asked for at this `rate` in 1/s: with x = rate ttl, x / (1 + x) of a time
    /// counted from the insertion, as x hits follow each miss (renewal reward; Jung, Berger & Balakrishnan 2003), and 1 - exp(-x) where
    /// each hit begins it anew, as the last gap decides (Fofack et al. 2012). Not a number where the rate is not above 0 and finite,
    /// or the time is negative.
    #[must_use]
    pub fn hit_ratio(&self, rate: f64) -> f64 {
        if !(super::positive(rate) && self.ttl >= 0.0) {
            return f64::NAN;
        }
        let asked = rate * self.ttl;
        if self.reset_on_hit { -libm::expm1(-asked) } else { 1.0 / (1.0 + 1.0 / asked) }
    }

    /// The mean time in s from a miss of such a key to the next: ttl + 1 / rate, or exp(rate ttl) / rate where hits begin the time
    /// anew. Not a number as above.
    #[must_use]
    pub fn mean_time_between_misses(&self, rate: f64) -> f64 {
        if self.hit_ratio(rate).is_nan() {
            return f64::NAN;
        }
        if self.reset_on_hit { libm::exp(rate * self.ttl) / rate } else { self.ttl + 1.0 / rate }
    }

    /// The fraction of all requests that find their key, of keys asked for at these rates in 1/s: the mean of the hit ratios, weighted
    /// with the rates. Not a number where there is no key, or a rate or the time is as above.
    #[must_use]
    pub fn hit_ratio_of_keys(&self, rates: &[f64]) -> f64 {
        let found: f64 = rates.iter().map(|rate| rate * self.hit_ratio(*rate)).sum();
        found / rates.iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: TtlCache = TtlCache { ttl: 3.0, reset_on_hit: false };
    const RESET: TtlCache = TtlCache { ttl: 3.0, reset_on_hit: true };

    /// A key asked for every 2 s on average, entries that live for 3 s (Jung, Berger & Balakrishnan 2003; Fofack et al. 2012).
    #[test]
    fn figures_of_one_key() {
        assert!((FIXED.hit_ratio(0.5) - 0.6).abs() < 1e-15);
        assert!((FIXED.mean_time_between_misses(0.5) - 5.0).abs() < 1e-15);
        assert!((RESET.hit_ratio(0.5) / 0.776_869_839_852 - 1.0).abs() < 1e-12);
    }

    /// A miss every so many seconds is the rate of misses.
    #[test]
    fn misses_are_the_requests_that_are_no_hits() {
        for cache in [FIXED, RESET] {
            for rate in [1e-6, 0.5, 4.0] {
                let misses = rate * (1.0 - cache.hit_ratio(rate));
                assert!((misses * cache.mean_time_between_misses(rate) - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn keys_count_by_their_rates() {
        let mixed = FIXED.hit_ratio_of_keys(&[0.5, 1.5]);
        assert!((mixed - (0.25 * 0.6 + 0.75 * 4.5 / 5.5)).abs() < 1e-15);
        assert!(FIXED.hit_ratio_of_keys(&[]).is_nan() && FIXED.hit_ratio_of_keys(&[1.0, 0.0]).is_nan());
    }

    #[test]
    fn nothing_lives_for_no_time_and_all_for_ever() {
        for reset_on_hit in [false, true] {
            let at = |ttl| TtlCache { ttl, reset_on_hit };
            assert_eq!((at(0.0).hit_ratio(2.0), at(f64::INFINITY).hit_ratio(2.0)), (0.0, 1.0));
            assert_eq!(
                (at(0.0).mean_time_between_misses(2.0), at(f64::INFINITY).mean_time_between_misses(2.0)),
                (0.5, f64::INFINITY)
            );
            assert!(at(-1.0).hit_ratio(2.0).is_nan() && at(f64::NAN).mean_time_between_misses(2.0).is_nan());
            assert!(at(1.0).hit_ratio(0.0).is_nan() && at(1.0).hit_ratio(f64::INFINITY).is_nan());
        }
    }
}
