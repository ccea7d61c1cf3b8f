//! What a sweep says: the figures of each point, differences with their intervals, the best, effects, and all of it in words.

mod findings;

pub use findings::{Analysis, Best, BestVerdict, Comparison, Difference, Effect, EffectKind, Heat, PointResult, TailPoint};
