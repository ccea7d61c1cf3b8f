//! A limit of requests in flight that adapts itself.

use super::ConcurrencyLimit;
use crate::units::{Span, Time};

/// So many latencies tell the least one (Envoy's default `request_count`).
const SAMPLES_OF_LEAST: usize = 50;
/// The least latency is taken for so much more (Envoy's default `buffer` of 25 %).
const BUFFER: f64 = 1.25;
/// By at most so much the limit falls or grows in one window.
const GRADIENTS: (f64, f64) = (0.5, 2.0);
/// After so many windows in a row at the least limit the least latency is measured anew.
const WINDOWS_AT_LEAST: u32 = 5;

/// The state of a [`ConcurrencyLimit`].
///
/// Sources: Netflix' concurrency-limits, `AIMDLimit` (never below 1 here; what is a timeout there is a failure here); Envoy's filter
/// `adaptive_concurrency`, `GradientController`, with its defaults but for the jitter of the time between two measurements of the least latency,
/// which is none here. Its median comes of a histogram with buckets of two digits, here it is exact.
#[derive(Debug, Clone)]
pub struct LimitState(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Aimd { limit: u32, most: u32, backoff: f64 },
    Gradient(Gradient),
}

#[derive(Debug, Clone)]
struct Gradient {
    most: u32,
    least: u32,
    window: Span,
    remeasure: Span,
    limit: u32,
    /// While the least latency is measured, the limit that comes after.
    deferred: Option<u32>,
    /// When the last such measurement began: answers to earlier requests do not count.
    epoch: Time,
    least_latency_nanos: f64,
    latencies_nanos: Vec<u64>,
    window_ends: Time,
    remeasure_at: Time,
    /// Windows in a row at the least limit.
    windows_at_least: u32,
}

impl LimitState {
    /// The limit to begin with; Envoy's controller begins by measuring the least latency.
    #[must_use]
    pub const fn new(spec: ConcurrencyLimit, now: Time) -> Self {
        Self(match spec {
            ConcurrencyLimit::Aimd { initial, most, backoff } => Kind::Aimd { limit: initial, most, backoff },
            ConcurrencyLimit::Gradient { most, window, remeasure, least } => Kind::Gradient(Gradient {
                most,
                least,
                window,
                remeasure,
                limit: least,
                deferred: Some(least),
                epoch: now,
                least_latency_nanos: 0.0,
                latencies_nanos: Vec::new(),
                window_ends: Time::NEVER,
                remeasure_at: Time::NEVER,
                windows_at_least: 0,
            }),
        })
    }

    /// How many requests may be in flight now; at least 1.
    pub fn limit(&mut self, now: Time) -> u32 {
        match &mut self.0 {
            Kind::Aimd { limit, .. } => *limit,
            Kind::Gradient(gradient) => {
                gradient.pass(now);
                gradient.limit
            }
        }
    }

    /// A request has ended, `latency` after it was sent, while `in_flight` (itself included) were in flight; `failed`: by a timeout or an error.
    /// Envoy's controller takes the latency of whatever was answered, errors too.
    pub fn ended(&mut self, now: Time, latency: Span, failed: bool, in_flight: u32) {
        match &mut self.0 {
            Kind::Aimd { limit, backoff, .. } if failed => *limit = ((f64::from(*limit) * *backoff) as u32).max(1),
            Kind::Aimd { limit, most, .. } => {
                if u64::from(in_flight) * 2 >= u64::from(*limit) {
                    *limit = (*limit + 1).min(*most);
                }
            }
            Kind::Gradient(gradient) => gradient.ended(now, latency),
        }
    }
}

impl Gradient {
    /// Lets time pass: windows end, measurements of the least latency begin.
    fn pass(&mut self, now: Time) {
        while self.deferred.is_none() && self.window_ends.min(self.remeasure_at) <= now {
            if self.remeasure_at <= self.window_ends {
                self.measure_least(self.remeasure_at);
            } else if self.latencies_nanos.is_empty() {
                // Windows without an answer change nothing.
                let until = now.min(self.remeasure_at);
                let windows = until.since(self.window_ends).as_nanos() / self.window.as_nanos().max(1) + 1;
                self.window_ends = self.window_ends + Span::from_nanos(windows.saturating_mul(self.window.as_nanos().max(1)));
            } else {
                self.end_window();
            }
        }
    }

    fn measure_least(&mut self, now: Time) {
        self.deferred = Some(self.limit);
        self.limit = self.least;
        self.latencies_nanos.clear();
        self.epoch = now;
        self.windows_at_least = 0;
    }

    fn ended(&mut self, now: Time, latency: Span) {
        self.pass(now);
        if now.as_nanos().saturating_sub(latency.as_nanos()) < self.epoch.as_nanos() {
            return;
        }
        self.latencies_nanos.push(latency.as_nanos());
        if self.latencies_nanos.len() >= SAMPLES_OF_LEAST
            && let Some(limit) = self.deferred.take()
        {
            self.least_latency_nanos = self.take_median();
            self.limit = limit;
            self.remeasure_at = now + self.remeasure;
            self.window_ends = now + self.window;
        }
    }

    fn end_window(&mut self) {
        let sampled = self.take_median().max(1.0);
        let gradient = (BUFFER * self.least_latency_nanos / sampled).clamp(GRADIENTS.0, GRADIENTS.1);
        let limit = f64::from(self.limit) * gradient;
        let limit = ((limit + limit.sqrt()) as u32).min(self.most).max(self.least);
        let stays = self.limit == self.least && limit == self.least;
        self.windows_at_least = if stays { self.windows_at_least + 1 } else { 0 };
        if self.windows_at_least >= WINDOWS_AT_LEAST {
            self.remeasure_at = self.window_ends;
        }
        self.limit = limit;
        self.window_ends = self.window_ends + self.window;
    }

    /// The median of the latencies, the lower one of two; they are forgotten.
    fn take_median(&mut self) -> f64 {
        let middle = self.latencies_nanos.len().saturating_sub(1) / 2;
        let median = self.latencies_nanos.select_nth_unstable(middle).1.to_owned();
        self.latencies_nanos.clear();
        median as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_nanos(millis * 1_000_000)
    }

    fn millis(millis: u64) -> Span {
        Span::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn additive_increase_multiplicative_decrease() {
        let mut state = LimitState::new(ConcurrencyLimit::Aimd { initial: 10, most: 12, backoff: 0.9 }, at(0));
        let mut after = |failed, in_flight| {
            state.ended(at(1), millis(1), failed, in_flight);
            state.limit(at(1))
        };
        // Less than half in use: no growth. Then up to the most, and down by a tenth, rounded down, but not below 1.
        assert_eq!([after(false, 4), after(false, 5), after(false, 5), after(false, 6), after(false, 12)], [10, 11, 11, 12, 12]);
        assert_eq!([after(true, 1), after(true, 1), after(true, 1)], [10, 9, 8]);
        assert_eq!((0..20).map(|_| after(true, 1)).last(), Some(1));
        assert_eq!(after(false, 1), 2);
    }

    fn gradient(least: u32) -> LimitState {
        let spec = ConcurrencyLimit::Gradient { most: 1_000, window: millis(100), remeasure: Span::from_secs(60), least };
        let mut state = LimitState::new(spec, at(1_000));
        for _ in 0..49 {
            state.ended(at(1_020), millis(10), false, 1);
        }
        // Sent before the measurement began: does not count.
        state.ended(at(1_020), millis(21), false, 1);
        assert_eq!(state.limit(at(10_000)), least, "the least latency takes 50 answers");
        state.ended(at(10_000), millis(10), false, 1);
        state
    }

    /// Least latency 10 ms. At 10 ms the gradient is 1.25: 4 -> 5 + sqrt 5 = 7 -> 8.75 + 2.96 = 11; at 25 ms 0.5: 11 -> 5.5 + 2.35 = 7.
    #[test]
    fn the_limit_follows_the_latency() {
        let mut state = gradient(4);
        let mut window = |number: u64, latency| {
            // The median of three: the slow one changes nothing.
            let middle = 10_000 + number * 100 - 50;
            [latency, latency, 1_000].iter().for_each(|latency| state.ended(at(middle), millis(*latency), false, 1));
            (state.limit(at(middle + 49)), state.limit(at(middle + 50)))
        };
        assert_eq!([window(1, 10), window(2, 10), window(3, 25)], [(4, 7), (7, 11), (11, 7)]);
        // Very fast or very slow: at most twice, at least half, before the root is added: 14 + 3.74 = 17, 8.5 + 2.92 = 11.
        assert_eq!([window(4, 1), window(5, 400)], [(7, 17), (17, 11)]);
    }

    #[test]
    fn windows_without_answers_change_nothing_and_the_least_latency_is_measured_again() {
        let mut state = gradient(4);
        state.ended(at(10_050), millis(10), false, 1);
        assert_eq!([state.limit(at(10_100)), state.limit(at(69_999))], [7, 7]);
        assert_eq!(state.limit(at(70_000)), 4);
        for _ in 0..50 {
            state.ended(at(70_100), millis(5), false, 1);
        }
        assert_eq!(state.limit(at(70_100)), 7);
        // Now 5 ms are the least: at 10 ms the gradient is 0.625: 4.375 + 2.09 = 6.
        state.ended(at(70_150), millis(10), false, 1);
        assert_eq!(state.limit(at(70_200)), 6);
    }

    /// Four times as slow for good: the limit falls to the least, and after five windows there the new latency becomes the least one.
    #[test]
    fn five_windows_at_the_least_limit_are_a_reason_to_measure() {
        let mut state = gradient(9);
        for window in 1..=5 {
            state.ended(at(10_000 + window * 100 - 40), millis(40), false, 1);
            assert_eq!(state.limit(at(10_000 + window * 100)), 9, "{window}");
        }
        // Asked before the measurement began: not heard.
        (0..50).for_each(|_| state.ended(at(10_539), millis(40), false, 1));
        (0..50).for_each(|_| state.ended(at(10_540), millis(40), false, 1));
        state.ended(at(10_600), millis(40), false, 1);
        assert_eq!(state.limit(at(10_640)), 14);
    }
}
