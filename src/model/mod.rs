//! The model: what a person describes in a file, checked and meant.
//!
//! [`read()`] takes the text of a model file through these stages: the tree of `notation`, changed by overrides -
//! `read_*` and `distribution` (the model as written, `document`) - `check*` (the model as meant, [`Model`]). Each stage lays
//! what is wrong into `notation::Findings` and goes on, so that all mistakes are told at once. The problems that only a model
//! can have are worded in `problem`.

mod caches;
mod check;
mod check_faults;
mod check_load;
mod check_run;
mod check_script;
mod check_sites;
mod distribution;
mod document;
mod downtime;
mod expectations;
mod fleet;
mod lists;
mod meant;
mod problem;
mod product_recovery;
mod read;
mod read_balancers;
mod read_caches;
mod read_clients;
mod read_faults;
mod read_health;
mod read_pair;
mod read_recovery;
mod read_run;
mod read_scaling;
mod read_servers;
mod read_visits;
mod restarts;
mod slow_start;
#[cfg(test)]
mod tests;
mod trace;
mod visits;

pub use crate::notation::{Diagnostic, Override, Place, Report, Severity, Source};
pub use caches::{CacheCapacity, CacheSpec, Cached};
pub use expectations::{Expectations, Misunderstood};
pub use lists::{DisciplineHelp, FaultHelp, FaultParameter, disciplines, faults};
pub use meant::{
    Arrivals, BalancerSpec, Call, Change, ChangeKind, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec, RunPlan,
    WhenFull,
};
pub use problem::{OVERLOAD, TOO_MANY_EVENTS};
pub use read::{Checked, Files, NoFiles, Remembered, read};
pub use slow_start::{Ramp, SlowStart};
pub use trace::{LineFault, MalformedLine, MalformedLines, Trace, TraceArrival, TraceError};
pub use visits::{Addresses, Items, Visitors, Visits};
