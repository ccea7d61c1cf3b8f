//! Session persistence: which server answers the requests of a session, what it finds there, and who moves when a server fails and comes back.
//!
//! Before the crash a session is at the server of its last good answer; during it, from three seconds after the crash to the restore; after it, from
//! seven seconds after the restore: by then the balancers know. Requests count by when they were due, and latencies from then. What the balancer itself
//! costs is taken off the latencies: off the mean its mean, off quantiles its median, of the idle balancer (`C0_overhead_` of the product). That differs
//! between measurements by some tenths of a millisecond, so that they agree within 3 %, as under load, beyond what chance does.
//!
//! How few measured runs and many simulated ones are judged is said in [`super::band`].

use super::band::Band;
use super::case::{RealCase, RealCases};
use super::finding::RealTrial;
use super::load::{NEAR, overhead_ms};
use super::sessions::{Crash, Experiment, Sent};
use crate::stats::order::quantile_linear;
use crate::stats::sample::mean;
use crate::units::ServerId;
use crate::validation::Skip;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many runs are simulated.
const RUNS: u32 = 200;
/// What is slow.
const SLOW_SECS: f64 = 0.5;
/// So long after the crash the balancers know of it.
const KNOWN_SECS: f64 = 3.0;
/// So long after the restore all that comes back has.
const BACK_SECS: f64 = 7.0;
/// Times were written down in milliseconds.
const MILLISECOND: f64 = 1e-3;

/// The figures of a run, by name; a point in it leads into a structure or a list of the measurement.
type Figures = BTreeMap<String, Option<f64>>;

pub(super) fn stickiness(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let experiment = Experiment::read(&case.lb, &case.model)?.with_seed(all.seed);
    let measured = case.measured["replications"].as_array().filter(|runs| runs.len() == experiment.runs && !runs.is_empty());
    let measured = measured.ok_or_else(|| Skip::new("there is not a measured run for each seed"))?;
    let run = |number| figures(&experiment, &experiment.run(number));
    let simulated: Vec<Figures> = (0..RUNS).into_par_iter().map(run).collect();
    let names: Vec<&String> = simulated.first().into_iter().flat_map(BTreeMap::keys).collect();
    let mut findings = Vec::new();
    for name in names {
        let overhead = match name.strip_prefix("latency_ms.") {
            Some("mean") => overhead_ms(case, all, true, "mean")?,
            Some(_) => overhead_ms(case, all, true, "p50")?,
            None => 0.0,
        };
        let of_run = |run: &Value| Some(written(run, name)? - overhead);
        let measured: Vec<Option<f64>> = measured.iter().map(of_run).collect();
        if measured.iter().all(Option::is_none) {
            continue;
        }
        let of_runs: Vec<Option<f64>> = simulated.iter().map(|figures| figures[name]).collect();
        // Each measured run had other sessions, which are not known: all of them are compared with all that were simulated.
        let simulated = vec![of_runs; measured.len()];
        let resolution = resolution(name, &measured);
        findings.push(Band { what: name, measured: &measured, simulated: &simulated, resolution }.judge());
    }
    if findings.is_empty() {
        return Err(Skip::new("it measured nothing that is compared"));
    }
    let note = format!("{RUNS} simulated runs against {} measured", experiment.runs);
    Ok(RealTrial { findings, note: Some(note) })
}

/// How exactly a figure was measured.
fn resolution(name: &str, measured: &[Option<f64>]) -> f64 {
    if name.starts_with("latency_ms.") {
        let measured: Vec<f64> = measured.iter().copied().flatten().collect();
        NEAR * mean(&measured).unwrap_or(0.0)
    } else if name.ends_with("_s") {
        MILLISECOND
    } else {
        // A ratio is written with four digits.
        5e-5
    }
}

/// A measured figure.
fn written(run: &Value, name: &str) -> Option<f64> {
    let step = |value: &'_ Value, part: &str| match part.parse::<usize>() {
        Ok(place) if value.is_array() => value.get(place).cloned(),
        _ => value.get(part).cloned(),
    };
    name.split('.').try_fold(run.clone(), |value, part| step(&value, part))?.as_f64()
}

/// All figures of a run.
fn figures(experiment: &Experiment, run: &[Sent]) -> Figures {
    let mut figures = Figures::new();
    let mut put = |name: &str, value: Option<f64>| {
        figures.insert(name.into(), value);
    };
    of_requests(run, &mut put);
    of_servers(run, experiment.servers(), &mut put);
    if let Some(crash) = &experiment.crash {
        of_crash(run, crash, &mut put);
        of_moves(run, crash, &mut put);
    }
    figures
}

fn count(run: &[Sent], which: impl Fn(&Sent) -> bool) -> f64 {
    run.iter().filter(|one| which(one)).count() as f64
}

fn of_requests(run: &[Sent], put: &mut impl FnMut(&str, Option<f64>)) {
    let answered = |one: &Sent| one.server.is_some();
    let (hits, misses) = (count(run, |one| answered(one) && one.hit), count(run, |one| answered(one) && !one.hit));
    put("requests", Some(run.len() as f64));
    put("errors", Some(count(run, |one| !answered(one))));
    put("hits", Some(hits));
    put("misses", Some(misses));
    put("hit_ratio", Some(hits / (hits + misses)));
    put("slow_over_500ms", Some(count(run, |one| one.taken.is_none_or(|taken| taken > SLOW_SECS))));
    let millis: Vec<f64> = run.iter().filter(|one| answered(one)).filter_map(|one| Some(one.taken? * 1e3)).collect();
    put("latency_ms.mean", mean(&millis));
    for (name, level) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
        put(&format!("latency_ms.{name}"), quantile_linear(&millis, level));
    }
}

fn of_servers(run: &[Sent], servers: usize, put: &mut impl FnMut(&str, Option<f64>)) {
    let of_session = |of: &[Sent]| {
        let mut visited: Vec<ServerId> = of.iter().filter_map(|one| one.server).collect();
        let first = visited.first().copied();
        visited.sort_unstable();
        visited.dedup();
        (first, visited.len() as f64)
    };
    let sessions: Vec<_> = run.chunk_by(|a, b| a.session == b.session).map(of_session).collect();
    put("servers_per_session", mean(&sessions.iter().map(|(_, number)| *number).collect::<Vec<f64>>()));
    for server in (0..servers as u32).map(ServerId) {
        let first = sessions.iter().filter(|(first, _)| *first == Some(server)).count();
        put(&format!("sessions_first_server.{}", server.0), Some(first as f64));
        put(&format!("requests_per_server.{}", server.0), Some(count(run, |one| one.server == Some(server))));
    }
}

fn of_crash(run: &[Sent], crash: &Crash, put: &mut impl FnMut(&str, Option<f64>)) {
    let windows = [
        (0.0, crash.at, format!("0-{}", crash.at)),
        (crash.at, crash.until, format!("{}-{}", crash.at, crash.until)),
        (crash.until, f64::MAX, format!("{}-", crash.until)),
    ];
    for (from, to, name) in windows {
        let counts = |one: &Sent| (from..to).contains(&one.due) && one.server.is_some();
        put(&format!("requests_windows.{name}"), Some(count(run, counts)));
        put(&format!("misses_windows.{name}"), Some(count(run, |one| counts(one) && !one.hit)));
    }
    let first =
        run.iter().filter(|one| one.due >= crash.until && one.server == Some(crash.server)).map(|one| one.due - crash.until);
    put(&format!("first_answer_of_{}_after_restore_s", crash.server.0), first.reduce(f64::min));
}

/// Where a session was, if it was anywhere.
struct Places {
    before: Option<ServerId>,
    during: Option<ServerId>,
    after: Option<ServerId>,
}

fn of_moves(run: &[Sent], crash: &Crash, put: &mut impl FnMut(&str, Option<f64>)) {
    let last =
        |of: &[Sent], from: f64, to: f64| of.iter().rev().filter(|one| (from..to).contains(&one.due)).find_map(|one| one.server);
    let places = run.chunk_by(|a, b| a.session == b.session).map(|of| Places {
        before: last(of, 0.0, crash.at),
        during: last(of, crash.at + KNOWN_SECS, crash.until),
        after: last(of, crash.until + BACK_SECS, f64::MAX),
    });
    let (own, others): (Vec<Places>, Vec<Places>) =
        places.filter(|places| places.before.is_some()).partition(|places| places.before == Some(crash.server));
    let number = |of: &[Places], which: &dyn Fn(&Places) -> bool| Some(of.iter().filter(|places| which(places)).count() as f64);
    let seen_twice = |places: &Places| places.during.is_some() && places.after.is_some();
    let server = crash.server.0;
    put(&format!("sessions_on_{server}_before"), number(&own, &|_| true));
    put("of_them_seen_during", number(&own, &|places| places.during.is_some()));
    put("of_them_elsewhere_during", number(&own, &|places| places.during.is_some_and(|place| place != crash.server)));
    put("of_them_seen_during_and_after", number(&own, &seen_twice));
    let is_back = |places: &Places| seen_twice(places) && places.after == Some(crash.server);
    put(&format!("of_them_back_on_{server}_after"), number(&own, &is_back));
    put("of_them_stay_elsewhere_after", number(&own, &|places| seen_twice(places) && places.after == places.during));
    put("others_seen_during", number(&others, &|places| places.during.is_some()));
    put("others_moved_during", number(&others, &|places| places.during.is_some() && places.during != places.before));
    put("others_seen_after", number(&others, &|places| places.after.is_some()));
    put("others_moved_after", number(&others, &|places| places.after.is_some() && places.after != places.before));
}
