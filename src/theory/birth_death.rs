//! The steady state of a finite birth-and-death chain.

/// The probabilities of the states 0, 1, ..., K of a chain that moves between neighbours only: p(n) is proportional to
/// the product of birth(k - 1) / death(k) over k from 1 to n (Kleinrock 1975, equation 3.11).
#[derive(Debug, Clone, PartialEq)]
pub struct BirthDeath {
    probabilities: Vec<f64>,
}

impl BirthDeath {
    /// The most states that are accepted.
    pub const MOST_STATES: usize = 1 << 24;

    /// The chain with the states 0 to `last`, its rates in 1/s: `birth(n)` from n to n + 1, `death(n)` from n to n - 1.
    /// Nothing where there are too many states, or a rate that is used is negative, not finite, or (of a death) 0.
    #[must_use]
    pub fn new(last: usize, birth: impl Fn(usize) -> f64, death: impl Fn(usize) -> f64) -> Option<Self> {
        /// Weights beyond this are scaled down, so that none overflows.
        const LARGE: f64 = 1e200;
        if last >= Self::MOST_STATES {
            return None;
        }
        let mut weights = Vec::with_capacity(last + 1);
        let mut weight = 1.0;
        weights.push(weight);
        for n in 1..=last {
            let (up, down) = (birth(n - 1), death(n));
            weight *= up / down;
            if !(up >= 0.0 && down > 0.0 && down.is_finite() && weight.is_finite()) {
                return None;
            }
            weights.push(weight);
            if weight > LARGE {
                // What is 0 already stays so, which keeps the whole linear in the number of states.
                weights.iter_mut().rev().take_while(|one| **one > 0.0).for_each(|one| *one /= weight);
                weight = 1.0;
            }
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|one| *one /= total);
        Some(Self { probabilities: weights })
    }

    /// The fraction of time in each state, from 0 up.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The time average of a function of the state.
    #[must_use]
    pub fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.probabilities.iter().enumerate().map(|(n, probability)| probability * of(n)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_walk_is_uniform_and_a_steep_one_does_not_overflow() {
        let flat = BirthDeath::new(3, |_| 2.0, |_| 2.0).unwrap();
        assert_eq!(flat.probabilities(), [0.25; 4]);
        assert_eq!(flat.mean(|n| n as f64), 1.5);
        let steep = BirthDeath::new(1_000, |_| 1e6, |_| 1.0).unwrap();
        assert!((steep.probabilities()[1_000] - (1.0 - 1e-6)).abs() < 1e-12);
        assert_eq!(steep.probabilities()[0], 0.0);
        let long = BirthDeath::new(1_000_000, |_| 1e9, |_| 1.0).unwrap();
        assert!((long.mean(|n| n as f64) - 1e6).abs() < 1e-8);
    }

    #[test]
    fn senseless_rates_give_nothing() {
        assert_eq!(BirthDeath::new(1, |_| 1.0, |_| 0.0), None);
        assert_eq!(BirthDeath::new(1, |_| -1.0, |_| 1.0), None);
        assert_eq!(BirthDeath::new(1, |_| f64::NAN, |_| 1.0), None);
        assert_eq!(BirthDeath::new(usize::MAX, |_| 1.0, |_| 1.0), None);
    }
}
