//! Closed forms of queueing theory: what a simulation must agree with where the mathematics is known.
//!
//! Times are in seconds, rates in 1/s, loads in Erlangs. Each model is a struct that exists only where it is stable, so
//! that its figures need no error case; each formula names its source.
//!
//! - One server: [`Mm1`], [`Mg1`], [`ProcessorSharing`], [`Gim1`].
//! - Several servers behind one queue: [`Mmc`]; with limited room: [`Loss`]; with few users: [`Closed`]. The last two are
//!   cases of a finite [`BirthDeath`] chain.
//! - Many servers with queues of their own: [`PowerOfD`].
//! - Failure and repair: [`Chain`], any finite one; [`RepairableSystem`], a chain that is up or down, of which [`Redundancy`] and
//!   [`FailoverPair`] are cases; [`IntervalAvailability`] over a given time; by counting [`availability_of`], [`k_of_n`], [`in_series`],
//!   [`in_parallel`], [`DeadServers`], [`interrupted_session`]. Queues whose server fails: [`Breakdowns`], [`Crashes`]. What health
//!   checks miss: [`Detection`], [`CheckedServers`].
//! - Caches: [`IndependentReferences`], small ones exactly, large ones by their [`CharacteristicTime`]; servers with one each,
//!   [`CachePool`]; entries that expire, [`TtlCache`]; the state of sessions, [`SessionCaches`].
//! - How uneven sticky sessions make servers: [`BallsInBins`], [`StickyWork`], [`StickyWindow`].
//! - The load as such: [`offered_load`], [`load_factor`].

mod balls_in_bins;
mod birth_death;
mod breakdowns;
mod caches;
mod chain;
mod characteristic_time;
mod checks;
mod closed;
mod elementary;
mod gim1;
mod interval_availability;
mod loss;
mod mg1;
mod mm1;
mod mmc;
mod power_of_d;
mod processor_sharing;
mod repairable;
mod sessions;
mod sticky_load;
mod ttl;

pub use balls_in_bins::BallsInBins;
pub use birth_death::BirthDeath;
pub use breakdowns::{Breakdowns, Crashes};
pub use caches::IndependentReferences;
pub use chain::Chain;
pub use characteristic_time::{CachePool, CharacteristicTime, Replacement};
pub use checks::{CheckedServers, Detection};
pub use closed::Closed;
pub use elementary::{DeadServers, availability_of, in_parallel, in_series, interrupted_session, k_of_n};
pub use gim1::Gim1;
pub use interval_availability::IntervalAvailability;
pub use loss::{Loss, erlang_b};
pub use mg1::Mg1;
pub use mm1::Mm1;
pub use mmc::{Mmc, erlang_c};
pub use power_of_d::PowerOfD;
pub use processor_sharing::ProcessorSharing;
pub use repairable::{FailoverPair, Redundancy, RepairableSystem, mean_time_without_repair};
pub use sessions::{SessionCaches, SessionLength, SessionRouting};
pub use sticky_load::{SessionDuration, StickyWindow, StickyWork};
pub use ttl::TtlCache;

/// The offered load in Erlangs: the mean number of servers of speed 1 that would be busy if there were enough, the
/// arrival rate (1/s) times the mean demand (s). Nothing where either is negative or not finite.
#[must_use]
pub fn offered_load(arrival_rate: f64, mean_demand: f64) -> Option<f64> {
    let load = arrival_rate * mean_demand;
    (arrival_rate >= 0.0 && mean_demand >= 0.0 && load.is_finite()).then_some(load)
}

/// The offered load as a fraction of the capacity, which is the sum over the servers of workers times speed. Steady
/// means exist below 1 only. Nothing where the load is not defined or the capacity is not above 0.
#[must_use]
pub fn load_factor(arrival_rate: f64, mean_demand: f64, capacity: f64) -> Option<f64> {
    let load = offered_load(arrival_rate, mean_demand)?;
    (capacity > 0.0).then_some(load / capacity)
}

/// Whether a parameter is above 0 and finite.
fn positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

/// The quantile of probability `p` of an exponential time with this mean: -mean ln(1 - p). Not a number where `p` is not
/// from 0 to 1; infinite at 1.
fn exponential_quantile(mean: f64, p: f64) -> f64 {
    if (0.0..=1.0).contains(&p) { -mean * libm::log1p(-p) } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads() {
        assert_eq!(offered_load(80.0, 0.05), Some(4.0));
        assert_eq!(load_factor(80.0, 0.05, 5.0), Some(0.8));
        assert_eq!(load_factor(80.0, 0.05, 0.0), None);
        assert_eq!(offered_load(-1.0, 0.05), None);
        assert_eq!(offered_load(f64::NAN, 0.05), None);
    }

    #[test]
    fn exponential_quantiles() {
        assert!((exponential_quantile(2.0, 0.5) - 2.0 * std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(exponential_quantile(2.0, 1.0), f64::INFINITY);
        assert!(exponential_quantile(2.0, 1.5).is_nan());
    }
}
