//! The central queue.

use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Best, Explanation, Score, ServerSet};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// Requests wait in the balancer, first come first served, and go to a server only when one of its workers is free.
#[derive(Debug, Clone, Default)]
pub struct CentralQueue {
    /// By server: workers not in use; below 0 where others have sent more than there are workers.
    free_workers: Vec<i64>,
    eligible: Vec<bool>,
    /// Eligible servers with a free worker.
    ready: Option<ServerSet>,
}

impl CentralQueue {
    fn update(&mut self, server: ServerId) {
        let Some(ready) = &mut self.ready else { return };
        if self.eligible[server.index()] && self.free_workers[server.index()] > 0 {
            ready.insert(server);
        } else {
            ready.remove(server);
        }
    }
}

impl Registered for CentralQueue {
    const ABOUT: &'static str = "requests wait in the balancer until a worker is free";
    const DETAILS: &'static str = "One queue for all servers, first come first served, held in the balancer, also while no \
        server is eligible: M/M/c under exponential assumptions (Erlang 1917), the lower bound that policies which commit a \
        request on arrival are measured by. Which free server: uniformly at random.";
    const COST: &'static str = "O(1)";
    const GOES_WRONG: &'static str = "In practice where the way from balancer to server takes time, for a worker idles until the \
        next request is there.";
    const SHARES: Shares = Shares::OnAverage;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, _: &RequestView, candidates: &Candidates<'_>, choice: Choice, _: Stream) -> Explanation {
        let free = |server: ServerId| {
            let workers = self.free_workers[server.index()].max(0);
            Score::new(server, f64::from(workers > 0), format!("{workers} free workers"))
        };
        let scores = candidates.iter().map(free).collect();
        let because = if choice == Choice::Hold { "no worker is free" } else { "a worker is free there; which one is at random" };
        Explanation { scores, best: Best::Largest, because: because.into() }
    }
}

impl Policy for CentralQueue {
    fn reads(&self) -> Reads {
        Reads::AllLoads(Told::Everyone)
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.free_workers = servers.iter().map(|server| i64::from(server.workers)).collect();
        self.eligible = vec![false; servers.len()];
        self.ready = Some(ServerSet::empty(servers.len()));
    }

    fn admit(&mut self, server: ServerId) {
        self.eligible[server.index()] = true;
        self.update(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.eligible[server.index()] = false;
        self.update(server);
    }

    #[inline]
    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let ready = self.ready.as_ref().and_then(|ready| Candidates { eligible: ready, ..*candidates }.uniform(stream));
        ready.map_or(Choice::Hold, Choice::Server)
    }

    #[inline]
    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.free_workers[server.index()] -= 1;
        self.update(server);
    }

    #[inline]
    fn ended(&mut self, server: ServerId, _: &Answer) {
        self.free_workers[server.index()] += 1;
        self.update(server);
    }
}
