//! How much of a given time a server is up.

use super::positive;

/// The share of the first `horizon` seconds in which a server is up that begins up, with exponential lifetimes and repairs (Takacs 1957;
/// Barlow & Hunter 1960).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalAvailability {
    failure_rate: f64,
    repair_rate: f64,
    horizon: f64,
}

impl IntervalAvailability {
    /// So many failures, or repairs, may be expected within the horizon: sums over their number have to end.
    const MOST_EVENTS: f64 = 1e10;

    /// The server with these rates in 1/s, over `horizon` seconds. Nothing where one of them is not above 0 and finite, or more than
    /// 10^10 failures or repairs fit into the horizon.
    #[must_use]
    pub fn new(failure_rate: f64, repair_rate: f64, horizon: f64) -> Option<Self> {
        let sound = positive(failure_rate) && positive(repair_rate) && positive(horizon);
        let few = failure_rate.max(repair_rate) * horizon <= Self::MOST_EVENTS;
        (sound && few).then_some(Self { failure_rate, repair_rate, horizon })
    }

    /// The fraction of time in which the server is up in the long run.
    fn limit(&self) -> f64 {
        self.repair_rate / (self.failure_rate + self.repair_rate)
    }

    /// How fast the beginning is forgotten, in 1/s.
    fn forgetting(&self) -> f64 {
        self.failure_rate + self.repair_rate
    }

    /// The probability that the server is up at the end, mu / g + lambda / g exp(-g t) with g = lambda + mu (Barlow & Proschan 1975,
    /// chapter 7).
    #[must_use]
    pub fn p_up_at_end(&self) -> f64 {
        let limit = self.limit();
        limit + (1.0 - limit) * libm::exp(-self.forgetting() * self.horizon)
    }

    /// The mean share, the integral of the probability to be up over the horizon.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (limit, x) = (self.limit(), self.forgetting() * self.horizon);
        limit - (1.0 - limit) * libm::expm1(-x) / x
    }

    /// The standard deviation of the share, from the integral over the probability to be up at two times. With x = (lambda + mu) t it is
    /// good to about 1e-15 / x^3 relative.
    #[must_use]
    pub fn std(&self) -> f64 {
        let (up, x) = (self.limit(), self.forgetting() * self.horizon);
        let (down, gone, rest) = (1.0 - up, -libm::expm1(-x), libm::exp(-x));
        let variance = 2.0 * up * down * (x * (1.0 + rest) - 2.0 * gone) + down * down * (1.0 - 2.0 * x * rest - rest * rest);
        variance.max(0.0).sqrt() / x
    }

    /// The probability of not going down at all, exp(-lambda t).
    #[must_use]
    pub fn p_no_downtime(&self) -> f64 {
        libm::exp(-self.failure_rate * self.horizon)
    }

    /// The probability of at most `secs` of downtime: Takacs's sum over n of P(n failures in t - x of uptime) times P(n repairs take at
    /// most x), which is the probability that a Poisson number of mean lambda (t - x) is not above one of mean mu x. 0 below 0, 1 from
    /// the horizon on.
    #[must_use]
    pub fn p_downtime_at_most(&self, secs: f64) -> f64 {
        if secs < 0.0 {
            0.0
        } else if secs < self.horizon {
            p_not_above(self.failure_rate * (self.horizon - secs), self.repair_rate * secs)
        } else if secs >= self.horizon {
            1.0
        } else {
            f64::NAN
        }
    }

    /// The quantile of the share: reached or fallen short of with probability `p`. 1 where no downtime is likely enough. Not a number
    /// for `p` outside 0 to 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        if self.p_no_downtime() >= 1.0 - p {
            return 1.0;
        }
        let (mut low, mut high) = (0.0, self.horizon);
        // Each step halves the distance: after 80 none is left.
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.p_downtime_at_most(middle) < 1.0 - p { low = middle } else { high = middle }
        }
        1.0 - high / self.horizon
    }
}

/// The probability that a Poisson number of mean `one` is not above an independent one of mean `other`.
fn p_not_above(one: f64, other: f64) -> f64 {
    let (first, ones) = poisson(one);
    let (start, others) = poisson(other);
    // The probability that the other number is at least the one looked at.
    let mut tail: f64 = others.iter().sum();
    let (mut gone, mut sum) = (0, 0.0);
    for (number, probability) in (first..).zip(&ones) {
        while gone < others.len() && start + (gone as u64) < number {
            tail -= others[gone];
            gone += 1;
        }
        sum += probability * tail.max(0.0);
    }
    sum.min(1.0)
}

/// The probabilities of a Poisson number of this mean, from the first that counts: built from the most likely number to both sides,
/// then scaled to a sum of 1.
fn poisson(mean: f64) -> (u64, Vec<f64>) {
    const NEGLIGIBLE: f64 = 1e-22;
    let mode = mean.floor();
    let mut below = Vec::new();
    let (mut weight, mut number) = (1.0, mode);
    while number > 0.0 && weight > NEGLIGIBLE {
        weight *= number / mean;
        number -= 1.0;
        below.push(weight);
    }
    let first = number as u64;
    let mut weights: Vec<f64> = below.into_iter().rev().collect();
    (weight, number) = (1.0, mode);
    while weight > NEGLIGIBLE {
        weights.push(weight);
        number += 1.0;
        weight *= mean / number;
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    (first, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_the_integral_of_the_distribution() {
        for (failure, repair, horizon) in [(0.001, 0.01, 2_000.0), (1.0, 1.0, 3.0), (0.5, 0.01, 10.0), (2.0, 5.0, 1_000.0)] {
            let server = IntervalAvailability::new(failure, repair, horizon).unwrap();
            let (steps, mut mean, mut square) = (2_000, 0.0, 0.0);
            for step in 0..steps {
                let x = (f64::from(step) + 0.5) / f64::from(steps);
                let exceeds = 1.0 - server.p_downtime_at_most(x * horizon);
                mean += exceeds / f64::from(steps);
                square += 2.0 * x * exceeds / f64::from(steps);
            }
            assert!((1.0 - mean - server.mean()).abs() < 1e-6, "{mean} {}", server.mean());
            assert!(((square - mean * mean).sqrt() - server.std()).abs() < 1e-5);
        }
    }

    #[test]
    fn the_distribution_has_a_step_at_no_downtime_and_ends_at_the_horizon() {
        let server = IntervalAvailability::new(0.001, 0.01, 2_000.0).unwrap();
        assert!((server.p_downtime_at_most(0.0) - server.p_no_downtime()).abs() < 1e-15);
        assert_eq!((server.p_downtime_at_most(-1.0), server.p_downtime_at_most(2_000.0)), (0.0, 1.0));
        assert!(server.p_downtime_at_most(f64::NAN).is_nan());
        assert_eq!(server.quantile(0.9), 1.0);
        let down = (1.0 - server.quantile(0.05)) * 2_000.0;
        assert!((server.p_downtime_at_most(down) - 0.95).abs() < 1e-12);
        assert!(server.quantile(-0.1).is_nan());
    }

    #[test]
    fn senseless_servers_do_not_exist() {
        for (failure, repair, horizon) in [(0.0, 1.0, 1.0), (1.0, f64::NAN, 1.0), (1.0, 1.0, -1.0), (1.0, 1.0, 1e11)] {
            assert_eq!(IntervalAvailability::new(failure, repair, horizon), None);
        }
    }
}
