//! The servers in rotation as an ordered list, for algorithms that count through it or build tables from it.

use crate::balancing::ServerTraits;
use crate::units::ServerId;

/// The servers in rotation in order of number, with their weights. The list is put together at the next [`Rotation::refresh`],
/// so that many changes in a row cost no more than one.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// By server: whether it is in rotation, and its weight.
    servers: Vec<(bool, f64)>,
    list: Vec<ServerId>,
    stale: bool,
}

impl Rotation {
    /// Knows of `servers`; none of them is in rotation.
    #[must_use]
    pub fn new(servers: &[ServerTraits]) -> Self {
        Self {
            servers: servers.iter().map(|server| (false, server.weight)).collect(),
            list: Vec::with_capacity(servers.len()),
            stale: true,
        }
    }

    /// `server` enters.
    pub fn admit(&mut self, server: ServerId) {
        self.stale |= !std::mem::replace(&mut self.servers[server.index()].0, true);
    }

    /// `server` leaves.
    pub fn withdraw(&mut self, server: ServerId) {
        self.stale |= std::mem::replace(&mut self.servers[server.index()].0, false);
    }

    /// Whether `server` is in rotation.
    #[must_use]
    pub fn contains(&self, server: ServerId) -> bool {
        self.servers[server.index()].0
    }

    /// Gives `server` another weight, and answers what it was. What is built from the weights is the caller's to rebuild.
    pub fn reweigh(&mut self, server: ServerId, weight: f64) -> f64 {
        std::mem::replace(&mut self.servers[server.index()].1, weight)
    }

    /// Makes the next [`Rotation::refresh`] answer that something has changed.
    pub const fn mark_changed(&mut self) {
        self.stale = true;
    }

    /// Whether anything has changed since the last call. From now on the list holds it.
    #[inline]
    pub fn refresh(&mut self) -> bool {
        let changed = std::mem::replace(&mut self.stale, false);
        if changed {
            self.list.clear();
            let members = (0..).zip(&self.servers).filter(|(_, (member, _))| *member);
            self.list.extend(members.map(|(number, _)| ServerId(number)));
        }
        changed
    }

    /// Whether the list is as it should be.
    #[must_use]
    pub const fn is_fresh(&self) -> bool {
        !self.stale
    }

    /// The servers, as of the last [`Rotation::refresh`].
    #[must_use]
    pub fn list(&self) -> &[ServerId] {
        &self.list
    }

    /// The weight of `server`.
    #[must_use]
    pub fn weight(&self, server: ServerId) -> f64 {
        self.servers[server.index()].1
    }

    /// The weight of `server` for products that take whole numbers: the nearest one, at least 1.
    #[must_use]
    pub fn whole_weight(&self, server: ServerId) -> u64 {
        self.weight(server).round().max(1.0) as u64
    }

    /// Whether all servers of the list have the same weight.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.list.windows(2).all(|pair| self.weight(pair[0]) == self.weight(pair[1]))
    }
}
