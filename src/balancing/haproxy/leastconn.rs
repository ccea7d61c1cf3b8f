//! Weighted least connections as HAProxy's `leastconn` does it.

use crate::balancing::haproxy::{LARGEST_EWEIGHT, eweight};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Follows, IndexedHeap, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The server with the fewest connections for its weight, counting the one to come; among equals the one that has waited longest.
#[derive(Debug, Clone, Default)]
pub struct HaproxyLeastconn {
    servers: Vec<Member>,
    /// The eligible servers by key and by when they got it.
    queue: IndexedHeap<Place>,
    changes: u64,
    /// The servers that one decision has passed over, each with its place.
    passed: Vec<(Place, ServerId)>,
}

/// A key and the number of the change that gave it.
type Place = (u32, u64);

#[derive(Debug, Clone, Copy)]
struct Member {
    eweight: u32,
    in_flight: u32,
    in_rotation: bool,
    place: Place,
}

impl Member {
    /// An idle server comes first whatever its weight.
    const fn key(&self) -> u32 {
        if self.in_flight == 0 { 0 } else { (self.in_flight + 1).saturating_mul(LARGEST_EWEIGHT) / self.eweight }
    }
}

impl HaproxyLeastconn {
    /// Gives a server a place behind those that have the same key.
    fn requeue(&mut self, server: ServerId) {
        let member = &mut self.servers[server.index()];
        member.place = (member.key(), self.changes);
        self.changes += 1;
        if self.queue.contains(server) {
            self.queue.set(server, member.place);
        }
    }

    fn count(&mut self, server: ServerId, in_flight: u32) {
        self.servers[server.index()].in_flight = in_flight;
        self.requeue(server);
    }
}

impl Registered for HaproxyLeastconn {
    const ABOUT: &'static str = "the server with the fewest connections for its weight, as HAProxy's leastconn";
    const DETAILS: &'static str = "The smallest of (connections + 1) / weight wins, in whole numbers of 4096ths of the largest \
        weight, 256; but an idle server counts 0 whatever its weight. Among equals the server wins that has had its key for \
        longest: one whose connections or weight change, or that returns, goes behind those with the same key. Weights count \
        in sixteenths, from 1/16 to 256. Counts what this balancer has sent and not yet got back. Follows src/lb_fwlc.c of \
        HAProxy 2.6.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::HAProxy, calls_it: "leastconn", names: &["Leastconn", "LeastConn", "LeastConnections"] }];
    const COST: &'static str = "O(log n)";
    const GOES_WRONG: &'static str = "Where a server fails fast: it looks idle and draws requests. At low load weights do not \
        count, since idle servers take turns, slow ones too.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let Member { eweight, in_flight, place: (key, _), .. } = self.servers[server.index()];
            let made_of = match in_flight {
                0 => "idle".to_string(),
                _ => format!("({in_flight} in flight + 1) * 4096 / {eweight}"),
            };
            Score::new(server, f64::from(key), made_of)
        };
        let scores = candidates.iter().map(score).collect();
        let because = "the smallest (connections + 1) / weight, 0 where idle; of equals the one that has waited longest".into();
        Explanation { scores, best: Best::Smallest, because }
    }
}

impl Policy for HaproxyLeastconn {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        let member = |(number, server): (u64, &ServerTraits)| Member {
            eweight: eweight(server.weight),
            in_flight: 0,
            in_rotation: false,
            place: (0, number),
        };
        *self = Self {
            servers: (0..).zip(servers).map(member).collect(),
            queue: IndexedHeap::empty(servers.len()),
            changes: servers.len() as u64,
            passed: Vec::with_capacity(servers.len()),
        };
    }

    fn admit(&mut self, server: ServerId) {
        if !std::mem::replace(&mut self.servers[server.index()].in_rotation, true) {
            self.requeue(server);
        }
        self.queue.set(server, self.servers[server.index()].place);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.servers[server.index()].in_rotation = false;
        self.queue.remove(server);
    }

    /// It is passed over and keeps its place.
    fn filled(&mut self, server: ServerId) {
        self.queue.remove(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        let new = eweight(weight);
        if std::mem::replace(&mut self.servers[server.index()].eweight, new) != new {
            self.requeue(server);
        }
    }

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let mut choice = Choice::Nobody;
        while let Some((place, server)) = self.queue.first() {
            if candidates.contains(server) {
                choice = Choice::Server(server);
                break;
            }
            self.passed.push((place, server));
            self.queue.remove(server);
        }
        while let Some((place, server)) = self.passed.pop() {
            self.queue.set(server, place);
        }
        choice
    }

    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.count(server, self.servers[server.index()].in_flight + 1);
    }

    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.count(server, self.servers[server.index()].in_flight.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::Choice;
    use crate::balancing::stand::{Bench, item, recorded};
    use crate::units::ServerId;

    const NAME: &str = "HaproxyLeastconn";

    #[test]
    fn sequences_of_idle_servers_are_those_measured() {
        assert_eq!(Bench::new(NAME, &[], &[1.0; 3], 1).sequence(12), "012012012012");
        assert_eq!(Bench::new(NAME, &[], &[5.0, 1.0, 1.0], 1).sequence(21), "012012012012012012012");
    }

    #[test]
    fn removal_return_and_a_new_weight_are_as_measured() {
        let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
        assert_eq!(bench.sequence(5), "01230");
        bench.withdraw(1);
        assert_eq!(bench.sequence(14), "23023023023023");
        bench.admit(1);
        assert_eq!(bench.sequence(24), "023102310231023102310231");
        bench.reweigh(2, 3.0);
        assert_eq!(bench.sequence(24), "031203120312031203120312");
    }

    /// Requests that do not end: with weights 4 and 1 the second server gets its first request while it is idle, and then one
    /// of five.
    #[test]
    fn connections_count_by_weight_once_servers_are_busy() {
        let mut bench = Bench::new(NAME, &[], &[4.0, 1.0], 1);
        let mut digits = String::new();
        for _ in 0..12 {
            let Choice::Server(server) = bench.ask(&item(0), &[]) else { panic!("no server") };
            bench.send(server.0);
            digits.push_str(&server.0.to_string());
        }
        // Keys of 0 after k requests: 64 (k + 1); of 1: 256 (k + 1); equal at 512 for 7 and 1: server 1 has waited longer.
        assert_eq!(digits, "010000001000");
    }

    /// Replays a real run of HAProxy 2.6.12 request by request: whatever is chosen, the request goes where it really went.
    /// Times are those of the client; the balancer decides half of its mean overhead, 0.322 ms in both directions, after the
    /// client has sent. 1,499 of 1,500 decisions agree; without that delay 1,491, for then a few ends and arrivals change
    /// places.
    #[test]
    fn decisions_in_the_real_state_agree() {
        let (mut bench, mut in_flight, mut agreed, mut all) =
            (Bench::new(NAME, &[], &[1.0; 4], 1), Vec::<(u64, u32)>::new(), 0, 0);
        for row in recorded("T_trace_haproxy_leastconn") {
            let (arrival, server, latency) = (row[0] as u64, row[2] as u32, (row[3] * 1_000.0).round() as u64);
            in_flight.sort_unstable();
            let ended = in_flight.iter().take_while(|(end, _)| *end <= arrival + 161).count();
            in_flight.drain(..ended).for_each(|(_, server)| bench.end(server));
            agreed += u32::from(bench.ask(&item(0), &[]) == Choice::Server(ServerId(server)));
            all += 1;
            bench.send(server);
            in_flight.push((arrival + latency, server));
        }
        assert_eq!(all, 1_500);
        assert!(agreed >= 1_497, "{agreed} of {all}, less than 99.8 %");
    }

    #[test]
    fn full_and_tried_servers_are_passed_over_and_keep_their_places() {
        let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
        bench.fill(0);
        assert_eq!(bench.sequence_without(2, &[ServerId(1)]), "23");
        bench.free(0);
        assert_eq!(bench.sequence(4), "0123");
        (0..4).for_each(|server| bench.fill(server));
        assert_eq!(bench.ask(&item(0), &[]), Choice::Nobody);
    }
}
