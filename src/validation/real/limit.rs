//! Limits on connections under load: how many requests are refused, and how long the others take, on the very requests.
//!
//! The requests are drawn as the generator drew them. What is refused must agree within one in a hundred of all requests, the mean
//! latency of the others within 3 % on every seed, after the overhead of the idle balancer is taken off.

use super::case::{RealCase, RealCases};
use super::finding::{RealFinding, RealTrial};
use super::load::{Drive, overhead_ms};
use super::words::Said;
use super::world::World;
use crate::stats::sample::mean;
use crate::validation::Skip;
use crate::validation::fields::Fields;
use serde_json::Value;

/// How far the share of refused requests may be off.
const REFUSED: f64 = 0.01;
/// How far the mean latency may be off.
const NEAR: f64 = 0.03;

pub(super) fn limit(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    if model.get("error_probability_per_try").and_then(Value::as_f64) != Some(0.0) {
        return Err(Skip::new("it needs servers that answer with errors, and retries"));
    }
    let config = model.text("config")?;
    let said = Said::of_limits(&case.lb, config)?;
    let drive = Drive::read(&mut model)?;
    let world = World::of_equals(&mut model, said.max_connections)?;
    let world = if config.contains("no queue") { world.without_queue() } else { world };
    model.get("lb_threads");
    model.nothing_else()?;
    let overhead = overhead_ms(case, all, true, "mean")?;
    let runs = case.measured["replications"].as_array().filter(|runs| runs.len() == drive.seeds.len());
    let runs = runs.ok_or_else(|| Skip::new("there is not a measured run for each seed"))?;
    let mut findings = Vec::new();
    for (seed, measured) in drive.seeds.iter().zip(runs) {
        let requests = drive.requests(*seed, "", all);
        let taken = world.run(&requests, 0, said.algorithm.clone(), &said.algorithm);
        let served: Vec<f64> = taken.iter().flatten().map(|taken| taken.as_nanos() as f64 * 1e-6).collect();
        let refused = 1.0 - served.len() as f64 / requests.len().max(1) as f64;
        let number = |value: &Value| value.as_f64().ok_or_else(|| Skip::new("a measured run lacks a figure"));
        let what = format!("requests, seed {seed}");
        findings.push(RealFinding::near(what, number(&measured["requests"])?, requests.len() as f64, 0.0, ""));
        let what = format!("refused_fraction, seed {seed}");
        findings.push(RealFinding::near(
            what,
            number(&measured["error_fraction"])?,
            refused,
            REFUSED,
            format!("\u{b1} {REFUSED}"),
        ));
        let latency = number(&measured["latency_ok_ms"]["mean"])? - overhead;
        let what = format!("mean_latency_ms, seed {seed}");
        findings.push(RealFinding::near(what, latency, mean(&served).unwrap_or(f64::NAN), NEAR * latency, "\u{b1} 3 %"));
    }
    Ok(RealTrial { findings, note: Some(format!("{overhead:.3} ms of overhead taken off")) })
}
