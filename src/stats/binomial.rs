//! The binomial distribution by exact summation, for counts of successes among independent trials.

/// The probabilities of a binomial distribution that matter: outside of them lies less than 1e-17 of the whole.
///
/// The weights come from the ratio of neighbours, outwards from the mode, and are divided by their sum: no factorials, no
/// logarithms, the same bits on every platform.
pub(super) struct Binomial {
    first: u64,
    probabilities: Vec<f64>,
}

impl Binomial {
    /// The number of successes in `n` trials of probability `p`; nothing where `p` is not from 0 to 1 or there are more
    /// than [`MOST_TRIALS`].
    pub(super) fn new(n: u64, p: f64) -> Option<Self> {
        if n > MOST_TRIALS || !(0.0..=1.0).contains(&p) {
            return None;
        }
        if p == 1.0 {
            return Some(Self { first: n, probabilities: vec![1.0] });
        }
        let odds = p / (1.0 - p);
        let mode = (((n as f64 + 1.0) * p) as u64).min(n);
        let mut probabilities = Vec::new();
        let (mut weight, mut k) = (1.0, mode);
        while k > 0 && weight > NEGLIGIBLE {
            weight *= k as f64 / ((n - k + 1) as f64 * odds);
            k -= 1;
            probabilities.push(weight);
        }
        let first = k;
        probabilities.reverse();
        (weight, k) = (1.0, mode);
        probabilities.push(weight);
        while k < n && weight > NEGLIGIBLE {
            weight *= (n - k) as f64 * odds / (k + 1) as f64;
            k += 1;
            probabilities.push(weight);
        }
        let total: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|weight| *weight /= total);
        Some(Self { first, probabilities })
    }

    /// P(successes < k).
    pub(super) fn below(&self, k: u64) -> f64 {
        let until = (k.saturating_sub(self.first) as usize).min(self.probabilities.len());
        self.probabilities[..until].iter().sum()
    }

    /// The largest k with P(successes < k) <= `tail`.
    pub(super) fn low_rank(&self, tail: f64) -> u64 {
        let mut below = 0.0;
        let fits = |probability: &&f64| {
            below += **probability;
            below <= tail
        };
        self.first + self.probabilities.iter().take_while(fits).count() as u64
    }

    /// The smallest k with P(successes >= k) <= `tail`; one more than the number of trials where no fewer do.
    pub(super) fn high_rank(&self, tail: f64) -> u64 {
        let mut above = 0.0;
        let fits = |probability: &&f64| {
            above += **probability;
            above <= tail
        };
        let beyond = self.probabilities.iter().rev().take_while(fits).count();
        self.first + (self.probabilities.len() - beyond) as u64
    }
}

/// The most trials that are accepted: about 350,000 probabilities matter then.
pub(super) const MOST_TRIALS: u64 = 1_000_000_000;
/// Weights below this, beside 1 at the mode, end the sums.
const NEGLIGIBLE: f64 = 1e-25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_coins() {
        let coins = Binomial::new(4, 0.5).unwrap();
        let expected = [0.0, 1.0, 5.0, 11.0, 15.0, 16.0, 16.0];
        for (k, sixteenths) in expected.into_iter().enumerate() {
            assert!((coins.below(k as u64) - sixteenths / 16.0).abs() < 1e-15, "{k}");
        }
        assert_eq!((coins.low_rank(0.05), coins.low_rank(0.07), coins.high_rank(0.07), coins.high_rank(0.05)), (0, 1, 4, 5));
    }

    #[test]
    fn certain_and_impossible() {
        assert_eq!(Binomial::new(5, 0.0).unwrap().below(1), 1.0);
        assert_eq!((Binomial::new(5, 1.0).unwrap().below(5), Binomial::new(5, 1.0).unwrap().below(6)), (0.0, 1.0));
        assert!(Binomial::new(u64::MAX, 0.5).is_none() && Binomial::new(MOST_TRIALS, 0.5).is_some());
        assert!(Binomial::new(5, 1.1).is_none() && Binomial::new(5, f64::NAN).is_none());
        assert_eq!(Binomial::new(0, 0.3).unwrap().below(1), 1.0);
    }
}
