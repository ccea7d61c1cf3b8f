//! Goals: what a metric is to reach, and whether a run shows that it does.

use super::{Estimate, Measure};
use crate::units::{Probability, Rate, Span};
use serde::{Deserialize, Serialize};

/// A goal, such as `p99 < 200ms` or `utilization < 80%`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// As it was written.
    pub text: String,
    /// Of which metric.
    pub measure: Measure,
    /// On which side of the limit it should lie.
    pub side: Side,
    /// The limit, in the unit of the metric.
    pub limit: f64,
}

/// On which side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Below it; figures are never exactly at a limit for any reason but rounding, so "at most" is the same.
    Below,
    /// Above it.
    Above,
}

/// What a run says about a goal, at the level of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The whole interval lies on the right side of the limit.
    Met,
    /// The whole interval lies on the wrong side.
    Missed,
    /// The limit lies within the interval, or there is no figure or no interval.
    Undecided,
}

/// Why a text is no goal: which bytes of it, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidGoal {
    /// The part that is wrong.
    pub part: std::ops::Range<usize>,
    /// What it must be.
    pub expected: String,
}

impl Goal {
    /// Reads `METRIC < LIMIT` (or `<=`, `>`, `>=`): a duration for times, a rate for rates, a percentage or a number otherwise.
    ///
    /// # Errors
    /// Where it is none: what was expected, and where.
    pub fn parse(text: &str) -> Result<Self, InvalidGoal> {
        let wrong = |part: &str, expected: String| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            InvalidGoal { part: start..start + part.len(), expected }
        };
        let Some(at) = text.find(['<', '>']) else {
            return Err(wrong(text, "a metric, `<` or `>`, and a limit, such as \"p99 < 200ms\"".into()));
        };
        let side = if text[at..].starts_with('<') { Side::Below } else { Side::Above };
        let name = text[..at].trim();
        let measure = Measure::named(name).ok_or_else(|| wrong(name, "the name of a metric".into()))?;
        let limit = text[at + 1..].strip_prefix('=').unwrap_or(&text[at + 1..]).trim();
        let value = limit_of(measure, limit).ok_or_else(|| wrong(limit, expected_limit(measure).into()))?;
        Ok(Self { text: text.trim().to_owned(), measure, side, limit: value })
    }

    /// What an estimate says about it.
    #[must_use]
    pub fn judge(&self, estimate: &Estimate) -> Verdict {
        let (Some(value), Some(half_width)) = (estimate.value, estimate.half_width) else { return Verdict::Undecided };
        let beyond = match self.side {
            Side::Below => value - self.limit,
            Side::Above => self.limit - value,
        };
        match () {
            () if beyond + half_width < 0.0 => Verdict::Met,
            () if beyond - half_width > 0.0 => Verdict::Missed,
            () => Verdict::Undecided,
        }
    }
}

fn limit_of(measure: Measure, text: &str) -> Option<f64> {
    match measure.unit() {
        "s" => text.parse().ok().map(|span: Span| span.as_secs()),
        "1/s" => text.parse().ok().map(|rate: Rate| rate.as_per_sec()),
        "" if text.ends_with('%') => text.parse().ok().map(|fraction: Probability| fraction.value()),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn expected_limit(measure: Measure) -> &'static str {
    match measure.unit() {
        "s" => "a duration such as `200ms`",
        "1/s" => "a rate such as `300/s`",
        "" => "a number or a percentage such as `80%`",
        _ => "a number",
    }
}
