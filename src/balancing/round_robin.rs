//! Round robin.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, OrderedSet};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidates in turn, by server number.
#[derive(Debug, Clone, Default)]
pub struct RoundRobin {
    next: u32,
    eligible: OrderedSet,
}

impl Registered for RoundRobin {
    const ABOUT: &'static str = "the servers in turn, by number";
    const DETAILS: &'static str = "Each of n servers sees every n-th arrival: under Poisson arrivals an Erlang-n stream, \
        smoother than random choice (Kendall 1953). A server that left is passed over; one that returned has its turn where \
        its number stands.";
    const COST: &'static str = "O(log n), to base 64";
    const GOES_WRONG: &'static str = "Where requests or servers are unequal: it counts requests, not work, and a slow server gets \
        as many as a fast one.";
    const SHARES: Shares = Shares::InTurn;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, _: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        Explanation::unscored(match self.next {
            0 => "the first in turn, by number".to_string(),
            next => format!("the next in turn, by number, after server {}", next - 1),
        })
    }
}

impl Policy for RoundRobin {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        *self = Self { next: 0, eligible: OrderedSet::empty(servers.len()) };
    }

    fn admit(&mut self, server: ServerId) {
        self.eligible.insert(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.eligible.remove(server);
    }

    #[inline]
    fn foresee(&self, _: &Candidates<'_>, _: &Stream) -> Option<ServerId> {
        self.eligible.next_from(self.next)
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        // One turn more than there are excluded servers finds a candidate, or there is none.
        for _ in 0..=candidates.excluded.len() {
            let Some(server) = self.eligible.next_from(self.next).or_else(|| self.eligible.next_from(0)) else {
                return Choice::Nobody;
            };
            self.next = server.0 + 1;
            if !candidates.excluded.contains(&server) {
                return Choice::Server(server);
            }
        }
        Choice::Nobody
    }
}
