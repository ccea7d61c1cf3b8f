//! Least recently used.

use crate::caching::chain::{Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;

/// The entry leaves that has not been asked for for longest.
#[derive(Debug, Clone, Default)]
pub struct Lru {
    links: Links,
    order: Chain,
}

impl Registered for Lru {
    const ABOUT: &'static str = "the entry leaves that has not been asked for for longest";
    const DETAILS: &'static str = "A chain in the order of the last requests (Mattson, Gecsei, Slutz and Traiger, Evaluation Techniques for \
        Storage Hierarchies, IBM Systems Journal 9, 1970). Under the independent reference model its hit ratio is known exactly (King 1971) \
        and, for large catalogues, by Che's approximation (Che, Tung and Wang 2002). One scan of items that are asked for once empties it.";
    const COST: &'static str = "O(1)";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Lru {
    #[inline]
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.order.push(&mut self.links, slot);
    }

    #[inline]
    fn hit(&mut self, slot: u32) {
        self.order.renew(&mut self.links, slot);
    }

    #[inline]
    fn victim(&mut self, _: &mut Stream) -> u32 {
        self.order.back().unwrap_or_default()
    }

    #[inline]
    fn went(&mut self, slot: u32) {
        self.order.remove(&mut self.links, slot);
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
