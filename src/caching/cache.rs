//! A cache: entries under keys, for as long as its rule and its clock leave them there.

use super::chain::{BySlot, Chain, Links};
use super::eviction::Eviction;
use crate::random::Stream;
use crate::units::{Span, Time};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How long an entry may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// From when it came, or was last asked for. At exactly that age it can still be used.
    pub ttl: Span,
    /// Whether its time begins anew whenever it is asked for.
    pub resets: bool,
}

/// Entries under keys.
#[derive(Debug, Clone)]
pub struct Cache<R> {
    rule: R,
    capacity: u64,
    used: u64,
    slots: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    clock: Option<Expiry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    size: u64,
}

/// The entries in the order in which their times end, which is that in which they began: all of them have as long.
#[derive(Debug, Clone)]
struct Expiry {
    lifetime: Lifetime,
    /// By slot.
    ends: BySlot<Time>,
    links: Links,
    order: Chain,
}

/// Spreads keys, which may be small numbers, over all bits (the finalizer of SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone, Copy, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        let key = (key ^ key >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let key = (key ^ key >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.0 = key ^ key >> 31;
    }
}

impl<R: Eviction> Cache<R> {
    /// An empty cache with room for `capacity`: entries where all are of size 1, or bytes. 2^64 - 1 is room for everything.
    #[must_use]
    pub fn new(mut rule: R, capacity: u64, lifetime: Option<Lifetime>) -> Self {
        rule.prepare(capacity);
        let clock = lifetime.map(|lifetime| Expiry {
            lifetime,
            ends: BySlot::default(),
            links: Links::default(),
            order: Chain::default(),
        });
        Self { rule, capacity, used: 0, slots: HashMap::default(), entries: Vec::new(), free: Vec::new(), clock }
    }

    /// A request for `key` at `now`: whether it is there. Times of entries that are over end first.
    #[inline]
    pub fn looks_up(&mut self, key: u64, now: Time) -> bool {
        self.find(key, now).is_some()
    }

    /// The same; where it is there, its slot: a small number that is its own as long as it is there.
    #[inline]
    pub fn find(&mut self, key: u64, now: Time) -> Option<u32> {
        self.expire(now);
        let Some(&slot) = self.slots.get(&key) else {
            if self.is_bounded() {
                self.rule.missed(key);
            }
            return None;
        };
        if self.is_bounded() {
            self.rule.hit(slot);
        }
        if let Some(clock) = self.clock.as_mut().filter(|clock| clock.lifetime.resets) {
            clock.ends.set(slot, after(now, clock.lifetime.ttl));
            clock.order.renew(&mut clock.links, slot);
        }
        Some(slot)
    }

    /// Whether `key` is there at `now`, without asking for it: no rule hears of it.
    #[must_use]
    pub fn has(&self, key: u64, now: Time) -> bool {
        let is_over = |slot: &u32| self.clock.as_ref().is_some_and(|clock| clock.ends.get(*slot) < now);
        self.slots.get(&key).is_some_and(|slot| !is_over(slot))
    }

    /// What `key` stands for has been loaded, `size` large: others leave until there is room. The answer: whether it was kept, which it is not
    /// where it is larger than the cache. An entry that is there already stays as it is.
    pub fn insert(&mut self, key: u64, size: u64, now: Time, stream: &mut Stream) -> bool {
        self.put(key, size, now, stream).is_some()
    }

    /// The same; where it was kept, its slot.
    pub fn put(&mut self, key: u64, size: u64, now: Time, stream: &mut Stream) -> Option<u32> {
        self.expire(now);
        if size > self.capacity {
            return None;
        }
        if let Some(&slot) = self.slots.get(&key) {
            return Some(slot);
        }
        while self.used > self.capacity - size {
            let victim = self.rule.victim(stream);
            self.goes(victim);
        }
        let entry = Entry { key, size };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
        };
        self.slots.insert(key, slot);
        self.used += size;
        if self.is_bounded() {
            self.rule.came(slot, key, size);
        }
        if let Some(clock) = &mut self.clock {
            clock.ends.set(slot, after(now, clock.lifetime.ttl));
            clock.order.push(&mut clock.links, slot);
        }
        Some(slot)
    }

    /// What is there under `key` leaves, because nobody will ask for it again.
    pub fn remove(&mut self, key: u64) {
        if let Some(&slot) = self.slots.get(&key) {
            self.goes(slot);
        }
    }

    /// Looks `key` up and, if it is not there, inserts it at once, as where loading takes no time: whether it was there.
    #[inline]
    pub fn ask(&mut self, key: u64, size: u64, now: Time, stream: &mut Stream) -> bool {
        let is_there = self.looks_up(key, now);
        if !is_there {
            self.insert(key, size, now, stream);
        }
        is_there
    }

    /// Everything in it is lost.
    pub fn clear(&mut self) {
        self.rule.cleared();
        self.slots.clear();
        self.entries.clear();
        self.free.clear();
        self.used = 0;
        if let Some(clock) = &mut self.clock {
            (clock.ends, clock.links, clock.order) = Default::default();
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How much room is taken.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.used
    }

    /// The keys of all entries, in no order.
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.slots.keys().copied()
    }

    /// Those leave whose time is over.
    #[inline]
    fn expire(&mut self, now: Time) {
        while let Some(slot) = self.clock.as_ref().and_then(|clock| clock.first_over(now)) {
            self.goes(slot);
        }
    }

    /// Whether an entry may ever have to leave for another: else its rule need not know of any.
    #[inline]
    const fn is_bounded(&self) -> bool {
        self.capacity != u64::MAX
    }

    fn goes(&mut self, slot: u32) {
        if self.is_bounded() {
            self.rule.went(slot);
        }
        if let Some(clock) = &mut self.clock {
            clock.order.remove(&mut clock.links, slot);
        }
        let entry = self.entries[slot as usize];
        self.slots.remove(&entry.key);
        self.used -= entry.size;
        self.free.push(slot);
    }
}

impl Expiry {
    fn first_over(&self, now: Time) -> Option<u32> {
        self.order.back().filter(|slot| self.ends.get(*slot) < now)
    }
}

fn after(now: Time, span: Span) -> Time {
    Time::from_nanos(now.as_nanos().saturating_add(span.as_nanos()))
}
