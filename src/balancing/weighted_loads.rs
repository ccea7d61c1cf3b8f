//! Requests in flight for weights that differ, the smallest quotient in O(log n).

use super::Tournament;
use crate::random::Stream;
use crate::units::ServerId;

/// Keeps (requests in flight + `added`) / power of every server, and the admitted ones in order of it.
#[derive(Debug, Clone, Default)]
pub struct WeightedLoads {
    /// What is added to the requests in flight: 1 to count the new one.
    added: f64,
    /// Whether of equal quotients that of the larger power comes first.
    larger_first: bool,
    servers: Vec<Load>,
    order: Tournament,
}

/// What is known of a server.
#[derive(Debug, Clone, Copy)]
struct Load {
    connections: u32,
    /// Its weight or speed; above 0.
    power: f64,
    admitted: bool,
}

impl WeightedLoads {
    /// Servers of these powers with nothing in flight, none of them admitted.
    #[must_use]
    pub fn new(powers: impl ExactSizeIterator<Item = f64>, added: f64, larger_first: bool) -> Self {
        let order = Tournament::new(powers.len());
        let servers = powers.map(|power| Load { connections: 0, power, admitted: false }).collect();
        Self { added, larger_first, servers, order }
    }

    /// Requests in flight at `server`.
    #[must_use]
    pub fn connections(&self, server: ServerId) -> u32 {
        self.servers[server.index()].connections
    }

    /// The power of `server`.
    #[must_use]
    pub fn power(&self, server: ServerId) -> f64 {
        self.servers[server.index()].power
    }

    /// What is compared.
    #[must_use]
    pub fn value(&self, server: ServerId) -> f64 {
        (f64::from(self.connections(server)) + self.added) / self.power(server)
    }

    /// `server` may be chosen from now on.
    pub fn admit(&mut self, server: ServerId) {
        self.change(server, |load| load.admitted = true);
    }

    /// `server` may not be chosen; its requests go on being counted.
    pub fn withdraw(&mut self, server: ServerId) {
        self.servers[server.index()].admitted = false;
        self.order.remove(server);
    }

    /// Gives `server` another power.
    pub fn reweigh(&mut self, server: ServerId, power: f64) {
        self.change(server, |load| load.power = power);
    }

    /// A request is sent to `server`.
    #[inline]
    pub fn raise(&mut self, server: ServerId) {
        self.change(server, |load| load.connections += 1);
    }

    /// A request has left `server`.
    #[inline]
    pub fn lower(&mut self, server: ServerId) {
        self.change(server, |load| load.connections -= 1);
    }

    /// The smallest that is not excluded; what still ties, uniformly at random.
    #[inline]
    pub fn least(&mut self, excluded: &[ServerId], stream: &mut Stream) -> Option<ServerId> {
        self.order.least_of_rest(excluded, stream)
    }

    #[inline]
    fn change(&mut self, server: ServerId, change: impl FnOnce(&mut Load)) {
        let load = &mut self.servers[server.index()];
        change(load);
        if load.admitted {
            let rank = if self.larger_first { -load.power } else { 0.0 };
            self.order.set(server, (self.value(server), rank));
        }
    }
}
