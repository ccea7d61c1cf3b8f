//! Availability by counting: alternating renewal, blocks, tries among dead servers, sessions.

use super::positive;

/// The fraction of time up of a unit that is up and down in turn, with these means in s whatever the distributions (renewal reward;
/// Barlow & Proschan 1975, chapter 7). Not a number where the time up is not above 0 and finite, or the time down negative.
#[must_use]
pub fn availability_of(mean_up: f64, mean_down: f64) -> f64 {
    if positive(mean_up) && mean_down >= 0.0 { mean_up / (mean_up + mean_down) } else { f64::NAN }
}

/// The probability that at least `needed` of `count` independent units are up, each with probability `up`: the availability of the
/// units, or at a given time their reliability (binomial; Barlow & Proschan 1975, chapter 2). Not a number where `up` is none, or
/// more is needed than there is.
#[must_use]
pub fn k_of_n(needed: u32, count: u32, up: f64) -> f64 {
    if !(0.0..=1.0).contains(&up) || needed > count {
        return f64::NAN;
    }
    // The probability of each number of units up, unit by unit: sums of products of what is not negative.
    let mut numbers = vec![1.0];
    for _ in 0..count {
        let mut next = vec![0.0; numbers.len() + 1];
        for (number, probability) in numbers.iter().enumerate() {
            next[number] += probability * (1.0 - up);
            next[number + 1] += probability * up;
        }
        numbers = next;
    }
    numbers[needed as usize..].iter().sum()
}

/// The availability of independent blocks that are all needed.
#[must_use]
pub fn in_series(blocks: &[f64]) -> f64 {
    blocks.iter().product()
}

/// The availability of independent blocks of which one is enough.
#[must_use]
pub fn in_parallel(blocks: &[f64]) -> f64 {
    1.0 - blocks.iter().map(|up| 1.0 - up).product::<f64>()
}

/// Requests that are sent to servers drawn at random, some of them dead, until one answers or the tries are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadServers {
    /// All servers, at least one.
    pub servers: u32,
    /// Those that fail every try, at most `servers`.
    pub dead: u32,
    /// Tries after the first.
    pub retries: u32,
    /// Whether a retry passes over the servers already tried.
    pub distinct: bool,
}

impl DeadServers {
    /// The probability that every try fails, and the mean number of tries: that of i failures in a row is a product of m/n, or of
    /// (m - i)/(n - i) where none is tried twice. Where all servers have been tried there is nowhere else to go, and the request has
    /// failed.
    fn count(&self) -> (f64, f64) {
        if self.servers == 0 || self.dead > self.servers {
            return (f64::NAN, f64::NAN);
        }
        let tries = self.retries.saturating_add(1);
        let (mut fails, mut mean) = (1.0, 0.0);
        for number in 0..if self.distinct { tries.min(self.servers) } else { tries } {
            let gone = if self.distinct { number } else { 0 };
            mean += fails;
            fails *= f64::from(self.dead.saturating_sub(gone)) / f64::from(self.servers - gone);
        }
        (fails, mean)
    }

    /// The fraction of requests of which every try fails. Not a number where there is no server, or more are dead than there are.
    #[must_use]
    pub fn error_fraction(&self) -> f64 {
        self.count().0
    }

    /// The mean number of tries per request: the sum over i of the probability that the first i fail. Not a number as above.
    #[must_use]
    pub fn mean_tries(&self) -> f64 {
        self.count().1
    }
}

/// A session of exponential length on one server with an exponential lifetime (means in s): the probability that it is interrupted, and
/// the mean time in s until it ends either way (competing exponentials). Nothing where a mean is not above 0 and finite.
#[must_use]
pub fn interrupted_session(mean_length: f64, mean_time_to_failure: f64) -> Option<(f64, f64)> {
    let both = mean_length + mean_time_to_failure;
    (positive(mean_length) && positive(mean_time_to_failure))
        .then(|| (mean_length / both, mean_length / both * mean_time_to_failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_n_is_parallel_and_n_of_n_series() {
        let blocks = [0.9; 4];
        assert!((k_of_n(1, 4, 0.9) - in_parallel(&blocks)).abs() < 1e-15);
        assert!((k_of_n(4, 4, 0.9) - in_series(&blocks)).abs() < 1e-15);
        assert_eq!(k_of_n(0, 4, 0.9), 1.0);
        assert!(k_of_n(5, 4, 0.9).is_nan() && k_of_n(1, 4, 1.1).is_nan());
    }

    #[test]
    fn availability_takes_means_only() {
        assert_eq!(availability_of(3.0, 1.0), 0.75);
        assert_eq!(availability_of(3.0, 0.0), 1.0);
        assert!(availability_of(0.0, 1.0).is_nan() && availability_of(1.0, -1.0).is_nan());
    }

    #[test]
    fn tries_end_where_all_servers_have_been_tried() {
        let all_dead = DeadServers { servers: 3, dead: 3, retries: 9, distinct: true };
        assert_eq!((all_dead.error_fraction(), all_dead.mean_tries()), (1.0, 3.0));
        let again = DeadServers { distinct: false, ..all_dead };
        assert_eq!((again.error_fraction(), again.mean_tries()), (1.0, 10.0));
        let none = DeadServers { dead: 0, ..again };
        assert_eq!((none.error_fraction(), none.mean_tries()), (0.0, 1.0));
        assert!(DeadServers { dead: 4, ..again }.error_fraction().is_nan());
        assert!(DeadServers { servers: 0, dead: 0, ..again }.error_fraction().is_nan());
    }

    #[test]
    fn a_session_of_the_length_of_a_lifetime_is_interrupted_half_the_time() {
        assert_eq!(interrupted_session(10.0, 10.0), Some((0.5, 5.0)));
        assert_eq!(interrupted_session(0.0, 10.0), None);
    }
}
