//! Experiments: one replication, and many of them on all cores.

mod run;
mod trial;

pub use run::run;
pub use trial::replicate;
