//! What is done about requests that fail: timeouts, retries and what bounds them, hedging, limits, throttling; and about servers that
//! have too much to do: more of them.
//!
//! The spec says what a model asks for; each mechanism with a state is a machine of its own in one file, without a clock and without events:
//! who drives it tells it the time and what happened.

mod budget;
mod delay;
mod limit;
mod retrying;
mod scaling;
mod shed;
mod spec;
mod throttle;
mod window;

pub use budget::BudgetState;
pub use limit::LimitState;
pub use retrying::{NextTry, Tried};
pub use scaling::{Autoscaling, ScalingState, ScalingTarget};
pub use shed::ShedState;
pub use spec::{
    Budget, ClientRecovery, ConcurrencyLimit, Delay, Hedge, Limits, Mishap, Mishaps, Recovery, RetrySpec, RetryTo, Throttle,
    Timeouts,
};
pub use throttle::ThrottleState;
