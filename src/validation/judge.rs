//! Whether what was simulated agrees with what a case expects.
//!
//! A metric agrees where the mean over at least 10 independent replications lies within the two-sided 99.9 % Student t
//! interval of the answer; what is known to be inexact on either side widens it: the relative error that the case states
//! for its answer, and the resolution of the measure. The primary metric must besides be known to 1 %: the half-width
//! of its 95 % interval, of the expected value. The other metrics of a case are compared at whatever precision they have.

use super::law::Law;
use super::{Answer, Case, Exactness};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::fmt;

/// Fewer replications are not judged.
const FEWEST_REPLICATIONS: usize = 10;
/// The widest half-width of the 95 % interval of a primary metric, relative to its value.
const WIDEST: f64 = 0.01;

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
    let tail = heaviest_tail(&case.model);
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
            Some(answer) => find(case, answer, tail, measure(answer), finding),
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
fn find(case: &Case, answer: Answer, tail: Option<f64>, measured: Option<Measured>, finding: Finding) -> Finding {
    let Some(measured) = measured else {
        return Finding { verdict: not_measured("not measured"), ..finding };
    };
    let Some((mean, error)) = mean_and_error(&measured.values) else {
        return Finding { verdict: not_measured("a replication without a value"), ..finding };
    };
    let freedom = measured.values.len() as f64 - 1.0;
    let half_width = student(0.975, freedom) * error;
    let relative = case.tolerance.numeric_error_of_exact + measured.resolution;
    let allowance = relative * finding.expected.abs();
    let verdict = if let Some(reason) = not_to_be_judged(case, answer, tail, &finding, measured.values.len()) {
        not_measured(reason)
    } else if (mean - finding.expected).abs() > student(0.9995, freedom) * error + allowance {
        Verdict::Disagrees
    } else if finding.primary && half_width > WIDEST * finding.expected.abs() {
        Verdict::TooWide { longer: (half_width / (WIDEST * finding.expected.abs())).powi(2) }
    } else {
        Verdict::Agrees
    };
    Finding { mean: Some(mean), half_width: Some(half_width), allowance, verdict, ..finding }
}

/// Why an interval would say nothing.
fn not_to_be_judged(case: &Case, answer: Answer, tail: Option<f64>, finding: &Finding, replications: usize) -> Option<String> {
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
    let needed = moment_needed(answer);
    let tail = tail.filter(|tail| *tail <= needed)?;
    Some(format!("no valid interval: the tail of the Pareto distribution has power {tail}, and more than {needed} is needed"))
}

/// The variance of a mean wait takes the third moment of the service time, that of a second moment of the wait the fifth.
/// Fractions of time or of requests need none beyond the mean.
const fn moment_needed(answer: Answer) -> f64 {
    match answer {
        Answer::StdResponse | Answer::StdWait => 5.0,
        Answer::MeanResponse
        | Answer::ServerMeanResponse(_)
        | Answer::MeanWait
        | Answer::MeanSlowdown
        | Answer::MeanInSystem
        | Answer::MeanInSystemPerServer
        | Answer::MeanInQueue => 3.0,
        _ => 1.0,
    }
}

/// The least power of a Pareto distribution anywhere in a model.
fn heaviest_tail(model: &serde_json::Value) -> Option<f64> {
    let own = if model.get("dist").is_some() { Law::read("a distribution", model).ok().and_then(|law| law.tail()) } else { None };
    let inner: Vec<&serde_json::Value> = match model {
        serde_json::Value::Array(values) => values.iter().collect(),
        serde_json::Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    inner.into_iter().filter_map(heaviest_tail).chain(own).reduce(f64::min)
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

/// A quantile of Student's t distribution.
fn student(probability: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(probability))
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
