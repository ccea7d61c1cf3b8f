//! A discrete-event simulator of load-balanced clusters.
//!
//! The rooms of the house in dependency order: each uses only rooms above it. From [`units`] to [`cluster`] nothing
//! touches a thread, a file, a clock or a terminal.

pub mod units;

pub mod random;

pub mod engine;

pub mod stats;

pub mod theory;

pub mod balancing;

pub mod model;

pub mod observe;

pub mod cluster;

pub mod experiment;

pub mod validation;

pub mod cli;
