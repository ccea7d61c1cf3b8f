//! Limits under load, and servers that answer with errors: how many requests fail, and how long the others take, on the very requests.
//!
//! The requests are drawn as the generator drew them.
//!
//! - Where servers make no errors, little is left to chance. The fraction of requests that are refused must agree within one in a hundred of all,
//!   the mean latency of the others within 3 %, on every seed. Some part of the overhead of the idle balancer is spent while the request takes up
//!   its place within the limit, as if servers were slower by that, the rest before and after: what is measured must lie between what is
//!   simulated without the overhead and with all of it added to each service, but for these margins.
//! - Where each try is answered by an error with a probability, the figures are judged as [`super::band`] says, 201 simulated runs against those
//!   measured; the mean latency, with the overhead once for each try taken off, must agree within 3 %.

use super::band::Band;
use super::case::{RealCase, RealCases};
use super::config::Config;
use super::finding::{RealFinding, RealTrial};
use super::heard::Heard;
use super::load::{Drive, overhead_ms};
use super::world::World;
use crate::faults::{Fault, Incident};
use crate::model::{Change, ChangeKind};
use crate::stats::sample::mean;
use crate::units::{Probability, ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use rayon::prelude::*;
use serde_json::Value;

/// How far the share of refused requests may be off.
const REFUSED: f64 = 0.01;
/// How far the mean latency may be off.
const NEAR: f64 = 0.03;
/// So many runs are simulated where chance decides.
const RUNS: u32 = 201;

pub(super) fn limit(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let config = Config::read(&case.lb, model.text("config")?, model.text_if_any("algorithm")?)?;
    let drive = Drive::read(&mut model)?;
    let probability = Probability::new(model.number("error_probability_per_try")?)
        .map_err(|_| Skip::new("`error_probability_per_try` is not a probability"))?;
    let world = World::of_equals(&mut model, config.max_connections)?.with_seed(all.seed).with_handling(config.handling.clone());
    let world = if config.has_no_queue { world.without_queue() } else { world };
    model.get("lb_threads");
    model.nothing_else()?;
    let overhead = overhead_ms(case, all, true, "mean")?;
    let runs = case.measured["replications"].as_array().filter(|runs| runs.len() == drive.seeds.len());
    let runs = runs.ok_or_else(|| Skip::new("there is not a measured run for each seed"))?;
    let measured = runs.iter().map(Measured::read).collect::<Result<Vec<Measured>, Skip>>()?;
    let bench = Bench { world, config, overhead };
    let requests: Vec<Vec<(f64, f64)>> = drive.seeds.iter().map(|seed| drive.requests(*seed, "", all)).collect();
    let same = requests.iter().zip(&measured).filter(|(requests, run)| requests.len() == run.requests).count();
    let mut findings = vec![RealFinding::right("requests measured", same, requests.len(), 1.0)];
    if probability.value() > 0.0 {
        findings.extend(bench.by_chance(&requests, &measured, probability));
    } else {
        for ((seed, requests), measured) in drive.seeds.iter().zip(&requests).zip(&measured) {
            findings.extend(bench.of_seed(*seed, requests, measured));
        }
    }
    Ok(RealTrial { findings, note: Some(format!("{overhead:.3} ms of overhead taken off")) })
}

/// One measured run.
struct Measured {
    requests: usize,
    errors: f64,
    error_fraction: f64,
    tries: f64,
    latency_ms: f64,
}

impl Measured {
    fn read(run: &Value) -> Result<Self, Skip> {
        let number = |value: &Value| value.as_f64().ok_or_else(|| Skip::new("a measured run lacks a figure"));
        Ok(Self {
            requests: number(&run["requests"])? as usize,
            errors: number(&run["errors"])?,
            error_fraction: number(&run["error_fraction"])?,
            tries: number(&run["tries_at_the_servers_per_request"])?,
            latency_ms: number(&run["latency_ok_ms"]["mean"])?,
        })
    }
}

/// What was simulated of one run, in the same units.
struct Simulated {
    errors: f64,
    error_fraction: f64,
    tries: f64,
    /// Tries of a request that was answered.
    tries_answered: f64,
    latency_ms: f64,
}

/// What the measurement was made with.
struct Bench {
    world: World,
    config: Config,
    overhead: f64,
}

impl Bench {
    fn run(&self, requests: &[(f64, f64)], number: u32, errors: Option<Probability>) -> Simulated {
        let servers = (0..self.world.weights.len() as u32).map(ServerId).collect();
        let change = |probability| Change {
            at: Time::ZERO,
            spread: Span::ZERO,
            kind: ChangeKind::Fail {
                incident: Incident { fault: Fault::Errors { probability, after: None }, flapping: None },
                lasting: None,
            },
            servers,
            balancers: Vec::new(),
        };
        let script = errors.map(change).into_iter().collect();
        let heard = self.world.hear(requests, number, &self.config.algorithm, script);
        let answered: Vec<&Heard> = heard.iter().filter(|one| one.is_answered()).collect();
        let latencies: Vec<f64> =
            answered.iter().filter_map(|one| one.taken).map(|taken| taken.as_nanos() as f64 * 1e-6).collect();
        let (all, tries): (f64, u32) = (heard.len().max(1) as f64, heard.iter().map(|one| one.tries).sum());
        let failed = (heard.len() - answered.len()) as f64;
        Simulated {
            errors: failed,
            error_fraction: failed / all,
            tries: f64::from(tries) / all,
            tries_answered: mean(&answered.iter().map(|one| f64::from(one.tries)).collect::<Vec<f64>>()).unwrap_or(0.0),
            latency_ms: mean(&latencies).unwrap_or(f64::NAN),
        }
    }

    /// Compares the runs of one seed, where servers make no errors.
    fn of_seed(&self, seed: u64, requests: &[(f64, f64)], measured: &Measured) -> [RealFinding; 2] {
        let slower: Vec<(f64, f64)> = requests.iter().map(|(at, demand)| (*at, demand + self.overhead * 1e-3)).collect();
        let (least, most) = (self.run(requests, 0, None), self.run(&slower, 0, None));
        let finding = |what: &str, measured: f64, [one, other]: [f64; 2], within: f64, allowed: &str| {
            let nearest = measured.clamp(one.min(other), one.max(other));
            let allowed = format!("\u{b1} {allowed} of {one:.4} to {other:.4}");
            RealFinding::near(format!("{what}, seed {seed}"), measured, nearest, within, allowed)
        };
        let latency = measured.latency_ms - self.overhead;
        let latencies = [least.latency_ms, most.latency_ms - self.overhead];
        [
            finding("refused_fraction", measured.error_fraction, [least.error_fraction, most.error_fraction], REFUSED, "0.01"),
            finding("mean_latency_ms", latency, latencies, NEAR * latency, "3 %"),
        ]
    }

    /// Compares all runs, where each try is answered by an error with this probability.
    fn by_chance(&self, requests: &[Vec<(f64, f64)>], measured: &[Measured], probability: Probability) -> Vec<RealFinding> {
        let each = RUNS.div_ceil((requests.len() as u32).max(1));
        let simulated: Vec<Vec<Simulated>> = requests
            .iter()
            .map(|requests| (0..each).into_par_iter().map(|number| self.run(requests, number, Some(probability))).collect())
            .collect();
        let band = |what, of_measured: fn(&Measured) -> f64, of_simulated: fn(&Simulated) -> f64, resolution| {
            let measured: Vec<Option<f64>> = measured.iter().map(|run| Some(of_measured(run))).collect();
            let of_seed = |runs: &Vec<Simulated>| runs.iter().map(|run| Some(of_simulated(run))).collect();
            let simulated: Vec<Vec<Option<f64>>> = simulated.iter().map(of_seed).collect();
            Band { what, measured: &measured, simulated: &simulated, resolution }.judge()
        };
        let all = simulated.iter().flatten();
        let tries = mean(&all.clone().map(|run| run.tries_answered).collect::<Vec<f64>>()).unwrap_or(1.0);
        let latency = mean(&measured.iter().map(|run| run.latency_ms).collect::<Vec<f64>>()).unwrap_or(f64::NAN);
        let (latency, of_simulated) = (latency - self.overhead * tries, all.map(|run| run.latency_ms).collect::<Vec<f64>>());
        vec![
            band("errors", |run| run.errors, |run| run.errors, 0.0),
            band("error_fraction", |run| run.error_fraction, |run| run.error_fraction, 1e-4),
            band("tries_at_the_servers_per_request", |run| run.tries, |run| run.tries, 1e-4),
            RealFinding::near(
                "mean_latency_ok_ms",
                latency,
                mean(&of_simulated).unwrap_or(f64::NAN),
                NEAR * latency,
                "\u{b1} 3 %",
            ),
        ]
    }
}
