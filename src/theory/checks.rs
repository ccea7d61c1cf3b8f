//! What periodic health checks miss.

use super::{Chain, positive};

/// How long checks take to find a server that is down: it is out of rotation after `fall` failed checks in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// From check to check, in s.
    pub period: f64,
    /// How long a check of a server that is down takes, in s: 0 where it is refused, the timeout where it is silent.
    pub timeout: f64,
    /// Failed checks in a row until it is out.
    pub fall: u32,
    /// Whether the period begins at the end of the check before, as in HAProxy; else checks begin at its multiples, and a timeout delays
    /// the last of them only.
    pub from_end: bool,
}

impl Detection {
    /// The least delay in s from the crash to the removal: the crash comes just before a check.
    #[must_use]
    pub fn least_delay(&self) -> f64 {
        let between = self.period + if self.from_end { self.timeout } else { 0.0 };
        f64::from(self.fall.saturating_sub(1)) * between + self.timeout
    }

    /// The greatest delay in s: it comes just after a check.
    #[must_use]
    pub fn greatest_delay(&self) -> f64 {
        self.least_delay() + self.period
    }

    /// The mean delay in s, the crash being uniform between two checks.
    #[must_use]
    pub fn mean_delay(&self) -> f64 {
        self.least_delay() + self.period / 2.0
    }

    /// Its standard deviation in s: that of a uniform time.
    #[must_use]
    pub fn std_delay(&self) -> f64 {
        self.period / 12_f64.sqrt()
    }

    /// The probability that a repair of exponential length with this mean (s) is longer than the delay, and the mean delay in s of those
    /// that are. It holds for outages of a server in rotation that begin uniformly between two checks.
    #[must_use]
    pub fn outlasted(&self, mean_repair: f64) -> (f64, f64) {
        // The time u to the first check, weighted by exp(-x u / period): its mean weight, and the mean of u so weighted.
        let x = self.period / mean_repair;
        let weight = -libm::expm1(-x) / x;
        let mean = self.period * (1.0 / x - 1.0 / libm::expm1(x));
        (libm::exp(-self.least_delay() / mean_repair) * weight, self.least_delay() + mean)
    }
}

/// Servers with exponential lifetimes and repairs under checks that take no time, at the same distance for each of them; those believed
/// up get requests uniformly at random, one that is down fails what it gets, and so does everything fail while none is believed up.
///
/// What is believed of a server right after a check says whether it is up: it is if and only if the check has passed. So belief is a
/// Markov chain from check to check, with the transition probabilities of the two-state server over a period; between checks the
/// probability to be down is integrated. Servers are independent of each other at any time (own derivation).
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedServers {
    servers: u32,
    availability: f64,
    out: f64,
    out_and_up: f64,
    in_and_down: f64,
}

impl CheckedServers {
    /// So many servers with these means in s, checked each `period` s: out after `fall` failures in a row, in again after `rise`
    /// successes. Nothing where a number is 0, a time is not above 0 and finite, or `fall` and `rise` are too many for a [`Chain`].
    #[must_use]
    pub fn new(servers: u32, mean_up: f64, mean_down: f64, period: f64, (fall, rise): (u32, u32)) -> Option<Self> {
        let sound = positive(mean_up) && positive(mean_down) && positive(period) && servers > 0;
        if !sound || fall == 0 || rise == 0 || fall.max(rise) as usize > Chain::MOST_STATES {
            return None;
        }
        let (fall, rise) = (fall as usize, rise as usize);
        let availability = mean_up / (mean_up + mean_down);
        let x = period / mean_up + period / mean_down;
        // Over a period: how far the beginning is forgotten at its end, and on average.
        let (forgotten, on_average) = (-libm::expm1(-x), 1.0 + libm::expm1(-x) / x);
        let (fails, heals) = ((1.0 - availability) * forgotten, availability * forgotten);
        // The states: believed up after 0, 1, ..., fall - 1 failures in a row, then believed down after 0, 1, ..., rise - 1 successes.
        let (up_after, down_after) = (0, fall);
        let is_up = |state: usize| state == up_after || state > down_after;
        let next = |state: usize| match state {
            _ if state < fall => (up_after, if state + 1 == fall { down_after } else { state + 1 }),
            _ => (if state + 1 == fall + rise { up_after } else { state + 1 }, down_after),
        };
        let transitions = (0..fall + rise).flat_map(|state| {
            let (passes, misses) = next(state);
            let missed = if is_up(state) { fails } else { 1.0 - heals };
            [(state, passes, 1.0 - missed), (state, misses, missed)]
        });
        let probabilities = Chain::new(fall + rise, transitions)?.stationary()?;
        let share_up = |state: usize| {
            let gone = on_average;
            if is_up(state) { 1.0 - (1.0 - availability) * gone } else { availability * gone }
        };
        let sum = |states: std::ops::Range<usize>, of: &dyn Fn(usize) -> f64| -> f64 {
            states.map(|state| probabilities[state] * of(state)).sum()
        };
        Some(Self {
            servers,
            availability,
            out: sum(fall..fall + rise, &|_| 1.0),
            out_and_up: sum(fall..fall + rise, &share_up),
            in_and_down: sum(0..fall, &|state| 1.0 - share_up(state)),
        })
    }

    /// The fraction of time in which a server is up.
    #[must_use]
    pub const fn availability(&self) -> f64 {
        self.availability
    }

    /// The fraction of time in which a server is out of rotation.
    #[must_use]
    pub const fn out(&self) -> f64 {
        self.out
    }

    /// The fraction of time in which it is out of rotation though it is up.
    #[must_use]
    pub const fn out_and_up(&self) -> f64 {
        self.out_and_up
    }

    /// The fraction of time in which it is in rotation though it is down.
    #[must_use]
    pub const fn in_and_down(&self) -> f64 {
        self.in_and_down
    }

    /// The fraction of requests that fail: all are out, or the one chosen among those in rotation is down.
    #[must_use]
    pub fn error_fraction(&self) -> f64 {
        let nobody = libm::pow(self.out, f64::from(self.servers));
        nobody + (1.0 - nobody) * self.in_and_down / (1.0 - self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_delays_each_check_or_only_the_last() {
        let refused = Detection { period: 1.0, timeout: 0.0, fall: 3, from_end: true };
        assert_eq!((refused.least_delay(), refused.mean_delay(), refused.greatest_delay()), (2.0, 2.5, 3.0));
        let silent = Detection { timeout: 1.0, ..refused };
        assert_eq!((silent.least_delay(), silent.greatest_delay()), (5.0, 6.0));
        let at_multiples = Detection { from_end: false, ..silent };
        assert_eq!((at_multiples.least_delay(), at_multiples.greatest_delay()), (3.0, 4.0));
    }

    #[test]
    fn of_long_outages_nearly_all_are_found() {
        let checks = Detection { period: 1.0, timeout: 0.0, fall: 2, from_end: false };
        let (probability, delay) = checks.outlasted(1e6);
        assert!((probability - (1.0 - 1.5e-6)).abs() < 1e-11, "{probability}");
        assert!((delay - 1.5).abs() < 1e-6);
    }

    /// Belief is always right where the checks are dense, and a coin where they are rare and one check decides.
    #[test]
    fn dense_checks_miss_nothing_and_rare_ones_know_nothing() {
        let dense = CheckedServers::new(3, 100.0, 10.0, 1e-6, (1, 1)).unwrap();
        assert!((dense.out() - 1.0 / 11.0).abs() < 1e-6);
        assert!(dense.in_and_down() < 1e-7 && dense.out_and_up() < 1e-7);
        assert!((dense.error_fraction() - libm::pow(1.0 / 11.0, 3.0)).abs() < 1e-6);
        let rare = CheckedServers::new(1, 100.0, 10.0, 1e9, (1, 1)).unwrap();
        assert!((rare.in_and_down() - 10.0 / 121.0).abs() < 1e-6);
        assert!((rare.out_and_up() - 10.0 / 121.0).abs() < 1e-6);
    }

    #[test]
    fn belief_and_truth_add_up() {
        let servers = CheckedServers::new(4, 600.0, 60.0, 5.0, (3, 2)).unwrap();
        let down = servers.in_and_down() + servers.out() - servers.out_and_up();
        assert!((down - (1.0 - servers.availability())).abs() < 1e-15);
        let slow = CheckedServers::new(4, 600.0, 60.0, 5.0, (6, 2)).unwrap();
        assert!(slow.error_fraction() > 1.5 * servers.error_fraction());
    }

    #[test]
    fn senseless_checks_do_not_exist() {
        assert_eq!(CheckedServers::new(0, 1.0, 1.0, 1.0, (1, 1)), None);
        assert_eq!(CheckedServers::new(1, 1.0, 1.0, 1.0, (0, 1)), None);
        assert_eq!(CheckedServers::new(1, 1.0, 1.0, 0.0, (1, 1)), None);
        assert_eq!(CheckedServers::new(1, 1.0, 1.0, 1.0, (u32::MAX, 1)), None);
    }
}
