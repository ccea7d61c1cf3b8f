//! A priority queue of servers whose keys can change.

use crate::units::{ServerId, Time};

/// Servers ordered by a key, the smaller number first at equal keys; a change of a key costs O(log n).
#[derive(Debug, Clone, Default)]
pub struct IndexedHeap<K = Time> {
    /// A heap of four children a node.
    heap: Vec<(K, ServerId)>,
    /// By server: its place in the heap, or [`ABSENT`].
    place: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;
const CHILDREN: usize = 4;

impl<K: Copy + Ord> IndexedHeap<K> {
    /// The empty queue over servers 0 to `universe` - 1.
    #[must_use]
    pub fn empty(universe: usize) -> Self {
        Self { heap: Vec::with_capacity(universe), place: vec![ABSENT; universe] }
    }

    /// Whether `server` is in the queue.
    #[must_use]
    pub fn contains(&self, server: ServerId) -> bool {
        self.place[server.index()] != ABSENT
    }

    /// The first server and its key.
    #[inline]
    #[must_use]
    pub fn first(&self) -> Option<(K, ServerId)> {
        self.heap.first().copied()
    }

    /// Puts `server` into the queue, or gives it another key.
    pub fn set(&mut self, server: ServerId, key: K) {
        if !self.contains(server) {
            self.place[server.index()] = self.heap.len() as u32;
            self.heap.push((key, server));
        }
        let place = self.place[server.index()] as usize;
        self.heap[place].0 = key;
        let place = self.rise(place);
        self.sink(place);
    }

    /// Takes `server` out, if it is there.
    pub fn remove(&mut self, server: ServerId) {
        if !self.contains(server) {
            return;
        }
        let place = std::mem::replace(&mut self.place[server.index()], ABSENT) as usize;
        self.heap.swap_remove(place);
        if let Some(&(_, moved)) = self.heap.get(place) {
            self.place[moved.index()] = place as u32;
            let place = self.rise(place);
            self.sink(place);
        }
    }

    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.heap[parent] <= self.heap[place] {
                break;
            }
            self.exchange(place, parent);
            place = parent;
        }
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let first = place * CHILDREN + 1;
            let children = first..(first + CHILDREN).min(self.heap.len());
            let Some(least) = children.min_by_key(|&child| self.heap[child]) else { return };
            if self.heap[place] <= self.heap[least] {
                return;
            }
            self.exchange(place, least);
            place = least;
        }
    }

    fn exchange(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.place[self.heap[a].1.index()] = a as u32;
        self.place[self.heap[b].1.index()] = b as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_sorted_list() {
        let mut heap = IndexedHeap::empty(40);
        let mut keys = [None::<Time>; 40];
        let mut state = 1_u32;
        for _ in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let server = ServerId((state >> 8) % 40);
            if state >> 30 == 0 {
                heap.remove(server);
                keys[server.index()] = None;
            } else {
                let key = Time::from_nanos(u64::from(state >> 20) % 16);
                heap.set(server, key);
                keys[server.index()] = Some(key);
            }
            let first = (0..40).filter_map(|s| keys[s as usize].map(|key| (key, ServerId(s)))).min();
            assert_eq!(heap.first(), first);
        }
    }
}
