//! Caches of servers.

use super::Call;
use crate::caching::{Lifetime, Rule};
use crate::random::{Distribution, SpanDistribution};
use crate::units::Bytes;

/// A cache that each server of a pool has, or all of them share.
#[derive(Debug, Clone)]
pub struct CacheSpec {
    /// What is kept under which key.
    pub of: Cached,
    /// Which entry leaves when there is no room.
    pub rule: Rule,
    /// How much room there is.
    pub capacity: CacheCapacity,
    /// How large each entry is in bytes; none = only numbers of entries count.
    pub size: Option<Distribution>,
    /// How long an entry may be used; none = for ever.
    pub lifetime: Option<Lifetime>,
    /// What a miss costs the server: demand at speed 1, beside that of the request.
    pub miss: Option<SpanDistribution>,
    /// The back end that a miss calls after the server's own service, its worker waiting for the answer.
    pub call: Option<Call>,
    /// Whether a request that misses what another one is loading waits for that instead of loading it too.
    pub coalesces: bool,
    /// Whether it is as it was when its server comes back from a crash.
    pub survives_crashes: bool,
    /// Whether the servers of the pool share one, at no cost.
    pub shared: bool,
}

/// What a cache keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cached {
    /// What belongs to a session: nobody asks for it when the session is over.
    Session,
    /// What belongs to a user, over all visits.
    User,
    /// What requests ask for.
    Item,
}

/// How much room a cache has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheCapacity {
    /// For everything.
    Unlimited,
    /// For so many entries.
    Entries(u64),
    /// For so many bytes.
    Bytes(Bytes),
}

impl CacheSpec {
    /// Most kinds of caches of a pool.
    pub const MOST: usize = 8;
}
