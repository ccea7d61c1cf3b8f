//! A driver for the tests: servers by number, requests one after the other or in flight.

use crate::balancing::{Algorithm, Answer, Candidates, Choice, Policy, RequestView, ServerSet, ServerTraits};
use crate::random::{Role, Seed, Stream};
use crate::units::{Address, Parameters, ServerId, Span, Time};
use std::ops::RangeInclusive;

/// Answers to the questions for parameters, by name; where there is none, the default.
pub struct Answers<'a>(pub &'a [(&'static str, u64)]);

impl Answers<'_> {
    fn answer(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, answer)| *answer)
    }
}

impl Parameters for Answers<'_> {
    fn integer(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<u64>, default: u64) -> u64 {
        self.answer(name).unwrap_or(default)
    }
    fn real(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<f64>, default: f64) -> f64 {
        self.answer(name).map_or(default, |answer| answer as f64)
    }
    fn span(&mut self, name: &'static str, _: &'static str, _: RangeInclusive<Span>, default: Span) -> Span {
        self.answer(name).map_or(default, Span::from_secs)
    }
    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        self.answer(name).map_or(default, |answer| answer != 0)
    }
    fn choice(&mut self, name: &'static str, _: &'static str, _: &'static [&'static str], default: usize) -> usize {
        self.answer(name).map_or(default, |answer| answer as usize)
    }
}

/// An algorithm with its servers, which are all admitted at the start.
pub struct Driver {
    pub algorithm: Algorithm,
    pub eligible: ServerSet,
    pub excluded: Vec<ServerId>,
    pub stream: Stream,
}

impl Driver {
    pub fn new(name: &str, parameters: &[(&'static str, u64)], weights: &[f64]) -> Self {
        let mut algorithm = Algorithm::named(name, &mut Answers(parameters)).unwrap();
        let address = Address::new([10, 0, 0, 1], 80);
        let server = |&weight| ServerTraits { workers: 1, speed: 1.0, weight, address, shares: false };
        let servers: Vec<ServerTraits> = weights.iter().map(server).collect();
        let mut stream = Stream::new(Seed(1), 0, Role::Balancing, 0);
        algorithm.prepare(&servers, &mut stream);
        let eligible = ServerSet::empty(servers.len());
        let mut driver = Self { algorithm, eligible, excluded: Vec::new(), stream };
        (0..servers.len() as u32).for_each(|server| driver.admit(server));
        driver
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

    pub fn ask(&mut self, request: &RequestView) -> Choice {
        let candidates = Candidates { eligible: &self.eligible, excluded: &self.excluded };
        self.algorithm.choose(request, &candidates, &mut self.stream)
    }

    pub fn choose(&mut self) -> Choice {
        self.ask(&item(0))
    }

    pub fn sent(&mut self, server: u32) {
        self.algorithm.sent(ServerId(server), &item(0));
    }

    pub fn ended(&mut self, server: u32) {
        let answer = Answer { now: Time::ZERO, since: Time::ZERO, failed: false };
        self.algorithm.ended(ServerId(server), &answer);
    }

    /// The servers of so many requests, each of which ends before the next comes, as digits.
    pub fn sequence(&mut self, requests: usize) -> String {
        let mut digits = String::new();
        for _ in 0..requests {
            let Choice::Server(server) = self.choose() else { panic!("no server after {digits}") };
            self.sent(server.0);
            self.ended(server.0);
            digits.push_str(&server.0.to_string());
        }
        digits
    }
}

/// A request for an item.
pub fn item(item: u32) -> RequestView {
    RequestView { now: Time::ZERO, demand: Span::ZERO, address: Address::new([127, 0, 0, 1], 0), session: 0, item }
}

/// The clients of the measurements: so many different addresses 127.a.b.c with a and c from 1 to 254 and b from 0 to 255, drawn
/// by the generator of Python's `random.Random(42)`.
pub fn addresses(number: usize) -> Vec<[u8; 4]> {
    let mut generator = MersenneTwister::seeded(42);
    let mut addresses = Vec::with_capacity(number);
    while addresses.len() < number {
        let a = 1 + generator.below(254) as u8;
        let b = generator.below(256) as u8;
        let c = 1 + generator.below(254) as u8;
        if !addresses.contains(&[127, a, b, c]) {
            addresses.push([127, a, b, c]);
        }
    }
    addresses
}

/// MT19937 (Matsumoto and Nishimura 1998), seeded by an array of one number.
struct MersenneTwister {
    state: [u32; 624],
    next: usize,
}

impl MersenneTwister {
    fn seeded(seed: u32) -> Self {
        let mut state = [19_650_218_u32; 624];
        for i in 1..624 {
            state[i] = (state[i - 1] ^ state[i - 1] >> 30).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        let mut i = 1;
        for round in 0..624 + 623 {
            let before = state[i - 1] ^ state[i - 1] >> 30;
            state[i] = if round < 624 {
                (state[i] ^ before.wrapping_mul(1_664_525)).wrapping_add(seed)
            } else {
                (state[i] ^ before.wrapping_mul(1_566_083_941)).wrapping_sub(i as u32)
            };
            i += 1;
            if i == 624 {
                state[0] = state[623];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        Self { state, next: 624 }
    }

    fn bits(&mut self) -> u32 {
        if self.next == 624 {
            for i in 0..624 {
                let mixed = self.state[i] & 0x8000_0000 | self.state[(i + 1) % 624] & 0x7FFF_FFFF;
                self.state[i] = self.state[(i + 397) % 624] ^ mixed >> 1 ^ if mixed & 1 == 1 { 0x9908_B0DF } else { 0 };
            }
            self.next = 0;
        }
        let mut bits = self.state[self.next];
        self.next += 1;
        bits ^= bits >> 11;
        bits ^= bits << 7 & 0x9D2C_5680;
        bits ^= bits << 15 & 0xEFC6_0000;
        bits ^ bits >> 18
    }

    /// A number below `bound` out of as many bits as that has; those that are too large are drawn again.
    fn below(&mut self, bound: u32) -> u32 {
        loop {
            let number = self.bits() >> bound.leading_zeros();
            if number < bound {
                return number;
            }
        }
    }
}
