//! `--precision`: how exactly which metrics are to be known.

use super::failure::Failure;
use crate::experiment::Precise;
use crate::observe::{Convergence, LEVEL, Measure};
use crate::units::Probability;

/// Reads `1%`, which is of the mean response, or `p99 2%`.
pub fn target(text: &str) -> Result<(Measure, f64), Failure> {
    let text = text.trim();
    let (name, error) = text.rsplit_once(char::is_whitespace).unwrap_or(("mean", text));
    let Some(measure) = Measure::named(name.trim()) else {
        let advice = "such as --precision 'p99 2%'; `lbsim list metrics` shows them";
        return Err(Failure::input(format!("--precision: there is no metric `{}`: {advice}", name.trim().escape_debug())));
    };
    match error.parse::<Probability>() {
        Ok(error) if error.value() > 0.0 && error.value() < 1.0 => Ok((measure, error.value())),
        _ => Err(Failure::input(format!(
            "--precision must end with an error relative to the figure, such as `1%`, above 0 and below 100%; this is `{}`",
            error.escape_debug()
        ))),
    }
}

/// What became of the precision that was asked for.
#[derive(Debug)]
pub struct Outcome {
    /// What was asked.
    pub targets: Vec<(Measure, f64)>,
    /// Whether it was reached.
    pub reached: bool,
    /// The cap.
    pub most: u32,
    /// That in words.
    pub sentence: String,
}

impl Outcome {
    /// Of a run that was to be precise.
    pub fn of(precise: &Precise, targets: Vec<(Measure, f64)>, most: u32) -> Self {
        let number = precise.fold.figures().len();
        let sentence = if precise.reached {
            let names: Vec<_> =
                targets.iter().map(|(measure, error)| format!("{} to {}", measure.name(), percent(*error))).collect();
            format!("reached with {number} replications: {}", names.join(", "))
        } else if matches!(precise.fold.convergence(), Convergence::NotConverged { .. }) {
            format!("not reached: not converged after {number} replications, and more of them would not help, but longer ones")
        } else {
            let known = |(measure, error): &(Measure, f64)| {
                let estimate = precise.fold.estimate(*measure, LEVEL);
                let known = match (estimate.value, estimate.half_width) {
                    (Some(0.0), _) => "is 0, and no error relative to that can be stated".into(),
                    (Some(value), Some(half_width)) => format!("is known to {}", percent(half_width / value.abs())),
                    _ => format!("has no figure or no interval ({})", estimate.note),
                };
                format!("{} {known}, {} was asked", measure.name(), percent(*error))
            };
            let known: Vec<String> = targets.iter().map(known).collect();
            format!("not reached with {number} replications, the most allowed: {}", known.join("; "))
        };
        Self { targets, reached: precise.reached, most, sentence }
    }
}

/// A fraction in per cent, with two digits that count.
fn percent(fraction: f64) -> String {
    let text = crate::observe::written::digits(fraction * 100.0, 2);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precision_is_of_the_mean_unless_it_names_a_metric() {
        let read = |text: &str| target(text).map(|(measure, error)| (measure.name(), error)).ok();
        assert_eq!(read("1%"), Some(("mean_response", 0.01)));
        assert_eq!(read(" p99 2.5% "), Some(("response_p99", 0.025)));
        assert_eq!(read("utilization 0.001"), Some(("utilization", 0.001)));
        for text in ["", "0%", "100%", "-1%", "p98 1%", "p99", "1", "p99 1ms"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!((percent(0.01), percent(0.0234), percent(0.5)), ("1 %".into(), "2.3 %".into(), "50 %".into()));
    }
}
