//! The stretches of the total weight: where a point falls, there the request goes.

use super::Peers;
use crate::balancing::Candidates;
use crate::units::{ServerId, Time};

/// Each server of a group has a stretch as long as its weight, in order, whether or not it is eligible.
#[derive(Debug, Clone, Default)]
pub struct Ranges {
    /// By place: where the stretch begins, and whose it is.
    starts: Vec<u64>,
    servers: Vec<u32>,
    total: u64,
    /// For which revision of the group.
    revision: u64,
}

impl Ranges {
    /// Follows the group, if it or a weight has changed.
    #[inline]
    pub fn refresh(&mut self, peers: &Peers) {
        if self.revision != peers.revision() {
            self.rebuild(peers);
        }
    }

    #[cold]
    fn rebuild(&mut self, peers: &Peers) {
        self.starts.clear();
        self.servers.clear();
        self.total = 0;
        for (server, weight) in peers.members() {
            self.starts.push(self.total);
            self.servers.push(server.0);
            self.total += u64::from(weight);
        }
        self.revision = peers.revision();
    }

    /// The sum of the weights; above 0 if the group has a server.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// In whose stretch `point`, below the total, lies.
    #[inline]
    pub fn at(&self, point: u64) -> ServerId {
        let after = self.starts.partition_point(|start| *start <= point);
        ServerId(self.servers[after - 1])
    }
}

/// How many servers nginx looks at before it falls back on round robin: it gives up when more than 20 were of no use.
pub const LOOKS: usize = 21;

/// The first server of `drawn` that is usable, and how many before it were not; at most `looks` are looked at.
#[inline]
pub fn first_usable(
    peers: &Peers,
    candidates: &Candidates<'_>,
    now: Time,
    looks: usize,
    drawn: impl Iterator<Item = ServerId>,
) -> Option<(usize, ServerId)> {
    drawn.take(looks).enumerate().find(|(_, server)| peers.is_usable(*server, candidates, now))
}
