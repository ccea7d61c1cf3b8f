//! W-TinyLFU: a small window, and a large part that lets in only who is more popular than who would leave.

use crate::caching::chain::{BySlot, Chain, Links};
use crate::caching::eviction::{Eviction, Registered};
use crate::caching::sketch::Sketch;
use crate::random::Stream;
use crate::units::Parameters;

/// A window in the order of the last requests, and the main part: on probation, or protected after another request.
#[derive(Debug, Clone, Default)]
pub struct WTinyLfu {
    window_share: f64,
    protected_share: f64,
    links: Links,
    slots: BySlot<Slot>,
    /// By [`Part`].
    parts: [Chain; 3],
    used: [u64; 3],
    most: [u64; 3],
    sketch: Sketch,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Window,
    Probation,
    Protected,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    size: u64,
    part: Part,
}

impl WTinyLfu {
    fn enter(&mut self, slot: u32, part: Part) {
        let entry = self.slots.get_mut(slot);
        entry.part = part;
        self.used[part as usize] += entry.size;
        self.parts[part as usize].push(&mut self.links, slot);
    }

    fn leave(&mut self, slot: u32) {
        let Slot { part, size, .. } = self.slots.get(slot);
        self.parts[part as usize].remove(&mut self.links, slot);
        self.used[part as usize] -= size;
    }

    /// Who has been in `part` for too long moves on to probation.
    fn overflow(&mut self, part: Part) {
        while self.used[part as usize] > self.most[part as usize]
            && let Some(slot) = self.parts[part as usize].back()
        {
            self.leave(slot);
            self.enter(slot, Part::Probation);
        }
    }

    fn last(&self, part: Part) -> Option<u32> {
        self.parts[part as usize].back()
    }

    fn frequency(&self, slot: u32) -> u8 {
        self.sketch.frequency(self.slots.get(slot).key)
    }
}

impl Registered for WTinyLfu {
    const ABOUT: &'static str = "a small window, and a large part that lets in only who is more popular than who would leave";
    const DETAILS: &'static str = "Entries come into a window in the order of the last requests, a hundredth of the room. Who leaves it competes with \
        the one that is to leave the main part: the one that was asked for more often lately stays, on a tie the one that is there. The main part \
        is a segmented LRU, four fifths of it for those asked for again. How often lately says a count-min sketch of four rows of counters up to 15, \
        halved after ten requests for each entry there is room for (Einziger, Friedman and Manes, TinyLFU: A Highly Efficient Cache Admission \
        Policy, ACM Transactions on Storage 13, 2017). Without their doorkeeper, which saves memory.";
    const COST: &'static str = "O(1), amortized";

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self {
            window_share: parameters.real("window", "share of the room for the window", 0.0..=0.999, 0.01),
            protected_share: parameters.real("protected", "share of the main part for those asked for again", 0.0..=1.0, 0.8),
            ..Self::default()
        }
    }
}

impl Eviction for WTinyLfu {
    fn prepare(&mut self, capacity: u64) {
        let window = ((capacity as f64 * self.window_share) as u64).max(1);
        let protected = (capacity.saturating_sub(window) as f64 * self.protected_share) as u64;
        self.most = [window, u64::MAX, protected];
        self.sketch = Sketch::for_keys(capacity);
    }

    fn came(&mut self, slot: u32, key: u64, size: u64) {
        self.slots.set(slot, Slot { key, size, part: Part::Window });
        self.enter(slot, Part::Window);
        self.overflow(Part::Window);
    }

    fn hit(&mut self, slot: u32) {
        let Slot { key, part, .. } = self.slots.get(slot);
        self.sketch.count(key);
        if part == Part::Probation {
            self.leave(slot);
            self.enter(slot, Part::Protected);
            self.overflow(Part::Protected);
        } else {
            self.parts[part as usize].renew(&mut self.links, slot);
        }
    }

    fn missed(&mut self, key: u64) {
        self.sketch.count(key);
    }

    fn victim(&mut self, _: &mut Stream) -> u32 {
        let of_main = self.last(Part::Probation).or_else(|| self.last(Part::Protected));
        let is_full = self.used[Part::Window as usize] >= self.most[Part::Window as usize];
        let candidate = self.last(Part::Window).filter(|_| is_full || of_main.is_none());
        match (candidate, of_main) {
            (Some(candidate), Some(victim)) if self.frequency(candidate) > self.frequency(victim) => victim,
            (Some(candidate), _) => candidate,
            (None, victim) => victim.unwrap_or_default(),
        }
    }

    fn went(&mut self, slot: u32) {
        self.leave(slot);
    }

    fn cleared(&mut self) {
        (self.links, self.slots, self.parts, self.used) = Default::default();
        self.sketch.clear();
    }
}
