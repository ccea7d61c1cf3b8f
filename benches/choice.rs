//! What a decision costs: each registered algorithm chooses a server, hears that the request was sent there, and hears
//! that another one ended: `cargo bench --bench choice`.
//!
//! Each of n servers has one worker, and 0.8 n requests are in flight before and after each decision: one of them, picked at
//! random, ends for each that is sent. Weights are 1 and 2 in turn. Thread CPU time in ns, the median of several runs,
//! on servers that nothing but the algorithm touches: in a simulation the rest of the work shares its caches. The first line is
//! what the bench itself costs, included in all others.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark prints what it measured, and stops where that cannot be believed"
)]

use cpu_time::ThreadTime;
use lbsim::balancing::{Algorithm, Answer, Candidates, Choice, Policy, PolicyTask, Reads, RequestView, ServerSet, ServerTraits};
use lbsim::random::{Role, Seed, Stream};
use lbsim::units::{Address, ParameterList, ServerId, Span, Time};
use std::hint::black_box;
use std::time::Duration;

const SIZES: [usize; 3] = [10, 1_000, 100_000];
const RUNS: u64 = 3;
const DECISIONS: u64 = 1_000_000;
/// What looks at all servers is measured over fewer decisions: CPU time of the warm-up and of the measurement at most.
const MOST_WARM_UP: Duration = Duration::from_millis(700);
const MOST_MEASURED: Duration = Duration::from_millis(300);
/// Requests in flight for each server, and the load where demands have a mean of 1 s.
const LOAD: f64 = 0.8;
/// Random numbers are drawn beforehand, this many of each.
const DRAWN: usize = 1 << 12;

fn main() {
    print!("{:<24}", "ns per decision, n =");
    SIZES.iter().for_each(|size| print!(" {size:>9}"));
    println!();
    row("(the bench itself)", |steady| steady.run(InTurn::default()));
    for name in Algorithm::NAMES {
        let Some(algorithm) = Algorithm::named(name, &mut ParameterList::default()) else { panic!("{name} has no defaults") };
        row(name, |steady| algorithm.clone().specialize(steady));
    }
}

fn row(name: &str, cost: impl Fn(Steady) -> f64) {
    print!("{name:<24}");
    for servers in SIZES {
        let mut costs: Vec<f64> = (1..=RUNS).map(|seed| cost(Steady { servers, seed })).collect();
        costs.sort_by(f64::total_cmp);
        print!(" {:>9.*}", usize::from(costs[costs.len() / 2] < 1e5), costs[costs.len() / 2]);
    }
    println!();
}

/// A request from one of many clients, for one of many things.
fn request(now: Time, demand: Span, number: u32) -> RequestView {
    let mixed = number.wrapping_mul(0x9E37_79B9);
    RequestView { now, demand, address: Address { ip: mixed, port: 0 }, session: u64::from(mixed), item: mixed >> 12 }
}

/// A policy that does nothing: one server after the other.
#[derive(Debug, Default)]
struct InTurn {
    last: u32,
}

impl Policy for InTurn {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, _: &[ServerTraits], _: &mut Stream) {}

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.last = if self.last + 1 < candidates.eligible.len() { self.last + 1 } else { 0 };
        Choice::Server(ServerId(self.last))
    }
}

/// A steady state over so many servers; what comes out is ns per decision.
#[derive(Debug, Clone, Copy)]
struct Steady {
    servers: usize,
    seed: u64,
}

impl PolicyTask for Steady {
    type Output = f64;

    fn run<P: Policy>(self, policy: P) -> f64 {
        let mut traffic = Traffic::new(self, policy);
        // Until nothing recalls how it began: each request in flight has been replaced some times.
        traffic.steps(5 * self.servers as u64, MOST_WARM_UP);
        let (steps, nanos) = traffic.steps(DECISIONS, MOST_MEASURED);
        black_box(traffic.in_flight);
        nanos / steps as f64
    }
}

/// Requests that come, and the servers that hold those in flight.
struct Traffic<P> {
    policy: P,
    eligible: ServerSet,
    /// Where each is, and since when.
    in_flight: Vec<(ServerId, Time)>,
    stream: Stream,
    /// Positions to end at, as fractions of 2^32, and demands.
    drawn: Vec<(u32, Span)>,
    request: u32,
    gap: Span,
    now: Time,
}

impl<P: Policy> Traffic<P> {
    fn new(Steady { servers, seed }: Steady, mut policy: P) -> Self {
        let weight = |server: usize| if server.is_multiple_of(2) { 1.0 } else { 2.0 };
        let address = |server| Address { ip: server as u32, port: 80 };
        let traits =
            |server| ServerTraits { workers: 1, speed: 1.0, weight: weight(server), address: address(server), shares: false };
        let mut stream = Stream::new(Seed(seed), 0, Role::Balancing, 0);
        policy.prepare(&(0..servers).map(traits).collect::<Vec<_>>(), &mut stream);
        let mut eligible = ServerSet::empty(servers);
        for server in (0..servers as u32).map(ServerId) {
            eligible.insert(server);
            policy.admit(server);
        }
        let mut bring = Stream::new(Seed(seed), 0, Role::Demand, 0);
        let drawn = (0..DRAWN).map(|_| ((bring.bits() >> 32) as u32, Span::from_nanos_f64(bring.exponential() * 1e9)));
        let mut traffic = Self {
            policy,
            eligible,
            in_flight: Vec::new(),
            drawn: drawn.collect(),
            stream,
            request: 0,
            gap: Span::from_nanos_f64(1e9 / (LOAD * servers as f64)),
            now: Time::ZERO,
        };
        for server in 0..(LOAD * servers as f64) as u32 {
            let (view, _) = traffic.arrive();
            traffic.policy.sent(ServerId(server), &view);
            traffic.in_flight.push((ServerId(server), traffic.now));
        }
        traffic
    }

    /// Takes `most` steps, or as many as fit into the CPU time: how many, and how many ns they took.
    fn steps(&mut self, most: u64, time: Duration) -> (u64, f64) {
        let start = ThreadTime::now();
        let mut done = 0;
        while done < most && start.elapsed() < time {
            // Looking at the clock takes as long as some cheap decisions.
            let stretch = if done < 64 { 1 } else { 4_096.min(done) }.min(most - done);
            (0..stretch).for_each(|_| self.step());
            done += stretch;
        }
        (done, start.elapsed().as_nanos() as f64)
    }

    /// The next request, and which of those in flight ends.
    #[inline(always)]
    fn arrive(&mut self) -> (RequestView, usize) {
        let (fraction, demand) = self.drawn[self.request as usize % DRAWN];
        // Not the same position for the same demand each time.
        let fraction = fraction.wrapping_add(self.request.wrapping_mul(0x9E37_79B9));
        self.request = self.request.wrapping_add(1);
        self.now = self.now + self.gap;
        let place = (u64::from(fraction) * self.in_flight.len() as u64) >> 32;
        (request(self.now, demand, self.request), place as usize)
    }

    #[inline(always)]
    fn choose(&mut self, view: &RequestView) -> Choice {
        self.policy.choose(view, &Candidates { eligible: &self.eligible, excluded: &[] }, &mut self.stream)
    }

    /// A request is sent and another ends; in the other order where the balancer holds it until one has ended.
    #[inline(always)]
    fn step(&mut self) {
        let (view, place) = self.arrive();
        let (leaving, since) = self.in_flight[place];
        let answer = Answer { now: self.now, since, failed: false };
        match self.choose(&view) {
            Choice::Server(server) => {
                self.policy.sent(server, &view);
                self.policy.ended(leaving, &answer);
                self.in_flight[place] = (server, self.now);
            }
            Choice::Hold | Choice::WaitFor(_) => {
                self.policy.ended(leaving, &answer);
                let Choice::Server(server) = self.choose(&view) else { panic!("held although a request has ended") };
                self.policy.sent(server, &view);
                self.in_flight[place] = (server, self.now);
            }
            Choice::Nobody => panic!("no server although all are eligible"),
        }
    }
}
