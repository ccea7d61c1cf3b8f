//! Why a request goes where it goes.

use crate::units::ServerId;

/// One decision, explained by the algorithm that makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What was looked at, in the order in which the algorithm looked: all candidates, or those that were drawn.
    pub scores: Vec<Score>,
    /// Which score wins.
    pub best: Best,
    /// Why the winner won, or why there is none: a clause without a full stop, such as "the fewest connections".
    pub because: String,
}

/// What an algorithm thinks of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Whom.
    pub server: ServerId,
    /// The number that is compared.
    pub value: f64,
    /// How that number comes about, such as "3 connections / weight 2".
    pub made_of: String,
}

/// Which score wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    /// The smallest.
    Smallest,
    /// The largest.
    Largest,
    /// The choice does not follow from the scores, for instance because it is the next in turn.
    Unscored,
}

impl Explanation {
    /// A choice without scores.
    #[must_use]
    pub fn unscored(because: impl Into<String>) -> Self {
        Self { scores: Vec::new(), best: Best::Unscored, because: because.into() }
    }
}

impl Score {
    /// A score and how it comes about.
    #[must_use]
    pub fn new(server: ServerId, value: f64, made_of: impl Into<String>) -> Self {
        Self { server, value, made_of: made_of.into() }
    }
}
