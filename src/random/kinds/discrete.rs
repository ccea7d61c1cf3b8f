//! The discrete distribution.

use super::Kind;
use crate::random::check::{LONGEST_LIST, not_negative};
use crate::random::choice::{Choice, PROBS};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// One of a list of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Discrete {
    values: Choice,
}

/// What `values` must be.
const VALUES: &str = "1 to 1000 numbers of at least 0 (from 1e-30 to 1e30), as many as probabilities, with a mean above 0";

impl Distribution {
    /// `values[i]` with probability `probs[i]`. The probabilities sum to 1 (within 1e-6; they are then divided by their sum);
    /// both lists have the same length of at most 1,000.
    ///
    /// # Errors
    /// Where a list is empty, too long or of another length than the other, the probabilities are not such, a value is
    /// negative or not 0 and outside 1e-30 to 1e30, or only 0 can be drawn.
    pub fn discrete(values: &[f64], probs: &[f64]) -> Result<Self, InvalidDistribution> {
        let invalid = InvalidDistribution::new("values", VALUES);
        if values.is_empty() || values.len() > LONGEST_LIST {
            return Err(invalid);
        }
        let checked: Result<Vec<f64>, _> = values.iter().map(|value| not_negative("values", *value)).collect();
        let discrete = Discrete { values: Choice::new(probs, &checked.map_err(|_| invalid)?)? };
        if discrete.mean() > 0.0 { Ok(Self::of(discrete)) } else { Err(invalid) }
    }
}

impl Kind for Discrete {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Discrete",
        parameters: &[
            DistributionParameter::amount("values", "The numbers that can be drawn.", VALUES),
            DistributionParameter::number("probs", "The probability of each of them.", PROBS),
        ],
        mean: "sum of probs[i] values[i]",
        scv: "(sum of probs[i] (values[i] - mean)^2) / mean^2",
        source: "by definition",
        when: "A few known sizes, or a histogram of measurements.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.values.pick(stream)
    }

    fn mean(&self) -> f64 {
        self.values.expect(|value| value)
    }

    fn scv(&self) -> f64 {
        let mean = self.mean();
        self.values.expect(|value| (value - mean) * (value - mean)) / (mean * mean)
    }

    fn cdf(&self, x: f64) -> f64 {
        self.values.expect(|value| if value <= x { 1.0 } else { 0.0 }).min(1.0)
    }

    /// The least value with a probability above 0 whose cdf is `p` or more, or the largest such value where rounding leaves the
    /// sum just below `p`.
    fn quantile(&self, p: f64) -> f64 {
        let possible = self.values.numbers().iter().zip(self.values.probs()).filter(|(_, prob)| **prob > 0.0);
        let mut sorted: Vec<(f64, f64)> = possible.map(|(value, prob)| (*value, *prob)).collect();
        sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
        let mut below = 0.0;
        let reaches = sorted.iter().find(|(_, prob)| {
            below += prob;
            below >= p
        });
        reaches.or(sorted.last()).map_or(f64::NAN, |(value, _)| *value)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, probs) = (unit.all(self.values.numbers()), Unit::Plain.all(self.values.probs()));
        write!(f, "discrete, values {values} with probabilities {probs}, mean {}", unit.about(self.mean()))
    }
}
