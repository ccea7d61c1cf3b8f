//! Cases with a known answer: read, translated into models, planned and judged. Nothing here runs a simulation.
//!
//! A [`Case`] comes from a file or is [built in](builtin). [`translate`] makes a [`Model`](crate::model::Model) of it or
//! says why it cannot; the [`Plan`] says how much to simulate; whoever runs the model answers the questions of
//! [`Answer`] with one value per replication; [`judge`] compares.

mod balancer;
mod cases;
mod fields;
mod judge;
mod law;
mod metric;
mod plan;
mod servers;
mod translate;

pub use cases::{Case, CaseFault, CaseFile, ExactValue, Exactness, Expected, Tolerance, builtin, read_cases};
pub use judge::{Finding, Judgement, Measured, Verdict, judge};
pub use metric::Answer;
pub use plan::{Budget, Plan};
pub use translate::{Skip, translate};
