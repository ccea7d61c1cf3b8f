//! The definitions of `stats` and the closed forms of `theory` against the shared list of exactly solvable cases.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod availability;
mod case;
mod closed_forms;
mod coverage;
mod statistics;
