//! The checks that the parameters of distributions share.

use super::InvalidDistribution;

/// Numbers other than 0 lie between these: then no formula for a mean or a variance overflows.
const SMALLEST: f64 = 1e-30;
const LARGEST: f64 = 1e30;

/// The longest list of values or probabilities.
pub(super) const LONGEST_LIST: usize = 1000;

/// What [`positive`] accepts, for the lists of parameters.
pub(super) const POSITIVE: &str = "a number above 0 (from 1e-30 to 1e30)";
/// What [`not_negative`] accepts.
pub(super) const NOT_NEGATIVE: &str = "0 or a number above it (from 1e-30 to 1e30)";

/// A number above 0.
pub(super) fn positive(parameter: &'static str, value: f64) -> Result<f64, InvalidDistribution> {
    within(parameter, value, SMALLEST, LARGEST, POSITIVE)
}

/// A number of at least 0.
pub(super) fn not_negative(parameter: &'static str, value: f64) -> Result<f64, InvalidDistribution> {
    // Adding 0 turns a negative zero into 0.
    if value == 0.0 { Ok(value + 0.0) } else { within(parameter, value, SMALLEST, LARGEST, NOT_NEGATIVE) }
}

/// A number from `low` to `high`; `expected` says so in words.
pub(super) fn within(
    parameter: &'static str,
    value: f64,
    low: f64,
    high: f64,
    expected: &'static str,
) -> Result<f64, InvalidDistribution> {
    if (low..=high).contains(&value) { Ok(value) } else { Err(InvalidDistribution::new(parameter, expected)) }
}
