//! Random draws and the least loaded of them as HAProxy's `random` does it.

use crate::balancing::haproxy::Ring;
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Follows, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The least loaded of the servers that random places of the hash ring lead to.
#[derive(Debug, Clone, Default)]
pub struct HaproxyRandom {
    draws: u32,
    ring: Ring,
    /// By server: requests in flight from this balancer.
    in_flight: Vec<u32>,
}

impl HaproxyRandom {
    fn draw(&self, candidates: &Candidates<'_>, stream: &mut Stream) -> Option<ServerId> {
        let hash = (stream.bits() >> 32) as u32;
        self.ring.find(hash, |server| !candidates.excluded.contains(&server))
    }

    /// Whether `one` has more in flight for its weight than `other`.
    fn busier(&self, one: ServerId, other: ServerId) -> bool {
        let load = |server: ServerId, weight_of: ServerId| {
            u64::from(self.in_flight[server.index()]) * u64::from(self.ring.eweight(weight_of))
        };
        load(one, other) > load(other, one)
    }
}

impl Registered for HaproxyRandom {
    const ABOUT: &'static str = "the least loaded of a few servers drawn from a hash ring, as HAProxy's random";
    const DETAILS: &'static str = "Draws places of the consistent hash ring, 16 points per unit of weight, each leading to the \
        server of the nearest point; the same server may be drawn twice. The fewest requests in flight from this balancer over \
        the weight win, the last drawn on a tie. If the winner is full the request waits in the balancer's queue, even while \
        another server is free. Weights count in sixteenths, from 1/16 to 256. Follows src/backend.c and src/lb_chash.c of \
        HAProxy 2.6, which does not yet break ties by the rate of requests.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::HAProxy, calls_it: "random", names: &["Random"] }];
    const COST: &'static str = "O(draws log N), to base 64, for N points on the ring";
    const GOES_WRONG: &'static str = "At small weights: the arcs of the ring are uneven, so that four servers of weight 1 draw \
        from 18 to 29 %. With one draw it does not see the queues.";
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { draws: parameters.integer("draws", "how many servers to draw", 1..=64, 2) as u32, ..Self::default() }
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, choice: Choice, mut stream: Stream) -> Explanation {
        let drawn: Vec<ServerId> = (0..self.draws).filter_map(|_| self.draw(candidates, &mut stream)).collect();
        let score = |&server: &ServerId| {
            let (in_flight, weight) = (self.in_flight[server.index()], f64::from(self.ring.eweight(server)) / 16.0);
            Score::new(server, f64::from(in_flight) / weight, format!("{in_flight} in flight / weight {weight}"))
        };
        let because = match choice {
            Choice::Nobody if drawn.is_empty() => "there is no server to draw".into(),
            Choice::Nobody => "the least loaded server drawn is full".into(),
            _ => format!("the fewest in flight / weight of {} drawn from the ring, the last drawn on a tie", drawn.len()),
        };
        Explanation { scores: drawn.iter().map(score).collect(), best: Best::Smallest, because }
    }
}

impl Policy for HaproxyRandom {
    fn reads(&self) -> Reads {
        Reads::SampledLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.ring = Ring::new(servers);
        self.in_flight = vec![0; servers.len()];
    }

    fn admit(&mut self, server: ServerId) {
        self.ring.set(server, true);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.ring.set(server, false);
    }

    /// It keeps its points.
    fn filled(&mut self, _: ServerId) {}

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.ring.reweigh(server, weight);
    }

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let mut best: Option<ServerId> = None;
        for _ in 0..self.draws {
            let Some(drawn) = self.draw(candidates, stream) else { return Choice::Nobody };
            best = best.filter(|&before| self.busier(drawn, before)).or(Some(drawn));
        }
        best.filter(|&server| candidates.contains(server)).map_or(Choice::Nobody, Choice::Server)
    }

    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.in_flight[server.index()] += 1;
    }

    fn ended(&mut self, server: ServerId, _: &Answer) {
        let in_flight = &mut self.in_flight[server.index()];
        *in_flight = in_flight.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::Choice;
    use crate::balancing::stand::{Bench, item};
    use crate::units::ServerId;

    const NAME: &str = "HaproxyRandom";

    fn shares(bench: &mut Bench, requests: u32) -> Vec<f64> {
        let mut shares = vec![0.0; 5];
        for _ in 0..requests {
            let place = match bench.ask(&item(0), &[]) {
                Choice::Server(server) => server.index(),
                _ => 4,
            };
            shares[place] += 1.0 / f64::from(requests);
        }
        shares
    }

    /// The shares measured in 12,000 draws against ours in 48,000: the standard error of a difference is that of 9,600 draws.
    /// Four shares, fixed seed; wrong once in 37,000 at 4.5 standard errors.
    #[test]
    fn one_draw_gives_the_measured_shares() {
        let drawn = shares(&mut Bench::new(NAME, &[("draws", 1)], &[1.0; 4], 1), 48_000);
        for (share, measured) in drawn.iter().zip([0.2799_f64, 0.1772, 0.2514, 0.2915]) {
            let error = (measured * (1.0 - measured) / 9_600.0).sqrt();
            assert!((share - measured).abs() < 4.5 * error, "{drawn:?}");
        }
    }

    /// A loaded server is chosen only if both draws hit its arc; a full one among the drawn that wins leaves the request
    /// without a server.
    #[test]
    fn of_two_draws_the_less_loaded_wins_and_a_full_winner_is_nobody() {
        let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
        bench.send(3);
        let drawn = shares(&mut bench, 48_000);
        assert!((drawn[3] - 0.2915_f64.powi(2)).abs() < 0.01, "{drawn:?}");
        bench.end(3);
        bench.fill(0);
        let drawn = shares(&mut bench, 48_000);
        assert!(drawn[0] == 0.0 && (drawn[4] - 0.2799).abs() < 0.02, "at equal loads the last drawn wins: {drawn:?}");
    }

    #[test]
    fn weights_divide_the_load() {
        let mut bench = Bench::new(NAME, &[("draws", 64)], &[1.0, 2.0], 1);
        (0..3).for_each(|_| bench.send(1));
        bench.send(0);
        assert_eq!(bench.ask(&item(0), &[]), Choice::Server(ServerId(0)), "1/1 is less than 3/2");
        bench.send(0);
        assert_eq!(bench.ask(&item(0), &[]), Choice::Server(ServerId(1)), "3/2 is less than 2/1");
        let tried = [ServerId(1)];
        assert_eq!(bench.ask(&item(0), &tried), Choice::Server(ServerId(0)), "who has been tried is not drawn");
        bench.withdraw(0);
        assert_eq!(bench.ask(&item(0), &tried), Choice::Nobody);
    }
}
