//! The uniform distribution.

use super::Kind;
use crate::random::check::{NOT_NEGATIVE, not_negative, positive};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// Evenly spread over an interval.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Uniform {
    low: f64,
    width: f64,
    high: f64,
}

/// What `high` must be.
const HIGH: &str = "a number above `low` (at most 1e30)";

impl Distribution {
    /// Uniform between `low`, at least 0, and `high`, above `low`.
    ///
    /// # Errors
    /// Where a parameter is outside that range or 1e-30 to 1e30.
    pub fn uniform(low: f64, high: f64) -> Result<Self, InvalidDistribution> {
        let low = not_negative("low", low)?;
        match positive("high", high) {
            Ok(high) if high > low => Ok(Self::of(Uniform { low, width: high - low, high })),
            _ => Err(InvalidDistribution::new("high", HIGH)),
        }
    }
}

impl Kind for Uniform {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Uniform",
        parameters: &[
            DistributionParameter::amount("low", "The lower end.", NOT_NEGATIVE),
            DistributionParameter::amount("high", "The upper end.", HIGH),
        ],
        mean: "(low + high) / 2",
        scv: "((high - low) / (high + low))^2 / 3",
        source: "Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 26",
        when: "Only the range is known, such as jitter or random delays of timers.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.low + self.width * stream.uniform()
    }

    fn mean(&self) -> f64 {
        0.5 * (self.low + self.high)
    }

    fn scv(&self) -> f64 {
        let ratio = self.width / (self.low + self.high);
        ratio * ratio / 3.0
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.low) / self.width).clamp(0.0, 1.0)
    }

    fn quantile(&self, p: f64) -> f64 {
        (self.low + self.width * p).min(self.high)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniform, from {} to {}, mean {}", unit.of(self.low), unit.of(self.high), unit.about(self.mean()))
    }
}
