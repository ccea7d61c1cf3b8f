//! A binary heap whose `pop` leaves a hole that the next `push` fills.

use super::memory::push;
use crate::engine::Event;

/// A binary min-heap of events. `pop` takes the root but leaves its place empty; a `push` that follows starts from
/// that hole, so that a pop and a push cost one sift instead of two (Williams 1964 for the heap).
#[derive(Debug, Default)]
pub(super) struct Heap {
    /// The tree, `tree[i]` not after `tree[2 i + 1]` and `tree[2 i + 2]`. With a hole, `tree[0]` is stale.
    tree: Vec<Event>,
    hole: bool,
}

impl Heap {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.tree.len() - usize::from(self.hole)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        if self.hole {
            self.hole = false;
            self.sift_down(0, event);
        } else {
            push(&mut self.tree, event);
            self.sift_up(self.tree.len() - 1, event);
        }
    }

    /// The first event.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<Event> {
        self.fill();
        self.tree.first().copied()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event> {
        let first = self.peek()?;
        self.hole = true;
        Some(first)
    }

    /// Hands all events over, in no particular order, for [`Self::restore`] to take them back.
    pub(super) fn take_all(&mut self) -> Vec<Event> {
        self.fill();
        std::mem::take(&mut self.tree)
    }

    /// Makes a heap of `events`, in linear time (Floyd 1964).
    pub(super) fn restore(&mut self, events: Vec<Event>) {
        debug_assert!(self.is_empty());
        self.hole = false;
        self.tree = events;
        for place in (0..self.tree.len() / 2).rev() {
            self.sift_down(place, self.tree[place]);
        }
    }

    /// Closes the hole with the last event.
    #[inline]
    fn fill(&mut self) {
        if self.hole {
            self.hole = false;
            if let Some(last) = self.tree.pop()
                && !self.tree.is_empty()
            {
                self.sift_down(0, last);
            }
        }
    }

    /// Writes `event` at `place` or below, moving earlier events up.
    #[inline]
    fn sift_down(&mut self, mut place: usize, event: Event) {
        let tree = &mut self.tree[..];
        let mut child = 2 * place + 1;
        while child + 1 < tree.len() {
            let (left, right) = (tree[child], tree[child + 1]);
            let right_first = right.key() < left.key();
            let first = if right_first { right } else { left };
            if event.key() <= first.key() {
                break;
            }
            tree[place] = first;
            place = child + usize::from(right_first);
            child = 2 * place + 1;
        }
        if child + 1 == tree.len() && tree[child].key() < event.key() {
            tree[place] = tree[child];
            place = child;
        }
        tree[place] = event;
    }

    /// Writes `event` at `place` or above, moving later events down.
    #[inline]
    fn sift_up(&mut self, mut place: usize, event: Event) {
        let tree = &mut self.tree[..];
        while place > 0 {
            let parent = (place - 1) / 2;
            if tree[parent].key() <= event.key() {
                break;
            }
            tree[place] = tree[parent];
            place = parent;
        }
        tree[place] = event;
    }
}
