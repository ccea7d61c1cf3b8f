//! How long to wait before a retry.

use super::Delay;
use crate::random::Stream;
use crate::units::Span;

impl Delay {
    /// The wait before the `retry`-th retry, counted from 1. Only the kinds with jitter draw from the stream, one number each.
    ///
    /// Sources: full jitter as in Envoy (`JitteredExponentialBackOffStrategy`), there in whole milliseconds, here in nanoseconds; exponential
    /// as in gRPC (proposal A6).
    pub fn before(&self, retry: u32, stream: &mut Stream) -> Span {
        match *self {
            Self::None => Span::ZERO,
            Self::Fixed(wait) => wait,
            Self::FullJitter { base, most } => {
                let ceiling = grown(base, 2.0, retry, most);
                Span::from_nanos_f64(stream.uniform() * ceiling)
            }
            Self::Exponential { base, factor, most, jitter } => {
                let mean = grown(base, factor, retry, most);
                Span::from_nanos_f64(mean * (1.0 - jitter + 2.0 * jitter * stream.uniform()))
            }
        }
    }
}

/// The lesser of `most` and `base` times `factor`^(`retry` - 1), in nanoseconds.
fn grown(base: Span, factor: f64, retry: u32, most: Span) -> f64 {
    let growth = libm::pow(factor, f64::from(retry.saturating_sub(1)));
    (base.as_nanos() as f64 * growth).min(most.as_nanos() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Seed};

    fn stream() -> Stream {
        Stream::new(Seed(1), 0, Role::Balancing, 0)
    }

    fn millis(millis: u64) -> Span {
        Span::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn waits_without_jitter_are_what_is_written() {
        let mut stream = stream();
        assert_eq!(Delay::None.before(3, &mut stream), Span::ZERO);
        assert_eq!(Delay::Fixed(millis(70)).before(3, &mut stream), millis(70));
        let doubled = Delay::Exponential { base: millis(10), factor: 2.0, most: millis(70), jitter: 0.0 };
        let waits: Vec<Span> = [1, 2, 3, 4, 4_000_000_000].map(|retry| doubled.before(retry, &mut stream)).into();
        assert_eq!(waits, [10, 20, 40, 70, 70].map(millis));
    }

    /// The ranges that Envoy showed when measured: U(0, 25), U(0, 50), U(0, 100) ms, then at most ten times the base. Of 10,000 draws the
    /// mean lies within 2 % of the middle but for one seed in 2,000 (3.5 standard errors), the extremes within 1 % of the ends but for one in e^100.
    #[test]
    fn full_jitter_is_uniform_below_a_doubling_ceiling() {
        let (mut stream, delay) = (stream(), Delay::FullJitter { base: millis(25), most: millis(250) });
        for (retry, ceiling) in [(1, 25.0), (2, 50.0), (3, 100.0), (4, 200.0), (5, 250.0), (40, 250.0)] {
            let waits: Vec<f64> = (0..10_000).map(|_| delay.before(retry, &mut stream).as_secs() * 1e3).collect();
            let mean = waits.iter().sum::<f64>() / 1e4;
            let (least, most) = waits.iter().fold((f64::MAX, 0.0_f64), |(least, most), wait| (least.min(*wait), most.max(*wait)));
            assert!((mean / ceiling - 0.5).abs() < 0.0101, "{retry}: {mean}");
            assert!(least < ceiling * 0.01 && most > ceiling * 0.99 && most <= ceiling, "{retry}: {least} {most}");
        }
    }

    #[test]
    fn jitter_spreads_around_the_wait() {
        let (mut stream, delay) =
            (stream(), Delay::Exponential { base: millis(100), factor: 1.6, most: millis(10_000), jitter: 0.2 });
        let waits: Vec<f64> = (0..10_000).map(|_| delay.before(2, &mut stream).as_secs() * 1e3).collect();
        let (least, most) = waits.iter().fold((f64::MAX, 0.0_f64), |(least, most), wait| (least.min(*wait), most.max(*wait)));
        assert!((128.0..129.0).contains(&least) && (191.0..=192.0).contains(&most), "{least} {most}");
    }
}
