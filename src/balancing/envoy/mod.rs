//! What the algorithms that follow Envoy share.

mod bounded_loads;
mod hashed;
mod schedule;
mod xxhash;

pub(super) use hashed::{Hashed, Host, Table};
pub(super) use schedule::Schedule;
pub(super) use xxhash::xxhash64;

#[cfg(test)]
mod tests;
