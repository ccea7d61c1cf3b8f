//! A stand for algorithms in tests: an algorithm with its servers, asked directly.

use super::{Algorithm, Answer, Best, Candidates, Choice, Explanation, Policy, RequestView, ServerSet, ServerTraits};
use crate::random::{Role, Seed, Stream};
use crate::units::{Address, Parameters, ServerId, Span, Time};
use std::ops::RangeInclusive;

/// Answers with the default unless a number is given.
struct Given(&'static [(&'static str, u64)]);

impl Given {
    fn find(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }
}

impl Parameters for Given {
    fn integer(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<u64>, default: u64) -> u64 {
        self.find(name).unwrap_or(default)
    }

    fn real(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<f64>, default: f64) -> f64 {
        self.find(name).map_or(default, |value| value as f64)
    }

    fn span(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<Span>, default: Span) -> Span {
        self.find(name).map_or(default, Span::from_secs)
    }

    fn flag(&mut self, _: &'static str, _: &'static str, default: bool) -> bool {
        default
    }

    fn choice(&mut self, name: &'static str, _: &'static str, _: &'static [&'static str], default: usize) -> usize {
        self.find(name).map_or(default, |value| value as usize)
    }
}

/// An algorithm and its servers, 127.0.0.1:28010 and so on.
pub struct Bench {
    pub algorithm: Algorithm,
    eligible: ServerSet,
    stream: Stream,
}

impl Bench {
    pub fn new(name: &str, given: &'static [(&'static str, u64)], weights: &[f64], seed: u64) -> Self {
        let address = |port| Address::new([127, 0, 0, 1], port);
        let server = |(&weight, port)| ServerTraits { workers: 1, speed: 1.0, weight, address: address(port), shares: false };
        let servers: Vec<ServerTraits> = weights.iter().zip(28_010..).map(server).collect();
        let mut algorithm = Algorithm::named(name, &mut Given(given)).unwrap();
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

    pub fn choose(&mut self, request: &RequestView, excluded: &[ServerId]) -> u32 {
        let candidates = Candidates { eligible: &self.eligible, excluded };
        match self.algorithm.choose(request, &candidates, &mut self.stream) {
            Choice::Server(server) => server.0,
            other => panic!("{other:?}"),
        }
    }

    pub fn next(&mut self) -> u32 {
        self.choose(&item(0), &[])
    }

    /// The next choices, as digits.
    pub fn turns(&mut self, number: usize) -> String {
        (0..number).map(|_| self.next().to_string()).collect()
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

    pub fn reweigh(&mut self, server: u32, weight: f64) {
        self.algorithm.reweigh(ServerId(server), weight);
    }
}

pub fn item(item: u32) -> RequestView {
    RequestView { now: Time::ZERO, demand: Span::ZERO, address: Address::new([10, 0, 0, 1], 0), session: 0, item }
}

/// Over random lives of all algorithms, with servers that leave, are full or were tried: the choice has the best of the scores
/// that it is explained by, and explaining changes nothing.
#[test]
fn a_choice_has_the_best_score() {
    for name in Algorithm::NAMES {
        for given in [&[][..], &[("selection", 1), ("by", 1), ("hash_balance_factor", 120), ("key", 2)]] {
            let mut events = Stream::new(Seed(9), 0, Role::Arrivals, 0);
            let mut bench = Bench::new(name, given, &[1.0, 2.0, 2.0, 0.5, 3.0, 1.0], 6);
            let mut load = [0_u32; 6];
            for number in 0..1_500 {
                let server = events.below(6);
                match events.below(8) {
                    0 if bench.eligible.contains(ServerId(server)) => bench.withdraw(server),
                    0 => bench.admit(server),
                    1 if load[server as usize] > 0 => {
                        load[server as usize] -= 1;
                        let now = Span::from_nanos(u64::from(number) * 40_000_000);
                        bench.end_at(server, now, now + Span::from_nanos(u64::from(server) * 1_000_000), number % 5 == 0);
                    }
                    2 => {
                        let mut equal = |server| bench.reweigh(server, [1.0, 1.5, 2.0][events.below(3) as usize]);
                        (0..6).for_each(&mut equal);
                    }
                    _ => {
                        let now = Time::ZERO + Span::from_nanos(u64::from(number) * 40_000_000);
                        let request = RequestView { now, ..item(number) };
                        let excluded = [ServerId(server)];
                        let candidates = Candidates { eligible: &bench.eligible, excluded: &excluded[number as usize % 2..] };
                        let mut twin = (bench.algorithm.clone(), bench.stream.clone());
                        let choice = twin.0.choose(&request, &candidates, &mut twin.1);
                        let explanation = bench.algorithm.explain(&request, &candidates, choice, bench.stream.clone());
                        assert_eq!(bench.algorithm.choose(&request, &candidates, &mut bench.stream), choice);
                        assert_best(name, choice, &explanation);
                        if let Choice::Server(server) = choice {
                            load[server.index()] += 1;
                            bench.algorithm.sent(server, &request);
                        }
                    }
                }
            }
        }
    }
}

fn assert_best(name: &str, choice: Choice, explanation: &Explanation) {
    let values = explanation.scores.iter().map(|score| score.value);
    let best = match explanation.best {
        Best::Smallest => values.reduce(f64::min),
        Best::Largest => values.reduce(f64::max),
        Best::Unscored => return,
    };
    let Choice::Server(server) = choice else { return };
    let own = explanation.scores.iter().find(|score| score.server == server).map(|score| score.value);
    assert!(own.is_some() && own == best, "{name} chooses {server:?}: {explanation:?}");
}
