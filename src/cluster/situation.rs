//! How things stand when a balancer is about to decide, told to an observer that wants to know.

use super::Cluster;
use super::arena::{Job, number_of};
use super::tries::choice_of;
use super::watch::Watch;
use crate::balancing::{Choice, Policy, RequestView};
use crate::faults::Condition;
use crate::observe::{Attempt, Away, Belief, Checked, Count, Observer, Situation, Stand, Trouble, Unasked};
use crate::units::{ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// `balancer` is about to decide on a request. To observers who do not want to know this is nothing.
    #[inline(always)]
    pub(super) fn about_to_decide(&mut self, balancer: u16, job: &Job, view: &RequestView) {
        if self.observer.wants_situations(self.now) {
            self.tell_situation(balancer, job, view, None, None);
        }
    }

    /// A request is about to be sent to the server that its user is bound to.
    #[inline(always)]
    pub(super) fn about_to_go_back(&mut self, balancer: u16, job: &Job, view: &RequestView, choice: Choice) {
        if self.observer.wants_situations(self.now) {
            self.tell_situation(balancer, job, view, None, Some(Unasked::Bound(choice_of(choice))));
        }
    }

    /// A request that waited in the line of `balancer` is about to be sent to `server`.
    #[inline(always)]
    pub(super) fn about_to_leave_line(&mut self, balancer: u16, job: &Job, view: &RequestView, server: ServerId) {
        if self.observer.wants_situations(self.now) {
            self.tell_situation(balancer, job, view, None, Some(Unasked::Freed(server)));
        }
    }

    /// The same of a request whose tries are looked after; `unasked`: the algorithm is not asked, for that reason.
    #[inline(always)]
    pub(super) fn about_to_try(&mut self, request: u32, view: &RequestView, unasked: Option<Unasked>) {
        if self.observer.wants_situations(self.now) {
            let one = self.tries.requests.get(request);
            let (balancer, job) = (one.balancer, one.job);
            self.tell_situation(balancer, &job, view, Some(self.attempt(request)), unasked);
        }
    }

    #[cold]
    fn tell_situation(
        &mut self,
        balancer: u16,
        job: &Job,
        view: &RequestView,
        attempt: Option<Attempt>,
        unasked: Option<Unasked>,
    ) {
        let index = balancer as usize;
        let servers = (0..self.servers.len() as u32).map(|server| self.stands(index, ServerId(server))).collect();
        let knowledge = self.balancers[index].knowledge;
        let number = number_of(job.tag);
        let situation = Situation { balancer: index, knowledge, number, view: *view, attempt, unasked, servers };
        self.observer.about_to_decide(situation);
    }

    fn attempt(&self, request: u32) -> Attempt {
        let one = self.tries.requests.get(request);
        Attempt {
            pass: one.passes,
            tries: one.tries,
            is_hedge: !one.open.is_empty(),
            after: one.mishap,
            passed_over: [self.tries.excluded(request), self.avoided(request)].concat(),
        }
    }

    /// How `server` stands with balancer number `index`, and in truth.
    fn stands(&self, index: usize, server: ServerId) -> Stand {
        let balancer = &self.balancers[index];
        let outages = self.outages.as_deref();
        let trouble = outages
            .map_or_else(Vec::new, |outages| trouble(&outages.conditions[server.index()], outages.down_since[server.index()]));
        Stand {
            standing: balancer.standing(server),
            level: balancer.level_of(server),
            away: self.away(server),
            belief: balancer.watch.as_ref().map(|watch| belief(watch, balancer.level_of(server), server)),
            trouble,
        }
    }

    fn away(&self, server: ServerId) -> Option<Away> {
        let outages = self.outages.as_deref();
        let scales = outages.is_some_and(|outages| outages.scalers[self.servers[server.index()].pool()].is_some());
        match outages {
            _ if !self.in_rotation[server.index()] => Some(Away::Removed),
            Some(outages) if outages.is_absent(server) => Some(Away::NotProvisioned),
            Some(outages) if outages.is_unlisted(server) => Some(if scales { Away::Leaving } else { Away::Spare }),
            _ => None,
        }
    }
}

fn trouble(condition: &Condition, since: Time) -> Vec<Trouble> {
    let down = condition.down.map(|down| Trouble::Down { since, refuses: down.refuses });
    let unreachable = condition.unreachable.map(|refused| Trouble::Unreachable { refused });
    let slow = (condition.slowness != 1.0).then_some(Trouble::Slow(condition.slowness));
    let errors = condition.errors.as_ref().map(|(probability, _)| Trouble::Errors(*probability));
    let wrong = (condition.wrong > 0.0).then_some(Trouble::Wrong(condition.wrong));
    [down, unreachable, slow, errors, wrong].into_iter().flatten().collect()
}

fn belief(watch: &Watch, level: usize, server: ServerId) -> Belief {
    let checks = watch.checks.get(server.index()).zip(watch.check_spec()).map(|(state, spec)| Checked {
        is_up: state.is_up(),
        against: Count { counted: state.against(), of: if state.is_up() { spec.fall } else { spec.rise } },
        is_waiting: watch.is_waiting[server.index()],
    });
    let observed = watch.observed.get(server.index()).zip(watch.spec.observe.as_ref());
    let outliers = watch.outliers.as_ref().zip(watch.spec.outliers.as_ref());
    Belief {
        checks,
        observed: observed.map(|(state, spec)| Count { counted: state.failures(), of: spec.error_limit }),
        is_ejected: watch.outliers.as_ref().is_some_and(|outliers| outliers.is_ejected(server)),
        failures: outliers.map(|(state, spec)| Count { counted: state.failures(server), of: spec.consecutive_errors }),
        in_panic: watch.in_panic.get(level).copied().unwrap_or(false),
        is_published: watch.may_use(server),
    }
}
