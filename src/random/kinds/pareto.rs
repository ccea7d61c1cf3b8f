//! The Pareto distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive, within};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream, elementary};
use std::fmt;

/// Pareto of the first type: the chance to exceed x falls like a power of x.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Pareto {
    shape: f64,
    scale: f64,
    power: f64,
}

/// What `shape` must be.
const SHAPE: &str = "a number above 1 (at most 1000), so that the mean is finite";

impl Distribution {
    /// Pareto with that shape, above 1 and at most 1,000, and scale, which is also the least number drawn.
    ///
    /// # Errors
    /// Where the shape is outside that range or the scale outside 1e-30 to 1e30.
    pub fn pareto(shape: f64, scale: f64) -> Result<Self, InvalidDistribution> {
        let shape = within("shape", shape, 1f64.next_up(), 1e3, SHAPE)?;
        Ok(Self::of(Pareto { shape, scale: positive("scale", scale)?, power: 1.0 / shape }))
    }
}

impl Kind for Pareto {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Pareto",
        parameters: &[
            DistributionParameter::number(
                "shape",
                "The power of the tail: the smaller, the heavier; up to 2 the variance is infinite.",
                SHAPE,
            ),
            DistributionParameter::amount("scale", "The least number drawn.", POSITIVE),
        ],
        mean: "scale shape / (shape - 1)",
        scv: "1 / (shape (shape - 2)), infinite for a shape up to 2",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 20",
        when: "Heavy tails without an end: sizes of files, lengths of sessions. Means converge slowly.",
    };

    /// The logarithm is exponential with mean 1 / shape.
    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * elementary::exp(self.power * stream.exponential())
    }

    fn mean(&self) -> f64 {
        self.scale * self.shape / (self.shape - 1.0)
    }

    fn scv(&self) -> f64 {
        if self.shape > 2.0 { 1.0 / (self.shape * (self.shape - 2.0)) } else { f64::INFINITY }
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-self.shape * libm::log(x.max(self.scale) / self.scale))
    }

    fn quantile(&self, p: f64) -> f64 {
        self.scale * libm::exp(-self.power * libm::log1p(-p))
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pareto, shape {}, scale {}, mean {}", self.shape, unit.of(self.scale), unit.about(self.mean()))
    }
}
