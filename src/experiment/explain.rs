//! The decisions of the balancers in one replication, one by one, with the reasons.

use crate::balancing::{Decision, Decisions, Explained};
use crate::cluster::Cluster;
use crate::model::Model;
use crate::observe::{Completed, Failed, Observer, Unfinished};
use crate::units::Time;
use std::cell::RefCell;
use std::rc::Rc;

/// The first `most` decisions at or after `from` in replication number `replication` of `model`, exactly those that are made
/// when it is simulated for its figures; fewer if the replication ends before.
#[must_use]
pub fn explain(model: &Model, replication: u32, from: Time, most: usize) -> Vec<Decision> {
    let decisions = Rc::new(RefCell::new(Decisions { from, most, made: Vec::new() }));
    let balancers = model.parts().balancers.iter().enumerate();
    let explained =
        balancers.map(|(index, balancer)| Explained::new(balancer.algorithm.clone(), index, Rc::clone(&decisions))).collect();
    let listener = Listener(Rc::clone(&decisions));
    let mut cluster = Cluster::with_algorithms(model, replication, listener, explained);
    let end = model.parts().run.ends_at();
    while decisions.borrow().made.len() < most && cluster.step(end).is_some() {}
    drop(cluster);
    decisions.take().made
}

/// Hears which of the requests that were decided on were turned away at once.
struct Listener(Rc<RefCell<Decisions>>);

impl Observer for Listener {
    fn completed(&mut self, _: &Completed) {}

    fn failed(&mut self, fact: &Failed) {
        let mut decisions = self.0.borrow_mut();
        let Some(last) = decisions.made.last_mut() else { return };
        // What is refused later, by a back end, has begun its service.
        last.refused |= fact.start.is_none() && last.request.now == fact.end;
    }

    fn unfinished(&mut self, _: &Unfinished) {}
}
