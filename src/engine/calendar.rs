//! The future-event list. (Skeleton: a binary heap, to be replaced by what measurement chooses.)

use super::Event;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The events that are still to come.
#[derive(Debug, Default)]
pub struct Calendar {
    heap: BinaryHeap<Reverse<Event>>,
    cancelled: usize,
}

impl Calendar {
    /// An empty calendar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of events, cancelled ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether there is no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event. Its time is not before that of the last event that was popped.
    #[inline]
    pub fn schedule(&mut self, event: Event) {
        self.heap.push(Reverse(event));
    }

    /// The first event.
    #[inline]
    #[must_use]
    pub fn peek(&mut self) -> Option<Event> {
        self.heap.peek().map(|event| event.0)
    }

    /// Takes the first event out.
    #[inline]
    pub fn pop(&mut self) -> Option<Event> {
        self.heap.pop().map(|event| event.0)
    }

    /// Notes that one event in the calendar is void: its owner will not recognise it. As soon as the void ones
    /// outnumber the live ones, all those are dropped that `is_live` does not recognise.
    pub fn cancel(&mut self, is_live: impl Fn(Event) -> bool) {
        self.cancelled += 1;
        if 2 * self.cancelled > self.heap.len() {
            self.heap.retain(|event| is_live(event.0));
            self.cancelled = 0;
        }
    }

    /// Notes that a popped event was a void one.
    pub fn discarded(&mut self) {
        self.cancelled = self.cancelled.saturating_sub(1);
    }
}
