//! Peak EWMA.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Score};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Span, Time};

/// The better of two candidates drawn at random, by an estimate of their latency that jumps up and decays down.
#[derive(Debug, Clone, Default)]
pub struct PeakEwma {
    decay: Span,
    default_rtt: Span,
    failure_penalty: Span,
    servers: Vec<Estimate>,
}

/// What is known of a server.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    /// Latency at the time of the last sample or read, in nanoseconds; 0 where nothing is known.
    cost: f64,
    sampled: Time,
    pending: u32,
}

/// The cost of a server that has requests and no answer yet, where no default is assumed: worse than any that is known.
const UNKNOWN: f64 = 1e30;

impl PeakEwma {
    /// How much of a cost is left after a time.
    fn left(&self, span: Span) -> f64 {
        libm::exp(-(span.as_nanos() as f64) / self.decay.as_nanos() as f64)
    }

    /// The estimate now: reading counts as a sample of 0.
    fn cost(&self, server: ServerId, now: Time) -> f64 {
        let Estimate { cost, sampled, .. } = self.servers[server.index()];
        cost * self.left(now.since(sampled))
    }

    /// A read: the estimate falls to what it is now, for good.
    fn read(&mut self, server: ServerId, now: Time) {
        let cost = self.cost(server, now);
        let estimate = &mut self.servers[server.index()];
        (estimate.cost, estimate.sampled) = (cost, now);
    }

    /// Cost times requests in flight, in single precision: what servers are equal in then ties, although their estimates were read,
    /// and rounded, at different times.
    fn load(&self, server: ServerId, now: Time) -> f64 {
        let pending = f64::from(self.servers[server.index()].pending);
        let cost = self.cost(server, now);
        let cost = if cost == 0.0 && pending > 0.0 { UNKNOWN } else { cost };
        f64::from((cost * (pending + 1.0)) as f32)
    }

    /// Two distinct candidates, or the only one twice.
    #[inline]
    fn two(candidates: &Candidates<'_>, stream: &mut Stream) -> Option<[ServerId; 2]> {
        let first = candidates.uniform(stream)?;
        let mut second = first;
        while second == first && candidates.len() > 1 {
            second = candidates.uniform(stream)?;
        }
        Some([first, second])
    }
}

impl Registered for PeakEwma {
    const ABOUT: &'static str = "of two servers drawn, the one with the smaller recent latency times requests in flight";
    const DETAILS: &'static str = "The estimate of a server's latency jumps to a sample above it; a smaller sample moves it by \
        cost = f cost + (1 - f) sample, f = exp(-t / decay) with the time t since the last sample; reading it counts as a sample \
        of 0, so that a server that was slow is tried again. Load = cost (requests in flight + 1); of two distinct candidates the \
        smaller load wins, the first on a tie (Finagle's `PeakEwma.scala`; Linkerd, tower's `peak_ewma.rs`). Before the first \
        answer the latency is `default_rtt`, as Linkerd does, which decays as well; with 0 nothing is known, and a server with \
        requests and no answer is worse than any other, as in Finagle. Latency is what this balancer waits, its own queue \
        included. A failed answer counts as `failure_penalty` at least, which Linkerd can be told to do.";
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "Where a server fails fast: it looks quick and attracts requests, unless failures are penalized. \
        Latencies of long requests are taken for slow servers.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let long = Span::from_secs(31_557_600);
        let (shortest, millisecond) = (Span::from_nanos(1), 1_000_000);
        let default = "the latency assumed of a server before its first answer; 0 = unknown";
        let penalty = "the least latency a failed answer counts as; 0 = its own";
        Self {
            decay: parameters.span("decay", "how long a peak takes to fall to 1/e", shortest..=long, Span::from_secs(10)),
            default_rtt: parameters.span("default_rtt", default, Span::ZERO..=long, Span::from_nanos(30 * millisecond)),
            failure_penalty: parameters.span("failure_penalty", penalty, Span::ZERO..=long, Span::ZERO),
            servers: Vec::new(),
        }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, mut stream: Stream) -> Explanation {
        let score = |server: ServerId| {
            let cost = Span::from_nanos_f64(self.cost(server, request.now));
            let pending = self.servers[server.index()].pending;
            Score::new(server, self.load(server, request.now), format!("latency {cost} * ({pending} in flight + 1)"))
        };
        let scores = Self::two(candidates, &mut stream).into_iter().flatten().map(score).collect();
        let because = "the smaller load of two drawn at random, the first drawn on a tie";
        Explanation { scores, best: Best::Smallest, because: because.into() }
    }
}

impl Policy for PeakEwma {
    fn reads(&self) -> Reads {
        Reads::SampledLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        let cost = self.default_rtt.as_nanos() as f64;
        self.servers = vec![Estimate { cost, sampled: Time::ZERO, pending: 0 }; servers.len()];
    }

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let Some([first, second]) = Self::two(candidates, stream) else { return Choice::Nobody };
        self.read(first, request.now);
        self.read(second, request.now);
        let better = if self.load(second, request.now) < self.load(first, request.now) { second } else { first };
        Choice::Server(better)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.servers[server.index()].pending += 1;
    }

    #[inline]
    fn ended(&mut self, server: ServerId, answer: &Answer) {
        let latency = if answer.failed { answer.latency().max(self.failure_penalty) } else { answer.latency() };
        let (sample, old) = (latency.as_nanos() as f64, self.servers[server.index()]);
        let left = self.left(answer.now.since(old.sampled));
        let cost = if sample > old.cost { sample } else { sample * (1.0 - left) + old.cost * left };
        self.servers[server.index()] = Estimate { cost, sampled: answer.now, pending: old.pending - 1 };
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::RequestView;
    use crate::balancing::stand::{Bench, item};
    use crate::units::{Span, Time};

    fn turns(bench: &mut Bench, secs: u64) -> String {
        let request = RequestView { now: Time::ZERO + Span::from_secs(secs), ..item(0) };
        (0..50).map(|_| bench.choose(&request, &[]).to_string()).collect()
    }

    #[test]
    fn peaks_count_at_once_and_decay() {
        let mut bench = Bench::new("PeakEwma", &[], &[1.0; 2], 1);
        let secs = Span::from_secs;
        bench.serve(0, secs(0), secs(1), false);
        assert_eq!(turns(&mut bench, 1), "1".repeat(50));
        // After 70 s the peak of 1 s is 0.9 ms, after 80 s 0.34 ms; the other one's 30 ms have decayed from the start.
        bench.serve(1, secs(80), secs(80), false);
        assert_eq!(turns(&mut bench, 80), "1".repeat(50));
        // An answer of 2 ms beats what is left of the second, 0.37 ms, and the first then is the smaller one.
        bench.serve(1, secs(80), secs(80) + Span::from_nanos(2_000_000), false);
        assert_eq!(turns(&mut bench, 81), "0".repeat(50));
    }

    #[test]
    fn requests_in_flight_and_failures_weigh() {
        let mut bench = Bench::new("PeakEwma", &[("failure_penalty", 5)], &[1.0; 2], 1);
        bench.send(0);
        assert_eq!(turns(&mut bench, 0), "1".repeat(50));
        (0..2).for_each(|_| bench.send(1));
        assert_eq!(turns(&mut bench, 0), "0".repeat(50));
        bench.end_at(0, Span::ZERO, Span::ZERO, true);
        assert_eq!(turns(&mut bench, 0), "1".repeat(50), "a failure counts as 5 s");
    }

    #[test]
    fn who_has_not_answered_is_the_last_resort_where_nothing_is_assumed() {
        let mut bench = Bench::new("PeakEwma", &[("default_rtt", 0)], &[1.0; 2], 1);
        bench.send(0);
        bench.serve(1, Span::ZERO, Span::from_secs(100), false);
        (0..9).for_each(|_| bench.send(1));
        assert_eq!(turns(&mut bench, 100), "1".repeat(50));
    }
}
