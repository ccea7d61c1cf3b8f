//! A run as JSON. It holds no time, speed, thread count, machine or path, so its bytes repeat.

use super::Asked;
use crate::cli::goals::{Outcome, word};
use crate::cli::precision;
use crate::model::{Model, RunPlan};
use crate::observe::{Convergence, Estimate, Figures, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS, Summary};
use serde_json::{Map, Value, json};

/// The document: what was run, the warnings of the check, the estimates, the figures of each replication. Times are in seconds.
pub fn json(name: &str, model: &Model, summary: &Summary, warnings: &[String], asked: &Asked) -> String {
    let parts = model.parts();
    let (mode, length) = match parts.run {
        RunPlan::Steady { length, .. } => ("steady", length),
        RunPlan::Terminating { horizon, .. } => ("terminating", horizon),
    };
    let mut document = json!({
        "lbsim": env!("CARGO_PKG_VERSION"),
        "model": name,
        "about": parts.about,
        "seed": parts.seed.0,
        "run": {
            "mode": mode,
            "length_s": length.as_secs(),
            "measured_from_s": parts.run.measured_from().as_secs(),
            "replications": summary.replications.len(),
            "interval_level": crate::observe::LEVEL,
        },
        "warnings": warnings,
        "convergence": convergence(&summary.convergence),
        "goals": list(&asked.goals, goal),
        "counts": named(["arrived", "completed", "rejected", "unfinished"].into_iter().zip(summary.counts.map(Value::from))),
        "requests": estimates(REQUEST_METRICS.iter().map(|metric| metric.name), &summary.total),
        "classes": list(&summary.classes, |(name, metrics)| {
            json!({ "name": name, "metrics": estimates(REQUEST_METRICS.iter().map(|metric| metric.name), metrics) })
        }),
        "servers_together": estimates(SYSTEM_METRICS.iter().map(|metric| metric.name), &summary.system),
        "pools": list(&summary.pools, |pool| json!({
            "name": pool.name,
            "back_end": pool.is_back_end,
            "servers": pool.servers,
            "metrics": server_estimates(&pool.metrics),
        })),
        "servers": list(&summary.servers, |server| json!({ "name": server.name, "metrics": server_estimates(&server.metrics) })),
        "time_line": list(&summary.time_line.stretches, |[utilization, cv, max_over_mean, jain]| json!({
            "utilization": utilization,
            "cv_utilization": cv,
            "max_over_mean_utilization": max_over_mean,
            "jain_index_utilization": jain,
        })),
        "replications": list(&summary.replications, |figures| replication(model, figures)),
    });
    if !summary.ages.is_empty() {
        document["hit_ratio_by_age"] = list(&summary.ages, |age| {
            json!({
                "from_s": age.from_secs,
                "to_s": age.to_secs,
                "lookups": age.lookups,
                "value": age.hit_ratio.value,
                "half_width_95": age.hit_ratio.half_width,
            })
        });
    }
    if let Some(precision) = &asked.precision {
        document["run"]["precision"] = reached(precision);
    }
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// A goal and its verdict; the limit and the figures are in the unit of the metric.
fn goal(outcome: &Outcome) -> Value {
    let Outcome { goal, estimate, verdict } = outcome;
    json!({
        "goal": goal.text,
        "metric": goal.measure,
        "unit": goal.measure.unit(),
        "side": goal.side,
        "limit": goal.limit,
        "value": estimate.value,
        "half_width_95": estimate.half_width,
        "verdict": word(*verdict),
        "sentence": outcome.sentence(),
    })
}

fn reached(precision: &precision::Outcome) -> Value {
    json!({
        "targets": list(&precision.targets, |(measure, error)| json!({ "metric": measure, "relative_error": error })),
        "most_replications": precision.most,
        "reached": precision.reached,
        "sentence": precision.sentence,
    })
}

fn convergence(convergence: &Convergence) -> Value {
    match convergence {
        Convergence::NotAsked => json!({ "verdict": "not asked" }),
        Convergence::Converged => json!({ "verdict": "converged" }),
        Convergence::NotConverged { needed_secs } => json!({ "verdict": "not converged", "needed_length_s": needed_secs }),
        Convergence::Unknown => json!({ "verdict": "unknown" }),
    }
}

fn named<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(entries.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn list<T>(items: &[T], to_value: impl FnMut(&T) -> Value) -> Value {
    Value::Array(items.iter().map(to_value).collect())
}

fn server_estimates(metrics: &[Estimate]) -> Value {
    estimates(SERVER_METRICS.iter().map(|metric| metric.name), metrics)
}

fn estimates(names: impl Iterator<Item = &'static str>, estimates: &[Estimate]) -> Value {
    named(names.zip(estimates.iter().map(|estimate| {
        let mut value = json!({ "value": estimate.value, "half_width_95": estimate.half_width });
        if !estimate.note.is_empty() {
            value["note"] = Value::from(estimate.note.as_str());
        }
        value
    })))
}

/// The figures of one replication: the same whether it ran alone or among others.
fn replication(model: &Model, figures: &Figures) -> Value {
    let requests =
        |figures: &[f64]| named(REQUEST_METRICS.iter().map(|metric| metric.name).zip(figures.iter().copied().map(Value::from)));
    let classes = model.parts().classes.iter().zip(&figures.classes);
    json!({
        "number": figures.replication,
        "born": figures.born,
        "counts": named(["arrived", "completed", "rejected", "unfinished"].into_iter().zip(figures.counts.map(Value::from))),
        "requests": requests(&figures.total),
        "classes": Value::Array(classes.map(|(class, figures)| json!({ "name": class.name, "metrics": requests(figures) })).collect()),
        "servers_together": named(SYSTEM_METRICS.iter().map(|m| m.name).zip(figures.system.iter().copied().map(Value::from))),
    })
}
