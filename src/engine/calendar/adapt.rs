//! How the calendar fits its days to the events: their length, their number, and whether there are any.

use super::order::sort_last_first;
use super::{Calendar, ENDLESS, ORDERED};
use crate::engine::Event;

/// The most events that a day should hold when it comes; the least is half of it, days being powers of two.
const PER_DAY: u64 = 24;
/// A calendar with fewer events becomes small again: well below [`ORDERED`], so that it does not swing.
const SMALL: usize = ORDERED / 2;
/// The least number of days.
const FEWEST_DAYS: usize = 64;
/// A watch is at most so many doublings longer than the shortest.
const MOST_RESTLESS: u32 = 6;

/// What has been seen since the days were last fitted.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Work left until the next look: a day passed, and an event drawn from the days or popped beside the late heap,
    /// count one. It is a multiple of the number of events, so that the cost of a refit is O(1) per unit of work.
    budget: i64,
    /// Events drawn from the days or popped beside the late heap.
    drawn: u64,
    /// Simulated time when the watch began, in nanoseconds.
    since: u64,
    /// With more events than this, more days are needed.
    crowd: usize,
    /// How many refits followed each other. Each doubles the watch after it: where no length of day fits for long,
    /// there is no use in trying often.
    restless: u32,
}

impl Watch {
    /// Counts a day without events.
    #[inline]
    pub(super) fn day_passed(&mut self) {
        self.budget -= 1;
    }

    fn draw(&mut self, events: usize) {
        self.drawn += events as u64;
        self.budget -= events as i64;
    }
}

impl Calendar {
    /// Refits the days when there are twice as many events as they were made for.
    #[inline]
    pub(super) fn check_growth(&mut self) {
        if self.days.len() + self.far.len() > self.watch.crowd {
            self.fit_to_pending();
        }
    }

    /// Counts the events of a day that has just been opened.
    #[inline]
    pub(super) fn day_opened(&mut self) {
        self.watch.draw(self.today.len());
        let len = self.today.len() + self.days.len() + self.far.len();
        if len < SMALL {
            self.become_small();
        } else if self.watch.budget < 0 {
            self.review();
        }
    }

    /// Counts an event that is about to be popped while the late heap is in use.
    #[inline]
    pub(super) fn late_popped(&mut self) {
        self.watch.draw(1);
        if self.watch.budget < 0 {
            self.review();
        }
    }

    /// Looks whether the days have fitted the events that came, and refits them if not.
    #[cold]
    #[inline(never)]
    fn review(&mut self) {
        let elapsed = self.first_time().saturating_sub(self.watch.since);
        let shift = fitting_shift(elapsed, self.watch.drawn).unwrap_or(self.shift);
        let misfit = shift.abs_diff(self.shift) > 1;
        let shrunk = self.len() * 8 < self.watch.crowd && self.days.count() > FEWEST_DAYS;
        if misfit || shrunk {
            self.watch.restless = MOST_RESTLESS.min(self.watch.restless + 1);
            let events = self.take_all();
            self.spread(events, shift);
        } else {
            self.watch.restless = 0;
        }
        self.start_watch();
    }

    /// Fits the days to the events that are pending: so that the next eighth of them would fill days well. For want
    /// of a past to learn from.
    #[cold]
    #[inline(never)]
    pub(super) fn fit_to_pending(&mut self) {
        let mut events = self.take_all();
        let eighth = events.len() / 8;
        let (sooner, pivot, _) = events.select_nth_unstable_by_key(eighth, |event| event.key());
        let last = pivot.time().as_nanos();
        let first = sooner.iter().map(|event| event.time().as_nanos()).min().unwrap_or(last);
        let shift = fitting_shift(last - first, eighth as u64).unwrap_or(self.shift.max(1));
        self.spread(events, shift);
        self.start_watch();
    }

    /// Keeps the events that `is_live` recognises.
    pub(super) fn retain(&mut self, is_live: impl Fn(Event) -> bool) {
        let mut events = self.take_all();
        events.retain(|&event| is_live(event));
        if self.day == ENDLESS {
            self.put_back_small(events);
        } else {
            self.spread(events, self.shift);
        }
    }

    /// Returns to the form in which all events are today's.
    #[cold]
    #[inline(never)]
    fn become_small(&mut self) {
        let events = self.take_all();
        self.day = ENDLESS;
        self.put_back_small(events);
    }

    fn start_watch(&mut self) {
        let shortest = (2 * self.len() as i64).max(512);
        self.watch.budget = shortest << self.watch.restless;
        self.watch.drawn = 0;
        self.watch.since = self.first_time();
    }

    /// Time of the first event; the start of the watch if there is none or the first is before it.
    fn first_time(&mut self) -> u64 {
        self.peek().map_or(0, |event| event.time().as_nanos()).max(self.watch.since)
    }

    /// Takes all events out, into the memory of the far heap, to be put back by [`Self::spread`] or
    /// [`Self::put_back_small`].
    fn take_all(&mut self) -> Vec<Event> {
        let others = self.len() - self.far.len();
        let mut events = self.far.take_all();
        events.reserve_exact(others);
        events.append(&mut self.today);
        let mut late = self.late.take_all();
        events.append(&mut late);
        self.late.restore(late);
        self.days.take_all(&mut events);
        events
    }

    fn put_back_small(&mut self, mut events: Vec<Event>) {
        self.today.append(&mut events);
        sort_last_first(&mut self.today);
        self.far.restore(events);
    }

    /// Puts `events` into days of `1 << shift` nanoseconds, the first of which starts with the first event.
    fn spread(&mut self, mut events: Vec<Event>, shift: u32) {
        let len = events.len();
        self.days.reset((len / 4).next_power_of_two().max(FEWEST_DAYS));
        self.watch.crowd = 2 * len.max(2 * ORDERED);
        self.shift = shift;
        let first = events.iter().map(|event| event.time().as_nanos()).min();
        self.day = first.map_or(ENDLESS, |first| first >> shift);
        events.retain(|&event| !self.put_near(event));
        sort_last_first(&mut self.today);
        self.far.restore(events);
    }

    /// Puts an event into its day, or at the end of today, unless it is far.
    fn put_near(&mut self, event: Event) -> bool {
        let day = event.time().as_nanos() >> self.shift;
        let ahead = day - self.day;
        if ahead == 0 {
            self.today.push(event);
        } else if ahead < self.days.count() as u64 {
            self.days.push(day, event);
        }
        ahead < self.days.count() as u64
    }
}

/// The shift that makes days of which each holds up to [`PER_DAY`] events when `count` of them take `elapsed`
/// nanoseconds. At least 1, so that no day has the number [`ENDLESS`].
fn fitting_shift(elapsed: u64, count: u64) -> Option<u32> {
    let width = u128::from(elapsed) * u128::from(PER_DAY) / u128::from(count.max(1));
    (elapsed > 0).then(|| width.max(2).ilog2().min(62))
}
