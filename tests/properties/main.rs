//! What holds for every model, shown on random ones full of ties, and on a few made by hand.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::unreachable, reason = "a test fails by panicking")]
#![allow(clippy::struct_excessive_bools, reason = "a random model has many switches")]

mod alone;
mod back_ends;
mod conservation;
mod customers;
mod equivalence;
mod failures;
mod fronts;
mod levels;
mod models;
mod partitions;
mod policies;
mod products;
mod retries;
mod service;
mod sessions;
mod shares;
mod sharing;
mod ties;
mod witness;
