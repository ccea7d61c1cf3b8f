//! The contract of every registered algorithm, held directly against it: no cluster, only calls.

use lbsim::balancing::{Algorithm, Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits, Told};
use lbsim::random::{Role, Seed, Stream};
use lbsim::units::{Address, Parameters, ServerId, Span, Time};
use std::ops::RangeInclusive;

/// Answers every question with the same number, as far as it is in the range.
pub struct Answers(pub u64, pub bool);

impl Parameters for Answers {
    fn integer(&mut self, _: &'static str, _: &'static str, range: RangeInclusive<u64>, _: u64) -> u64 {
        self.0.clamp(*range.start(), *range.end())
    }

    fn real(&mut self, _: &'static str, _: &'static str, range: RangeInclusive<f64>, _: f64) -> f64 {
        (self.0 as f64).clamp(*range.start(), *range.end())
    }

    fn span(&mut self, _: &'static str, _: &'static str, range: RangeInclusive<Span>, _: Span) -> Span {
        Span::from_secs(self.0).clamp(*range.start(), *range.end())
    }

    fn flag(&mut self, _: &'static str, _: &'static str, _: bool) -> bool {
        self.1
    }

    fn choice(&mut self, _: &'static str, _: &'static str, options: &'static [&'static str], _: usize) -> usize {
        self.0 as usize % options.len()
    }
}

/// Every algorithm with several sets of parameters.
pub fn algorithms() -> Vec<Algorithm> {
    let answers = [(1, true), (2, false), (3, true), (64, false)];
    let named = |name: &&str| {
        answers.map(|(number, flag)| Algorithm::named(name, &mut Answers(number, flag)).expect("a registered name"))
    };
    Algorithm::NAMES.iter().flat_map(named).collect()
}

pub const EQUAL: ServerTraits =
    ServerTraits { workers: 1, speed: 1.0, weight: 1.0, address: Address::new([10, 0, 0, 1], 80), shares: false };

pub fn request(number: u64, now: u64, demand: u64) -> RequestView {
    let key = number as u32;
    RequestView {
        now: Time::from_nanos(now),
        demand: Span::from_nanos(demand),
        address: Address { ip: key.wrapping_mul(0x9E37_79B9), port: 0 },
        session: number,
        item: key,
    }
}

/// A random life of an algorithm: servers come and go, requests are sent and end. Collects its choices.
pub struct Life {
    pub algorithm: Algorithm,
    pub eligible: ServerSet,
    /// By server: whether it is in rotation but full.
    full: Vec<bool>,
    /// By server: requests in flight, and when it will have done what was sent to it.
    pub load: Vec<u32>,
    free_at: Vec<u64>,
    pub stream: Stream,
    /// What happens to it.
    events: Stream,
    pub now: u64,
    choices: Vec<Choice>,
}

impl Life {
    pub fn new(mut algorithm: Algorithm, traits: &[ServerTraits], seed: u64, events: u64) -> Self {
        let mut stream = Stream::new(Seed(seed), 0, Role::Balancing, 0);
        algorithm.prepare(traits, &mut stream);
        Self {
            algorithm,
            eligible: ServerSet::empty(traits.len()),
            full: vec![false; traits.len()],
            load: vec![0; traits.len()],
            free_at: vec![0; traits.len()],
            stream,
            events: Stream::new(Seed(events), 0, Role::Arrivals, 0),
            now: 0,
            choices: Vec::new(),
        }
    }

    fn any_server(&mut self) -> ServerId {
        ServerId(self.events.below(self.load.len() as u32))
    }

    /// A server enters or leaves rotation; one that is full has room first, as in the simulation.
    pub fn toggle(&mut self, server: ServerId) {
        if self.full[server.index()] {
            self.fill_or_free(server);
        }
        if self.eligible.insert(server) {
            self.algorithm.admit(server);
        } else {
            self.eligible.remove(server);
            self.algorithm.withdraw(server);
        }
    }

    /// A server in rotation is full from now on, or no longer.
    fn fill_or_free(&mut self, server: ServerId) {
        if self.full[server.index()] {
            self.full[server.index()] = false;
            self.eligible.insert(server);
            self.algorithm.freed(server);
        } else if self.eligible.remove(server) {
            self.full[server.index()] = true;
            self.algorithm.filled(server);
        }
    }

    pub fn end(&mut self, server: ServerId) {
        if self.load[server.index()] > 0 {
            self.load[server.index()] -= 1;
            let now = Time::from_nanos(self.now);
            let answer = Answer { now, since: Time::from_nanos(self.now / 2), failed: false };
            if self.algorithm.reads().told() != Told::Nobody {
                self.algorithm.ended(server, &answer);
            }
        }
    }

    /// Asks for a choice among the eligible servers but a few, and sends the request mostly.
    fn ask(&mut self) {
        let request = request(self.choices.len() as u64, self.now, u64::from(self.events.below(4)) * 100);
        let mut excluded = Vec::new();
        for _ in 0..self.events.below(4) {
            let server = self.any_server();
            if !excluded.contains(&server) {
                excluded.push(server);
            }
        }
        let candidates = Candidates { eligible: &self.eligible, excluded: &excluded };
        let choice = self.algorithm.choose(&request, &candidates, &mut self.stream);
        match choice {
            Choice::WaitFor(server) => {
                assert!(self.full[server.index()], "{} lets wait for a server that is not full", self.algorithm.name());
                return;
            }
            // It gives up where the server it has drawn is full.
            Choice::Nobody if self.algorithm.name() == "HaproxyRandom" && self.full.contains(&true) => return,
            _ => {}
        }
        check(&self.algorithm, choice, &candidates, &self.load, |server| self.free_at[server.index()].max(self.now));
        self.choices.push(choice);
        let Choice::Server(server) = choice else { return };
        if self.events.below(8) > 0 {
            self.load[server.index()] += 1;
            self.free_at[server.index()] = self.free_at[server.index()].max(self.now) + request.demand.as_nanos();
            if self.algorithm.reads().told() != Told::Nobody {
                self.algorithm.sent(server, &request);
            }
        }
    }

    fn live(mut self, events: usize) -> Vec<Choice> {
        for _ in 0..events {
            self.now += u64::from(self.events.below(3)) * 50;
            match self.events.below(6) {
                0 => {
                    let server = self.any_server();
                    if self.events.below(2) == 0 { self.toggle(server) } else { self.fill_or_free(server) }
                }
                1 | 2 => {
                    let server = self.any_server();
                    self.end(server);
                }
                _ => self.ask(),
            }
        }
        self.choices
    }
}

/// What every answer must be, and what that of some algorithms must be; `free_at` is when a server of one worker could begin.
fn check(algorithm: &Algorithm, choice: Choice, candidates: &Candidates<'_>, load: &[u32], free_at: impl Fn(ServerId) -> u64) {
    let name = algorithm.name();
    let all: Vec<ServerId> = candidates.eligible.iter().filter(|server| candidates.contains(*server)).collect();
    assert_eq!(all.len(), candidates.len() as usize);
    let Choice::Server(server) = choice else {
        let allowed = match choice {
            Choice::Hold => name == "CentralQueue" && all.iter().all(|server| load[server.index()] > 0),
            _ => all.is_empty() && name != "CentralQueue",
        };
        assert!(allowed, "{name} answers {choice:?} where there is {all:?}");
        return;
    };
    assert!(candidates.contains(server), "{name} chooses {server:?} out of {all:?}");
    let least = |of: &dyn Fn(ServerId) -> u64| all.iter().map(|&server| of(server)).min();
    let loaded = |server: ServerId| u64::from(load[server.index()]);
    match name {
        "LeastConnections" | "JoinShortestQueue" => assert_eq!(Some(loaded(server)), least(&loaded), "{name}"),
        "LeastWorkLeft" => assert_eq!(Some(free_at(server)), least(&free_at), "{name}"),
        "CentralQueue" => assert_eq!(loaded(server), 0, "{name} sends to a busy worker"),
        _ => {}
    }
}

#[test]
fn a_choice_is_always_a_candidate_and_there_is_one_whenever_there_are_candidates() {
    for servers in [1, 2, 5, 70] {
        for algorithm in algorithms() {
            let choices = Life::new(algorithm.clone(), &vec![EQUAL; servers], 1, 2).live(20_000);
            let chosen = choices.iter().filter(|choice| matches!(choice, Choice::Server(_))).count();
            let nobody = choices.iter().filter(|choice| !matches!(choice, Choice::Server(_))).count();
            assert!(chosen > 500 && (servers == 70 || nobody > 100), "{}: {chosen} and {nobody}", algorithm.name());
        }
    }
}

/// Those that draw no random numbers, or none where all servers differ.
const DETERMINISTIC: &[&str] = &[
    "RoundRobin",
    "NginxRoundRobin",
    "NginxLeastConn",
    "NginxLeastTime",
    "NginxIpHash",
    "NginxHash",
    "HaproxyRoundRobin",
    "HaproxyStaticRr",
    "HaproxyLeastconn",
    "HaproxyHash",
    "ShortestExpectedDelay",
    "ThroughputRoundRobin",
    "Rendezvous",
    "JumpHash",
    "EnvoyRingHash",
    "EnvoyMaglev",
];

#[test]
fn the_same_seed_gives_the_same_choices() {
    let traits: Vec<ServerTraits> =
        (1..=9).map(|number| ServerTraits { workers: number % 3 + 1, weight: f64::from(number), ..EQUAL }).collect();
    for algorithm in algorithms() {
        let live = |seed| Life::new(algorithm.clone(), &traits, seed, 3).choices_unchecked(5_000);
        assert_eq!(live(1), live(1), "{}", algorithm.name());
        if !DETERMINISTIC.contains(&algorithm.name()) {
            assert_ne!(live(1), live(2), "{} draws no random numbers", algorithm.name());
        }
    }
}

impl Life {
    /// As [`Life::live`], for servers to which the rules of [`check`] do not apply: asks, and sends all that it can.
    fn choices_unchecked(mut self, events: usize) -> Vec<Choice> {
        (0..self.load.len() as u32).for_each(|server| self.toggle(ServerId(server)));
        for number in 0..events as u64 {
            self.now += 100;
            let request = request(number, self.now, 250);
            let candidates = Candidates { eligible: &self.eligible, excluded: &[] };
            let choice = self.algorithm.choose(&request, &candidates, &mut self.stream);
            self.choices.push(choice);
            if let Choice::Server(server) = choice {
                self.load[server.index()] += 1;
                self.algorithm.sent(server, &request);
            }
            let server = self.any_server();
            self.end(server);
        }
        self.choices
    }
}
