//! One server that breaks down.

use super::{Mg1, positive};

/// A server with Poisson arrivals, exponential lifetimes and general repairs, on which nothing is lost: requests wait while it is down,
/// and service goes on where it stopped (preemptive resume).
///
/// From its first start to its end a request takes its completion time, its service and the repairs within: with S the service, R a
/// repair and x the failure rate its mean is E(S)(1 + x E(R)) and its second moment E(S^2)(1 + x E(R))^2 + E(S) x E(R^2) (Gaver 1962;
/// Avi-Itzhak & Naor 1963).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breakdowns {
    queue: Mg1,
    arrival_rate: f64,
    mean_completion: f64,
    /// Mean time in s that the first request of a busy period waits for the end of a repair.
    extra_wait: f64,
    mean_up: f64,
    mean_repair: f64,
}

impl Breakdowns {
    /// A server that fails only while it serves: requests meet an M/G/1 queue whose service is the completion time (Gaver 1962). The
    /// `service` and the `repair` are means in s and squared coefficients of variation, the rates are in 1/s. Nothing where a mean or a
    /// rate is not above 0 and finite, or the queue is not stable.
    #[must_use]
    pub fn only_while_serving(arrival_rate: f64, service: (f64, f64), failure_rate: f64, repair: (f64, f64)) -> Option<Self> {
        if !(positive(failure_rate) && positive(repair.0) && repair.1 >= 0.0) {
            return None;
        }
        let stretch = 1.0 + failure_rate * repair.0;
        let mean_completion = service.0 * stretch;
        let scv = service.1 + failure_rate * repair.0 * repair.0 * (1.0 + repair.1) / (service.0 * stretch * stretch);
        let queue = Mg1::new(arrival_rate, mean_completion, scv)?;
        Some(Self { queue, arrival_rate, mean_completion, extra_wait: 0.0, mean_up: 1.0 / failure_rate, mean_repair: repair.0 })
    }

    /// The same for a server that also fails while idle. A request that finds nobody may find it down, and waits for the rest of the
    /// repair: the first service of a busy period is longer, which adds (2 E(D) + a E(D^2)) / (2 (1 + a E(D))) to the mean wait, with D
    /// that rest and a the arrival rate (Welch 1964). `transform` is E(exp(-a R)), which says how likely a repair ends before the next
    /// arrival. Agrees with White & Christie 1958 and Mitrany & Avi-Itzhak 1968 for exponential times.
    #[must_use]
    pub fn at_any_time(
        arrival_rate: f64,
        service: (f64, f64),
        failure_rate: f64,
        repair: (f64, f64),
        transform: f64,
    ) -> Option<Self> {
        let server = Self::only_while_serving(arrival_rate, service, failure_rate, repair)?;
        if !(0.0..=1.0).contains(&transform) {
            return None;
        }
        let (mean, second) = (repair.0, repair.0 * repair.0 * (1.0 + repair.1));
        // Idle and up, the server fails before the next arrival with probability `first`; a repair that ends before it begins this anew.
        let first = failure_rate / (arrival_rate + failure_rate);
        let repairs = first / (1.0 - first * transform);
        let rest = repairs * (mean - (1.0 - transform) / arrival_rate);
        let square = repairs * (second - 2.0 * mean / arrival_rate + 2.0 * (1.0 - transform) / (arrival_rate * arrival_rate));
        let extra_wait = (2.0 * rest + arrival_rate * square) / (2.0 * (1.0 + arrival_rate * rest));
        Some(Self { extra_wait, ..server })
    }

    /// The mean completion time in s.
    #[must_use]
    pub const fn mean_completion(&self) -> f64 {
        self.mean_completion
    }

    /// The mean response time in s.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.queue.mean_response() + self.extra_wait
    }

    /// The mean number of requests present, by Little's law.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_response()
    }

    /// The fraction of time up of a server that fails at any time.
    #[must_use]
    pub fn availability(&self) -> f64 {
        self.mean_up / (self.mean_up + self.mean_repair)
    }
}

/// The queue M/M/1 whose server crashes at any time, which destroys all requests present; arrivals are rejected until it is repaired
/// (Towsley & Tripathi 1991; Kumar & Arivudainambi 2000).
///
/// While the server is up, the number present is geometric: its ratio is the root below 1 of mu r^2 - (lambda + mu + xi) r + lambda = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crashes {
    arrival_rate: f64,
    service_rate: f64,
    failure_rate: f64,
    availability: f64,
    ratio: f64,
}

impl Crashes {
    /// The queue with these rates in 1/s; it is stable at any load. The repairs may have any distribution with a mean of
    /// 1 / `repair_rate`. Nothing where a rate is not above 0 and finite.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, failure_rate: f64, repair_rate: f64) -> Option<Self> {
        if ![arrival_rate, service_rate, failure_rate, repair_rate].into_iter().all(positive) {
            return None;
        }
        let all = arrival_rate + service_rate + failure_rate;
        // The smaller root as a quotient, so that it does not come from a difference.
        let less = service_rate - arrival_rate;
        let spread = (less * less + failure_rate * (all + service_rate + arrival_rate)).sqrt();
        let ratio = 2.0 * arrival_rate / (all + spread);
        let availability = repair_rate / (failure_rate + repair_rate);
        Some(Self { arrival_rate, service_rate, failure_rate, availability, ratio })
    }

    /// The fraction of time in which the server is up.
    #[must_use]
    pub const fn availability(&self) -> f64 {
        self.availability
    }

    /// The fraction of requests that find it down.
    #[must_use]
    pub fn rejected_fraction(&self) -> f64 {
        1.0 - self.availability
    }

    /// The fraction of requests that are destroyed by a crash: crashes per second times those present, over arrivals.
    #[must_use]
    pub fn lost_fraction(&self) -> f64 {
        self.failure_rate * self.mean_in_system() / self.arrival_rate
    }

    /// The fraction of requests that are served.
    #[must_use]
    pub fn completed_fraction(&self) -> f64 {
        self.throughput() / self.arrival_rate
    }

    /// The mean number of requests present.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.availability * self.ratio / (1.0 - self.ratio)
    }

    /// Requests served in 1/s: mu while somebody is present.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.service_rate * self.availability * self.ratio
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{Chain, Mm1};

    #[test]
    fn a_server_that_hardly_fails_is_a_plain_queue() {
        let plain = Mm1::new(0.5, 1.0).unwrap();
        let exponential = |mean: f64| (mean, 1.0);
        let server = Breakdowns::at_any_time(0.5, exponential(1.0), 1e-12, exponential(1.0), 1.0 / 1.5).unwrap();
        assert!((server.mean_response() - plain.mean_response()).abs() < 1e-10);
        let crashes = Crashes::new(0.5, 1.0, 1e-12, 1.0).unwrap();
        assert!((crashes.mean_in_system() - plain.mean_in_system()).abs() < 1e-10);
    }

    /// Exponential service and repairs in two stages, as a chain cut off where hardly anybody gets: state 3 n + phase, the phase being
    /// up, first and second stage of the repair.
    #[test]
    fn repairs_in_stages_agree_with_the_chain() {
        let (arrivals, service, failures, stage, most) = (0.4, 1.0, 0.05, 0.5, 120);
        let mut transitions = Vec::new();
        for n in 0..most {
            let up = 3 * n;
            transitions.extend([(up, up + 1, failures), (up + 1, up + 2, stage), (up + 2, up, stage)]);
            if n + 1 < most {
                transitions.extend((0..3).map(|phase| (up + phase, up + 3 + phase, arrivals)));
                transitions.push((up + 3, up, service));
            }
        }
        let probabilities = Chain::new(3 * most, transitions).unwrap().stationary().unwrap();
        let present: f64 = probabilities.iter().enumerate().map(|(state, p)| (state / 3) as f64 * p).sum();
        let ends_first = stage / (stage + arrivals);
        let server =
            Breakdowns::at_any_time(arrivals, (1.0 / service, 1.0), failures, (2.0 / stage, 0.5), ends_first * ends_first);
        assert!((server.unwrap().mean_in_system() / present - 1.0).abs() < 1e-9, "{present}");
    }

    #[test]
    fn every_request_is_rejected_lost_or_served() {
        for rates in [(0.9, 1.0, 0.02, 0.2), (3.0, 1.0, 0.5, 0.1), (1e-3, 1.0, 10.0, 1.0)] {
            let queue = Crashes::new(rates.0, rates.1, rates.2, rates.3).unwrap();
            let sum = queue.rejected_fraction() + queue.lost_fraction() + queue.completed_fraction();
            assert!((sum - 1.0).abs() < 1e-13, "{sum}");
        }
    }

    #[test]
    fn senseless_servers_do_not_exist() {
        assert_eq!(Breakdowns::only_while_serving(0.5, (1.0, 1.0), 0.1, (10.0, 1.0)), None);
        assert_eq!(Breakdowns::only_while_serving(0.5, (1.0, 1.0), 0.0, (1.0, 1.0)), None);
        assert_eq!(Breakdowns::at_any_time(0.5, (1.0, 1.0), 0.1, (1.0, 1.0), 1.5), None);
        assert_eq!(Crashes::new(0.5, 1.0, 0.0, 1.0), None);
    }
}
