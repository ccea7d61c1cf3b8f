//! The simulator against queueing theory.

mod agreement;
mod coverage;
mod customers;
mod models;
