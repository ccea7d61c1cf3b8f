//! The keys that were hashed in a measurement.

use crate::balancing::{Key, RequestView};
use crate::random::MersenneTwister;
use crate::units::{Address, Span, Time};
use crate::validation::Skip;
use std::collections::BTreeSet;

/// The requests of a measurement, one a key, and what is hashed of them.
pub(super) struct Keys {
    pub key: Key,
    pub requests: Vec<RequestView>,
}

impl Keys {
    /// `key-0 .. key-9999`, or `random 127.a.b.c addresses (python random.Random(42), ...)`: `number` of them.
    pub fn read(form: &str, number: u32) -> Result<Self, Skip> {
        let request = |address, item| RequestView { now: Time::ZERO, demand: Span::ZERO, address, session: 0, item };
        if form.starts_with("key-0 ..") {
            let nowhere = Address::new([127, 0, 0, 1], 0);
            return Ok(Self { key: Key::Item, requests: (0..number).map(|item| request(nowhere, item)).collect() });
        }
        let seed = form.split_once("random.Random(").and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
        let Some(seed) = seed.filter(|_| form.starts_with("random 127.a.b.c addresses")) else {
            return Err(Skip::new(format!("the keys `{form}` are not understood")));
        };
        let mut python = MersenneTwister::python(seed);
        let mut address = || {
            let octets = [python.integer(1, 254), python.integer(0, 255), python.integer(1, 254)].map(|octet| octet as u8);
            Address::new([127, octets[0], octets[1], octets[2]], 0)
        };
        // Each address once.
        let (mut known, mut requests) = (BTreeSet::new(), Vec::new());
        while requests.len() < number as usize {
            let address = address();
            if known.insert(address) {
                requests.push(request(address, 0));
            }
        }
        Ok(Self { key: Key::Client, requests })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_or_addresses() {
        let names = Keys::read("key-0 .. key-9999", 3).unwrap();
        assert_eq!((names.key, names.requests[2].item, names.requests.len()), (Key::Item, 2, 3));
        let addresses = Keys::read("random 127.a.b.c addresses (python random.Random(42), src/case_b.py)", 2).unwrap();
        let octets: Vec<[u8; 4]> = addresses.requests.iter().map(|request| request.address.octets()).collect();
        assert_eq!((addresses.key, octets), (Key::Client, vec![[127, 164, 57, 7], [127, 190, 140, 63]]));
        assert!(Keys::read("uuids", 2).is_err());
    }
}
