//! Least connections.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Levels, Score};
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
        balancer it is join the shortest queue; with several each sees only its own share of the load.";
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "Where servers differ in speed, or one fails fast and so looks idle.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let connections = self.in_flight.level(server);
            Score::new(server, f64::from(connections), format!("{connections} in flight"))
        };
        let scores = candidates.iter().map(score).collect();
        Explanation { scores, best: Best::Smallest, because: "the fewest requests in flight; ties at random".into() }
    }
}

impl Policy for LeastConnections {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
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
    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.in_flight.lower(server);
    }
}
