//! What a sweep says: the figures of each point, differences with their intervals, the best, effects, and all of it in words.

mod findings;
#[cfg(test)]
pub mod sample;

pub use findings::{Analysis, Best, BestVerdict, Comparison, Difference, Effect, EffectKind, Heat, PointResult, TailPoint};
