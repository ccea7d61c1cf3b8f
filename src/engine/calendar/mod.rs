//! The future-event list: a sorted array while few events are pending, a ladder of days when there are more.
//!
//! **Large form.** Time is cut into days of a power of two of nanoseconds, made so long that a dozen events or two fall
//! into each. The days of the near future are unsorted bags: an event is appended to its day, nothing else. When a day
//! comes, its events are sorted and become `today`, from whose end events are popped; a new event of today is
//! inserted there, mostly close to the end. Events beyond the last day wait in a heap and enter their day when the
//! horizon reaches it. So an event costs O(1), however many there are. This is the calendar queue of Brown (1988) with
//! the late sorting of the ladder queue (Tang, Goh and Thng 2005).
//!
//! **What could go wrong, and does not.** A day with very many events is sorted once, in O(log n) each; events scheduled
//! into it far behind its first go to a heap beside it (`late`). Days that do not fit the events cost at most a heap's
//! O(log n) per event, or the passing of empty days, and both are counted: when the count has grown with the number of
//! events, the length of days is reviewed (`adapt`). Where no length fits for long (bursts of nanoseconds, then pauses
//! of minutes), reviews become rarer. So heavy tails make it no slower than a heap.
//!
//! **Small form.** With few events there is one endless day, and `today` is all there is: a sorted array.
//!
//! The order of popping is that of the events alone and does not depend on any of this.

mod adapt;
mod days;
mod heap;
mod memory;
mod order;

use super::Event;
use adapt::Watch;
use days::Days;
use heap::Heap;

/// So many events of today, the first ones, take new ones in among them; behind them, new ones go to the heap.
const ORDERED: usize = 32;
/// The number of the one day of a small calendar.
const ENDLESS: u64 = u64::MAX;

/// The events that are still to come.
#[derive(Debug)]
pub struct Calendar {
    /// Events of today in order, the first at the end.
    today: Vec<Event>,
    /// Events of today that were scheduled when today already held [`ORDERED`] before them.
    late: Heap,
    /// The number of today: the time shifted right by `shift`, or [`ENDLESS`]. No event is of an earlier day, unless
    /// it was scheduled after `peek` had turned to this one; it is then kept as one of today.
    day: u64,
    /// A day lasts `1 << shift` nanoseconds.
    shift: u32,
    /// The days that follow today.
    days: Days,
    /// Events beyond the last of `days`.
    far: Heap,
    watch: Watch,
    /// Void events among all.
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

    /// An empty calendar with room for about so many events: growing would copy them, and memory that is not touched costs
    /// nothing.
    #[must_use]
    pub fn with_room(events: usize) -> Self {
        let mut calendar = Self::new();
        calendar.days.make_room(events);
        calendar
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
    #[inline(always)]
    pub fn schedule(&mut self, event: Event) {
        let day = event.time().as_nanos() >> self.shift;
        if day <= self.day {
            self.insert_today(event);
        } else {
            self.schedule_later(day, event);
        }
    }

    #[inline(never)]
    fn schedule_later(&mut self, day: u64, event: Event) {
        if day - self.day < self.days.count() as u64 {
            self.days.push(day, event);
        } else {
            self.far.push(event);
        }
        self.check_growth();
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
    #[inline(always)]
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
            self.fit_to_pending();
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_both(&mut self) -> Option<Event> {
        let late = self.late.peek();
        self.today.last().copied().into_iter().chain(late).min_by_key(|event| event.key())
    }

    #[cold]
    #[inline(never)]
    fn pop_both(&mut self) -> Option<Event> {
        self.late_popped();
        let late = self.late.peek();
        match self.today.last() {
            Some(today) if late.is_none_or(|late| today.key() <= late.key()) => self.today.pop(),
            _ => self.late.pop(),
        }
    }

    /// Turns to the next day that has events, if there is one.
    #[inline(never)]
    fn open_day(&mut self) {
        if self.day == ENDLESS {
            return;
        }
        while self.today.is_empty() && self.turn_day() {
            self.days.take(self.day, &mut self.today);
            self.advance_horizon();
        }
        order::sort_last_first(&mut self.today);
        self.day_opened();
    }

    /// Turns to the next day, or to that of the first far event when all before are empty; says whether there is any.
    #[inline]
    fn turn_day(&mut self) -> bool {
        if self.days.len() > 0 {
            self.day += 1;
            self.watch.day_passed();
            return true;
        }
        let Some(event) = self.far.peek() else { return false };
        self.day = event.time().as_nanos() >> self.shift;
        true
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
