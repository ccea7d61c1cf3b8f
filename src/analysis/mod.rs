//! What a sweep says: the figures of each point, differences with their intervals, the best, effects, and all of it in words.
//!
//! [`analyse()`] takes the plan and the folded records of each point, and computes nothing that was not simulated. All differences
//! are paired: the points of a sweep met the same customers, replication by replication.

mod analyse;
mod best;
mod break_even;
mod compare;
mod contrasts;
mod effects;
mod findings;
#[cfg(test)]
#[path = "tests/sample.rs"]
pub mod sample;
#[cfg(test)]
mod tests;
mod words;

pub use analyse::analyse;
pub use findings::{
    Analysis, Best, BestVerdict, BreakEven, Comparison, ContrastResult, Difference, Effect, EffectKind, Heat, PointResult,
    TailPoint, Trend, Zero,
};

/// The level of the statements that are made: each interval, each family of tests, each choice of the best.
pub const LEVEL: f64 = crate::observe::LEVEL;
