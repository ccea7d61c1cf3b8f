//! Experiments: one replication, many of them on all cores, as many as a precision needs, and the smallest model that meets a
//! goal.

mod plan;
mod run;
mod size;
mod stopping;
mod trial;

pub use plan::{ChartChoice, Compared, Design, Exact, Experiment, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping};
pub use run::{run, run_while};
pub use size::{Answer, Candidate, Reversal, SizeQuestion, Sizing, Standing, Tried, size};
pub use stopping::{DOUBT, FIRST_LOOK, MOST_REPLICATIONS, Precise, Watched, checkpoints, is_precise, run_until_precise};
pub use trial::replicate;
