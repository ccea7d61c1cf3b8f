//! The algorithms of nginx against what was measured of nginx 1.22.1.

mod failures;
mod hashes;
mod random;
mod sequences;
mod times;
mod trace;

use crate::balancing::{Algorithm, Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits};
use crate::random::{Role, Seed, Stream};
use crate::units::{Address, Parameters, ServerId, Span, Time};
use std::ops::RangeInclusive;

/// Answers the questions that are named here, and every other with the default.
pub(super) struct Written(pub &'static [(&'static str, u64)]);

impl Written {
    fn of(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(written, _)| *written == name).map(|(_, value)| *value)
    }
}

impl Parameters for Written {
    fn integer(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<u64>, default: u64) -> u64 {
        self.of(name).unwrap_or(default)
    }

    fn real(&mut self, _: &'static str, _: &'static str, _: RangeInclusive<f64>, default: f64) -> f64 {
        default
    }

    fn span(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<Span>, default: Span) -> Span {
        self.of(name).map_or(default, Span::from_secs)
    }

    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        self.of(name).map_or(default, |value| value > 0)
    }

    fn choice(&mut self, name: &'static str, _: &'static str, _: &'static [&'static str], default: usize) -> usize {
        self.of(name).map_or(default, |value| value as usize)
    }
}

/// The servers of the measured cases: 127.0.0.1, one port after the other from 28010.
pub(super) fn measured_servers(weights: &[f64]) -> Vec<ServerTraits> {
    let traits = |(number, weight): (usize, &f64)| ServerTraits {
        workers: 1,
        speed: 1.0,
        weight: *weight,
        address: Address::new([127, 0, 0, 1], 28010 + number as u16),
        shares: false,
    };
    weights.iter().enumerate().map(traits).collect()
}

/// A balancer at work, all servers eligible at first.
#[derive(Clone)]
pub(super) struct Bench {
    pub algorithm: Algorithm,
    pub eligible: ServerSet,
    pub stream: Stream,
    pub request: RequestView,
}

impl Bench {
    pub fn new(name: &str, written: &'static [(&'static str, u64)], weights: &[f64]) -> Self {
        let mut algorithm = Algorithm::named(name, &mut Written(written)).expect("a registered name");
        let mut stream = Stream::new(Seed(3), 0, Role::Balancing, 0);
        algorithm.prepare(&measured_servers(weights), &mut stream);
        let address = Address::new([127, 0, 0, 1], 0);
        let request = RequestView { now: Time::ZERO, demand: Span::ZERO, address, session: 0, item: 0 };
        let mut bench = Self { algorithm, eligible: ServerSet::empty(weights.len()), stream, request };
        (0..weights.len() as u32).for_each(|server| bench.admit(server));
        bench
    }

    /// Moves the clock, in microseconds.
    pub fn at_us(&mut self, us: u64) {
        self.request.now = Time::from_nanos(us * 1000);
    }

    pub fn admit(&mut self, server: u32) {
        self.eligible.insert(ServerId(server));
        self.algorithm.admit(ServerId(server));
    }

    pub fn withdraw(&mut self, server: u32) {
        self.eligible.remove(ServerId(server));
        self.algorithm.withdraw(ServerId(server));
    }

    /// The server chosen for the next request, and the explanation held against it.
    pub fn choose(&mut self, tried: &[u32]) -> Option<u32> {
        let excluded: Vec<ServerId> = tried.iter().map(|server| ServerId(*server)).collect();
        let candidates = Candidates { eligible: &self.eligible, excluded: &excluded };
        let before = (self.algorithm.clone(), self.stream.clone());
        let choice = self.algorithm.choose(&self.request, &candidates, &mut self.stream);
        let explanation = before.0.explain(&self.request, &candidates, choice, before.1);
        let server = match choice {
            Choice::Server(server) => server,
            other => {
                assert_eq!((other, explanation.scores.len()), (Choice::Nobody, 0), "{explanation:?}");
                return None;
            }
        };
        assert!(candidates.contains(server));
        assert!(explanation.winners().is_none_or(|winners| winners.contains(&server)), "{server:?}: {explanation:?}");
        Some(server.0)
    }

    pub fn sent(&mut self, server: u32) {
        self.algorithm.sent(ServerId(server), &self.request);
    }

    pub fn ended(&mut self, server: u32, since: Time, failed: bool) {
        self.algorithm.ended(ServerId(server), &Answer { now: self.request.now, since, failed });
    }

    /// One request that ends at once: the servers it tries, `refusing` being one that refuses.
    pub fn request(&mut self, refusing: Option<u32>) -> Vec<u32> {
        let mut tried = Vec::new();
        while let Some(server) = self.choose(&tried) {
            tried.push(server);
            self.sent(server);
            self.ended(server, self.request.now, refusing == Some(server));
            if refusing != Some(server) {
                break;
            }
        }
        tried
    }

    /// The servers that answer so many requests one after the other, as digits.
    pub fn sequence(&mut self, requests: usize) -> String {
        (0..requests).map(|_| self.request(None)[0].to_string()).collect()
    }
}

impl crate::balancing::Explanation {
    /// Who has the best score; nobody is scored if there is none.
    fn winners(&self) -> Option<Vec<ServerId>> {
        use crate::balancing::Best;
        let values = self.scores.iter().map(|score| score.value);
        let best = match self.best {
            Best::Smallest => values.fold(f64::INFINITY, f64::min),
            Best::Largest => values.fold(f64::NEG_INFINITY, f64::max),
            Best::Unscored => return None,
        };
        Some(self.scores.iter().filter(|score| score.value == best).map(|score| score.server).collect())
    }
}
