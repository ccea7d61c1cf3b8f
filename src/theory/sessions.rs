//! What sessions find in the caches of servers.

/// How many requests a session makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SessionLength {
    /// Always as many, at least one.
    Fixed(u32),
    /// At least one, and after each another with the same probability 1 - 1/m: geometric on 1, 2, ... with this mean m, from 1 up.
    Geometric(f64),
}

/// Where the requests of a session go, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionRouting {
    /// All to one server.
    Sticky,
    /// Each to any server, independently of all others.
    Random,
    /// To the servers in turn, counted within the session.
    RoundRobin,
}

/// Sessions whose state each server loads at their first request there and keeps for as long as they last: that request misses, all
/// others hit. So the misses of a session are the servers it visits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionCaches {
    servers: u32,
    length: SessionLength,
}

impl SessionCaches {
    /// Sessions of this length on so many servers. Nothing where there is no server, or a session makes less than one request or no
    /// finite number.
    #[must_use]
    pub fn new(servers: u32, length: SessionLength) -> Option<Self> {
        let sessions = Self { servers, length };
        let mean = sessions.mean_requests();
        (servers > 0 && mean >= 1.0 && mean.is_finite()).then_some(sessions)
    }

    /// The mean number of requests per session.
    #[must_use]
    pub fn mean_requests(&self) -> f64 {
        match self.length {
            SessionLength::Fixed(requests) => f64::from(requests),
            SessionLength::Geometric(mean) => mean,
        }
    }

    /// The mean number of different servers that a session visits. Of r requests at random on n servers n (1 - (1 - 1/n)^r)
    /// (occupancy; Feller 1968, chapter IV), in turn min(r, n). If their number is geometric with mean m, the k-th request is made with
    /// probability (1 - 1/m)^(k - 1) and goes to a new server with (1 - 1/n)^(k - 1), which sums to n m / (n + m - 1); in turn it is the
    /// mean of min(r, n), m (1 - (1 - 1/m)^n).
    #[must_use]
    pub fn servers_visited(&self, routing: SessionRouting) -> f64 {
        let n = f64::from(self.servers);
        match (routing, self.length) {
            (SessionRouting::Sticky, _) => 1.0,
            (SessionRouting::Random, SessionLength::Fixed(requests)) => occupied(n, f64::from(requests)),
            (SessionRouting::RoundRobin, SessionLength::Fixed(requests)) => f64::from(requests.min(self.servers)),
            // n m / (n + m - 1), divided by the larger of both so that no product overflows.
            (SessionRouting::Random, SessionLength::Geometric(mean)) => n.min(mean) / (1.0 + (n.min(mean) - 1.0) / n.max(mean)),
            (SessionRouting::RoundRobin, SessionLength::Geometric(mean)) => occupied(mean, n),
        }
    }

    /// The fraction of requests that find the state of their session: 1 - visited / requests, both means.
    #[must_use]
    pub fn hit_ratio(&self, routing: SessionRouting) -> f64 {
        1.0 - self.servers_visited(routing) / self.mean_requests()
    }
}

/// places (1 - (1 - 1/places)^balls): how many places are hit by so many balls thrown at random. Both from 1 up.
fn occupied(places: f64, balls: f64) -> f64 {
    -places * libm::expm1(balls * libm::log1p(-1.0 / places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use SessionRouting::{Random, RoundRobin, Sticky};

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-11, "{found} for {expected}");
    }

    /// Ten requests per session on four servers (elementary occupancy).
    #[test]
    fn figures_of_ten_requests() {
        let sessions = SessionCaches::new(4, SessionLength::Fixed(10)).unwrap();
        near(sessions.hit_ratio(Sticky), 0.9);
        near(sessions.hit_ratio(Random), 0.622_525_405_884);
        near(sessions.hit_ratio(RoundRobin), 0.6);
        near(sessions.servers_visited(Random), 3.774_745_941_16);
    }

    /// Geometric lengths of mean 8 on five servers (elementary).
    #[test]
    fn figures_of_geometric_lengths() {
        let sessions = SessionCaches::new(5, SessionLength::Geometric(8.0)).unwrap();
        near(sessions.hit_ratio(Sticky), 0.875);
        near(sessions.hit_ratio(Random), 0.583_333_333_333);
        near(sessions.servers_visited(Random), 3.333_333_333_33);
    }

    /// A geometric length is a mixture of fixed ones.
    #[test]
    fn lengths_mix() {
        for routing in [Sticky, Random, RoundRobin] {
            let geometric = SessionCaches::new(7, SessionLength::Geometric(5.0)).unwrap();
            let term = |r: u32| {
                let fixed = SessionCaches::new(7, SessionLength::Fixed(r)).unwrap();
                0.2 * libm::pow(0.8, f64::from(r - 1)) * fixed.servers_visited(routing)
            };
            near((1..400).map(term).sum(), geometric.servers_visited(routing));
        }
    }

    #[test]
    fn one_server_is_sticky_and_one_request_always_misses() {
        for routing in [Sticky, Random, RoundRobin] {
            for length in [SessionLength::Fixed(6), SessionLength::Geometric(6.0)] {
                near(SessionCaches::new(1, length).unwrap().servers_visited(routing), 1.0);
                let among_many = SessionCaches::new(u32::MAX, length).unwrap().servers_visited(routing);
                assert!((among_many - if routing == Sticky { 1.0 } else { 6.0 }).abs() < 1e-8, "{among_many}");
            }
            for length in [SessionLength::Fixed(1), SessionLength::Geometric(1.0)] {
                assert!(SessionCaches::new(9, length).unwrap().hit_ratio(routing).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn senseless_sessions_do_not_exist() {
        assert_eq!(SessionCaches::new(0, SessionLength::Fixed(1)), None);
        assert_eq!(SessionCaches::new(1, SessionLength::Fixed(0)), None);
        for mean in [0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(SessionCaches::new(1, SessionLength::Geometric(mean)), None);
        }
    }
}
