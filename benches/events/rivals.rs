//! Future-event lists that the calendar is compared with.

use lbsim::engine::{Calendar, Event};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A future-event list.
pub trait List: Default {
    const NAME: &'static str;
    /// The longest list for which this is worth the time to measure.
    const LONGEST: usize = usize::MAX;

    fn schedule(&mut self, event: Event);
    fn pop(&mut self) -> Option<Event>;
}

impl List for Calendar {
    const NAME: &'static str = "calendar";

    #[inline]
    fn schedule(&mut self, event: Event) {
        Self::schedule(self, event);
    }

    #[inline]
    fn pop(&mut self) -> Option<Event> {
        Self::pop(self)
    }
}

/// The heap of the standard library.
#[derive(Default)]
pub struct StdHeap(BinaryHeap<Reverse<Event>>);

impl List for StdHeap {
    const NAME: &'static str = "std heap";

    #[inline]
    fn schedule(&mut self, event: Event) {
        self.0.push(Reverse(event));
    }

    #[inline]
    fn pop(&mut self) -> Option<Event> {
        self.0.pop().map(|event| event.0)
    }
}

/// The heap of the standard library; an event scheduled after a pop takes the place of the popped one.
#[derive(Default)]
pub struct StdReplace {
    heap: BinaryHeap<Reverse<Event>>,
    hole: bool,
}

impl List for StdReplace {
    const NAME: &'static str = "std replace";

    #[inline]
    fn schedule(&mut self, event: Event) {
        if !self.hole {
            self.heap.push(Reverse(event));
        } else if let Some(mut first) = self.heap.peek_mut() {
            *first = Reverse(event);
        }
        self.hole = false;
    }

    #[inline]
    fn pop(&mut self) -> Option<Event> {
        if self.hole {
            self.heap.pop();
        }
        self.hole = !self.heap.is_empty();
        self.heap.peek().map(|event| event.0)
    }
}

/// A heap of four branches with a hole; made for this bench: it must be filled in order, and then each pop followed by
/// an event.
#[derive(Default)]
pub struct Quaternary {
    tree: Vec<Event>,
    hole: bool,
}

impl List for Quaternary {
    const NAME: &'static str = "4-ary heap";

    #[inline]
    fn schedule(&mut self, event: Event) {
        if !self.hole {
            return self.tree.push(event);
        }
        self.hole = false;
        let mut place = 0;
        while let Some(children) = self.tree.get(4 * place + 1..) {
            let children = children[..children.len().min(4)].iter().enumerate();
            match children.min_by_key(|(_, child)| **child) {
                Some((number, &child)) if child < event => {
                    self.tree[place] = child;
                    place = 4 * place + 1 + number;
                }
                _ => break,
            }
        }
        self.tree[place] = event;
    }

    #[inline]
    fn pop(&mut self) -> Option<Event> {
        self.hole = true;
        self.tree.first().copied()
    }
}

/// A sorted array, the first event at its end.
#[derive(Default)]
pub struct Sorted(Vec<Event>);

impl List for Sorted {
    const NAME: &'static str = "sorted array";
    const LONGEST: usize = 1_000;

    #[inline]
    fn schedule(&mut self, event: Event) {
        let mut place = self.0.len();
        self.0.push(event);
        while place > 0 && self.0[place - 1] < event {
            self.0[place] = self.0[place - 1];
            place -= 1;
        }
        self.0[place] = event;
    }

    #[inline]
    fn pop(&mut self) -> Option<Event> {
        self.0.pop()
    }
}
