//! Balancing algorithms: the trait they implement, what they may see, and the registry, one line an algorithm.

mod levels;
mod policy;
mod pool;
mod registry;

pub use levels::Levels;
pub use policy::{Candidates, Choice, Policy, Reads, RequestView, ServerTraits, Told};
pub use pool::ServerSet;
pub use registry::{Algorithm, AlgorithmHelp};
