//! The set of eligible servers: members in a dense list, each with its place.

use crate::units::ServerId;

/// A set of servers out of a fixed universe; insert, remove, membership and the n-th member cost O(1).
#[derive(Debug, Clone)]
pub struct ServerSet {
    members: Vec<u32>,
    place: Vec<u32>,
    /// Whether member i is server i for all i: then the list need not be read.
    identity: bool,
}

const ABSENT: u32 = u32::MAX;

impl ServerSet {
    /// The empty set over servers 0 to `universe` - 1.
    #[must_use]
    pub fn empty(universe: usize) -> Self {
        Self { members: Vec::with_capacity(universe), place: vec![ABSENT; universe], identity: true }
    }

    /// Number of members.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.members.len() as u32
    }

    /// Whether there is no member.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether `server` is a member.
    #[inline]
    #[must_use]
    pub fn contains(&self, server: ServerId) -> bool {
        self.place[server.index()] != ABSENT
    }

    /// The member at `place` (below `len`), in no particular order.
    #[inline]
    #[must_use]
    pub fn nth(&self, place: u32) -> ServerId {
        ServerId(if self.identity { place } else { self.members[place as usize] })
    }

    /// The members, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = ServerId> + '_ {
        self.members.iter().map(|&server| ServerId(server))
    }

    /// Adds `server`; whether it was absent.
    pub fn insert(&mut self, server: ServerId) -> bool {
        if self.contains(server) {
            return false;
        }
        self.identity &= server.index() == self.members.len();
        self.place[server.index()] = self.members.len() as u32;
        self.members.push(server.0);
        true
    }

    /// Takes `server` out; whether it was a member.
    pub fn remove(&mut self, server: ServerId) -> bool {
        if !self.contains(server) {
            return false;
        }
        let place = std::mem::replace(&mut self.place[server.index()], ABSENT);
        self.members.swap_remove(place as usize);
        if let Some(&moved) = self.members.get(place as usize) {
            self.place[moved as usize] = place;
            self.identity = false;
        }
        true
    }
}
