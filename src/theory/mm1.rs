//! Poisson arrivals, exponential service, one server, first come first served.

use super::{exponential_quantile, positive};

/// The queue M/M/1 (Kleinrock 1975, volume 1, section 3.2). The response time is exponential with mean 1 / (mu - lambda).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mm1 {
    arrival_rate: f64,
    service_rate: f64,
}

impl Mm1 {
    /// The queue with these rates in 1/s; nothing where one is not above 0 or the arrivals are not the slower.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64) -> Option<Self> {
        (positive(arrival_rate) && positive(service_rate) && arrival_rate < service_rate)
            .then_some(Self { arrival_rate, service_rate })
    }

    /// The fraction of time the server is busy, rho = lambda / mu; also the probability of having to wait.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// The fraction of time the server holds no request, 1 - rho.
    #[must_use]
    pub fn idle_prob(&self) -> f64 {
        1.0 - self.utilization()
    }

    /// The mean response time in s, 1 / (mu - lambda) (Kleinrock 1975, equation 3.26).
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        1.0 / (self.service_rate - self.arrival_rate)
    }

    /// The standard deviation of the response time in s: that of an exponential, its mean.
    #[must_use]
    pub fn std_response(&self) -> f64 {
        self.mean_response()
    }

    /// The mean waiting time in s, rho / (mu - lambda).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.utilization() * self.mean_response()
    }

    /// The standard deviation of the waiting time in s, sqrt(rho (2 - rho)) / (mu - lambda).
    #[must_use]
    pub fn std_wait(&self) -> f64 {
        let rho = self.utilization();
        (rho * (2.0 - rho)).sqrt() * self.mean_response()
    }

    /// The quantile of the response time in s, -ln(1 - p) / (mu - lambda); not a number for `p` outside 0 to 1.
    #[must_use]
    pub fn response_quantile(&self, p: f64) -> f64 {
        exponential_quantile(self.mean_response(), p)
    }

    /// The quantile of the waiting time in s: 0 up to p = 1 - rho, then ln(rho / (1 - p)) / (mu - lambda), from
    /// P(W > t) = rho exp(-(mu - lambda) t) (Kleinrock 1975, chapter 5). Not a number for `p` outside 0 to 1.
    #[must_use]
    pub fn wait_quantile(&self, p: f64) -> f64 {
        if (0.0..=1.0).contains(&p) {
            (self.mean_response() * (libm::log(self.utilization()) - libm::log1p(-p))).max(0.0)
        } else {
            f64::NAN
        }
    }

    /// The mean number waiting or in service, rho / (1 - rho) (Kleinrock 1975, equation 3.24).
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_response()
    }

    /// The mean number waiting, rho^2 / (1 - rho).
    #[must_use]
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_of_the_wait_start_at_zero() {
        let queue = Mm1::new(0.5, 1.0).unwrap();
        assert_eq!((queue.wait_quantile(0.4), queue.wait_quantile(0.5)), (0.0, 0.0));
        assert!((queue.wait_quantile(0.75) - 2.0 * std::f64::consts::LN_2).abs() < 1e-14);
        assert!(queue.wait_quantile(-1.0).is_nan());
        assert!((queue.std_wait() - 3f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn only_stable_queues_exist() {
        for (arrivals, service) in [(1.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
            assert_eq!(Mm1::new(arrivals, service), None);
        }
    }
}
