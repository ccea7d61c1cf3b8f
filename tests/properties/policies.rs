//! The contract of every registered algorithm, held directly against it: no cluster, only calls.

use lbsim::balancing::{
    Algorithm, Answer, Best, Candidates, Choice, Explanation, Policy, RequestView, ServerSet, ServerTraits, Shares, Told,
};
use lbsim::random::{Role, Seed, Stream};
use lbsim::units::{Address, Parameters, ServerId, Span, Time};
use std::ops::RangeInclusive;

/// Answers every question with the same number, as far as it is in the range.
struct Answers(u64, bool);

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
fn algorithms() -> Vec<Algorithm> {
    let answers = [(1, true), (2, false), (3, true), (64, false)];
    let named = |name: &&str| {
        answers.map(|(number, flag)| Algorithm::named(name, &mut Answers(number, flag)).expect("a registered name"))
    };
    Algorithm::NAMES.iter().flat_map(named).collect()
}

const EQUAL: ServerTraits =
    ServerTraits { workers: 1, speed: 1.0, weight: 1.0, address: Address::new([10, 0, 0, 1], 80), shares: false };

fn request(number: u64, now: u64, demand: u64) -> RequestView {
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
struct Life {
    algorithm: Algorithm,
    eligible: ServerSet,
    /// By server: whether it is in rotation but full.
    full: Vec<bool>,
    /// By server: requests in flight, and when it will have done what was sent to it.
    load: Vec<u32>,
    free_at: Vec<u64>,
    stream: Stream,
    /// What happens to it.
    events: Stream,
    now: u64,
    choices: Vec<Choice>,
}

impl Life {
    fn new(mut algorithm: Algorithm, traits: &[ServerTraits], seed: u64, events: u64) -> Self {
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
    fn toggle(&mut self, server: ServerId) {
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

    fn end(&mut self, server: ServerId) {
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
        let (before, draws) = (self.algorithm.clone(), self.stream.clone());
        let choice = self.algorithm.choose(&request, &candidates, &mut self.stream);
        check_explanation(&before, choice, &before.explain(&request, &candidates, choice, draws));
        match choice {
            Choice::WaitFor(server) => {
                assert!(self.full[server.index()], "{} lets wait for a server that is not full", before.name());
                return;
            }
            // It gives up where the server it has drawn is full.
            Choice::Nobody if before.name() == "HaproxyRandom" && self.full.contains(&true) => return,
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

/// An explanation must agree with the choice: who is chosen has the best score, and nothing is left unsaid.
fn check_explanation(algorithm: &Algorithm, choice: Choice, explanation: &Explanation) {
    let name = algorithm.name();
    let Explanation { scores, best, because } = explanation;
    assert!(!because.is_empty() && !because.ends_with('.'), "{name}: {because:?}");
    let Choice::Server(server) = choice else { return };
    let values = || scores.iter().map(|score| score.value);
    let best = match best {
        Best::Smallest => values().min_by(f64::total_cmp),
        Best::Largest => values().max_by(f64::total_cmp),
        Best::Unscored => return,
    };
    let winner = scores.iter().find(|score| score.server == server).map(|score| score.value);
    assert_eq!(winner, best, "{name} chooses {server:?}: {explanation:?}");
    assert!(winner.is_some(), "{name} has no score for {server:?}: {explanation:?}");
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

/// How often each server is chosen while every request ends before the next comes.
fn shares(algorithm: &Algorithm, traits: &[ServerTraits], requests: u64) -> Vec<u64> {
    let mut life = Life::new(algorithm.clone(), traits, 11, 0);
    (0..traits.len() as u32).for_each(|server| life.toggle(ServerId(server)));
    let mut shares = vec![0; traits.len()];
    for number in 0..requests {
        life.now = number;
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let request = request(number, number, 0);
        if let Choice::Server(server) = life.algorithm.choose(&request, &candidates, &mut life.stream) {
            shares[server.index()] += 1;
            if life.algorithm.reads().told() != Told::Nobody {
                life.load[server.index()] += 1;
                life.algorithm.sent(server, &request);
                life.end(server);
            }
        }
    }
    shares
}

/// Each share within 4.5 standard errors: wrong in 7 of a million, and there are some 300 of them; the seed is fixed.
#[track_caller]
fn assert_shares(name: &str, shares: &[u64], probabilities: &[f64]) {
    let total: u64 = shares.iter().sum();
    for (share, p) in shares.iter().zip(probabilities) {
        let error = (total as f64 * p * (1.0 - p)).sqrt();
        assert!((*share as f64 - total as f64 * p).abs() <= 4.5 * error, "{name}: {shares:?}");
    }
}

fn promise(algorithm: &Algorithm) -> Shares {
    let help = Algorithm::help().into_iter().find(|help| help.name == algorithm.name());
    help.expect("every algorithm has help").shares
}

#[test]
fn equal_servers_get_equal_shares() {
    for servers in [2, 3, 10] {
        for algorithm in algorithms() {
            let shares = shares(&algorithm, &vec![EQUAL; servers], 100_000);
            match promise(&algorithm) {
                Shares::InTurn => {
                    let even = shares.iter().all(|share| share.abs_diff(100_000 / servers as u64) <= 1);
                    assert!(even, "{}: {shares:?}", algorithm.name());
                }
                Shares::OnAverage => assert_shares(algorithm.name(), &shares, &vec![1.0 / servers as f64; servers]),
                Shares::Unpromised => {}
            }
        }
    }
}

#[test]
fn weights_give_shares_in_proportion() {
    let weights = [1.0, 2.5, 0.001, 6.499, 10.0];
    let traits = weights.map(|weight| ServerTraits { weight, ..EQUAL });
    let weighted = Algorithm::named("WeightedRandom", &mut Answers(1, false)).expect("a registered name");
    assert_shares("WeightedRandom", &shares(&weighted, &traits, 200_000), &weights.map(|weight| weight / 20.0));
}

/// The choices of an algorithm over four servers, one of them perhaps heavier than it was. Loads grow and shrink, so that algorithms that look at them are asked in many states.
fn with_a_heavy_server(algorithm: &Algorithm, heavy: bool) -> Vec<Choice> {
    let mut life = Life::new(algorithm.clone(), &[EQUAL; 4], 1, 1);
    (0..4).for_each(|server| life.toggle(ServerId(server)));
    if heavy {
        life.algorithm.reweigh(ServerId(2), 5.0);
    }
    let mut choices = Vec::new();
    for number in 0..400 {
        life.now += 1_000_000;
        let request = request(number, life.now, 250);
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let choice = life.algorithm.choose(&request, &candidates, &mut life.stream);
        choices.push(choice);
        if let Choice::Server(server) = choice {
            life.load[server.index()] += 1;
            if life.algorithm.reads().told() != Told::Nobody {
                life.algorithm.sent(server, &request);
            }
        }
        if number % 2 == 0 {
            life.end(ServerId((number / 2 % 4) as u32));
        }
    }
    choices
}

/// By name: with some parameters at least, and with no others.
#[test]
fn changed_weights_change_choices_where_that_is_promised() {
    for name in Algorithm::NAMES {
        let variants = algorithms().into_iter().filter(|algorithm| algorithm.name() == *name);
        let heeds = |algorithm: Algorithm| {
            let differ = with_a_heavy_server(&algorithm, true) != with_a_heavy_server(&algorithm, false);
            assert!(!differ || algorithm.heeds_weights(), "{name} heeds weights and does not say so");
            (differ, algorithm.heeds_weights())
        };
        let (differ, said): (Vec<bool>, Vec<bool>) = variants.map(heeds).unzip();
        assert_eq!(differ.contains(&true), said[0], "{name} does not heed weights");
    }
}

#[test]
fn round_robin_goes_on_where_it_stood() {
    let algorithm = Algorithm::named("RoundRobin", &mut Answers(1, false)).expect("a registered name");
    let mut life = Life::new(algorithm, &[EQUAL; 4], 1, 1);
    (0..4).for_each(|server| life.toggle(ServerId(server)));
    let next = |life: &mut Life, excluded: &[ServerId]| {
        let candidates = Candidates { eligible: &life.eligible, excluded };
        match life.algorithm.choose(&request(0, 0, 0), &candidates, &mut life.stream) {
            Choice::Server(server) => server.0,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([0; 5].map(|_| next(&mut life, &[])), [0, 1, 2, 3, 0]);
    life.toggle(ServerId(2));
    assert_eq!([0; 4].map(|_| next(&mut life, &[])), [1, 3, 0, 1]);
    life.toggle(ServerId(2));
    assert_eq!([0; 2].map(|_| next(&mut life, &[])), [2, 3]);
    assert_eq!(next(&mut life, &[ServerId(0), ServerId(1)]), 2, "who has been tried is passed over");
}

/// Two choices out of two servers see both, so the busier is never taken; with replacement one may be drawn twice.
#[test]
fn power_of_d_looks_at_d_servers() {
    for (d, replacement, expected) in [(2, false, 0.0), (2, true, 0.25), (3, true, 0.125), (1, false, 0.5)] {
        let algorithm = Algorithm::named("PowerOfD", &mut Answers(d, replacement)).expect("a registered name");
        let mut life = Life::new(algorithm, &[EQUAL; 2], 5, 1);
        (0..2).for_each(|server| life.toggle(ServerId(server)));
        life.algorithm.sent(ServerId(0), &request(0, 0, 1));
        let candidates = Candidates { eligible: &life.eligible, excluded: &[] };
        let mut busier = 0;
        for number in 0..100_000 {
            let choice = life.algorithm.choose(&request(number, 0, 1), &candidates, &mut life.stream);
            busier += u64::from(choice == Choice::Server(ServerId(0)));
        }
        assert_shares(&format!("PowerOfD({d})"), &[busier, 100_000 - busier], &[expected, 1.0 - expected]);
    }
}
