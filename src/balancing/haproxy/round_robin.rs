//! Weighted round robin as HAProxy's `roundrobin` does it.

use crate::balancing::haproxy::{LARGEST_EWEIGHT, eweight};
use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, Follows, IndexedHeap, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// What a queue is ordered by: a rank, then the order of arrival.
type Key = (u64, u64);

/// The servers in turn, in proportion to their weights, each at its position in a window as long as the sum of the weights.
///
/// Positions are numbers of 32 bits that wrap, as in HAProxy.
#[derive(Debug, Clone, Default)]
pub struct HaproxyRoundRobin {
    servers: Vec<Member>,
    /// Those that await the present window without a position, heavy ones first, and those that await the next one.
    waiting: [IndexedHeap<Key>; 2],
    /// Which of these awaits the present window.
    present: usize,
    /// Those with a position in the present window.
    placed: IndexedHeap<Key>,
    /// The position that has been reached, in decisions.
    position: u32,
    /// The sum of the weights as it was when the present window began.
    window: u32,
    /// The sum of the weights now.
    total: u32,
    arrivals: u64,
    /// The servers that one decision has passed over.
    passed: Vec<ServerId>,
    begun: bool,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    eweight: u32,
    /// Its last position and its next one.
    last: u32,
    next: u32,
    /// What the division of the window by the weight has left over so far.
    remainder: u32,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Out,
    Waiting(usize),
    Placed,
}

impl HaproxyRoundRobin {
    fn leave(&mut self, server: ServerId) {
        let member = &mut self.servers[server.index()];
        match std::mem::replace(&mut member.place, Place::Out) {
            Place::Out => {}
            Place::Waiting(queue) => self.waiting[queue].remove(server),
            Place::Placed => self.placed.remove(server),
        }
    }

    fn wait(&mut self, server: ServerId, queue: usize) {
        // Before the first decision the order is that of the configuration.
        let arrival = if self.begun { self.arrivals } else { u64::from(server.0) };
        self.arrivals += 1;
        let member = &mut self.servers[server.index()];
        member.place = Place::Waiting(queue);
        self.waiting[queue].set(server, (u64::from(LARGEST_EWEIGHT - member.eweight), arrival));
    }

    /// Queues a server by its next position: in the present window, or for the next one if it lies beyond.
    fn enqueue(&mut self, server: ServerId) {
        let member = &mut self.servers[server.index()];
        if member.next >= self.window.wrapping_mul(2) || member.next >= self.window.wrapping_add(self.total) {
            member.next = member.next.wrapping_sub(self.window);
            return self.wait(server, 1 - self.present);
        }
        let finer = (LARGEST_EWEIGHT + member.remainder - member.eweight) / 16;
        member.place = Place::Placed;
        self.placed.set(server, (256 * u64::from(member.next) + u64::from(finer), self.arrivals));
        self.arrivals += 1;
    }

    /// Who is first: a server whose position has been reached, else one that has none yet, else the next to come.
    fn first(&mut self) -> Option<ServerId> {
        let placed = self.placed.first().map(|(_, server)| server);
        if let Some(server) = placed
            && self.servers[server.index()].next <= self.position
        {
            return placed;
        }
        let Some((_, server)) = self.waiting[self.present].first() else { return placed };
        let member = &mut self.servers[server.index()];
        (member.next, member.remainder) = (0, 0);
        Some(server)
    }

    /// Moves a server on to its next position.
    fn advance(&mut self, server: ServerId) {
        let (position, total) = (self.position, self.total);
        let member = &mut self.servers[server.index()];
        if member.next == 0 {
            member.next = position;
        }
        member.last = member.next;
        member.next = member.next.wrapping_add(total / member.eweight);
        member.remainder += total % member.eweight;
        if member.remainder >= member.eweight {
            member.remainder -= member.eweight;
            member.next = member.next.wrapping_add(1);
        }
    }

    fn begin_window(&mut self) {
        self.window = self.total;
        self.position = self.total;
    }

    /// The next server; those that are full or have been tried use up their turns.
    fn take(&mut self, candidates: &Candidates<'_>) -> Option<ServerId> {
        if !std::mem::replace(&mut self.begun, true) || self.window == 0 {
            self.begin_window();
        }
        let mut second_window = false;
        let found = loop {
            let Some(server) = self.first() else {
                if second_window {
                    break None;
                }
                second_window = true;
                self.present = 1 - self.present;
                self.begin_window();
                continue;
            };
            self.advance(server);
            self.leave(server);
            self.position = self.position.wrapping_add(1);
            if candidates.contains(server) {
                self.enqueue(server);
                break Some(server);
            }
            self.passed.push(server);
        };
        while let Some(server) = self.passed.pop() {
            if second_window {
                self.wait(server, self.present);
            } else {
                self.enqueue(server);
            }
        }
        found
    }
}

impl Registered for HaproxyRoundRobin {
    const ABOUT: &'static str = "the servers in turn by weight, as HAProxy's roundrobin";
    const DETAILS: &'static str = "Each server has a position in a window as long as the sum of the weights; a turn moves it \
        on by that sum over its weight, and what the division leaves over is carried along. Weights 5, 1, 1 give 0001002. A \
        server that returns is put as far behind the position reached as what is left of the window over its weight, and so \
        may come to stand elsewhere than before. A weight that changes takes effect at once. A full server, or one that this \
        request has tried, is passed over and its turn is used up. Weights count in sixteenths, from 1/16 to 256. Follows \
        src/lb_fwrr.c of HAProxy 2.6.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::HAProxy, calls_it: "roundrobin", names: &["RoundRobin"] }];
    const COST: &'static str = "O(log n), and as much for each full server that is passed over";
    const GOES_WRONG: &'static str = "Where requests or servers are unequal: it counts requests, not work. Where most servers \
        are full each decision passes over many of them, and these lose turns.";
    const SHARES: Shares = Shares::InTurn;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut after = self.clone();
        let Some(server) = after.take(candidates) else { return Explanation::unscored("no server in rotation has room") };
        let member = after.servers[server.index()];
        let mut because = format!("the first in turn: its position was {} in a window of {}", member.last, after.window);
        let passed = self.servers.iter().zip(&after.servers).filter(|(before, after)| before.last != after.last).count();
        if passed > 1 {
            because += &format!(" and {} before it, full or already tried, lost a turn", passed - 1);
        }
        Explanation::unscored(because)
    }
}

impl Policy for HaproxyRoundRobin {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        let member =
            |server: &ServerTraits| Member { eweight: eweight(server.weight), last: 0, next: 0, remainder: 0, place: Place::Out };
        *self = Self {
            servers: servers.iter().map(member).collect(),
            waiting: [IndexedHeap::empty(servers.len()), IndexedHeap::empty(servers.len())],
            placed: IndexedHeap::empty(servers.len()),
            arrivals: servers.len() as u64,
            passed: Vec::with_capacity(servers.len()),
            ..Self::default()
        };
    }

    fn admit(&mut self, server: ServerId) {
        let member = &mut self.servers[server.index()];
        if member.place != Place::Out {
            return;
        }
        self.total += member.eweight;
        if !self.begun {
            return self.wait(server, self.present);
        }
        let interval = self.total.wrapping_add(self.window).wrapping_sub(self.position) / member.eweight;
        member.next = self.position.wrapping_add(interval);
        self.enqueue(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        if self.servers[server.index()].place != Place::Out {
            self.total -= self.servers[server.index()].eweight;
            self.leave(server);
        }
    }

    /// It keeps its position, at which it will be passed over.
    fn filled(&mut self, _: ServerId) {}

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        let (new, place) = (eweight(weight), self.servers[server.index()].place);
        let old = std::mem::replace(&mut self.servers[server.index()].eweight, new);
        if old == new || place == Place::Out {
            return;
        }
        self.total = self.total - old + new;
        self.leave(server);
        if place == Place::Waiting(self.present) {
            return self.wait(server, self.present);
        }
        let member = &mut self.servers[server.index()];
        if matches!(place, Place::Waiting(_)) {
            member.next = member.next.wrapping_add(self.window);
        }
        let interval = self.total / new;
        member.remainder = 0;
        member.next = member.next.min(member.last.wrapping_add(interval));
        if member.next < self.position.wrapping_add(2) {
            member.next = self.position.wrapping_add(interval);
        }
        self.enqueue(server);
    }

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.take(candidates).map_or(Choice::Nobody, Choice::Server)
    }
}

#[cfg(test)]
#[path = "round_robin_tests.rs"]
mod tests;
