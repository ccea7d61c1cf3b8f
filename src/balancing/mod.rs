//! Balancing algorithms: the trait they implement, what they may see, and the registry, one line an algorithm.

mod bitmap;
mod indexed_heap;
mod levels;
mod policy;
mod pool;
mod registry;

pub use bitmap::OrderedSet;
pub use indexed_heap::IndexedHeap;
pub use levels::Levels;
pub use policy::{Candidates, Choice, Policy, Reads, RequestView, ServerTraits, Told};
pub use pool::ServerSet;
pub use registry::{Algorithm, AlgorithmHelp, PolicyTask};
