//! Rendezvous hashing.

use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Best, Explanation, Key, Score, mix};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The candidate with the highest score for the key.
#[derive(Debug, Clone, Default)]
pub struct Rendezvous {
    key: Key,
    weights: Vec<f64>,
}

impl Rendezvous {
    /// -w / ln u, with u uniform in (0, 1) by key and server.
    fn score(&self, key: u64, server: ServerId) -> f64 {
        let uniform = ((mix(key, u64::from(server.0)) >> 11) as f64 + 0.5) * (f64::EPSILON * 0.5);
        -self.weights[server.index()] / libm::log(uniform)
    }
}

impl Registered for Rendezvous {
    const ABOUT: &'static str = "for each key, the server with the highest hash of key and server, by weight";
    const DETAILS: &'static str = "Highest random weight (Thaler and Ravishankar 1998): each server's score for a key is -w / ln u with u \
        = hash(key, server) in (0, 1) and its weight w, so that shares of keys are in proportion to weights; the largest wins. \
        When a server leaves, only its keys move, spread over all the others; when its weight grows, keys move to it only.";
    const COST: &'static str = "O(n)";
    const GOES_WRONG: &'static str = "With many servers, as each decision hashes for all of them; and one popular key is one server's \
        load.";
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { key: Key::parameter(parameters), weights: Vec::new() }
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let key = self.key.number(request);
        let score = |server: ServerId| {
            let weight = self.weights[server.index()];
            Score::new(server, self.score(key, server), format!("-{weight} / ln u, u from key {key} and server {}", server.0))
        };
        let scores = candidates.iter().map(score).collect();
        Explanation { scores, best: Best::Largest, because: "the highest score for this key".into() }
    }
}

impl Policy for Rendezvous {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.weights = servers.iter().map(|server| server.weight).collect();
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.weights[server.index()] = weight;
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let key = self.key.number(request);
        let allowed = candidates.eligible.iter().filter(|server| !candidates.excluded.contains(server));
        let scored = allowed.map(|server| (self.score(key, server), server));
        // The set is in no particular order: between equal scores the smaller number.
        let best = scored.max_by(|(a, first), (b, second)| a.total_cmp(b).then(second.cmp(first)));
        best.map_or(Choice::Nobody, |(_, server)| Choice::Server(server))
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::stand::{Bench, item};

    /// Shares of 20,000 keys within 5 standard errors (at most 64): wrong in one of a million. Only the keys of the one that
    /// leaves move, and all of them come back.
    #[test]
    fn shares_are_in_proportion_and_nobody_else_moves() {
        let mut bench = Bench::new("Rendezvous", &[("key", 2)], &[1.0, 0.5, 2.5, 1.0], 1);
        let place = |bench: &mut Bench| (0..20_000).map(|key| bench.choose(&item(key), &[])).collect::<Vec<u32>>();
        let before = place(&mut bench);
        for (server, expected) in [4_000, 2_000, 10_000, 4_000].into_iter().enumerate() {
            let share = before.iter().filter(|&&place| place == server as u32).count();
            assert!(share.abs_diff(expected) < 354, "{share} of server {server}");
        }
        bench.withdraw(2);
        let without = place(&mut bench);
        assert!(before.iter().zip(&without).all(|(before, after)| before == after || *before == 2));
        bench.admit(2);
        assert_eq!(place(&mut bench), before);
    }
}
