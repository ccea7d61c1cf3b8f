//! Join the shortest queue.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Levels, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidate with the fewest requests present, whoever sent them; ties uniformly at random.
#[derive(Debug, Clone, Default)]
pub struct JoinShortestQueue {
    present: Levels,
}

impl Registered for JoinShortestQueue {
    const ABOUT: &'static str = "the server with the fewest requests present, waiting or in service";
    const DETAILS: &'static str = "Sees the true queues of all servers, whoever sent the requests (Winston 1977: optimal for equal \
        servers, exponential demands, first come first served; Haight 1958); ties uniformly at random.";
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "Where speeds differ: one request at a slow server can be worse than three at a fast one.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let present = self.present.level(server);
            Score::new(server, f64::from(present), format!("{present} present"))
        };
        let scores = candidates.iter().map(score).collect();
        Explanation { scores, best: Best::Smallest, because: "the fewest requests present; ties at random".into() }
    }
}

impl Policy for JoinShortestQueue {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Everyone)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.present.reset(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.present.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.present.withdraw(server);
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        self.present.least(candidates.excluded, stream).map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.present.raise(server);
    }

    #[inline]
    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.present.lower(server);
    }
}
