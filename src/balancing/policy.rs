//! The trait of a balancing algorithm.

use super::{Explanation, Follows, Key, ServerSet};
use crate::random::Stream;
use crate::units::{Address, Parameters, ServerId, Span, Time};

/// A balancing algorithm: its parameters and, once prepared, its state.
///
/// The caller builds the eligible set (rotation, health, room) and tells of every change to it; the algorithm chooses
/// within. It sees the request's keys, loads, weights and a random stream of its own, never the cluster.
pub trait Policy {
    /// Whether the event loop that is compiled for it can look after tries: timeouts, retries, checks. Where it cannot, the loop is
    /// shorter, and models that need it run in the one for all algorithms.
    const LOOKS_AFTER_TRIES: bool = false;

    /// What it needs to know, so that nobody pays for what is not read.
    fn reads(&self) -> Reads;

    /// Called once before a run, with the traits of all servers (by server id); no server is eligible yet. What begins at
    /// random is drawn from `stream`, the one of [`Policy::choose`].
    fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream);

    /// A server becomes eligible.
    fn admit(&mut self, _server: ServerId) {}

    /// A server is no longer eligible. What was sent to it may still end later.
    fn withdraw(&mut self, _server: ServerId) {}

    /// A server has as many requests as it may have and leaves the candidates until one ends. To most algorithms that is
    /// being withdrawn; to some real balancers it is not.
    fn filled(&mut self, server: ServerId) {
        self.withdraw(server);
    }

    /// A server that was full has room again.
    fn freed(&mut self, server: ServerId) {
        self.admit(server);
    }

    /// The weight of a server is `weight` (above 0) from now on: changed by hand, or growing after its return.
    fn reweigh(&mut self, _server: ServerId, _weight: f64) {}

    /// The same while the weight grows after a return. To most algorithms there is no difference.
    fn warmed(&mut self, server: ServerId, weight: f64) {
        self.reweigh(server, weight);
    }

    /// A request joins those who wait in the balancer for any server with room; nothing is asked. For whoever listens.
    fn unasked(&mut self, _request: &RequestView) {}

    /// Chooses a server for a request out of the candidates.
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice;

    /// Which server the next request will be sent to if nothing changes until then and `stream` is the one that
    /// [`Policy::choose`] will be given: a hint, for reaching for its memory early. Algorithms that read loads cannot tell.
    fn foresee(&self, _candidates: &Candidates<'_>, _stream: &Stream) -> Option<ServerId> {
        None
    }

    /// A request was accepted by a server (told as [`Reads::told`] says).
    fn sent(&mut self, _server: ServerId, _request: &RequestView) {}

    /// A request left a server (told as [`Reads::told`] says).
    fn ended(&mut self, _server: ServerId, _answer: &Answer) {}

    /// The failures of a server that it counts itself, if it does.
    fn failures(&self, _server: ServerId, _now: Time) -> Option<CountedFailures> {
        None
    }
}

/// What registers an algorithm beside its behaviour.
pub trait Registered: Policy + Clone {
    /// One sentence for lists.
    const ABOUT: &'static str;
    /// What it does exactly, and its sources.
    const DETAILS: &'static str;
    /// The load balancers that do so, each with its own name for it; often none.
    const FOLLOWS: &'static [Follows] = &[];
    /// The cost of a decision over n servers, such as "O(log n)".
    const COST: &'static str;
    /// When it goes wrong, one or two sentences.
    const GOES_WRONG: &'static str;
    /// What it promises to servers of equal weight.
    const SHARES: Shares;
    /// Whether a weight that changes while it runs changes its choices (see [`Policy::reweigh`]).
    const HEEDS_WEIGHTS: bool = true;

    /// Reads the parameters; every one has a default.
    fn from_parameters(parameters: &mut dyn Parameters) -> Self;

    /// What it hashes, if it does.
    fn key(&self) -> Option<Key> {
        None
    }

    /// Says why a request will be sent where `choice` says: called before [`Policy::choose`], on the state and with the
    /// stream that the choice is made with (a copy to draw from again).
    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, stream: Stream) -> Explanation;
}

/// Failures of one server that an algorithm counts itself, as nginx's do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedFailures {
    /// How many count at present.
    pub counted: u32,
    /// How many take it out; 0 = none do.
    pub of: u32,
    /// Whether it is passed over for them now.
    pub is_out: bool,
}

/// What an algorithm promises to servers of equal weight that are always eligible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// Each gets one of n requests that follow each other, whatever the loads.
    InTurn,
    /// Each request goes to each of them with the same probability if they are equally loaded.
    OnAverage,
    /// Nothing: what each gets depends on keys, places on a ring or measured speed.
    Unpromised,
}

/// What an algorithm reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// No load: its choices can be made before anything is simulated.
    Nothing,
    /// The loads of a few servers per decision.
    SampledLoads(Told),
    /// The loads of all eligible servers.
    AllLoads(Told),
    /// The work of all eligible servers.
    Work(Told),
}

/// Whose requests an algorithm is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Of none.
    Nobody,
    /// Of those that its own balancer sent: what a real balancer can count.
    Own,
    /// Of all at the server, whoever sent them: the truth.
    Everyone,
}

impl Reads {
    /// Whose requests the algorithm is told of by [`Policy::sent`] and [`Policy::ended`].
    #[must_use]
    pub const fn told(self) -> Told {
        match self {
            Self::Nothing => Told::Nobody,
            Self::SampledLoads(told) | Self::AllLoads(told) | Self::Work(told) => told,
        }
    }
}

/// What an algorithm answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Send it there.
    Server(ServerId),
    /// Hold it in the balancer's queue until a request ends somewhere.
    Hold,
    /// Hold it in the balancer's queue for this very server, which is full.
    WaitFor(ServerId),
    /// No candidate: hold it if some server is only full and the balancer has a queue, else refuse it.
    Nobody,
}

/// How a request ended, as its balancer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Now.
    pub now: Time,
    /// When the balancer got the request; the time it held it in its own queue is included.
    pub since: Time,
    /// Whether it failed.
    pub failed: bool,
}

impl Answer {
    /// How long the balancer waited for it.
    #[inline]
    #[must_use]
    pub const fn latency(&self) -> Span {
        self.now.since(self.since)
    }
}

/// The traits of a server that an algorithm may know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerTraits {
    /// Parallel workers.
    pub workers: u32,
    /// Work per unit of time of one worker.
    pub speed: f64,
    /// Share of traffic it should get; above 0. It may change: see [`Policy::reweigh`].
    pub weight: f64,
    /// Where the balancer reaches it: some hash this to find its place.
    pub address: Address,
    /// Whether all present are served at once (processor sharing).
    pub shares: bool,
}

/// How a server stands with a balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Out of rotation.
    Out,
    /// In rotation, without room.
    Full,
    /// In rotation, with room.
    Eligible,
}

/// What an algorithm may see of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestView {
    /// Now.
    pub now: Time,
    /// Its service demand at speed 1; only algorithms that know the future read it.
    pub demand: Span,
    /// The address of its client (the port is not used).
    pub address: Address,
    /// Its session: the class in the upper half, the client's number in the lower.
    pub session: u64,
    /// What it asks for, by rank of popularity from 0; 0 where requests ask for nothing in particular.
    pub item: u32,
}

/// The servers to choose from: the eligible ones less those that this request has already tried.
#[derive(Debug, Clone, Copy)]
pub struct Candidates<'a> {
    /// In rotation, healthy, with room.
    pub eligible: &'a ServerSet,
    /// Already tried by this request, each once; usually empty.
    pub excluded: &'a [ServerId],
}

impl Candidates<'_> {
    /// Whether `server` may be chosen.
    #[inline]
    #[must_use]
    pub fn contains(&self, server: ServerId) -> bool {
        self.eligible.contains(server) && !self.excluded.contains(&server)
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> u32 {
        let excluded = self.excluded.iter().filter(|server| self.eligible.contains(**server)).count();
        self.eligible.len() - excluded as u32
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order of number.
    pub fn iter(&self) -> impl Iterator<Item = ServerId> + '_ {
        let mut servers: Vec<ServerId> = self.eligible.iter().filter(|server| !self.excluded.contains(server)).collect();
        servers.sort_unstable();
        servers.into_iter()
    }

    /// One of them, each with the same probability.
    #[inline(always)]
    pub fn uniform(&self, stream: &mut Stream) -> Option<ServerId> {
        if self.excluded.is_empty() {
            return (!self.eligible.is_empty()).then(|| self.eligible.nth(stream.below(self.eligible.len())));
        }
        self.uniform_of_rest(stream)
    }

    #[inline(never)]
    fn uniform_of_rest(&self, stream: &mut Stream) -> Option<ServerId> {
        if self.is_empty() {
            return None;
        }
        loop {
            let server = self.eligible.nth(stream.below(self.eligible.len()));
            if !self.excluded.contains(&server) {
                return Some(server);
            }
        }
    }
}
