//! A stand for algorithms in tests: an algorithm with its servers, asked directly, without a cluster.

use super::{Algorithm, Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits};
use crate::random::{MersenneTwister, Role, Seed, Stream};
use crate::units::{Address, Parameters, ServerId, Span, Time};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Parameters by name; flags and choices as numbers, durations in seconds.
pub type Given<'a> = &'a [(&'static str, u64)];

/// Answers with the default unless a number is given.
struct Answers<'a>(Given<'a>);

impl Answers<'_> {
    fn find(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }
}

impl Parameters for Answers<'_> {
    fn integer(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<u64>, default: u64) -> u64 {
        self.find(name).unwrap_or(default)
    }

    fn real(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<f64>, default: f64) -> f64 {
        self.find(name).map_or(default, |value| value as f64)
    }

    fn span(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<Span>, default: Span) -> Span {
        self.find(name).map_or(default, Span::from_secs)
    }

    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        self.find(name).map_or(default, |value| value != 0)
    }

    fn choice(&mut self, name: &'static str, _: &'static str, _: &'static [&'static str], default: usize) -> usize {
        self.find(name).map_or(default, |value| value as usize)
    }
}

/// An algorithm and its servers, at the addresses of the measurements (127.0.0.1:28010 and so on), all admitted at first.
#[derive(Clone)]
pub struct Bench {
    pub algorithm: Algorithm,
    pub eligible: ServerSet,
    pub stream: Stream,
}

/// The servers of the measurements.
pub fn servers(weights: &[f64]) -> Vec<ServerTraits> {
    let address = |port| Address::new([127, 0, 0, 1], port);
    let server = |(&weight, port)| ServerTraits { workers: 1, speed: 1.0, weight, address: address(port), shares: false };
    weights.iter().zip(28_010..).map(server).collect()
}

impl Bench {
    pub fn new(name: &str, given: Given<'_>, weights: &[f64], seed: u64) -> Self {
        let servers = servers(weights);
        let mut algorithm = Algorithm::named(name, &mut Answers(given)).unwrap();
        let mut stream = Stream::new(Seed(seed), 0, Role::Balancing, 0);
        algorithm.prepare(&servers, &mut stream);
        let mut bench = Self { algorithm, eligible: ServerSet::empty(servers.len()), stream };
        (0..weights.len() as u32).for_each(|server| bench.admit(server));
        bench
    }

    pub fn admit(&mut self, server: u32) {
        self.eligible.insert(ServerId(server));
        self.algorithm.admit(ServerId(server));
    }

    pub fn withdraw(&mut self, server: u32) {
        self.eligible.remove(ServerId(server));
        self.algorithm.withdraw(ServerId(server));
    }

    pub fn fill(&mut self, server: u32) {
        self.eligible.remove(ServerId(server));
        self.algorithm.filled(ServerId(server));
    }

    pub fn free(&mut self, server: u32) {
        self.eligible.insert(ServerId(server));
        self.algorithm.freed(ServerId(server));
    }

    pub fn reweigh(&mut self, server: u32, weight: f64) {
        self.algorithm.reweigh(ServerId(server), weight);
    }

    pub fn ask(&mut self, request: &RequestView, excluded: &[ServerId]) -> Choice {
        let candidates = Candidates { eligible: &self.eligible, excluded };
        self.algorithm.choose(request, &candidates, &mut self.stream)
    }

    /// The server chosen; there must be one.
    pub fn choose(&mut self, request: &RequestView, excluded: &[ServerId]) -> u32 {
        match self.ask(request, excluded) {
            Choice::Server(server) => server.0,
            other => panic!("{other:?}"),
        }
    }

    pub fn next(&mut self) -> u32 {
        self.choose(&item(0), &[])
    }

    /// The next choices, as digits; nothing is sent.
    pub fn turns(&mut self, number: usize) -> String {
        (0..number).map(|_| self.next().to_string()).collect()
    }

    /// The servers of so many requests, each of which ends before the next comes, as digits.
    pub fn sequence(&mut self, requests: usize) -> String {
        self.sequence_without(requests, &[])
    }

    /// The same for requests that have tried these servers.
    pub fn sequence_without(&mut self, requests: usize, excluded: &[ServerId]) -> String {
        let mut one = || {
            let server = self.choose(&item(0), excluded);
            self.send(server);
            self.end(server);
            server.to_string()
        };
        (0..requests).map(|_| one()).collect()
    }

    pub fn send(&mut self, server: u32) {
        self.algorithm.sent(ServerId(server), &item(0));
    }

    pub fn end(&mut self, server: u32) {
        self.end_at(server, Span::ZERO, Span::ZERO, false);
    }

    /// Sends a request to `server` at the instant `from` and ends it at `to`.
    pub fn serve(&mut self, server: u32, from: Span, to: Span, failed: bool) {
        self.algorithm.sent(ServerId(server), &RequestView { now: Time::ZERO + from, ..item(0) });
        self.end_at(server, from, to, failed);
    }

    pub fn end_at(&mut self, server: u32, since: Span, now: Span, failed: bool) {
        let answer = Answer { now: Time::ZERO + now, since: Time::ZERO + since, failed };
        self.algorithm.ended(ServerId(server), &answer);
    }
}

/// A request for an item.
pub fn item(item: u32) -> RequestView {
    RequestView { now: Time::ZERO, demand: Span::ZERO, address: Address::new([127, 0, 0, 1], 0), session: 0, item }
}

/// Requests of the clients of the measurements: 10,000 different addresses 127.a.b.c, as Python's `random.Random(42)` draws them.
pub fn clients() -> Vec<RequestView> {
    let mut python = MersenneTwister::python(42);
    let mut address = || {
        let octets = [python.integer(1, 254), python.integer(0, 255), python.integer(1, 254)].map(|octet| octet as u8);
        Address::new([127, octets[0], octets[1], octets[2]], 0)
    };
    let mut seen = BTreeSet::new();
    let distinct = std::iter::repeat_with(&mut address).filter(|address| seen.insert(*address));
    distinct.take(10_000).map(|address| RequestView { address, ..item(0) }).collect()
}

/// The rows of a recorded trace among the cases that `validate` judges: arrival in microseconds, demand in ms, server, latency in ms.
pub fn recorded(case: &str) -> Vec<[f64; 4]> {
    let cases: serde_json::Value = serde_json::from_str(include_str!("../validation/real/builtin_cases.json")).unwrap();
    let all = cases.as_array().or_else(|| cases["cases"].as_array()).unwrap();
    let found = all.iter().find(|one| one["case"] == case).unwrap();
    serde_json::from_value(found["measured"]["rows"].clone()).unwrap()
}
