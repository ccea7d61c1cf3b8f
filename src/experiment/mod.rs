//! Experiments: one replication, and many of them on all cores.

mod exact;
mod fingerprint;
mod plan;
mod point;
mod run;
mod sweep;
mod trial;

pub use exact::exact;
pub use fingerprint::{RESULTS_VERSION, fingerprint};
pub use plan::{ChartChoice, Compared, Design, Exact, Experiment, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping};
pub use run::run;
pub use sweep::{FIRST_STAGE, Keeper, Outcome, Progress, Shard, Sweep};
pub use trial::replicate;
