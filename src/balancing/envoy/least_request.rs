//! Least request as Envoy does it.

use crate::balancing::envoy::Schedule;
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Follows, Levels, Product, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// Equal weights: the fewest active requests of a few servers drawn at random, or of all. Unequal ones: earliest deadline
/// first by weight and active requests.
#[derive(Debug, Clone, Default)]
pub struct EnvoyLeastRequest {
    choice_count: u32,
    full_scan: bool,
    active_request_bias: f64,
    schedule: Schedule,
    active: Levels,
}

impl EnvoyLeastRequest {
    /// Brings the schedule up to date; the answer is whether it counts.
    fn refresh(&mut self) -> bool {
        let (active, bias) = (&self.active, self.active_request_bias);
        self.schedule.refresh(|weight, server| reduced(weight, active.level(server), bias))
    }

    fn least_of_drawn(&self, candidates: &Candidates<'_>, stream: &mut Stream) -> Option<ServerId> {
        let mut best = candidates.uniform(stream)?;
        for _ in 1..self.choice_count {
            let other = candidates.uniform(stream)?;
            if self.active.level(other) < self.active.level(best) {
                best = other;
            }
        }
        Some(best)
    }

    fn score(&self, server: ServerId) -> Score {
        let active = self.active.level(server);
        Score::new(server, f64::from(active), format!("{active} active requests"))
    }
}

/// A weight divided by a power of the active requests and one.
fn reduced(weight: f64, active: u32, bias: f64) -> f64 {
    let requests = f64::from(active) + 1.0;
    if bias == 1.0 { weight / requests } else { weight / libm::pow(requests, bias) }
}

impl Registered for EnvoyLeastRequest {
    const ABOUT: &'static str =
        "Envoy's least request: the fewest active of a few drawn, or earliest deadline first where weights differ";
    const DETAILS: &'static str = "Envoy's LEAST_REQUEST (`least_request_lb.cc`, `load_balancer_impl.cc`). Equal weights: draws \
        `choice_count` servers, perhaps one twice, and takes the first of those with the fewest active requests (Mitzenmacher \
        1996); with `selection: FullScan` the fewest of all, ties uniformly at random. Unequal weights: neither; a schedule as \
        of round robin, in which a server's next deadline is one over weight / (active requests + 1)^`active_request_bias` \
        later, the requests being those at the time of its turn, before the new one. A server with a deadline far ahead thus \
        waits for it even when it is idle again. With equal weights the bias counts for nothing in the version followed. \
        Servers that are full or were tried already are not drawn, and lose their turn in the schedule.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::Envoy, calls_it: "LEAST_REQUEST", names: &["LeastRequest", "LeastConnections"] }];
    const COST: &'static str = "O(choice_count), O(1) for a full scan (the product: O(n)), O(log n) where weights differ; \
        O(n) when servers leave or return";
    const GOES_WRONG: &'static str = "Where a server fails fast: it looks idle and attracts requests. With two servers the busier \
        one is drawn twice, and so taken, every fourth time. Weights that differ even a little change the algorithm.";
    const SHARES: Shares = Shares::OnAverage;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let about = "how the server is found where weights are equal";
        let bias = "how much active requests reduce an unequal weight: it is divided by (active requests + 1)^bias";
        Self {
            choice_count: parameters.integer("choice_count", "how many servers are drawn", 2..=64, 2) as u32,
            full_scan: parameters.choice("selection", about, &["NChoices", "FullScan"], 0) == 1,
            active_request_bias: parameters.real("active_request_bias", bias, 0.0..=25.0, 1.0),
            ..Self::default()
        }
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, mut stream: Stream) -> Explanation {
        let mut now = self.clone();
        if now.refresh() {
            return now.schedule.explain(candidates, |server| format!(", {} active requests now", now.active.level(server)));
        }
        if now.full_scan {
            let scores = candidates.iter().map(|server| now.score(server)).collect();
            return Explanation { scores, best: Best::Smallest, because: "the fewest active requests; ties at random".into() };
        }
        let draws = std::iter::repeat_with(|| candidates.uniform(&mut stream)).take(now.choice_count as usize);
        let scores = draws.flatten().map(|server| now.score(server)).collect();
        let because = format!("the fewest active requests of {} drawn, the first drawn on a tie", now.choice_count);
        Explanation { scores, best: Best::Smallest, because }
    }
}

impl Policy for EnvoyLeastRequest {
    fn reads(&self) -> Reads {
        if self.full_scan { Reads::AllLoads(Told::Own) } else { Reads::SampledLoads(Told::Own) }
    }

    fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream) {
        self.schedule = Schedule::new(servers, stream.bits());
        self.active.reset(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.schedule.admit(server);
        self.active.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.schedule.withdraw(server);
        self.active.withdraw(server);
    }

    /// The schedule knows no full servers; the scan does.
    fn filled(&mut self, server: ServerId) {
        self.active.withdraw(server);
    }

    fn freed(&mut self, server: ServerId) {
        if self.schedule.contains(server) {
            self.active.admit(server);
        }
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.schedule.reweigh(server, weight);
    }

    fn warmed(&mut self, server: ServerId, weight: f64) {
        self.schedule.warmed(server, weight);
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let scheduled = self.refresh();
        if candidates.is_empty() {
            return Choice::Nobody;
        }
        let server = if scheduled {
            let (active, bias) = (&self.active, self.active_request_bias);
            self.schedule.next(candidates, |weight, server| reduced(weight, active.level(server), bias))
        } else if self.full_scan {
            self.active.least(candidates.excluded, stream)
        } else {
            self.least_of_drawn(candidates, stream)
        };
        server.map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.active.raise(server);
    }

    #[inline]
    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.active.lower(server);
    }
}
