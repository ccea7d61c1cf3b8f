//! Requests whose tries are looked after: they have timeouts, are tried again, hedged, limited, given up.
//!
//! A request is born once and ends once; meanwhile it makes tries, each on one server. At a server its job stands for a try (the
//! field `client` of the job is the number of the try), and that may go on for nobody when the balancer has given up.

mod again;
mod answer;
mod clock;
mod front;
mod send;

pub use send::choice_of;

use super::arena::Job;
use super::memory::Keys;
use super::slab::Slab;
use super::timer::Kind;
use crate::balancing::Product;
use crate::engine::Event;
use crate::model::{BalancerSpec, ClientClass, ModelParts};
use crate::observe::Found;
use crate::random::{Role, Seed, Stream, StreamKey};
use crate::recovery::{BudgetState, ClientRecovery, LimitState, Mishap, Recovery, RetryTo, ShedState, ThrottleState};
use crate::units::{ServerId, Time};

/// All of them.
#[derive(Debug)]
pub struct Tries {
    pub requests: Slab<Request>,
    pub tries: Slab<Try>,
    /// By balancer.
    pub handlers: Vec<Handler>,
    /// By class.
    pub clients: Vec<Clients>,
}

/// A request under way.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each says something else of it")]
pub struct Request {
    /// As it was born: its demand, its client.
    pub job: Job,
    /// What tells it from the others of its class, whatever the strategy.
    pub key: u64,
    pub balancer: u16,
    pub stage: Stage,
    /// How often its client has sent it, from 1.
    pub passes: u32,
    /// Tries since the client sent it (last): all, those after the first, and those that are hedges.
    pub tries: u32,
    pub retries: u32,
    pub hedges: u32,
    /// Tries in all passes.
    pub all_tries: u32,
    /// When its client sent it (last).
    pub sent: Time,
    /// When its balancer or its client gives up, whichever is first; [`Time::NEVER`] if neither does.
    pub due: Time,
    /// When its client does, over all passes of one sending.
    pub patience_ends: Time,
    /// When a hedge may be sent.
    pub hedge_due: Time,
    /// When what it waits for in its stage is over: a delay, or its time in line.
    pub wakes_at: Time,
    /// Whether a hedge is being sent: it passes over the servers already tried.
    pub is_hedging: bool,
    /// The tries that are going on, by number.
    pub open: Vec<u32>,
    /// The servers that its tries were sent to in this pass.
    pub tried: Vec<ServerId>,
    /// The server of its last try in this pass.
    pub last: Option<ServerId>,
    /// Whether its last try went to a server because its user is bound to it.
    pub is_bound: bool,
    /// When its service began the last time, if ever.
    pub started: Option<Time>,
    /// Whether it holds a retry of its balancer's budget.
    pub holds_retry: bool,
    /// The same of its client's budget.
    pub holds_client_retry: bool,
    /// What went wrong last.
    pub mishap: Option<Mishap>,
}

/// What a request is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// For the answers to its open tries.
    Tried,
    /// In its balancer's line, at this place, for this server or any.
    InLine(u32, Option<ServerId>),
    /// To be tried again, on this server or as the algorithm says.
    Delayed(Option<ServerId>),
    /// To be sent again by its client.
    Resting,
}

/// One try on one server.
#[derive(Debug)]
pub struct Try {
    /// The request, or [`super::arena::NONE`] when nobody waits for the answer any more.
    pub request: u32,
    pub server: ServerId,
    pub balancer: u16,
    /// What tells its request from the others of its class, and it from the other tries of its request.
    pub key: u64,
    pub ordinal: u32,
    pub sent: Time,
    /// When the balancer gives up.
    pub due: Time,
    pub place: Place,
    /// Whether it is answered by an error: decided when its service begins or ends, or because a back end turns it away.
    pub fails: bool,
    /// Whether its answer is wrong.
    pub is_wrong: bool,
    /// What it looks for in the caches of its server.
    pub keys: Keys,
    /// What it has found there.
    pub found: Found,
    /// How long its service takes on a sound server that works for it alone, once that has begun at a station.
    pub service_ns: Option<u64>,
}

/// Where a try is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its way: nothing has answered the attempt to connect.
    Connecting,
    /// At its server.
    AtServer,
    /// Its server has served it from then to then; the answer does not get through.
    AnswerHeld { start: Time, end: Time },
    /// Its server has lost it, having begun then if it had; nobody hears of that.
    CutUnheard { start: Option<Time> },
}

/// What one balancer does about its tries.
#[derive(Debug)]
pub struct Handler {
    pub spec: Recovery,
    /// Whether no request is sent to the same server twice.
    pub goes_elsewhere: bool,
    pub budget: Option<BudgetState>,
    pub adaptive: Option<LimitState>,
    pub shed: Option<ShedState>,
    /// Requests with a try under way or a retry to come; those in line.
    pub in_flight: u32,
    pub in_line: u32,
    pub stream: Stream,
}

/// What the clients of one class do.
#[derive(Debug)]
pub struct Clients {
    pub spec: ClientRecovery,
    pub throttle: Option<ThrottleState>,
    pub budget: Option<BudgetState>,
    pub stream: Stream,
    pub patience: StreamKey,
    pub answers: StreamKey,
}

impl Tries {
    pub fn new(parts: &ModelParts, replication: u32) -> Self {
        let stream = |role, index: usize| Stream::new(parts.seed, replication, role, index as u32);
        let handler = |(index, spec): (usize, &BalancerSpec)| {
            let recovery = spec.recovery.clone();
            let goes_elsewhere = recovery.retries.as_ref().is_some_and(|retries| retries.to == RetryTo::Another);
            Handler {
                goes_elsewhere: goes_elsewhere && spec.product != Some(Product::Envoy),
                budget: recovery.retries.as_ref().and_then(|retries| retries.budget).map(BudgetState::new),
                adaptive: recovery.limits.adaptive.map(|limit| LimitState::new(limit, Time::ZERO)),
                shed: recovery.limits.shed_wait.map(ShedState::new),
                spec: recovery,
                in_flight: 0,
                in_line: 0,
                stream: stream(Role::Retries, index),
            }
        };
        let clients = |(index, class): (usize, &ClientClass)| Clients {
            throttle: class.recovery.throttle.map(ThrottleState::new),
            budget: class.recovery.retries.as_ref().and_then(|retries| retries.budget).map(BudgetState::new),
            spec: class.recovery.clone(),
            stream: stream(Role::ClientRetries, index),
            patience: key(parts.seed, replication, Role::Patience, index),
            answers: key(parts.seed, replication, Role::Answers, index),
        };
        Self {
            requests: Slab::new(),
            tries: Slab::new(),
            handlers: parts.balancers.iter().enumerate().map(handler).collect(),
            clients: parts.classes.iter().enumerate().map(clients).collect(),
        }
    }

    /// The servers that a request is not to be sent to, whatever the algorithm says: it has been there.
    pub fn excluded(&self, request: u32) -> &[ServerId] {
        let one = self.requests.get(request);
        if one.is_hedging || self.handlers[one.balancer as usize].goes_elsewhere { &one.tried } else { &[] }
    }

    /// The request of a try, if it still waits for it.
    pub fn request_of(&self, try_number: u32) -> Option<u32> {
        let request = self.tries.get(try_number).request;
        (request != super::arena::NONE).then_some(request)
    }
}

const fn key(seed: Seed, replication: u32, role: Role, index: usize) -> StreamKey {
    StreamKey::new(seed, replication, role, index as u32)
}

impl Request {
    fn new(job: Job, key: u64, balancer: u16) -> Self {
        Self {
            job,
            key,
            balancer,
            stage: Stage::Resting,
            passes: 0,
            tries: 0,
            retries: 0,
            hedges: 0,
            all_tries: 0,
            sent: Time::ZERO,
            due: Time::NEVER,
            patience_ends: Time::NEVER,
            hedge_due: Time::NEVER,
            wakes_at: Time::NEVER,
            is_hedging: false,
            open: Vec::new(),
            tried: Vec::new(),
            last: None,
            is_bound: false,
            started: None,
            holds_retry: false,
            holds_client_retry: false,
            mishap: None,
        }
    }

    /// The same, in the place of one that is over: its lists keep their memory.
    fn renew(&mut self, job: Job, key: u64, balancer: u16) {
        let (mut open, mut tried) = (std::mem::take(&mut self.open), std::mem::take(&mut self.tried));
        open.clear();
        tried.clear();
        *self = Self { open, tried, ..Self::new(job, key, balancer) };
    }
}

impl Tries {
    /// Whether a timer of a request or a try would be recognised.
    pub fn awaits(&self, event: Event) -> bool {
        let (kind, subject) = Kind::of(event);
        let is_of_now = self.requests.has(subject) && self.requests.generation(subject) == event.stamp();
        match kind {
            Kind::TryDue => {
                self.tries.has(subject)
                    && self.tries.generation(subject) == event.stamp()
                    && self.tries.get(subject).due == event.time()
            }
            Kind::Deadline => is_of_now && self.requests.get(subject).due == event.time(),
            Kind::Hedge => is_of_now && self.requests.get(subject).hedge_due == event.time(),
            Kind::Wakes => is_of_now,
            _ => true,
        }
    }
}
