//! An algorithm whose decisions are written down with their explanations.

use super::{
    Algorithm, Answer, Candidates, Choice, CountedFailures, Explanation, Policy, Reads, RequestView, ServerTraits, Standing,
};
use crate::random::Stream;
use crate::units::{ServerId, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// A decision of a balancer.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Which balancer decided, by number.
    pub balancer: usize,
    /// For which level of priority, from 0: it decides for each in turn until one has a server.
    pub level: usize,
    /// On what.
    pub request: RequestView,
    /// By server: how it stood with the balancer.
    pub standings: Vec<Standing>,
    /// By server: the failures that the algorithm counts itself, if it does.
    pub failures: Vec<Option<CountedFailures>>,
    /// How it decided.
    pub choice: Choice,
    /// Why.
    pub explanation: Explanation,
}

/// The decisions of all balancers, in order.
#[derive(Debug, Default)]
pub struct Decisions {
    /// Those before are not written down.
    pub from: Time,
    /// How many are written down.
    pub most: usize,
    /// What has been written down.
    pub made: Vec<Decision>,
}

/// An algorithm that decides as it always does and has each decision explained.
#[derive(Debug)]
pub struct Explained {
    algorithm: Algorithm,
    balancer: usize,
    level: usize,
    standings: Vec<Standing>,
    decisions: Rc<RefCell<Decisions>>,
}

impl Explained {
    /// The algorithm of a balancer, by number, on one of its levels of priority, which writes into `decisions`.
    #[must_use]
    pub const fn new(algorithm: Algorithm, balancer: usize, level: usize, decisions: Rc<RefCell<Decisions>>) -> Self {
        Self { algorithm, balancer, level, standings: Vec::new(), decisions }
    }

    /// The decision that is made now, on this `request`.
    fn decision(&self, request: &RequestView, choice: Choice, explanation: Explanation) -> Decision {
        let failures = |server: usize| self.algorithm.failures(ServerId(server as u32), request.now);
        Decision {
            balancer: self.balancer,
            level: self.level,
            request: *request,
            standings: self.standings.clone(),
            failures: (0..self.standings.len()).map(failures).collect(),
            choice,
            explanation,
        }
    }

    /// Why there is nobody to choose, whatever the algorithm.
    fn nobody(&self) -> Explanation {
        let is_full = self.standings.contains(&Standing::Full);
        Explanation::unscored(if is_full { "every server in rotation is full" } else { "no server is in rotation" })
    }
}

impl Policy for Explained {
    const LOOKS_AFTER_TRIES: bool = true;

    fn reads(&self) -> Reads {
        self.algorithm.reads()
    }

    fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream) {
        self.standings = vec![Standing::Out; servers.len()];
        self.algorithm.prepare(servers, stream);
    }

    fn admit(&mut self, server: ServerId) {
        self.standings[server.index()] = Standing::Eligible;
        self.algorithm.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.standings[server.index()] = Standing::Out;
        self.algorithm.withdraw(server);
    }

    fn filled(&mut self, server: ServerId) {
        self.standings[server.index()] = Standing::Full;
        self.algorithm.filled(server);
    }

    fn freed(&mut self, server: ServerId) {
        self.standings[server.index()] = Standing::Eligible;
        self.algorithm.freed(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.algorithm.reweigh(server, weight);
    }

    fn warmed(&mut self, server: ServerId, weight: f64) {
        self.algorithm.warmed(server, weight);
    }

    fn unasked(&mut self, request: &RequestView) {
        let mut decisions = self.decisions.borrow_mut();
        if request.now >= decisions.from && decisions.made.len() < decisions.most {
            let explanation = if self.standings.contains(&Standing::Full) {
                Explanation::unscored("every server in rotation is full and others wait already, so that no algorithm is asked")
            } else {
                self.nobody()
            };
            decisions.made.push(self.decision(request, Choice::Nobody, explanation));
        }
    }

    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let mut decisions = self.decisions.borrow_mut();
        if request.now < decisions.from || decisions.made.len() >= decisions.most {
            return self.algorithm.choose(request, candidates, stream);
        }
        let (before, draws) = (self.algorithm.clone(), stream.clone());
        let choice = self.algorithm.choose(request, candidates, stream);
        let explanation = match choice {
            Choice::Nobody if candidates.is_empty() && !candidates.eligible.is_empty() => {
                Explanation::unscored("the request has been tried on every server in rotation that has room")
            }
            Choice::Nobody if candidates.is_empty() => self.nobody(),
            _ => before.explain(request, candidates, choice, draws),
        };
        decisions.made.push(self.decision(request, choice, explanation));
        choice
    }

    fn sent(&mut self, server: ServerId, request: &RequestView) {
        self.algorithm.sent(server, request);
    }

    fn ended(&mut self, server: ServerId, answer: &Answer) {
        self.algorithm.ended(server, answer);
    }
}
