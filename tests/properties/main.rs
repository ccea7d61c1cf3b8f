//! What holds for every model, shown on random ones full of ties, and on a few made by hand.

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
