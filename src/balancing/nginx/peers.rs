//! The servers of an nginx upstream group: running weights, connections, failures.

use super::Failures;
use crate::balancing::{Answer, Best, Candidates, CountedFailures, Explanation, RequestView, Score, ServerTraits};
use crate::units::{Parameters, ServerId, Time};
use std::cmp::Ordering;

/// The servers of a group, in the order of the configuration, which is that of their numbers.
///
/// The group is made of the servers that were ever eligible: one that leaves is what nginx calls `down`, and keeps its running
/// weight and its stretch of the total weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers {
    /// By server.
    peers: Vec<Peer>,
    /// By server: whether it belongs to the group.
    belongs: Vec<bool>,
    members: u32,
    revision: u64,
    failures: Failures,
}

/// What is read of every server in every decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its running weight: the largest has the next turn.
    pub current: i64,
    /// Its weight less what failures took, which grows back by one a turn.
    pub effective: u32,
    /// Its weight.
    pub weight: u32,
    /// Its requests in flight.
    pub conns: u32,
}

/// As nginx takes weights: whole numbers above 0.
const fn whole(weight: f64) -> u32 {
    let rounded = weight.round() as u32;
    if rounded == 0 { 1 } else { rounded }
}

impl Peers {
    /// Asks for the parameters `max_fails` and `fail_timeout`.
    pub fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { failures: Failures::from_parameters(parameters), ..Self::default() }
    }

    /// Begins anew: no server was ever eligible.
    pub fn prepare(&mut self, servers: &[ServerTraits]) {
        let peer = |server: &ServerTraits| {
            let weight = whole(server.weight);
            Peer { current: 0, effective: weight, weight, conns: 0 }
        };
        self.peers = servers.iter().map(peer).collect();
        self.belongs = vec![false; servers.len()];
        self.members = 0;
        self.revision += 1;
        self.failures.prepare(servers.len());
    }

    /// A server becomes eligible: the first time, it joins the group.
    pub fn admit(&mut self, server: ServerId) {
        if !std::mem::replace(&mut self.belongs[server.index()], true) {
            self.members += 1;
            self.revision += 1;
        }
    }

    /// The weight of a server changes. What failures took from it stays taken.
    pub fn reweigh(&mut self, server: ServerId, weight: f64) {
        let (peer, weight) = (&mut self.peers[server.index()], whole(weight));
        if weight != peer.weight {
            peer.effective = if peer.effective == peer.weight { weight } else { peer.effective.min(weight) };
            peer.weight = weight;
            self.revision += 1;
        }
    }

    /// A request was sent.
    pub fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.peers[server.index()].conns += 1;
        if !self.is_single() {
            self.failures.sent(server, request.now);
        }
    }

    /// A request ended; a failure takes weight / `max_fails` off the effective weight. A server that is alone never fails.
    pub fn ended(&mut self, server: ServerId, answer: &Answer) {
        let single = self.is_single();
        let peer = &mut self.peers[server.index()];
        peer.conns -= 1;
        if single {
            return;
        }
        if let Some(parts) = self.failures.ended(server, answer) {
            peer.effective = peer.effective.saturating_sub(peer.weight / parts);
        }
    }

    /// A server found on the ring had a turn alone: it gets back a part of what failures took.
    pub fn recover(&mut self, server: ServerId) {
        let peer = &mut self.peers[server.index()];
        peer.effective += u32::from(peer.effective < peer.weight);
    }

    /// Whether there is but one server: then nothing is counted and nothing is hashed.
    pub const fn is_single(&self) -> bool {
        self.members <= 1
    }

    /// The servers of the group in order, each with its weight.
    pub fn members(&self) -> impl Iterator<Item = (ServerId, u32)> + '_ {
        let members = self.peers.iter().zip(&self.belongs).enumerate().filter(|(_, (_, belongs))| **belongs);
        members.map(|(index, (peer, _))| (ServerId(index as u32), peer.weight))
    }

    /// What is known of a server.
    #[inline]
    pub fn peer(&self, server: ServerId) -> &Peer {
        &self.peers[server.index()]
    }

    /// What is known of failures.
    pub const fn failures(&self) -> &Failures {
        &self.failures
    }

    /// What counts against a server; one that is alone never fails.
    pub fn counted(&self, server: ServerId, now: Time) -> Option<CountedFailures> {
        (!self.is_single()).then(|| self.failures.counted(server, now))
    }

    /// Another number whenever the group or a weight changes; never 0 once prepared.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether a server is a candidate that nginx does not hold for failed.
    #[inline]
    pub fn is_usable(&self, server: ServerId, candidates: &Candidates<'_>, now: Time) -> bool {
        self.failures.is_usable(server, candidates, now)
    }

    /// The usable servers in order.
    pub fn usable<'a>(&'a self, candidates: &'a Candidates<'_>, now: Time) -> impl Iterator<Item = ServerId> + 'a {
        candidates.iter().filter(move |server| self.is_single() || !self.failures.is_out(*server, now))
    }

    /// Whether every server is usable, which is told without looking at each.
    fn all_usable(&self, candidates: &Candidates<'_>) -> bool {
        self.failures.is_empty() && candidates.excluded.is_empty() && candidates.eligible.len() as usize == self.peers.len()
    }

    /// Smooth weighted round robin among all that are usable.
    #[inline]
    pub fn turn(&mut self, candidates: &Candidates<'_>, now: Time) -> Option<ServerId> {
        if self.is_single() {
            return (!candidates.is_empty()).then(|| candidates.eligible.nth(0));
        }
        if self.all_usable(candidates) {
            return advance(&mut self.peers, |_, _| true);
        }
        advance(&mut self.peers, |server, _| self.failures.is_usable(server, candidates, now))
    }

    /// The usable server with the least `load` / weight; those that tie take turns, and only then the running weights move.
    pub fn least<L>(&mut self, candidates: &Candidates<'_>, now: Time, load: L) -> Option<ServerId>
    where
        L: Fn(&Failures, ServerId, &Peer) -> u64,
    {
        if self.is_single() {
            return self.turn(candidates, now);
        }
        let (all, failures) = (self.all_usable(candidates), &self.failures);
        let (mut best, mut tied): (Option<(ServerId, u64, u64)>, bool) = (None, false);
        for (index, peer) in self.peers.iter().enumerate() {
            let server = ServerId(index as u32);
            if !all && !failures.is_usable(server, candidates, now) {
                continue;
            }
            let (of_this, weight) = (load(failures, server, peer), u64::from(peer.weight));
            match best.map_or(Ordering::Less, |(_, least, of_best)| (of_this * of_best).cmp(&(least * weight))) {
                Ordering::Less => (best, tied) = (Some((server, of_this, weight)), false),
                Ordering::Equal => tied = true,
                Ordering::Greater => {}
            }
        }
        let (first, least, of_best) = best?;
        if !tied {
            return Some(first);
        }
        advance(&mut self.peers, |server, peer| {
            load(failures, server, peer) * of_best == least * u64::from(peer.weight)
                && (all || failures.is_usable(server, candidates, now))
        })
    }

    /// Why the next turn goes where it goes; `before` comes before the reason.
    pub fn explain_turn(&self, candidates: &Candidates<'_>, now: Time, before: &str) -> Explanation {
        if self.is_single() {
            return Explanation::unscored("there is no other server");
        }
        let score = |server: ServerId| {
            let Peer { current, effective, .. } = *self.peer(server);
            let made_of = format!("current weight {current} + effective weight {effective}");
            Score::new(server, (current + i64::from(effective)) as f64, made_of)
        };
        let scores: Vec<Score> = self.usable(candidates, now).map(score).collect();
        if scores.is_empty() {
            return Explanation::unscored(self.failures.nobody(candidates));
        }
        let because = format!("{before}the largest current weight, each raised by its effective weight; ties to the first");
        Explanation { scores, best: Best::Largest, because }
    }
}

/// One step of smooth weighted round robin over the peers that are `among`: each grows by its effective weight, the first of
/// the largest is chosen and pays what all got.
#[inline(always)]
fn advance(peers: &mut [Peer], among: impl Fn(ServerId, &Peer) -> bool) -> Option<ServerId> {
    let (mut best, mut largest, mut total) = (None, i64::MIN, 0);
    for (index, peer) in peers.iter_mut().enumerate() {
        if !among(ServerId(index as u32), peer) {
            continue;
        }
        peer.current += i64::from(peer.effective);
        total += i64::from(peer.effective);
        peer.effective += u32::from(peer.effective < peer.weight);
        if peer.current > largest {
            (best, largest) = (Some(index), peer.current);
        }
    }
    let best = best?;
    peers[best].current -= total;
    Some(ServerId(best as u32))
}
