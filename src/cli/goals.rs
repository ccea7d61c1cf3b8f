//! Goals and what a run says of them, in words that say no more than the data.

use crate::observe::written::{figure, figure_with_error, percent_with_error, three_digits};
use crate::observe::{Estimate, Goal, LEVEL, Side, Summary, Verdict};

/// A goal held against a run.
#[derive(Debug)]
pub struct Outcome {
    pub goal: Goal,
    pub estimate: Estimate,
    pub verdict: Verdict,
}

/// Holds the goals against a summary.
pub fn outcomes(goals: Vec<Goal>, summary: &Summary) -> Vec<Outcome> {
    let outcome = |goal: Goal| {
        let estimate = goal.measure.estimate(summary).clone();
        let verdict = goal.judge_of(&estimate, summary.counts[0], LEVEL);
        Outcome { goal, estimate, verdict }
    };
    goals.into_iter().map(outcome).collect()
}

/// The verdict in one word.
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Undecided => "undecided",
    }
}

impl Outcome {
    /// The verdict and why, such as `met: response_p99 is 152.4 ± 4.0 ms, below 200ms`.
    pub fn sentence(&self) -> String {
        let Self { goal, estimate, verdict } = self;
        let limit = goal.limit_text();
        let (name, side) = (goal.measure.name(), side_word(goal.side));
        let figure = amount(goal, estimate);
        match verdict {
            Verdict::Met => format!("met: {name} is {figure}, {side} {limit}"),
            Verdict::Missed => format!("missed: {name} is {figure}, not {side} {limit}"),
            Verdict::Undecided if estimate.value.is_none() => format!("undecided: no figure: {}", estimate.note),
            Verdict::Undecided if estimate.half_width.is_none() => format!("undecided: {name} is {figure}; {}", estimate.note),
            Verdict::Undecided if estimate.value == Some(0.0) && estimate.half_width == Some(0.0) => {
                format!("undecided: {name} is 0, but of too few requests to tell that it is {side} {limit}")
            }
            Verdict::Undecided => {
                format!("undecided: {name} is {figure}, the limit {limit} lies within the interval{}", self.advice())
            }
        }
    }

    /// Which precision may decide it, where one can be named.
    fn advice(&self) -> String {
        let (Some(value), Some(half_width)) = (self.estimate.value, self.estimate.half_width) else { return String::new() };
        // Half the distance to the limit leaves room for an estimate that moves.
        let wanted = 0.5 * (value - self.goal.limit).abs() / value.abs();
        let nice = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].into_iter().find(|nice| *nice <= wanted);
        match nice {
            Some(nice) if nice * value.abs() < half_width => {
                format!("; --precision '{} {}%' may tell", self.goal.measure.name(), nice * 100.0)
            }
            _ => String::new(),
        }
    }
}

/// The side of a goal in words.
const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Below => "below",
        Side::Above => "above",
    }
}

/// An estimate in the unit in which its goal reads well: `152.4 ± 4.0 ms`.
pub fn amount(goal: &Goal, estimate: &Estimate) -> String {
    let Some(value) = estimate.value else { return "-".into() };
    let in_percent = goal.measure.unit().is_empty() && goal.limit_text().ends_with('%');
    match estimate.half_width.filter(|half_width| *half_width > 0.0) {
        Some(half_width) if in_percent => percent_with_error(value, half_width),
        Some(half_width) => figure_with_error(goal.measure, value, half_width),
        None if in_percent => format!("{} %", three_digits(100.0 * value)),
        None => figure(goal.measure, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(goal: &str, value: Option<f64>, half_width: Option<f64>, note: &str, sentence: &str) {
        let goal = Goal::parse(goal).unwrap();
        let estimate = Estimate { value, half_width, note: note.into() };
        let verdict = goal.judge_of(&estimate, 1_000, LEVEL);
        assert_eq!(Outcome { goal, estimate, verdict }.sentence(), sentence);
    }

    #[test]
    fn sentences_say_what_is_known_and_no_more() {
        says("p99 < 200ms", Some(0.1524), Some(0.004), "", "met: response_p99 is 152.4 ± 4.0 ms, below 200ms");
        says("p99 < 100ms", Some(0.1524), Some(0.004), "", "missed: response_p99 is 152.4 ± 4.0 ms, not below 100ms");
        says("throughput > 300/s", Some(320.01), Some(0.37), "", "met: throughput is 320.01 ± 0.37 /s, above 300/s");
        says("utilization < 80%", Some(0.9), Some(0.01), "", "missed: utilization is 90.0 ± 1.0 %, not below 80%");
        says("rejected < 1%", Some(0.0), Some(0.0), "", "met: rejected_fraction is 0 %, below 1%");
        let few = "undecided: rejected_fraction is 0, but of too few requests to tell that it is below 0.1%";
        says("rejected < 0.1%", Some(0.0), Some(0.0), "", few);
        says(
            "p99 < 200ms",
            Some(0.196),
            Some(0.005),
            "",
            "undecided: response_p99 is 196.0 ± 5.0 ms, the limit 200ms lies within the interval; --precision 'response_p99 1%' may tell",
        );
        // So near to the limit that no precision is worth naming.
        says(
            "p99 < 200ms",
            Some(0.1999),
            Some(0.005),
            "",
            "undecided: response_p99 is 199.9 ± 5.0 ms, the limit 200ms lies within the interval",
        );
        says("p99 < 1s", None, None, "not converged", "undecided: no figure: not converged");
        let one = "one replication: no interval";
        says("p99 < 1s", Some(0.5), None, one, "undecided: response_p99 is 500 ms; one replication: no interval");
    }
}
