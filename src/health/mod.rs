//! What a balancer believes about its servers: active checks, passive observation, ejection, panic, levels of priority.
//!
//! State machines without a clock: whoever simulates tells them what happened and when, and sets the timers that they ask for.
//! `spec` holds what a model says; each other file follows one mechanism of a product and names its source.

mod checks;
mod levels;
mod merging;
mod observe;
mod outliers;
mod spec;

pub use checks::CheckState;
pub use levels::{LevelLoad, level_loads};
pub use merging::{MergeWindow, News};
pub use observe::ObserveState;
pub use outliers::{EARLY, Outliers};
pub use spec::{CheckSpec, ErrorAction, Health, Healthy, Knowledge, ObserveSpec, OutlierSpec, PanicSpec, Phase, Probe, Seen};
