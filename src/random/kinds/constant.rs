//! The constant.

use super::Kind;
use crate::random::check::{NOT_NEGATIVE, not_negative};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// Always the same number.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Constant {
    value: f64,
}

impl Distribution {
    /// Always `value`, which may be 0.
    ///
    /// # Errors
    /// Where the value is negative, not finite, or not 0 and outside 1e-30 to 1e30.
    pub fn constant(value: f64) -> Result<Self, InvalidDistribution> {
        Ok(Self::of(Constant { value: not_negative("value", value)? }))
    }
}

impl Kind for Constant {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Constant",
        parameters: &[DistributionParameter::amount("value", "The number that is always drawn.", NOT_NEGATIVE)],
        mean: "value",
        scv: "0",
        source: "by definition",
        when: "No variation at all: equal jobs, timers, a think time of 0.",
    };

    #[inline]
    fn sample(&self, _: &mut Stream) -> f64 {
        self.value
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn scv(&self) -> f64 {
        0.0
    }

    fn cdf(&self, x: f64) -> f64 {
        if x >= self.value { 1.0 } else { 0.0 }
    }

    fn quantile(&self, _: f64) -> f64 {
        self.value
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "constant {}", unit.of(self.value))
    }
}
