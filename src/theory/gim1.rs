//! Renewal arrivals, exponential service, one server, first come first served.

use super::{exponential_quantile, positive};

/// The queue GI/M/1 (Kendall 1953; Kleinrock 1975, volume 1, chapter 6). An arrival has to wait with probability sigma, the
/// root below 1 of sigma = A(mu (1 - sigma)) with A the Laplace-Stieltjes transform of the time between arrivals; the
/// response time is exponential with rate mu (1 - sigma).
///
/// Near saturation 1 - sigma loses digits: the figures are good to about 1e-15 / (1 - rho)^2 relative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gim1 {
    arrival_rate: f64,
    service_rate: f64,
    sigma: f64,
}

impl Gim1 {
    /// The queue with these rates in 1/s and `transform(s)` = E(exp(-s T)), T the time between arrivals, of mean
    /// 1 / `arrival_rate`. Nothing where a rate is not above 0, the arrivals are not the slower, or no root is found.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, transform: impl Fn(f64) -> f64) -> Option<Self> {
        if !(positive(arrival_rate) && positive(service_rate) && arrival_rate < service_rate) {
            return None;
        }
        let sigma = root(|sigma| transform(service_rate * (1.0 - sigma)) - sigma)?;
        Some(Self { arrival_rate, service_rate, sigma })
    }

    /// D/M/1: arrivals at equal distances, A(s) = exp(-s / lambda).
    #[must_use]
    pub fn deterministic_arrivals(arrival_rate: f64, service_rate: f64) -> Option<Self> {
        Self::new(arrival_rate, service_rate, |s| libm::exp(-s / arrival_rate))
    }

    /// `E_n/M/1`: times between arrivals that are the sum of `stages` exponentials, A(s) = (n lambda / (n lambda + s))^n.
    #[must_use]
    pub fn erlang_arrivals(arrival_rate: f64, stages: u32, service_rate: f64) -> Option<Self> {
        let n = f64::from(stages);
        let transform = |s: f64| libm::exp(-n * libm::log1p(s / (n * arrival_rate)));
        if stages == 0 { None } else { Self::new(arrival_rate, service_rate, transform) }
    }

    /// One of `servers` equal servers among which Poisson arrivals of `total_rate` are dealt in turn: every server sees
    /// each n-th arrival, so times of n exponential stages.
    #[must_use]
    pub fn round_robin(total_rate: f64, servers: u32, service_rate: f64) -> Option<Self> {
        Self::erlang_arrivals(total_rate / f64::from(servers), servers, service_rate)
    }

    /// The root of the equation: the probability that an arrival has to wait.
    #[must_use]
    pub const fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The fraction of time the server is busy, lambda / mu.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// The mean response time in s, 1 / (mu (1 - sigma)).
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        1.0 / (self.service_rate * (1.0 - self.sigma))
    }

    /// The standard deviation of the response time in s: that of an exponential, its mean.
    #[must_use]
    pub fn std_response(&self) -> f64 {
        self.mean_response()
    }

    /// The mean waiting time in s, sigma / (mu (1 - sigma)) (Kleinrock 1975, chapter 6).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.sigma * self.mean_response()
    }

    /// The quantile of the response time in s; not a number for `p` outside 0 to 1.
    #[must_use]
    pub fn response_quantile(&self, p: f64) -> f64 {
        exponential_quantile(self.mean_response(), p)
    }

    /// The mean number waiting or in service, by Little's law.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_response()
    }
}

/// The root in (0, 1) of a convex function that is not negative at 0 and also vanishes at 1: below its root it is
/// positive, from there to 1 negative. Bisection down to the last bit.
fn root(excess: impl Fn(f64) -> f64) -> Option<f64> {
    let high = (1..=45).map(|k| 1.0 - 1.0 / (1u64 << k) as f64).find(|&sigma| excess(sigma) < 0.0)?;
    let (mut low, mut high) = (0.0, high);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return Some(middle);
        }
        if excess(middle) < 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mm1;
    use super::*;

    #[test]
    fn one_stage_is_the_single_queue_and_many_are_equal_distances() {
        for load in [0.01, 0.5, 0.8, 0.99, 0.9999] {
            let one = Gim1::erlang_arrivals(load, 1, 1.0).unwrap();
            assert!((one.mean_response() / Mm1::new(load, 1.0).unwrap().mean_response() - 1.0).abs() < 1e-7, "{load}");
            assert!((one.sigma() - load).abs() < 1e-10);
            let many = Gim1::erlang_arrivals(load, 10_000_000, 1.0).unwrap();
            let fixed = Gim1::deterministic_arrivals(load, 1.0).unwrap();
            assert!((many.mean_response() / fixed.mean_response() - 1.0).abs() < 1e-5, "{load}");
        }
    }

    #[test]
    fn only_stable_queues_exist() {
        assert_eq!(Gim1::deterministic_arrivals(1.0, 1.0), None);
        assert_eq!(Gim1::erlang_arrivals(0.5, 0, 1.0), None);
        assert_eq!(Gim1::round_robin(0.5, 0, 1.0), None);
        assert_eq!(Gim1::new(0.5, 1.0, |_| f64::NAN), None);
    }
}
