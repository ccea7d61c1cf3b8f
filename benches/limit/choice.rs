//! Rules that choose a server for a request.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng;

/// A rule that chooses a server.
pub trait Choice {
    fn new(servers: usize) -> Self;

    /// A server for the request that arrives now.
    fn choose(&mut self, rng: &mut Xoshiro256PlusPlus) -> u32;

    /// A server that will be chosen soon, if that is known.
    #[inline]
    fn soon(&self) -> Option<u32> {
        None
    }

    /// Reads early what will be needed when a request leaves a server.
    #[inline]
    fn touch(&mut self, _server: u32) {}

    /// A server now has one request more than `before`.
    #[inline]
    fn joined(&mut self, _server: u32, _before: u32) {}

    /// A server now has `remain` requests, after one has left.
    #[inline]
    fn left(&mut self, _server: u32, _remain: u32) {}
}

/// Choices drawn ahead, so that the chosen server's memory can be read early.
const AHEAD: usize = 16;

/// Any server, with equal probability.
pub struct Random {
    servers: u64,
    ahead: [u32; AHEAD],
    next: usize,
}

impl Choice for Random {
    fn new(servers: usize) -> Self {
        Self { servers: servers as u64, ahead: [0; AHEAD], next: 0 }
    }

    #[inline]
    fn choose(&mut self, rng: &mut Xoshiro256PlusPlus) -> u32 {
        let fresh = (((rng.next_u64() >> 32) * self.servers) >> 32) as u32;
        let place = self.next % AHEAD;
        self.next += 1;
        std::mem::replace(&mut self.ahead[place], fresh)
    }

    #[inline]
    fn soon(&self) -> Option<u32> {
        Some(self.ahead[self.next.wrapping_sub(1) % AHEAD])
    }
}

/// The shortest queue among at most 64 servers, the first of those that tie: a set of servers for each length.
pub struct ShortestOfFew {
    sets: Vec<u64>,
}

impl Choice for ShortestOfFew {
    fn new(servers: usize) -> Self {
        assert!(servers <= 64);
        let mut sets = vec![0; 64];
        sets[0] = u64::MAX >> (64 - servers);
        Self { sets }
    }

    #[inline]
    fn choose(&mut self, _rng: &mut Xoshiro256PlusPlus) -> u32 {
        self.sets.iter().find(|&&set| set != 0).map_or(0, |set| set.trailing_zeros())
    }

    #[inline]
    fn joined(&mut self, server: u32, before: u32) {
        self.sets[before as usize] ^= 1 << server;
        if before as usize + 1 == self.sets.len() {
            self.sets.push(0);
        }
        self.sets[before as usize + 1] ^= 1 << server;
    }

    #[inline]
    fn left(&mut self, server: u32, remain: u32) {
        self.sets[remain as usize + 1] ^= 1 << server;
        self.sets[remain as usize] ^= 1 << server;
    }
}

/// The shortest queue among many servers, the last to have reached its length of those that tie: a stack of servers
/// for each length.
pub struct ShortestOfMany {
    stacks: Vec<Vec<u32>>,
    /// Where each server stands in its stack.
    places: Vec<u32>,
    shortest: usize,
    touched: u32,
}

impl ShortestOfMany {
    #[inline]
    fn put(&mut self, server: u32, len: usize) {
        if len == self.stacks.len() {
            self.stacks.push(Vec::new());
        }
        self.places[server as usize] = self.stacks[len].len() as u32;
        self.stacks[len].push(server);
    }

    #[inline]
    fn take(&mut self, server: u32, len: usize) {
        let place = self.places[server as usize] as usize;
        let stack = &mut self.stacks[len];
        stack.swap_remove(place);
        if let Some(&moved) = stack.get(place) {
            self.places[moved as usize] = place as u32;
        }
    }
}

impl Choice for ShortestOfMany {
    fn new(servers: usize) -> Self {
        Self { stacks: vec![(0..servers as u32).collect()], places: (0..servers as u32).collect(), shortest: 0, touched: 0 }
    }

    #[inline]
    fn choose(&mut self, _rng: &mut Xoshiro256PlusPlus) -> u32 {
        while self.stacks[self.shortest].is_empty() {
            self.shortest += 1;
        }
        self.stacks[self.shortest].last().copied().unwrap_or(0)
    }

    #[inline]
    fn touch(&mut self, server: u32) {
        let place = self.places[server as usize] as usize;
        self.touched ^= self.stacks.get(1).and_then(|stack| stack.get(place)).copied().unwrap_or(0);
    }

    #[inline]
    fn joined(&mut self, server: u32, before: u32) {
        self.stacks[before as usize].pop();
        self.put(server, before as usize + 1);
    }

    #[inline]
    fn left(&mut self, server: u32, remain: u32) {
        self.take(server, remain as usize + 1);
        self.put(server, remain as usize);
        self.shortest = self.shortest.min(remain as usize);
    }
}
