//! First in, first out.

use crate::caching::chain::{Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;

/// The entry leaves that came first.
#[derive(Debug, Clone, Default)]
pub struct Fifo {
    links: Links,
    order: Chain,
}

impl Registered for Fifo {
    const ABOUT: &'static str = "the entry leaves that came first";
    const DETAILS: &'static str = "A queue in the order in which entries came; requests change nothing. Under the independent reference model its \
        hit ratio is that of a random choice (Gelenbe, A Unified Approach to the Evaluation of a Class of Replacement Algorithms, IEEE \
        Transactions on Computers 22, 1973).";
    const COST: &'static str = "O(1)";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Fifo {
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.order.push(&mut self.links, slot);
    }

    fn hit(&mut self, _: u32) {}

    fn victim(&mut self, _: &mut Stream) -> u32 {
        self.order.back().unwrap_or_default()
    }

    fn went(&mut self, slot: u32) {
        self.order.remove(&mut self.links, slot);
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
