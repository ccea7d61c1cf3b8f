//! The gamma distribution.

use super::Kind;
use crate::random::check::{POSITIVE, positive, within};
use crate::random::describe::Unit;
use crate::random::{Distribution, DistributionHelp, DistributionParameter, InvalidDistribution, Stream, elementary};
use statrs::function::gamma::checked_gamma_lr;
use std::fmt;

/// Gamma with any shape.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::random) struct Gamma {
    shape: f64,
    mean: f64,
    /// mean / shape.
    scale: f64,
    sampler: Sampler,
}

/// What `shape` must be.
const SHAPE: &str = "a number from 0.01 to 1000000";

impl Distribution {
    /// Gamma with that shape, from 0.01 to 1,000,000, and mean.
    ///
    /// # Errors
    /// Where the shape is outside that range or the mean outside 1e-30 to 1e30.
    pub fn gamma(shape: f64, mean: f64) -> Result<Self, InvalidDistribution> {
        let shape = within("shape", shape, 0.01, 1e6, SHAPE)?;
        let mean = positive("mean", mean)?;
        Ok(Self::of(Gamma { shape, mean, scale: mean / shape, sampler: Sampler::new(shape) }))
    }
}

impl Kind for Gamma {
    const HELP: DistributionHelp = DistributionHelp {
        name: "Gamma",
        parameters: &[
            DistributionParameter::number("shape", "1 is exponential, below 1 more variable, above 1 less.", SHAPE),
            DistributionParameter::amount("mean", "The mean.", POSITIVE),
        ],
        mean: "mean",
        scv: "1 / shape",
        source: "Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 17",
        when: "Any variation with a light tail: set the shape to 1 / scv.",
    };

    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * self.sampler.sample(stream)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn scv(&self) -> f64 {
        1.0 / self.shape
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_cdf(self.shape, x / self.scale)
    }

    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gamma, shape {}, mean {}", self.shape, unit.of(self.mean))
    }
}

/// Draws gamma numbers of scale 1: the cube of a shifted normal number, nearly always accepted (Marsaglia and Tsang 2000,
/// "A simple method for generating gamma variables", section 4).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sampler {
    /// The paper's d and c.
    d: f64,
    c: f64,
    /// 1 / shape for a shape below 1, which is drawn as the shape above it times a power of a uniform (section 6).
    power: Option<f64>,
}

impl Sampler {
    /// For that shape, above 0.
    pub(super) fn new(shape: f64) -> Self {
        let (raised, power) = if shape < 1.0 { (shape + 1.0, Some(1.0 / shape)) } else { (shape, None) };
        let d = raised - 1.0 / 3.0;
        Self { d, c: 1.0 / (9.0 * d).sqrt(), power }
    }

    /// A sample.
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let raised = self.raised(stream);
        match self.power {
            None => raised,
            Some(power) => raised * elementary::exp(-power * stream.exponential()),
        }
    }

    /// A sample of a shape of at least 1.
    #[inline]
    fn raised(&self, stream: &mut Stream) -> f64 {
        let attempt = self.attempt(stream);
        if attempt.is_sure() {
            return self.d * attempt.v;
        }
        let (v, after) = self.try_on(attempt, stream.clone());
        *stream = after;
        self.d * v
    }

    /// Decides on an attempt that is not sure, and goes on until one is accepted. (The stream goes in and out by value so
    /// that its state can stay in registers where the first attempt is sure, in 9 of 10 cases.)
    #[inline(never)]
    fn try_on(&self, mut attempt: Attempt, mut stream: Stream) -> (f64, Stream) {
        while !attempt.is_sure() && !attempt.is_below(self.d) {
            attempt = self.attempt(&mut stream);
        }
        (attempt.v, stream)
    }

    /// A number to be accepted or not.
    #[inline]
    fn attempt(&self, stream: &mut Stream) -> Attempt {
        let x = stream.normal();
        let root = 1.0 + self.c * x;
        Attempt { squared: x * x, v: root * root * root, u: stream.uniform() }
    }
}

/// The paper's x^2, v and U.
struct Attempt {
    squared: f64,
    v: f64,
    u: f64,
}

impl Attempt {
    /// The squeeze: accepted without a logarithm.
    #[inline]
    fn is_sure(&self) -> bool {
        self.v > 0.0 && self.u < 1.0 - 0.0331 * self.squared * self.squared
    }

    /// The exact test, for the tenth of attempts that the squeeze does not decide.
    #[inline]
    fn is_below(&self, d: f64) -> bool {
        self.v > 0.0 && elementary::ln(self.u) < 0.5 * self.squared + d * (1.0 - self.v + elementary::ln(self.v))
    }
}

/// The probability that a gamma number of scale 1 is at most `x`: the regularized incomplete gamma function P(shape, x).
pub(super) fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    // The function refuses only what is excluded here.
    if x.is_finite() { checked_gamma_lr(shape, x).map_or(f64::NAN, |p| p.clamp(0.0, 1.0)) } else { 1.0 }
}
