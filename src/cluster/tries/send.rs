//! A request is sent: by its client to the balancer, by the balancer to a server.

use super::super::arena::{Job, NONE, class_of};
use super::super::memory::Keys;
use super::super::pairs::Met;
use super::super::server::after;
use super::super::timer::Kind;
use super::super::{Cluster, balancer::Balancer, births::Born};
use super::again::Then;
use super::{Place, Request, Stage, Tries, Try};
use crate::balancing::{Choice, Policy, Product, RequestView, Standing};
use crate::observe::{Found, Observer, Unasked, Why};
use crate::recovery::{Mishap, RetryTo};
use crate::units::{ServerId, Time};

/// How an attempt to make a try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is under way, or the request waits in line.
    UnderWay,
    /// It failed at once, on this server if on any.
    Failed(Mishap, Option<ServerId>),
    /// There is no server.
    NoServer,
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A request is born whose tries are looked after.
    #[inline(never)]
    pub(in super::super) fn begin_request(&mut self, born: &Born, tag: u64, balancer: u16) {
        let now = self.now;
        let job = Job { birth: born.at.as_nanos(), demand_or_start: born.demand, tag, client: born.client, note: 0 };
        let key = self.number_in_class(&job).0;
        let all = &mut *self.tries;
        let clients = &mut all.clients[born.class as usize];
        if let Some(throttle) = &mut clients.throttle
            && !throttle.lets(now, &mut clients.stream)
        {
            return self.fail(&job, None, Why::Throttled);
        }
        if let Some(budget) = &mut clients.budget {
            budget.request(now);
        }
        let patience = clients.spec.patience.as_ref().map(|patience| patience.sample(&mut clients.patience.item(key)));
        let request = all.requests.insert(|| Request::new(job, key, balancer), |old| old.renew(job, key, balancer));
        if let Some(patience) = patience {
            all.requests.get_mut(request).patience_ends = after(now, patience.as_nanos());
        }
        self.client_sends(request);
    }

    /// The client of a request sends it, for the first time or again.
    pub(super) fn client_sends(&mut self, request: u32) {
        let now = self.now;
        if self.holds_back(request) {
            return self.request_fails(request, Why::Throttled);
        }
        let met = self.find_balancer(request);
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        one.passes += 1;
        (one.tries, one.retries, one.hedges, one.sent, one.mishap, one.last) = (0, 0, 0, now, None, None);
        one.tried.clear();
        one.stage = Stage::Tried;
        let handler = &mut handlers[one.balancer as usize];
        let total =
            handler.spec.timeouts.total.filter(|_| met == Met::Service).map_or(Time::NEVER, |total| after(now, total.as_nanos()));
        one.due = total.min(one.patience_ends);
        let due = one.due;
        if let Some(budget) = &mut handler.budget {
            budget.request(now);
        }
        let limit = handler.spec.limits.requests.unwrap_or(u32::MAX);
        let limit = handler.adaptive.as_mut().map_or(limit, |adaptive| adaptive.limit(now).min(limit));
        let is_shed = handler.in_flight >= limit;
        handler.in_flight += 1;
        if due != Time::NEVER {
            let stamp = requests.generation(request);
            self.calendar.schedule(Kind::Deadline.at(due, request, stamp));
        }
        let unasked = match met {
            Met::Service => is_shed.then_some(Unasked::Shed),
            Met::Refusal => Some(Unasked::Refused),
            Met::Silence => Some(Unasked::Silent),
        };
        if unasked.is_some() {
            let view = self.view_of(request);
            self.about_to_try(request, &view, unasked);
        }
        match met {
            Met::Service if is_shed => self.pass_fails(request, Why::Shed),
            Met::Service => self.try_on(request, None),
            Met::Refusal => self.pass_fails(request, Why::ConnectionRefused),
            Met::Silence => {}
        }
    }

    /// Whether the client of a request that it sends again holds it back, because too many fail.
    fn holds_back(&mut self, request: u32) -> bool {
        let now = self.now;
        let Tries { requests, clients, .. } = &mut *self.tries;
        let one = requests.get(request);
        let clients = &mut clients[class_of(one.job.tag) as usize];
        one.passes > 0 && clients.throttle.as_mut().is_some_and(|throttle| !throttle.lets(now, &mut clients.stream))
    }

    /// Makes a try, on `server` if that is given and can be used, and what follows from it if it fails at once: further tries.
    pub(super) fn try_on(&mut self, request: u32, server: Option<ServerId>) {
        let mut server = server;
        loop {
            let (mishap, on) = match self.send_try(request, server) {
                Sent::UnderWay => return,
                Sent::NoServer => return self.pass_fails_or_waits(request, Why::NoServer),
                Sent::Failed(mishap, on) => (mishap, on),
            };
            match self.after_mishap(request, mishap, on) {
                Then::Again(next) => server = next,
                Then::Later => return,
            }
        }
    }

    /// Without a server a request whose other try goes on waits for that.
    fn pass_fails_or_waits(&mut self, request: u32, why: Why) {
        let all = &*self.tries;
        let one = all.requests.get(request);
        if one.open.is_empty() {
            let why = one.mishap.map_or(why, super::answer::why_of);
            self.pass_fails(request, why);
        }
    }

    /// What a balancer sees of a request.
    pub(in super::super) fn view_of(&self, request: u32) -> RequestView {
        self.view(&self.tries.requests.get(request).job)
    }

    /// A try is sent somewhere.
    fn send_try(&mut self, request: u32, server: Option<ServerId>) -> Sent {
        let all = &mut *self.tries;
        let balancer = all.requests.get(request).balancer;
        if let Some(server) = server.filter(|server| !self.is_off(*server) && !self.is_given_up(balancer, *server)) {
            let view = self.view_of(request);
            self.about_to_try(request, &view, Some(Unasked::Again(server)));
            let holder = &self.balancers[balancer as usize];
            let waits = holder.slots.is_some() && holder.standing(server) == Standing::Full;
            return if waits { self.join_line(request, Some(server)) } else { self.start_try(request, server) };
        }
        let view = self.view_of(request);
        if let Some(choice) = self.bound_on_first(request, &view) {
            return match choice {
                Choice::Server(server) => self.start_try(request, server),
                Choice::WaitFor(server) => self.join_line(request, Some(server)),
                Choice::Hold | Choice::Nobody => Sent::NoServer,
            };
        }
        if self.balancers[balancer as usize].has_line() {
            self.about_to_try(request, &view, None);
            self.balancers[balancer as usize].unasked(&view);
            return self.join_line(request, None);
        }
        match self.choose_for(request, &view) {
            Choice::Server(server) => self.start_try(request, server),
            Choice::Hold => self.join_hold(request),
            Choice::WaitFor(server) => self.join_line(request, Some(server)),
            Choice::Nobody => self.join_line(request, None),
        }
    }

    /// Whether `balancer` has found out that a server is down to which it would send a request once more, and need not: HAProxy with
    /// `option redispatch` (measured: a second after the first attempt, not on the last retry).
    fn is_given_up(&self, balancer: u16, server: ServerId) -> bool {
        let holder = &self.balancers[balancer as usize];
        let retries = self.tries.handlers[balancer as usize].spec.retries.as_ref();
        holder.product == Some(Product::HAProxy)
            && retries.is_some_and(|retries| matches!(retries.to, RetryTo::Redispatch { .. }))
            && holder.standing(server) == Standing::Out
    }

    /// Where the first try of a request goes because its user is bound to a server: further ones go where the algorithm says (HAProxy's redispatch;
    /// Envoy, `Router::Filter::upstreamOverrideHost`).
    fn bound_on_first(&mut self, request: u32, view: &RequestView) -> Option<Choice> {
        let one = self.tries.requests.get_mut(request);
        one.is_bound = false;
        if one.tries > 0 {
            return None;
        }
        let (balancer, job) = (one.balancer, one.job);
        let choice = self.bound(balancer, &job, view)?;
        self.tries.requests.get_mut(request).is_bound = true;
        self.about_to_try(request, view, Some(Unasked::Bound(choice_of(choice))));
        Some(choice)
    }

    /// The algorithm is asked: on the level of priority that is to be used, without the servers that are to be passed over.
    pub(in super::super) fn choose_for(&mut self, request: u32, view: &RequestView) -> Choice {
        self.about_to_try(request, view, None);
        let avoided = self.avoided(request).to_vec();
        let one = self.tries.requests.get(request);
        let retries = self.tries.handlers[one.balancer as usize].spec.retries.as_ref();
        let excluded = self.tries.excluded(request);
        let balancer = &mut self.balancers[one.balancer as usize];
        match balancer.product {
            Some(Product::Envoy) => {
                let level = balancer.level_by_share();
                let choice = choose_from(balancer, level, view, excluded);
                // Another choice if it has been there, and that holds whichever it is (`host_selection_retry_max_attempts`: 1).
                let wants_another = retries.is_some_and(|retries| retries.to == RetryTo::Another) && !one.is_hedging;
                let again = wants_another && matches!(choice, Choice::Server(server) if one.tried.contains(&server));
                if again { choose_from(balancer, level, view, &[]) } else { choice }
            }
            // Servers without room leave the request to the next level (`ngx_http_upstream_get_round_robin_peer`).
            Some(Product::Nginx) => choose_from(balancer, 0, view, excluded),
            _ if !avoided.is_empty() => balancer.choose_on(balancer.level_in_use(&[]), view, &avoided),
            _ => balancer.choose_on(balancer.level_in_use(excluded), view, excluded),
        }
    }

    /// The server of the try before, which a retry elsewhere avoids if there is another with room (HAProxy, `srvtoavoid` in its algorithms).
    pub(in super::super) fn avoided(&self, request: u32) -> &[ServerId] {
        let one = self.tries.requests.get(request);
        let retries = self.tries.handlers[one.balancer as usize].spec.retries.as_ref();
        let is_elsewhere = retries.is_some_and(|retries| matches!(retries.to, RetryTo::Redispatch { .. }));
        let balancer = &self.balancers[one.balancer as usize];
        let avoids = is_elsewhere && one.retries > 0 && !one.is_hedging;
        if avoids && balancer.eligible_on(balancer.level_in_use(&[])) > 1 { one.last.as_slice() } else { &[] }
    }

    /// A try begins on `server`: it may fail at once.
    pub(super) fn start_try(&mut self, request: u32, server: ServerId) -> Sent {
        let now = self.now;
        let record = &self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        let is_full = record.present >= pool.capacity;
        let (refuses, unreachable) = self.outages.as_deref().map_or((false, None), |outages| {
            let condition = &outages.conditions[server.index()];
            (condition.down.is_some_and(|down| down.refuses), condition.unreachable)
        });
        let view = self.view_of(request);
        let keys = if pool.remembers { self.keys(&self.tries.requests.get(request).job) } else { Keys::default() };
        let Tries { requests, tries, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        one.tries += 1;
        one.all_tries += 1;
        one.last = Some(server);
        if !one.tried.contains(&server) {
            one.tried.push(server);
        }
        let (balancer, job, key, ordinal) = (one.balancer, one.job, one.key, one.all_tries);
        let mishap = match unreachable {
            Some(true) => Some(Mishap::Refused),
            Some(false) => None,
            None if refuses => Some(Mishap::Refused),
            None => is_full.then_some(Mishap::Full),
        };
        if let Some(mishap) = mishap {
            self.tell_sent(balancer, server, &view);
            self.tell_tried(balancer, server, now, self.counts(balancer, mishap));
            return Sent::Failed(mishap, Some(server));
        }
        let is_there = unreachable.is_none();
        let handler = &handlers[balancer as usize];
        let timeouts = &handler.spec.timeouts;
        // Without a limit of its own, an attempt to connect may take as long as an answer.
        let patience = if is_there { timeouts.response } else { timeouts.connect.or(timeouts.response) };
        let due = patience.map_or(Time::NEVER, |patience| after(now, patience.as_nanos()));
        let place = if is_there { Place::AtServer } else { Place::Connecting };
        let (fails, is_wrong, service_ns, found) = (false, false, None, Found::NotAsked);
        let fresh =
            || Try { request, server, balancer, key, ordinal, sent: now, due, place, fails, is_wrong, service_ns, keys, found };
        let number = tries.insert(fresh, |old| *old = fresh());
        let one = requests.get_mut(request);
        one.open.push(number);
        one.stage = Stage::Tried;
        if due != Time::NEVER {
            let stamp = tries.generation(number);
            self.calendar.schedule(Kind::TryDue.at(due, number, stamp));
        }
        if let Some(hedge) = handler.spec.hedge.filter(|hedge| one.hedges < hedge.most) {
            one.hedge_due = after(now, hedge.after.as_nanos());
            let stamp = requests.generation(request);
            let hedge_due = requests.get(request).hedge_due;
            self.calendar.schedule(Kind::Hedge.at(hedge_due, request, stamp));
        }
        self.tell_sent(balancer, server, &view);
        self.slot_taken(balancer, server);
        if is_there {
            self.note_sent(balancer, &view, server);
        }
        if is_there {
            self.servers[server.index()].present += 1;
            self.accept(server, &Job { birth: now.as_nanos(), client: number, ..job });
            self.try_arrived(server);
        }
        Sent::UnderWay
    }

    /// A try takes one of the balancer's connections to `server`.
    fn slot_taken(&mut self, balancer: u16, server: ServerId) {
        let filled = self.balancers[balancer as usize].slots.as_mut().is_some_and(|slots| slots.take(server));
        if filled {
            self.update_eligibility(server);
        }
    }

    /// A try has come to a server, which may be full now, or crash.
    fn try_arrived(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        if pool.is_watched && record.present == pool.capacity {
            self.update_eligibility(server);
        }
        self.load_grown(server);
    }

    /// There is no server with room: the request waits in the balancer's line, if it may.
    fn join_line(&mut self, request: u32, server: Option<ServerId>) -> Sent {
        let now = self.now;
        let balancer = self.tries.requests.get(request).balancer as usize;
        let holder = &mut self.balancers[balancer];
        let may_wait = holder.may_wait(self.tries.excluded(request));
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let Some(slots) = holder.slots.as_mut().filter(|_| may_wait) else { return Sent::NoServer };
        let place = self.arena.insert(Job { client: request, birth: now.as_nanos(), ..one.job });
        slots.wait(&mut self.arena, place, server);
        one.stage = Stage::InLine(place, server);
        handlers[balancer].in_line += 1;
        self.set_queue_timer(request);
        Sent::UnderWay
    }

    /// The algorithm holds the request.
    fn join_hold(&mut self, request: u32) -> Sent {
        let now = self.now;
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let balancer = one.balancer as usize;
        let holder = &mut self.balancers[balancer];
        if holder.held >= holder.queue_capacity {
            return Sent::Failed(Mishap::Full, None);
        }
        let place = self.arena.insert(Job { client: request, birth: now.as_nanos(), ..one.job });
        self.arena.append(&mut holder.queue, place);
        holder.held += 1;
        self.held += 1;
        one.stage = Stage::InLine(place, None);
        handlers[balancer].in_line += 1;
        self.set_queue_timer(request);
        Sent::UnderWay
    }

    fn set_queue_timer(&mut self, request: u32) {
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let queue = handlers[requests.get(request).balancer as usize].spec.timeouts.queue;
        if let Some(queue) = queue {
            let due = after(self.now, queue.as_nanos());
            self.calendar.schedule(Kind::Wakes.at(due, request, requests.generation(request)));
            requests.get_mut(request).wakes_at = due;
        }
    }

    /// A request leaves its balancer's line for `server`, or is dropped because it waited too long.
    pub(in super::super) fn leaves_line(&mut self, request: u32, server: ServerId, since: Time) {
        let now = self.now;
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let handler = &mut handlers[one.balancer as usize];
        handler.in_line -= 1;
        one.stage = Stage::Tried;
        let waited = now.since(since);
        if handler.shed.as_mut().is_some_and(|shed| shed.drops(now, waited)) {
            return self.pass_fails(request, Why::Shed);
        }
        match self.start_try(request, server) {
            Sent::Failed(mishap, on) => {
                if let Then::Again(next) = self.after_mishap(request, mishap, on) {
                    self.try_on(request, next);
                }
            }
            Sent::UnderWay | Sent::NoServer => {}
        }
    }

    /// A request in line chooses again: the server that it waited for is gone.
    pub(in super::super) fn chooses_again(&mut self, request: u32) {
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        handlers[one.balancer as usize].in_line -= 1;
        one.stage = Stage::Tried;
        self.try_on(request, None);
    }

    /// The number of the request that a job in a balancer's line stands for, if its tries are looked after.
    pub(in super::super) fn request_in_line(&self, job: &Job) -> Option<u32> {
        let is_tried = P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried;
        (is_tried && job.client != NONE).then_some(job.client)
    }

    /// `server` can be reached again: what hangs gets through, in the order in which the tries were made: attempts to connect, answers, and
    /// that tries were cut off.
    pub(in super::super) fn reaches_again(&mut self, server: ServerId) {
        let all = &*self.tries;
        let hangs = |number: &u32| {
            let one = all.tries.get(*number);
            one.server == server && one.place != Place::AtServer && one.request != NONE
        };
        let mut waiting: Vec<u32> = all.tries.places().into_iter().filter(hangs).collect();
        waiting.sort_unstable_by_key(|number| (all.tries.get(*number).sent, *number));
        for number in waiting {
            let one = self.tries.tries.get(number);
            // What happened to those before may have ended this one.
            if one.request == NONE || one.server != server {
                continue;
            }
            match one.place {
                Place::AtServer => {}
                Place::Connecting => self.connects(server, number),
                Place::AnswerHeld { start, .. } => self.try_answered(server, number, start),
                Place::CutUnheard { start } => self.cut_heard(server, number, start),
            }
        }
    }

    /// A try has got through: its time for an answer begins.
    fn answer_awaited(&mut self, number: u32) {
        let now = self.now;
        let Tries { tries, handlers, .. } = &mut *self.tries;
        let stamp = tries.generation(number);
        let one = tries.get_mut(number);
        let response = handlers[one.balancer as usize].spec.timeouts.response;
        let due = response.map_or(Time::NEVER, |response| after(now, response.as_nanos()));
        if std::mem::replace(&mut one.due, due) != Time::NEVER {
            self.void();
        }
        if due != Time::NEVER {
            self.calendar.schedule(Kind::TryDue.at(due, number, stamp));
        }
    }

    /// An attempt to connect gets through.
    fn connects(&mut self, server: ServerId, number: u32) {
        let one = self.tries.tries.get_mut(number);
        let request = one.request;
        let record = &self.servers[server.index()];
        let refuses = self.outages.as_deref().is_some_and(|outages| outages.refuses(server));
        if refuses || record.present >= self.pools[record.pool()].capacity {
            let mishap = if refuses { Mishap::Refused } else { Mishap::Full };
            let balancer = self.tries.tries.get(number).balancer;
            self.try_over(request, number, self.counts(balancer, mishap));
            return self.failed_try(request, mishap, Some(server), server);
        }
        one.place = Place::AtServer;
        self.answer_awaited(number);
        let job = self.tries.requests.get(request).job;
        self.servers[server.index()].present += 1;
        let balancer = self.tries.tries.get(number).balancer;
        let view = self.view_of(request);
        self.note_sent(balancer, &view, server);
        self.accept(server, &Job { birth: self.now.as_nanos(), client: number, ..job });
        self.try_arrived(server);
    }
}

/// The server that a choice names.
pub const fn choice_of(choice: Choice) -> Option<ServerId> {
    match choice {
        Choice::Server(server) | Choice::WaitFor(server) => Some(server),
        Choice::Hold | Choice::Nobody => None,
    }
}

/// Chooses on a level or, where nobody can be chosen there, on the next.
fn choose_from<P: Policy>(balancer: &mut Balancer<P>, first: usize, view: &RequestView, excluded: &[ServerId]) -> Choice {
    let levels = balancer.number_of_levels();
    let choices = (first..levels).chain(0..first).map(|level| balancer.choose_on(level, view, excluded));
    choices.into_iter().find(|choice| *choice != Choice::Nobody).unwrap_or(Choice::Nobody)
}
