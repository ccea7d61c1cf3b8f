//! The decisions of the balancers in one replication, one by one, with the reasons, and with what was believed and what was true.

use crate::balancing::{self, Choice, Decision, Decisions, Explanation, Standing};
use crate::cluster::Cluster;
use crate::model::Model;
use crate::observe::{Completed, Failed, Observer, Situation, Unfinished, Why};
use crate::units::{ServerId, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// A decision, and how things stood when it was made.
#[derive(Debug, Clone)]
pub struct Explained {
    /// What was decided, on the last level of priority that was looked at.
    pub decision: Decision,
    /// What the balancer believed and what was true.
    pub situation: Situation,
    /// How the request ended, if it failed in the instant of the decision and nothing more was tried.
    pub failed: Option<Why>,
}

/// The first `most` decisions at or after `from` in replication number `replication` of `model`, exactly those that are made
/// when it is simulated for its figures; fewer if the replication ends before.
#[must_use]
pub fn explain(model: &Model, replication: u32, from: Time, most: usize) -> Vec<Explained> {
    let decisions = Rc::new(RefCell::new(Decisions { from, most: usize::MAX, made: Vec::new() }));
    let heard = Rc::new(RefCell::new(Vec::new()));
    let parts = model.parts();
    let levels = parts.balancers.iter().enumerate().flat_map(|(index, balancer)| {
        let explained = |level| balancing::Explained::new(balancer.algorithm.clone(), index, level, Rc::clone(&decisions));
        (0..parts.priorities(balancer).len()).map(explained).collect::<Vec<_>>()
    });
    let listener = Listener { decisions: Rc::clone(&decisions), heard: Rc::clone(&heard), from };
    let mut cluster = Cluster::with_algorithms(model, replication, listener, levels.collect());
    let end = parts.run.ends_at();
    while heard.borrow().len() < most && cluster.step(end).is_some() {}
    drop(cluster);
    let (made, heard) = (decisions.take().made, heard.take());
    let mut ends: Vec<usize> = heard.iter().skip(1).map(|heard| heard.first).collect();
    ends.push(made.len());
    let mut made = made.into_iter().enumerate().peekable();
    let mut explained = Vec::new();
    for (Heard { situation, failed, .. }, end) in heard.into_iter().zip(ends) {
        // A level of priority that finds nobody leaves the decision to the next.
        let mut last = None;
        while let Some((_, decision)) = made.next_if(|(number, _)| *number < end) {
            last = Some(decision);
        }
        explained.extend(last.map(|decision| Explained { decision, situation, failed }));
    }
    explained.truncate(most);
    explained
}

/// A situation, which decision followed first, and what became of its request at once.
struct Heard {
    first: usize,
    situation: Situation,
    failed: Option<Why>,
}

/// Hears how things stand at each decision, and which requests failed at once.
struct Listener {
    decisions: Rc<RefCell<Decisions>>,
    heard: Rc<RefCell<Vec<Heard>>>,
    from: Time,
}

impl Observer for Listener {
    fn completed(&mut self, _: &Completed) {}

    fn failed(&mut self, fact: &Failed) {
        let mut heard = self.heard.borrow_mut();
        let Some(last) = heard.last_mut() else { return };
        // What fails later, at a back end, has begun its service.
        let is_meant = last.situation.number == fact.number && last.situation.view.now == fact.end;
        if is_meant && fact.start.is_none() {
            last.failed = Some(fact.why);
        }
    }

    fn unfinished(&mut self, _: &Unfinished) {}

    fn wants_situations(&self, now: Time) -> bool {
        now >= self.from
    }

    fn about_to_decide(&mut self, situation: Situation) {
        let mut decisions = self.decisions.borrow_mut();
        let first = decisions.made.len();
        if let Some(unasked) = situation.unasked {
            let level = |server: ServerId| situation.servers.get(server.index()).map_or(0, |stand| stand.level);
            decisions.made.push(Decision {
                balancer: situation.balancer,
                level: unasked.server().map_or(0, level),
                request: situation.view,
                standings: situation.servers.iter().map(|stand| stand.standing).collect::<Vec<Standing>>(),
                failures: vec![None; situation.servers.len()],
                choice: unasked.server().map_or(Choice::Nobody, Choice::Server),
                explanation: Explanation::unscored(unasked.words()),
            });
        }
        self.heard.borrow_mut().push(Heard { first, situation, failed: None });
    }
}
