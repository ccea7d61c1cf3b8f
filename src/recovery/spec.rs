//! What is done about requests that fail, as a model says it.

use crate::random::SpanDistribution;
use crate::units::{Probability, Span};

/// What a balancer does about tries that fail or take too long.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recovery {
    /// How long it waits.
    pub timeouts: Timeouts,
    /// Whether it tries again; none = never.
    pub retries: Option<RetrySpec>,
    /// Whether it sends a second try before the first has failed; none = never.
    pub hedge: Option<Hedge>,
    /// How much it lets through at once.
    pub limits: Limits,
    /// Whether a server drops a request whose balancer has given up; else it works on for nobody.
    pub cancels: bool,
}

/// How long a balancer waits. None = forever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// For a connection, where nothing answers at all.
    pub connect: Option<Span>,
    /// For the answer to one try.
    pub response: Option<Span>,
    /// For a place at a server, in the balancer's own line.
    pub queue: Option<Span>,
    /// For the answer to the request, over all tries.
    pub total: Option<Span>,
}

/// How a try can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mishap {
    /// The connection was refused.
    Refused = 0,
    /// No connection in time.
    ConnectTimeout = 1,
    /// The connection was cut before the answer: the server went down.
    Cut = 2,
    /// No answer in time.
    ResponseTimeout = 3,
    /// An error was answered.
    Error = 4,
    /// The server held as many requests as it can.
    Full = 5,
}

/// A set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mishaps(u8);

/// Tries after the first.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrySpec {
    /// The most tries after the first.
    pub most: u32,
    /// What is tried again.
    pub on: Mishaps,
    /// Where.
    pub to: RetryTo,
    /// After what delay.
    pub delay: Delay,
    /// No try begins so long after the first, or later; none = no such limit.
    pub within: Option<Span>,
    /// What bounds retries over all requests; none = nothing.
    pub budget: Option<Budget>,
}

/// Where a retry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryTo {
    /// The algorithm is asked again (Envoy); it may name the same server.
    Any,
    /// The algorithm is asked again, and servers already tried are passed over (nginx).
    Another,
    /// The same server, while it is in rotation.
    Same,
    /// As HAProxy does: the same server, or another one by `option redispatch`; see [`RetrySpec::next`].
    Redispatch {
        /// Every so many retries the algorithm is asked again, whatever binds the request to its server: `most` for the last retry only,
        /// 1 for each; 0 for never, and then no retry goes elsewhere (without `option redispatch`).
        every: u32,
    },
}

/// How long to wait before a retry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Not at all.
    None,
    /// Always as long.
    Fixed(Span),
    /// Before retry k (from 1) uniformly between 0 and the lesser of `most` and `base` times 2^(k-1), as in Envoy ("full jitter").
    FullJitter {
        /// Above 0.
        base: Span,
        /// At least `base`.
        most: Span,
    },
    /// Before retry k the lesser of `most` and `base` times `factor`^(k-1), times a number uniform in [1 - jitter, 1 + jitter], as in gRPC.
    Exponential {
        /// Above 0.
        base: Span,
        /// At least 1.
        factor: f64,
        /// At least `base`.
        most: Span,
        /// In [0, 1].
        jitter: f64,
    },
}

/// What bounds retries over all requests of a balancer, or of a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// So many retries at a time (Envoy's circuit breaker `max_retries`).
    AtOnce {
        /// At least 0.
        most: u32,
    },
    /// So many at a time as a share of the requests in flight and waiting, but at least `least` (Envoy's retry budget).
    OfActive {
        /// In [0, 1].
        share: Probability,
        /// At least 0.
        least: u32,
    },
    /// Each request deposits `share` of a retry, and `per_sec` times `window` are always there; deposits and retries are forgotten after
    /// `window` (Finagle's `RetryBudget`).
    Deposits {
        /// Above 0.
        share: f64,
        /// At least 0.
        per_sec: f64,
        /// Above 0.
        window: Span,
    },
    /// Tokens up to `most`: a failure takes one, an answer gives `ratio`; no retries while at most half are left (gRPC).
    Tokens {
        /// Above 0.
        most: f64,
        /// Above 0.
        ratio: f64,
    },
}

/// A second try before the first has failed; the first answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// How long after the try before it.
    pub after: Span,
    /// The most of them; at least 1.
    pub most: u32,
}

/// How much a balancer lets through at once; what comes beyond is turned away at once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// Requests in flight to servers (Envoy's `max_requests`); none = no limit.
    pub requests: Option<u32>,
    /// A limit that adapts; none = none.
    pub adaptive: Option<ConcurrencyLimit>,
    /// Turns away who would wait too long in the balancer's line: once the wait has stayed above this for a tenth of a second, requests
    /// are dropped as they come up, ever more often (the rule `CoDel`); none = nobody.
    pub shed_wait: Option<Span>,
}

/// A limit of requests in flight that adapts itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConcurrencyLimit {
    /// One more after each answer while at least half of it is in use, times `backoff` after a timeout or an error (additive increase,
    /// multiplicative decrease), as in Netflix' concurrency-limits, `AIMDLimit`.
    Aimd {
        /// To begin with; at least 1.
        initial: u32,
        /// At most.
        most: u32,
        /// In (0, 1).
        backoff: f64,
    },
    /// As Envoy's adaptive concurrency: the limit times 1.25 of the least latency over the sampled one, plus the square root of that.
    Gradient {
        /// At most.
        most: u32,
        /// How often the limit is set anew.
        window: Span,
        /// How often the least latency is measured anew, with a limit of `least`.
        remeasure: Span,
        /// At least 1.
        least: u32,
    },
}

/// What clients do about requests that fail or take too long.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientRecovery {
    /// How long a client waits before it gives up; none = forever.
    pub patience: Option<SpanDistribution>,
    /// Whether it tries again (a new request through its balancer); `to` is not used.
    pub retries: Option<RetrySpec>,
    /// Whether clients hold back requests while many fail; none = not.
    pub throttle: Option<Throttle>,
}

/// Client-side throttling: a request is dropped unsent with probability max(0, (requests - k accepts) / (requests + 1)), counted over a
/// sliding window (Beyer et al., Site Reliability Engineering, 2016, chapter 21).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Usually 2; at least 1.
    pub k: f64,
    /// Usually two minutes.
    pub window: Span,
}

impl Mishap {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Refused, Self::ConnectTimeout, Self::Cut, Self::ResponseTimeout, Self::Error, Self::Full];
}

impl Mishaps {
    /// The set of these.
    #[must_use]
    pub fn of(mishaps: &[Mishap]) -> Self {
        Self(mishaps.iter().fold(0, |bits, mishap| bits | 1 << *mishap as u8))
    }

    /// Whether `mishap` is among them.
    #[must_use]
    pub const fn contains(self, mishap: Mishap) -> bool {
        self.0 & 1 << mishap as u8 != 0
    }
}
