//! The Erlang distribution.

use super::Kind;
use super::gamma::{Sampler, gamma_cdf};
use crate::random::check::{POSITIVE, positive};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream};
use std::fmt;

/// The sum of equal exponential stages.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Erlang {
    shape: u32,
    mean: f64,
    /// Mean of one stage.
    stage: f64,
    sampler: Sampler,
}

/// What `shape` must be.
const SHAPE: &str = "a whole number from 1 to 10000";
const LARGEST_SHAPE: u32 = 10_000;

/// Up to this shape the stages are drawn one by one: cheaper than the gamma sampler, by measurement.
const DRAWN_BY_STAGES: u32 = 3;

impl Distribution {
    /// The sum of `shape` exponential stages, from 1 to 10,000, with the given mean of the total.
    ///
    /// # Errors
    /// Where the shape is outside that range or the mean outside 1e-30 to 1e30.
    pub fn erlang(shape: u32, mean: f64) -> Result<Self, InvalidDistribution> {
        if shape == 0 || shape > LARGEST_SHAPE {
            return Err(InvalidDistribution::new("shape", SHAPE));
        }
        let mean = positive("mean", mean)?;
        Ok(Self::of(Erlang { shape, mean, stage: mean / f64::from(shape), sampler: Sampler::new(f64::from(shape)) }))
    }
}

impl Kind for Erlang {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Erlang",
        parameters: &[
            DistributionParameter::number("shape", "How many stages.", SHAPE),
            DistributionParameter::amount("mean", "The mean of the sum of all stages.", POSITIVE),
        ],
        mean: "mean",
        scv: "1 / shape",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 17",
        when: "Less variable than the exponential: work of several equal steps.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        if self.shape > DRAWN_BY_STAGES {
            return self.stage * self.sampler.sample(stream);
        }
        let mut sum = stream.exponential();
        for _ in 1..self.shape {
            sum += stream.exponential();
        }
        self.stage * sum
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn scv(&self) -> f64 {
        1.0 / f64::from(self.shape)
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_cdf(f64::from(self.shape), x / self.stage)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Erlang, shape {}, mean {}", self.shape, unit.of(self.mean))
    }
}
