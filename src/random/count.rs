//! How many: whole numbers of at least 1.

use super::{Distribution, Stream, elementary};
use std::fmt;

/// A distribution of whole numbers of at least 1, such as the requests of a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// Always the same number, at least 1.
    Fixed(u32),
    /// P(n) = (1 - q) q^(n - 1) for n = 1, 2, ..., with this mean of at least 1: after each, the next is as likely as after any other.
    Geometric {
        /// 1 / (1 - q).
        mean: f64,
    },
    /// A distribution of numbers, each rounded to the nearest whole number of at least 1.
    Rounded(Distribution),
}

impl Count {
    /// A sample from 1 to 2^32 - 1.
    #[must_use]
    pub fn sample(&self, stream: &mut Stream) -> u32 {
        match self {
            Self::Fixed(number) => (*number).max(1),
            Self::Geometric { mean } if *mean <= 1.0 => 1,
            // The whole part of an exponential number is geometric.
            Self::Geometric { mean } => {
                let rate = -elementary::ln(1.0 - 1.0 / mean);
                (stream.exponential() / rate) as u32 + 1
            }
            Self::Rounded(distribution) => (distribution.sample(stream).round() as u32).max(1),
        }
    }

    /// The exact mean; of rounded numbers, its sum up to the rank beyond which less than 1e-9 lies, and at most a million terms.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Fixed(number) => f64::from((*number).max(1)),
            Self::Geometric { mean } => mean.max(1.0),
            Self::Rounded(distribution) => {
                let beyond = |number: u32| 1.0 - distribution.cdf(f64::from(number) - 0.5);
                1.0 + (2..1_000_000).map(beyond).take_while(|p| *p > 1e-9).sum::<f64>()
            }
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(number) => write!(f, "{number}"),
            Self::Geometric { mean } => write!(f, "geometric, mean {mean}"),
            Self::Rounded(distribution) => write!(f, "{distribution}, rounded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{InvalidDistribution, Role, Seed};

    /// Means of 200,000 samples, five standard errors wide: wrong in one of a million.
    #[test]
    fn samples_have_the_mean_that_is_told() -> Result<(), InvalidDistribution> {
        let counts = [
            (Count::Fixed(7), 0.0),
            (Count::Geometric { mean: 8.0 }, 56.0),
            (Count::Geometric { mean: 1.0 }, 0.0),
            (Count::Rounded(Distribution::log_normal(5.0, 1.0)?), 25.0),
            (Count::Rounded(Distribution::exponential(0.5)?), 1.0),
        ];
        for (count, variance) in counts {
            let mut stream = Stream::new(Seed(5), 0, Role::Visits, 0);
            let number = 200_000;
            let mean = (0..number).map(|_| f64::from(count.sample(&mut stream))).sum::<f64>() / f64::from(number);
            let error = 5.0 * (variance / f64::from(number)).sqrt();
            assert!((mean - count.mean()).abs() <= error, "{count}: {mean} against {}", count.mean());
        }
        Ok(())
    }

    #[test]
    fn a_geometric_number_is_one_as_often_as_it_should_be() {
        let count = Count::Geometric { mean: 4.0 };
        let mut stream = Stream::new(Seed(6), 0, Role::Visits, 0);
        let ones = (0..100_000).filter(|_| count.sample(&mut stream) == 1).count();
        // 25,000, standard deviation 137.
        assert!(ones.abs_diff(25_000) < 600, "{ones}");
    }
}
