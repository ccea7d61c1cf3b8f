//! Each arrival joins the shortest of d queues drawn at random, in the limit of many servers.

use super::positive;

/// The mean field of the supermarket model (Mitzenmacher 1996; Vvedenskaya, Dobrushin & Karpelevich 1996): Poisson
/// arrivals of rate lambda per server, exponential service, d servers drawn per arrival. With rho = lambda E(S), the
/// fraction of servers with at least k requests is rho^((d^k - 1)/(d - 1)). A limit: the error at n servers is of the order
/// of 1/n. With d = 1 it is the random choice, exact at every n.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerOfD {
    load: f64,
    mean_service: f64,
    choices: u32,
}

impl PowerOfD {
    /// The limit for this arrival rate per server in 1/s, mean service time in s and number of `choices` d. Nothing where
    /// one is not above 0 or the load is not below 1.
    #[must_use]
    pub fn new(arrival_rate_per_server: f64, mean_service: f64, choices: u32) -> Option<Self> {
        let load = arrival_rate_per_server * mean_service;
        let sensible = positive(arrival_rate_per_server) && positive(mean_service) && choices > 0;
        (sensible && load < 1.0).then_some(Self { load, mean_service, choices })
    }

    /// The fraction of servers with at least `k` requests, waiting or in service.
    #[must_use]
    pub fn fraction_servers_ge(&self, k: u32) -> f64 {
        libm::pow(self.load, self.geometric(k))
    }

    /// The mean number per server, the sum of these fractions over k from 1.
    #[must_use]
    pub fn mean_in_system_per_server(&self) -> f64 {
        if self.choices == 1 {
            return self.load / (1.0 - self.load);
        }
        // The terms fall doubly exponentially; 64 are enough for the largest load below 1.
        (1..=64).map(|k| self.fraction_servers_ge(k)).sum()
    }

    /// The mean response time in s: E(S) times the sum over i from 1 of rho^((d^i - d)/(d - 1)).
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_service * self.mean_in_system_per_server() / self.load
    }

    /// 1 + d + ... + d^(k - 1) = (d^k - 1) / (d - 1).
    fn geometric(&self, k: u32) -> f64 {
        let d = f64::from(self.choices);
        if self.choices == 1 { f64::from(k) } else { (libm::pow(d, f64::from(k)) - 1.0) / (d - 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_choice_is_a_single_queue() {
        let limit = PowerOfD::new(0.8, 1.0, 1).unwrap();
        assert!((limit.mean_response() - 5.0).abs() < 1e-14);
        assert!((limit.fraction_servers_ge(3) - 0.512).abs() < 1e-15);
        assert_eq!(limit.fraction_servers_ge(0), 1.0);
    }

    #[test]
    fn many_choices_leave_no_wait() {
        assert!((PowerOfD::new(0.9, 2.0, 1_000).is_none()));
        assert!((PowerOfD::new(0.45, 2.0, 1_000).unwrap().mean_response() - 2.0).abs() < 1e-12);
        assert!(PowerOfD::new(0.5, 1.0, 0).is_none());
        let near = PowerOfD::new(1.0 - 1e-15, 1.0, 2).unwrap().mean_in_system_per_server();
        assert!(near > 45.0 && near < 60.0, "{near}");
    }
}
