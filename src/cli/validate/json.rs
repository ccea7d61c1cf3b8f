//! The comparison as one JSON document.
//!
//! Its bytes depend on the cases, the seed, the budget and the version of the program, on nothing else: it holds no time,
//! speed, thread count or path. Times are in seconds, rates per second. The fields in their order:
//!
//! - `seed` (null without `--seed`), `most_requests` (the budget of one case)
//! - `cases`, in the order of the file: `case`, `title`, `verdict` (`agrees`, `disagrees`, `too_wide`, `not_compared`,
//!   `skipped`), `reason` (why it was skipped or not compared, or what it takes; else null), `replications`, `requests`
//!   (measured over all of them), `extensions` (how often replications were added because the interval was too wide),
//!   `metrics`
//! - `metrics` of a case, by name: `metric`, `primary`, `theory`, `simulated` (mean over replications), `lower` and `upper`
//!   (its 95 % interval), `allowance` (by how much the theory or the measure itself may be off), `verdict`, `reason`
//! - `real`, the cases measured at real load balancers: `case`, `product` (with its version), `algorithm` (as its configuration calls
//!   it), `verdict` (also `disagrees_as_known`), `reason` (why it was skipped, how it was judged, and why it is known to disagree), `findings`: `what`, `measured` and `simulated` (a number, a
//!   text, or null), `allowed` (how far they may be apart, in words), `verdict`. Last comes the order of the cases of one scenario
//! - `malformed`, the cases that could not be read: `line`, `column`, `case` (null where it has no name), `message`
//! - `real_malformed`, the same of measured cases: `file`, `message`
//! - `summary`, numbers of cases: `agree`, `disagree`, `disagree_as_known`, `too_wide`, `not_compared`, `skipped`, `malformed`

use super::report::{Counts, Outcome, RealOutcome, Report, real_word, reason, word};
use crate::validation::{CaseFault, Figure, Finding, RealFinding};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    seed: Option<u64>,
    most_requests: f64,
    cases: Vec<OfCase<'a>>,
    real: Vec<OfRealCase<'a>>,
    malformed: Vec<Malformed<'a>>,
    real_malformed: Vec<RealMalformed<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct OfCase<'a> {
    case: &'a str,
    title: &'a str,
    verdict: &'a str,
    reason: Option<String>,
    replications: u32,
    requests: u64,
    extensions: u32,
    metrics: Vec<OfMetric<'a>>,
}

#[derive(Serialize)]
struct OfMetric<'a> {
    metric: &'a str,
    primary: bool,
    theory: f64,
    simulated: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    allowance: f64,
    verdict: &'a str,
    reason: Option<String>,
}

#[derive(Serialize)]
struct OfRealCase<'a> {
    case: &'a str,
    product: &'a str,
    algorithm: &'a str,
    verdict: &'a str,
    reason: Option<String>,
    findings: Vec<OfFinding<'a>>,
}

#[derive(Serialize)]
struct OfFinding<'a> {
    what: &'a str,
    measured: &'a Figure,
    simulated: &'a Figure,
    allowed: &'a str,
    verdict: &'a str,
}

#[derive(Serialize)]
struct RealMalformed<'a> {
    file: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Malformed<'a> {
    line: usize,
    column: usize,
    case: Option<&'a str>,
    message: &'a str,
}

/// The document, ended by a new line.
pub fn document(report: &Report<'_>) -> String {
    let document = Document {
        seed: report.terms.seed,
        most_requests: report.terms.budget.requests,
        cases: report.outcomes.iter().map(of_case).collect(),
        real: report.real.iter().map(of_real_case).collect(),
        malformed: report.faults.iter().map(of_fault).collect(),
        real_malformed: report
            .real_faults
            .iter()
            .map(|fault| RealMalformed { file: &fault.file, message: &fault.message })
            .collect(),
        summary: report.counts(),
    };
    // Texts and numbers always have a form in JSON.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn of_case<'a>(outcome: &'a Outcome<'a>) -> OfCase<'a> {
    let trial = outcome.trial.as_ref().ok();
    OfCase {
        case: &outcome.case.id,
        title: &outcome.case.title,
        verdict: outcome.word(),
        reason: outcome.reason(),
        replications: trial.map_or(0, |trial| trial.replications),
        requests: trial.map_or(0, |trial| trial.requests),
        extensions: trial.map_or(0, |trial| trial.extensions),
        metrics: outcome.findings().iter().map(of_metric).collect(),
    }
}

fn of_metric(finding: &Finding) -> OfMetric<'_> {
    let end = |side: f64| finding.mean.zip(finding.half_width).map(|(mean, half)| mean + side * half);
    OfMetric {
        metric: &finding.metric,
        primary: finding.primary,
        theory: finding.expected,
        simulated: finding.mean,
        lower: end(-1.0),
        upper: end(1.0),
        allowance: finding.allowance,
        verdict: word(&finding.verdict),
        reason: reason(&finding.verdict),
    }
}

fn of_real_case(outcome: &RealOutcome) -> OfRealCase<'_> {
    let findings = outcome.trial.as_ref().map_or(&[][..], |trial| &trial.findings);
    OfRealCase {
        case: &outcome.id,
        product: &outcome.product,
        algorithm: &outcome.algorithm,
        verdict: outcome.word(),
        reason: outcome.reason(),
        findings: findings.iter().map(of_finding).collect(),
    }
}

fn of_finding(finding: &RealFinding) -> OfFinding<'_> {
    OfFinding {
        what: &finding.what,
        measured: &finding.measured,
        simulated: &finding.simulated,
        allowed: &finding.allowed,
        verdict: real_word(finding.verdict),
    }
}

fn of_fault(fault: &CaseFault) -> Malformed<'_> {
    Malformed { line: fault.line, column: fault.column, case: fault.id.as_deref(), message: &fault.message }
}
