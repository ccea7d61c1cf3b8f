//! Maglev as Envoy does it.

use crate::balancing::envoy::{Hashed, Host, Table, xxhash64};
use crate::balancing::{Follows, Product};
use crate::units::{Parameters, ServerId};

/// The server that holds the place of the key's hash in a table that servers filled in turn.
pub type EnvoyMaglev = Hashed<Maglev>;

/// The table.
#[derive(Debug, Clone)]
pub struct Maglev {
    /// A prime number.
    size: u64,
    places: Vec<ServerId>,
}

/// A server while the table is filled: it wants the places offset, offset + skip, offset + 2 skip, ...
struct Wish {
    server: ServerId,
    share: f64,
    place: u64,
    skip: u64,
    /// Its turn comes when the rounds so far, times its share, have reached this.
    due: f64,
}

/// Attempts that hash anew; further ones walk on through the table.
const REHASHED: u64 = 64;

const FREE: ServerId = ServerId(u32::MAX);

impl Table for Maglev {
    const ABOUT: &'static str = "Envoy's Maglev: a large table that the servers fill in turn";
    const DETAILS: &'static str = "Envoy's MAGLEV (`maglev_lb.cc`, `thread_aware_lb_impl.cc`; Eisenbud et al. 2016). Each server wants \
        the places of the table in an order of its own: with x0, x1 = xxHash64 of `address:port` with the seeds 0 and 1, from \
        x0 mod M in steps of x1 mod (M - 1) + 1. In order of their names, as text, the servers take in turn the first free place \
        they want; one of half the largest weight takes every other turn. A request goes to the place of xxHash64 of its key \
        modulo M. The table is built anew from the servers in rotation when one leaves, returns or is given another weight (the \
        nearest whole number, at least 1; slow start does not reach it). A server that is full or was tried already is passed \
        over by hashing anew. A size that is no prime is raised to the next one. `hash_balance_factor` as of the ring.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::Envoy, calls_it: "MAGLEV", names: &["Maglev"] }];
    const COST: &'static str = "O(1); O(n) for overloaded servers with bounded loads; O(table) when servers leave or return";
    const GOES_WRONG: &'static str = "When a server leaves, some keys move between servers that stayed, more than on a ring; and one \
        popular key is one server's load.";

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let size = parameters.integer("table_size", "places in the table, a prime number", 2..=5_000_011, 65_537);
        Self { size: (size..2 * size).find(|&size| is_prime(size)).unwrap_or(size), places: Vec::new() }
    }

    fn build(&mut self, hosts: &[Host]) {
        let largest = hosts.iter().map(|host| host.share).fold(0.0, f64::max);
        let mut hosts: Vec<&Host> = hosts.iter().collect();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        let wish = |host: &&Host| Wish {
            server: host.server,
            share: host.share,
            place: xxhash64(host.name.as_bytes(), 0) % self.size,
            skip: xxhash64(host.name.as_bytes(), 1) % (self.size - 1) + 1,
            due: 0.0,
        };
        let mut wishes: Vec<Wish> = hosts.iter().map(wish).collect();
        self.places.clear();
        self.places.resize(self.size as usize, FREE);
        let (mut left, mut round) = (self.size, 0.0);
        while left > 0 {
            round += 1.0;
            for wish in wishes.iter_mut().filter(|wish| round * wish.share >= wish.due).take(left as usize) {
                wish.due += largest;
                while self.places[wish.place as usize] != FREE {
                    wish.place = (wish.place + wish.skip) % self.size;
                }
                self.places[wish.place as usize] = wish.server;
                left -= 1;
            }
        }
    }

    #[inline]
    fn server(&self, hash: u64, attempt: u64) -> Option<ServerId> {
        let place = if attempt > REHASHED {
            hash.wrapping_add(attempt) % self.size
        } else {
            (if attempt == 0 { hash } else { hash ^ 0_u64.wrapping_sub(attempt) }) % self.size
        };
        self.places.get(place as usize).copied()
    }

    fn attempts(&self) -> u64 {
        REHASHED + self.size + 1
    }

    fn place(&self, hash: u64) -> String {
        let holder = self.server(hash, 0).map_or_else(|| "nobody".into(), |server| format!("server {}", server.0));
        format!("place {} of {} belongs to {holder}", hash % self.size, self.size)
    }
}

fn is_prime(number: u64) -> bool {
    number >= 2 && (2..number).take_while(|divisor| divisor * divisor <= number).all(|divisor| !number.is_multiple_of(divisor))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who holds the places of a table over servers of these names and weights.
    fn filled(size: u64, names: &[&str], weights: &[f64]) -> Vec<u32> {
        let total: f64 = weights.iter().sum();
        let host =
            |number: usize| Host { server: ServerId(number as u32), name: names[number].into(), share: weights[number] / total };
        let hosts: Vec<Host> = (0..names.len()).map(host).collect();
        let mut table = Maglev { size, places: Vec::new() };
        table.build(&hosts);
        (0..size).filter_map(|hash| table.server(hash, 0)).map(|server| server.0).collect()
    }

    /// The tables that the product's own tests expect (`maglev_lb_test.cc`: `Basic`, `BasicWithHostName`, `Weighted`).
    #[test]
    fn tables_are_those_of_the_product() {
        let addresses = ["90", "91", "92", "93", "94", "95"].map(|port| format!("127.0.0.1:{port}"));
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        assert_eq!(filled(7, &addresses, &[1.0; 6]), [2, 4, 0, 1, 5, 0, 3]);
        assert_eq!(filled(7, &["90", "91", "92", "93", "94", "95"], &[1.0; 6]), [2, 5, 0, 3, 4, 1, 0]);
        assert_eq!(filled(17, &addresses[..2], &[1.0, 2.0]), [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn sizes_are_prime() {
        let primes: Vec<u64> = (0..32).filter(|&number| is_prime(number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
        assert!(is_prime(65_537) && is_prime(5_000_011));
    }
}
