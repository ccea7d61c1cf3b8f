//! Facts: each is a whole request, told once, when all of it is known. Nothing ever says "the state changed".

use super::Situation;
use crate::units::{ClassId, ServerId, Time};

/// A request that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completed {
    /// Requests are numbered from 0 in order of birth, over all classes.
    pub number: u64,
    /// Who sent it.
    pub class: ClassId,
    /// Who served it.
    pub server: ServerId,
    /// When the client sent it.
    pub birth: Time,
    /// When the service that led to the answer began.
    pub start: Time,
    /// When the answer was there.
    pub end: Time,
    /// Tries on servers that it took, at least 1.
    pub tries: u32,
    /// Whether the answer was wrong though it looked right.
    pub is_wrong: bool,
    /// What its server found in its caches.
    pub found: Found,
}

/// What a server found in its caches for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Found {
    /// It has no caches.
    #[default]
    NotAsked,
    /// All that it looked for.
    All,
    /// Not all that it looked for: something had to be loaded.
    NotAll,
}

/// A session that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEnded {
    /// Whose it was.
    pub class: ClassId,
    /// When its first request was sent.
    pub begun: Time,
    /// When the last one was over.
    pub end: Time,
    /// Requests it had, answered or not.
    pub requests: u32,
    /// Those of them that ended without an answer.
    pub failed: u32,
    /// Different servers that answered.
    pub servers: u32,
    /// How often an answer came from another server than the one before.
    pub moves: u32,
    /// How often its state was lost.
    pub lost: u32,
}

/// A request that ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// As in [`Completed`].
    pub number: u64,
    /// Who sent it.
    pub class: ClassId,
    /// When the client sent it.
    pub birth: Time,
    /// When it began to be served the last time, if it ever did.
    pub start: Option<Time>,
    /// When that was known.
    pub end: Time,
    /// Tries on servers; 0 if it reached none.
    pub tries: u32,
    /// Why.
    pub why: Why,
}

/// Why a request ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// It met a full server or a full queue.
    Full = 0,
    /// There was no server to send it to.
    NoServer = 1,
    /// Connections were refused.
    ConnectionRefused = 2,
    /// No connection came about in time.
    ConnectTimeout = 3,
    /// It waited too long in the balancer's line.
    QueueTimeout = 4,
    /// The balancer let no more through.
    Shed = 5,
    /// The client held it back: too many had failed.
    Throttled = 6,
    /// The server that had it went down.
    Lost = 7,
    /// The answer did not come in time.
    ResponseTimeout = 8,
    /// An error was answered.
    Error = 9,
    /// The client gave up.
    Abandoned = 10,
}

impl Why {
    /// All of them, in order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Full,
        Self::NoServer,
        Self::ConnectionRefused,
        Self::ConnectTimeout,
        Self::QueueTimeout,
        Self::Shed,
        Self::Throttled,
        Self::Lost,
        Self::ResponseTimeout,
        Self::Error,
        Self::Abandoned,
    ];

    /// Whether the request was turned away before anybody worked on it.
    #[must_use]
    pub const fn is_rejection(self) -> bool {
        (self as u8) < Self::Lost as u8
    }

    /// In a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Full => "met a full server or queue",
            Self::NoServer => "found no server",
            Self::ConnectionRefused => "were refused the connection",
            Self::ConnectTimeout => "got no connection in time",
            Self::QueueTimeout => "waited too long in the balancer",
            Self::Shed => "were shed by a limit",
            Self::Throttled => "were held back by the client",
            Self::Lost => "were lost when a server, or their balancer, went down",
            Self::ResponseTimeout => "got no answer in time",
            Self::Error => "were answered by an error",
            Self::Abandoned => "were given up by the client",
        }
    }
}

/// A request that was still present at the end of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// As in [`Completed`].
    pub number: u64,
    /// Who sent it.
    pub class: ClassId,
    /// When the client sent it.
    pub birth: Time,
    /// When its service began, if it did.
    pub start: Option<Time>,
}

/// Who is told the facts of a replication.
pub trait Observer {
    /// A request was answered.
    fn completed(&mut self, fact: &Completed);
    /// A request ended without an answer.
    fn failed(&mut self, fact: &Failed);
    /// A session is over.
    fn session_ended(&mut self, _fact: &SessionEnded) {}
    /// The run is over and this request was still present.
    fn unfinished(&mut self, fact: &Unfinished);

    /// Whether it wants to hear how things stand whenever a balancer is about to decide. Usually not, and then nobody looks.
    #[inline(always)]
    fn wants_situations(&self, _now: Time) -> bool {
        false
    }

    /// A balancer is about to decide.
    fn about_to_decide(&mut self, _situation: Situation) {}
}
