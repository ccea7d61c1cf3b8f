//! Random numbers: seeds, named streams, distributions. Every bit of a sample is the same on every platform.

mod distribution;
mod stream;
mod ziggurat;

pub use distribution::{Distribution, InvalidDistribution, SpanDistribution};
pub use stream::{Role, Seed, Stream, StreamKey};
