//! A discrete-event simulator of load-balanced clusters.
//!
//! The rooms of the house in dependency order: each uses only rooms above it. From [`units`] to [`cluster`] nothing
//! touches a thread, a file, a clock or a terminal.

pub mod balancing;
pub mod engine;
pub mod model;
pub mod random;
pub mod units;
pub mod validation;
