//! The trait of a balancing algorithm.

use super::ServerSet;
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Span, Time};

/// A balancing algorithm: its parameters and, once prepared, its state.
///
/// The caller builds the eligible set (rotation, health, room) and tells of every change to it; the algorithm chooses
/// within. It sees the request's keys, loads, weights and a random stream of its own, never the cluster.
pub trait Policy {
    /// What it needs to know, so that nobody pays for what is not read.
    fn reads(&self) -> Reads;

    /// Called once before a run, with the fixed traits of all servers (by server id); no server is eligible yet.
    fn prepare(&mut self, servers: &[ServerTraits]);

    /// A server becomes eligible.
    fn admit(&mut self, _server: ServerId) {}

    /// A server is no longer eligible. What was sent to it may still end later.
    fn withdraw(&mut self, _server: ServerId) {}

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
    fn ended(&mut self, _server: ServerId) {}
}

/// What registers an algorithm beside its behaviour.
pub trait Registered: Policy + Clone {
    /// One sentence for lists.
    const ABOUT: &'static str;
    /// For `list algorithms NAME`: source, cost of a decision, when it goes wrong.
    const DETAILS: &'static str;
    /// Reads the parameters; every one has a default.
    fn from_parameters(parameters: &mut dyn Parameters) -> Self;
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
    /// No candidate: refuse it.
    Nobody,
}

/// The fixed traits of a server that an algorithm may know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerTraits {
    /// Parallel workers.
    pub workers: u32,
    /// Work per unit of time of one worker.
    pub speed: f64,
    /// Share of traffic it should get; above 0.
    pub weight: f64,
    /// Whether all present are served at once (processor sharing).
    pub shares: bool,
}

/// What an algorithm may see of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestView {
    /// Now.
    pub now: Time,
    /// Its service demand at speed 1; only algorithms that know the future read it.
    pub demand: Span,
    /// The client: its address in a log, the user of a closed class, the request's number in its class
    /// (modulo 2^32) if that is open.
    pub client: u32,
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
