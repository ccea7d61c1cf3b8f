//! CLOCK: a second chance.

use crate::caching::chain::{BySlot, Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;

/// The entry leaves that came first, unless it was asked for since: then it begins anew.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    links: Links,
    order: Chain,
    /// By slot: whether it was asked for since the hand last passed.
    is_used: BySlot<bool>,
}

impl Registered for Clock {
    const ABOUT: &'static str = "the entry leaves that came first, unless it was asked for since: then it begins anew";
    const DETAILS: &'static str = "A hand goes round the entries: one that was asked for since the hand last passed loses its mark and stays, \
        the first without a mark leaves (Corbato, A Paging Experiment with the Multics System, 1968). Entries come without a mark, behind \
        the hand.";
    const COST: &'static str = "O(1), amortized";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Clock {
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.is_used.set(slot, false);
        self.order.push(&mut self.links, slot);
    }

    fn hit(&mut self, slot: u32) {
        self.is_used.set(slot, true);
    }

    fn victim(&mut self, _: &mut Stream) -> u32 {
        while let Some(slot) = self.order.back() {
            if !std::mem::take(self.is_used.get_mut(slot)) {
                return slot;
            }
            self.order.renew(&mut self.links, slot);
        }
        0
    }

    fn went(&mut self, slot: u32) {
        self.order.remove(&mut self.links, slot);
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
