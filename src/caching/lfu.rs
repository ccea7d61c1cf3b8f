//! Least frequently used.

use crate::caching::chain::BySlot;
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;
use std::collections::BTreeSet;

/// The entry leaves that has been asked for least often since it came.
#[derive(Debug, Clone, Default)]
pub struct Lfu {
    /// By how often and, where that is equal, how long ago they were last asked for.
    order: BTreeSet<(u64, u64, u32)>,
    /// By slot: how often, and when last.
    uses: BySlot<(u64, u64)>,
    requests: u64,
}

impl Lfu {
    fn put(&mut self, slot: u32, times: u64) {
        self.requests += 1;
        self.uses.set(slot, (times, self.requests));
        self.order.insert((times, self.requests, slot));
    }
}

impl Registered for Lfu {
    const ABOUT: &'static str = "the entry leaves that has been asked for least often since it came";
    const DETAILS: &'static str = "Counts requests for each entry from its coming on, and forgets them when it leaves (in-cache LFU); of those \
        with equal counts the one leaves that has not been asked for for longest. What was popular once stays for long.";
    const COST: &'static str = "O(log n) in the number of entries";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Lfu {
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.put(slot, 1);
    }

    fn hit(&mut self, slot: u32) {
        let (times, last) = self.uses.get(slot);
        self.order.remove(&(times, last, slot));
        self.put(slot, times + 1);
    }

    fn victim(&mut self, _: &mut Stream) -> u32 {
        self.order.first().map_or(0, |(_, _, slot)| *slot)
    }

    fn went(&mut self, slot: u32) {
        let (times, last) = self.uses.get(slot);
        self.order.remove(&(times, last, slot));
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
