//! The tally: exact integer sums and histograms over the facts of one replication.

use super::{BirthSeries, Completed, Failed, Found, Observer, SessionEnded, Unfinished, Why};
use crate::stats::{Histogram, Moments};
use crate::units::Time;

/// The measures of one replication over the window (w, w + T], or [0, T] without a warm-up. Every field is a sum of integers, so the order of the
/// facts plays no part.
#[derive(Debug, Clone)]
pub struct Tally {
    from: Time,
    to: Time,
    /// The first instant of the window: counts begin just after the warm-up, or with time itself where there is none.
    first: Time,
    classes: Vec<ClassTally>,
    births: BirthSeries,
}

/// The measures of one class of clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassTally {
    /// Requests born in the window.
    pub arrived: u64,
    /// Requests that ended without an answer in the window, by [`Why`].
    pub failed: [u64; Why::ALL.len()],
    /// Requests answered wrongly in the window, though the answer looked right.
    pub wrong: u64,
    /// Tries on servers that the requests took that ended in the window, but for one of each that was answered: what nearly all models
    /// need not count.
    pub further_tries: u64,
    /// Requests present at the end of the window.
    pub unfinished: u64,
    /// Sojourn times, from birth to answer, of the requests completed in the window, in nanoseconds.
    pub sojourn: Moments,
    /// Their distribution.
    pub sojourn_times: Histogram,
    /// Waiting times, from birth to start of service, of the requests completed in the window, in nanoseconds.
    pub waiting: Moments,
    /// Their distribution.
    pub waiting_times: Histogram,
    /// Integral over the window of the number of requests present, in request-nanoseconds.
    pub present_ns: u128,
    /// Integral over the window of the number of requests waiting, in request-nanoseconds.
    pub queued_ns: u128,
    /// Sojourn times of the requests completed in the window for which their servers had all they looked for in their caches, in
    /// nanoseconds.
    pub hits: Moments,
    /// Of those for which something had to be loaded.
    pub misses: Moments,
    /// Sessions that ended in the window.
    pub sessions: SessionTally,
}

/// Counts over the sessions that ended in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionTally {
    /// Sessions.
    pub ended: u64,
    /// Their requests, answered or not.
    pub requests: u64,
    /// The servers that answered each, added up.
    pub servers: u64,
    /// Sessions that were answered by more than one server.
    pub moved: u64,
    /// How often the server of a session changed from one answer to the next.
    pub moves: u64,
    /// Sessions of which a request ended without an answer.
    pub interrupted: u64,
    /// Sessions that lost their state.
    pub lost: u64,
}

impl SessionTally {
    fn add(&mut self, fact: &SessionEnded) {
        self.ended += 1;
        self.requests += u64::from(fact.requests);
        self.servers += u64::from(fact.servers);
        self.moved += u64::from(fact.servers > 1);
        self.moves += u64::from(fact.moves);
        self.interrupted += u64::from(fact.failed > 0);
        self.lost += u64::from(fact.lost > 0);
    }

    fn merge(&mut self, other: &Self) {
        let Self { ended, requests, servers, moved, moves, interrupted, lost } = other;
        self.ended += ended;
        self.requests += requests;
        self.servers += servers;
        self.moved += moved;
        self.moves += moves;
        self.interrupted += interrupted;
        self.lost += lost;
    }
}

impl ClassTally {
    /// Requests completed in the window.
    #[must_use]
    pub const fn completed(&self) -> u64 {
        self.sojourn.count()
    }

    /// Requests that ended without an answer in the window.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Those of them that were turned away before anybody worked on them.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        Why::ALL.into_iter().filter(|why| why.is_rejection()).map(|why| self.failed_by(why)).sum()
    }

    /// Those that ended so.
    #[must_use]
    pub const fn failed_by(&self, why: Why) -> u64 {
        self.failed[why as usize]
    }

    /// Requests that ended in the window.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.completed() + self.unanswered()
    }

    /// Tries on servers that they took.
    #[must_use]
    pub const fn tries(&self) -> u64 {
        self.completed() + self.further_tries
    }

    /// Adds another tally: of another class, or of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.failed.iter_mut().zip(other.failed).for_each(|(sum, count)| *sum += count);
        self.wrong += other.wrong;
        self.further_tries += other.further_tries;
        self.unfinished += other.unfinished;
        self.sojourn.merge(&other.sojourn);
        self.sojourn_times.merge(&other.sojourn_times);
        self.waiting.merge(&other.waiting);
        self.waiting_times.merge(&other.waiting_times);
        self.present_ns += other.present_ns;
        self.queued_ns += other.queued_ns;
        self.hits.merge(&other.hits);
        self.misses.merge(&other.misses);
        self.sessions.merge(&other.sessions);
    }

    /// Adds a stay from `birth` to `end` (not before `from`), of which the time up to `start` was waiting; a birth counts
    /// from `first` on.
    #[inline]
    fn add_stay(&mut self, from: Time, first: Time, birth: Time, start: Time, end: Time) {
        let birth_or_from = birth.max(from);
        self.arrived += u64::from(birth >= first);
        self.present_ns += u128::from((end - birth_or_from).as_nanos());
        self.queued_ns += u128::from((start.max(from) - birth_or_from).as_nanos());
    }
}

impl Tally {
    /// An empty tally for `classes` classes over the window (from, to].
    #[must_use]
    pub fn new(classes: usize, from: Time, to: Time) -> Self {
        let classes = vec![ClassTally::default(); classes];
        Self { from, to, first: first_instant(from), classes, births: BirthSeries::default() }
    }

    /// The measures by class, and the series of sojourn times by birth number since time 0.
    #[must_use]
    pub fn into_parts(self) -> (Vec<ClassTally>, BirthSeries) {
        (self.classes, self.births)
    }
}

/// The first instant of the window (from, to]. What happens at time 0 is never warm-up, so a window from 0 has it.
#[must_use]
pub const fn first_instant(from: Time) -> Time {
    if from.as_nanos() == 0 { from } else { Time::from_nanos(from.as_nanos() + 1) }
}

impl Observer for Tally {
    #[inline(always)]
    fn completed(&mut self, fact: &Completed) {
        let sojourn = (fact.end - fact.birth).as_nanos();
        self.births.record(fact.number, sojourn);
        if fact.end < self.first {
            return;
        }
        let waiting = (fact.start - fact.birth).as_nanos();
        let class = &mut self.classes[fact.class.index()];
        class.sojourn.record(sojourn);
        class.sojourn_times.record(sojourn);
        class.waiting.record(waiting);
        class.waiting_times.record(waiting);
        class.further_tries += u64::from(fact.tries - 1);
        class.wrong += u64::from(fact.is_wrong);
        match fact.found {
            Found::NotAsked => {}
            Found::All => class.hits.record(sojourn),
            Found::NotAll => class.misses.record(sojourn),
        }
        class.add_stay(self.from, self.first, fact.birth, fact.start, fact.end);
    }

    fn failed(&mut self, fact: &Failed) {
        if fact.end >= self.first {
            let class = &mut self.classes[fact.class.index()];
            class.failed[fact.why as usize] += 1;
            class.further_tries += u64::from(fact.tries);
            class.add_stay(self.from, self.first, fact.birth, fact.start.unwrap_or(fact.end), fact.end);
        }
    }

    fn session_ended(&mut self, fact: &SessionEnded) {
        if fact.end >= self.first {
            self.classes[fact.class.index()].sessions.add(fact);
        }
    }

    fn unfinished(&mut self, fact: &Unfinished) {
        self.births.record_unfinished(fact.number);
        let class = &mut self.classes[fact.class.index()];
        class.unfinished += 1;
        class.add_stay(self.from, self.first, fact.birth, fact.start.unwrap_or(self.to), self.to);
    }
}
