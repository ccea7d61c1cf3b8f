//! The hyperexponential distribution.

use super::Kind;
use crate::random::check::{LONGEST_LIST, positive};
use crate::random::choice::{Choice, PROBS};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// Exponential with a mean that is itself chosen at random.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Hyperexponential {
    means: Choice,
}

/// What `means` must be.
const MEANS: &str = "1 to 1000 numbers above 0 (from 1e-30 to 1e30), as many as probabilities";

impl Distribution {
    /// Exponential with mean `means[i]` with probability `probs[i]`. The probabilities sum to 1 (within 1e-6; they are then
    /// divided by their sum); both lists have the same length of at most 1,000.
    ///
    /// # Errors
    /// Where a list is empty, too long or of another length than the other, the probabilities are not such, or a mean is
    /// outside 1e-30 to 1e30.
    pub fn hyperexponential(probs: &[f64], means: &[f64]) -> Result<Self, InvalidDistribution> {
        let listed = !means.is_empty() && means.len() <= LONGEST_LIST;
        if !listed || means.iter().any(|mean| positive("means", *mean).is_err()) {
            return Err(InvalidDistribution::new("means", MEANS));
        }
        Ok(Self::of(Hyperexponential { means: Choice::new(probs, means)? }))
    }
}

impl Kind for Hyperexponential {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Hyperexponential",
        parameters: &[
            DistributionParameter::number("probs", "The probability of each branch.", PROBS),
            DistributionParameter::amount("means", "The mean of each branch.", MEANS),
        ],
        mean: "sum of probs[i] means[i]",
        scv: "2 (sum of probs[i] means[i]^2) / mean^2 - 1",
        source: "Harchol-Balter 2013, Performance Modeling and Design of Computer Systems, chapter 21",
        when: "More variable than the exponential: a mix of short and long jobs.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        let mean = self.means.pick(stream);
        mean * stream.exponential()
    }

    fn mean(&self) -> f64 {
        self.means.expect(|mean| mean)
    }

    /// The variance within the branches and that between them, over the squared mean.
    #[expect(clippy::suspicious_operation_groupings, reason = "the two products differ on purpose: see the sentence above")]
    fn scv(&self) -> f64 {
        let total = self.mean();
        self.means.expect(|mean| mean * mean + (mean - total) * (mean - total)) / (total * total)
    }

    fn cdf(&self, x: f64) -> f64 {
        self.means.expect(|mean| -libm::expm1(-x.max(0.0) / mean))
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (probs, means) = (Unit::Plain.all(self.means.probs()), unit.all(self.means.numbers()));
        write!(f, "hyperexponential, means {means} with probabilities {probs}, mean {}", unit.about(self.mean()))
    }
}
