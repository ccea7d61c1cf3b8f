//! Random choice.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, Follows, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// Each candidate with the same probability.
#[derive(Debug, Clone)]
pub struct Random;

impl Registered for Random {
    const ABOUT: &'static str = "each server with the same probability";
    const DETAILS: &'static str = "Splits a Poisson stream into independent Poisson streams (Kingman 1993), so every server \
        is a queue of its own: the baseline that every strategy should beat.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::Envoy, calls_it: "RANDOM", names: &["Random"] }];
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "Under high load requests wait at one server while others idle, and the share of a server \
        ignores its speed.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        Explanation::unscored(format!("drawn at random out of {}, each with the same probability", candidates.len()))
    }
}

impl Policy for Random {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, _: &[ServerTraits], _: &mut Stream) {}

    #[inline]
    fn foresee(&self, candidates: &Candidates<'_>, stream: &Stream) -> Option<ServerId> {
        candidates.uniform(&mut stream.clone())
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        candidates.uniform(stream).map_or(Choice::Nobody, Choice::Server)
    }
}
