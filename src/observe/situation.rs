//! How things stand when a balancer decides: what it believes of its servers, and what is true of them. For whoever explains decisions.

use crate::balancing::{RequestView, Standing};
use crate::health::Knowledge;
use crate::recovery::Mishap;
use crate::units::{ServerId, Time};

/// What is about to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// Which balancer decides, by number.
    pub balancer: usize,
    /// What it knows without asking.
    pub knowledge: Knowledge,
    /// On which request, by order of birth from 0.
    pub number: u64,
    /// What the balancer may see of it.
    pub view: RequestView,
    /// Its tries so far, where they are looked after.
    pub attempt: Option<Attempt>,
    /// Why the algorithm is not asked, where it is not.
    pub unasked: Option<Unasked>,
    /// By server.
    pub servers: Vec<Stand>,
}

/// Why an algorithm is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// The request is tried again on the same server.
    Again(ServerId),
    /// It waited in line, and the server has room for it.
    Freed(ServerId),
    /// Its user is bound to this server, which may not be usable.
    Bound(Option<ServerId>),
    /// The balancer has as many requests as it may have.
    Shed,
    /// The balancer is down and refuses connections.
    Refused,
    /// The balancer is down and silent.
    Silent,
}

impl Unasked {
    /// Where the request is sent, if anywhere.
    #[must_use]
    pub const fn server(self) -> Option<ServerId> {
        match self {
            Self::Again(server) | Self::Freed(server) => Some(server),
            Self::Bound(server) => server,
            Self::Shed | Self::Refused | Self::Silent => None,
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Again(_) => "it is tried again there, and no algorithm is asked",
            Self::Freed(_) => "it waited in line, and goes where there is room; no algorithm is asked",
            Self::Bound(_) => "its user is bound to it by session persistence; no algorithm is asked",
            Self::Shed => "the balancer has as many requests as it may have",
            Self::Refused => "the balancer is down and refuses connections",
            Self::Silent => "the balancer is down, and nothing answers",
        }
    }
}

/// What a request has behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How often its client has sent it, this time included.
    pub pass: u32,
    /// Tries since then.
    pub tries: u32,
    /// Whether an earlier try still goes on, to which this one would be a hedge.
    pub is_hedge: bool,
    /// What went wrong last, since then.
    pub after: Option<Mishap>,
    /// The servers that are passed over because they were tried.
    pub passed_over: Vec<ServerId>,
}

/// How one server stands with the balancer that decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// Whether it can be chosen.
    pub standing: Standing,
    /// Its level of priority in the eyes of the balancer, from 0.
    pub level: usize,
    /// Why nobody sends to it, whatever is believed.
    pub away: Option<Away>,
    /// What the balancer believes, where it forms beliefs.
    pub belief: Option<Belief>,
    /// What is wrong with it in truth; usually nothing.
    pub trouble: Vec<Trouble>,
}

/// Why nobody sends to a server, whatever is believed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// The script has removed it.
    Removed,
    /// It waits as a spare, or is to be repaired before it does.
    Spare,
    /// Its pool scales and has fewer servers now, or this one is not ready yet.
    NotProvisioned,
    /// The autoscaler takes it away; it finishes what it has.
    Leaving,
}

/// What a balancer believes of a server, and what that rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belief {
    /// Active checks, if there are any.
    pub checks: Option<Checked>,
    /// HAProxy's `observe`: failures in a row, and at how many something is done.
    pub observed: Option<Count>,
    /// Outlier detection: whether it is ejected.
    pub is_ejected: bool,
    /// Outlier detection: failures in a row, and at how many it is ejected.
    pub failures: Option<Count>,
    /// Whether too few servers of its level are believed healthy, so that all of them are used.
    pub in_panic: bool,
    /// Whether the choices of the balancer may use it, as far as they have heard.
    pub is_published: bool,
}

/// What active checks have found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whether they hold it for up.
    pub is_up: bool,
    /// Results in a row that speak against that.
    pub against: Count,
    /// Whether a check waits for its answer.
    pub is_waiting: bool,
}

/// So many of those that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many there are.
    pub counted: u32,
    /// How many it takes; 0 = it never is enough.
    pub of: u32,
}

/// What is wrong with a server in truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    /// It is down.
    Down {
        /// Since when.
        since: Time,
        /// Whether it refuses connections; else it is silent.
        refuses: bool,
    },
    /// Balancers cannot reach it.
    Unreachable {
        /// Whether connections are refused; else nothing answers.
        refused: bool,
    },
    /// Its service takes so many times as long.
    Slow(f64),
    /// It answers requests by errors with this probability.
    Errors(f64),
    /// It answers wrongly with this probability, though it looks right.
    Wrong(f64),
}

impl Belief {
    /// Whether the balancer believes that the server can be used.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.is_ejected && self.checks.is_none_or(|checks| checks.is_up)
    }
}
