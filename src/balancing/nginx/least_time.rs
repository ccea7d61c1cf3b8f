//! nginx: least time.

use crate::balancing::nginx::{Failures, Peer, Peers};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, CountedFailures, Explanation, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Time};

/// The server with the least average response time times connections, for its weight; ties by smooth weighted round robin.
#[derive(Debug, Clone, Default)]
pub struct NginxLeastTime {
    inflight: bool,
    peers: Peers,
    /// By server.
    times: Vec<Times>,
}

/// Times of a server, in whole milliseconds as nginx's clock counts them.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    /// The moving average of response times; 0 before the first.
    response: u64,
    /// The moving average, over decisions, of the mean age of the requests in flight.
    age: u64,
    /// The ages of the requests in flight, together, when one last came or went.
    ages: u64,
    /// When that was.
    changed: u64,
    /// How many are in flight.
    requests: u64,
}

const fn millisecond(time: Time) -> u64 {
    time.as_nanos() / 1_000_000
}

/// The exponential moving average, rounded; the first value stands as it is.
fn average(old: u64, value: u64) -> u64 {
    if old == 0 { value } else { (0.5 + (value as f64 * 0.05 + old as f64 * 0.95)) as u64 }
}

impl Times {
    fn sent(&mut self, now: u64) {
        self.ages += (now - self.changed) * self.requests;
        self.changed = now;
        self.requests += 1;
    }

    fn ended(&mut self, now: u64, latency: u64) {
        // Where a request was tried elsewhere before, its latency is larger than its age here.
        self.ages = (self.ages + (now - self.changed) * self.requests).saturating_sub(latency);
        self.changed = now;
        self.requests = self.requests.saturating_sub(1);
        if self.requests == 0 {
            self.ages = 0;
        }
    }

    /// A decision looks at the requests in flight.
    fn look(&mut self, now: u64) {
        if let Some(mean) = self.ages.checked_div(self.requests) {
            self.age = average(self.age, mean + (now - self.changed));
        }
    }

    /// What a request is expected to take: the average, halved for every `fail_timeout` without a check, at least the age of
    /// those in flight; the next multiple of 20 ms, or 5 s.
    fn expected(&self, stale_secs: Option<i64>, fail_timeout_secs: i64) -> u64 {
        let halvings = stale_secs.map_or(0, |age| age / (fail_timeout_secs + 1));
        let mut expected = u32::try_from(halvings).ok().and_then(|by| self.response.checked_shr(by)).unwrap_or(0);
        if self.requests > 0 {
            expected = expected.max(self.age);
        }
        if expected > 5000 { 5000 } else { expected + 20 - expected % 20 }
    }
}

impl NginxLeastTime {
    /// With `inflight`, every decision takes the ages of the requests in flight into their average.
    fn look(&mut self, candidates: &Candidates<'_>, now: Time) {
        if !self.inflight || self.peers.is_single() {
            return;
        }
        for (index, times) in self.times.iter_mut().enumerate() {
            if self.peers.is_usable(ServerId(index as u32), candidates, now) {
                times.look(millisecond(now));
            }
        }
    }
}

impl Registered for NginxLeastTime {
    const ABOUT: &'static str = "nginx's least_time: the least average response time times connections, for its weight";
    const DETAILS: &'static str = "As in ngx_http_upstream_least_time_module.c, a part of NGINX Plus that nginx has had since 1.31. Of \
        each server an average of response times is kept in whole milliseconds, 0.5 + 0.05 new + 0.95 old cut off to a whole number; \
        failures do not count. Compared are time x (1 + connections) / weight, where time is the average rounded up to the next \
        multiple of 20 ms, 5 s if above that, and halved for every fail_timeout since the server was last checked. With inflight, \
        time is at least a like average of the mean age of the requests in flight. Servers that tie take turns by smooth weighted \
        round robin. The header of a response and its last byte are one instant here. Failures as in NginxRoundRobin. Weights are \
        rounded to whole numbers, at least 1.";
    const COST: &'static str = "O(n), as in nginx, which walks the list of servers, on ties twice";
    const GOES_WRONG: &'static str = "A server without an answer yet counts as 20 ms, so a new slow one is flooded. Below 20 ms and above \
        5 s it is least connections. Without inflight, a server that stops answering keeps the average it had.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let inflight = parameters.flag("inflight", "whether the age of requests in flight counts", false);
        Self { inflight, peers: Peers::from_parameters(parameters), times: Vec::new() }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut again = self.clone();
        again.look(candidates, request.now);
        let score = |server: ServerId| {
            let Peer { conns, weight, current, effective } = *self.peers.peer(server);
            let failures = self.peers.failures();
            let stale = failures.stale_secs(server, request.now);
            let time = again.times[server.index()].expected(stale, failures.fail_timeout_secs());
            let made_of = format!(
                "{time} ms x (1 + {conns} connections) / weight {weight}; among ties current weight {current} + {effective}"
            );
            Score::new(server, (time * (1 + u64::from(conns))) as f64 / f64::from(weight), made_of)
        };
        let scores: Vec<Score> = self.peers.usable(candidates, request.now).map(score).collect();
        if scores.is_empty() {
            return Explanation::unscored(self.peers.failures().nobody(candidates));
        }
        let because = "the least time x (1 + connections) for its weight; among ties the largest current weight, then the first";
        Explanation { scores, best: Best::Smallest, because: because.into() }
    }
}

impl Policy for NginxLeastTime {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.peers.prepare(servers);
        self.times = vec![Times::default(); servers.len()];
    }

    fn admit(&mut self, server: ServerId) {
        self.peers.admit(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.peers.reweigh(server, weight);
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        let now = request.now;
        self.look(candidates, now);
        let times = &self.times;
        let estimate = |failures: &Failures, server: ServerId, peer: &Peer| {
            let stale = failures.stale_secs(server, now);
            times[server.index()].expected(stale, failures.fail_timeout_secs()) * (1 + u64::from(peer.conns))
        };
        self.peers.least(candidates, now, estimate).map_or(Choice::Nobody, Choice::Server)
    }

    fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.peers.sent(server, request);
        if self.inflight {
            self.times[server.index()].sent(millisecond(request.now));
        }
    }

    fn ended(&mut self, server: ServerId, answer: &Answer) {
        self.peers.ended(server, answer);
        let times = &mut self.times[server.index()];
        let now = millisecond(answer.now);
        let latency = now - millisecond(answer.since);
        if self.inflight {
            times.ended(now, latency);
        }
        if !answer.failed {
            times.response = average(times.response, latency);
        }
    }

    fn failures(&self, server: ServerId, now: Time) -> Option<CountedFailures> {
        self.peers.counted(server, now)
    }
}
