//! The Weibull distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive, within};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream, elementary};
use std::fmt;

/// A power of an exponential number.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Weibull {
    shape: f64,
    scale: f64,
    power: f64,
}

/// What `shape` must be.
const SHAPE: &str = "a number from 0.05 to 1000";

impl Distribution {
    /// Weibull with that shape, from 0.05 to 1,000, and scale: above `scale` with probability exp(-1).
    ///
    /// # Errors
    /// Where the shape is outside that range or the scale outside 1e-30 to 1e30.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, InvalidDistribution> {
        let shape = within("shape", shape, 0.05, 1e3, SHAPE)?;
        Ok(Self::of(Weibull { shape, scale: positive("scale", scale)?, power: 1.0 / shape }))
    }

    /// Weibull with that shape, from 0.05 to 1,000, and mean.
    ///
    /// # Errors
    /// Where the shape is outside that range or the mean outside 1e-30 to 1e30.
    pub fn weibull_with_mean(shape: f64, mean: f64) -> Result<Self, InvalidDistribution> {
        let shape = within("shape", shape, 0.05, 1e3, SHAPE)?;
        let scale = positive("mean", mean)? / libm::tgamma(1.0 + 1.0 / shape);
        Ok(Self::of(Weibull { shape, scale, power: 1.0 / shape }))
    }
}

impl Kind for Weibull {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Weibull",
        parameters: &[
            DistributionParameter::number("shape", "1 is exponential, below 1 more variable, above 1 less.", SHAPE),
            DistributionParameter::amount("scale", "Exceeded with probability 1 / e; write this or `mean`.", POSITIVE),
            DistributionParameter::amount("mean", "The mean; write this or `scale`.", POSITIVE),
        ],
        mean: "scale gamma(1 + 1 / shape)",
        scv: "gamma(1 + 2 / shape) / gamma(1 + 1 / shape)^2 - 1",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 21",
        when: "Times to failure: a hazard that falls (shape below 1) or grows (above 1) with age.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * elementary::exp(self.power * elementary::ln(stream.exponential()))
    }

    fn mean(&self) -> f64 {
        self.scale * libm::tgamma(1.0 + self.power)
    }

    fn scv(&self) -> f64 {
        libm::expm1(libm::lgamma(1.0 + 2.0 * self.power) - 2.0 * libm::lgamma(1.0 + self.power))
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-libm::pow(x.max(0.0) / self.scale, self.shape))
    }

    fn quantile(&self, p: f64) -> f64 {
        self.scale * libm::pow(-libm::log1p(-p), self.power)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Weibull, shape {}, scale {}, mean {}", self.shape, unit.about(self.scale), unit.about(self.mean()))
    }
}
