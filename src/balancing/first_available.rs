//! First available.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Best, Explanation, Follows, OrderedSet, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidate with the smallest number: one active server and its spares.
#[derive(Debug, Clone, Default)]
pub struct FirstAvailable {
    eligible: OrderedSet,
}

impl Registered for FirstAvailable {
    const ABOUT: &'static str = "the eligible server with the smallest number";
    const DETAILS: &'static str = "One active server and its spares: the next one gets requests while those before it are out of \
        rotation or have as many as they may have, so that the last ones can be switched off when there is little to do.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::HAProxy, calls_it: "first", names: &["First"] }];
    const COST: &'static str = "O(log n), to base 64";
    const GOES_WRONG: &'static str = "Where connections are not limited: the first server gets everything, and the spares idle \
        until it leaves.";
    const SHARES: Shares = Shares::Unpromised;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| Score::new(server, f64::from(server.0), "its number");
        Explanation {
            scores: candidates.iter().map(score).collect(),
            best: Best::Smallest,
            because: "the smallest number".into(),
        }
    }
}

impl Policy for FirstAvailable {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.eligible = OrderedSet::empty(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.eligible.insert(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.eligible.remove(server);
    }

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let mut from = 0;
        while let Some(server) = self.eligible.next_from(from) {
            if !candidates.excluded.contains(&server) {
                return Choice::Server(server);
            }
            from = server.0 + 1;
        }
        Choice::Nobody
    }
}
