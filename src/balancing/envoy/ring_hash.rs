//! Ring hash as Envoy does it.

use crate::balancing::envoy::{Hashed, Host, Table, xxhash64};
use crate::balancing::{Follows, Product};
use crate::units::{Parameters, ServerId};
use std::fmt::Write;

/// The server of the first point at or after the hash of the key, on a ring of points.
pub type EnvoyRingHash = Hashed<Ring>;

/// A ring of points, each with its server, in order of their hashes.
#[derive(Debug, Clone)]
pub struct Ring {
    min_size: u64,
    max_size: u64,
    points: Vec<(u64, ServerId)>,
}

impl Ring {
    fn index(&self, hash: u64) -> usize {
        self.points.partition_point(|(point, _)| *point < hash) % self.points.len().max(1)
    }
}

impl Table for Ring {
    const ABOUT: &'static str = "Envoy's ring hash: the next point on a ring of hashes";
    const DETAILS: &'static str = "Envoy's RING_HASH (`ring_hash_lb.cc`, `thread_aware_lb_impl.cc`; Karger et al. 1997; libketama). \
        The points of a server are xxHash64 of `address:port_i` for i = 0, 1, ...; their number is in proportion to its weight, \
        scaled so that the smallest gets a whole number and all get `min_ring_size` at least, with fractions carried from server \
        to server. A request goes to the first point at or after xxHash64 of its key, `10.0.0.1`, `session-7` or `key-7`. The \
        ring is built anew from the servers in rotation when one leaves, returns or is given another weight (the nearest whole \
        number, at least 1; slow start does not reach it). With few servers the smallest weight gets more points as others \
        leave, so that a few keys move between servers that stayed. A server that is full or was tried already is passed over \
        for the one of the next point. With `hash_balance_factor` a server that has more requests in flight than that many \
        per cent of its share is passed over for one in an order drawn by a generator seeded with the hash (Mirrokni, Thorup \
        and Zadimoghaddam 2018; Chen, Coleman and Shrivastava 2021).";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::Envoy, calls_it: "RING_HASH", names: &["RingHash"] }];
    const COST: &'static str =
        "O(log n); O(n) for overloaded servers with bounded loads; O(n log n) when servers leave or return";
    const GOES_WRONG: &'static str = "With the default of 1,024 points shares of ten servers differ by 10 % (standard deviation), and \
        one popular key is one server's load, unless loads are bounded.";

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        const LARGEST: u64 = 8_388_608;
        Self {
            min_size: parameters.integer("min_ring_size", "how many points the ring has at least", 1..=LARGEST, 1_024),
            max_size: parameters.integer("max_ring_size", "how many points the ring has at most", 1..=LARGEST, LARGEST),
            points: Vec::new(),
        }
    }

    fn build(&mut self, hosts: &[Host]) {
        let least = hosts.iter().map(|host| host.share).fold(1.0, f64::min);
        let size = ((least * self.min_size as f64).ceil() / least).min(self.max_size as f64);
        self.points.clear();
        let (mut goal, mut text) = (0.0, String::new());
        for host in hosts {
            goal += size * host.share;
            text.clone_from(&host.name);
            text.push('_');
            let before = text.len();
            let mut number = 0_u32;
            while (self.points.len() as f64) < goal {
                text.truncate(before);
                let _ = write!(text, "{number}");
                self.points.push((xxhash64(text.as_bytes(), 0), host.server));
                number += 1;
            }
        }
        self.points.sort_by_key(|(point, _)| *point);
    }

    #[inline]
    fn server(&self, hash: u64, attempt: u64) -> Option<ServerId> {
        let place = (self.index(hash) as u64 + attempt) % self.points.len().max(1) as u64;
        self.points.get(place as usize).map(|(_, server)| *server)
    }

    fn attempts(&self) -> u64 {
        self.points.len() as u64
    }

    fn place(&self, hash: u64) -> String {
        let Some((point, server)) = self.points.get(self.index(hash)) else { return "the ring is empty".into() };
        format!("the next of {} points on the ring is {point:016x}, of server {}", self.points.len(), server.0)
    }
}
