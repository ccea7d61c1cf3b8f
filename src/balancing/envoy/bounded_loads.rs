//! Consistent hashing with bounded loads, as Envoy does it.

use crate::random::MersenneTwister;
use crate::units::ServerId;

/// A cap on the requests in flight at a server: so many per cent of its fair share.
#[derive(Debug, Clone)]
pub struct BoundedLoads {
    /// In per cent; 0 = no cap.
    factor: u32,
    /// By server, and in all: requests in flight.
    active: Vec<u32>,
    total: u32,
    /// The order in which servers are tried.
    order: Vec<u32>,
    random: MersenneTwister,
}

impl BoundedLoads {
    pub fn new(factor: u32) -> Self {
        Self { factor, active: Vec::new(), total: 0, order: Vec::new(), random: MersenneTwister::new(0) }
    }

    pub fn prepare(&mut self, servers: usize) {
        self.active = vec![0; servers];
        self.order = Vec::with_capacity(servers);
        self.total = 0;
    }

    /// Whether there is a cap.
    pub const fn is_on(&self) -> bool {
        self.factor > 0
    }

    pub fn raise(&mut self, server: ServerId) {
        self.active[server.index()] += 1;
        self.total += 1;
    }

    pub fn lower(&mut self, server: ServerId) {
        self.active[server.index()] -= 1;
        self.total -= 1;
    }

    pub fn active(&self, server: ServerId) -> u32 {
        self.active[server.index()]
    }

    /// How many requests a server of that share of the weights may have in flight.
    pub fn slots(&self, share: f64) -> u32 {
        let all = ((u64::from(self.total) + 1) * u64::from(self.factor)).div_ceil(100);
        ((all as f64 * share).ceil() as u32).max(1)
    }

    /// How full a server of that share is; up to 1 it may get one more.
    fn fullness(&self, server: ServerId, share: f64) -> f64 {
        f64::from(self.active(server)) / f64::from(self.slots(share))
    }

    /// The first server that has room, `first` and then the others in an order that is random but the same for the same
    /// `hash`; where none has, the least full of them.
    pub fn choose(
        &mut self,
        hash: u64,
        first: ServerId,
        servers: &[ServerId],
        share: impl Fn(ServerId) -> f64,
        allowed: impl Fn(ServerId) -> bool,
    ) -> ServerId {
        let mut least = self.fullness(first, share(first));
        if least <= 1.0 {
            return first;
        }
        let mut least_full = first;
        self.random.reseed(hash as u32);
        self.order.clear();
        self.order.extend(0..servers.len() as u32);
        for place in 0..servers.len() {
            let other = place + self.below((servers.len() - place) as u32) as usize;
            self.order.swap(place, other);
            let server = servers[self.order[place] as usize];
            if server == first || !allowed(server) {
                continue;
            }
            let fullness = self.fullness(server, share(server));
            if fullness <= 1.0 {
                return server;
            }
            if fullness < least {
                (least, least_full) = (fullness, server);
            }
        }
        least_full
    }

    /// A whole number below `bound`: the high bits, drawn again where the last interval is cut.
    fn below(&mut self, bound: u32) -> u32 {
        let width = (1 << 32) / u64::from(bound);
        loop {
            let drawn = u64::from(self.random.bits()) / width;
            if drawn < u64::from(bound) {
                return drawn as u32;
            }
        }
    }
}
