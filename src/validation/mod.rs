//! Cases with a known answer: read, translated into models, simulated and judged.
//!
//! A [`Case`] comes from a file or is [built in](builtin). [`translate()`] makes a [`Model`](crate::model::Model) of it or
//! says why it cannot; the [`Plan`] says how much to simulate; [`Readings`] answers the questions of [`Answer`] with one
//! value per replication; [`judge()`] compares. [`try_case`] does all of it.
//!
//! What was measured at real load balancers is compared in the same way: [`RealCases`] and [`try_real_case`].

mod balancer;
mod cached;
mod cases;
mod detection;
mod failures;
mod fields;
mod judge;
mod law;
mod loads;
mod measure;
mod metric;
mod plan;
mod real;
mod servers;
mod sessions;
mod tails;
mod translate;
mod trial;
mod variants;

pub use cases::{Case, CaseFault, CaseFile, ExactValue, Exactness, Expected, Tolerance, builtin, read_cases};
pub use judge::{Finding, Judgement, Measured, Verdict, judge};
pub use measure::Readings;
pub use metric::{Across, Answer, Load};
pub use plan::{Budget, Plan, Windows};
pub use real::{
    Figure, Latencies, Order, RealCase, RealCases, RealFault, RealFinding, RealTrial, RealVerdict, orders, try_real_case,
};
pub use translate::{Skip, translate};
pub use trial::{Terms, Trial, try_case};
pub use variants::variants;
