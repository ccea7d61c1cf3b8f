//! From the neutral model of a case to a model of ours.
//!
//! What a case says and this translation does not know leads to a [`Skip`] that names it, never to another model.

use super::balancer::Routing;
use super::failures::Failures;
use super::fields::Fields;
use super::law::Law;
use super::servers::Servers;
use super::{Budget, Case, Plan, cached, detection, sessions};
use crate::health::Health;
use crate::model::{Arrivals, BalancerSpec, ClientClass, Expectations, Model, ModelParts, PoolSpec, RunPlan};
use crate::random::{Distribution, InvalidDistribution, Seed, SpanDistribution};
use crate::recovery::{ClientRecovery, Recovery};
use crate::units::{BalancerId, PoolId, Rate, Span};
use serde_json::{Value, json};
use std::fmt;

/// Why a case cannot be simulated, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The reason, such as ``the model needs `patience` ``.
    pub reason: String,
}

impl Skip {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Skip {}

/// The model of a case, to be run as its [`Plan`] says within the usual [`Budget`].
///
/// # Errors
/// Where the case needs something that this simulator has not, or says something that is not understood.
pub fn translate(case: &Case) -> Result<Model, Skip> {
    let special = match cached::model(case)? {
        None => sessions::model(case)?,
        model => model,
    };
    let model = special.map_or_else(|| of_servers(case), Ok)?;
    check_requirements(case)?;
    Ok(Plan::of(case, &model, Budget::default()).apply(&model))
}

/// A model of requests and servers, or of what fails and serves nobody.
fn of_servers(case: &Case) -> Result<Model, Skip> {
    let mut fields = Fields::of("the model", &case.model)?;
    match (fields.get("components"), fields.get("pair")) {
        (Some(components), None) => {
            check_beginning(&mut fields)?;
            let (failures, count, needed) = Failures::of_components(components)?;
            without_requests(case, failures, count, needed)
        }
        (None, Some(pair)) => {
            check_states(&mut fields)?;
            without_requests(case, Failures::of_pair(pair)?, 1, 1)
        }
        _ => of_requests(case, fields),
    }
}

/// How long is looked, which the plan of the runs knows; a question about the distribution, which is none about the model; and what
/// there is to begin with.
fn check_beginning(fields: &mut Fields<'_>) -> Result<(), Skip> {
    let _ = (fields.get("horizon"), fields.get("x"));
    match fields.text_if_any("start")? {
        None | Some("up") => fields.nothing_else(),
        Some(other) => Err(Skip::new(format!("start `{other}`"))),
    }
}

/// A pair comes with its states and the rates between them, which follow from the rest; only the states that we have are known.
fn check_states(fields: &mut Fields<'_>) -> Result<(), Skip> {
    const STATES: [&str; 6] = ["F2", "S0", "S1", "S2", "SF", "SU"];
    let _ = fields.get("transitions");
    let known = |states: &serde_json::Map<String, Value>| states.keys().all(|name| STATES.contains(&&**name));
    if !fields.get("states").and_then(Value::as_object).is_none_or(known) {
        return Err(Skip::new("a pair with other states"));
    }
    fields.nothing_else()
}

/// A model of components, or of a balancer, that serve nobody.
fn without_requests(case: &Case, failures: Failures, count: u32, needed: u32) -> Result<Model, Skip> {
    let service = json!({"dist": "deterministic", "value": 1e-6});
    let servers = Servers::read(&json!([{"count": count, "discipline": "fcfs", "service": service}]))?;
    let routing = Routing::read(&json!({"policy": "random"}), &servers)?;
    model_of(case, nobody()?, &servers, routing, Troubles { failures, needed, ..Troubles::default() })
}

/// A model of equal servers that are as good as idle: each request takes a nanosecond.
pub(super) fn idle_servers(case: &Case, arrivals: Arrivals, count: u32, policy: &str) -> Result<ModelParts, Skip> {
    let service = json!({"dist": "deterministic", "value": 1e-9});
    let servers = Servers::read(&json!([{"count": count, "discipline": "fcfs", "service": service}]))?;
    let routing = Routing::read(&json!({"policy": policy}), &servers)?;
    let model = model_of(case, arrivals, &servers, routing, Troubles { needed: 1, ..Troubles::default() })?;
    Ok(model.parts().clone())
}

/// Durations by a law in nanoseconds.
pub(super) fn lasting(nanos: Result<Distribution, InvalidDistribution>) -> Result<SpanDistribution, Skip> {
    nanos
        .map(SpanDistribution::from_nanos)
        .map_err(|fault| Skip::new(format!("a duration: {} is not {}", fault.parameter, fault.expected)))
}

/// A model of requests and servers.
fn of_requests(case: &Case, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let (arrivals, balancer, servers) = (fields.get("arrivals"), fields.get("balancer"), fields.get("servers"));
    if arrivals.is_none() && balancer.is_none() {
        return Err(Skip::new(format!("not a model of requests and servers (family {})", case.family)));
    }
    let (failures, checks, retries) = (fields.get("failures"), fields.get("health_check"), fields.get("retries"));
    let window = if checks.is_some() { fields.get("window").and_then(Value::as_f64) } else { None };
    fields.nothing_else()?;
    let arrivals = match arrivals {
        Some(arrivals) => arrivals_of(arrivals)?,
        None if failures.is_some() => nobody()?,
        None => return Err(Skip::new("no arrivals")),
    };
    let servers = Servers::read(servers.ok_or_else(|| Skip::new("no servers"))?)?;
    let routing = Routing::read(balancer.ok_or_else(|| Skip::new("no balancer"))?, &servers)?;
    let health = checks.map(detection::health).transpose()?.unwrap_or_default();
    let period = health.checks.as_ref().map(|checks| checks.interval);
    let failures = failures.map(|value| Failures::read(value, servers.count(), period, window)).transpose()?.unwrap_or_default();
    let recovery = retries.map(detection::recovery).transpose()?.unwrap_or_default();
    model_of(case, arrivals, &servers, routing, Troubles { failures, health, recovery, needed: 1 })
}

/// What goes wrong in a model, and what is done about it.
#[derive(Debug, Default)]
struct Troubles {
    failures: Failures,
    health: Health,
    recovery: Recovery,
    /// How many servers must be up.
    needed: u32,
}

/// As good as no requests: one in thirty years.
fn nobody() -> Result<Arrivals, Skip> {
    let rate = Rate::per_sec(1e-9).map_err(|error| Skip::new(format!("arrivals: {error}")))?;
    Ok(Arrivals::Poisson { rate })
}

/// What is required must be visible in the model, where it has been understood by now.
fn check_requirements(case: &Case) -> Result<(), Skip> {
    const VISIBLE: [&str; 10] =
        ["arrivals", "balancer", "discipline", "failures", "health_check", "policy", "retries", "service", "servers", "sessions"];
    let hidden = case.requires.iter().find(|name| !VISIBLE.contains(&name.split(':').next().unwrap_or_default()));
    hidden.map_or(Ok(()), |name| Err(Skip::new(format!("it requires {name}"))))
}

fn arrivals_of(value: &Value) -> Result<Arrivals, Skip> {
    let mut fields = Fields::of("the arrival process", value)?;
    let arrivals = match fields.text("process")? {
        "poisson" => {
            let rate = Rate::per_sec(fields.number("rate")?);
            Arrivals::Poisson { rate: rate.map_err(|error| Skip::new(format!("arrivals: {error}")))? }
        }
        "renewal" => {
            let gap = Law::read("the gap between arrivals", fields.need("interarrival")?)?.distribution()?;
            if Rate::per_sec(1.0 / gap.mean_secs()).is_err() {
                return Err(Skip::new("arrivals that are too fast"));
            }
            Arrivals::Renewal { gap }
        }
        "closed" => Arrivals::Closed {
            users: fields.count("users", 10_000_000)?.ok_or_else(|| Skip::new("the arrival process has no `users`"))?,
            think_time: Law::read("the think time", fields.need("think")?)?.distribution()?,
        },
        other => return Err(Skip::new(format!("arrivals `{other}` are not built yet"))),
    };
    fields.nothing_else()?;
    Ok(arrivals)
}

/// The model, yet without a plan of its runs.
fn model_of(case: &Case, arrivals: Arrivals, servers: &Servers, routing: Routing, troubles: Troubles) -> Result<Model, Skip> {
    let demand = servers.demand()?;
    let mut pools = servers.pools()?;
    if let Some(weights) = &routing.weights {
        pools = weighted(pools, weights);
    }
    pools.iter_mut().for_each(|pool| pool.failures.clone_from(&troubles.failures.each));
    let number = u16::try_from(pools.len()).map_err(|_| Skip::new("more than 65535 kinds of servers"))?;
    Ok(Model::from_checked(ModelParts {
        about: case.title.clone(),
        seed: seed_of(&case.id),
        classes: vec![ClientClass {
            name: "clients".into(),
            arrivals,
            demand,
            balancer: BalancerId(0),
            sites: None,
            clients: None,
            addresses: None,
            items: None,
            recovery: ClientRecovery::default(),
        }],
        balancers: vec![BalancerSpec {
            product: None,
            slow_start: None,
            persistence: None,
            health: troubles.health,
            recovery: troubles.recovery,
            name: "balancer".into(),
            algorithm: routing.algorithm,
            pools: (0..number).map(PoolId).collect(),
            when_full: routing.when_full,
            queue_capacity: None,
            failures: troubles.failures.of_balancer,
            pair: troubles.failures.pair,
        }],
        pools,
        needed: troubles.needed,
        zones: troubles.failures.zones,
        script: troubles.failures.script,
        run: RunPlan::Terminating { horizon: Span::ZERO, replications: 1 },
        expectations: Expectations::default(),
    }))
}

/// A seed of its own for each case: with one seed for all, the same lucky customers would flatter every case, or spoil it.
/// (The hash FNV-1a of 64 bits.)
fn seed_of(id: &str) -> Seed {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    Seed(id.bytes().fold(0xCBF2_9CE4_8422_2325, mix))
}

/// A pool per server, each with its weight. A server of weight 0 gets a weight that makes no difference, since a weight of
/// ours is above 0.
fn weighted(pools: Vec<PoolSpec>, weights: &[f64]) -> Vec<PoolSpec> {
    const LEAST_SHARE: f64 = 1e-300;
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let servers = pools.into_iter().flat_map(|pool| vec![PoolSpec { count: 1, ..pool.clone() }; pool.count as usize]);
    let each = servers.zip(weights).enumerate();
    each.map(|(number, (pool, weight))| PoolSpec {
        name: format!("server {number}"),
        weight: weight.max(largest * LEAST_SHARE),
        ..pool
    })
    .collect()
}

#[cfg(test)]
mod tests;
