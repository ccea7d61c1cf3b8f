//! How the calendar fits its days to the events: their length, their number, and whether there are any.

use super::{Calendar, ENDLESS, ORDERED};
use crate::engine::Event;

/// Events a day should hold when it comes.
const PER_DAY: u64 = 24;
/// A calendar with fewer events becomes small again: well below [`ORDERED`], so that it does not swing.
const SMALL: usize = ORDERED / 2;
/// The least number of days.
const FEWEST_DAYS: usize = 64;

/// What has been seen since the days were last fitted.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Work left until the next look: an event taken from the days or the late heap, or a day passed, counts one.
    budget: i64,
    /// The budget at the start.
    granted: i64,
    /// Events drawn from the days and the late heap.
    drawn: u64,
    /// Time of the first day of the watch.
    since: u64,
    /// More events than this call for more days.
    crowd: usize,
    /// How many refits followed each other without a quiet watch between them.
    restless: u32,
}

impl Watch {
    #[inline]
    pub(super) fn spend(&mut self, work: i64) {
        self.budget -= work;
    }
}

impl Calendar {
    /// More days when there are twice as many events as the days were made for.
    #[inline]
    pub(super) fn check_growth(&mut self) {
        if self.days.len() + self.far.len() > self.watch.crowd {
            self.rebuild();
        }
    }

    /// Counts the events of a day that has just been opened.
    #[inline]
    pub(super) fn day_opened(&mut self, _first: u64) {
        let drawn = self.today.len();
        self.watch.drawn += drawn as u64;
        self.watch.spend(drawn as i64);
        if self.watch.budget < 0 || drawn + self.days.len() + self.far.len() < SMALL {
            self.review();
        }
    }

    /// Counts an event popped while the late heap is in use.
    #[inline]
    pub(super) fn late_popped(&mut self) {
        self.watch.drawn += 1;
        self.watch.spend(1);
        if self.watch.budget < 0 && self.day != ENDLESS {
            self.review();
        }
    }

    /// Looks whether the days still fit, and refits them if not.
    #[cold]
    #[inline(never)]
    fn review(&mut self) {
        let len = self.len();
        if len < SMALL {
            return self.become_small();
        }
        let now = self.now();
        let elapsed = now.saturating_sub(self.watch.since);
        let fitting = fitting_shift(elapsed, self.watch.drawn).unwrap_or(self.shift);
        let misfit = fitting.abs_diff(self.shift) > 1;
        let shrunk = len * 8 < self.watch.crowd && self.days.count() > FEWEST_DAYS;
        if misfit || shrunk {
            self.watch.restless = (self.watch.restless + 1).min(6);
            self.refit(fitting);
        } else {
            self.watch.restless = 0;
        }
        self.start_watch();
    }

    /// A time not after the first event.
    fn now(&mut self) -> u64 {
        let first = self.peek().map_or(0, |event| event.time().as_nanos());
        first.max(self.watch.since)
    }

    fn start_watch(&mut self) {
        let now = self.now();
        let len = self.len() as i64;
        self.watch.granted = (2 * len).max(512) << self.watch.restless;
        self.watch.budget = self.watch.granted;
        self.watch.drawn = 0;
        self.watch.since = now;
    }

    /// Chooses days for the events that are pending: so that the next eighth of them would come 16 a day.
    #[cold]
    #[inline(never)]
    pub(super) fn rebuild(&mut self) {
        let mut events = self.gather();
        let ahead = (events.len() / 8).max(1).min(events.len() - 1);
        let (sooner, pivot, _) = events.select_nth_unstable_by_key(ahead, |event| event.key());
        let first = sooner.iter().map(|event| event.key()).min().map_or(0, |key| (key >> 64) as u64);
        let shift = fitting_shift(pivot.time().as_nanos() - first, ahead as u64).unwrap_or(self.shift.max(1));
        self.spread(events, shift);
        self.start_watch();
    }

    /// Keeps the events that `is_live` recognises.
    pub(super) fn retain(&mut self, is_live: impl Fn(Event) -> bool) {
        let mut events = self.gather();
        events.retain(|&event| is_live(event));
        self.put_back(events);
    }

    fn put_back(&mut self, events: Vec<Event>) {
        if self.day == ENDLESS {
            self.set_small(events);
        } else {
            self.spread(events, self.shift);
        }
    }

    fn refit(&mut self, shift: u32) {
        let events = self.gather();
        self.spread(events, shift);
    }

    fn become_small(&mut self) {
        let events = self.gather();
        self.day = ENDLESS;
        self.set_small(events);
    }

    fn set_small(&mut self, mut events: Vec<Event>) {
        self.today.append(&mut events);
        self.today.sort_unstable_by_key(|event| std::cmp::Reverse(event.key()));
        self.far.restore(events);
    }

    /// Takes all events out, into the memory of the far heap.
    fn gather(&mut self) -> Vec<Event> {
        let mut events = self.far.take_all();
        events.append(&mut self.today);
        let mut late = self.late.take_all();
        events.append(&mut late);
        self.late.restore(late);
        self.days.take_all(&mut events);
        events
    }

    /// Puts `events` into days of `1 << shift` nanoseconds, the first of which starts with the first event.
    fn spread(&mut self, mut events: Vec<Event>, shift: u32) {
        let len = events.len();
        self.days.reset((len / 4).next_power_of_two().max(FEWEST_DAYS));
        self.watch.crowd = 2 * len.max(2 * ORDERED);
        self.shift = shift;
        let Some(first) = events.iter().map(|event| event.key()).min() else {
            self.day = ENDLESS;
            return self.far.restore(events);
        };
        self.day = (first >> 64) as u64 >> shift;
        events.retain(|&event| {
            let ahead = (event.time().as_nanos() >> shift) - self.day;
            let far = ahead >= self.days.count() as u64;
            if !far {
                if ahead == 0 { self.today.push(event) } else { self.days.push(self.day + ahead, event) }
            }
            far
        });
        self.today.sort_unstable_by_key(|event| std::cmp::Reverse(event.key()));
        self.far.restore(events);
    }
}

/// The shift that makes days in which about [`PER_DAY`] events come when `count` of them take `elapsed` nanoseconds.
fn fitting_shift(elapsed: u64, count: u64) -> Option<u32> {
    let width = u128::from(elapsed) * u128::from(PER_DAY) / u128::from(count.max(1));
    (elapsed > 0).then(|| width.max(2).ilog2().min(62))
}
