//! The comparison as lines: one for each metric, and one for each case that was skipped.

use super::report::{Outcome, RealOutcome, real_word, reason, word};
use crate::validation::{Figure, Finding};

/// The names of the columns. Times are in seconds, rates per second; `lower` and `upper` are the ends of the 95 % interval. A case measured
/// at a real load balancer has `measured` in place of `theory`, and its title is the load balancer with the algorithm.
pub const HEADER: &str = "case,title,metric,primary,theory,measured,simulated,lower,upper,allowance,verdict,reason\n";

/// The lines of one case.
pub fn of_case(outcome: &Outcome<'_>) -> String {
    if outcome.trial.is_err() {
        let fields = [&*outcome.case.id, &outcome.case.title, "", "", "", "", "", "", "", "", outcome.word()];
        return line(fields.map(str::to_owned).into_iter().chain([outcome.reason().unwrap_or_default()]));
    }
    outcome.findings().iter().map(|finding| of_finding(outcome, finding)).collect()
}

fn of_finding(outcome: &Outcome<'_>, finding: &Finding) -> String {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let end = |side: f64| number(finding.mean.zip(finding.half_width).map(|(mean, half)| mean + side * half));
    line([
        outcome.case.id.clone(),
        outcome.case.title.clone(),
        finding.metric.clone(),
        finding.primary.to_string(),
        finding.expected.to_string(),
        String::new(),
        number(finding.mean),
        end(-1.0),
        end(1.0),
        finding.allowance.to_string(),
        word(&finding.verdict).into(),
        reason(&finding.verdict).unwrap_or_default(),
    ])
}

/// The lines of a measured case.
pub fn of_real_case(outcome: &RealOutcome) -> String {
    let title = format!("{}: {}", outcome.product, outcome.algorithm);
    let reason = outcome.reason().unwrap_or_default();
    let of = |what: &str, figures: [String; 2], allowed: &str, verdict: &str| {
        let [measured, simulated] = figures;
        let none = String::new;
        let (id, title, reason) = (outcome.id.clone(), title.clone(), reason.clone());
        let (what, allowed, verdict) = (what.to_owned(), allowed.to_owned(), verdict.to_owned());
        line([id, title, what, none(), none(), measured, simulated, none(), none(), allowed, verdict, reason])
    };
    match &outcome.trial {
        Ok(trial) => trial
            .findings
            .iter()
            .map(|finding| {
                let figures = [&finding.measured, &finding.simulated].map(plain);
                of(&finding.what, figures, &finding.allowed, real_word(finding.verdict))
            })
            .collect(),
        Err(_) => of("", [String::new(), String::new()], "", outcome.word()),
    }
}

fn plain(figure: &Figure) -> String {
    match figure {
        Figure::Number(number) => number.to_string(),
        Figure::Text(text) => text.clone(),
        Figure::Nothing => String::new(),
    }
}

/// A line of fields, quoted where they need it (RFC 4180).
fn line(fields: impl IntoIterator<Item = String>) -> String {
    let quoted = |field: String| {
        if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    fields.into_iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_need_it() {
        let fields = ["plain", "a, b", "say \"so\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(line(fields), "plain,\"a, b\",\"say \"\"so\"\"\",\"two\nlines\",\n");
    }
}
