//! Distributions of durations.

use super::describe::Unit;
use super::{Distribution, Stream};
use crate::units::{Rate, Span};
use std::fmt;

/// A distribution of durations; its numbers are nanoseconds. Samples are rounded to whole nanoseconds and cut off at
/// [`Span::LONGEST`]; mean and variation are those of the distribution before that.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanDistribution(Distribution);

impl SpanDistribution {
    /// A distribution of durations from one whose numbers are nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: Distribution) -> Self {
        Self(nanos)
    }

    /// The gaps of a Poisson process.
    ///
    /// # Panics
    /// Never: the mean gap of a valid rate is finite and above 0.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the type Rate rules the failure out, and callers shall not have to")]
    pub fn poisson_gaps(rate: Rate) -> Self {
        Self(Distribution::exponential(1e9 / rate.as_per_sec()).expect("the mean gap of a valid rate is finite and above 0"))
    }

    /// The distribution of the nanoseconds.
    #[must_use]
    pub const fn inner(&self) -> &Distribution {
        &self.0
    }

    /// A sample.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        Span::from_nanos_f64(self.0.sample(stream))
    }

    /// A sample in each place of `block`: the same as calling [`sample`](Self::sample) for each, in order, but the kind is
    /// looked up once.
    pub fn fill(&self, stream: &mut Stream, block: &mut [Span]) {
        self.0.sample_each(stream, block, Span::from_nanos_f64);
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

impl fmt::Display for SpanDistribution {
    /// The kind and its parameters for a person, such as `exponential, mean 40 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(Unit::Nanoseconds, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{InvalidDistribution, Role, Seed};

    #[test]
    fn people_read_durations() -> Result<(), InvalidDistribution> {
        for (nanos, text) in [
            (Distribution::exponential(40e6)?, "exponential, mean 40 ms"),
            (Distribution::constant(0.0)?, "constant 0 s"),
            (Distribution::uniform(0.0, 1e9)?, "uniform, from 0 s to 1 s, mean 500 ms"),
            (Distribution::log_normal(1.5e9, 2.0)?, "log-normal, mean 1.5 s, cv 2"),
            (Distribution::pareto(1.5, 0.25)?, "Pareto, shape 1.5, scale 0.25 ns, mean 0.75 ns"),
        ] {
            assert_eq!(SpanDistribution::from_nanos(nanos).to_string(), text);
        }
        Ok(())
    }

    #[test]
    fn durations_are_rounded_numbers() -> Result<(), InvalidDistribution> {
        let nanos = Distribution::exponential(40e6)?;
        let spans = SpanDistribution::from_nanos(nanos.clone());
        assert_eq!((spans.mean_secs(), spans.scv(), spans.inner()), (0.04, 1.0, &nanos));
        let mut streams = [Stream::new(Seed(1), 0, Role::Demand, 0), Stream::new(Seed(1), 0, Role::Demand, 0)];
        for _ in 0..1000 {
            let expected = nanos.sample(&mut streams[0]);
            assert_eq!(spans.sample(&mut streams[1]).as_nanos(), expected.round() as u64);
        }
        Ok(())
    }

    #[test]
    fn a_number_past_the_longest_duration_is_cut_off() -> Result<(), InvalidDistribution> {
        let endless = SpanDistribution::from_nanos(Distribution::constant(1e30)?);
        assert_eq!(endless.sample(&mut Stream::new(Seed(1), 0, Role::Demand, 0)), Span::LONGEST);
        Ok(())
    }
}
