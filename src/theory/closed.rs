//! A fixed number of users who think, ask, and wait for the answer.

use super::{BirthDeath, positive};

/// The finite-source queue M/M/c//N, also called machine repair: N users think for an exponential time, then need one of
/// c exponential servers behind a common queue (Scherr 1967; Gross & Harris 1998, chapter 2).
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    users: u32,
    mean_think: f64,
    mean_service: f64,
    servers: u32,
    chain: BirthDeath,
}

impl Closed {
    /// The queue with these mean times in s. Nothing where a time is not above 0, there is no user or no server, or there
    /// are more users than [`BirthDeath::MOST_STATES`] allows.
    #[must_use]
    pub fn new(users: u32, mean_think: f64, mean_service: f64, servers: u32) -> Option<Self> {
        if users == 0 || servers == 0 || !positive(mean_think) || !positive(mean_service) {
            return None;
        }
        let chain = chain(users, mean_think, mean_service, servers)?;
        Some(Self { users, mean_think, mean_service, servers, chain })
    }

    /// The mean number of busy servers.
    fn mean_busy(&self) -> f64 {
        self.chain.mean(|n| n.min(self.servers as usize) as f64)
    }

    /// Completed requests in 1/s.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.mean_busy() / self.mean_service
    }

    /// The fraction of time a server is busy.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.mean_busy() / f64::from(self.servers)
    }

    /// The mean number waiting or in service.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.chain.mean(|n| n as f64)
    }

    /// The mean number waiting.
    #[must_use]
    pub fn mean_in_queue(&self) -> f64 {
        self.chain.mean(|n| n.saturating_sub(self.servers as usize) as f64)
    }

    /// The mean response time in s, by Little's law.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_in_system() / self.throughput()
    }

    /// The mean waiting time in s, by Little's law.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.mean_in_queue() / self.throughput()
    }

    /// The probability that a request has to wait: a user who asks meets the others as they are without this user (the
    /// arrival theorem, Sevcik & Mitrani 1981), so in the steady state of one user fewer.
    #[must_use]
    pub fn p_wait(&self) -> f64 {
        let others = chain(self.users - 1, self.mean_think, self.mean_service, self.servers);
        others.map_or(f64::NAN, |others| others.mean(|n| if n >= self.servers as usize { 1.0 } else { 0.0 }))
    }
}

/// The number of users at the servers: births while the others think, deaths at the busy servers.
fn chain(users: u32, mean_think: f64, mean_service: f64, servers: u32) -> Option<BirthDeath> {
    let users = users as usize;
    let birth = |n: usize| (users - n) as f64 / mean_think;
    let death = |n: usize| n.min(servers as usize) as f64 / mean_service;
    BirthDeath::new(users, birth, death)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_never_waits() {
        let alone = Closed::new(1, 9.0, 1.0, 1).unwrap();
        assert_eq!((alone.p_wait(), alone.mean_wait()), (0.0, 0.0));
        assert!((alone.throughput() - 0.1).abs() < 1e-15 && (alone.mean_response() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn every_user_thinks_waits_or_is_served() {
        let office = Closed::new(50, 2.0, 0.5, 4).unwrap();
        let cycle = office.mean_response() + 2.0;
        assert!((office.throughput() * cycle - 50.0).abs() < 1e-11);
        assert!((office.mean_response() - office.mean_wait() - 0.5).abs() < 1e-12);
        assert!(Closed::new(0, 1.0, 1.0, 1).is_none() && Closed::new(1, 1.0, 1.0, 0).is_none());
        assert!(Closed::new(1, f64::NAN, 1.0, 1).is_none() && Closed::new(u32::MAX, 1.0, 1.0, 1).is_none());
    }
}
