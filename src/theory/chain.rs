//! Finite Markov chains in continuous time.

/// A chain with states 0, 1, ..., n - 1 and constant rates in 1/s. It is solved by elimination without subtraction (Grassmann, Taksar
/// & Heyman 1985), so that also tiny probabilities keep their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    states: usize,
    /// From each state to each other one, row by row.
    rates: Vec<f64>,
}

impl Chain {
    /// The most states that are accepted; the work grows with their cube.
    pub const MOST_STATES: usize = 1 << 10;

    /// The chain with these transitions (from, to, rate); rates between the same two states add up, and one from a state to itself does
    /// nothing. Nothing where there is no state or more than [`Chain::MOST_STATES`], a transition names a state that is not there, or a
    /// rate is negative or not finite.
    #[must_use]
    pub fn new(states: usize, transitions: impl IntoIterator<Item = (usize, usize, f64)>) -> Option<Self> {
        if states == 0 || states > Self::MOST_STATES {
            return None;
        }
        let mut rates = vec![0.0; states * states];
        for (from, to, rate) in transitions {
            if from >= states || to >= states || !(rate >= 0.0 && rate.is_finite()) {
                return None;
            }
            if from != to {
                rates[from * states + to] += rate;
            }
        }
        Some(Self { states, rates })
    }

    /// How many states there are.
    #[must_use]
    pub const fn states(&self) -> usize {
        self.states
    }

    /// The rate in 1/s from one state to another one; 0 from a state to itself, or where a state is not there.
    #[must_use]
    pub fn rate(&self, from: usize, to: usize) -> f64 {
        if to < self.states { self.rates.get(from * self.states + to).copied().unwrap_or(0.0) } else { 0.0 }
    }

    /// The fraction of time in each state in the long run. Nothing where state 0 cannot be reached from every other state: then the long
    /// run may depend on the beginning.
    #[must_use]
    pub fn stationary(&self) -> Option<Vec<f64>> {
        let (n, mut rates) = (self.states, self.rates.clone());
        for last in (1..n).rev() {
            let out: f64 = rates[last * n..last * n + last].iter().sum();
            if out <= 0.0 {
                return None;
            }
            for from in 0..last {
                // From here on this is the expected time in `last` per unit of time in `from`.
                let into = rates[from * n + last] / out;
                rates[from * n + last] = into;
                pass_on(&mut rates, n, (from, last), into);
            }
        }
        let mut weights = vec![1.0];
        for state in 1..n {
            weights.push(weights.iter().enumerate().map(|(from, weight)| weight * rates[from * n + state]).sum());
        }
        let total: f64 = weights.iter().sum();
        Some(weights.into_iter().map(|weight| weight / total).collect())
    }

    /// The mean time in s from state 0 until the first state for which `reached` holds: 0 if that is state 0. Infinite where it is not
    /// certain to be reached.
    #[must_use]
    pub fn mean_time_until(&self, reached: impl Fn(usize) -> bool) -> f64 {
        let n = self.states;
        let goal: Vec<bool> = (0..n).map(reached).collect();
        if goal[0] {
            return 0.0;
        }
        let mut rates = self.rates.clone();
        // Time spent per visit, in units of the rate at which the state is left.
        let mut times = vec![1.0; n];
        for last in (1..n).rev().filter(|&state| !goal[state]) {
            let out = left(&rates, n, last, &goal);
            for from in (0..last).filter(|&state| !goal[state]) {
                let into = rates[from * n + last];
                if into <= 0.0 {
                    continue;
                }
                if out <= 0.0 {
                    // Who gets there never leaves.
                    times[from] = f64::INFINITY;
                    continue;
                }
                times[from] += into / out * times[last];
                pass_on(&mut rates, n, (from, last), into / out);
                for to in (last + 1..n).filter(|&state| goal[state]) {
                    rates[from * n + to] += into / out * rates[last * n + to];
                }
            }
        }
        let out = left(&rates, n, 0, &goal);
        if out > 0.0 { times[0] / out } else { f64::INFINITY }
    }
}

/// Sends what goes from `from` to the eliminated state `last` on to the states before it.
fn pass_on(rates: &mut [f64], n: usize, (from, last): (usize, usize), into: f64) {
    for to in (0..last).filter(|&to| to != from) {
        rates[from * n + to] += into * rates[last * n + to];
    }
}

/// The rate out of `state` to states that are not eliminated yet: those before it, and the goal.
fn left(rates: &[f64], n: usize, state: usize, goal: &[bool]) -> f64 {
    (0..n).filter(|&to| to < state || (goal[to] && to != state)).map(|to| rates[state * n + to]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_spends_its_time_in_inverse_proportion_to_the_rates() {
        let chain = Chain::new(3, [(0, 1, 1.0), (1, 2, 2.0), (2, 0, 4.0)]).unwrap();
        let expected = [4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0];
        for (own, exact) in chain.stationary().unwrap().iter().zip(expected) {
            assert!((own - exact).abs() < 1e-15);
        }
        assert!((chain.mean_time_until(|state| state == 2) - 1.5).abs() < 1e-15);
        assert!((chain.mean_time_until(|state| state == 1) - 1.0).abs() < 1e-15);
        assert_eq!(chain.mean_time_until(|state| state == 0), 0.0);
    }

    #[test]
    fn the_goal_may_lie_between_other_states() {
        // From 0 to 2 or 3 at equal rates, from 3 back to 0 or on to 2; 1 is the goal of nobody.
        let chain = Chain::new(4, [(0, 2, 1.0), (0, 3, 1.0), (3, 0, 1.0), (3, 2, 1.0)]).unwrap();
        // h0 = 1/2 + h3/2, h3 = 1/2 + h0/2.
        assert!((chain.mean_time_until(|state| state == 2) - 1.0).abs() < 1e-15);
        assert_eq!(chain.mean_time_until(|state| state == 1), f64::INFINITY);
    }

    #[test]
    fn a_trap_makes_the_time_infinite_and_the_long_run_unknown() {
        let chain = Chain::new(3, [(0, 1, 1.0), (0, 2, 1.0), (1, 0, 1.0)]).unwrap();
        assert_eq!(chain.stationary(), None);
        assert_eq!(chain.mean_time_until(|state| state == 1), f64::INFINITY);
        assert!((chain.mean_time_until(|state| state == 2) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn tiny_probabilities_keep_their_digits() {
        let chain = Chain::new(3, [(0, 1, 1e-12), (1, 0, 1.0), (1, 2, 1e-12), (2, 1, 1.0)]).unwrap();
        assert!((chain.stationary().unwrap()[2] / 1e-24 - 1.0).abs() < 1e-11);
    }

    #[test]
    fn senseless_chains_do_not_exist() {
        assert_eq!(Chain::new(0, []), None);
        assert_eq!(Chain::new(2, [(0, 2, 1.0)]), None);
        assert_eq!(Chain::new(2, [(0, 1, -1.0)]), None);
        assert_eq!(Chain::new(2, [(0, 1, f64::NAN)]), None);
        assert_eq!(Chain::new(Chain::MOST_STATES + 1, []), None);
    }
}
