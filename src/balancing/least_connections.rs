//! Least connections.

use crate::balancing::Levels;
use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Told};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidate with the fewest requests in flight from this balancer; ties uniformly at random.
#[derive(Debug, Clone, Default)]
pub struct LeastConnections {
    in_flight: Levels,
}

impl Registered for LeastConnections {
    const ABOUT: &'static str = "the server with the fewest requests in flight from this balancer";
    const DETAILS: &'static str = "Counts what this balancer has sent and not yet got back; ties uniformly at random. With one \
        balancer it is join the shortest queue; with several each sees only its own share of the load. O(1) a decision. Goes \
        wrong where servers differ in speed, or one fails fast and so looks idle.";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Policy for LeastConnections {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits]) {
        self.in_flight.reset(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.in_flight.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.in_flight.withdraw(server);
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        self.in_flight.least(candidates.excluded, stream).map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.in_flight.raise(server);
    }

    #[inline]
    fn ended(&mut self, server: ServerId) {
        self.in_flight.lower(server);
    }
}
