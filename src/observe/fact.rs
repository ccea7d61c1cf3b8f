//! Facts: each is a whole request, told once, when all of it is known. Nothing ever says "the state changed".

use crate::units::{ClassId, ServerId, Time};

/// A request that was served.
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
    /// When its service began.
    pub start: Time,
    /// When the answer was there.
    pub end: Time,
}

/// A request that was turned away: no server was eligible, or it met a full queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// As in [`Completed`].
    pub number: u64,
    /// Who sent it.
    pub class: ClassId,
    /// When the client sent it.
    pub birth: Time,
    /// When it began to be served, if it did before a back end turned it away.
    pub start: Option<Time>,
    /// When it was turned away.
    pub end: Time,
}

/// A request that is still present when the replication ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// As in [`Completed`].
    pub number: u64,
    /// Who sent it.
    pub class: ClassId,
    /// When the client sent it.
    pub birth: Time,
    /// When its service began, if it has.
    pub start: Option<Time>,
}

/// Whoever is told the facts. The cluster never asks an observer anything.
pub trait Observer {
    /// A request was served.
    fn completed(&mut self, fact: &Completed);
    /// A request was turned away.
    fn refused(&mut self, fact: &Refused);
    /// A request is present at the end.
    fn unfinished(&mut self, fact: &Unfinished);
}
