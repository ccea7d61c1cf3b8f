//! Poisson arrivals at one server that all present requests share equally.

use super::positive;

/// The queue M/G/1-PS. Its means depend on the service distribution only through the mean (Sakata, Noguchi & Oizumi 1969;
/// Kleinrock 1976, volume 2, chapter 4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProcessorSharing {
    arrival_rate: f64,
    mean_service: f64,
}

impl ProcessorSharing {
    /// The queue with this arrival rate in 1/s and mean service time (alone at the server) in s; nothing where one is not
    /// above 0 or the load is not below 1.
    #[must_use]
    pub fn new(arrival_rate: f64, mean_service: f64) -> Option<Self> {
        (positive(arrival_rate) && positive(mean_service) && arrival_rate * mean_service < 1.0)
            .then_some(Self { arrival_rate, mean_service })
    }

    /// The fraction of time the server is busy, rho.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.arrival_rate * self.mean_service
    }

    /// The fraction of time the server holds no request, 1 - rho.
    #[must_use]
    pub fn idle_prob(&self) -> f64 {
        1.0 - self.utilization()
    }

    /// The mean of response over own service time, 1 / (1 - rho), the same for short and long requests.
    #[must_use]
    pub fn mean_slowdown(&self) -> f64 {
        1.0 / self.idle_prob()
    }

    /// The mean response time in s, E(S) / (1 - rho).
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_service * self.mean_slowdown()
    }

    /// The mean response time in s of a request that needs `service` s, service / (1 - rho) (Kleinrock 1976, chapter
    /// 4).
    #[must_use]
    pub fn mean_response_given(&self, service: f64) -> f64 {
        service * self.mean_slowdown()
    }

    /// The standard deviation of the response time in s where the service is exponential:
    /// Var T = E(T)^2 (2 + rho) / (2 - rho) (Coffman, Muntz & Trotter 1970). It is not insensitive.
    #[must_use]
    pub fn std_response_exponential(&self) -> f64 {
        let rho = self.utilization();
        self.mean_response() * ((2.0 + rho) / (2.0 - rho)).sqrt()
    }

    /// The mean number present, rho / (1 - rho).
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_requests_wait_in_proportion() {
        let server = ProcessorSharing::new(0.75, 1.0).unwrap();
        assert_eq!((server.mean_response(), server.mean_response_given(3.0), server.mean_in_system()), (4.0, 12.0, 3.0));
        assert!(ProcessorSharing::new(1.0, 1.0).is_none());
    }
}
