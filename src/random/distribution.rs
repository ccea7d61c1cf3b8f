//! Distributions of positive numbers, by the parameters people know. (Skeleton: to be replaced by the full set.)

use super::Stream;
use crate::units::Span;

/// A distribution of numbers of at least 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always `value`.
    Constant { value: f64 },
    /// Exponential with that mean.
    Exponential { mean: f64 },
}

/// Why parameters do not make a distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidDistribution {
    /// The parameter at fault.
    pub parameter: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

/// A distribution of durations; its parameters are in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanDistribution(pub(crate) Distribution);

impl Distribution {
    /// A sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant { value } => *value,
            Self::Exponential { mean } => mean * stream.exponential(),
        }
    }
    /// The exact mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant { value } => *value,
            Self::Exponential { mean } => *mean,
        }
    }
    /// The exact squared coefficient of variation.
    #[must_use]
    pub fn scv(&self) -> f64 {
        match self {
            Self::Constant { .. } => 0.0,
            Self::Exponential { .. } => 1.0,
        }
    }
}

impl SpanDistribution {
    /// A distribution of durations from one whose numbers are nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: Distribution) -> Self {
        Self(nanos)
    }
    /// The gaps of a Poisson process.
    #[must_use]
    pub fn exponential_gap(rate: crate::units::Rate) -> Self {
        Self(Distribution::Exponential { mean: 1e9 / rate.as_per_sec() })
    }
    /// A sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        Span::from_nanos_f64(self.0.sample(stream))
    }
    /// The exact mean in seconds.
    #[must_use]
    pub fn mean_secs(&self) -> f64 {
        self.0.mean() * 1e-9
    }
    /// The exact squared coefficient of variation.
    #[must_use]
    pub fn scv(&self) -> f64 {
        self.0.scv()
    }
}
