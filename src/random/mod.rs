//! Random numbers: seeds, named streams, distributions. Every bit of a sample is the same on every platform.

mod distribution;
mod stream;

pub use distribution::{Distribution, InvalidDistribution, SpanDistribution};
pub use stream::{Role, Seed, Stream};
