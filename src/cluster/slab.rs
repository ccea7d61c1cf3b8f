//! Things that come and go, each in a place that is used again, with a generation that tells it from those before it.

use crate::engine::Event;

/// Places of things of type `T`.
#[derive(Debug)]
pub struct Slab<T> {
    things: Vec<T>,
    /// By place: how often it has been given back, modulo the stamps of events.
    generations: Vec<u32>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Self { things: Vec::new(), generations: Vec::new(), free: Vec::new() }
    }

    /// A place for a thing: a used one, changed by `reuse`, or a new one.
    pub fn insert(&mut self, make: impl FnOnce() -> T, reuse: impl FnOnce(&mut T)) -> u32 {
        if let Some(place) = self.free.pop() {
            reuse(&mut self.things[place as usize]);
            return place;
        }
        self.things.push(make());
        self.generations.push(0);
        self.things.len() as u32 - 1
    }

    /// Gives a place back.
    pub fn remove(&mut self, place: u32) {
        let generation = &mut self.generations[place as usize];
        *generation = (*generation + 1) % Event::STAMPS;
        self.free.push(place);
    }

    pub fn generation(&self, place: u32) -> u32 {
        self.generations[place as usize]
    }

    pub const fn has(&self, place: u32) -> bool {
        (place as usize) < self.things.len()
    }

    pub fn get(&self, place: u32) -> &T {
        &self.things[place as usize]
    }

    pub fn get_mut(&mut self, place: u32) -> &mut T {
        &mut self.things[place as usize]
    }

    /// How many things there are.
    pub const fn len(&self) -> usize {
        self.things.len() - self.free.len()
    }

    /// The places in use, in order.
    pub fn places(&self) -> Vec<u32> {
        let mut is_free = vec![false; self.things.len()];
        self.free.iter().for_each(|place| is_free[*place as usize] = true);
        (0..self.things.len() as u32).filter(|place| !is_free[*place as usize]).collect()
    }
}
