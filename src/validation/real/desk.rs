//! A single balancing algorithm at work, told what a measurement says happened: no queue, no server, no time of its own.

use crate::balancing::{Algorithm, Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits, Told};
use crate::random::{Role, Seed, Stream};
use crate::units::{Address, ServerId, Span, Time};

/// An algorithm with its eligible set and its random numbers.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    algorithm: Algorithm,
    stream: Stream,
    eligible: ServerSet,
    told: Told,
}

/// The address and first port of the servers of the measurements.
const HOST: [u8; 4] = [127, 0, 0, 1];
const FIRST_PORT: u16 = 28_010;

/// What is known of server `number` of a measurement, by its weight.
pub(super) fn traits(number: usize, weight: f64) -> ServerTraits {
    let address = Address::new(HOST, FIRST_PORT.saturating_add(number as u16));
    ServerTraits { workers: 1, speed: 1.0, weight, address, shares: false }
}

/// The servers of a measurement.
pub(super) fn all_traits(weights: &[f64]) -> Vec<ServerTraits> {
    weights.iter().enumerate().map(|(number, weight)| traits(number, *weight)).collect()
}

/// A request that says nothing but when it came.
pub(super) const fn request_at(now: Time) -> RequestView {
    RequestView { now, demand: Span::ZERO, address: Address::new(HOST, 0), session: 0, item: 0 }
}

impl Desk {
    /// All servers eligible, nothing sent; another `seed`, another start.
    pub fn new(algorithm: &Algorithm, servers: &[ServerTraits], seed: u64) -> Self {
        let mut algorithm = algorithm.clone();
        let mut stream = Stream::new(Seed(seed), 0, Role::Balancing, 0);
        algorithm.prepare(servers, &mut stream);
        let told = algorithm.reads().told();
        let mut desk = Self { algorithm, stream, eligible: ServerSet::empty(servers.len()), told };
        (0..servers.len()).for_each(|server| desk.admit(ServerId(server as u32)));
        desk
    }

    /// Chooses a server that is not among those `tried`; nothing where the request must wait or be refused.
    pub fn choose(&mut self, request: &RequestView, tried: &[ServerId]) -> Option<ServerId> {
        let candidates = Candidates { eligible: &self.eligible, excluded: tried };
        match self.algorithm.choose(request, &candidates, &mut self.stream) {
            Choice::Server(server) => Some(server),
            Choice::Hold | Choice::WaitFor(_) | Choice::Nobody => None,
        }
    }

    pub fn sent(&mut self, server: ServerId, request: &RequestView) {
        if self.told != Told::Nobody {
            self.algorithm.sent(server, request);
        }
    }

    pub fn ended(&mut self, server: ServerId, answer: &Answer) {
        if self.told != Told::Nobody {
            self.algorithm.ended(server, answer);
        }
    }

    /// A request from its choice to its end, nothing else happening meanwhile.
    pub fn serve(&mut self, request: &RequestView) -> Option<ServerId> {
        let server = self.choose(request, &[])?;
        self.sent(server, request);
        self.ended(server, &Answer { now: request.now, since: request.now, failed: false });
        Some(server)
    }

    pub fn admit(&mut self, server: ServerId) {
        if self.eligible.insert(server) {
            self.algorithm.admit(server);
        }
    }

    pub fn withdraw(&mut self, server: ServerId) {
        if self.eligible.remove(server) {
            self.algorithm.withdraw(server);
        }
    }

    /// The server has as many requests as it may have.
    pub fn filled(&mut self, server: ServerId) {
        if self.eligible.remove(server) {
            self.algorithm.filled(server);
        }
    }

    /// It has room again.
    pub fn freed(&mut self, server: ServerId) {
        if self.eligible.insert(server) {
            self.algorithm.freed(server);
        }
    }

    pub fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.algorithm.reweigh(server, weight);
    }
}
