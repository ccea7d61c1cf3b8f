//! The days of the near future: unsorted bags of events in fixed chunks out of one pool.

use super::memory::push;
use crate::engine::Event;

/// Events in a chunk.
const CHUNK: usize = 8;
/// No chunk.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Chunk([Event; CHUNK]);

/// One day: a chain of chunks, the first of which may be partly filled.
#[derive(Debug, Clone, Copy)]
struct Day {
    head: u32,
    len: u32,
}

const EMPTY: Day = Day { head: NONE, len: 0 };

/// A ring of days.
#[derive(Debug, Default)]
pub(super) struct Days {
    days: Vec<Day>,
    chunks: Vec<Chunk>,
    /// The chunk that follows in its chain, or in the chain of free ones.
    next: Vec<u32>,
    free: u32,
    len: usize,
}

impl Days {
    /// Makes room for about so many events, in chunks that are partly filled.
    pub(super) fn make_room(&mut self, events: usize) {
        self.chunks.reserve(events / 2);
        self.next.reserve(events / 2);
    }

    /// Number of events.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Number of days, a power of two.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.days.len()
    }

    /// Empties the ring and gives it `count` days, a power of two.
    pub(super) fn reset(&mut self, count: usize) {
        debug_assert!(count.is_power_of_two());
        self.days.clear();
        self.days.resize(count, EMPTY);
        self.chunks.clear();
        self.next.clear();
        self.free = NONE;
        self.len = 0;
    }

    /// Adds an event to the day numbered `day`, modulo their count.
    #[inline]
    pub(super) fn push(&mut self, day: u64, event: Event) {
        let slot = day as usize & (self.days.len() - 1);
        let place = self.days[slot].len as usize % CHUNK;
        if place == 0 {
            self.lengthen(slot, event);
        } else {
            let day = &mut self.days[slot];
            self.chunks[day.head as usize].0[place] = event;
            day.len += 1;
        }
        self.len += 1;
    }

    /// Puts a new chunk, with `event` in it, before those of a day.
    #[inline]
    fn lengthen(&mut self, slot: usize, event: Event) {
        let day = &mut self.days[slot];
        let chunk = self.free;
        if chunk == NONE {
            let fresh = self.chunks.len() as u32;
            push(&mut self.chunks, Chunk([event; CHUNK]));
            push(&mut self.next, day.head);
            day.head = fresh;
        } else {
            self.free = self.next[chunk as usize];
            self.next[chunk as usize] = day.head;
            self.chunks[chunk as usize].0[0] = event;
            day.head = chunk;
        }
        day.len += 1;
    }

    /// Moves the events of the day numbered `day` to the end of `into`.
    #[inline]
    pub(super) fn take(&mut self, day: u64, into: &mut Vec<Event>) {
        let slot = day as usize & (self.days.len() - 1);
        let Day { mut head, len } = std::mem::replace(&mut self.days[slot], EMPTY);
        if len == 0 {
            return;
        }
        self.len -= len as usize;
        let mut filled = (len as usize - 1) % CHUNK + 1;
        loop {
            let chunk = head as usize;
            // A copy of a whole chunk, of known length, is cheaper than one of its filled part.
            let end = into.len() + filled;
            into.extend_from_slice(&self.chunks[chunk].0);
            into.truncate(end);
            filled = CHUNK;
            let next = std::mem::replace(&mut self.next[chunk], self.free);
            self.free = head;
            if next == NONE {
                return;
            }
            head = next;
        }
    }

    /// Moves all events to the end of `into`.
    pub(super) fn take_all(&mut self, into: &mut Vec<Event>) {
        for day in 0..self.days.len() as u64 {
            self.take(day, into);
        }
    }
}
