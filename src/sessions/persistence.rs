//! What a balancer does to keep users on their servers.

use crate::balancing::Key;
use crate::units::Span;

/// How a balancer keeps users on their servers, before its algorithm is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persistence {
    /// Who remembers the server.
    pub keeper: Keeper,
    /// What becomes of a user whose server is down.
    pub when_down: WhenDown,
}

/// Who remembers the server of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// The client: a cookie that names the server, set by the first answer and by each that comes from another server (HAProxy, `cookie SRV
    /// insert indirect`; Envoy, stateful session). Every balancer before the same servers understands it, and it ends with the session.
    Cookie,
    /// The balancer: a table learned from the requests that it sent (HAProxy, `stick-table` with `stick on`).
    Table {
        /// What users are known by.
        key: Key,
        /// Most entries; the one leaves that was not used for longest. None = no limit.
        capacity: Option<u32>,
        /// An entry that was not used for so long is forgotten; none = never.
        expires: Option<Span>,
        /// Whether balancers tell each other, a unit that takes over included; else each balancer learns for itself, and forgets when it goes down.
        shared: bool,
    },
}

/// What becomes of a user whose server is down, in the eyes of the balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenDown {
    /// It gets another server, and stays there.
    #[default]
    Rebind,
    /// It is served elsewhere, wherever the algorithm says, and goes back when its server is up again.
    Return,
    /// Its requests go to the server all the same (HAProxy, `option persist`); with Envoy they fail at once (`strict: true`).
    Insist,
}

impl Keeper {
    /// What users are known by.
    #[must_use]
    pub const fn key(&self) -> Key {
        match self {
            Self::Cookie => Key::Session,
            Self::Table { key, .. } => *key,
        }
    }
}
