//! The log-normal distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive, within};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream, elementary};
use std::fmt;

/// A number whose logarithm is normal.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct LogNormal {
    mean: f64,
    cv: f64,
    median: f64,
    /// Standard deviation of the logarithm.
    sigma: f64,
}

/// What `cv` must be.
const CV: &str = "a number from 0.000001 to 1000";

impl Distribution {
    /// Log-normal with that mean and coefficient of variation (standard deviation / mean, from 1e-6 to 1,000).
    ///
    /// # Errors
    /// Where the coefficient is outside that range or the mean outside 1e-30 to 1e30.
    pub fn log_normal(mean: f64, cv: f64) -> Result<Self, InvalidDistribution> {
        let mean = positive("mean", mean)?;
        let cv = within("cv", cv, 1e-6, 1e3, CV)?;
        // sigma^2 = ln(1 + cv^2) and median = mean exp(-sigma^2 / 2) = mean / sqrt(1 + cv^2).
        let squared = cv * cv;
        Ok(Self::of(LogNormal { mean, cv, median: mean / (1.0 + squared).sqrt(), sigma: libm::log1p(squared).sqrt() }))
    }
}

impl Kind for LogNormal {
    const HELP: DistributionHelp = DistributionHelp {
        name: "LogNormal",
        parameters: &[
            DistributionParameter::amount("mean", "The mean.", POSITIVE),
            DistributionParameter::number("cv", "The coefficient of variation: standard deviation / mean.", CV),
        ],
        mean: "mean",
        scv: "cv^2",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 14",
        when: "Measured service times of many real services: a long but not very heavy tail.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.median * elementary::exp(self.sigma * stream.normal())
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn scv(&self) -> f64 {
        self.cv * self.cv
    }

    fn cdf(&self, x: f64) -> f64 {
        let deviations = libm::log(x.max(0.0) / self.median) / self.sigma;
        0.5 * libm::erfc(-deviations / std::f64::consts::SQRT_2)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log-normal, mean {}, cv {}", unit.of(self.mean), self.cv)
    }
}
