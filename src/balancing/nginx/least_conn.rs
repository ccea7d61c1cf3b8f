//! nginx: least connections.

use crate::balancing::nginx::{Failures, Peer, Peers};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, CountedFailures, Explanation, Follows, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};

/// The server with the fewest connections for its weight; ties by smooth weighted round robin.
#[derive(Debug, Clone, Default)]
pub struct NginxLeastConn {
    peers: Peers,
}

impl Registered for NginxLeastConn {
    const ABOUT: &'static str = "nginx's least_conn: the fewest connections for its weight, ties in turn";
    const DETAILS: &'static str = "Compares connections / weight by cross-multiplication, as in \
        ngx_http_upstream_least_conn_module.c. Unlike HAProxy it adds no 1, so idle servers tie whatever their weights. Servers that \
        tie take turns by smooth weighted round robin among themselves, and only then do current weights move. Counts what this \
        balancer sent and has not got back. Failures as in NginxRoundRobin. Weights are rounded to whole numbers, at least 1.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::Nginx, calls_it: "least_conn", names: &["LeastConn", "LeastConnections"] }];
    const COST: &'static str = "O(n), as in nginx, which walks the list of servers, on ties twice";
    const GOES_WRONG: &'static str = "A server that fails fast looks idle and attracts requests. Of several balancers each counts \
        its own requests only. A slow server gets as many at a time as a fast one.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        Self { peers: Peers::from_parameters(parameters) }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let Peer { conns, weight, current, effective } = *self.peers.peer(server);
            let made_of = format!("{conns} in flight / weight {weight}; among ties current weight {current} + {effective}");
            Score::new(server, f64::from(conns) / f64::from(weight), made_of)
        };
        let scores: Vec<Score> = self.peers.usable(candidates, request.now).map(score).collect();
        if scores.is_empty() {
            return Explanation::unscored(self.peers.failures().nobody(candidates));
        }
        let because = "the fewest connections for its weight; among ties the largest current weight, then the first".into();
        Explanation { scores, best: Best::Smallest, because }
    }
}

impl Policy for NginxLeastConn {
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
        let connections = |_: &Failures, _, peer: &Peer| u64::from(peer.conns);
        self.peers.least(candidates, request.now, connections).map_or(Choice::Nobody, Choice::Server)
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
