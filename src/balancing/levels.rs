//! Servers ordered by load, in O(1) per change: one permutation, sorted by level, with a border between levels.

use crate::random::Stream;
use crate::units::ServerId;

/// Keeps the load of every server and the eligible ones sorted by it. One change of one load by one is one exchange
/// with the border of its level, so every operation costs O(1).
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// The eligible servers, sorted by level.
    order: Vec<u32>,
    /// By server: its place in `order` (or [`ABSENT`]) and its level.
    seats: Vec<Seat>,
    /// By level: where the next level begins in `order`.
    ends: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Seat {
    place: u32,
    level: u32,
}

const ABSENT: u32 = u32::MAX;

impl Levels {
    /// Forgets everything; `servers` servers with load 0, none of them eligible.
    pub fn reset(&mut self, servers: usize) {
        self.order = Vec::with_capacity(servers);
        self.seats = vec![Seat { place: ABSENT, level: 0 }; servers];
        self.ends = vec![0];
    }

    /// The load of `server`.
    #[must_use]
    pub fn level(&self, server: ServerId) -> u32 {
        self.seats[server.index()].level
    }

    /// Makes `server` eligible, at the load it has.
    pub fn admit(&mut self, server: ServerId) {
        let level = self.seats[server.index()].level;
        if self.seats[server.index()].place != ABSENT {
            return;
        }
        self.order.push(server.0);
        self.seats[server.index()].place = self.order.len() as u32 - 1;
        // It stands behind the last level: let it sink border by border.
        for lower in (level as usize + 1..self.ends.len()).rev() {
            let start = self.ends[lower - 1];
            self.exchange(self.seats[server.index()].place, start);
            self.ends[lower] += 1;
        }
        while self.ends.len() <= level as usize {
            let all = self.order.len() as u32 - 1;
            self.ends.push(all);
        }
        self.ends[level as usize] += 1;
    }

    /// Makes `server` ineligible; its load goes on being counted.
    pub fn withdraw(&mut self, server: ServerId) {
        let Seat { place, level } = self.seats[server.index()];
        if place == ABSENT {
            return;
        }
        // Let it rise border by border to the end, then drop it.
        for upper in level as usize..self.ends.len() {
            self.ends[upper] -= 1;
            self.exchange(self.seats[server.index()].place, self.ends[upper]);
        }
        self.order.pop();
        self.seats[server.index()].place = ABSENT;
    }

    /// The load of `server` grows by one.
    #[inline(always)]
    pub fn raise(&mut self, server: ServerId) {
        let Seat { place, level } = self.seats[server.index()];
        self.seats[server.index()].level = level + 1;
        if place == ABSENT {
            return;
        }
        if self.ends.len() <= level as usize + 1 {
            self.ends.push(self.order.len() as u32);
        }
        self.ends[level as usize] -= 1;
        self.exchange(place, self.ends[level as usize]);
    }

    /// The load of `server`, above 0, shrinks by one.
    #[inline(always)]
    pub fn lower(&mut self, server: ServerId) {
        let Seat { place, level } = self.seats[server.index()];
        debug_assert!(level > 0, "a load cannot be negative");
        self.seats[server.index()].level = level - 1;
        if place == ABSENT {
            return;
        }
        let border = self.ends[level as usize - 1];
        self.exchange(place, border);
        self.ends[level as usize - 1] = border + 1;
    }

    /// One of the least loaded eligible servers that are not excluded, each with the same probability.
    #[inline(always)]
    pub fn least(&self, excluded: &[ServerId], stream: &mut Stream) -> Option<ServerId> {
        let first = *self.order.first()?;
        if excluded.is_empty() {
            let end = self.ends[self.seats[first as usize].level as usize];
            return Some(ServerId(self.order[stream.below(end) as usize]));
        }
        self.least_of_rest(excluded, stream)
    }

    #[inline(never)]
    fn least_of_rest(&self, excluded: &[ServerId], stream: &mut Stream) -> Option<ServerId> {
        let mut start = 0;
        for &end in &self.ends {
            let allowed = |place: &u32| !excluded.contains(&ServerId(self.order[*place as usize]));
            let free = (end - start) as usize
                - excluded.iter().filter(|server| (start..end).contains(&self.seats[server.index()].place)).count();
            if free > 0 {
                let place = std::iter::repeat_with(|| start + stream.below(end - start)).find(allowed)?;
                return Some(ServerId(self.order[place as usize]));
            }
            start = end;
        }
        None
    }

    #[inline(always)]
    fn exchange(&mut self, a: u32, b: u32) {
        // Also where a is b: the processor would guess wrong too often.
        let (server_a, server_b) = (self.order[a as usize], self.order[b as usize]);
        self.order[a as usize] = server_b;
        self.order[b as usize] = server_a;
        self.seats[server_a as usize].place = b;
        self.seats[server_b as usize].place = a;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Seed};

    /// 20,000 random operations against a plain table: the least load, membership and exclusion always agree.
    #[test]
    fn agrees_with_a_plain_table() {
        let mut stream = Stream::new(Seed(7), 0, Role::Balancing, 0);
        let mut levels = Levels::default();
        levels.reset(9);
        let mut table = [(false, 0_u32); 9];
        for _ in 0..20_000 {
            let server = ServerId(stream.below(9));
            let entry = &mut table[server.index()];
            match stream.below(5) {
                0 => {
                    entry.0 = true;
                    levels.admit(server);
                }
                1 => {
                    entry.0 = false;
                    levels.withdraw(server);
                }
                2 if entry.1 > 0 => {
                    entry.1 -= 1;
                    levels.lower(server);
                }
                _ if entry.1 < 12 => {
                    entry.1 += 1;
                    levels.raise(server);
                }
                _ => {}
            }
            let one = stream.below(9);
            let excluded = [ServerId(one), ServerId((one + 1 + stream.below(8)) % 9)];
            for excluded in [&excluded[..0], &excluded[..1], &excluded[..]] {
                let allowed = |s: &usize| table[*s].0 && !excluded.contains(&ServerId(*s as u32));
                let least = (0..9).filter(allowed).map(|s| table[s].1).min();
                let got = levels.least(excluded, &mut stream);
                assert_eq!(got.map(|s| table[s.index()].1), least);
                assert!(got.is_none_or(|s| allowed(&s.index())));
            }
        }
    }
}
