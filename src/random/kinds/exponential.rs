//! The exponential distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// Memoryless: what is left does not depend on what has passed.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Exponential {
    mean: f64,
}

impl Distribution {
    /// Exponential with that mean, above 0.
    ///
    /// # Errors
    /// Where the mean is outside 1e-30 to 1e30.
    pub fn exponential(mean: f64) -> Result<Self, InvalidDistribution> {
        Ok(Self::of(Exponential { mean: positive("mean", mean)? }))
    }
}

impl Kind for Exponential {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Exponential",
        parameters: &[DistributionParameter::amount("mean", "The mean.", POSITIVE)],
        mean: "mean",
        scv: "1",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 19",
        when: "Gaps between independent arrivals, and the usual first guess for service times.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean * stream.exponential()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn scv(&self) -> f64 {
        1.0
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-x.max(0.0) / self.mean)
    }

    fn quantile(&self, p: f64) -> f64 {
        -self.mean * libm::log1p(-p)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exponential, mean {}", unit.of(self.mean))
    }
}
