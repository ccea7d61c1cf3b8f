//! What goes wrong with servers: kinds of faults, how often they come and how long they last, and what a server is like while
//! several of them are upon it. Balancers that fail, their standbys, and how clients find another site.

mod condition;
mod crews;
mod fault;
mod naming;
mod pair;
mod process;

pub use condition::{Condition, Down, Faults};
pub use crews::Crews;
pub use fault::{Fault, InFlight};
pub use naming::{Record, Sites, Stale};
pub use pair::{BalancerFailures, Duty, Pair, Takeover, Vrrp};
pub use process::{Clock, FailureSpec, Flapping, Incident, OverloadCrash, Scope, SpareKind, Spares, Zone};
