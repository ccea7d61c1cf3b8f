//! Caches of the neutral model: under independent references, with expiring entries, of sessions.
//!
//! Requests are as good as instantaneous, so that at every moment at most one is on its way, and each meets caches in which all before
//! it have left what they loaded.

use super::Skip;
use super::fields::Fields;
use super::translate::{idle_servers, lasting};
use crate::caching::{Lifetime, Rule};
use crate::model::{Arrivals, CacheCapacity, CacheSpec, Cached, Items, Model, ModelParts, PoolSpec, Visitors, Visits};
use crate::random::{Count, Distribution, Popularity};
use crate::sessions::{Keeper, Persistence, WhenDown};
use crate::units::{BalancerId, ParameterList, PoolId, Rate, Span};
use crate::validation::Case;
use serde_json::Value;

/// Requests per second where a case does not say: hit ratios do not depend on it.
const USUAL_RATE: f64 = 1_000.0;
/// Sessions per second.
const USUAL_SESSIONS: f64 = 100.0;
/// So many servers a case may have.
const MOST_SERVERS: u32 = 1_000;
/// What a miss costs. It makes no difference to what is found.
const MISS_SECS: f64 = 1e-9;

/// Binds a session to the server that answered it first, for ever.
pub(super) const STICKY: Persistence = Persistence { keeper: Keeper::Cookie, when_down: WhenDown::Rebind };

/// The model of a case about caches; nothing where it is about something else.
pub(super) fn model(case: &Case) -> Result<Option<Model>, Skip> {
    let mut fields = Fields::of("the model", &case.model)?;
    if let Some(cache) = fields.get("cache") {
        return of_items(case, cache, fields).map(Some);
    }
    match fields.get("sessions") {
        Some(sessions) if sessions.get("requests_per_session").is_some() => of_sessions(case, sessions, fields).map(Some),
        _ => Ok(None),
    }
}

/// What is asked for, how often, and what keeps it.
struct References {
    weights: Weights,
    per_sec: f64,
    cache: CacheSpec,
}

/// How popular items are.
enum Weights {
    Zipf(u32, f64),
    Each(Vec<f64>),
}

fn of_items(case: &Case, cache: &Value, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let servers = fields.count("servers", MOST_SERVERS)?.unwrap_or(1);
    let dispatch = fields.text_if_any("dispatch")?;
    fields.nothing_else()?;
    let References { weights, per_sec, mut cache } = references(cache)?;
    match dispatch {
        None if servers > 1 => return Err(Skip::new("several servers, and it is not said how requests find theirs")),
        None | Some("random") => {}
        Some("one_shared_cache_of_nC") => {
            if let CacheCapacity::Entries(entries) = &mut cache.capacity {
                *entries *= u64::from(servers);
            }
            cache.shared = true;
        }
        Some("hash_by_rank") => return by_rank(case, &weights, per_sec, &cache, servers),
        Some(other) => return Err(Skip::new(format!("dispatch `{other}`"))),
    }
    let mut parts = idle_servers(case, open(per_sec)?, servers, "random")?;
    parts.pools.iter_mut().for_each(|pool| pool.caches.push(cache.clone()));
    parts.classes.iter_mut().for_each(|class| class.items = weights.popularity().map(of_popularity));
    Ok(Model::from_checked(parts))
}

/// Rank k goes to server number (k - 1) mod n. No algorithm of ours deals items out by rank, but what each server gets by that is a
/// Poisson process of its own items: clients who ask for them alone, and know that server alone.
fn by_rank(case: &Case, weights: &Weights, per_sec: f64, cache: &CacheSpec, servers: u32) -> Result<Model, Skip> {
    let weights = weights.list();
    let all: f64 = weights.iter().sum();
    let mut parts = idle_servers(case, open(per_sec)?, 1, "random")?;
    let ModelParts { classes, balancers, pools, .. } = &mut parts;
    pools.iter_mut().for_each(|pool| pool.caches.push(cache.clone()));
    let (Some(class), Some(balancer), Some(pool)) = (classes.pop(), balancers.pop(), pools.pop()) else {
        return Err(Skip::new("a model of nothing"));
    };
    for server in 0..servers {
        let is_own = |rank: usize| rank % servers as usize == server as usize;
        let own: Vec<f64> = weights.iter().enumerate().map(|(rank, &weight)| if is_own(rank) { weight } else { 0.0 }).collect();
        let number = u16::try_from(server).map_err(|_| Skip::new("too many servers"))?;
        let mut class = class.clone();
        class.name = format!("those of server {server}");
        class.arrivals = open(per_sec * own.iter().sum::<f64>() / all)?;
        class.balancer = BalancerId(number);
        class.items = Popularity::weighted(&own).map(of_popularity);
        classes.push(class);
        let mut balancer = balancer.clone();
        (balancer.name, balancer.pools) = (format!("balancer {server}"), vec![PoolId(number)]);
        balancers.push(balancer);
        pools.push(PoolSpec { name: format!("server {server}"), ..pool.clone() });
    }
    Ok(Model::from_checked(parts))
}

fn of_popularity(popularity: Popularity) -> Items {
    Items { popularity, lifetime: None }
}

fn open(per_sec: f64) -> Result<Arrivals, Skip> {
    let rate = Rate::per_sec(per_sec).map_err(|error| Skip::new(format!("arrivals: {error}")))?;
    Ok(Arrivals::Poisson { rate })
}

impl Weights {
    fn popularity(&self) -> Option<Popularity> {
        match self {
            Self::Zipf(count, exponent) => Some(Popularity::zipf(*count, *exponent)),
            Self::Each(weights) => Popularity::weighted(weights),
        }
    }

    fn list(&self) -> Vec<f64> {
        match self {
            Self::Zipf(count, exponent) => (1..=*count).map(|rank| libm::pow(f64::from(rank), -exponent)).collect(),
            Self::Each(weights) => weights.clone(),
        }
    }
}

fn references(value: &Value) -> Result<References, Skip> {
    let mut fields = Fields::of("the cache", value)?;
    let policy = fields.text("policy")?;
    let (rule, is_timed) = match policy {
        "lru" => ("Lru", false),
        "fifo" => ("Fifo", false),
        "random" => ("Random", false),
        "ttl" => ("Lru", true),
        other => return Err(Skip::new(format!("a cache with the policy `{other}`"))),
    };
    let references = if is_timed { expiring(&mut fields, rule)? } else { independent(&mut fields, rule)? };
    fields.nothing_else()?;
    Ok(references)
}

/// Each request asks for an item by popularity, whatever was asked for before; so many of them there is room for.
fn independent(fields: &mut Fields<'_>, rule: &str) -> Result<References, Skip> {
    const MOST_ITEMS: u32 = 10_000_000;
    let missing = |name| move || Skip::new(format!("the cache has no `{name}`"));
    let count = fields.count("catalogue", MOST_ITEMS)?.ok_or_else(missing("catalogue"))?;
    let capacity = fields.count("capacity", MOST_ITEMS)?.ok_or_else(missing("capacity"))?;
    let mut law = Fields::of("the popularity", fields.need("popularity")?)?;
    let exponent = match law.text("law")? {
        "zipf" => law.number("exponent")?,
        "uniform" => 0.0,
        other => return Err(Skip::new(format!("popularity by `{other}`"))),
    };
    law.nothing_else()?;
    if !(0.0..=10.0).contains(&exponent) {
        return Err(Skip::new(format!("popularity with the exponent {exponent}")));
    }
    if fields.get("item_size").is_some() && fields.number("item_size")? != 1.0 {
        return Err(Skip::new("items that are not of size 1"));
    }
    match fields.text("requests")? {
        "independent reference model" => {}
        other => return Err(Skip::new(format!("requests by `{other}`"))),
    }
    let cache = cache(Cached::Item, rule, CacheCapacity::Entries(u64::from(capacity)), None)?;
    Ok(References { weights: Weights::Zipf(count, exponent), per_sec: USUAL_RATE, cache })
}

/// Each of some keys is asked for by a Poisson process of its own; there is room for all of them, for a time.
fn expiring(fields: &mut Fields<'_>, rule: &str) -> Result<References, Skip> {
    let ttl = fields.number("ttl")?;
    let span = Span::from_nanos_f64(ttl * 1e9);
    if ttl <= 0.0 || span == Span::ZERO || span >= Span::LONGEST {
        return Err(Skip::new(format!("entries that live for {ttl} s")));
    }
    let resets = fields.need("reset_on_hit")?.as_bool().ok_or_else(|| Skip::new("`reset_on_hit` is not true or false"))?;
    if let Some(other) = fields.text_if_any("arrivals")?.filter(|text| *text != "poisson") {
        return Err(Skip::new(format!("arrivals `{other}`")));
    }
    let keys = fields.need("keys")?.as_array().ok_or_else(|| Skip::new("`keys` of the cache is not a list"))?;
    let rate = |key: &Value| {
        let mut key = Fields::of("a key", key)?;
        let rate = key.number("rate")?;
        key.nothing_else()?;
        Ok(rate)
    };
    let rates: Vec<f64> = keys.iter().map(rate).collect::<Result<_, Skip>>()?;
    if rates.is_empty() || rates.iter().any(|rate| *rate <= 0.0) {
        return Err(Skip::new("keys that nobody asks for"));
    }
    let cache = cache(Cached::Item, rule, CacheCapacity::Unlimited, Some(Lifetime { ttl: span, resets }))?;
    Ok(References { per_sec: rates.iter().sum(), weights: Weights::Each(rates), cache })
}

pub(super) fn cache(of: Cached, rule: &str, capacity: CacheCapacity, lifetime: Option<Lifetime>) -> Result<CacheSpec, Skip> {
    let rule = Rule::named(rule, &mut ParameterList::default()).ok_or_else(|| Skip::new(format!("no rule `{rule}`")))?;
    Ok(CacheSpec {
        of,
        rule,
        capacity,
        size: None,
        lifetime,
        miss: Some(lasting(Distribution::constant(MISS_SECS * 1e9))?),
        call: None,
        coalesces: false,
        survives_crashes: false,
        shared: false,
        lookup: None,
        replicas: 0,
    })
}

fn of_sessions(case: &Case, sessions: &Value, mut fields: Fields<'_>) -> Result<Model, Skip> {
    let servers = fields.count("servers", MOST_SERVERS)?.ok_or_else(|| Skip::new("no servers"))?;
    let dispatch = fields.text("dispatch")?;
    fields.nothing_else()?;
    let mut fields = Fields::of("the sessions", sessions)?;
    match fields.text_if_any("state")? {
        None | Some("cached for ever on each server that served the session once") => {}
        Some(other) => return Err(Skip::new(format!("the state of a session is `{other}`"))),
    }
    let requests = length(fields.need("requests_per_session")?)?;
    fields.nothing_else()?;
    let second = lasting(Distribution::exponential(1e9))?;
    let many = Visitors::New { gap: lasting(Distribution::exponential(1e9 / USUAL_SESSIONS))? };
    let (users, policy, persistence) = match dispatch {
        "random" => (many, "random", None),
        "sticky" => (many, "random", Some(STICKY)),
        // What goes round is the sessions' own where one comes after the other.
        "round robin inside each session" => {
            (Visitors::Returning { number: 1, first: second.clone(), away: Some(second.clone()) }, "round_robin", None)
        }
        other => return Err(Skip::new(format!("dispatch `{other}`"))),
    };
    let visits = Visits { users, requests, think_time: second, leaves_when_lost: false, heaviness: None };
    let mut parts = idle_servers(case, Arrivals::Visits(Box::new(visits)), servers, policy)?;
    let cache = cache(Cached::Session, "Lru", CacheCapacity::Unlimited, None)?;
    parts.pools.iter_mut().for_each(|pool| pool.caches.push(cache.clone()));
    parts.balancers.iter_mut().for_each(|balancer| balancer.persistence = persistence);
    Ok(Model::from_checked(parts))
}

/// How many requests a session has: a number, or a geometric one.
fn length(value: &Value) -> Result<Count, Skip> {
    const MOST: f64 = 1e6;
    let whole = |number: f64| (1.0..=MOST).contains(&number) && number.fract() == 0.0;
    if let Some(number) = value.as_f64() {
        let number =
            Some(number).filter(|number| whole(*number)).ok_or_else(|| Skip::new(format!("{value} requests per session")))?;
        return Ok(Count::Fixed(number as u32));
    }
    let mut fields = Fields::of("the requests per session", value)?;
    let (dist, mean) = (fields.text("dist")?, fields.number("mean")?);
    let from_one = fields.text_if_any("support")?.is_none_or(|support| support == "1,2,...");
    fields.nothing_else()?;
    if dist != "geometric" || !from_one || !(1.0..=MOST).contains(&mean) {
        return Err(Skip::new(format!("requests per session {value}")));
    }
    Ok(Count::Geometric { mean })
}
