//! Experiments: one replication, and many of them on all cores.

mod plan;
mod run;
mod trial;

pub use plan::{ChartChoice, Compared, Design, Exact, Experiment, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping};
pub use run::run;
pub use trial::replicate;
