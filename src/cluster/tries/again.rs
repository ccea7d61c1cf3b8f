//! A try has failed: what follows.

use super::super::Cluster;
use super::super::server::after;
use super::super::timer::Kind;
use super::answer::why_of;
use super::{Stage, Tries};
use crate::balancing::Policy;
use crate::health::Seen;
use crate::observe::{Failed, Observer, Why};
use crate::recovery::{Mishap, NextTry, Tried};
use crate::units::{ClassId, ServerId, Span, Time};

/// What follows when a try has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Another try at once, on this server or where the algorithm says.
    Again(Option<ServerId>),
    /// Nothing for now: another try goes on or comes later, or the request is over.
    Later,
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A try of `request` has failed, on a server if it reached one. The try is no longer among the open ones.
    pub(super) fn after_mishap(&mut self, request: u32, mishap: Mishap, server: Option<ServerId>) -> Then {
        let now = self.now;
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let balancer = one.balancer;
        one.mishap = Some(mishap);
        let handler = &mut handlers[balancer as usize];
        if let Some(budget) = &mut handler.budget {
            budget.failed();
            if one.open.is_empty() && std::mem::take(&mut one.holds_retry) {
                budget.retry_over();
            }
        }
        if let Some(server) = server {
            self.seen(balancer, server, seen_as(mishap));
        }
        let usable = self.balancers[balancer as usize].usable_on(0);
        let bound = self.balancers[balancer as usize].binds() || self.tries.requests.get(request).is_bound;
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        if !one.open.is_empty() {
            return Then::Later;
        }
        let handler = &mut handlers[balancer as usize];
        let next = handler.spec.retries.as_ref().map_or(NextTry::GiveUp, |retries| {
            let tried = Tried { retries: one.retries, mishap, bound, usable, since_first: now.since(one.sent) };
            retries.next(&tried, handler.spec.timeouts.connect, &mut handler.stream)
        });
        let active = handler.in_flight;
        let (delay, place) = match next {
            NextTry::GiveUp => {
                self.pass_fails(request, why_of(mishap));
                return Then::Later;
            }
            NextTry::Same { after } => (after, server),
            NextTry::Any { after } | NextTry::Another { after } => (after, None),
        };
        if let Some(budget) = &mut handler.budget {
            if !budget.may_retry(now, active) {
                self.pass_fails(request, why_of(mishap));
                return Then::Later;
            }
            one.holds_retry = true;
        }
        one.retries += 1;
        if delay == Span::ZERO {
            return Then::Again(place);
        }
        one.stage = Stage::Delayed(place);
        one.wakes_at = after(now, delay.as_nanos());
        let (due, stamp) = (one.wakes_at, requests.generation(request));
        self.calendar.schedule(Kind::Wakes.at(due, request, stamp));
        Then::Later
    }

    /// The balancer has no answer for `request`: its client may send it again, or it is over.
    pub(super) fn pass_fails(&mut self, request: u32, why: Why) {
        let now = self.now;
        self.balancer_is_done(request, true);
        let Tries { requests, clients, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let class = super::super::arena::class_of(one.job.tag);
        let clients = &mut clients[class as usize];
        if let Some(budget) = &mut clients.budget {
            budget.failed();
            if std::mem::take(&mut one.holds_client_retry) {
                budget.retry_over();
            }
        }
        let delay = clients.spec.retries.as_ref().and_then(|retries| {
            let mishap = mishap_of(why)?;
            let since_first = now.since(Time::from_nanos(one.job.birth));
            let tried = Tried { retries: one.passes - 1, mishap, bound: false, usable: u32::MAX, since_first };
            match retries.next(&tried, None, &mut clients.stream) {
                NextTry::GiveUp => None,
                NextTry::Same { after } | NextTry::Any { after } | NextTry::Another { after } => Some(after),
            }
        });
        let allowed = delay.is_some() && clients.budget.as_mut().is_none_or(|budget| budget.may_retry(now, 0));
        let Some(delay) = delay.filter(|_| allowed) else { return self.request_fails(request, why) };
        one.holds_client_retry = clients.budget.is_some();
        one.stage = Stage::Resting;
        if let Some(patience) = &clients.spec.patience {
            // A client that sends again is as patient as before.
            let waits = patience.sample(&mut clients.stream);
            one.patience_ends = after(now, delay.as_nanos() + waits.as_nanos());
        }
        one.wakes_at = after(now, delay.as_nanos());
        let (due, stamp) = (one.wakes_at, requests.generation(request));
        self.calendar.schedule(Kind::Wakes.at(due, request, stamp));
    }

    /// The balancer has nothing more to do with `request`, whose tries are over.
    pub(super) fn balancer_is_done(&mut self, request: u32, failed: bool) {
        let now = self.now;
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let timers = [std::mem::replace(&mut one.due, Time::NEVER), std::mem::replace(&mut one.hedge_due, Time::NEVER)];
        let handler = &mut handlers[one.balancer as usize];
        if let Some(budget) = &mut handler.budget
            && std::mem::take(&mut one.holds_retry)
        {
            budget.retry_over();
        }
        // What was turned away unsent says nothing of how the servers fare.
        if let Some(adaptive) = handler.adaptive.as_mut().filter(|_| one.tries > 0) {
            adaptive.ended(now, now.since(one.sent), failed, handler.in_flight);
        }
        handler.in_flight -= 1;
        for _ in timers.iter().filter(|due| **due > now && **due != Time::NEVER) {
            self.void();
        }
    }

    /// A request is over without an answer.
    pub(super) fn request_fails(&mut self, request: u32, why: Why) {
        let Tries { requests, .. } = &mut *self.tries;
        let one = requests.get(request);
        let (job, start, tries) = (one.job, one.started, one.all_tries);
        requests.remove(request);
        self.observer.failed(&Failed {
            number: super::super::arena::number_of(job.tag),
            class: ClassId(super::super::arena::class_of(job.tag)),
            birth: Time::from_nanos(job.birth),
            start,
            end: self.now,
            tries,
            why,
        });
        self.user_without_answer(&job);
    }
}

/// What a balancer's detection makes of a mishap.
const fn seen_as(mishap: Mishap) -> Seen {
    match mishap {
        Mishap::Refused | Mishap::ConnectTimeout => Seen::NoConnection,
        Mishap::Cut => Seen::Cut,
        Mishap::ResponseTimeout => Seen::TimedOut,
        Mishap::Error | Mishap::Full => Seen::Error,
    }
}

/// What a client makes of a failure: none, if it gave up itself.
const fn mishap_of(why: Why) -> Option<Mishap> {
    match why {
        Why::ConnectionRefused | Why::NoServer => Some(Mishap::Refused),
        Why::ConnectTimeout => Some(Mishap::ConnectTimeout),
        Why::Lost => Some(Mishap::Cut),
        Why::ResponseTimeout | Why::QueueTimeout | Why::Abandoned => Some(Mishap::ResponseTimeout),
        Why::Error => Some(Mishap::Error),
        Why::Full | Why::Shed => Some(Mishap::Full),
        Why::Throttled => None,
    }
}
