//! Random numbers: seeds, named streams, distributions. Every bit of a sample is the same on every platform.
//!
//! A [`Stream`] belongs to one entity and one purpose and gives raw bits, uniform, exponential and normal numbers. A
//! [`Distribution`] turns them into samples; a [`SpanDistribution`] gives durations. To add a kind of distribution: one file
//! in `kinds/`, and two lines in `kinds/mod.rs`.

mod check;
mod choice;
mod count;
mod describe;
mod distribution;
mod elementary;
mod kinds;
mod mersenne_twister;
mod popularity;
mod span;
mod stream;
mod ziggurat;

#[cfg(test)]
mod tests;

pub use count::Count;
pub use describe::{DistributionHelp, DistributionParameter};
pub use distribution::{Distribution, InvalidDistribution};
pub use mersenne_twister::MersenneTwister;
pub use popularity::Popularity;
pub use span::SpanDistribution;
pub use stream::{Role, Seed, Stream, StreamKey};
