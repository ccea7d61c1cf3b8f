//! Poisson arrivals, exponential service, several servers behind one queue, first come first served.

use super::{erlang_b, positive};

/// Erlang's delay formula C(c, a): the probability of having to wait for one of `servers` servers at an offered load of
/// `load` Erlangs, B / (1 - rho (1 - B)) with B = B(c, a) (Erlang 1917; Gross & Harris 1998, chapter 2). Not a number where
/// the load is negative or not below the number of servers.
#[must_use]
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    if load.is_nan() || load >= f64::from(servers) {
        return f64::NAN;
    }
    let blocked = erlang_b(servers, load);
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

/// The queue M/M/c, a central queue before equal servers (Gross & Harris 1998, chapter 2). The wait is 0 with
/// probability 1 - C and otherwise exponential with rate c mu - lambda.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    p_wait: f64,
}

impl Mmc {
    /// The queue with these rates in 1/s, the service rate that of one server; nothing where a rate is not above 0 or the
    /// servers cannot keep up.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<Self> {
        if !(positive(arrival_rate) && positive(service_rate) && arrival_rate < f64::from(servers) * service_rate) {
            return None;
        }
        let p_wait = erlang_c(servers, arrival_rate / service_rate);
        p_wait.is_finite().then_some(Self { arrival_rate, service_rate, servers, p_wait })
    }

    /// The rate at which a busy system works its queue off, c mu - lambda in 1/s.
    fn slack(&self) -> f64 {
        f64::from(self.servers) * self.service_rate - self.arrival_rate
    }

    /// The fraction of time a server is busy.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.arrival_rate / (f64::from(self.servers) * self.service_rate)
    }

    /// The probability of having to wait, Erlang's C.
    #[must_use]
    pub const fn p_wait(&self) -> f64 {
        self.p_wait
    }

    /// The mean waiting time in s, C / (c mu - lambda).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.p_wait / self.slack()
    }

    /// The standard deviation of the waiting time in s, sqrt(C (2 - C)) / (c mu - lambda).
    #[must_use]
    pub fn std_wait(&self) -> f64 {
        (self.p_wait * (2.0 - self.p_wait)).sqrt() / self.slack()
    }

    /// The mean response time in s.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_wait() + 1.0 / self.service_rate
    }

    /// The standard deviation of the response time in s; wait and service are independent.
    #[must_use]
    pub fn std_response(&self) -> f64 {
        (self.std_wait() * self.std_wait() + 1.0 / (self.service_rate * self.service_rate)).sqrt()
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

    /// The probability that a response takes longer than `t` s (Gross & Harris 1998, chapter 2): with r = c mu -
    /// lambda, (1 - C) exp(-mu t) + C (r exp(-mu t) - mu exp(-r t)) / (r - mu). Not a number for a negative `t`.
    #[must_use]
    pub fn response_tail(&self, t: f64) -> f64 {
        if t.is_nan() || t < 0.0 {
            return f64::NAN;
        }
        if t.is_infinite() {
            return 0.0;
        }
        let served = libm::exp(-self.service_rate * t);
        (1.0 - self.p_wait) * served + self.p_wait * self.sum_tail(t)
    }

    /// P(W + S > t) for exponential W of rate r and S of rate mu. Written with the slower rate a and the faster b as
    /// exp(-a t) (1 + a t (1 - exp(-g)) / g), where g = (b - a) t: nothing cancels where the rates meet.
    fn sum_tail(&self, t: f64) -> f64 {
        let (wait, service) = (self.slack(), self.service_rate);
        let (slow, fast) = if wait < service { (wait, service) } else { (service, wait) };
        let gap = (fast - slow) * t;
        // (1 - exp(-gap)) / gap, which is 1 where the rates are equal.
        let ratio = if gap > 0.0 { -libm::expm1(-gap) / gap } else { 1.0 };
        libm::exp(-slow * t) * (1.0 + slow * t * ratio)
    }

    /// The quantile of the response time in s, by bisection of [`Mmc::response_tail`] down to the last bit. Not a number
    /// for `p` outside 0 to 1; infinite at 1.
    #[must_use]
    pub fn response_quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        if p == 1.0 {
            return f64::INFINITY;
        }
        let target = 1.0 - p;
        let mut high = self.mean_response();
        while self.response_tail(high) > target {
            high *= 2.0;
        }
        let mut low = 0.0;
        loop {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                return middle;
            }
            if self.response_tail(middle) > target {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /// The quantile of the waiting time in s: 0 up to p = 1 - C, then ln(C / (1 - p)) / (c mu - lambda). Not a number for
    /// `p` outside 0 to 1; infinite at 1.
    #[must_use]
    pub fn wait_quantile(&self, p: f64) -> f64 {
        if (0.0..=1.0).contains(&p) { ((libm::log(self.p_wait) - libm::log1p(-p)) / self.slack()).max(0.0) } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mm1;
    use super::*;

    #[test]
    fn one_server_is_the_single_queue() {
        let (several, single) = (Mmc::new(0.8, 1.0, 1).unwrap(), Mm1::new(0.8, 1.0).unwrap());
        for (a, b) in [
            (several.p_wait(), single.utilization()),
            (several.mean_response(), single.mean_response()),
            (several.std_response(), single.std_response()),
            (several.std_wait(), single.std_wait()),
            (several.response_quantile(0.95), single.response_quantile(0.95)),
            (several.wait_quantile(0.95), single.wait_quantile(0.95)),
            (several.mean_in_queue(), single.mean_in_queue()),
        ] {
            assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        }
    }

    #[test]
    fn equal_rates_of_wait_and_service_are_no_singularity() {
        let at = |arrivals: f64| Mmc::new(arrivals, 1.0, 2).unwrap().response_tail(3.0);
        assert!((at(1.0) - at(1.0 + 1e-9)).abs() < 1e-8 && (at(1.0) - at(1.0 - 1e-9)).abs() < 1e-8);
        let queue = Mmc::new(1.0, 1.0, 2).unwrap();
        let by_hand = (-3f64).exp() * (2.0 / 3.0 + 4.0 / 3.0);
        assert!((queue.response_tail(3.0) - by_hand).abs() < 1e-15, "{}", queue.p_wait());
    }

    #[test]
    fn ends_of_the_range() {
        let queue = Mmc::new(3.2, 1.0, 4).unwrap();
        assert_eq!((queue.response_tail(0.0), queue.response_tail(f64::INFINITY)), (1.0, 0.0));
        assert_eq!(queue.response_quantile(1.0), f64::INFINITY);
        assert!(queue.response_quantile(0.0) < 1e-15 && queue.response_quantile(2.0).is_nan());
        assert_eq!(queue.wait_quantile(0.1), 0.0);
        assert!(Mmc::new(4.0, 1.0, 4).is_none() && Mmc::new(1.0, 1.0, 0).is_none());
        assert!(erlang_c(2, 2.0).is_nan() && erlang_c(2, -1.0).is_nan());
    }

    #[test]
    fn ten_thousand_servers() {
        let queue = Mmc::new(9_900.0, 1.0, 10_000).unwrap();
        assert!(queue.p_wait() > 0.0 && queue.p_wait() < 1.0 && queue.mean_response() >= 1.0);
    }
}
