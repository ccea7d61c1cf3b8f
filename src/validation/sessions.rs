//! Sticky sessions of the neutral model, and how unequally they load servers.

use super::Skip;
use super::cached::STICKY;
use super::fields::Fields;
use super::law::Law;
use super::plan::Windows;
use super::translate::{idle_servers, lasting};
use crate::model::{Arrivals, Model, ModelParts, RunPlan, Visitors, Visits};
use crate::random::{Count, Distribution};
use crate::units::Span;
use crate::validation::Case;
use serde_json::Value;

/// So many sessions or servers a case may have.
const MOST: u32 = 1_000_000;
/// Requests of a session whose work is given as a whole. Were the second not bound to the server of the first, the work would spread.
const REQUESTS: u32 = 2;
/// Between requests that are counted one by one.
const GAP_SECS: f64 = 1e-3;
/// Before stationarity is asked for, so many mean durations of a session go by, as the cases say.
const DURATIONS: f64 = 20.0;
/// Times the mean work of a session, in which all of it has been done: a lognormal work with a squared coefficient of variation of 8 is larger
/// once in 10^16 sessions.
const LONGEST_WORK: f64 = 1e5;

/// The model of a case about the loads of servers; nothing where it is about something else.
pub(super) fn model(case: &Case) -> Result<Option<Model>, Skip> {
    if let Some(reason) = computed(&case.model) {
        return Err(Skip::new(reason));
    }
    let mut fields = Fields::of("the model", &case.model)?;
    if fields.get("session_arrivals_total").is_some() {
        return in_windows(case, fields).map(Some);
    }
    match (fields.get("sessions"), fields.get("policies")) {
        (Some(Value::Number(_)), _) => of_work(case, fields).map(Some),
        (None, Some(_)) => of_requests(case, fields).map(Some),
        _ => Ok(None),
    }
}

/// Why a case of that kind is not simulated: it is computed, and where that is held to what is known.
fn computed(model: &Value) -> Option<&'static str> {
    const KINDS: [(&str, &str); 4] = [
        (
            "virtual_nodes_per_server",
            "a computation on rings of random points; the rings of products are held to measured shares of keys in the unit tests \
                of src/balancing/haproxy/ring.rs and src/balancing/envoy",
        ),
        (
            "servers_before",
            "a computation on keys that move; held to what stays and to measurements in the unit tests of \
                src/balancing/rendezvous.rs, src/balancing/jump_hash.rs, src/balancing/haproxy and src/balancing/envoy",
        ),
        (
            "table_size",
            "a computation of a table; held to the tables of the product in the unit tests of src/balancing/envoy/maglev.rs",
        ),
        ("loads", "a computation; held to this case in tests/theory_cases/statistics.rs"),
    ];
    KINDS.iter().find(|(field, _)| model.get(field).is_some()).map(|(_, reason)| *reason)
}

fn servers(fields: &mut Fields<'_>) -> Result<u32, Skip> {
    fields.count("servers", 1_000)?.ok_or_else(|| Skip::new("no servers"))
}

fn assigned(fields: &mut Fields<'_>) -> Result<(), Skip> {
    match fields.text("assignment")? {
        "independent uniform" | "independent uniform hash" | "uniform hash per session" => Ok(()),
        other => Err(Skip::new(format!("assignment `{other}`"))),
    }
}

/// A number of sessions, each with some work for one server.
fn of_work(case: &Case, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let number = fields.count("sessions", MOST)?.ok_or_else(|| Skip::new("no sessions"))?;
    let servers = servers(&mut fields)?;
    assigned(&mut fields)?;
    let work = fields.need("work_per_session")?;
    fields.nothing_else()?;
    // A session is as heavy as its work in seconds, and each of its requests takes a part of one second of it.
    let (mean, heaviness) = if let Some(work) = work.as_f64() {
        (work, Distribution::constant(work))
    } else {
        let law = Law::read("the work of a session", work)?.in_secs()?;
        (law.mean() * LONGEST_WORK, Ok(law))
    };
    let heaviness = heaviness.map_err(|_| Skip::new(format!("work of {work} per session")))?;
    let first = lasting(Distribution::uniform(0.0, 1e9))?;
    let users = Visitors::Returning { number, first: first.clone(), away: None };
    let visits = Visits {
        users,
        requests: Count::Fixed(REQUESTS),
        think_time: first,
        leaves_when_lost: false,
        heaviness: Some(heaviness),
    };
    let mut parts = idle_servers(case, Arrivals::Visits(Box::new(visits)), servers, "random")?;
    let part = lasting(Distribution::constant(1e9 / f64::from(REQUESTS)))?;
    parts.classes.iter_mut().for_each(|class| class.demand = part.clone());
    parts.pools.iter_mut().for_each(|pool| pool.workers = number);
    parts.balancers.iter_mut().for_each(|balancer| balancer.persistence = Some(STICKY));
    Ok(until(parts, mean + f64::from(REQUESTS) + 1.0))
}

/// A number of requests at equal distances.
fn of_requests(case: &Case, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let number = fields.count("requests", MOST)?.ok_or_else(|| Skip::new("no requests"))?;
    let servers = servers(&mut fields)?;
    let policy = fields.text("policies")?;
    fields.nothing_else()?;
    let gap = lasting(Distribution::constant(GAP_SECS * 1e9))?;
    let parts = idle_servers(case, Arrivals::Renewal { gap }, servers, policy)?;
    Ok(until(parts, GAP_SECS * (f64::from(number) + 0.5)))
}

/// From the beginning for so long, as often as the plan says.
fn until(mut parts: ModelParts, secs: f64) -> Model {
    parts.run = RunPlan::Terminating { horizon: Span::from_nanos_f64(secs * 1e9).min(Span::LONGEST), replications: 1 };
    Model::from_checked(parts)
}

/// Sessions that come, last for an exponential time, and send requests by a Poisson process meanwhile.
fn in_windows(case: &Case, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let servers = servers(&mut fields)?;
    assigned(&mut fields)?;
    let arrivals = poisson("the arrivals of sessions", fields.need("session_arrivals_total")?)?;
    let rate = poisson("the requests of a session", fields.need("requests_while_alive")?)?;
    let ends = 1.0 / mean_duration(&mut fields)?;
    match fields.text_if_any("start")? {
        None => {}
        Some(text) if text.starts_with("stationary") => {}
        Some(other) => return Err(Skip::new(format!("start `{other}`"))),
    }
    fields.number("window")?;
    fields.nothing_else()?;
    // After each event of a session the next one is a request, and not its end, with this probability. So those that have requests at all have
    // a geometric number of them; they come delayed by their first gap, which leaves them a Poisson process.
    let goes_on = rate / (rate + ends);
    let visits = Visits {
        users: Visitors::New { gap: lasting(Distribution::exponential(1e9 / (arrivals * goes_on)))? },
        requests: Count::Geometric { mean: 1.0 / (1.0 - goes_on) },
        think_time: lasting(Distribution::exponential(1e9 / (rate + ends)))?,
        leaves_when_lost: false,
        heaviness: None,
    };
    let mut parts = idle_servers(case, Arrivals::Visits(Box::new(visits)), servers, "random")?;
    parts.balancers.iter_mut().for_each(|balancer| balancer.persistence = Some(STICKY));
    Ok(Model::from_checked(parts))
}

fn mean_duration(fields: &mut Fields<'_>) -> Result<f64, Skip> {
    let mut law = Fields::of("the duration of a session", fields.need("session_duration")?)?;
    let (dist, mean) = (law.text("dist")?, law.number("mean").ok().filter(|mean| *mean > 0.0));
    match mean {
        Some(mean) if dist == "exponential" => law.nothing_else().map(|()| mean),
        _ => Err(Skip::new(format!("sessions of `{dist}` duration"))),
    }
}

fn poisson(what: &'static str, value: &Value) -> Result<f64, Skip> {
    let mut fields = Fields::of(what, value)?;
    let (process, rate) = (fields.text("process")?, fields.number("rate")?);
    fields.nothing_else()?;
    if process != "poisson" || rate <= 0.0 {
        return Err(Skip::new(format!("{what} by `{process}` with rate {rate}")));
    }
    Ok(rate)
}

/// The stretches in which a case counts the requests of each server, where it does so.
pub(super) fn windows(case: &Case) -> Option<Windows> {
    case.model.get("session_arrivals_total")?;
    let window = case.model.get("window")?.as_f64().filter(|secs| *secs > 0.0)?;
    let duration = case.model.get("session_duration")?.get("mean")?.as_f64()?;
    let span = |secs: f64| Span::from_nanos_f64(secs * 1e9);
    Some(Windows { warm_up: span(DURATIONS * duration), each: span(window) })
}
