//! Experiments: one replication, many of them on all cores, as many as a precision needs, and the smallest model that meets a
//! goal.

mod design;
mod document;
mod exact;
mod explain;
mod fingerprint;
mod gather;
mod memory;
mod plan;
mod point;
mod problem;
mod range;
mod read;
mod read_document;
mod read_factors;
mod read_stopping;
mod run;
mod size;
mod sobol;
mod stopping;
mod sweep;
#[cfg(test)]
mod tests;
mod trial;

pub use exact::exact;
pub use explain::{Explained, explain};
pub use fingerprint::{RESULTS_VERSION, fingerprint};
pub use memory::Memory;
pub use plan::{
    ChartChoice, Compared, Contrast, Design, Exact, Experiment, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping,
};
pub use read::{Library, ModelFile, of_algorithms, read};
pub use run::{run, run_while};
pub use size::{Answer, Candidate, Reversal, SizeQuestion, Sizing, Standing, Tried, size};
pub use stopping::{DOUBT, FIRST_LOOK, MOST_REPLICATIONS, Precise, Watched, checkpoints, is_precise, run_until_precise};
pub use sweep::{Keeper, Outcome, Progress, Shard, Sweep, ahead};
pub use trial::replicate;
