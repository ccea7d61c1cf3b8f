//! Latency under load, on the very requests that were measured.
//!
//! The requests come from the recordings beside the cases, or are drawn again as the generator drew them. A measured latency holds
//! what the balancer itself costs, which a simulator has not: the mean of `overhead_ms` of the case is taken off. Where requests wait
//! in the balancer, that figure holds their wait too, and the overhead of the idle balancer is taken off in its place (the case
//! `C0_overhead_` of the product). Only requests that arrive after the start that was discarded count.
//!
//! - An algorithm that draws nothing must agree within 3 % at the mean of every seed. One that begins anywhere in its cycle must do
//!   so from one of its starts.
//! - One that draws: the mean over the seeds that were measured must lie within 4 sd / sqrt(number of seeds) of the simulated
//!   mean. sd is that of the mean of one run on given requests, other random numbers in each of 200 runs, pooled over the
//!   recordings (square root of the mean variance): both sides had the same requests, so only the balancer's luck differs.

use super::case::{RealCase, RealCases};
use super::finding::{RealFinding, RealTrial};
use super::words::Said;
use super::world::World;
use crate::balancing::Key;
use crate::random::MersenneTwister;
use crate::stats::order::quantile_linear;
use crate::stats::sample::{mean, variance};
use crate::units::Span;
use crate::validation::Skip;
use crate::validation::fields::Fields;
use rayon::prelude::*;
use serde_json::Value;

/// So many runs show the luck of an algorithm that draws.
const RUNS: u32 = 200;
/// So many runs try the starts of one that begins anywhere.
const STARTS: u32 = 32;
/// How far an algorithm that draws nothing may be off.
pub(super) const NEAR: f64 = 0.03;
/// How many standard deviations one that draws may be off.
const DEVIATIONS: f64 = 4.0;
/// A request every so often comes before the others, whose start is put off until they are over.
const APART_SECS: f64 = 0.25;

/// The mean latencies of a case, in milliseconds, by seed; the overhead is taken off what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    /// What was simulated: cases of one scenario met the same requests.
    pub scenario: String,
    /// As measured.
    pub measured: Vec<f64>,
    /// As simulated.
    pub simulated: Vec<f64>,
}

/// What drives the requests.
pub(super) struct Drive {
    rate: f64,
    mean_secs: f64,
    constant: bool,
    duration_secs: f64,
    discarded_secs: f64,
    pub seeds: Vec<u64>,
    /// Requests of no demand that come first.
    before: usize,
}

pub(super) fn load(case: &RealCase, all: &RealCases) -> Result<(RealTrial, Latencies), Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let drive = Drive::read(&mut model)?;
    let world = World::read(&mut model, said.max_connections)?.with_seed(all.seed);
    for known in ["algorithm", "lb_threads", "rho_total", "trace", "lb_response_timeout_s"] {
        model.get(known);
    }
    model.nothing_else()?;
    let overhead = overhead_ms(case, all, said.max_connections.is_some(), "mean")?;
    let scenario = scenario(case);
    let measured: Vec<Seed> = measured(case, overhead)?;
    if measured.len() != drive.seeds.len() {
        return Err(Skip::new("there is not a measured run for each seed"));
    }
    let traces: Vec<Vec<(f64, f64)>> = drive.seeds.iter().map(|seed| drive.requests(*seed, &scenario, all)).collect();
    let runs = if said.draws {
        RUNS
    } else if said.starts_anywhere {
        STARTS
    } else {
        1
    };
    let simulated: Vec<Vec<Run>> = traces.iter().map(|trace| simulate(&world, &said, &drive, trace, runs)).collect();
    let mut findings = vec![RealFinding::right("requests measured", same_numbers(&measured, &simulated), measured.len(), 1.0)];
    let simulated_means = if said.draws {
        by_luck(&measured, &simulated, &mut findings)
    } else {
        by_seed(&drive.seeds, &measured, &simulated, &mut findings)
    };
    for (name, level) in [("p50_latency_ms", 0.5), ("p95_latency_ms", 0.95)] {
        let simulated: Vec<f64> = simulated.iter().filter_map(|runs| runs.first()?.quantile(level)).collect();
        let of = |seed: &Seed| if level < 0.9 { seed.p50 } else { seed.p95 };
        let measured: Vec<f64> = measured.iter().map(of).collect();
        findings.extend(
            mean(&measured).zip(mean(&simulated)).map(|(measured, simulated)| RealFinding::shown(name, measured, simulated)),
        );
    }
    let note = format!("{overhead:.3} ms of overhead taken off");
    let measured = measured.iter().map(|seed| seed.mean).collect();
    Ok((RealTrial { findings, note: Some(note) }, Latencies { scenario, measured, simulated: simulated_means }))
}

/// How many runs measured as many requests as were simulated.
fn same_numbers(measured: &[Seed], simulated: &[Vec<Run>]) -> usize {
    measured.iter().zip(simulated).filter(|(seed, runs)| runs.first().is_some_and(|run| run.0.len() == seed.number)).count()
}

/// Compares seed by seed, with the nearest run; hands back the simulated means.
fn by_seed(seeds: &[u64], measured: &[Seed], simulated: &[Vec<Run>], findings: &mut Vec<RealFinding>) -> Vec<f64> {
    let mut means = Vec::new();
    for ((seed, measured), runs) in seeds.iter().zip(measured).zip(simulated) {
        let off = |mean: &f64| (mean - measured.mean).abs();
        let nearest = runs.iter().filter_map(Run::mean).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(f64::NAN);
        let what = format!("mean_latency_ms, seed {seed}");
        findings.push(RealFinding::near(what, measured.mean, nearest, NEAR * measured.mean, "\u{b1} 3 %"));
        means.push(nearest);
    }
    means
}

/// Compares the mean over the seeds, by how much luck changes it; hands back the simulated means.
fn by_luck(measured: &[Seed], simulated: &[Vec<Run>], findings: &mut Vec<RealFinding>) -> Vec<f64> {
    let means: Vec<Vec<f64>> = simulated.iter().map(|runs| runs.iter().filter_map(Run::mean).collect()).collect();
    let of_seeds: Vec<f64> = means.iter().filter_map(|means| mean(means)).collect();
    let variances: Vec<f64> = means.iter().filter_map(|means| variance(means)).collect();
    let sd = mean(&variances).unwrap_or(0.0).sqrt();
    let within = DEVIATIONS * sd / (measured.len() as f64).sqrt();
    let measured: Vec<f64> = measured.iter().map(|seed| seed.mean).collect();
    let (measured, simulated) = (mean(&measured).unwrap_or(f64::NAN), mean(&of_seeds).unwrap_or(f64::NAN));
    let what = format!("mean_latency_ms, sd {sd:.2}");
    findings.push(RealFinding::near(what, measured, simulated, within, format!("\u{b1} {within:.2}")));
    of_seeds
}

/// What was measured with one seed, in milliseconds, the overhead taken off.
struct Seed {
    number: usize,
    mean: f64,
    p50: f64,
    p95: f64,
}

fn measured(case: &RealCase, overhead: f64) -> Result<Vec<Seed>, Skip> {
    let runs = case.measured["latency_ms_replications"].as_array();
    let runs = runs.ok_or_else(|| Skip::new("there is no `latency_ms_replications`"))?;
    let seed = |run: &Value| {
        let mut fields = Fields::of("a measured run", run)?;
        Ok(Seed {
            number: fields.number("n")? as usize,
            mean: fields.number("mean")? - overhead,
            p50: fields.number("p50")? - overhead,
            p95: fields.number("p95")? - overhead,
        })
    };
    runs.iter().map(seed).collect()
}

/// What the balancer costs, in milliseconds: the `figure` of it, such as `mean`.
pub(super) fn overhead_ms(case: &RealCase, all: &RealCases, waits_in_balancer: bool, figure: &str) -> Result<f64, Skip> {
    let own = || case.measured["overhead_ms"][figure].as_f64();
    let of_idle = |cases: &RealCases| {
        let idle = cases.cases.iter().find(|other| other.lb == case.lb && other.measured.get("demand_20_ms").is_some())?;
        idle.measured["demand_20_ms"]["overhead_ms"][figure].as_f64()
    };
    let overhead = if waits_in_balancer { of_idle(all).or_else(|| of_idle(&RealCases::builtin())) } else { own() };
    overhead.ok_or_else(|| Skip::new(format!("the overhead of {} is not known", case.lb)))
}

/// What cases of the same requests and servers share in their names: `homog_rho70` of `C_homog_rho70_haproxy_leastconn`.
fn scenario(case: &RealCase) -> String {
    let name = case.id.split_once('_').map_or(&*case.id, |(_, rest)| rest);
    name.split_once(&format!("_{}", case.lb)).map_or(name, |(scenario, _)| scenario).to_owned()
}

/// The latencies of one run in milliseconds, of the requests that count.
struct Run(Vec<f64>);

impl Run {
    fn mean(&self) -> Option<f64> {
        mean(&self.0)
    }

    fn quantile(&self, level: f64) -> Option<f64> {
        quantile_linear(&self.0, level)
    }
}

fn simulate(world: &World, said: &Said, drive: &Drive, trace: &[(f64, f64)], runs: u32) -> Vec<Run> {
    let begins = (drive.before + 1) as f64 * APART_SECS;
    let first = (0..drive.before).map(|number| (number as f64 * APART_SECS, 0.0));
    let requests: Vec<(f64, f64)> = first.chain(trace.iter().map(|(at, demand)| (at + begins, *demand))).collect();
    let run = |number: u32| {
        let taken = world.run(&requests, number, said.algorithm.clone(), &said.algorithm);
        let counts = trace.iter().zip(&taken[drive.before..]).filter(|((at, _), _)| *at >= drive.discarded_secs);
        Run(counts.filter_map(|(_, taken)| taken.map(|taken: Span| taken.as_nanos() as f64 * 1e-6)).collect())
    };
    (0..runs).into_par_iter().map(run).collect()
}

impl Drive {
    pub fn read(model: &mut Fields<'_>) -> Result<Self, Skip> {
        if !model.text("arrivals")?.starts_with("poisson, open loop") {
            return Err(Skip::new("only `poisson, open loop` arrivals are understood"));
        }
        let mut service = Fields::of("the service", model.need("service")?)?;
        let constant = match service.text("dist")? {
            "exponential" => false,
            "constant" | "deterministic" => true,
            other => return Err(Skip::new(format!("the service `{other}`"))),
        };
        let mean_secs = service.number("mean_ms")? * 1e-3;
        service.get("demand");
        service.nothing_else()?;
        let (rate, duration_secs) = (model.number("rate_per_s")?, model.number("duration_s")?);
        if !(rate > 0.0 && mean_secs > 0.0 && duration_secs > 0.0 && rate * duration_secs <= 1e7) {
            return Err(Skip::new("rate, service and duration must be above 0, and the requests at most ten million"));
        }
        let discarded_secs = if model.get("warmup_discarded_s").is_some() { model.number("warmup_discarded_s")? } else { 0.0 };
        let seeds = model.numbers("seeds")?.iter().map(|seed| *seed as u64).collect();
        let before = match model.text_if_any("before_trace")? {
            None => 0,
            Some(text) => {
                let number = text.strip_suffix(" requests of 0 ms on one connection").and_then(|number| number.parse().ok());
                number.ok_or_else(|| Skip::new(format!("what comes before the trace is not understood: `{text}`")))?
            }
        };
        Ok(Self { rate, mean_secs, constant, duration_secs, discarded_secs, seeds, before })
    }

    /// The requests of a seed: as recorded, or drawn as the generator drew them.
    pub fn requests(&self, seed: u64, scenario: &str, all: &RealCases) -> Vec<(f64, f64)> {
        if let Some(recorded) = all.recordings.get(&format!("{scenario}_seed{seed}")) {
            return recorded.clone();
        }
        let (mut python, mut at, mut requests) = (MersenneTwister::python(seed), 0.0, Vec::new());
        loop {
            at += python.exponential(self.rate);
            let demand = if self.constant { self.mean_secs } else { python.exponential(1.0 / self.mean_secs) };
            if at >= self.duration_secs {
                return requests;
            }
            requests.push((at, demand));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last rows of `hetero_rho60_seed1000.csv`, which has 5,980.
    #[test]
    fn requests_are_drawn_as_the_generator_drew_them() {
        let drive = Drive {
            rate: 100.0,
            mean_secs: 0.02,
            constant: false,
            duration_secs: 60.0,
            discarded_secs: 5.0,
            seeds: vec![],
            before: 0,
        };
        let requests = drive.requests(1000, "", &RealCases::default());
        assert_eq!(requests.len(), 5_980);
        let near =
            |request: (f64, f64), at: f64, demand: f64| (request.0 - at).abs() < 1.1e-6 && (request.1 - demand).abs() < 1e-7;
        assert!(near(requests[0], 0.015_021, 0.022_162_7));
        assert!(near(requests[5_979], 59.998_811, 0.031_480_6));
        let constant = Drive { rate: 160.0, mean_secs: 0.04, constant: true, ..drive };
        let requests = constant.requests(1000, "", &RealCases::default());
        assert_eq!((requests.len(), requests[0].1), (9_628, 0.04));
        assert!(near(requests[0], 0.009_388, 0.04));
    }
}
