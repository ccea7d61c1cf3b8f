//! Sessions of users that were measured, drawn anew and simulated.
//!
//! Sessions begin at random, and the requests of each are planned from then on, whatever the answers; a request that is due before its session has
//! the reply to the one before waits for that, and what it takes counts from when it was due. So when requests come depends on how the
//! ones before them fared: the simulation is repeated with the times that followed from the last one until they no longer change. Since what comes
//! later changes nothing before, each repetition leaves a longer beginning as it is, and there are few.
//!
//! Only the law of the sessions is known, not those that were measured: each run has its own. Where in their cycles the checks and clocks of the balancer
//! stood is not known either: each run begins at another moment after the balancer did.

use super::config::Config;
use super::failover::{fault, strike};
use super::heard::Heard;
use super::phrases::written_out;
use super::world::World;
use crate::balancing::Algorithm;
use crate::faults::Fault;
use crate::model::{CacheCapacity, CacheSpec, Cached, Change};
use crate::observe::Found;
use crate::random::{Distribution, Role, Seed, SpanDistribution, Stream};
use crate::units::{Address, ServerId};
use crate::validation::fields::Fields;
use crate::validation::{Skip, cached};
use serde_json::Value;

/// Most sessions or requests of one.
const MOST: u32 = 100_000;
/// The experiment begins at a random moment of this: every usual interval divides it.
const CYCLE_SECS: f64 = 60.0;
/// More repetitions than that are never needed: each settles at least one request of a session that has the fewest settled.
const MOST_REPETITIONS: usize = 1_000;
/// Times are apart if they are so many seconds apart: simulated ones are whole nanoseconds.
const APART_SECS: f64 = 6e-10;

/// The experiment of a case.
pub(super) struct Experiment {
    world: World,
    algorithm: Algorithm,
    sessions: u32,
    requests: u32,
    start_secs: (f64, f64),
    think_secs: f64,
    hit_secs: f64,
    pub crash: Option<Crash>,
    /// How many runs were measured.
    pub runs: usize,
}

/// A server that fails and comes back.
pub(super) struct Crash {
    fault: Fault,
    pub server: ServerId,
    pub at: f64,
    pub until: f64,
}

/// A request of a session as it went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sent {
    /// Its session.
    pub session: u32,
    /// When it was due, in seconds from the beginning.
    pub due: f64,
    /// Seconds from when it was due to its end; none if it has none.
    pub taken: Option<f64>,
    /// Who answered it, if it was.
    pub server: Option<ServerId>,
    /// Whether its session was known there.
    pub hit: bool,
}

impl Experiment {
    /// Reads the model of a case of the load balancer `lb`.
    pub fn read(lb: &str, model: &Value) -> Result<Self, Skip> {
        let mut model = Fields::of("the model", model)?;
        // What is said of the persistence of a case counts more than what is said of all of a product.
        let words = format!("{}; {}", model.text("health")?, model.text("persistence")?);
        let config = Config::read(lb, &written_out(&words), None)?;
        let (hit_secs, miss_secs) = service(model.need("service")?)?;
        let mut world = World::of_equals(&mut model, config.max_connections)?.with_handling(config.handling);
        world = world.with_cache(cache(miss_secs - hit_secs)?);
        if config.has_no_queue {
            world = world.without_queue();
        }
        let count = |found: Option<u32>, what| found.filter(|count| *count > 0).ok_or_else(|| Skip::new(format!("no {what}")));
        let sessions = count(model.count("sessions", MOST)?, "sessions")?;
        let requests = count(model.count("requests_per_session", MOST)?, "requests")?;
        let start_secs = uniform(model.text("session_start")?)?;
        let think_secs = think_secs(model.need("think_time")?)?;
        let crash = match model.get("fault") {
            None | Some(Value::Null) => None,
            Some(written) => Some(Crash::read(written, world.weights.len())?),
        };
        let source = model.text_if_any("source")?.unwrap_or_default();
        if !source.starts_with("each session its own 127.a.b.c") {
            return Err(Skip::new(format!("the source `{source}`")));
        }
        let runs = model.numbers("seeds")?.len();
        for known in ["trace", "lb_threads"] {
            model.get(known);
        }
        model.nothing_else()?;
        let algorithm = config.algorithm;
        Ok(Self { world, algorithm, sessions, requests, start_secs, think_secs, hit_secs, crash, runs })
    }

    /// The same with other random numbers.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { world: self.world.with_seed(seed), ..self }
    }

    /// How many servers there are.
    pub const fn servers(&self) -> usize {
        self.world.weights.len()
    }

    /// How many requests there are.
    pub const fn total(&self) -> usize {
        self.sessions as usize * self.requests as usize
    }

    /// Draws sessions and simulates them, in the order of sessions and their requests.
    pub fn run(&self, number: u32) -> Vec<Sent> {
        let mut stream = Stream::new(Seed(self.world.seed()), number, Role::Comparison, 2);
        let begins = CYCLE_SECS * stream.uniform();
        let due = self.due(&mut stream);
        let addresses = addresses(self.sessions, &mut stream);
        let strike = |crash: &Crash| strike(&crash.fault, &[crash.server], begins + crash.at, begins + crash.until);
        let script: Vec<Change> = self.crash.iter().map(strike).collect();
        let mut sent: Vec<f64> = due.iter().map(|due| begins + due).collect();
        let mut heard = Vec::new();
        for _ in 0..MOST_REPETITIONS {
            heard = self.hear(&sent, &addresses, number, script.clone());
            let next = self.sent(&due, begins, &sent, &heard);
            let is_settled = sent.iter().zip(&next).all(|(sent, next)| (sent - next).abs() < APART_SECS);
            sent = next;
            if is_settled {
                break;
            }
        }
        let due = due.iter().zip(&sent).zip(&heard).enumerate();
        due.map(|(place, ((due, sent), heard))| self.went(place, *due, sent - begins, heard)).collect()
    }

    /// When the requests are due, each session's one after the other.
    fn due(&self, stream: &mut Stream) -> Vec<f64> {
        let (from, to) = self.start_secs;
        let mut due = Vec::with_capacity(self.total());
        for _ in 0..self.sessions {
            let mut at = from + (to - from) * stream.uniform();
            for _ in 0..self.requests {
                due.push(at);
                at += self.think_secs * stream.exponential();
            }
        }
        due
    }

    /// What becomes of requests that are sent at these times.
    fn hear(&self, sent: &[f64], addresses: &[Address], number: u32, script: Vec<Change>) -> Vec<Heard> {
        let mut order: Vec<usize> = (0..sent.len()).collect();
        order.sort_by(|a, b| sent[*a].total_cmp(&sent[*b]));
        let requests: Vec<(f64, f64)> = order.iter().map(|place| (sent[*place], self.hit_secs)).collect();
        let of: Vec<u32> = order.iter().map(|place| self.session(*place)).collect();
        let in_order = self.world.hear_sessions(&requests, &of, addresses, number, &self.algorithm, script);
        let mut heard = vec![Heard::default(); sent.len()];
        order.iter().zip(in_order).for_each(|(place, one)| heard[*place] = one);
        heard
    }

    /// When the requests are sent if the ones before them end as they were heard to.
    fn sent(&self, due: &[f64], begins: f64, sent: &[f64], heard: &[Heard]) -> Vec<f64> {
        let reply = |place: usize| heard[place].taken.map_or(0.0, |taken| sent[place] + taken.as_secs());
        let at = |(place, due): (usize, &f64)| {
            let is_first = place.is_multiple_of(self.requests as usize);
            let due = begins + due;
            if is_first { due } else { due.max(reply(place - 1)) }
        };
        due.iter().enumerate().map(at).collect()
    }

    const fn session(&self, place: usize) -> u32 {
        place as u32 / self.requests
    }

    fn went(&self, place: usize, due: f64, sent: f64, heard: &Heard) -> Sent {
        Sent {
            session: self.session(place),
            due,
            taken: heard.taken.map(|taken| sent - due + taken.as_secs()),
            server: heard.server,
            hit: heard.found == Found::All,
        }
    }
}

impl Crash {
    fn read(written: &Value, servers: usize) -> Result<Self, Skip> {
        let mut fields = Fields::of("the fault", written)?;
        let fault = fault(fields.text("kind")?)?;
        let (server, at, until) = (fields.number("server")?, fields.number("at_s")?, fields.number("until_s")?);
        fields.nothing_else()?;
        let is_possible = at >= 0.0 && until > at && until < 1e7 && server >= 0.0 && server < servers as f64;
        if !is_possible {
            return Err(Skip::new("the fault strikes a server that is not there, or ends before it begins"));
        }
        Ok(Self { fault, server: ServerId(server as u32), at, until })
    }
}

/// Seconds that a request takes where its session is known, and where it is not.
fn service(written: &Value) -> Result<(f64, f64), Skip> {
    let mut fields = Fields::of("the service", written)?;
    let miss = fields.number("first request of a session on a server (miss) ms")? * 1e-3;
    let hit = fields.number("later (hit) ms")? * 1e-3;
    let cache = fields.text("cache")?;
    fields.nothing_else()?;
    if cache != "unbounded, emptied by a crash" {
        return Err(Skip::new(format!("the cache `{cache}`")));
    }
    if !(0.0 < hit && hit <= miss && miss < 1e5) {
        return Err(Skip::new("a miss must take at least as long as a hit"));
    }
    Ok((hit, miss))
}

fn cache(load_secs: f64) -> Result<CacheSpec, Skip> {
    let load = Distribution::constant(load_secs * 1e9).map_err(|_| Skip::new("what a miss takes is no duration"))?;
    let cache = cached::cache(Cached::Session, "Lru", CacheCapacity::Unlimited, None)?;
    Ok(CacheSpec { miss: Some(SpanDistribution::from_nanos(load)), ..cache })
}

/// `U(0,6) s`.
fn uniform(text: &str) -> Result<(f64, f64), Skip> {
    let between = text.strip_prefix("U(").and_then(|rest| rest.strip_suffix(") s")?.split_once(','));
    let ends = between.and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?)));
    let is_possible = |(from, to): &(f64, f64)| 0.0 <= *from && from <= to && *to < 1e7;
    ends.filter(is_possible).ok_or_else(|| Skip::new(format!("the start of sessions `{text}`")))
}

fn think_secs(written: &Value) -> Result<f64, Skip> {
    let mut fields = Fields::of("the think time", written)?;
    let (dist, mean, between) = (fields.text("dist")?, fields.number("mean_s")?, fields.text("between")?);
    fields.nothing_else()?;
    if dist != "exponential" || !(0.0..1e6).contains(&mean) || !between.starts_with("planned sends") {
        return Err(Skip::new(format!("the think time {written}")));
    }
    Ok(mean)
}

/// An address 127.a.b.c for each session, no two of the same 127.a.b.
fn addresses(sessions: u32, stream: &mut Stream) -> Vec<Address> {
    const NETWORKS: u32 = 1 << 16;
    let mut is_taken = vec![false; NETWORKS as usize];
    let mut address = || {
        // Where there are more sessions than networks, there are two of the same.
        let network = (0..NETWORKS).map(|_| stream.below(NETWORKS)).find(|network| !is_taken[*network as usize]).unwrap_or(0);
        is_taken[network as usize] = true;
        let [a, b] = (network as u16).to_be_bytes();
        Address::new([127, a, b, stream.below(256) as u8], 0)
    };
    (0..sessions).map(|_| address()).collect()
}
