//! Round robin.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidates in turn, by server number.
#[derive(Debug, Clone, Default)]
pub struct RoundRobin {
    next: u32,
    servers: u32,
}

impl Registered for RoundRobin {
    const ABOUT: &'static str = "the servers in turn";
    const DETAILS: &'static str = "Over n servers each sees every n-th arrival, an Erlang-n renewal stream under Poisson \
        arrivals (Kendall 1953), which is smoother than random choice.";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Policy for RoundRobin {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits]) {
        *self = Self { next: 0, servers: servers.len() as u32 };
    }

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        for _ in 0..self.servers {
            let server = ServerId(self.next);
            self.next = if self.next + 1 == self.servers { 0 } else { self.next + 1 };
            if candidates.contains(server) {
                return Choice::Server(server);
            }
        }
        Choice::Nobody
    }
}
