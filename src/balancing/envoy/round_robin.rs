//! Round robin as Envoy does it.

use crate::balancing::envoy::Schedule;
use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, Follows, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// Equal weights: a counter modulo the number of servers. Unequal ones: earliest deadline first.
#[derive(Debug, Clone, Default)]
pub struct EnvoyRoundRobin {
    schedule: Schedule,
    turn: u64,
}

/// The weight of a server counts as it is.
const fn whole(weight: f64, _: ServerId) -> f64 {
    weight
}

impl EnvoyRoundRobin {
    fn next_in_turn(&mut self, candidates: &Candidates<'_>) -> Option<ServerId> {
        let list = self.schedule.list();
        for _ in 0..list.len() {
            let server = list[(self.turn % list.len() as u64) as usize];
            self.turn = self.turn.wrapping_add(1);
            if candidates.contains(server) {
                return Some(server);
            }
        }
        None
    }
}

impl Registered for EnvoyRoundRobin {
    const ABOUT: &'static str = "Envoy's round robin: a counter, or earliest deadline first where weights differ";
    const DETAILS: &'static str = "Envoy's ROUND_ROBIN within one locality (`round_robin_lb.h`, `load_balancer_impl.cc`, \
        `edf_scheduler.h`). Equal weights: a counter that begins at random, taken modulo the number of servers in rotation; it \
        goes on when a server leaves or returns, so that the next one may be any. Unequal weights: each server has a deadline, \
        one over its weight after its last turn; the earliest is next, ties in the order of insertion. That schedule is built \
        anew whenever servers leave or return or a weight is set, each time at the same random place. A weight that grows in a \
        slow start counts from the server's next turn on. A server that is full or was tried \
        already loses its turn; after as many as there are servers, the product would use it nevertheless.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::Envoy, calls_it: "ROUND_ROBIN", names: &["RoundRobin"] }];
    const COST: &'static str = "O(1), O(log n) where weights differ; O(n) when servers leave, return or are full";
    const GOES_WRONG: &'static str = "Where requests or servers are unequal. Where servers come and go often and weights differ, \
        the schedule begins again and again at the same place, and some get more than their weight.";
    const SHARES: Shares = Shares::InTurn;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut now = self.clone();
        if !now.schedule.refresh(whole) {
            let list = now.schedule.list();
            let servers = list.len() as u64;
            let place = now.turn % servers.max(1);
            let lost = list.get(place as usize).filter(|server| !candidates.contains(**server));
            let lost = lost.map(|server| format!(", lost, for it would be that of server {}", server.0)).unwrap_or_default();
            return Explanation::unscored(format!("the weights are equal: turn {place} of {servers}{lost}"));
        }
        now.schedule.explain(candidates, |_| String::new())
    }
}

impl Policy for EnvoyRoundRobin {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream) {
        let seed = stream.bits();
        *self = Self { schedule: Schedule::new(servers, seed), turn: seed };
    }

    fn admit(&mut self, server: ServerId) {
        self.schedule.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.schedule.withdraw(server);
    }

    /// It knows no full servers.
    fn filled(&mut self, _: ServerId) {}

    fn freed(&mut self, _: ServerId) {}

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.schedule.reweigh(server, weight);
    }

    fn warmed(&mut self, server: ServerId, weight: f64) {
        self.schedule.warmed(server, weight);
    }

    fn foresee(&self, candidates: &Candidates<'_>, _: &Stream) -> Option<ServerId> {
        let list = self.schedule.list();
        if !self.schedule.is_fresh() || list.is_empty() {
            return None;
        }
        let in_turn = list[(self.turn % list.len() as u64) as usize];
        let server = if self.schedule.counts() { self.schedule.first()? } else { in_turn };
        candidates.contains(server).then_some(server)
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let scheduled = self.schedule.refresh(whole);
        if candidates.is_empty() {
            return Choice::Nobody;
        }
        let server = if scheduled { self.schedule.next(candidates, whole) } else { self.next_in_turn(candidates) };
        server.map_or(Choice::Nobody, Choice::Server)
    }
}
