//! Weighted random choice.

use crate::balancing::Explanation;
use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// Each candidate with a probability in proportion to its weight.
#[derive(Debug, Clone, Default)]
pub struct WeightedRandom {
    /// By server: its weight in parts of the largest one at the start.
    weights: Vec<u64>,
    largest: f64,
    /// Which servers count at present.
    admitted: Vec<bool>,
    /// Sums over stretches of servers (Fenwick 1994); place 0 is unused.
    sums: Vec<u64>,
    total: u64,
}

/// What the largest weight is worth: small enough for the sum over a million servers, large enough for six digits.
const LARGEST: f64 = 4_294_967_296.0;

impl WeightedRandom {
    /// A weight in parts of the largest one; at most 2^43, so that those of a million servers can be summed.
    fn parts(&self, weight: f64) -> u64 {
        ((weight / self.largest * LARGEST) as u64).clamp(1, 1 << 43)
    }

    fn add(&mut self, server: ServerId, weight: u64) {
        self.shift(server, |sum| sum + weight);
        self.total += weight;
    }

    fn subtract(&mut self, server: ServerId, weight: u64) {
        self.shift(server, |sum| sum - weight);
        self.total -= weight;
    }

    fn shift(&mut self, server: ServerId, change: impl Fn(u64) -> u64) {
        let mut place = server.index() + 1;
        while place < self.sums.len() {
            self.sums[place] = change(self.sums[place]);
            place += place & place.wrapping_neg();
        }
    }

    /// The server in whose stretch of the total `point` lies.
    fn find(&self, mut point: u64) -> ServerId {
        let mut place = 0;
        let mut step = self.sums.len().next_power_of_two() / 2;
        while step > 0 {
            if place + step < self.sums.len() && self.sums[place + step] <= point {
                place += step;
                point -= self.sums[place];
            }
            step /= 2;
        }
        ServerId(place as u32)
    }

    fn draw(&self, stream: &mut Stream) -> Choice {
        if self.total == 0 {
            return Choice::Nobody;
        }
        let point = (u128::from(stream.bits()) * u128::from(self.total)) >> 64;
        Choice::Server(self.find(point as u64))
    }
}

impl Registered for WeightedRandom {
    const ABOUT: &'static str = "each server with a probability in proportion to the weight of its pool";
    const DETAILS: &'static str = "Splits a Poisson stream into independent Poisson streams in proportion to the weights \
        (Kingman 1993). Weights in proportion to speed equalize utilization; the least mean response needs more for the fast \
        servers (the square-root rule of Bell and Stidham 1983).";
    const COST: &'static str = "O(log n)";
    const GOES_WRONG: &'static str = "As random choice does: it does not see the queues.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, choice: Choice, _: Stream) -> Explanation {
        let Choice::Server(server) = choice else { return Explanation::unscored("there is no server to draw") };
        let all: u64 = candidates.iter().map(|server| self.weights[server.index()]).sum();
        let share = 100.0 * self.weights[server.index()] as f64 / all as f64;
        Explanation::unscored(format!("drawn at random by weight: its chance was {share:.1} %"))
    }
}

impl Policy for WeightedRandom {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.largest = servers.iter().map(|server| server.weight).fold(f64::MIN_POSITIVE, f64::max);
        self.weights = servers.iter().map(|server| self.parts(server.weight)).collect();
        self.admitted = vec![false; servers.len()];
        self.sums = vec![0; servers.len() + 1];
        self.total = 0;
    }

    fn admit(&mut self, server: ServerId) {
        if !std::mem::replace(&mut self.admitted[server.index()], true) {
            self.add(server, self.weights[server.index()]);
        }
    }

    fn withdraw(&mut self, server: ServerId) {
        if std::mem::replace(&mut self.admitted[server.index()], false) {
            self.subtract(server, self.weights[server.index()]);
        }
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        let admitted = self.admitted[server.index()];
        if admitted {
            self.withdraw(server);
        }
        self.weights[server.index()] = self.parts(weight);
        if admitted {
            self.admit(server);
        }
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        if candidates.excluded.is_empty() {
            return self.draw(stream);
        }
        let set_aside: Vec<ServerId> = candidates.excluded.iter().copied().filter(|s| self.admitted[s.index()]).collect();
        set_aside.iter().for_each(|&server| self.withdraw(server));
        let choice = self.draw(stream);
        set_aside.iter().for_each(|&server| self.admit(server));
        choice
    }
}
