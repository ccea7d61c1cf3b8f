//! Distributions of numbers of at least 0, by the parameters people know.

use super::describe::Unit;
use super::kinds::AnyKind;
use super::{DistributionHelp, Stream};
use std::fmt;

/// A distribution of numbers of at least 0, with a finite mean.
///
/// Each kind has a constructor that checks its parameters: [`Distribution::exponential`], [`Distribution::log_normal`] and
/// so on; [`Distribution::help`] lists them all. Numbers other than 0 are from 1e-30 to 1e30.
///
/// A sample is made of additions, multiplications, divisions and square roots, with an exponential function and a logarithm
/// made of the same and, at extremes, those of the crate `libm`: its bits depend on no platform. [`cdf`](Self::cdf) and [`quantile`](Self::quantile) may differ in the last bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution(AnyKind);

/// Why parameters do not make a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDistribution {
    /// The parameter at fault.
    pub parameter: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

impl Distribution {
    pub(super) fn of(kind: impl Into<AnyKind>) -> Self {
        Self(kind.into())
    }

    /// Every kind, for a person to read.
    #[must_use]
    pub fn help() -> Vec<DistributionHelp> {
        AnyKind::help()
    }

    /// The name of its kind in model files, such as `LogNormal`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// A sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.sample(stream)
    }

    /// A sample in each place of `block`: the same as calling [`sample`](Self::sample) for each, in order, but the kind is
    /// looked up once.
    pub fn sample_into(&self, stream: &mut Stream, block: &mut [f64]) {
        self.0.sample_each(stream, block, |x| x);
    }

    /// The exact mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// The exact squared coefficient of variation, variance / mean^2; infinite where the variance is, and 0 for a constant.
    #[must_use]
    pub fn scv(&self) -> f64 {
        self.0.scv()
    }

    /// The probability of a number of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() { f64::NAN } else { self.0.cdf(x) }
    }

    /// The least number that is not exceeded with probability `p`; infinite at 1 where there is no largest number, and not a
    /// number for a `p` outside 0 to 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if (0.0..=1.0).contains(&p) { self.0.quantile(p) } else { f64::NAN }
    }

    /// Samples through a function into a block; the kind is looked up once.
    pub(super) fn sample_each<T>(&self, stream: &mut Stream, block: &mut [T], turn: impl Fn(f64) -> T) {
        self.0.sample_each(stream, block, turn);
    }

    /// The kind and its parameters, amounts written in `unit`.
    pub(super) fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(unit, f)
    }
}

impl fmt::Display for Distribution {
    /// The kind and its parameters for a person, such as `exponential, mean 40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(Unit::Plain, f)
    }
}

impl InvalidDistribution {
    pub(super) const fn new(parameter: &'static str, expected: &'static str) -> Self {
        Self { parameter, expected }
    }
}

impl fmt::Display for InvalidDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.parameter, self.expected)
    }
}

impl std::error::Error for InvalidDistribution {}
