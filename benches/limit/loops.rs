//! Event loops written for one model each: what the simulator is measured against.
//!
//! They know one load, one distribution, one discipline and one measure, the mean response; but each request is born,
//! queues with its time of birth, is served and leaves, and every arrival and every departure is an event, taken in
//! order of time. (Two ways to be faster are barred: Lindley's recursion has no events, and mere counts of requests
//! give the mean by Little's law without knowing the response of any one.)

use crate::agenda::{Agenda, Sorted, Wheel};
use crate::choice::{Choice, Random, ShortestOfFew, ShortestOfMany};
use crate::queue::{Queues, seconds, ticks};
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// What a loop has seen.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Requests completed.
    pub completed: u64,
    /// Mean response in seconds of them, without those of the first half where the start may show.
    pub mean_response: f64,
}

/// The load of each server.
const LOAD: f64 = 0.8;

/// A number with mean 1.
#[inline]
pub fn exponential(rng: &mut Xoshiro256PlusPlus) -> f64 {
    Exp1.sample(rng)
}

/// W1: M/M/1, mean demand 1 s. Arrival or departure is a toss the processor cannot foresee, so both go the same way
/// through the loop, told apart by selections instead of branches. (The ring is long enough: 1,024 requests have probability 0.8^1024.)
pub fn w1(requests: u64, seed: u64) -> Outcome {
    const RING: usize = 1024;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut births = [0.0; RING];
    let (mut completed, mut born) = (0_usize, 0_usize);
    let mut total = 0.0;
    let mut arrival = exponential(&mut rng) / LOAD;
    let mut departure = f64::INFINITY;
    while completed < requests as usize {
        let sample = exponential(&mut rng);
        let arrives = arrival < departure;
        let now = if arrives { arrival } else { departure };
        // For a departure this place is free, and what is written there is not read.
        births[born % RING] = now;
        let birth = births[completed % RING];
        let was_idle = born == completed;
        total += if arrives { 0.0 } else { now - birth };
        born += usize::from(arrives);
        completed += usize::from(!arrives);
        arrival = if arrives { now + sample * (1.0 / LOAD) } else { arrival };
        let next = if completed == born { f64::INFINITY } else { now + sample };
        departure = if arrives { departure } else { next };
        if was_idle {
            departure = now + exponential(&mut rng);
        }
    }
    Outcome { completed: requests, mean_response: total / requests as f64 }
}

/// W2: Poisson arrivals, each to a server chosen at random.
pub fn w2(servers: usize, requests: u64, seed: u64) -> Outcome {
    match servers {
        ..=32 => many::<Sorted, Random, false>(servers, requests, seed),
        33..=20_000 => many::<Wheel, Random, false>(servers, requests, seed),
        _ => many::<Wheel, Random, true>(servers, requests, seed),
    }
}

/// W3: Poisson arrivals, each to a server with the fewest requests.
pub fn w3(servers: usize, requests: u64, seed: u64) -> Outcome {
    match servers {
        ..=32 => many::<Sorted, ShortestOfFew, false>(servers, requests, seed),
        33..=20_000 => many::<Wheel, ShortestOfMany, false>(servers, requests, seed),
        _ => many::<Wheel, ShortestOfMany, true>(servers, requests, seed),
    }
}

/// First-come-first-served servers of one worker behind a balancer.
fn many<A: Agenda, C: Choice, const TOUCH: bool>(servers: usize, requests: u64, seed: u64) -> Outcome {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut agenda = A::new(servers);
    let mut choice = C::new(servers);
    let mut queues = Queues::new(servers);
    let gap = 1.0 / (LOAD * servers as f64);
    let mut arrival = exponential(&mut rng) * gap;
    let mut total = 0;
    let mut completed = 0;
    while completed < requests {
        let (departure, server) = agenda.first();
        if arrival < departure {
            let server = choice.choose(&mut rng);
            if TOUCH && let Some(soon) = choice.soon() {
                queues.touch(soon);
            }
            let before = queues.join(server, ticks(arrival));
            choice.joined(server, before);
            if before == 0 {
                agenda.add(arrival + exponential(&mut rng), server);
            }
            arrival += exponential(&mut rng) * gap;
        } else {
            if TOUCH && let Some(soon) = agenda.soon(4) {
                queues.touch(soon);
                choice.touch(soon);
            }
            let (birth, remain) = queues.leave(server);
            choice.left(server, remain);
            completed += 1;
            if completed * 2 > requests {
                total += u64::from(ticks(departure).wrapping_sub(birth));
            }
            agenda.drop_first();
            if remain > 0 {
                agenda.add(departure + exponential(&mut rng), server);
            }
        }
    }
    std::hint::black_box((&queues, &choice));
    Outcome { completed, mean_response: seconds(total) / (requests - requests / 2) as f64 }
}
