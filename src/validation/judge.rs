//! Whether what was simulated agrees with what a case expects.
//!
//! A metric agrees where the mean over at least 10 independent replications lies within the two-sided 99.9 % Student t
//! interval of the answer; what is known to be inexact on either side widens it: the relative error that the case states
//! for its answer, and the resolution of the measure. The primary metric must besides be known to 1 %: the half-width
//! of its 95 % interval, of the expected value; an availability to 5 % of the unavailability. The other metrics of a case are compared at whatever precision they have.

use super::tails::Tails;
use super::{Answer, Case, Exactness};
use crate::stats::two_sided;
use std::fmt;

/// Fewer replications are not judged.
const FEWEST_REPLICATIONS: usize = 10;
/// The level of the interval that is shown, and whose width is judged.
const NARROW: f64 = 0.95;
/// The level of the interval that must hold the answer: one right metric in a thousand fails by chance.
const CAUTIOUS: f64 = 0.999;
/// What the rounding of sums in a replication may do, relative to the value.
const ROUNDING: f64 = 1e-12;

/// What a simulation gave for one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// One value per independent replication, without their warm-up.
    pub values: Vec<f64>,
    /// The relative error that each value may have from the way it was measured, such as the bin of a histogram.
    pub resolution: f64,
}

impl Measured {
    /// Values that are what they are.
    #[must_use]
    pub const fn exact(values: Vec<f64>) -> Self {
        Self { values, resolution: 0.0 }
    }
}

/// The comparison of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its name in the case.
    pub metric: String,
    /// Whether its interval must be narrow.
    pub primary: bool,
    /// What the case expects.
    pub expected: f64,
    /// The mean over the replications, where there are any.
    pub mean: Option<f64>,
    /// Half-width of the 95 % interval of the mean.
    pub half_width: Option<f64>,
    /// By how much the expected value itself, or the measure, may be off: the interval was widened by it.
    pub allowance: f64,
    /// What comes of it.
    pub verdict: Verdict,
}

impl Finding {
    /// By how much of its value the interval was widened, where a person should know.
    #[must_use]
    pub fn widened(&self) -> Option<f64> {
        let relative = self.allowance / self.expected.abs();
        (relative >= 1e-4).then_some(relative)
    }
}

/// What comes of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They agree.
    Agrees,
    /// They do not.
    Disagrees,
    /// They agree, but within an interval too wide to say much.
    TooWide {
        /// How many times as long a simulation would be narrow enough.
        longer: f64,
    },
    /// They were not compared.
    NotMeasured {
        /// Why.
        reason: String,
    },
}

/// The comparison of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The metrics, by name.
    pub findings: Vec<Finding>,
    /// Agreement where all that was measured agrees and the primary metric is precise.
    pub verdict: Verdict,
}

/// Compares a case with a simulation of it; `measure` answers with the replications, or nothing.
pub fn judge(case: &Case, mut measure: impl FnMut(Answer) -> Option<Measured>) -> Judgement {
    let tails = Tails::of(&case.model);
    let mut findings = Vec::new();
    for expected in case.expected() {
        let primary = expected.metric == case.tolerance.primary_metric;
        let finding = Finding {
            metric: expected.metric,
            primary,
            expected: expected.value,
            mean: None,
            half_width: None,
            allowance: 0.0,
            verdict: not_measured("no measure of ours"),
        };
        findings.push(match Answer::to(&finding.metric) {
            Some(answer) => find(case, answer, tails, measure(answer), finding),
            None => finding,
        });
    }
    let verdict = overall(case, &findings);
    Judgement { findings, verdict }
}

fn not_measured(reason: impl Into<String>) -> Verdict {
    Verdict::NotMeasured { reason: reason.into() }
}

/// Completes a finding.
fn find(case: &Case, answer: Answer, tails: Tails, measured: Option<Measured>, finding: Finding) -> Finding {
    let Some(measured) = measured else {
        return Finding { verdict: not_measured("not measured"), ..finding };
    };
    let Some((mean, error)) = mean_and_error(&measured.values) else {
        return Finding { verdict: not_measured("a replication without a value"), ..finding };
    };
    let freedom = measured.values.len() as f64 - 1.0;
    let half_width = reach(NARROW, freedom) * error;
    let relative = case.tolerance.numeric_error_of_exact + measured.resolution;
    let allowance = relative * finding.expected.abs();
    let within = reach(CAUTIOUS, freedom) * error + allowance + ROUNDING * finding.expected.abs();
    let (scale, widest) = answer.precision(finding.expected);
    let verdict = if let Some(reason) = not_to_be_judged(case, answer, tails, &finding, measured.values.len()) {
        not_measured(reason)
    } else if (mean - finding.expected).abs() > within {
        Verdict::Disagrees
    } else if finding.primary && half_width > widest * scale {
        Verdict::TooWide { longer: (half_width / (widest * scale)).powi(2) }
    } else {
        Verdict::Agrees
    };
    Finding { mean: Some(mean), half_width: Some(half_width), allowance, verdict, ..finding }
}

/// Why an interval would say nothing.
fn not_to_be_judged(case: &Case, answer: Answer, tails: Tails, finding: &Finding, replications: usize) -> Option<String> {
    if replications < FEWEST_REPLICATIONS {
        return Some(format!("fewer than {FEWEST_REPLICATIONS} replications"));
    }
    match case.exactness {
        Exactness::Bound => return Some("the case gives a bound".into()),
        Exactness::Approximation | Exactness::Asymptotic if finding.expected == 0.0 => {
            return Some("0 in the limit: no relative error".into());
        }
        _ => {}
    }
    tails.too_heavy_for(answer).map(|(tail, needed)| {
        format!("no valid interval: the tail of the Pareto distribution has power {tail}, and more than {needed} is needed")
    })
}

/// The mean and its standard error; nothing where some value is not finite, or there are fewer than two.
fn mean_and_error(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let number = values.len() as f64;
    let mean = values.iter().sum::<f64>() / number;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, (squares / (number - 1.0) / number).sqrt()))
}

/// How many standard errors a two-sided interval reaches to each side.
fn reach(level: f64, freedom: f64) -> f64 {
    two_sided(level, freedom).unwrap_or(f64::INFINITY)
}

/// The first disagreement wins, whichever metric it is; precision is asked of the primary metric only.
fn overall(case: &Case, findings: &[Finding]) -> Verdict {
    if findings.iter().any(|finding| finding.verdict == Verdict::Disagrees) {
        return Verdict::Disagrees;
    }
    match findings.iter().find(|finding| finding.primary) {
        Some(Finding { metric, verdict: Verdict::NotMeasured { reason }, .. }) => not_measured(format!("{metric}: {reason}")),
        Some(finding) => finding.verdict.clone(),
        None => not_measured(format!("the case expects no `{}`", case.tolerance.primary_metric)),
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agrees => write!(f, "agrees"),
            Self::Disagrees => write!(f, "disagrees"),
            Self::TooWide { longer } => write!(f, "too wide: simulate {longer:.1} times as long"),
            Self::NotMeasured { reason } => write!(f, "not compared: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::builtin;

    fn case(id: &str) -> Case {
        builtin().into_iter().find(|case| case.id == id).unwrap()
    }

    /// Twenty values around `mean`, their standard error a given part of it.
    fn around(mean: f64, relative_error: f64) -> Vec<f64> {
        let unit = (19.0_f64 / 20.0).sqrt() * 20.0_f64.sqrt();
        (0..20).map(|i| mean * (1.0 + if i % 2 == 0 { unit } else { -unit } * relative_error)).collect()
    }

    /// Only the mean response time measured; it should be 2 s.
    #[expect(clippy::needless_pass_by_value, reason = "so the calls below read as what they say")]
    fn response(values: Vec<f64>) -> Judgement {
        judge(&case("Q01"), |answer| (answer == Answer::MeanResponse).then(|| Measured::exact(values.clone())))
    }

    #[test]
    fn the_mean_and_its_error_are_those_of_the_definition() {
        let (mean, error) = mean_and_error(&around(2.0, 0.001)).unwrap();
        assert!((mean - 2.0).abs() < 1e-12 && (error - 0.002).abs() < 1e-12, "{mean} {error}");
    }

    #[test]
    fn a_mean_within_the_interval_agrees_and_one_outside_does_not() {
        // 3.88 standard errors of 0.1 % each.
        assert_eq!(response(around(2.0 * 1.0038, 0.001)).verdict, Verdict::Agrees);
        assert_eq!(response(around(2.0 * 1.0040, 0.001)).verdict, Verdict::Disagrees);
        assert_eq!(response(around(2.0 * 0.9960, 0.001)).verdict, Verdict::Disagrees);
    }

    #[test]
    fn a_primary_metric_that_agrees_within_a_wide_interval_is_too_wide() {
        let judgement = response(around(2.01, 0.02));
        let Verdict::TooWide { longer } = judgement.verdict else { panic!("{judgement:?}") };
        assert!((longer - (2.093 * 0.02 * 2.01 / 0.02_f64).powi(2)).abs() < 0.01, "{longer}");
        assert_eq!(response(around(2.3, 0.02)).verdict, Verdict::Disagrees);
    }

    #[test]
    fn other_metrics_count_for_agreement_but_not_for_precision() {
        let both = |wait: Vec<f64>| {
            let verdict = judge(&case("Q01"), |answer| match answer {
                Answer::MeanResponse => Some(Measured::exact(around(2.0, 0.001))),
                Answer::MeanWait => Some(Measured::exact(wait.clone())),
                _ => None,
            });
            verdict.verdict
        };
        assert_eq!(both(around(1.1, 0.3)), Verdict::Agrees);
        assert_eq!(both(around(1.1, 0.001)), Verdict::Disagrees);
        assert_eq!(both(vec![f64::NAN; 20]), Verdict::Agrees);
    }

    #[test]
    fn what_is_not_measured_is_said() {
        let said = |values| response(values).verdict.to_string();
        assert_eq!(said(vec![2.0; 9]), "not compared: mean_response: fewer than 10 replications");
        assert_eq!(said(vec![f64::NAN; 20]), "not compared: mean_response: a replication without a value");
        assert_eq!(said(Vec::new()), "not compared: mean_response: a replication without a value");
        let judgement = judge(&case("Q40"), |_| None);
        assert_eq!(judgement.verdict.to_string(), "not compared: mean_in_system: not measured");
        let lag = judgement.findings.iter().find(|finding| finding.metric == "peak_lag").unwrap();
        assert_eq!(lag.verdict.to_string(), "not compared: no measure of ours");
    }

    #[test]
    fn values_without_spread_agree_to_the_digits_of_the_answer() {
        assert_eq!(response(vec![2.0 + 1e-9; 20]).verdict, Verdict::Agrees);
        assert_eq!(response(vec![2.0 + 1e-6; 20]).verdict, Verdict::Disagrees);
    }

    #[test]
    fn the_stated_bias_of_a_limit_widens_the_interval() {
        let verdict = |mean: f64| {
            let judgement =
                judge(&case("L27"), |answer| (answer == Answer::MeanResponse).then(|| Measured::exact(around(mean, 0.001))));
            let finding = judgement.findings.iter().find(|finding| finding.primary).unwrap();
            assert!((finding.widened().unwrap() - 0.025).abs() < 1e-9);
            judgement.verdict
        };
        assert_eq!(verdict(2.614 * 1.028), Verdict::Agrees);
        assert_eq!(verdict(2.614 * 1.030), Verdict::Disagrees);
    }

    #[test]
    fn the_resolution_of_a_measure_widens_the_interval() {
        let verdict = |resolution| {
            let judgement = judge(&case("Q01"), |answer| match answer {
                Answer::MeanResponse => Some(Measured::exact(around(2.0, 0.001))),
                Answer::ResponseQuantile(0.95) => Some(Measured { values: vec![5.991 * 1.003; 20], resolution }),
                _ => None,
            });
            judgement.verdict
        };
        assert_eq!(verdict(0.004), Verdict::Agrees);
        assert_eq!(verdict(0.0), Verdict::Disagrees);
    }

    #[test]
    fn a_tail_that_leaves_no_interval_is_not_judged() {
        let measured = |case: &Case| judge(case, |_| Some(Measured::exact(around(1.816_666_666_67, 0.001))));
        let finding = |judgement: &Judgement, metric: &str| {
            judgement.findings.iter().find(|finding| finding.metric == metric).unwrap().verdict.to_string()
        };
        // The tail of Q15 has power 4.5.
        let mut pareto = case("Q15");
        assert_eq!(finding(&measured(&pareto), "mean_response"), "agrees");
        assert_eq!(
            finding(&measured(&pareto), "std_response"),
            "not compared: no valid interval: the tail of the Pareto distribution has power 4.5, and more than 5 is needed"
        );
        pareto.model = serde_json::from_str(&pareto.model.to_string().replace("4.5", "2.2")).unwrap();
        assert_eq!(
            measured(&pareto).verdict.to_string().split(':').next(),
            Some("disagrees"),
            "utilization is judged all the same"
        );
        assert!(finding(&measured(&pareto), "mean_response").contains("power 2.2, and more than 3"));
        pareto.model = serde_json::from_str(&pareto.model.to_string().replace("fcfs", "ps")).unwrap();
        assert_eq!(finding(&measured(&pareto), "mean_response"), "agrees");
    }

    #[test]
    fn a_bound_and_a_limit_of_zero_are_not_judged() {
        let mut bound = case("Q01");
        bound.exactness = Exactness::Bound;
        let verdict = judge(&bound, |_| Some(Measured::exact(around(2.0, 0.001)))).verdict;
        assert_eq!(verdict.to_string(), "not compared: mean_response: the case gives a bound");
        let idle = judge(&case("L31"), |answer| {
            Some(Measured::exact(if answer == Answer::MeanResponse { around(1.0, 1e-4) } else { vec![0.0; 20] }))
        });
        assert_eq!(idle.verdict, Verdict::Agrees);
    }
}
