//! The algorithms of nginx against what was measured of nginx 1.22.1.

mod failures;
mod hashes;
mod random;
mod sequences;
mod times;

use crate::balancing::stand::{self, Given};
use crate::balancing::{Answer, Choice, Policy, RequestView};
use crate::units::{ServerId, Time};
use std::ops::{Deref, DerefMut};

/// A balancer at work, its clock, and its next request.
#[derive(Clone)]
pub(super) struct Bench {
    stand: stand::Bench,
    pub request: RequestView,
}

impl Deref for Bench {
    type Target = stand::Bench;

    fn deref(&self) -> &stand::Bench {
        &self.stand
    }
}

impl DerefMut for Bench {
    fn deref_mut(&mut self) -> &mut stand::Bench {
        &mut self.stand
    }
}

impl Bench {
    pub fn new(name: &str, given: Given<'_>, weights: &[f64]) -> Self {
        Self { stand: stand::Bench::new(name, given, weights, 3), request: stand::item(0) }
    }

    /// Moves the clock, in microseconds.
    pub fn at_us(&mut self, us: u64) {
        self.request.now = Time::from_nanos(us * 1000);
    }

    /// The server chosen for the next request.
    pub fn choose(&mut self, tried: &[u32]) -> Option<u32> {
        let excluded: Vec<ServerId> = tried.iter().map(|server| ServerId(*server)).collect();
        match self.stand.ask(&self.request, &excluded) {
            Choice::Server(server) => Some(server.0),
            other => {
                assert_eq!(other, Choice::Nobody);
                None
            }
        }
    }

    pub fn sent(&mut self, server: u32) {
        self.stand.algorithm.sent(ServerId(server), &self.request);
    }

    pub fn ended(&mut self, server: u32, since: Time, failed: bool) {
        self.stand.algorithm.ended(ServerId(server), &Answer { now: self.request.now, since, failed });
    }

    /// One request that ends at once: the servers it tries, `refusing` being one that refuses.
    pub fn request(&mut self, refusing: Option<u32>) -> Vec<u32> {
        let mut tried = Vec::new();
        while let Some(server) = self.choose(&tried) {
            tried.push(server);
            self.sent(server);
            self.ended(server, self.request.now, refusing == Some(server));
            if refusing != Some(server) {
                break;
            }
        }
        tried
    }

    /// The servers that answer so many requests one after the other, as digits.
    pub fn sequence(&mut self, requests: usize) -> String {
        (0..requests).map(|_| self.request(None)[0].to_string()).collect()
    }
}
