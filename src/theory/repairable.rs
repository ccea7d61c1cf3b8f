//! Systems that fail and are repaired.

use super::{Chain, positive};

/// A system whose units fail and are repaired as a Markov chain, up in some of its states and down in the others; it begins in state 0
/// (Trivedi 2002, chapter 8).
#[derive(Debug, Clone, PartialEq)]
pub struct RepairableSystem {
    chain: Chain,
    up: Vec<bool>,
    probabilities: Vec<f64>,
}

impl RepairableSystem {
    /// The system that is up in the states for which `up` holds. Nothing where it has no long run, see [`Chain::stationary`].
    #[must_use]
    pub fn new(chain: Chain, up: impl Fn(usize) -> bool) -> Option<Self> {
        let probabilities = chain.stationary()?;
        let up = (0..chain.states()).map(up).collect();
        Some(Self { chain, up, probabilities })
    }

    /// The fraction of time in each state.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The time average of a function of the state.
    #[must_use]
    pub fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.probabilities.iter().enumerate().map(|(state, probability)| probability * of(state)).sum()
    }

    /// The fraction of time in which the system is up.
    #[must_use]
    pub fn availability(&self) -> f64 {
        self.mean(|state| if self.up[state] { 1.0 } else { 0.0 })
    }

    /// The fraction of time in which it is down, summed on its own so that it keeps its digits.
    #[must_use]
    pub fn unavailability(&self) -> f64 {
        self.mean(|state| if self.up[state] { 0.0 } else { 1.0 })
    }

    /// How often it goes down, in 1/s of all time.
    #[must_use]
    pub fn outages_per_sec(&self) -> f64 {
        let falls = |from: usize| (0..self.up.len()).filter(|&to| !self.up[to]).map(|to| self.chain.rate(from, to)).sum();
        self.mean(|state| if self.up[state] { falls(state) } else { 0.0 })
    }

    /// The mean length of an outage in s: time down over outages.
    #[must_use]
    pub fn mean_outage(&self) -> f64 {
        self.unavailability() / self.outages_per_sec()
    }

    /// The mean time in s between two outages in the long run: time up over outages.
    #[must_use]
    pub fn mean_uptime(&self) -> f64 {
        self.availability() / self.outages_per_sec()
    }

    /// The mean time in s from the beginning in state 0 to the first outage.
    #[must_use]
    pub fn mean_time_to_first_outage(&self) -> f64 {
        self.chain.mean_time_until(|state| !self.up[state])
    }
}

/// Equal units, of which so many must be up, with exponential lifetimes and repairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Redundancy {
    /// How many units there are.
    pub units: u32,
    /// How many of them must be up for the system to be up, from 1 to `units`.
    pub needed: u32,
    /// Of each unit on its own, in 1/s.
    pub failure_rate: f64,
    /// Of a common cause that fails all units that are up, in 1/s; often 0.
    pub shock_rate: f64,
    /// Of each unit under repair, in 1/s.
    pub repair_rate: f64,
    /// How many units are repaired at a time; none = all that are down.
    pub crews: Option<u32>,
    /// Whether units go on failing while the system is down.
    pub fail_while_down: bool,
}

impl Redundancy {
    /// The common cause by the beta factor (Fleming 1975): of the failure rate of each unit the fraction `beta` becomes the rate of
    /// one shock for all, the rest stays with the unit.
    #[must_use]
    pub fn with_beta(self, beta: f64) -> Self {
        Self { shock_rate: beta * self.failure_rate, failure_rate: (1.0 - beta) * self.failure_rate, ..self }
    }

    /// The system; its state is the number of units down. Without shocks a birth-and-death chain (Barlow & Proschan 1975, chapter 7;
    /// Trivedi 2002, section 8.3). Nothing where `needed` is not from 1 to `units`, there are no crews, a rate is negative or not
    /// finite, repair takes forever, or there are too many units for a [`Chain`].
    #[must_use]
    pub fn system(self) -> Option<RepairableSystem> {
        if self.needed == 0 || self.needed > self.units || self.crews == Some(0) || self.units as usize >= Chain::MOST_STATES {
            return None;
        }
        let up = |down: usize| self.units as usize - down >= self.needed as usize;
        let units = self.units as usize;
        let mut transitions = Vec::new();
        for down in 0..=units {
            if down < units && (up(down) || self.fail_while_down) {
                transitions.push((down, down + 1, (units - down) as f64 * self.failure_rate));
                transitions.push((down, units, self.shock_rate));
            }
            if down > 0 {
                let repaired = self.crews.map_or(down, |crews| down.min(crews as usize));
                transitions.push((down, down - 1, repaired as f64 * self.repair_rate));
            }
        }
        RepairableSystem::new(Chain::new(units + 1, transitions)?, up)
    }

    /// The mean number of units up.
    #[must_use]
    pub fn mean_up(self, system: &RepairableSystem) -> f64 {
        system.mean(|down| f64::from(self.units) - down as f64)
    }
}

/// An active unit and its standby: whoever fails is repaired, and the standby is promoted when the active unit fails. A failure of the
/// active unit is noticed with probability `coverage`; else the service waits for its repair (coverage: Arnold 1973; Dugan & Trivedi
/// 1989).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailoverPair {
    /// Of each unit, common cause included, in 1/s.
    pub failure_rate: f64,
    /// The fraction of it that comes from one cause that fails both (Fleming 1975).
    pub beta: f64,
    /// Of each unit under repair, in 1/s.
    pub repair_rate: f64,
    /// How many units are repaired at a time, 1 or 2.
    pub crews: u32,
    /// One over the mean time that a promotion takes, in 1/s.
    pub failover_rate: f64,
    /// The probability that the failure of the active unit is noticed.
    pub coverage: f64,
}

impl FailoverPair {
    /// The system. Its states: 0 both up and serving; 1 one serves, the other is in repair; 2 promotion pending; 3 promotion still
    /// pending though the failed unit is back (if the one to be promoted fails now, the other serves at once); 4 an unnoticed failure;
    /// 5 both failed, and the first one repaired serves. It is up in 0 and 1. Nothing where a rate is negative or not finite, there is
    /// no repair or promotion, a fraction is not one, or the crews are not 1 or 2.
    #[must_use]
    pub fn system(self) -> Option<RepairableSystem> {
        const BOTH: usize = 0;
        const ONE: usize = 1;
        const PENDING: usize = 2;
        const PENDING_BOTH: usize = 3;
        const UNNOTICED: usize = 4;
        const NONE: usize = 5;
        let fraction = |value: f64| (0.0..=1.0).contains(&value);
        if !(fraction(self.beta) && fraction(self.coverage) && positive(self.repair_rate) && positive(self.failover_rate)) {
            return None;
        }
        if !(1..=2).contains(&self.crews) {
            return None;
        }
        let (any, common, own) = (self.failure_rate, self.beta * self.failure_rate, (1.0 - self.beta) * self.failure_rate);
        let (repair, promotion) = (self.repair_rate, self.failover_rate);
        let transitions = [
            (BOTH, PENDING, self.coverage * own),
            (BOTH, UNNOTICED, (1.0 - self.coverage) * own),
            (BOTH, ONE, own),
            (BOTH, NONE, common),
            (ONE, BOTH, repair),
            (ONE, NONE, any),
            (PENDING, ONE, promotion),
            (PENDING, PENDING_BOTH, repair),
            (PENDING, NONE, any),
            (PENDING_BOTH, BOTH, promotion),
            (PENDING_BOTH, PENDING, own),
            (PENDING_BOTH, ONE, own),
            (PENDING_BOTH, NONE, common),
            (UNNOTICED, BOTH, repair),
            (UNNOTICED, NONE, any),
            (NONE, ONE, f64::from(self.crews) * repair),
        ];
        RepairableSystem::new(Chain::new(6, transitions)?, |state| state <= ONE)
    }
}

/// The mean time in s to the first outage of a system without repair: of `units` exponential lifetimes of rate `failure_rate` (1/s) the
/// one that leaves fewer than `needed`, the sum of 1 / (i rate) over i from `needed` to `units` (order statistics; Barlow & Proschan
/// 1975, chapter 2). Not a number where `needed` is 0 or above `units`, or the rate is not above 0.
#[must_use]
pub fn mean_time_without_repair(needed: u32, units: u32, failure_rate: f64) -> f64 {
    if needed == 0 || needed > units || !positive(failure_rate) {
        return f64::NAN;
    }
    (needed..=units).map(|up| 1.0 / (f64::from(up) * failure_rate)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::k_of_n;

    const PLAIN: Redundancy = Redundancy {
        units: 6,
        needed: 4,
        failure_rate: 0.005,
        shock_rate: 0.0,
        repair_rate: 0.025,
        crews: None,
        fail_while_down: true,
    };

    #[test]
    fn with_crews_for_all_the_units_are_independent() {
        let system = PLAIN.system().unwrap();
        assert!((system.availability() - k_of_n(4, 6, 0.025 / 0.03)).abs() < 1e-14);
        assert!((PLAIN.mean_up(&system) - 5.0).abs() < 1e-13);
        assert!((system.availability() + system.unavailability() - 1.0).abs() < 1e-14);
        let cycle = system.mean_outage() + system.mean_uptime();
        assert!((cycle * system.outages_per_sec() - 1.0).abs() < 1e-14);
        let crews = Redundancy { crews: Some(6), ..PLAIN };
        assert_eq!(crews.system(), PLAIN.system());
    }

    #[test]
    fn units_that_rest_while_the_system_is_down_are_up_more() {
        let rests = Redundancy { fail_while_down: false, ..PLAIN }.system().unwrap();
        // Down is only the state with one unit too few: three in repair.
        assert!((rests.mean_outage() - 1.0 / (3.0 * 0.025)).abs() < 1e-12);
        assert!(rests.unavailability() < PLAIN.system().unwrap().unavailability());
        let first = (rests.mean_time_to_first_outage(), PLAIN.system().unwrap().mean_time_to_first_outage());
        assert!((first.0 / first.1 - 1.0).abs() < 1e-13);
    }

    #[test]
    fn hardly_any_repair_is_none() {
        let system = Redundancy { repair_rate: 1e-12, ..PLAIN }.system().unwrap();
        assert!((system.mean_time_to_first_outage() / mean_time_without_repair(4, 6, 0.005) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn all_failures_by_a_common_cause_make_one_unit_of_two() {
        let pair = Redundancy { units: 2, needed: 1, ..PLAIN }.with_beta(1.0).system().unwrap();
        assert!((pair.outages_per_sec() - 0.005 * pair.availability()).abs() < 1e-15);
        assert!((pair.mean_outage() - 20.0).abs() < 1e-12);
    }

    #[test]
    fn a_pair_that_fails_over_at_once_is_one_of_two() {
        let pair =
            FailoverPair { failure_rate: 0.005, beta: 0.2, repair_rate: 0.025, crews: 1, failover_rate: 1e12, coverage: 1.0 };
        let plain = Redundancy { units: 2, needed: 1, crews: Some(1), ..PLAIN }.with_beta(0.2);
        let (pair, plain) = (pair.system().unwrap(), plain.system().unwrap());
        assert!((pair.unavailability() / plain.unavailability() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn senseless_systems_do_not_exist() {
        assert_eq!(Redundancy { needed: 7, ..PLAIN }.system(), None);
        assert_eq!(Redundancy { needed: 0, ..PLAIN }.system(), None);
        assert_eq!(Redundancy { crews: Some(0), ..PLAIN }.system(), None);
        assert_eq!(Redundancy { repair_rate: 0.0, ..PLAIN }.system(), None);
        assert_eq!(Redundancy { failure_rate: f64::NAN, ..PLAIN }.system(), None);
        assert_eq!(PLAIN.with_beta(1.5).system(), None);
        assert_eq!(Redundancy { units: u32::MAX, ..PLAIN }.system(), None);
        let pair = FailoverPair { failure_rate: 0.1, beta: 0.0, repair_rate: 1.0, crews: 2, failover_rate: 1.0, coverage: 0.9 };
        assert!(pair.system().is_some());
        assert_eq!(FailoverPair { coverage: 1.1, ..pair }.system(), None);
        assert_eq!(FailoverPair { crews: 3, ..pair }.system(), None);
        assert_eq!(FailoverPair { failover_rate: 0.0, ..pair }.system(), None);
        assert!(mean_time_without_repair(3, 2, 1.0).is_nan());
    }
}
