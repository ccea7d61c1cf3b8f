//! What is observed of a replication: facts about whole requests, the tally that measures them, and the record it leaves.

mod cached;
mod codec;
mod fact;
mod fold;
mod goal;
mod measure;
mod metric;
mod record;
mod shape;
mod situation;
mod summary;
mod tally;
mod uptime;
mod warm_up;
pub mod written;

pub use cached::CacheUsage;
pub use fact::{Completed, Failed, Found, Observer, SessionEnded, Unfinished, Why};
pub use fold::{Figures, Fold, Picture};
pub use goal::{GOAL_HELP, Goal, InvalidGoal, Side, Verdict, goals, goals_of};
pub use measure::Measure;
pub use metric::{Metric, MetricKind, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS, ServerMetric, SystemMetric};
pub use record::{Record, ServerUsage, Window};
pub use shape::{PoolShape, Shape};
pub use situation::{Attempt, Away, Belief, Checked, Count, Situation, Stand, Trouble, Unasked};
pub use summary::{AgeSummary, Convergence, Estimate, LEVEL, PoolSummary, ServerSummary, Summary, TimeLine};
pub use tally::{ClassTally, SessionTally, Tally, first_instant};
pub use uptime::Uptime;
pub use warm_up::BirthSeries;
