//! Queues with limited room: what does not fit is refused.

use super::BirthDeath;

/// Erlang's loss formula B(c, a): the fraction refused by `servers` servers without a queue at an offered load of `load`
/// Erlangs. It holds for every service distribution with that mean (Sevastyanov 1957).
///
/// By the recursion B(0) = 1, B(k) = a B(k - 1) / (k + a B(k - 1)) (Erlang 1917; Jagerman 1974), which cannot overflow.
/// Not a number where the load is negative or not finite.
#[must_use]
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    if !(load >= 0.0 && load.is_finite()) {
        return f64::NAN;
    }
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// The queue M/M/c/K: Poisson arrivals, c exponential servers, room for K requests, those in service included (Gross &
/// Harris 1998, chapter 2). M/M/c/c is Erlang's loss system, M/M/1/K the finite single queue. It is stable at any load.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    chain: BirthDeath,
}

impl Loss {
    /// The queue with these rates in 1/s. Nothing where a rate is not above 0, there is no server, the `room` is less
    /// than the servers, or more than [`BirthDeath::MOST_STATES`] allows.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32, room: u32) -> Option<Self> {
        if servers == 0 || room < servers {
            return None;
        }
        let death = |n: usize| (n.min(servers as usize)) as f64 * service_rate;
        let chain = BirthDeath::new(room as usize, |_| arrival_rate, death)?;
        Some(Self { arrival_rate, service_rate, servers, chain })
    }

    /// The fraction of arrivals refused: arrivals see time averages, so the probability that the room is full.
    #[must_use]
    pub fn rejected_fraction(&self) -> f64 {
        self.chain.probabilities().last().copied().unwrap_or(f64::NAN)
    }

    /// Completed requests in 1/s, mu times the mean number in service.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.service_rate * self.mean_busy()
    }

    /// The fraction of time a server is busy.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.mean_busy() / f64::from(self.servers)
    }

    /// The fraction of time nobody is present.
    #[must_use]
    pub fn idle_prob(&self) -> f64 {
        self.chain.probabilities().first().copied().unwrap_or(f64::NAN)
    }

    /// The mean number present.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.chain.mean(|n| n as f64)
    }

    /// The mean number waiting.
    #[must_use]
    pub fn mean_in_queue(&self) -> f64 {
        self.chain.mean(|n| n.saturating_sub(self.servers as usize) as f64)
    }

    /// The mean response time in s of accepted requests, by Little's law.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_in_system() / self.throughput()
    }

    /// The mean waiting time in s of accepted requests, by Little's law.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.mean_in_queue() / self.throughput()
    }

    /// The fraction of accepted requests that have to wait.
    #[must_use]
    pub fn p_wait(&self) -> f64 {
        let (full, servers) = (self.chain.probabilities().len() - 1, self.servers as usize);
        let waits = self.chain.mean(|n| if n >= servers && n < full { 1.0 } else { 0.0 });
        let accepted = self.chain.mean(|n| if n < full { 1.0 } else { 0.0 });
        waits / accepted
    }

    /// The arrival rate in 1/s, refused requests included.
    #[must_use]
    pub const fn arrival_rate(&self) -> f64 {
        self.arrival_rate
    }

    fn mean_busy(&self) -> f64 {
        self.chain.mean(|n| n.min(self.servers as usize) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_and_the_recursion_agree() {
        for (servers, load) in [(1, 0.3), (5, 4.0), (100, 120.0), (2_000, 1_950.0)] {
            let queue = Loss::new(load, 1.0, servers, servers).unwrap();
            assert!((queue.rejected_fraction() / erlang_b(servers, load) - 1.0).abs() < 1e-11, "{servers}");
            assert!((queue.mean_response() - 1.0).abs() < 1e-12);
            assert_eq!((queue.mean_wait(), queue.p_wait()), (0.0, 0.0));
        }
    }

    #[test]
    fn what_is_accepted_is_served() {
        let queue = Loss::new(3.0, 1.0, 2, 10).unwrap();
        let accepted = queue.arrival_rate() * (1.0 - queue.rejected_fraction());
        assert!((accepted - queue.throughput()).abs() < 1e-12);
        assert!((queue.mean_response() - queue.mean_wait() - 1.0).abs() < 1e-12);
        assert!(queue.p_wait() > 0.9 && queue.p_wait() < 1.0);
    }

    #[test]
    fn senseless_queues_do_not_exist() {
        assert_eq!(Loss::new(1.0, 1.0, 2, 1), None);
        assert_eq!(Loss::new(1.0, 1.0, 0, 1), None);
        assert_eq!(Loss::new(1.0, 0.0, 1, 1), None);
        assert_eq!(Loss::new(1.0, 1.0, 1, u32::MAX), None);
        assert!(erlang_b(3, -1.0).is_nan());
        assert_eq!((erlang_b(0, 5.0), erlang_b(3, 0.0)), (1.0, 0.0));
    }
}
