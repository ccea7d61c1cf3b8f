//! Slow start: how the weight of a server grows after its return.

use crate::units::Span;

/// A slow start. Servers that are there from the beginning have their full weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlowStart {
    /// From the return of a server until it has its full weight; above 0.
    pub window: Span,
    /// How its weight grows meanwhile.
    pub ramp: Ramp,
}

/// How the weight grows over the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ramp {
    /// As in HAProxy, once a second: after s whole seconds of a window of w (rounded up to whole seconds) the server has
    /// floor((16 s + w) / w) sixteenths of its weight, and floor(100 s / w) hundredths of its connections.
    Sixteenths,
    /// As in Envoy: max(from, (t / window)^(1 / aggression)). Where Envoy works out the weight anew at each use, here it
    /// grows in a hundred steps.
    Power {
        /// The least part of the weight, in (0, 1].
        from: f64,
        /// 1 for a straight line; above 0.
        aggression: f64,
    },
}

impl SlowStart {
    /// How much of its weight a server has `back` after its return.
    #[must_use]
    pub fn factor(&self, back: Span) -> f64 {
        if back >= self.window {
            return 1.0;
        }
        match self.ramp {
            Ramp::Sixteenths => {
                let window = self.window.as_nanos().div_ceil(SECOND);
                let seconds = back.as_nanos() / SECOND;
                ((16 * seconds + window) / window) as f64 / 16.0
            }
            Ramp::Power { from, aggression } => {
                let part = back.as_nanos() as f64 / self.window.as_nanos() as f64;
                from.max(libm::pow(part, 1.0 / aggression))
            }
        }
    }

    /// How long each step of the growth takes.
    #[must_use]
    pub fn step(&self) -> Span {
        match self.ramp {
            Ramp::Sixteenths => Span::from_nanos(SECOND),
            Ramp::Power { .. } => Span::from_nanos((self.window.as_nanos() / 100).max(1)),
        }
    }

    /// How many connections of `most` a server may have `back` after its return (nothing: it has long been back), if that grows
    /// too: in HAProxy by whole percentages of the window in whole seconds, at least 1.
    #[must_use]
    pub fn limit(&self, back: Option<Span>, most: u32) -> Option<u32> {
        if !matches!(self.ramp, Ramp::Sixteenths) {
            return None;
        }
        let window = self.window.as_nanos().div_ceil(SECOND);
        let seconds = back.map_or(window, |back| (back.as_nanos() / SECOND).min(window));
        let part = u64::from(most) * (100 * seconds / window) / 100;
        Some(u32::try_from(part).unwrap_or(most).max(1))
    }
}

const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn haproxy_grows_by_sixteenths_once_a_second() {
        let start = SlowStart { window: Span::from_secs(10), ramp: Ramp::Sixteenths };
        let sixteenths: Vec<f64> =
            (0..=10).map(|second| start.factor(Span::from_nanos(second * SECOND + 999_999_999)) * 16.0).collect();
        assert_eq!(sixteenths, [1.0, 2.0, 4.0, 5.0, 7.0, 9.0, 10.0, 12.0, 13.0, 15.0, 16.0]);
    }

    #[test]
    fn connections_grow_by_hundredths() {
        let start = SlowStart { window: Span::from_secs(10), ramp: Ramp::Sixteenths };
        let limits = [0, 1, 5, 9, 10].map(|second| start.limit(Some(Span::from_secs(second)), 30));
        assert_eq!(limits, [1, 3, 15, 27, 30].map(Some));
        assert_eq!(start.limit(None, 30), Some(30));
        let line = SlowStart { ramp: Ramp::Power { from: 0.1, aggression: 1.0 }, ..start };
        assert_eq!(line.limit(Some(Span::from_secs(5)), 30), None);
    }

    #[test]
    fn envoy_grows_in_a_line_from_a_tenth_or_along_a_power() {
        let start = |aggression| SlowStart { window: Span::from_secs(10), ramp: Ramp::Power { from: 0.1, aggression } };
        let factors =
            |aggression| [0, 500, 2500, 9999, 10_000].map(|ms| start(aggression).factor(Span::from_nanos(ms * 1_000_000)));
        assert_eq!(factors(1.0), [0.1, 0.1, 0.25, 0.9999, 1.0]);
        assert_eq!(factors(2.0)[1..4], [0.05_f64.sqrt(), 0.5, 0.9999_f64.sqrt()]);
    }
}
