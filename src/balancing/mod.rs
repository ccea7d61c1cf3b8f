//! Balancing algorithms: the trait they implement, what they may see, and the registry, one line an algorithm.

mod bitmap;
mod edf;
mod envoy;
mod explained;
mod explanation;
mod follows;
mod haproxy;
mod indexed_heap;
mod key;
mod levels;
mod mix;
mod nginx;
mod policy;
mod pool;
#[macro_use]
mod registry;
mod rotation;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod tests;
mod tournament;
mod weighted_loads;
#[cfg(test)]
mod worked_example;

pub use bitmap::OrderedSet;
pub use edf::Edf;
pub use explained::{Decision, Decisions, Explained};
pub use explanation::{Best, Explanation, Score};
pub use follows::{Follows, Product};
pub use indexed_heap::IndexedHeap;
pub use key::{Key, KeyText};
pub use levels::Levels;
pub use mix::mix;
pub use policy::{Answer, Candidates, Choice, CountedFailures, Policy, Reads, RequestView, ServerTraits, Shares, Standing, Told};
pub use pool::ServerSet;
pub use registry::{Algorithm, AlgorithmHelp, PolicyTask};
pub use rotation::Rotation;
pub use tournament::Tournament;
pub use weighted_loads::WeightedLoads;
