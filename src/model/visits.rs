//! Users who come, send some requests one after the other, and leave.

use crate::random::{Count, Distribution, Popularity, SpanDistribution};
use crate::units::{Span, Time};

/// Users on visits. A visit is a session: its requests follow each other, each sent when the user has thought about the answer to the
/// one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Visits {
    /// Who comes, and when.
    pub users: Visitors,
    /// How many requests a visit has.
    pub requests: Count,
    /// From an answer (or a failure) to the next request of the visit.
    pub think_time: SpanDistribution,
    /// Whether a user who has lost the state of the session leaves; else the user logs in anew.
    pub leaves_when_lost: bool,
    /// How heavy each user's requests are: all demands are multiplied by it. None = all alike.
    pub heaviness: Option<Distribution>,
}

/// Who comes, and when.
#[derive(Debug, Clone, PartialEq)]
pub enum Visitors {
    /// Ever new users, each for one visit; the first request is sent on arrival.
    New {
        /// The gap between two arrivals; the first user comes after one gap.
        gap: SpanDistribution,
    },
    /// A number of users who come again and again, or once.
    Returning {
        /// How many.
        number: u32,
        /// From time 0 to a user's first visit.
        first: SpanDistribution,
        /// From the end of a visit to the next; none = each comes once.
        away: Option<SpanDistribution>,
    },
}

/// Behind how many addresses the clients of a class are.
#[derive(Debug, Clone, PartialEq)]
pub enum Addresses {
    /// Each client is behind one of so many addresses, by popularity.
    Shared(Popularity),
    /// Behind each address are as many clients as are drawn for it: a client is behind an address in proportion to that.
    Crowds {
        /// How many addresses.
        count: u32,
        /// How many clients are behind each, at least 0.
        clients: Distribution,
    },
}

/// What the requests of a class ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    /// How popular the items are, by rank.
    pub popularity: Popularity,
    /// After so long each item gives its rank to a new one, which nobody has asked for before; the times of the ranks are spread evenly at
    /// random. None = items live for ever.
    pub lifetime: Option<Span>,
}

impl Items {
    /// How many items have had the rank `rank` before the one that has it at `now`.
    #[must_use]
    pub fn generation(&self, rank: u32, now: Time) -> u32 {
        let Some(lifetime) = self.lifetime else { return 0 };
        // The multiplier of Fibonacci hashing (Knuth 1973, volume 3, section 6.4) spreads the ranks over a lifetime.
        let spread = (u64::from(rank) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let phase = ((u128::from(spread) * u128::from(lifetime.as_nanos())) >> 64) as u64;
        ((now.as_nanos() + phase) / lifetime.as_nanos().max(1)) as u32
    }
}

impl Visits {
    /// Mean seconds of a visit in which nobody waits and a request is served in `service_secs`.
    #[must_use]
    pub fn mean_secs(&self, service_secs: f64) -> f64 {
        let requests = self.requests.mean();
        requests * service_secs + (requests - 1.0) * self.think_time.mean_secs()
    }

    /// Requests per second that come if nobody waits and a request is served in `service_secs`; of users who come once, from time 0 to
    /// the end of a mean visit.
    #[must_use]
    pub fn requests_per_sec(&self, service_secs: f64) -> f64 {
        let requests = self.requests.mean();
        match &self.users {
            Visitors::New { gap } => requests / gap.mean_secs(),
            Visitors::Returning { number, first, away } => {
                let absent = away.as_ref().unwrap_or(first).mean_secs();
                f64::from(*number) * requests / (absent + self.mean_secs(service_secs))
            }
        }
    }

    /// How many users there are; nothing where ever new ones come.
    #[must_use]
    pub const fn number(&self) -> Option<u32> {
        match self.users {
            Visitors::New { .. } => None,
            Visitors::Returning { number, .. } => Some(number),
        }
    }

    /// Whether ever new users come, however the others fare.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.users, Visitors::New { .. })
    }

    /// The mean heaviness.
    #[must_use]
    pub fn mean_heaviness(&self) -> f64 {
        self.heaviness.as_ref().map_or(1.0, Distribution::mean)
    }
}
