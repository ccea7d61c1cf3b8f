//! nginx: smooth weighted round robin.

use crate::balancing::nginx::Peers;
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{CountedFailures, Explanation, Follows, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};

/// The server with the largest running weight.
#[derive(Debug, Clone, Default)]
pub struct NginxRoundRobin {
    peers: Peers,
}

impl Registered for NginxRoundRobin {
    const ABOUT: &'static str = "nginx's round robin: the servers in turn, the heavier more often, spread evenly";
    const DETAILS: &'static str = "Smooth weighted round robin as in ngx_http_upstream_round_robin.c (Igor Sysoev, nginx 1.3.1, 2012): \
        at each request every usable server's current weight grows by its effective weight; the first of the largest is chosen and \
        pays the sum. Weights 5, 1, 1 give a a b a c a a. A failure takes weight / max_fails off the effective weight, which grows \
        back by one a request. A server with max_fails failures is out until more than fail_timeout has passed by a clock of whole \
        seconds; then a single request tests it, and one failure shuts it out again. A success clears the failures only if the \
        server was checked after the last of them. A server that leaves and returns keeps its current weight. A group of one \
        server is never taken out; if all are out, nobody is chosen. Weights are rounded to whole numbers, at least 1.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::Nginx, calls_it: "round robin (no directive)", names: &["RoundRobin"] }];
    const COST: &'static str = "O(n), as in nginx: every current weight moves at every request";
    const GOES_WRONG: &'static str = "Where requests or servers are unequal: it counts requests, not work. A server that accepts \
        and then says nothing keeps its share until the first of its requests fails, and a single failure of a healthy server \
        takes it out for fail_timeout with the default max_fails of 1.";
    const SHARES: Shares = Shares::InTurn;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { peers: Peers::from_parameters(parameters) }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        self.peers.explain_turn(candidates, request.now, "")
    }
}

impl Policy for NginxRoundRobin {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
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
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.peers.turn(candidates, request.now).map_or(Choice::Nobody, Choice::Server)
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
