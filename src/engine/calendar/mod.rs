//! The future-event list: a sorted array while few events are pending, a ladder of days beyond.

mod adapt;
mod days;
mod heap;

use super::Event;
use adapt::Watch;
use days::Days;
use heap::Heap;

/// So many events of today are kept in order; a later one of today goes to the heap.
const ORDERED: usize = 32;
/// The day of a calendar so small that all its events are today's.
const ENDLESS: u64 = u64::MAX;

/// The events that are still to come.
#[derive(Debug)]
pub struct Calendar {
    /// The first events, the first of all at the end.
    today: Vec<Event>,
    /// Events of today that arrived when many others were already known to come before them.
    late: Heap,
    /// The number of today: the time shifted right by `shift`. [`ENDLESS`] in a small calendar.
    day: u64,
    /// A day lasts `1 << shift` nanoseconds.
    shift: u32,
    /// The days that follow.
    days: Days,
    /// Events beyond the last of `days`.
    far: Heap,
    watch: Watch,
    cancelled: usize,
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new()
    }
}

impl Calendar {
    /// An empty calendar.
    #[must_use]
    pub fn new() -> Self {
        Self {
            today: Vec::with_capacity(2 * ORDERED),
            late: Heap::default(),
            day: ENDLESS,
            shift: 0,
            days: Days::default(),
            far: Heap::default(),
            watch: Watch::default(),
            cancelled: 0,
        }
    }

    /// Number of events, cancelled ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.today.len() + self.late.len() + self.days.len() + self.far.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event. Its time is not before that of the last event that was popped.
    #[inline]
    pub fn schedule(&mut self, event: Event) {
        let day = event.time().as_nanos() >> self.shift;
        if day <= self.day {
            self.insert_today(event);
        } else if day - self.day < self.days.count() as u64 {
            self.days.push(day, event);
            self.check_growth();
        } else {
            self.far.push(event);
            self.check_growth();
        }
    }

    /// The first event.
    #[inline]
    #[must_use]
    pub fn peek(&mut self) -> Option<Event> {
        if !self.late.is_empty() {
            return self.peek_both();
        }
        if self.today.is_empty() {
            self.open_day();
        }
        self.today.last().copied()
    }

    /// Takes the first event out.
    #[inline]
    pub fn pop(&mut self) -> Option<Event> {
        if !self.late.is_empty() {
            return self.pop_both();
        }
        if self.today.is_empty() {
            self.open_day();
        }
        self.today.pop()
    }

    /// Takes the first event out if it comes before `limit`.
    #[inline(always)]
    pub fn pop_before(&mut self, limit: Event) -> Option<Event> {
        match self.today.last() {
            Some(&event) if self.late.is_empty() => {
                if event >= limit {
                    return None;
                }
                self.today.pop();
                Some(event)
            }
            _ => self.pop_elsewhere_before(limit),
        }
    }

    #[inline(never)]
    fn pop_elsewhere_before(&mut self, limit: Event) -> Option<Event> {
        let event = self.peek()?;
        if event < limit { self.pop() } else { None }
    }

    /// The server or source of the event that would be popped after `k` others if nothing were scheduled meanwhile:
    /// a hint, for touching its memory early. Sees no further than today.
    #[inline]
    #[must_use]
    pub fn upcoming(&self, k: usize) -> Option<u32> {
        let place = self.today.len().checked_sub(k + 1)?;
        Some(self.today[place].index())
    }

    /// Notes that one event in the calendar is void: its owner will not recognise it. As soon as the void ones
    /// outnumber the live ones, all those are dropped that `is_live` does not recognise.
    pub fn cancel(&mut self, is_live: impl Fn(Event) -> bool) {
        self.cancelled += 1;
        if 2 * self.cancelled > self.len() {
            self.retain(is_live);
            self.cancelled = 0;
        }
    }

    /// Notes that a popped event was a void one.
    pub fn discarded(&mut self) {
        self.cancelled = self.cancelled.saturating_sub(1);
    }

    /// Puts an event of today in its place among the first [`ORDERED`], or else into the heap.
    #[inline]
    fn insert_today(&mut self, event: Event) {
        let len = self.today.len();
        if len >= ORDERED && self.today[len - ORDERED].key() < event.key() {
            return self.insert_late(event);
        }
        self.today.push(event);
        let today = &mut self.today[..];
        let mut place = len;
        while place > 0 && today[place - 1].key() < event.key() {
            today[place] = today[place - 1];
            place -= 1;
        }
        today[place] = event;
    }

    #[cold]
    #[inline(never)]
    fn insert_late(&mut self, event: Event) {
        self.late.push(event);
        if self.day == ENDLESS {
            self.rebuild();
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_both(&mut self) -> Option<Event> {
        let late = self.late.peek();
        let today = self.today.last().copied();
        match (today, late) {
            (Some(today), Some(late)) => Some(if late.key() < today.key() { late } else { today }),
            (today, late) => today.or(late),
        }
    }

    #[cold]
    #[inline(never)]
    fn pop_both(&mut self) -> Option<Event> {
        self.late_popped();
        let first = self.late.peek();
        match self.today.last() {
            Some(today) if first.is_none_or(|late| today.key() < late.key()) => self.today.pop(),
            _ => self.late.pop(),
        }
    }

    /// Turns to the next day that has events, if there is one.
    #[cold]
    #[inline(never)]
    fn open_day(&mut self) {
        if self.day == ENDLESS {
            return;
        }
        let first = self.day;
        while self.today.is_empty() {
            if self.days.len() == 0 {
                match self.far.peek() {
                    Some(event) => self.day = event.time().as_nanos() >> self.shift,
                    None => break,
                }
            } else {
                self.day += 1;
                self.watch.spend(1);
            }
            self.days.take(self.day, &mut self.today);
            self.advance_horizon();
        }
        self.today.sort_unstable_by_key(|event| std::cmp::Reverse(event.key()));
        self.day_opened(first);
    }

    /// Moves the events that the horizon has reached from the far future to their days.
    #[inline]
    fn advance_horizon(&mut self) {
        while let Some(event) = self.far.peek() {
            let day = event.time().as_nanos() >> self.shift;
            if day - self.day >= self.days.count() as u64 {
                break;
            }
            self.far.pop();
            if day == self.day { self.today.push(event) } else { self.days.push(day, event) }
        }
    }
}

#[cfg(test)]
mod tests;
