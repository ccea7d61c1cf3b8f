//! The model: what a person describes in a file, checked and meant.

mod meant;
mod trace;

pub use meant::{
    Arrivals, BalancerSpec, Call, Change, ChangeKind, ClientClass, Discipline, Model, ModelParts, PoolKind, PoolSpec, RunPlan,
    WhenFull,
};
pub use trace::{LineFault, MalformedLine, MalformedLines, Trace, TraceArrival, TraceError};
