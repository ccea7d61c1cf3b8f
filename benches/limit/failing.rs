//! W4: servers that fail and are repaired, and a balancer that knows it at once.

use crate::agenda::{Agenda, Wheel};
use crate::loops::{Outcome, exponential};
use crate::queue::{Queues, seconds, ticks};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Servers; a bit for each fits in a word.
pub const SERVERS: usize = 100;
/// Requests per second.
pub const RATE: f64 = 70.0;
/// Mean time to failure and mean time to repair, in seconds.
pub const MTBF: f64 = 1_000.0;
pub const MTTR: f64 = 50.0;

/// Bits of an entry of the agenda that name the server; those above say how often it had failed before.
const NAME: u32 = 8;

/// Poisson arrivals, each to the next server in turn of those that are up; what a failing server holds is lost. Requests that are
/// completed or lost count.
pub fn w4(requests: u64, seed: u64) -> Outcome {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut agenda = Wheel::new(SERVERS);
    let mut queues = Queues::new(SERVERS);
    let mut present = [0_u32; SERVERS];
    let mut failed = [0_u32; SERVERS];
    let mut up: u128 = (1 << SERVERS) - 1;
    let mut turn = 0_u32;
    // Times are above 0, so that their bits are in their order.
    let mut changes: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    (0..SERVERS).for_each(|server| changes.push(Reverse(((exponential(&mut rng) * MTBF).to_bits(), server))));
    let mut change = changes.peek().map_or(f64::INFINITY, |Reverse((time, _))| f64::from_bits(*time));
    let mut arrival = exponential(&mut rng) / RATE;
    let (mut total, mut counted, mut ended) = (0, 0_u64, 0_u64);
    while ended < requests {
        let (departure, entry) = agenda.first();
        if change < arrival.min(departure) {
            let Some(Reverse((time, server))) = changes.pop() else { break };
            let now = f64::from_bits(time);
            let bit = 1_u128 << server;
            let lasts = if up & bit == 0 {
                MTBF
            } else {
                ended += u64::from(present[server]);
                for _ in 0..present[server] {
                    queues.leave(server as u32);
                }
                present[server] = 0;
                failed[server] += 1;
                MTTR
            };
            up ^= bit;
            changes.push(Reverse(((now + exponential(&mut rng) * lasts).to_bits(), server)));
            change = changes.peek().map_or(f64::INFINITY, |Reverse((time, _))| f64::from_bits(*time));
        } else if arrival < departure {
            let ahead = up >> turn << turn;
            let server = if ahead == 0 { up } else { ahead }.trailing_zeros();
            turn = (server + 1) % SERVERS as u32;
            let before = queues.join(server, ticks(arrival));
            present[server as usize] = before + 1;
            if before == 0 {
                agenda.add(arrival + exponential(&mut rng), failed[server as usize] << NAME | server);
            }
            arrival += exponential(&mut rng) / RATE;
        } else {
            agenda.drop_first();
            let server = entry % (1 << NAME);
            if entry >> NAME != failed[server as usize] {
                continue;
            }
            let (birth, remain) = queues.leave(server);
            present[server as usize] = remain;
            ended += 1;
            if ended * 2 > requests {
                total += u64::from(ticks(departure).wrapping_sub(birth));
                counted += 1;
            }
            if remain > 0 {
                agenda.add(departure + exponential(&mut rng), failed[server as usize] << NAME | server);
            }
        }
    }
    std::hint::black_box(&queues);
    Outcome { completed: ended, mean_response: seconds(total) / counted as f64 }
}
