//! An ordered set of servers: which is the next member from here on?

use crate::units::ServerId;

/// A set of servers in order of number, as a tree of 64-bit words; every operation costs O(log n) to base 64.
#[derive(Debug, Clone, Default)]
pub struct OrderedSet {
    /// `floors[0]` has a bit per server, each floor above a bit per word below that is not 0.
    floors: Vec<Vec<u64>>,
}

impl OrderedSet {
    /// The empty set over servers 0 to `universe` - 1.
    #[must_use]
    pub fn empty(universe: usize) -> Self {
        let mut floors = Vec::new();
        let mut words = universe.div_ceil(64).max(1);
        loop {
            floors.push(vec![0; words]);
            if words == 1 {
                return Self { floors };
            }
            words = words.div_ceil(64);
        }
    }

    /// Adds `server`.
    pub fn insert(&mut self, server: ServerId) {
        let mut place = server.index();
        for floor in &mut self.floors {
            floor[place / 64] |= 1 << (place % 64);
            place /= 64;
        }
    }

    /// Takes `server` out.
    pub fn remove(&mut self, server: ServerId) {
        let mut place = server.index();
        for floor in &mut self.floors {
            floor[place / 64] &= !(1 << (place % 64));
            if floor[place / 64] != 0 {
                return;
            }
            place /= 64;
        }
    }

    /// The first member whose number is at least `from`.
    #[inline]
    #[must_use]
    pub fn next_from(&self, from: u32) -> Option<ServerId> {
        let mut place = from as usize;
        for (height, floor) in self.floors.iter().enumerate() {
            let rest = floor.get(place / 64)? & (u64::MAX << (place % 64));
            if rest != 0 {
                return Some(self.first_below(height, place / 64 * 64 + rest.trailing_zeros() as usize));
            }
            place = place / 64 + 1;
        }
        None
    }

    /// The last member whose number is below `end`.
    #[inline]
    #[must_use]
    pub fn last_before(&self, end: u32) -> Option<ServerId> {
        let mut end = end as usize;
        for (height, floor) in self.floors.iter().enumerate() {
            let beyond = end / 64 >= floor.len();
            let word = if beyond { floor.len() - 1 } else { end / 64 };
            let rest = if beyond { floor[word] } else { floor[word] & !(u64::MAX << (end % 64)) };
            if rest != 0 {
                return Some(self.last_below(height, word * 64 + rest.ilog2() as usize));
            }
            end = word;
        }
        None
    }

    /// The last member below bit `place` of the floor at `height`, which is set.
    fn last_below(&self, height: usize, mut place: usize) -> ServerId {
        for floor in self.floors[..height].iter().rev() {
            place = place * 64 + floor[place].ilog2() as usize;
        }
        ServerId(place as u32)
    }

    /// The first member below bit `place` of the floor at `height`, which is set.
    fn first_below(&self, height: usize, mut place: usize) -> ServerId {
        for floor in self.floors[..height].iter().rev() {
            place = place * 64 + floor[place].trailing_zeros() as usize;
        }
        ServerId(place as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_tree_set() {
        for universe in [1_u32, 63, 64, 65, 5_000] {
            let mut set = OrderedSet::empty(universe as usize);
            let mut reference = BTreeSet::new();
            let mut state = 12345_u32;
            for _ in 0..4_000 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let server = (state >> 8) % universe;
                if state >> 31 == 0 {
                    set.insert(ServerId(server));
                    reference.insert(server);
                } else {
                    set.remove(ServerId(server));
                    reference.remove(&server);
                }
                let from = (state >> 4) % (universe + 1);
                assert_eq!(set.next_from(from).map(|s| s.0), reference.range(from..).next().copied());
                assert_eq!(set.last_before(from).map(|s| s.0), reference.range(..from).next_back().copied());
            }
        }
    }
}
