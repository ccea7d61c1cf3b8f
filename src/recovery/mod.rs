//! What is done about requests that fail: timeouts, retries and what bounds them, hedging, limits, throttling.

mod spec;

pub use spec::{
    Budget, ClientRecovery, ConcurrencyLimit, Delay, Hedge, Limits, Mishap, Mishaps, Recovery, RetrySpec, RetryTo, Throttle,
    Timeouts,
};
