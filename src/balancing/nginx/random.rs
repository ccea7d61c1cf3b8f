//! nginx: random choice, and the better of two.

use crate::balancing::nginx::{LOOKS, Peer, Peers, Ranges, first_usable};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, CountedFailures, Explanation, Follows, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};

/// A server drawn by weight, or the one with fewer connections for its weight of two.
#[derive(Debug, Clone, Default)]
pub struct NginxRandom {
    two: bool,
    peers: Peers,
    ranges: Ranges,
}

impl NginxRandom {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> ServerId {
        let point = (u128::from(stream.bits()) * u128::from(self.ranges.total())) >> 64;
        self.ranges.at(point as u64)
    }

    /// Draws one usable server.
    fn one(&self, candidates: &Candidates<'_>, now: Time, stream: &mut Stream) -> Option<ServerId> {
        let drawn = std::iter::repeat_with(|| self.draw(stream));
        first_usable(&self.peers, candidates, now, LOOKS, drawn).map(|(_, server)| server)
    }

    /// Draws two different usable servers.
    fn pair(&self, candidates: &Candidates<'_>, now: Time, stream: &mut Stream) -> Option<[ServerId; 2]> {
        let (mut first, mut misses) = (None, 0);
        while misses < LOOKS {
            let server = self.draw(stream);
            match first {
                _ if first == Some(server) || !self.peers.is_usable(server, candidates, now) => misses += 1,
                None => first = Some(server),
                Some(first) => return Some([first, server]),
            }
        }
        None
    }

    /// The second of two, unless the first has fewer connections for its weight.
    fn better(&self, [first, second]: [ServerId; 2]) -> ServerId {
        let [one, other] = [first, second].map(|server| self.peers.peer(server));
        let fewer = u64::from(one.conns) * u64::from(other.weight) < u64::from(other.conns) * u64::from(one.weight);
        if fewer { first } else { second }
    }

    #[inline]
    fn pick(&self, candidates: &Candidates<'_>, now: Time, stream: &mut Stream) -> Option<ServerId> {
        if self.two {
            return self.pair(candidates, now, stream).map(|pair| self.better(pair));
        }
        self.one(candidates, now, stream)
    }

    fn explain_pair(&self, pair: [ServerId; 2]) -> Explanation {
        let score = |server: ServerId| {
            let Peer { conns, weight, .. } = *self.peers.peer(server);
            Score::new(server, f64::from(conns) / f64::from(weight), format!("{conns} in flight / weight {weight}"))
        };
        let because = "the fewest connections for its weight of two drawn at random; the second on a tie".into();
        Explanation { scores: pair.map(score).into(), best: Best::Smallest, because }
    }
}

impl Registered for NginxRandom {
    const ABOUT: &'static str = "nginx's random: a server drawn by weight, or the less loaded of two different ones";
    const DETAILS: &'static str = "Draws a point of the total weight and finds its server by binary search, as in \
        ngx_http_upstream_random_module.c. A draw of a server that is out, full or tried already is repeated; after more than 20 of \
        them smooth weighted round robin chooses. With two (`random two least_conn`), two different servers are drawn and the one \
        with fewer connections / weight is taken, the second on a tie (Mitzenmacher 1996). nginx counts futile draws over all tries of a \
        request, this counts them for each try. Failures as in NginxRoundRobin. Weights are rounded to whole numbers, at least 1.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::Nginx, calls_it: "random, random two least_conn", names: &["Random"] }];
    const COST: &'static str = "O(log n); O(n) after 21 futile draws";
    const GOES_WRONG: &'static str = "Without two it does not see the queues. With two it compares connections, not speed. Where most \
        of the weight is out, draws run out and round robin decides, which sees no load.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let two = parameters.flag("two", "whether to draw two servers and take the less loaded", false);
        Self { two, peers: Peers::from_parameters(parameters), ranges: Ranges::default() }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, mut stream: Stream) -> Explanation {
        let mut again = self.clone();
        again.ranges.refresh(&again.peers);
        let Choice::Server(server) = choice else { return Explanation::unscored(self.peers.failures().nobody(candidates)) };
        let pair = if again.two { again.pair(candidates, request.now, &mut stream.clone()) } else { None };
        match pair {
            _ if self.peers.is_single() => Explanation::unscored("there is no other server"),
            Some(pair) => again.explain_pair(pair),
            None if again.pick(candidates, request.now, &mut stream).is_none() => {
                self.peers.explain_turn(candidates, request.now, "more than 20 draws were futile, so round robin: ")
            }
            None => {
                let usable: u64 = self.peers.usable(candidates, request.now).map(|s| u64::from(self.peers.peer(s).weight)).sum();
                let share = 100.0 * f64::from(self.peers.peer(server).weight) / usable as f64;
                Explanation::unscored(format!("drawn at random by weight: its chance was {share:.1} %"))
            }
        }
    }
}

impl Policy for NginxRandom {
    fn reads(&self) -> Reads {
        Reads::SampledLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.peers.prepare(servers);
    }

    fn admit(&mut self, server: ServerId) {
        self.peers.admit(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.peers.reweigh(server, weight);
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        self.ranges.refresh(&self.peers);
        let drawn = if self.peers.is_single() { None } else { self.pick(candidates, request.now, stream) };
        drawn.or_else(|| self.peers.turn(candidates, request.now)).map_or(Choice::Nobody, Choice::Server)
    }

    fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.peers.sent(server, request);
    }

    fn ended(&mut self, server: ServerId, answer: &Answer) {
        self.peers.ended(server, answer);
    }

    fn failures(&self, server: ServerId, now: Time) -> Option<CountedFailures> {
        self.peers.counted(server, now)
    }
}
