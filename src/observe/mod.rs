//! What is observed of a replication: facts about whole requests, the tally that measures them, and the record it leaves.

mod fact;
mod record;
mod tally;

pub use fact::{Completed, Observer, Refused, Unfinished};
pub use record::{Record, ServerUsage, Window};
pub use tally::{ClassTally, Tally};
