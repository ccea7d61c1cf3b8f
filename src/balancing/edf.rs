//! Earliest deadline first: weighted round robin in virtual time.

use super::{Best, Candidates, Explanation, Score};
use crate::units::ServerId;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A schedule of servers. Each has a deadline in virtual time; the earliest is next, and is put back at that time plus one
/// over its weight. Ties go to the one put in first. (Envoy's `edf_scheduler.h`; the idea is virtual clock scheduling, Zhang
/// 1990.)
#[derive(Debug, Clone, Default)]
pub struct Edf {
    heap: BinaryHeap<Entry>,
    /// The deadline of the last one taken.
    now: f64,
    /// How many have been put in.
    inserted: u64,
}

/// A server in the schedule.
#[derive(Debug, Clone, Copy)]
struct Entry {
    deadline: f64,
    order: u64,
    server: ServerId,
}

/// Added to weights where turns are skipped, so that deadlines that are equal by calculation stay apart as they would after
/// turns taken one by one.
const AUGMENT: f64 = 1e-13;

/// Weights are no smaller, so that deadlines stay numbers.
const SMALLEST_WEIGHT: f64 = 1e-150;

impl Edf {
    /// Envoy skips fewer turns than this.
    pub const MOST_SKIPPED: u32 = u32::MAX / 10;

    /// Starts anew with `servers`, as if `skipped` turns had been taken already: whole rounds by calculation, what is left
    /// of them one by one.
    pub fn restart(&mut self, servers: &[ServerId], weight: impl Fn(ServerId) -> f64, skipped: u32) {
        let weight = |server| weight(server).max(SMALLEST_WEIGHT);
        let total: f64 = servers.iter().map(|&server| weight(server) + AUGMENT).sum();
        let end = f64::from(skipped) / total;
        let (mut done, mut last) = (0, 0.0_f64);
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        entries.clear();
        for (&server, order) in servers.iter().zip(0..) {
            let weight = weight(server) + AUGMENT;
            let mut turns = (weight * f64::from(skipped) / total) as u32;
            if turns > 0 && f64::from(turns) / weight >= end {
                turns -= 1;
            }
            entries.push(Entry { deadline: f64::from(turns + 1) / weight, order, server });
            last = last.max(f64::from(turns) / weight);
            done += turns;
        }
        *self = Self { inserted: entries.len() as u64, heap: entries.into(), now: last };
        for _ in done..skipped {
            self.turn(weight);
        }
    }

    /// Takes the next server and puts it back with the weight it has now.
    #[inline]
    fn turn(&mut self, weight: impl Fn(ServerId) -> f64) -> Option<ServerId> {
        let mut first = self.heap.peek_mut()?;
        let server = first.server;
        self.now = first.deadline;
        *first = Entry { deadline: self.now + 1.0 / weight(server).max(SMALLEST_WEIGHT), order: self.inserted, server };
        self.inserted += 1;
        Some(server)
    }

    /// The next server that is `allowed`. The others before it lose their turns, as many as there are servers; after that
    /// the allowed one with the earliest deadline is taken.
    #[inline]
    pub fn next(&mut self, weight: impl Fn(ServerId) -> f64, allowed: impl Fn(ServerId) -> bool) -> Option<ServerId> {
        for _ in 0..=self.heap.len() {
            let server = self.turn(&weight)?;
            if allowed(server) {
                return Some(server);
            }
        }
        self.take(weight, allowed)
    }

    /// Takes the allowed server with the earliest deadline out of its turn.
    fn take(&mut self, weight: impl Fn(ServerId) -> f64, allowed: impl Fn(ServerId) -> bool) -> Option<ServerId> {
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        let earliest = entries.iter_mut().filter(|entry| allowed(entry.server)).max();
        let server = earliest.map(|entry| {
            entry.deadline = entry.deadline.max(self.now) + 1.0 / weight(entry.server).max(SMALLEST_WEIGHT);
            entry.order = self.inserted;
            entry.server
        });
        self.inserted += 1;
        self.heap = entries.into();
        server
    }

    /// The deadlines of the candidates as scores; `why` says where the weight of a server comes from.
    #[must_use]
    pub fn explain(&self, candidates: &Candidates<'_>, why: impl Fn(ServerId) -> String) -> Explanation {
        let entries = self.heap.clone().into_sorted_vec().into_iter().rev().filter(|entry| candidates.contains(entry.server));
        let score =
            |Entry { deadline, server, .. }| Score::new(server, deadline, format!("deadline {deadline:.6}, {}", why(server)));
        let because = "the earliest deadline in virtual time; ties to the one that was put back first";
        Explanation { scores: entries.map(score).collect(), best: Best::Smallest, because: because.into() }
    }

    /// The next server.
    #[must_use]
    pub fn first(&self) -> Option<ServerId> {
        self.heap.peek().map(|entry| entry.server)
    }
}

/// The earliest deadline is the greatest entry.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.deadline.total_cmp(&self.deadline).then(other.order.cmp(&self.order))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(weights: &[f64], skipped: u32, turns: usize) -> String {
        let servers: Vec<ServerId> = (0..weights.len() as u32).map(ServerId).collect();
        let weight = |server: ServerId| weights[server.index()];
        let mut edf = Edf::default();
        edf.restart(&servers, weight, skipped);
        (0..turns).map(|_| edf.next(weight, |_| true).unwrap().0.to_string()).collect()
    }

    #[test]
    fn turns_skipped_by_calculation_are_turns_taken() {
        let whole = sequence(&[5.0, 1.0, 1.0], 0, 300);
        for skipped in 0..200 {
            let rest = &whole[skipped as usize..];
            assert_eq!(sequence(&[5.0, 1.0, 1.0], skipped, 100), rest[..100], "after {skipped}");
        }
    }

    /// Where deadlines are equal but for rounding, ties may fall otherwise; each round still holds everybody's turns.
    #[test]
    fn every_round_is_whole_after_any_skip() {
        for skipped in (0..200).chain([999_999_999 / 7, u32::MAX / 10 - 1]) {
            let round = sequence(&[1.0, 2.0, 3.0, 4.0], skipped, 10);
            let shares = ["0", "1", "2", "3"].map(|server| round.matches(server).count());
            assert_eq!(shares, [1, 2, 3, 4], "{round} after {skipped}");
        }
    }

    #[test]
    fn shares_are_in_proportion_to_weights() {
        let turns = sequence(&[0.5, 1.0, 2.5], 0, 4_000);
        let shares = ["0", "1", "2"].map(|server| turns.matches(server).count());
        assert!(shares.iter().zip([500, 1_000, 2_500]).all(|(&share, fair)| share.abs_diff(fair) <= 2), "{shares:?}");
    }

    /// A heavy server that is not allowed loses its turns; the light one is found without taking a million of them.
    #[test]
    fn who_is_not_allowed_loses_the_turn() {
        let weight = |server: ServerId| [1e6, 1.0, 2.0][server.index()];
        let mut edf = Edf::default();
        edf.restart(&[0, 1, 2].map(ServerId), weight, 0);
        let next: Vec<u32> = (0..6).map(|_| edf.next(weight, |server| server.0 > 0).unwrap().0).collect();
        assert_eq!(next, [2, 1, 2, 2, 1, 2]);
        assert_eq!(edf.next(weight, |_| false), None);
        assert_eq!(edf.next(weight, |_| true), Some(ServerId(0)));
    }
}
