//! Equal sessions that stick to servers drawn at random: balls in bins.

/// m balls, each thrown into one of n bins, any of them and independently of the others: sessions of equal work that a hash spreads
/// over servers, or requests spread at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BallsInBins {
    balls: u32,
    bins: u32,
}

impl BallsInBins {
    /// The most balls of which the fullest bin is computed: seconds.
    pub const MOST_BALLS_OF_MAXIMUM: u32 = 20_000;

    /// So many balls in so many bins. Nothing where there is no ball or no bin.
    #[must_use]
    pub fn new(balls: u32, bins: u32) -> Option<Self> {
        (balls > 0 && bins > 0).then_some(Self { balls, bins })
    }

    /// The mean number of balls in a bin, m/n.
    #[must_use]
    pub fn mean(&self) -> f64 {
        f64::from(self.balls) / f64::from(self.bins)
    }

    /// The standard deviation of the number in one bin, sqrt(m/n (1 - 1/n)) (binomial).
    #[must_use]
    pub fn std(&self) -> f64 {
        (self.mean() * (1.0 - 1.0 / f64::from(self.bins))).sqrt()
    }

    /// The squared coefficient of variation of the number in one bin, (n - 1)/m. It is also the expected one of the numbers in all
    /// bins of one throw, as their mean is always m/n.
    #[must_use]
    pub fn scv(&self) -> f64 {
        (f64::from(self.bins) - 1.0) / f64::from(self.balls)
    }

    /// The probability that no bin has more than `most` balls. Numbers in bins are independent Poisson numbers of mean m/n given that
    /// they sum to m (Feller 1968, chapter IX; Mitzenmacher & Upfal 2005, section 5.4): the coefficient of `x^m` in the n-th power of the
    /// series of their probabilities up to `most`, divided by the same of all of them, so that their rounding cancels. Nothing where
    /// there are more balls than [`Self::MOST_BALLS_OF_MAXIMUM`].
    #[must_use]
    pub fn maximum_at_most(&self, most: u32) -> Option<f64> {
        (self.balls <= Self::MOST_BALLS_OF_MAXIMUM).then(|| self.at_most(most, &self.poisson()))
    }

    /// The expected number in the fullest bin, the sum over k from 0 of P(maximum > k), to about 12 digits (Raab & Steger 1998 has how
    /// it grows). Nothing where there are more balls than [`Self::MOST_BALLS_OF_MAXIMUM`].
    #[must_use]
    pub fn mean_maximum(&self) -> Option<f64> {
        if self.balls > Self::MOST_BALLS_OF_MAXIMUM {
            return None;
        }
        let (poisson, one) = (self.poisson(), self.one_bin());
        let bins = f64::from(self.bins);
        // Bins are negatively associated (Joag-Dev & Proschan 1983): no bin has more than k with at most the probability if they were
        // independent; and two bins have with at most that squared, so that small probabilities of single bins just add up.
        let over = |most: u32| {
            let above = one.tail(most as usize + 1);
            if bins * above < 1e-9 {
                bins * above
            } else if bins * libm::log1p(-above) < -42.0 {
                1.0
            } else {
                1.0 - self.at_most(most, &poisson)
            }
        };
        Some((0..self.balls).map(over).sum())
    }

    /// The expected number in the fullest bin as a multiple of the mean number. Nothing as in [`Self::mean_maximum`].
    #[must_use]
    pub fn mean_maximum_over_mean(&self) -> Option<f64> {
        Some(self.mean_maximum()? / self.mean())
    }

    /// The probabilities of a Poisson number of mean m/n, from 0 to m.
    fn poisson(self) -> Series {
        let mean = self.mean();
        Series::by_ratios(self.balls as usize, mean as usize, |k| mean / k as f64)
    }

    /// The probabilities of the number in one bin, binomial: p(k) / p(k - 1) = (m - k + 1) / (k (n - 1)).
    fn one_bin(self) -> Series {
        let (m, others) = (self.balls as usize, f64::from(self.bins) - 1.0);
        if self.bins == 1 {
            return Series { from: m, values: vec![1.0] };
        }
        Series::by_ratios(m, self.mean() as usize, |k| (m + 1 - k) as f64 / (k as f64 * others))
    }

    /// See [`Self::maximum_at_most`].
    fn at_most(self, most: u32, poisson: &Series) -> f64 {
        if u64::from(most) * u64::from(self.bins) < u64::from(self.balls) {
            return 0.0;
        }
        if most >= self.balls {
            return 1.0;
        }
        let sum = self.balls as usize;
        (poisson.up_to(most as usize).in_power(self.bins, sum) / poisson.in_power(self.bins, sum)).min(1.0)
    }
}

/// The coefficients of a power series from the exponent `from` up, none of them negative; all others are 0.
#[derive(Debug, Clone)]
struct Series {
    from: usize,
    values: Vec<f64>,
}

impl Series {
    /// Coefficients for 0 to `last` that sum to 1, `ratio(k)` being that of k to that of k - 1; `middle` is about the largest.
    fn by_ratios(last: usize, middle: usize, ratio: impl Fn(usize) -> f64) -> Self {
        let middle = middle.min(last);
        let mut values = vec![0.0; last + 1];
        values[middle] = 1.0;
        for k in middle + 1..=last {
            values[k] = values[k - 1] * ratio(k);
        }
        for k in (1..=middle).rev() {
            values[k - 1] = values[k] / ratio(k);
        }
        let total: f64 = values.iter().sum();
        values.iter_mut().for_each(|value| *value /= total);
        Self { from: 0, values }
    }

    /// The sum of the coefficients from this exponent up.
    fn tail(&self, exponent: usize) -> f64 {
        self.values.iter().skip(exponent.saturating_sub(self.from)).rev().sum()
    }

    /// The series without what is above this exponent.
    fn up_to(&self, exponent: usize) -> Self {
        let kept = (exponent + 1).saturating_sub(self.from).min(self.values.len());
        Self { from: self.from, values: self.values[..kept].to_vec() }
    }

    /// The series without coefficients at both ends of at most `least`.
    fn trimmed(self, least: f64) -> Self {
        let Some(first) = self.values.iter().position(|value| *value > least) else {
            return Self { from: 0, values: Vec::new() };
        };
        let last = self.values.iter().rposition(|value| *value > least).unwrap_or(first);
        Self { from: self.from + first, values: self.values[first..=last].to_vec() }
    }

    /// The product of two series up to the exponent `last`.
    fn times(&self, other: &Self, last: usize) -> Self {
        let from = self.from + other.from;
        let room = (last + 1).saturating_sub(from);
        let length = (self.values.len() + other.values.len()).saturating_sub(1).min(room);
        let mut values = vec![0.0; length];
        for (shift, factor) in self.values.iter().enumerate().take(length) {
            for (value, term) in values[shift..].iter_mut().zip(&other.values) {
                *value += factor * term;
            }
        }
        Self { from, values }
    }

    /// The coefficient of `x^exponent` in the product of two series.
    fn in_product(&self, other: &Self, exponent: usize) -> f64 {
        let of = |k: usize| other.values.get(k.checked_sub(other.from)?).copied();
        let term = |(k, value): (usize, &f64)| Some(value * of(exponent.checked_sub(self.from + k)?)?);
        self.values.iter().enumerate().filter_map(term).sum()
    }

    /// The coefficient of `x^exponent` in the `power`-th power, at least the first, of a series whose coefficients sum to at most 1: by
    /// squaring, the last product for the one coefficient only. What is trimmed are sums too rare to be seen after all products.
    fn in_power(&self, power: u32, exponent: usize) -> f64 {
        let least = 1e-26 / f64::from(power);
        let mut square = self.clone().trimmed(least);
        let mut product = Self { from: 0, values: vec![1.0] };
        let mut left = power;
        while left > 1 {
            if left & 1 == 1 {
                product = product.times(&square, exponent).trimmed(least);
            }
            left >>= 1;
            // Of a power of 2 the last square is all that is left.
            if left == 1 && power.is_power_of_two() {
                return square.in_product(&square, exponent);
            }
            square = square.times(&square, exponent).trimmed(least);
        }
        product.in_product(&square, exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} for {expected}");
    }

    fn balls(balls: u32, bins: u32) -> BallsInBins {
        BallsInBins::new(balls, bins).unwrap()
    }

    /// A hundred sessions, then ten, hashed to ten servers (exact; Raab & Steger 1998 for the growth).
    #[test]
    fn figures_of_ten_servers() {
        let hundred = balls(100, 10);
        near(hundred.mean_maximum().unwrap(), 15.124_527_428_8, 1e-11);
        near(hundred.mean_maximum_over_mean().unwrap(), 1.512_452_742_88, 1e-11);
        near(hundred.scv(), 0.09, 1e-14);
        near(hundred.std(), 3.0, 1e-14);
        let ten = balls(10, 10);
        near(ten.mean_maximum().unwrap(), 2.748_689_11, 1e-11);
        near(ten.mean_maximum_over_mean().unwrap(), 2.748_689_11, 1e-11);
        near(ten.scv(), 0.9, 1e-14);
        near(ten.std(), 0.948_683_298_051, 1e-11);
    }

    /// Ten thousand requests at random over eight servers (multinomial).
    #[test]
    fn figures_of_random_requests() {
        let requests = balls(10_000, 8);
        near(requests.scv(), 0.0007, 1e-14);
        near(requests.std(), 33.071_891_388_3, 1e-11);
    }

    /// All throws one by one.
    fn by_hand(balls: u32, bins: u32) -> f64 {
        let throws = bins.pow(balls);
        let fullest = |throw: u32| {
            let mut counts = vec![0_u32; bins as usize];
            (0..balls).for_each(|ball| counts[(throw / bins.pow(ball) % bins) as usize] += 1);
            counts.into_iter().max().map_or(0.0, f64::from)
        };
        (0..throws).map(fullest).sum::<f64>() / f64::from(throws)
    }

    #[test]
    fn every_throw_counts() {
        for (m, n) in [(1, 1), (5, 1), (1, 7), (7, 2), (7, 3), (6, 5), (5, 6), (4, 9), (10, 3)] {
            near(balls(m, n).mean_maximum().unwrap(), by_hand(m, n), 1e-13);
        }
    }

    /// Of two bins the fuller one has m/2 + |X - m/2|, X binomial; E|X - m/2| = m C(m - 1, m/2) / 2^m for even m (De Moivre 1730).
    #[test]
    fn two_bins_with_many_balls() {
        let deviation = |m: u32| (1..=m / 2).fold(f64::from(m) / 2.0, |product, k| product * (1.0 - 1.0 / f64::from(2 * k)));
        for m in [2, 100, 2_000, 20_000] {
            near(balls(m, 2).mean_maximum().unwrap(), f64::from(m / 2) + deviation(m), 1e-12);
        }
    }

    /// Two balls meet with probability 1/n, three all with 1/n^2 and any two of them with 1 - (1 - 1/n)(1 - 2/n).
    #[test]
    fn few_balls_in_many_bins() {
        for n in [10_u32, 1_000, 10_000_000, u32::MAX] {
            let rare = 1.0 / f64::from(n);
            let found = balls(2, n).mean_maximum().unwrap() - 1.0;
            assert!((found - rare).abs() < 1e-15, "{found}");
            let two = 1.0 - (1.0 - rare) * (1.0 - 2.0 * rare);
            assert!((balls(3, n).mean_maximum().unwrap() - 1.0 - two - rare * rare).abs() < 1e-15);
            assert!((balls(3, n).maximum_at_most(1).unwrap() - (1.0 - two)).abs() < 1e-15);
        }
    }

    #[test]
    fn probabilities_rise_from_0_to_1() {
        let throw = balls(60, 12);
        assert_eq!((throw.maximum_at_most(4), throw.maximum_at_most(60)), (Some(0.0), Some(1.0)));
        assert_eq!(balls(5, 5).maximum_at_most(u32::MAX), Some(1.0));
        let all: Vec<f64> = (4..=60).map(|k| throw.maximum_at_most(k).unwrap()).collect();
        assert!(all.is_sorted(), "{all:?}");
        // Exactly five everywhere: 60! / (5!^12 12^60).
        let log = |from: u32, to: u32| (from..=to).map(|k| libm::log(f64::from(k))).sum::<f64>();
        let even = libm::exp(log(1, 60) - 12.0 * log(1, 5) - 60.0 * libm::log(12.0));
        near(throw.maximum_at_most(5).unwrap(), even, 1e-11);
    }

    #[test]
    fn nothing_to_throw() {
        assert_eq!((BallsInBins::new(0, 1), BallsInBins::new(1, 0)), (None, None));
        let many = balls(20_001, 10);
        assert_eq!((many.mean_maximum(), many.maximum_at_most(9), many.mean_maximum_over_mean()), (None, None, None));
        near(many.std(), (20_001.0_f64 * 0.09).sqrt(), 1e-14);
    }
}
