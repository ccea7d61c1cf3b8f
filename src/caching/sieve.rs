//! SIEVE.

use crate::caching::chain::{BySlot, Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;

/// A hand that goes from the oldest entry to the newest; who was asked for stays where it is.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    links: Links,
    order: Chain,
    /// By slot: whether it was asked for since the hand last passed.
    is_visited: BySlot<bool>,
    /// Where the hand is; none: at the oldest.
    hand: Option<u32>,
}

impl Registered for Sieve {
    const ABOUT: &'static str = "a hand goes from the oldest entry to the newest; who was asked for stays, and stays where it is";
    const DETAILS: &'static str = "As CLOCK, but who is spared keeps its place, and those that come join at the front, where the hand reaches \
        them before those it has spared (Zhang, Yang, Yue, Vigfusson and Rashmi, SIEVE is Simpler than LRU, NSDI 2024, algorithm 1).";
    const COST: &'static str = "O(1), amortized";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Sieve {
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.is_visited.set(slot, false);
        self.order.push(&mut self.links, slot);
    }

    fn hit(&mut self, slot: u32) {
        self.is_visited.set(slot, true);
    }

    fn victim(&mut self, _: &mut Stream) -> u32 {
        while let Some(slot) = self.hand.or_else(|| self.order.back()) {
            if !std::mem::take(self.is_visited.get_mut(slot)) {
                self.hand = Some(slot);
                return slot;
            }
            self.hand = self.links.before(slot);
        }
        0
    }

    fn went(&mut self, slot: u32) {
        if self.hand == Some(slot) {
            self.hand = self.links.before(slot);
        }
        self.order.remove(&mut self.links, slot);
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
