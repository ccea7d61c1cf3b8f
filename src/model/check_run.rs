//! The run: what is written, or what suits the clients.

use super::document::{Document, Run, RunKind, WarmUp};
use super::meant::{Arrivals, ClientClass, RunPlan};
use super::problem::ModelProblem;
use crate::notation::{At, Findings, Problem};
use crate::units::Span;

/// Replications if nothing is written.
const DEFAULT_REPLICATIONS: u32 = 20;
/// Warm-up if nothing is written, as a fraction of the length.
const DEFAULT_WARM_UP: f64 = 0.2;
/// How many requests a replication should have if its length is not written.
const DEFAULT_REQUESTS: f64 = 100_000.0;

/// The plan of the run. `requests_per_sec`: what all clients together bring.
pub(super) fn plan(
    run: &Run,
    classes: &[ClientClass],
    requests_per_sec: f64,
    document: &Document,
    findings: &Findings,
) -> RunPlan {
    let logs = |class: &ClientClass| match &class.arrivals {
        Arrivals::Replay { trace } => Some(trace.length),
        _ => None,
    };
    let log = classes.iter().filter_map(logs).max();
    let replays = document
        .clients
        .items
        .iter()
        .any(|class| matches!(class.arrivals, Some(At { value: super::document::Arrivals::Replay { .. }, .. })));
    if !replays {
        let replications = run.replications.as_ref().map_or(DEFAULT_REPLICATIONS, |at| at.value);
        return match run.kind {
            Some(RunKind::Terminating) => RunPlan::Terminating { horizon: horizon(run, None, findings), replications },
            Some(RunKind::Steady) | None => {
                // What could not be read would have changed the length: a stand-in that causes no further mistake.
                let known = classes.len() == document.clients.items.len() && !classes.is_empty() && findings.errors() == 0;
                let default = if known { readable(DEFAULT_REQUESTS / requests_per_sec) } else { Span::LONGEST };
                steady(run, default, replications, findings)
            }
        };
    }
    if run.kind == Some(RunKind::Steady) {
        findings.add(&ModelProblem::SteadyReplay, run.place);
    }
    if let Some(At { value: replications, place }) = run.replications
        && replications != 1
    {
        findings.add(&ModelProblem::ReplayReplications { replications }, place);
    }
    RunPlan::Terminating { horizon: horizon(run, Some(log.unwrap_or(Span::LONGEST)), findings), replications: 1 }
}

fn horizon(run: &Run, default: Option<Span>, findings: &Findings) -> Span {
    if let Some(horizon) = &run.horizon {
        return horizon.value;
    }
    default.unwrap_or_else(|| {
        let problem = Problem::MissingField { owner: "`Terminating`".into(), field: "horizon", example: "\"10min\"" };
        findings.add(&problem, run.place);
        Span::LONGEST
    })
}

fn steady(run: &Run, default_length: Span, replications: u32, findings: &Findings) -> RunPlan {
    let length = run.length.as_ref().map_or(default_length, |length| length.value);
    let nanos = length.as_nanos() as f64;
    let warm_up = match run.warm_up.as_ref().map(|at| at.value) {
        None => Span::from_nanos_f64(nanos * DEFAULT_WARM_UP),
        Some(WarmUp::Fraction(fraction)) => Span::from_nanos_f64(nanos * fraction),
        Some(WarmUp::Length(span)) => span,
    };
    if warm_up >= length {
        let place = run.warm_up.as_ref().map_or(run.place, |at| at.place);
        findings.add(&ModelProblem::WarmUpTooLong { warm_up: warm_up.to_string(), length: length.to_string() }, place);
    }
    RunPlan::Steady { length, warm_up, replications }
}

/// The shortest duration of at least `secs` seconds that is 1, 2 or 5 times a power of ten of a unit.
fn readable(secs: f64) -> Span {
    const UNITS: [(f64, &[f64]); 5] = [
        (1e-6, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
        (1e-3, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
        (1.0, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0]),
        (60.0, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0]),
        (3600.0, &[1.0, 2.0, 5.0, 10.0, 20.0]),
    ];
    const DAY: f64 = 86_400.0;
    let small = UNITS.iter().flat_map(|(unit, steps)| steps.iter().map(move |step| unit * step));
    let days = (0..5).flat_map(|power| [1.0, 2.0, 5.0].map(|step| DAY * step * 10_f64.powi(power)));
    let longest = Span::LONGEST.as_secs();
    let enough = small.chain(days).find(|length| *length >= secs * (1.0 - 1e-9)).unwrap_or(longest);
    Span::from_nanos_f64(enough * 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_up_to_readable_ones() {
        for (secs, text) in [
            (0.000_001, "1 us"),
            (0.011, "20 ms"),
            (1.0, "1 s"),
            (51.0, "1 min"),
            (8_333.0, "5 h"),
            (7_200.0, "2 h"),
            (80_000.0, "1 d"),
            (1e7, "200 d"),
            (1e30, "36525 d"),
        ] {
            assert_eq!(readable(secs).to_string(), text);
        }
    }
}
