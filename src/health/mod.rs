//! What a balancer believes about its servers: active checks, passive observation, ejection, panic, levels of priority.

mod spec;

pub use spec::{CheckSpec, ErrorAction, Health, Knowledge, ObserveSpec, OutlierSpec, PanicSpec, Phase, Probe, Seen};
