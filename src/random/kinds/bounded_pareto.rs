//! The bounded Pareto distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive, within};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream, elementary};
use std::fmt;

/// Pareto under the condition that it lies below a bound.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct BoundedPareto {
    shape: f64,
    low: f64,
    high: f64,
    power: f64,
    /// ln(high / low).
    span: f64,
    /// shape ln(high / low).
    limit: f64,
}

/// What `shape` must be.
const SHAPE: &str = "a number from 0.001 to 1000";
/// What `high` must be.
const HIGH: &str = "a number above `low` (at most 1e30)";

impl Distribution {
    /// Pareto with that shape, from 0.001 to 1,000, between `low`, above 0, and `high`, above `low`.
    ///
    /// # Errors
    /// Where a parameter is outside that range, or a bound outside 1e-30 to 1e30.
    pub fn bounded_pareto(shape: f64, low: f64, high: f64) -> Result<Self, InvalidDistribution> {
        let shape = within("shape", shape, 1e-3, 1e3, SHAPE)?;
        let low = positive("low", low)?;
        let high = positive("high", high).unwrap_or_default();
        let span = libm::log(high / low);
        if high <= low || span <= 0.0 {
            return Err(InvalidDistribution::new("high", HIGH));
        }
        Ok(Self::of(BoundedPareto { shape, low, high, power: 1.0 / shape, span, limit: shape * span }))
    }
}

impl BoundedPareto {
    /// The mean of the k-th power over low^k: shape / (1 - (low / high)^shape) times the integral of r^(k - shape - 1) over r
    /// from 1 to high / low (Harchol-Balter 2013, chapter 20), written so that k = shape needs no case of its own.
    fn moment(&self, k: f64) -> f64 {
        let rest = k - self.shape;
        let integral = if rest == 0.0 { self.span } else { libm::expm1(rest * self.span) / rest };
        self.shape * integral / -libm::expm1(-self.limit)
    }
}

impl Kind for BoundedPareto {
    const HELP: DistributionHelp = DistributionHelp {
        name: "BoundedPareto",
        parameters: &[
            DistributionParameter::number("shape", "The power of the tail: the smaller, the heavier.", SHAPE),
            DistributionParameter::amount("low", "The least number drawn.", POSITIVE),
            DistributionParameter::amount("high", "The largest number drawn.", HIGH),
        ],
        mean: "m(1), where m(k) = shape low^k (1 - (low / high)^(shape - k)) / ((shape - k) (1 - (low / high)^shape))",
        scv: "m(2) / m(1)^2 - 1",
        source: "Harchol-Balter 2013, Performance Modeling and Design of Computer Systems, chapter 20",
        when: "Heavy tails with an end: job sizes measured on real systems, with all moments finite.",
    };

    /// The logarithm is exponential, cut off at the bound. What lies beyond the bound is folded back by whole multiples of it:
    /// an exponential number is memoryless, so the remainder has the law of one cut off there.
    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        let mut depth = stream.exponential();
        if depth >= self.limit {
            depth = libm::fmod(depth, self.limit);
        }
        (self.low * elementary::exp(self.power * depth)).min(self.high)
    }

    fn mean(&self) -> f64 {
        self.low * self.moment(1.0)
    }

    fn scv(&self) -> f64 {
        let first = self.moment(1.0);
        (self.moment(2.0) / (first * first) - 1.0).max(0.0)
    }

    fn cdf(&self, x: f64) -> f64 {
        let depth = self.shape * libm::log(x.clamp(self.low, self.high) / self.low);
        libm::expm1(-depth) / libm::expm1(-self.limit)
    }

    fn quantile(&self, p: f64) -> f64 {
        let depth = -libm::log1p(p * libm::expm1(-self.limit));
        if p >= 1.0 { self.high } else { (self.low * libm::exp(self.power * depth)).min(self.high) }
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high, mean) = (unit.of(self.low), unit.of(self.high), unit.about(self.mean()));
        write!(f, "bounded Pareto, shape {}, from {low} to {high}, mean {mean}", self.shape)
    }
}
