//! Lists of departures to come, one at most per server, each made for a number of servers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Departures to come, the next one in sight. There is at most one per server.
pub trait Agenda {
    /// An agenda for `servers` servers that each finish a request about every second.
    fn new(servers: usize) -> Self;

    /// Adds the departure from `server` at `time`.
    fn add(&mut self, time: f64, server: u32);

    /// Time and server of the next departure; infinity if there is none.
    fn first(&mut self) -> (f64, u32);

    /// Drops the departure that [`Self::first`] has just shown.
    fn drop_first(&mut self);

    /// The server of the departure `k` places after the first, if that is known yet.
    fn soon(&self, k: usize) -> Option<u32>;
}

/// An array in order of time, the next departure at its end: for a few servers.
pub struct Sorted(Vec<u128>);

impl Sorted {
    #[inline]
    fn pack(time: f64, server: u32) -> u128 {
        u128::from(time.to_bits()) << 64 | u128::from(server)
    }

    #[inline]
    fn unpack(entry: u128) -> (f64, u32) {
        (f64::from_bits((entry >> 64) as u64), entry as u32)
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts by counting, for each entry, those after it: many comparisons, but none to decide a branch.
    fn sort(&mut self) {
        const FEW: usize = 32;
        let entries = &mut self.0[..];
        if entries.len() > FEW {
            return entries.sort_unstable_by(|a, b| b.cmp(a));
        }
        let (mut unsorted, mut places) = ([0_u128; FEW], [0_u8; FEW]);
        let unsorted = &mut unsorted[..entries.len()];
        unsorted.copy_from_slice(entries);
        for later in 1..unsorted.len() {
            let entry = unsorted[later];
            let mut place = 0;
            for (&other, before) in unsorted[..later].iter().zip(&mut places) {
                let after = u8::from(other > entry);
                place += after;
                *before += 1 - after;
            }
            places[later] = place;
        }
        for (&entry, &place) in unsorted.iter().zip(&places) {
            entries[usize::from(place)] = entry;
        }
    }
}

impl Agenda for Sorted {
    fn new(servers: usize) -> Self {
        Self(Vec::with_capacity(servers))
    }

    #[inline]
    fn add(&mut self, time: f64, server: u32) {
        let entry = Self::pack(time, server);
        self.0.push(entry);
        let entries = &mut self.0[..];
        let mut place = entries.len() - 1;
        while place > 0 && entries[place - 1] < entry {
            entries[place] = entries[place - 1];
            place -= 1;
        }
        entries[place] = entry;
    }

    #[inline]
    fn first(&mut self) -> (f64, u32) {
        self.0.last().map_or((f64::INFINITY, 0), |&entry| Self::unpack(entry))
    }

    #[inline]
    fn drop_first(&mut self) {
        self.0.pop();
    }

    #[inline]
    fn soon(&self, k: usize) -> Option<u32> {
        let place = self.0.len().checked_sub(k + 1)?;
        Some(self.0[place] as u32)
    }
}

/// No chunk.
const NONE: u32 = u32::MAX;
/// Departures in a chunk.
const CHUNK: usize = 8;
/// Departures a day when all servers are busy.
const PER_DAY: f64 = 14.0;
/// The days cover so many seconds, rounded up to a power of two of days.
const HORIZON: f64 = 4.0;

/// Some departures of one day.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Chunk([u128; CHUNK]);

/// A chain of chunks, the first of which may be partly filled.
#[derive(Clone, Copy)]
struct Day {
    head: u32,
    len: u32,
}

const EMPTY: Day = Day { head: NONE, len: 0 };

/// A calendar queue (Brown 1988) for many servers: the length of a day is known from their number, so nothing adapts.
/// A day is sorted when it comes; what
/// lies beyond the last day waits in a heap.
pub struct Wheel {
    today: Sorted,
    day: u64,
    days_per_second: f64,
    days: Vec<Day>,
    chunks: Vec<Chunk>,
    next: Vec<u32>,
    free: u32,
    /// Departures in `days`.
    near: usize,
    far: BinaryHeap<Reverse<u128>>,
}

impl Wheel {
    #[inline]
    fn day_of(&self, time: f64) -> u64 {
        (time * self.days_per_second) as u64
    }

    #[inline]
    fn put_off(&mut self, entry: u128, day: u64) {
        if day - self.day >= self.days.len() as u64 {
            return self.far.push(Reverse(entry));
        }
        let slot = day as usize & (self.days.len() - 1);
        let place = self.days[slot].len as usize % CHUNK;
        if place == 0 {
            self.lengthen(slot);
        }
        let day = &mut self.days[slot];
        self.chunks[day.head as usize].0[place] = entry;
        day.len += 1;
        self.near += 1;
    }

    /// Puts a free chunk before those of a day.
    #[inline]
    fn lengthen(&mut self, slot: usize) {
        if self.free == NONE {
            self.free = self.chunks.len() as u32;
            self.chunks.push(Chunk([0; CHUNK]));
            self.next.push(NONE);
        }
        let chunk = self.free;
        self.free = std::mem::replace(&mut self.next[chunk as usize], self.days[slot].head);
        self.days[slot].head = chunk;
    }

    /// Turns to the next day with departures.
    #[inline(never)]
    fn turn(&mut self) {
        while self.today.is_empty() && self.near + self.far.len() > 0 {
            self.day += 1;
            let slot = self.day as usize & (self.days.len() - 1);
            let Day { head, len } = std::mem::replace(&mut self.days[slot], EMPTY);
            self.open(head, len as usize);
            self.fetch_far();
        }
        self.today.sort();
    }

    /// Moves the `len` departures in the chain that starts at `chunk` to today.
    #[inline]
    fn open(&mut self, mut chunk: u32, mut len: usize) {
        self.near -= len;
        while len > 0 {
            let filled = (len - 1) % CHUNK + 1;
            let whole = self.today.0.len() + filled;
            self.today.0.extend_from_slice(&self.chunks[chunk as usize].0);
            self.today.0.truncate(whole);
            len -= filled;
            let next = std::mem::replace(&mut self.next[chunk as usize], self.free);
            self.free = chunk;
            chunk = next;
        }
    }

    /// Moves what the last day has reached from the far future to it.
    #[inline]
    fn fetch_far(&mut self) {
        while let Some(&Reverse(entry)) = self.far.peek() {
            let day = self.day_of(Sorted::unpack(entry).0);
            if day - self.day >= self.days.len() as u64 {
                break;
            }
            self.far.pop();
            if day == self.day { self.today.0.push(entry) } else { self.put_off(entry, day) }
        }
    }
}

impl Agenda for Wheel {
    fn new(servers: usize) -> Self {
        let days_per_second = servers as f64 / PER_DAY;
        let days = ((HORIZON * days_per_second) as usize).next_power_of_two().max(64);
        Self {
            today: Sorted::new(64),
            day: 0,
            days_per_second,
            days: vec![EMPTY; days],
            chunks: Vec::new(),
            next: Vec::new(),
            free: NONE,
            near: 0,
            far: BinaryHeap::new(),
        }
    }

    #[inline]
    fn add(&mut self, time: f64, server: u32) {
        let day = self.day_of(time);
        if day <= self.day { self.today.add(time, server) } else { self.put_off(Sorted::pack(time, server), day) }
    }

    #[inline]
    fn first(&mut self) -> (f64, u32) {
        if self.today.is_empty() {
            self.turn();
        }
        self.today.first()
    }

    #[inline]
    fn drop_first(&mut self) {
        self.today.drop_first();
    }

    #[inline]
    fn soon(&self, k: usize) -> Option<u32> {
        self.today.soon(k)
    }
}
