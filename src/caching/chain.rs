//! Chains of slots: what most rules keep their entries in.

/// No slot.
const NONE: u32 = u32::MAX;

/// For each slot its neighbours in the chain that it is in. Several chains may share one: a slot is in one of them at most.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Towards the front, and towards the back.
    neighbours: Vec<[u32; 2]>,
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
    /// Knows of no slot any more.
    pub fn clear(&mut self) {
        self.neighbours.clear();
    }

    /// The slot before `slot`, nearer to the front.
    pub fn before(&self, slot: u32) -> Option<u32> {
        some(self.neighbours[slot as usize][0])
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
        if links.neighbours.len() <= slot as usize {
            links.neighbours.resize(slot as usize + 1, [NONE; 2]);
        }
        links.neighbours[slot as usize] = [NONE, self.front];
        match self.front {
            NONE => self.back = slot,
            front => links.neighbours[front as usize][0] = slot,
        }
        self.front = slot;
    }

    /// `slot`, which is in this chain, leaves it.
    #[inline]
    pub fn remove(&mut self, links: &mut Links, slot: u32) {
        let [before, after] = links.neighbours[slot as usize];
        match before {
            NONE => self.front = after,
            before => links.neighbours[before as usize][1] = after,
        }
        match after {
            NONE => self.back = before,
            after => links.neighbours[after as usize][0] = before,
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
