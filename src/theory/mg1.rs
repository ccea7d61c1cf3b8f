//! Poisson arrivals, any service distribution, one server, first come first served.

use super::positive;

/// The queue M/G/1 by the mean, the squared coefficient of variation and, for standard deviations, the third moment of the
/// service time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mg1 {
    arrival_rate: f64,
    mean_service: f64,
    scv: f64,
}

impl Mg1 {
    /// The queue with this arrival rate in 1/s, mean service time in s and squared coefficient of variation (variance over
    /// squared mean: 0 constant, 1 exponential). Nothing where the load is not below 1 or a parameter is out of range.
    #[must_use]
    pub fn new(arrival_rate: f64, mean_service: f64, scv: f64) -> Option<Self> {
        let sensible = positive(arrival_rate) && positive(mean_service) && scv >= 0.0 && scv.is_finite();
        (sensible && arrival_rate * mean_service < 1.0).then_some(Self { arrival_rate, mean_service, scv })
    }

    /// The fraction of time the server is busy, rho; also the probability of having to wait.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.arrival_rate * self.mean_service
    }

    /// The fraction of time the server holds no request, 1 - rho.
    #[must_use]
    pub fn idle_prob(&self) -> f64 {
        1.0 - self.utilization()
    }

    /// The mean waiting time in s, rho E(S) (1 + scv) / (2 (1 - rho)) (Pollaczek 1930; Khinchine 1932; Kleinrock 1975,
    /// chapter 5).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        let rho = self.utilization();
        rho * self.mean_service * (1.0 + self.scv) / (2.0 * (1.0 - rho))
    }

    /// The mean response time in s.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_wait() + self.mean_service
    }

    /// The standard deviation of the waiting time in s, from the third moment E(S^3) of the service time in s^3:
    /// Var W = lambda E(S^3) / (3 (1 - rho)) + E(W)^2 (Takacs 1962; Kleinrock 1975, chapter 5). Not a number where
    /// the third moment is not above 0; infinite where it is infinite.
    #[must_use]
    pub fn std_wait(&self, third_moment: f64) -> f64 {
        self.wait_variance(third_moment).sqrt()
    }

    /// The standard deviation of the response time in s: the wait does not depend on the service that follows it. Takes
    /// the third moment as [`Mg1::std_wait`] does.
    #[must_use]
    pub fn std_response(&self, third_moment: f64) -> f64 {
        (self.wait_variance(third_moment) + self.scv * self.mean_service * self.mean_service).sqrt()
    }

    fn wait_variance(&self, third_moment: f64) -> f64 {
        if third_moment.is_nan() || third_moment <= 0.0 {
            return f64::NAN;
        }
        let mean = self.mean_wait();
        self.arrival_rate * third_moment / (3.0 * (1.0 - self.utilization())) + mean * mean
    }

    /// The mean number waiting, lambda E(W).
    #[must_use]
    pub fn mean_in_queue(&self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// The mean number waiting or in service.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_response()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mm1;
    use super::*;

    #[test]
    fn exponential_service_is_the_single_queue() {
        let (general, single) = (Mg1::new(0.8, 1.0, 1.0).unwrap(), Mm1::new(0.8, 1.0).unwrap());
        assert!((general.mean_response() / single.mean_response() - 1.0).abs() < 1e-14);
        assert!((general.std_response(6.0) / single.std_response() - 1.0).abs() < 1e-14);
        assert!((general.std_wait(6.0) / single.std_wait() - 1.0).abs() < 1e-14);
        assert!(general.std_wait(-1.0).is_nan());
        assert_eq!(general.std_wait(f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn only_stable_queues_exist() {
        assert_eq!(Mg1::new(1.0, 1.0, 1.0), None);
        assert_eq!(Mg1::new(0.5, 1.0, -1.0), None);
        assert_eq!(Mg1::new(0.5, 1.0, f64::INFINITY), None);
    }
}
