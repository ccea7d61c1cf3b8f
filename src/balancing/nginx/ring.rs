//! The ring of nginx's consistent hash.

use super::Peers;
use crate::balancing::ServerTraits;
use crate::units::{Address, ServerId};
use crc32fast::Hasher;

/// Points on a circle, each of a server, as the client `Cache::Memcached::Fast` has them (ketama).
#[derive(Debug, Clone, Default)]
pub struct Ring {
    /// By server.
    addresses: Vec<Address>,
    /// The hash in the upper half, the server in the lower; sorted, each hash once.
    points: Vec<u64>,
    /// For which revision of the group.
    revision: u64,
}

/// Points for each unit of weight.
const POINTS: u64 = 160;

/// The most points of a ring, 1.6 GB: where the weights ask for more, every server gets fewer, at least one.
const MOST_POINTS: f64 = 200e6;

impl Ring {
    /// Begins anew.
    pub fn prepare(&mut self, servers: &[ServerTraits]) {
        self.addresses = servers.iter().map(|server| server.address).collect();
    }

    /// Whether it shows the group as it is.
    pub const fn is_current(&self, peers: &Peers) -> bool {
        self.revision == peers.revision()
    }

    /// Follows the group, if it or a weight has changed.
    #[inline]
    pub fn refresh(&mut self, peers: &Peers) {
        if !self.is_current(peers) {
            self.rebuild(peers);
        }
    }

    #[cold]
    fn rebuild(&mut self, peers: &Peers) {
        let wanted: u64 = peers.members().map(|(_, weight)| u64::from(weight) * POINTS).sum();
        let share = (MOST_POINTS / wanted as f64).min(1.0);
        self.points.clear();
        self.points.reserve((wanted as f64 * share) as usize);
        for (server, weight) in peers.members() {
            let points = ((u64::from(weight) * POINTS) as f64 * share).max(1.0) as u64;
            self.add(server, points);
        }
        // nginx does not say whose a point of two servers is; here it is the first's.
        self.points.sort_unstable();
        self.points.dedup_by_key(|point| *point >> 32);
        self.revision = peers.revision();
    }

    /// Each point is the CRC-32 of the host, a zero, the port and the point before, 0 at first, its lowest byte first.
    fn add(&mut self, server: ServerId, points: u64) {
        let Address { port, .. } = self.addresses[server.index()];
        let [a, b, c, d] = self.addresses[server.index()].octets();
        let port = if port == 0 { String::new() } else { port.to_string() };
        let name = crc32fast::hash(format!("{a}.{b}.{c}.{d}\0{port}").as_bytes());
        let mut point = 0_u32;
        for _ in 0..points {
            let mut hasher = Hasher::new_with_initial(name);
            hasher.update(&point.to_le_bytes());
            point = hasher.finalize();
            self.points.push(u64::from(point) << 32 | u64::from(server.0));
        }
    }

    /// The servers of the points from `hash` on, round and round; the ring must be current and have a point.
    #[inline]
    pub fn walk(&self, hash: u32) -> impl Iterator<Item = ServerId> + '_ {
        let first = self.points.partition_point(|point| *point >> 32 < u64::from(hash));
        let (before, after) = self.points.split_at(first);
        after.iter().chain(before).cycle().map(|point| ServerId(*point as u32))
    }
}
