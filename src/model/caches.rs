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
    /// Whether the servers of the pool share one, at no cost but that of `lookup`.
    pub shared: bool,
    /// The back end in which it is: each request calls it. None = it is in memory.
    pub lookup: Option<Call>,
    /// How many other servers of the pool have a copy of each entry: the next that are up. A server that does not have one gets it from whoever
    /// has, at no cost.
    pub replicas: u32,
}

/// What a cache keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cached {
    /// What belongs to a session and can be loaded again: nobody asks for it when the session is over.
    Session,
    /// The state of a session, made by its first request, which logs in (a miss is a login): who does not find it later has lost the session.
    State,
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
    pub const MOST: usize = 4;
}
