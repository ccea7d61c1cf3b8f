//! Caches: what a server keeps of what it has loaded, and which entry leaves when there is no room.
//!
//! A [`Cache`] holds entries under keys, counted by number or by bytes, perhaps for a limited time only. Which entry leaves is up to an
//! eviction rule. To add a rule: a file that implements [`Eviction`] and [`Registered`], and one line in the registry.
//!
//! ```
//! use lbsim::caching::{Cache, Rule};
//! use lbsim::random::{Role, Seed, Stream};
//! use lbsim::units::{ParameterList, Time};
//!
//! let rule = Rule::named("Lru", &mut ParameterList::default()).unwrap();
//! let mut cache = Cache::new(rule, 2, None);
//! let mut stream = Stream::new(Seed(1), 0, Role::Caching, 0);
//! let mut ask = |key| cache.ask(key, 1, Time::ZERO, &mut stream);
//! assert_eq!([ask(1), ask(2), ask(1), ask(3), ask(1), ask(2)], [false, false, true, false, true, false]);
//! ```

mod cache;
mod chain;
mod eviction;
mod registry;
mod sketch;

#[cfg(test)]
mod tests;

pub use cache::{Cache, Lifetime};
pub use eviction::{Eviction, Registered};
pub use registry::{Rule, RuleHelp, rules};
