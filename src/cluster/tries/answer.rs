//! A try ends at its server: with an answer, an error, or because the server went down.

use super::super::Cluster;
use super::super::arena::{Job, NONE, class_of, number_of};
use super::again::Then;
use super::{Place, Request, Tries};
use crate::balancing::{Answer, Policy, Product};
use crate::health::Seen;
use crate::observe::{Completed, Observer, Why};
use crate::random::Stream;
use crate::recovery::Mishap;
use crate::units::{ClassId, ServerId, Span, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Service of a try begins: how long it takes, given what it would take on a sound server.
    pub(in super::super) fn try_begins(&mut self, server: ServerId, number: u32, service: u64) -> u64 {
        let now = self.now;
        let all = &mut *self.tries;
        if let Some(request) = all.request_of(number) {
            all.requests.get_mut(request).started = Some(now);
        }
        let service = self.service_of(server, number, service);
        self.tries.tries.get_mut(number).service_ns = Some(service);
        service
    }

    /// How long the service of a try that begins takes on a sound server: an error may be answered sooner or later.
    fn service_of(&mut self, server: ServerId, number: u32, service: u64) -> u64 {
        let Some(outages) = self.outages.as_deref() else { return service };
        let Some((probability, Some(after))) = outages.conditions[server.index()].errors.clone() else { return service };
        let Some(mut stream) = self.fate(number) else { return service };
        let (fate, _) = (stream.uniform(), stream.uniform());
        let one = self.tries.tries.get_mut(number);
        one.fails = fate < probability;
        if one.fails { after.sample(&mut stream).as_nanos() } else { service }
    }

    /// The random numbers that say what becomes of a try.
    fn fate(&self, number: u32) -> Option<Stream> {
        let one = self.tries.tries.get(number);
        let request = self.tries.request_of(number)?;
        let class = class_of(self.tries.requests.get(request).job.tag);
        // Spreads the tries of a request over all keys (the golden ratio in 64 bits).
        let apart = u64::from(one.ordinal).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Some(self.tries.clients[class as usize].answers.item(one.key ^ apart))
    }

    /// The service of the present try of a request ends at `server`: whether the answer is an error, and whether it is wrong. An error that takes
    /// as long as the service is one at its end: who began before the fault came gets one too, who ends after it does not.
    fn answer_of(&self, server: ServerId, number: u32) -> (bool, bool) {
        let Some(outages) = self.outages.as_deref() else { return (false, false) };
        let condition = &outages.conditions[server.index()];
        if condition.errors.is_none() && condition.wrong == 0.0 {
            return (false, false);
        }
        let Some(mut stream) = self.fate(number) else { return (false, false) };
        let (fate, falsehood) = (stream.uniform(), stream.uniform());
        let fails = condition.errors.as_ref().is_some_and(|(probability, after)| after.is_none() && fate < *probability);
        (fails, falsehood < condition.wrong)
    }

    /// The service of a try has ended at `server`.
    pub(in super::super) fn try_served(&mut self, server: ServerId, number: u32, start: u64) {
        self.room_at_server(server);
        let (fails, is_wrong) = self.answer_of(server, number);
        let is_cut_off = self.is_cut_off(server);
        let (start, end) = (Time::from_nanos(start), self.now);
        let one = self.tries.tries.get_mut(number);
        one.fails |= fails;
        one.is_wrong = is_wrong;
        if one.request == NONE {
            self.was_for_nobody(number, start, end);
            self.tries.tries.remove(number);
            self.after_leaving(server);
        } else if is_cut_off {
            one.place = Place::AnswerHeld { start, end };
            self.after_leaving(server);
        } else {
            self.try_answered(server, number, start);
        }
    }

    /// Whether no balancer can reach `server`, nor be reached by it.
    fn is_cut_off(&self, server: ServerId) -> bool {
        self.outages.as_deref().is_some_and(|outages| outages.conditions[server.index()].unreachable.is_some())
    }

    /// Nobody has waited for the answer to a try that was served from `start` to `end`.
    fn was_for_nobody(&mut self, number: u32, start: Time, end: Time) {
        let service = self.tries.tries.get(number).service_ns;
        if let Some(outages) = &mut self.outages {
            outages.meter.wasted(start, end, service);
        }
    }

    /// The answer to a try that somebody waits for has come.
    pub(super) fn try_answered(&mut self, server: ServerId, number: u32, start: Time) {
        let now = self.now;
        let one = self.tries.tries.get(number);
        let (fails, is_wrong, found, balancer, request) = (one.fails, one.is_wrong, one.found, one.balancer, one.request);
        self.try_over(request, number, fails && self.counts(balancer, Mishap::Error));
        if fails {
            return self.failed_try(request, Mishap::Error, Some(server), server);
        }
        self.seen(balancer, server, Seen::Answered);
        let Tries { requests, handlers, clients, .. } = &mut *self.tries;
        if let Some(budget) = &mut handlers[balancer as usize].budget {
            budget.answered();
        }
        let one = requests.get_mut(request);
        let (job, tries) = (one.job, one.all_tries);
        let clients = &mut clients[class_of(job.tag) as usize];
        if let Some(throttle) = &mut clients.throttle {
            throttle.accepted(now);
        }
        if let Some(budget) = &mut clients.budget {
            budget.answered();
            if std::mem::take(&mut one.holds_client_retry) {
                budget.retry_over();
            }
        }
        self.abandon_others(request, false);
        self.balancer_is_done(request, false);
        let Tries { requests, .. } = &mut *self.tries;
        requests.remove(request);
        self.observer.completed(&Completed {
            number: number_of(job.tag),
            class: ClassId(class_of(job.tag)),
            server,
            birth: Time::from_nanos(job.birth),
            start,
            end: now,
            tries,
            is_wrong,
            found,
        });
        self.user_has_answer(balancer, &job, server);
        self.after_leaving(server);
    }

    /// Whether the algorithm of a balancer counts it as a failure of the server that a try ended so. nginx does where an answer that is an error
    /// leads to the next server (`proxy_next_upstream`), and always where there is no answer.
    pub(super) fn counts(&self, balancer: u16, mishap: Mishap) -> bool {
        let retries = &self.tries.handlers[balancer as usize].spec.retries;
        self.balancers[balancer as usize].product != Some(Product::Nginx)
            || !matches!(mishap, Mishap::Error | Mishap::Full)
            || retries.as_ref().is_some_and(|retries| retries.on.contains(mishap))
    }

    /// A try was cut off when its server lost its work.
    pub(in super::super) fn try_cut(&mut self, server: ServerId, job: &Job, start: Option<Time>) {
        self.room_at_server(server);
        let is_cut_off = self.is_cut_off(server);
        let one = self.tries.tries.get_mut(job.client);
        if one.request == NONE {
            self.tries.tries.remove(job.client);
            self.after_leaving(server);
        } else if is_cut_off {
            one.place = Place::CutUnheard { start };
            self.after_leaving(server);
        } else {
            self.cut_heard(server, job.client, start);
        }
    }

    /// The balancer of a try that somebody waits for hears that it was cut off.
    pub(super) fn cut_heard(&mut self, server: ServerId, number: u32, start: Option<Time>) {
        let all = &mut *self.tries;
        let request = all.tries.get(number).request;
        let one = all.requests.get_mut(request);
        one.started = start.or(one.started);
        self.try_over(request, number, true);
        self.failed_try(request, Mishap::Cut, Some(server), server);
    }

    /// A try is turned away by the back end of its server.
    pub(in super::super) fn try_turned_away(&mut self, server: ServerId, job: &Job) {
        self.tries.tries.get_mut(job.client).fails = true;
        self.try_served(server, job.client, job.demand_or_start);
    }

    /// A try that was open has failed, and has left `at`.
    pub(super) fn failed_try(&mut self, request: u32, mishap: Mishap, server: Option<ServerId>, at: ServerId) {
        if let Then::Again(next) = self.after_mishap(request, mishap, server) {
            self.try_on(request, next);
        }
        self.after_leaving(at);
    }

    /// A try is over in the eyes of its balancer and of its server.
    pub(super) fn try_over(&mut self, request: u32, number: u32, failed: bool) {
        let Tries { requests, tries, .. } = &mut *self.tries;
        requests.get_mut(request).open.retain(|open| *open != number);
        let one = tries.get(number);
        let (balancer, server, sent, has_timer) = (one.balancer, one.server, one.sent, one.due != Time::NEVER);
        tries.remove(number);
        if has_timer {
            self.void();
        }
        self.connection_ends(balancer, server, sent, failed);
    }

    /// The balancer gives a connection to `server` back.
    pub(super) fn connection_ends(&mut self, balancer: u16, server: ServerId, sent: Time, failed: bool) {
        if let Some(slots) = &mut self.balancers[balancer as usize].slots {
            slots.give(server);
        }
        self.tell_tried(balancer, server, sent, failed);
        self.update_eligibility(server);
    }

    /// All open tries of a request are given up; `failed`: because they took too long.
    pub(super) fn abandon_others(&mut self, request: u32, failed: bool) {
        let all = &mut *self.tries;
        let open = std::mem::take(&mut all.requests.get_mut(request).open);
        for &number in &open {
            self.abandon(number, failed);
        }
        let one = self.tries.requests.get_mut(request);
        one.open = open;
        one.open.clear();
    }

    /// The balancer gives a try up. The server drops it or works on for nobody.
    pub(super) fn abandon(&mut self, number: u32, failed: bool) {
        let now = self.now;
        let Tries { tries, handlers, .. } = &mut *self.tries;
        let one = tries.get_mut(number);
        let (balancer, server, sent, place) = (one.balancer, one.server, one.sent, one.place);
        let has_timer = one.due != Time::NEVER && one.due > now;
        one.request = NONE;
        one.due = Time::NEVER;
        // Who cannot be reached does not hear that nobody waits any more.
        let cancels = handlers[balancer as usize].spec.cancels && !self.is_cut_off(server);
        match place {
            Place::AtServer if cancels && self.drop_at(server, number) => {
                self.tries.tries.remove(number);
                self.room_at_server(server);
            }
            Place::AtServer => {}
            Place::AnswerHeld { start, end } => {
                self.was_for_nobody(number, start, end);
                self.tries.tries.remove(number);
            }
            Place::Connecting | Place::CutUnheard { .. } => self.tries.tries.remove(number),
        }
        if has_timer {
            self.void();
        }
        self.connection_ends(balancer, server, sent, failed);
        self.after_leaving(server);
    }

    /// Tells the balancers that listen how a try ended.
    pub(super) fn tell_tried(&mut self, sender: u16, server: ServerId, since: Time, failed: bool) {
        let answer = Answer { now: self.now, since, failed };
        self.tell_answer(sender, server, &answer);
        if failed && self.balancers[sender as usize].passes_over(server, self.now) {
            self.note_detection(server);
        }
    }

    /// A server has room for one more, perhaps.
    fn room_at_server(&mut self, server: ServerId) {
        if self.pools[self.servers[server.index()].pool()].is_watched {
            self.update_eligibility(server);
        }
        self.serving_changed(server);
    }

    /// Who waits in a balancer may go to `server` now, or elsewhere.
    fn after_leaving(&mut self, server: ServerId) {
        if self.limited {
            self.feed_server(server);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }
}

/// What a mishap is to the client.
pub(super) const fn why_of(mishap: Mishap) -> Why {
    match mishap {
        Mishap::Refused => Why::ConnectionRefused,
        Mishap::ConnectTimeout => Why::ConnectTimeout,
        Mishap::Cut => Why::Lost,
        Mishap::ResponseTimeout => Why::ResponseTimeout,
        Mishap::Error => Why::Error,
        Mishap::Full => Why::Full,
    }
}

impl Request {
    /// How long ago its client sent it.
    pub(super) const fn age(&self, now: Time) -> Span {
        now.since(self.sent)
    }
}
