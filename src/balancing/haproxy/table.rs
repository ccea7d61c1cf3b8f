//! The table of turns of the algorithms that HAProxy calls static: `static-rr` and hashing by map.

use crate::balancing::IndexedHeap;
use crate::balancing::policy::ServerTraits;
use crate::units::ServerId;

/// The servers in rotation, each as often as its share of the weights says, spread as evenly as can be: what
/// `recalc_server_map` in `src/lb_map.c` of HAProxy 2.6 makes, in O(W log n) for W turns. It is made anew at the first look
/// after a change.
///
/// Weights are whole numbers without a common divisor, fixed from the start.
#[derive(Debug, Clone, Default)]
pub struct Table {
    weights: Vec<u32>,
    members: Vec<bool>,
    turns: Vec<u32>,
    changed: bool,
    scratch: Scratch,
}

/// What making a table needs, kept so that it allocates nothing.
#[derive(Debug, Clone, Default)]
struct Scratch {
    /// Servers by class, the highest first, the smaller number first within a class.
    order: IndexedHeap<i64>,
    /// By server: its class, and how often that has risen.
    classes: Vec<i64>,
    risen: Vec<u64>,
    /// By turn: the first of the servers whose class rises there; by server: the next of these.
    rising: Vec<u32>,
    next: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Table {
    /// The table for these servers, none of which is in rotation yet.
    pub fn new(servers: &[ServerTraits]) -> Self {
        let whole: Vec<u32> = servers.iter().map(|server| (server.weight.round() as u32).clamp(1, super::LARGEST)).collect();
        let divisor = whole.iter().copied().reduce(divisor).unwrap_or(1);
        let weights: Vec<u32> = whole.into_iter().map(|weight| weight / divisor).collect();
        let (n, all) = (servers.len(), weights.iter().sum::<u32>() as usize);
        let scratch = Scratch {
            order: IndexedHeap::empty(n),
            classes: vec![0; n],
            risen: vec![0; n],
            rising: Vec::with_capacity(all),
            next: vec![NONE; n],
        };
        Self { weights, members: vec![false; n], turns: Vec::with_capacity(all), changed: true, scratch }
    }

    /// Puts a server into rotation or takes it out.
    pub fn set(&mut self, server: ServerId, member: bool) {
        self.changed |= self.members[server.index()] != member;
        self.members[server.index()] = member;
    }

    /// The turns, one after the other.
    pub fn turns(&mut self) -> &[u32] {
        if std::mem::take(&mut self.changed) {
            self.make();
        }
        &self.turns
    }

    /// Every turn raises the score of each server by its weight; the first of those with the highest class, which is the whole
    /// part of the score over the sum of the weights, takes the turn and pays that sum. Only the turns at which a class rises
    /// are looked at.
    fn make(&mut self) {
        let in_rotation = |server: &usize| self.members[*server];
        let sum: u64 = (0..self.weights.len()).filter(in_rotation).map(|server| u64::from(self.weights[server])).sum();
        self.turns.clear();
        self.scratch.rising.clear();
        self.scratch.rising.resize(sum as usize, NONE);
        for server in (0..self.weights.len()).filter(in_rotation) {
            self.scratch.risen[server] = 0;
            self.scratch.put(server as u32, 0);
            self.scratch.schedule(server as u32, self.weights[server], sum);
        }
        for turn in 0..sum as usize {
            let mut server = self.scratch.rising[turn];
            while server != NONE {
                let following = self.scratch.next[server as usize];
                self.scratch.put(server, self.scratch.classes[server as usize] + 1);
                self.scratch.schedule(server, self.weights[server as usize], sum);
                server = following;
            }
            let Some((_, ServerId(best))) = self.scratch.order.first() else { break };
            self.turns.push(best);
            self.scratch.put(best, self.scratch.classes[best as usize] - 1);
        }
        for server in (0..self.weights.len()).filter(in_rotation) {
            self.scratch.order.remove(ServerId(server as u32));
        }
    }
}

impl Scratch {
    fn put(&mut self, server: u32, class: i64) {
        self.classes[server as usize] = class;
        self.order.set(ServerId(server), -class);
    }

    /// Notes the turn at which the class of a server rises next: its weight, added so often, reaches another multiple of the sum.
    fn schedule(&mut self, server: u32, weight: u32, sum: u64) {
        let risen = &mut self.risen[server as usize];
        *risen += 1;
        let turn = (*risen * sum).div_ceil(u64::from(weight)) - 1;
        if let Some(first) = self.rising.get_mut(turn as usize) {
            self.next[server as usize] = std::mem::replace(first, server);
        }
    }
}

/// The greatest common divisor (Euclid).
const fn divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Address;

    fn table(weights: &[f64], members: &[bool]) -> Vec<u32> {
        let address = Address::new([10, 0, 0, 1], 80);
        let server = |&weight| ServerTraits { workers: 1, speed: 1.0, weight, address, shares: false };
        let mut table = Table::new(&weights.iter().map(server).collect::<Vec<_>>());
        (0..).zip(members).for_each(|(server, member)| table.set(ServerId(server), *member));
        table.turns().to_vec()
    }

    /// The rule turn by turn, over all servers.
    fn slowly(weights: &[i64], members: &[bool]) -> Vec<u32> {
        let sum: i64 = weights.iter().zip(members).filter(|(_, member)| **member).map(|(weight, _)| weight).sum();
        let mut scores = vec![0; weights.len()];
        let turn = |_| {
            let mut best: Option<(i64, usize)> = None;
            for server in (0..weights.len()).filter(|&server| members[server]) {
                scores[server] += weights[server];
                let class = (scores[server] + sum) / sum;
                if best.is_none_or(|(highest, _)| class > highest) {
                    best = Some((class, server));
                }
            }
            let (_, server) = best.unwrap();
            scores[server] -= sum;
            server as u32
        };
        (0..sum).map(turn).collect()
    }

    #[test]
    fn tables_follow_the_rule() {
        let mut state = 7_u32;
        let mut below = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % n
        };
        for _ in 0..400 {
            let n = below(12) + 1;
            let largest = [1, 3, 256][below(3) as usize];
            // A server of weight 1 leaves no common divisor.
            let weights: Vec<i64> = (0..n).map(|server| if server == 0 { 1 } else { i64::from(below(largest) + 1) }).collect();
            let members: Vec<bool> = (0..n).map(|_| below(4) > 0).collect();
            let real: Vec<f64> = weights.iter().map(|&weight| weight as f64).collect();
            assert_eq!(table(&real, &members), slowly(&weights, &members), "{weights:?} {members:?}");
        }
    }

    #[test]
    fn weights_are_whole_and_lose_their_common_divisor() {
        assert_eq!(table(&[4.0, 2.0], &[true; 2]), [0, 0, 1]);
        assert_eq!(table(&[0.1, 1.4], &[true; 2]), [0, 1]);
        assert_eq!(table(&[1.0, 1.0], &[false; 2]), [0; 0]);
    }
}
