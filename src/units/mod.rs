//! Quantities that are valid by construction: instants and spans of simulated time, rates, probabilities, amounts of data,
//! ids.

mod address;
mod bytes;
mod ids;
mod parameters;
mod quantity;
mod time;

pub use address::Address;
pub use bytes::Bytes;
pub use ids::{BalancerId, ClassId, PoolId, ServerId};
pub use parameters::{ParameterHelp, ParameterList, Parameters};
pub use quantity::{Probability, Rate, parse_number};
pub use time::{Span, Time};

/// Why a text or a number is not the quantity that was asked for, as a sentence for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidQuantity {
    /// What was expected, with an example.
    pub expected: String,
}

impl InvalidQuantity {
    pub(crate) fn new(expected: impl Into<String>) -> Self {
        Self { expected: expected.into() }
    }
}

impl std::fmt::Display for InvalidQuantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for InvalidQuantity {}
