//! Round robin by observed throughput.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Edf, Explanation, Rotation};
use crate::random::Stream;
use crate::units::{Parameters, ServerId, Span, Time};

/// Round robin with weights that follow from what each server has been seen to do.
#[derive(Debug, Clone, Default)]
pub struct ThroughputRoundRobin {
    update_period: Span,
    blackout_period: Span,
    expiration_period: Span,
    error_penalty: f64,
    rotation: Rotation,
    servers: Vec<Observed>,
    schedule: Edf,
    updated: Time,
}

/// What this balancer has seen of a server.
#[derive(Debug, Clone, Copy)]
struct Observed {
    in_flight: u32,
    /// Since the last update: answers, failures among them, and the time with a request in flight, up to `since`.
    answers: u32,
    failures: u32,
    busy: Span,
    since: Time,
    /// Answers per second of busy time, when it was first known without a break, and when last; nothing where it is unknown.
    throughput: Option<(f64, Time, Time)>,
    /// Relative to the mean.
    weight: f64,
}

impl ThroughputRoundRobin {
    fn update(&mut self, now: Time) {
        if now.since(self.updated) < self.update_period {
            return;
        }
        let elapsed = now.since(std::mem::replace(&mut self.updated, now)).as_secs();
        let (mut sum, mut number) = (0.0, 0_u32);
        for observed in &mut self.servers {
            observed.close(now, elapsed, self.error_penalty);
            observed.throughput = observed.throughput.filter(|(_, _, last)| now.since(*last) < self.expiration_period);
            if let Some(throughput) = observed.usable(now, self.blackout_period) {
                sum += throughput;
                number += 1;
            }
        }
        let mean = sum / f64::from(number);
        for observed in &mut self.servers {
            let throughput = observed.usable(now, self.blackout_period).filter(|_| number >= 2);
            observed.weight = throughput.map_or(1.0, |throughput| throughput / mean);
        }
    }

    fn refresh(&mut self) {
        if self.rotation.refresh() {
            self.schedule.restart(self.rotation.list(), |server| self.servers[server.index()].weight, 0);
        }
    }
}

impl Observed {
    const NEW: Self =
        Self { in_flight: 0, answers: 0, failures: 0, busy: Span::ZERO, since: Time::ZERO, throughput: None, weight: 1.0 };

    fn count_busy(&mut self, now: Time) {
        if self.in_flight > 0 {
            self.busy = self.busy + now.since(self.since);
        }
        self.since = now;
    }

    /// Ends a period of `elapsed` seconds.
    fn close(&mut self, now: Time, elapsed: f64, penalty: f64) {
        self.count_busy(now);
        if self.answers > 0 && self.busy > Span::ZERO {
            let (qps, utilization) = (f64::from(self.answers) / elapsed, self.busy.as_secs() / elapsed);
            let errors = f64::from(self.failures) / f64::from(self.answers);
            let first = self.throughput.map_or(now, |(_, first, _)| first);
            self.throughput = Some((qps / (utilization + errors * penalty), first, now));
        }
        (self.answers, self.failures, self.busy) = (0, 0, Span::ZERO);
    }

    fn usable(&self, now: Time, blackout: Span) -> Option<f64> {
        self.throughput.filter(|(_, first, _)| now.since(*first) >= blackout).map(|(throughput, ..)| throughput)
    }
}

impl Registered for ThroughputRoundRobin {
    const ABOUT: &'static str = "round robin with weights by observed throughput";
    const DETAILS: &'static str = "Once per `update_period` the weight of a server becomes qps / (utilization + errors / answers * \
        `error_penalty`), as in gRPC's weighted round robin (proposal A58), but from what this balancer sees itself: answers per \
        second, and the share of the time in which it had a request there in flight. A weight counts once it has been known for \
        `blackout_period`, and is forgotten when nothing ended for `expiration_period`; servers without one get the mean, and \
        fewer than two weights are none. The order is earliest deadline first; a new weight counts from the server's next turn \
        on. The weights in the model are not used. Servers that are full or were tried already lose their turn.";
    const COST: &'static str = "O(log n), and O(n) once per update period and when servers leave or return";
    const GOES_WRONG: &'static str = "Where a server has several workers or shares its processor: busy time says little about what it \
        could do, and one that gets more looks faster. Without `error_penalty`, a server that fails fast attracts requests.";
    const SHARES: Shares = Shares::Unpromised;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let (shortest, longest) = (Span::from_nanos(1_000_000), Span::from_secs(31_557_600));
        let mut span = |name, about, least, secs| parameters.span(name, about, least..=longest, Span::from_secs(secs));
        Self {
            update_period: span("update_period", "how often weights are computed", shortest, 1),
            blackout_period: span("blackout_period", "how long a weight must be known before it counts", Span::ZERO, 10),
            expiration_period: span("expiration_period", "how long after the last answer a weight is forgotten", shortest, 180),
            error_penalty: parameters.real("error_penalty", "what failures add to the utilization", 0.0..=1e6, 1.0),
            ..Self::default()
        }
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let mut then = self.clone();
        then.update(request.now);
        then.refresh();
        then.schedule.explain(candidates, |server| format!("weight {:.3} of the mean", then.servers[server.index()].weight))
    }
}

impl Policy for ThroughputRoundRobin {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Own)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.rotation = Rotation::new(servers);
        self.servers = vec![Observed::NEW; servers.len()];
        self.updated = Time::ZERO;
    }

    fn admit(&mut self, server: ServerId) {
        self.rotation.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.rotation.withdraw(server);
    }

    fn filled(&mut self, _: ServerId) {}

    fn freed(&mut self, _: ServerId) {}

    #[inline]
    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.update(request.now);
        self.refresh();
        if candidates.is_empty() {
            return Choice::Nobody;
        }
        let server = self.schedule.next(|server| self.servers[server.index()].weight, |server| candidates.contains(server));
        server.map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, request: &RequestView) {
        let observed = &mut self.servers[server.index()];
        observed.count_busy(request.now);
        observed.in_flight += 1;
    }

    #[inline]
    fn ended(&mut self, server: ServerId, answer: &Answer) {
        let observed = &mut self.servers[server.index()];
        observed.count_busy(answer.now);
        observed.in_flight -= 1;
        observed.answers += 1;
        observed.failures += u32::from(answer.failed);
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::RequestView;
    use crate::balancing::stand::{Bench, item};
    use crate::units::{Span, Time};

    fn turns(bench: &mut Bench, secs: u64, number: usize) -> [usize; 3] {
        let request = RequestView { now: Time::ZERO + Span::from_secs(secs), ..item(0) };
        let turns: String = (0..number).map(|_| bench.choose(&request, &[]).to_string()).collect();
        ["0", "1", "2"].map(|server| turns.matches(server).count())
    }

    /// Server 0 answers after 50 ms, server 1 after 150 ms, server 2 never gets anything: it has the mean of 20/s and 6.67/s.
    #[test]
    fn weights_are_answers_per_busy_second_after_the_blackout() {
        let mut bench = Bench::new("ThroughputRoundRobin", &[], &[1.0; 3], 1);
        let millis = |number: u64| Span::from_nanos(number * 1_000_000);
        for second in 0..12 {
            for (server, latency) in [(0, 50), (1, 150)] {
                let start = Span::from_secs(second);
                bench.serve(server, start, start + millis(latency), false);
            }
            let counts = turns(&mut bench, second + 1, 300);
            if second <= 9 {
                assert_eq!(counts, [100; 3], "in second {}", second + 1);
            }
        }
        assert_eq!(turns(&mut bench, 12, 300).map(|count| count / 2 * 2), [150, 50, 100]);
        assert_eq!(turns(&mut bench, 191, 300).map(|count| count / 2 * 2), [150, 50, 100]);
        turns(&mut bench, 192, 30);
        assert_eq!(turns(&mut bench, 192, 300), [100; 3], "expired 180 s after the last answer");
    }
}
