//! The simulator against queueing theory.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod caches;
mod coverage;
mod customers;
mod models;
