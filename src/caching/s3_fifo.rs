//! S3-FIFO: three queues.

use crate::caching::chain::{BySlot, Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;
use std::collections::{HashMap, VecDeque};

/// A small queue for those that come, a large one for those that were asked for again, and the memory of those that left the small one.
#[derive(Debug, Clone, Default)]
pub struct S3Fifo {
    small_share: f64,
    small_capacity: u64,
    main_capacity: u64,
    links: Links,
    small: Chain,
    main: Chain,
    small_used: u64,
    main_used: u64,
    slots: BySlot<Slot>,
    ghosts: Ghosts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    size: u64,
    /// How often it was asked for, at most [`MOST`].
    uses: u8,
    is_main: bool,
}

/// The most that is counted.
const MOST: u8 = 3;

/// Keys that left the small queue.
#[derive(Debug, Clone, Default)]
struct Ghosts {
    /// The oldest first: keys and their numbers; those that have another number by now, or none, are gone.
    order: VecDeque<(u64, u64)>,
    /// By key: its number, and its size.
    known: HashMap<u64, (u64, u64)>,
    number: u64,
    used: u64,
}

impl Ghosts {
    /// `key`, which is not known, is remembered, for as long as there is room for `capacity`.
    fn push(&mut self, key: u64, size: u64, capacity: u64) {
        self.number += 1;
        self.order.push_back((key, self.number));
        self.known.insert(key, (self.number, size));
        self.used += size;
        while self.used > capacity
            && let Some((key, number)) = self.order.pop_front()
        {
            if is_known(&self.known, key, number) {
                self.take(key);
            }
        }
        if self.order.len() > 2 * self.known.len() + 64 {
            let known = &self.known;
            self.order.retain(|(key, number)| is_known(known, *key, *number));
        }
    }

    /// Whether `key` was remembered, which it is no longer.
    fn take(&mut self, key: u64) -> bool {
        let known = self.known.remove(&key);
        self.used -= known.map_or(0, |(_, size)| size);
        known.is_some()
    }
}

fn is_known(known: &HashMap<u64, (u64, u64)>, key: u64, number: u64) -> bool {
    known.get(&key).is_some_and(|(own, _)| *own == number)
}

impl S3Fifo {
    fn promote(&mut self, slot: u32) {
        let entry = self.slots.get_mut(slot);
        entry.is_main = true;
        self.main_used += entry.size;
        self.main.push(&mut self.links, slot);
    }

    /// The tail of the small queue, if it was not asked for twice; those that were move to the large queue until that is full.
    fn victim_in_small(&mut self) -> Option<u32> {
        while let Some(slot) = self.small.back() {
            let entry = self.slots.get(slot);
            if entry.uses <= 1 {
                self.ghosts.push(entry.key, entry.size, self.main_capacity);
                return Some(slot);
            }
            self.small.remove(&mut self.links, slot);
            self.small_used -= entry.size;
            self.promote(slot);
            if self.main_used > self.main_capacity {
                break;
            }
        }
        None
    }

    /// The first of the large queue that was not asked for since the hand last passed so often.
    fn victim_in_main(&mut self) -> Option<u32> {
        while let Some(slot) = self.main.back() {
            let entry = self.slots.get_mut(slot);
            if entry.uses == 0 {
                return Some(slot);
            }
            entry.uses -= 1;
            self.main.renew(&mut self.links, slot);
        }
        None
    }
}

impl Registered for S3Fifo {
    const ABOUT: &'static str = "a small queue for those that come, a large one for those that were asked for again, and ghosts";
    const DETAILS: &'static str = "Entries come into a small queue with a tenth of the room. At its end those that were asked for at least twice \
        move to the large queue, the others leave and their keys are remembered as ghosts; who comes while remembered goes to the large queue \
        at once. At the end of the large queue an entry that was asked for (counted up to 3) begins anew with one use less (Yang, Zhang, Qiu, \
        Yue and Rashmi, FIFO Queues are All You Need for Cache Eviction, SOSP 2023, algorithm 1). Ghosts are as many as the large queue has \
        room for.";
    const COST: &'static str = "O(1), amortized";

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self {
            small_share: parameters.real("small", "share of the room for the small queue", 0.001..=0.999, 0.1),
            ..Self::default()
        }
    }
}

impl Eviction for S3Fifo {
    fn prepare(&mut self, capacity: u64) {
        self.small_capacity = ((capacity as f64 * self.small_share) as u64).max(1);
        self.main_capacity = capacity.saturating_sub(self.small_capacity);
    }

    fn came(&mut self, slot: u32, key: u64, size: u64) {
        self.slots.set(slot, Slot { key, size, uses: 0, is_main: false });
        if self.ghosts.take(key) {
            return self.promote(slot);
        }
        self.small_used += size;
        self.small.push(&mut self.links, slot);
    }

    fn hit(&mut self, slot: u32) {
        let entry = self.slots.get_mut(slot);
        entry.uses = (entry.uses + 1).min(MOST);
    }

    fn victim(&mut self, _: &mut Stream) -> u32 {
        let in_small = if self.small_used >= self.small_capacity { self.victim_in_small() } else { None };
        in_small
            .or_else(|| self.victim_in_main())
            .or_else(|| self.victim_in_small())
            .or_else(|| self.victim_in_main())
            .unwrap_or_default()
    }

    fn went(&mut self, slot: u32) {
        let entry = self.slots.get(slot);
        let (chain, used) =
            if entry.is_main { (&mut self.main, &mut self.main_used) } else { (&mut self.small, &mut self.small_used) };
        chain.remove(&mut self.links, slot);
        *used -= entry.size;
    }

    fn cleared(&mut self) {
        let Self { small_share, small_capacity, main_capacity, .. } = *self;
        *self = Self { small_share, small_capacity, main_capacity, ..Self::default() };
    }
}
