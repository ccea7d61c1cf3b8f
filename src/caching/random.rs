//! A random choice.

use crate::caching::chain::BySlot;
use crate::caching::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::Parameters;

/// Any entry leaves, each as likely as the others.
#[derive(Debug, Clone, Default)]
pub struct Random {
    slots: Vec<u32>,
    /// By slot: its place in `slots`.
    places: BySlot<u32>,
}

impl Registered for Random {
    const ABOUT: &'static str = "any entry leaves, each as likely as the others";
    const DETAILS: &'static str = "A uniform choice among those that are there, the one that comes not among them (Belady, A Study of Replacement \
        Algorithms for a Virtual-Storage Computer, IBM Systems Journal 5, 1966). Its hit ratio under the independent reference model is known \
        exactly (Gelenbe 1973).";
    const COST: &'static str = "O(1)";

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }
}

impl Eviction for Random {
    fn came(&mut self, slot: u32, _: u64, _: u64) {
        self.places.set(slot, self.slots.len() as u32);
        self.slots.push(slot);
    }

    fn hit(&mut self, _: u32) {}

    fn victim(&mut self, stream: &mut Stream) -> u32 {
        self.slots[stream.below(self.slots.len() as u32) as usize]
    }

    fn went(&mut self, slot: u32) {
        let place = self.places.get(slot);
        self.slots.swap_remove(place as usize);
        if let Some(moved) = self.slots.get(place as usize) {
            self.places.set(*moved, place);
        }
    }

    fn cleared(&mut self) {
        *self = Self::default();
    }
}
