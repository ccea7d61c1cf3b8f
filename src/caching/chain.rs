//! Chains of slots: what most rules keep their entries in.

/// No slot.
const NONE: u32 = u32::MAX;

/// A value for each slot.
#[derive(Debug, Clone, Default)]
pub struct BySlot<T>(Vec<T>);

impl<T: Copy + Default> BySlot<T> {
    #[inline]
    pub fn set(&mut self, slot: u32, value: T) {
        if self.0.len() <= slot as usize {
            self.0.resize(slot as usize + 1, T::default());
        }
        self.0[slot as usize] = value;
    }

    #[inline]
    pub fn get(&self, slot: u32) -> T {
        self.0[slot as usize]
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.0[slot as usize]
    }
}

/// For each slot its neighbours in the chain that it is in. Several chains may share one: a slot is in one of them at most.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Towards the front, and towards the back.
    neighbours: BySlot<[u32; 2]>,
}

/// A chain of slots, from the front, where they come in, to the back.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    front: u32,
    back: u32,
}

impl Default for Chain {
    fn default() -> Self {
        Self { front: NONE, back: NONE }
    }
}

impl Links {
    /// The slot before `slot`, nearer to the front.
    pub fn before(&self, slot: u32) -> Option<u32> {
        some(self.neighbours.get(slot)[0])
    }
}

impl Chain {
    /// The slot that has been in the chain for longest, or was moved to the front longest ago.
    pub fn back(self) -> Option<u32> {
        some(self.back)
    }

    /// `slot` comes in at the front.
    #[inline]
    pub fn push(&mut self, links: &mut Links, slot: u32) {
        links.neighbours.set(slot, [NONE, self.front]);
        match self.front {
            NONE => self.back = slot,
            front => links.neighbours.get_mut(front)[0] = slot,
        }
        self.front = slot;
    }

    /// `slot`, which is in this chain, leaves it.
    #[inline]
    pub fn remove(&mut self, links: &mut Links, slot: u32) {
        let [before, after] = links.neighbours.get(slot);
        match before {
            NONE => self.front = after,
            before => links.neighbours.get_mut(before)[1] = after,
        }
        match after {
            NONE => self.back = before,
            after => links.neighbours.get_mut(after)[0] = before,
        }
    }

    /// `slot`, which is in this chain, moves to its front.
    #[inline]
    pub fn renew(&mut self, links: &mut Links, slot: u32) {
        if self.front != slot {
            self.remove(links, slot);
            self.push(links, slot);
        }
    }
}

const fn some(slot: u32) -> Option<u32> {
    if slot == NONE { None } else { Some(slot) }
}
