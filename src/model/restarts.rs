//! Restarts of servers group after group, once or again and again, as changes of single servers.

use super::meant::ChangeKind;
use super::read_faults::{Maintenance, Restart};
use crate::faults::{Fault, InFlight, Incident};
use crate::units::{Span, Time};

impl Restart {
    /// How long it takes for so many servers.
    pub(super) fn takes(&self, servers: u64) -> Span {
        times(self.drain + self.down, servers.div_ceil(u64::from(self.at_a_time)))
    }

    /// How many changes of single servers it is for each of them.
    pub(super) const fn changes(&self) -> u64 {
        if self.drains() { 4 } else { 2 }
    }

    const fn drains(&self) -> bool {
        self.drain.as_nanos() > 0
    }

    /// The changes for these servers from `at` on, in order of time: each group is removed, crashes when it has been drained, is repaired
    /// and returns; then it is the turn of the next.
    pub(super) fn steps<'s>(&self, at: Time, servers: &'s [u32]) -> impl Iterator<Item = (Time, ChangeKind, &'s [u32])> {
        let Self { drain, down, at_a_time } = *self;
        let (drains, turn) = (self.drains(), drain + down);
        (0..).zip(servers.chunks(at_a_time as usize)).flat_map(move |(number, group)| {
            let start = at + times(turn, number);
            let (gone, back) = (start + drain, start + turn);
            let incident = Incident { fault: Fault::Crash { work: InFlight::Lost }, flapping: None };
            let fail = ChangeKind::Fail { incident, lasting: None };
            let remove = drains.then_some((start, ChangeKind::Drain, group));
            let restore = drains.then_some((back, ChangeKind::Return, group));
            remove.into_iter().chain([(gone, fail, group), (back, ChangeKind::Repair, group)]).chain(restore)
        })
    }
}

impl Maintenance {
    /// When it begins, before `end`.
    pub(super) fn rounds(&self, end: Time) -> impl Iterator<Item = Time> {
        let first = Time::ZERO + self.first.value;
        let every = self.every.value;
        (0..self.number_of_rounds(end)).map(move |round| first + times(every, round))
    }

    /// How often it begins before `end`.
    pub(super) fn number_of_rounds(&self, end: Time) -> u64 {
        let first = Time::ZERO + self.first.value;
        if first >= end { 0 } else { (end - first).as_nanos().div_ceil(self.every.value.as_nanos().max(1)) }
    }
}

fn times(span: Span, factor: u64) -> Span {
    Span::from_nanos(span.as_nanos().saturating_mul(factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notation::{At, Place};

    fn told(restart: Restart, servers: &[u32]) -> Vec<(u64, &'static str, Vec<u32>)> {
        let name = |kind: &ChangeKind| match kind {
            ChangeKind::Remove => "remove",
            ChangeKind::Drain => "drain",
            ChangeKind::Fail { .. } => "fail",
            ChangeKind::Repair => "repair",
            _ => "return",
        };
        let steps = restart.steps(Time::ZERO + Span::from_secs(100), servers);
        steps.map(|(at, kind, group)| (at.as_nanos() / 1_000_000_000, name(&kind), group.to_vec())).collect()
    }

    #[test]
    fn groups_take_turns() {
        let restart = Restart { drain: Span::from_secs(30), down: Span::from_secs(10), at_a_time: 2 };
        let expected = [
            (100, "drain", vec![4, 5]),
            (130, "fail", vec![4, 5]),
            (140, "repair", vec![4, 5]),
            (140, "return", vec![4, 5]),
            (140, "drain", vec![6]),
            (170, "fail", vec![6]),
            (180, "repair", vec![6]),
            (180, "return", vec![6]),
        ];
        assert_eq!(told(restart, &[4, 5, 6]), expected);
        assert_eq!(restart.takes(3), Span::from_secs(80));
    }

    #[test]
    fn without_draining_nobody_is_removed() {
        let restart = Restart { drain: Span::ZERO, down: Span::from_secs(10), at_a_time: 9 };
        assert_eq!(told(restart, &[0, 1]), [(100, "fail", vec![0, 1]), (110, "repair", vec![0, 1])]);
        assert_eq!(restart.changes(), 2);
    }

    #[test]
    fn maintenance_begins_anew_until_the_end() {
        let at = |secs| At::new(Span::from_secs(secs), Place::new(0, 0, 0));
        let restart = Restart { drain: Span::ZERO, down: Span::from_secs(1), at_a_time: 1 };
        let maintenance = Maintenance { every: at(10), first: at(5), restart };
        let rounds = |end| maintenance.rounds(Time::ZERO + Span::from_secs(end)).count();
        assert_eq!([5, 6, 15, 16, 100].map(rounds), [0, 1, 1, 2, 10]);
    }
}
