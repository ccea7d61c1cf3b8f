//! At the door of the service: where a client's request goes, and what becomes of requests when their balancer is gone.

use super::super::Cluster;
use super::super::arena::class_of;
use super::super::pairs::Met;
use super::super::timer::Kind;
use super::{Handler, Stage, Tries};
use crate::balancing::Policy;
use crate::observe::{Observer, Why};
use crate::recovery::{BudgetState, LimitState, ShedState};
use crate::units::Time;

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// The client of a request looks for its balancer; what it meets there.
    pub(super) fn find_balancer(&mut self, request: u32) -> Met {
        let Some(fronts) = &mut self.fronts else { return Met::Service };
        let one = self.tries.requests.get_mut(request);
        if let Some(balancer) = fronts.naming.resolve(class_of(one.job.tag), one.job.client, self.now) {
            one.balancer = balancer.0;
        }
        fronts.met(one.balancer)
    }

    /// A balancer is gone, or another unit takes its place: whatever it had is lost, and so are the connections of its clients.
    pub(in super::super) fn lose_connections(&mut self, balancer: u16) {
        for request in self.drop_requests(balancer) {
            self.pass_fails(request, Why::Lost);
        }
    }

    /// A balancer is gone, and its clients do not hear of it: only their own patience ends their requests, or the balancer's return.
    pub(in super::super) fn falls_silent(&mut self, balancer: u16) {
        for request in self.drop_requests(balancer) {
            let Tries { requests, .. } = &mut *self.tries;
            let one = requests.get_mut(request);
            let due = std::mem::replace(&mut one.due, one.patience_ends);
            if due == one.due {
                continue;
            }
            if one.due != Time::NEVER {
                let (due, stamp) = (one.due, requests.generation(request));
                self.calendar.schedule(Kind::Deadline.at(due, request, stamp));
            }
            if due > self.now {
                self.void();
            }
        }
    }

    /// A balancer drops all that it has in line and under way. The requests, which their clients still wait for.
    fn drop_requests(&mut self, balancer: u16) -> Vec<u32> {
        self.bonds.balancer_lost(balancer);
        let all = &self.tries.requests;
        let is_its = |place: &u32| all.get(*place).balancer == balancer && all.get(*place).stage != Stage::Resting;
        let requests: Vec<u32> = all.places().into_iter().filter(is_its).collect();
        // First those in line, lest one of them be sent where another one leaves.
        for &request in &requests {
            self.leave_line(request);
        }
        for &request in &requests {
            self.abandon_others(request, false);
            let one = self.tries.requests.get_mut(request);
            one.stage = Stage::Tried;
            let hedge_due = std::mem::replace(&mut one.hedge_due, Time::NEVER);
            if hedge_due > self.now && hedge_due != Time::NEVER {
                self.void();
            }
        }
        requests
    }
}

impl Handler {
    /// All that it has counted is forgotten.
    pub fn forget(&mut self, now: Time) {
        let spec = &self.spec;
        self.budget = spec.retries.as_ref().and_then(|retries| retries.budget).map(BudgetState::new);
        self.adaptive = spec.limits.adaptive.map(|limit| LimitState::new(limit, now));
        self.shed = spec.limits.shed_wait.map(ShedState::new);
    }
}
