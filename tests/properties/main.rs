//! What holds for every model, shown on random ones full of ties, and on a few made by hand.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod alone;
mod conservation;
mod customers;
mod equivalence;
mod models;
mod policies;
mod service;
mod sharing;
mod ties;
mod witness;
