//! Join the idle queue.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Score, ServerSet};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// An idle candidate, uniformly at random; where none is idle, any candidate.
#[derive(Debug, Clone)]
pub struct JoinIdleQueue {
    /// By server: requests present.
    present: Vec<u32>,
    admitted: Vec<bool>,
    idle: ServerSet,
}

impl JoinIdleQueue {
    fn update(&mut self, server: ServerId) {
        if self.admitted[server.index()] && self.present[server.index()] == 0 {
            self.idle.insert(server);
        } else {
            self.idle.remove(server);
        }
    }
}

impl Registered for JoinIdleQueue {
    const ABOUT: &'static str = "an idle server if there is one, else any, at random";
    const DETAILS: &'static str = "Servers tell when they become idle, so that a choice asks nobody (Lu et al. 2011, with one \
        dispatcher; uniform choice among the idle and, where there is none, among all). As n grows nobody waits at any load \
        below 1 (Stolyar 2015); with few servers or high load it is nearly random choice. Idle means that no request is \
        present, whoever sent it. With several balancers each knows of all idle servers, which is more than the paper grants.";
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "At high load, where nobody is idle and it is blind; and where speeds differ, since idle servers \
        are all alike to it.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self { present: Vec::new(), admitted: Vec::new(), idle: ServerSet::empty(0) }
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, _: Choice, _: Stream) -> Explanation {
        let score = |server: ServerId| {
            let idle = self.idle.contains(server);
            Score::new(server, f64::from(u8::from(!idle)), if idle { "idle" } else { "busy" })
        };
        let scores: Vec<Score> = candidates.iter().map(score).collect();
        let idle = scores.iter().filter(|score| score.value == 0.0).count();
        let because = match idle {
            0 => format!("nobody is idle: drawn at random out of {}", scores.len()),
            _ => format!("drawn at random out of {idle} idle ones"),
        };
        Explanation { scores, best: Best::Smallest, because }
    }
}

impl Policy for JoinIdleQueue {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Everyone)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.present = vec![0; servers.len()];
        self.admitted = vec![false; servers.len()];
        self.idle = ServerSet::empty(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.admitted[server.index()] = true;
        self.update(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.admitted[server.index()] = false;
        self.update(server);
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let idle = Candidates { eligible: &self.idle, ..*candidates }.uniform(stream);
        idle.or_else(|| candidates.uniform(stream)).map_or(Choice::Nobody, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.present[server.index()] += 1;
        self.update(server);
    }

    #[inline]
    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.present[server.index()] -= 1;
        self.update(server);
    }
}
