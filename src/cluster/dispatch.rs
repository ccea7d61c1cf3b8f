//! From birth to a server: the balancer chooses, holds or turns away; rotation and room decide who is eligible.

use super::arena::{Job, class_of, number_of, tag};
use super::balancer::Balancer;
use super::births::Born;
use super::server::after;
use super::{Class, Cluster};
use crate::balancing::{Answer, Choice, Policy, RequestView, Standing, Told};
use crate::engine::{Event, EventClass};
use crate::health::Knowledge;
use crate::model::{Items, WhenFull};
use crate::observe::{Failed, Observer, Why};
use crate::random::{Role, Stream};
use crate::units::{Address, ClassId, ServerId, Span, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A request is born.
    #[inline(always)]
    pub(super) fn arrive(&mut self, born: Born) {
        let tag = tag(self.born, born.class);
        let Class { balancer, is_plain, is_tried, .. } = self.classes[born.class as usize];
        self.born += 1;
        if P::LOOKS_AFTER_TRIES && is_tried {
            return self.begin_request(&born, tag, balancer);
        }
        let job = Job { birth: born.at.as_nanos(), demand_or_start: born.demand, tag, client: born.client, note: 0 };
        if !is_plain {
            return self.send(balancer, &job);
        }
        let view = self.plain_view(&job);
        self.decide(balancer, &job, &view);
    }

    /// A request of any kind is sent where its balancer says.
    #[inline(never)]
    pub(super) fn send(&mut self, balancer: u16, job: &Job) {
        let view = self.view(job);
        if let Some(choice) = self.bound(balancer, job, &view) {
            return self.send_bound(balancer, job, &view, choice);
        }
        if self.balancers[balancer as usize].has_line() {
            // All servers are full, and who comes joins the line: HAProxy asks no algorithm then.
            self.about_to_decide(balancer, job, &view);
            self.balancers[balancer as usize].unasked(&view);
            return self.wait_or_refuse(balancer, *job, Choice::Nobody);
        }
        self.decide(balancer, job, &view);
    }

    /// A request whose user is bound to a server is sent there, and no algorithm is asked.
    fn send_bound(&mut self, balancer: u16, job: &Job, view: &RequestView, choice: Choice) {
        self.about_to_go_back(balancer, job, view, choice);
        match choice {
            Choice::Server(server) => self.deliver(balancer, server, job, view),
            choice => self.wait_or_refuse(balancer, *job, choice),
        }
    }

    #[inline(always)]
    fn decide(&mut self, balancer: u16, job: &Job, view: &RequestView) {
        self.about_to_decide(balancer, job, view);
        match self.balancers[balancer as usize].choose(view) {
            Choice::Server(server) => self.deliver(balancer, server, job, view),
            Choice::Hold => self.hold(balancer, *job),
            choice => self.wait_or_refuse(balancer, *job, choice),
        }
    }

    /// What a balancer may see of a request.
    #[inline(always)]
    pub(super) fn view(&self, job: &Job) -> RequestView {
        let mut view = self.plain_view(job);
        let class = class_of(job.tag);
        let mut client = job.client;
        if let Some(visits) = self.visits.as_ref().filter(|_| self.classes[class as usize].is_visiting) {
            let who = visits.identity(job.client);
            client = who.number;
            (view.session, view.address) = (who.session, address_of(class, client));
        }
        if let Some(addresses) = &self.addresses[class as usize] {
            let mut stream = Stream::keyed(self.seed, self.replication, Role::Addresses, class.into(), client.into());
            view.address = address_of(class, addresses.sample(&mut stream));
        }
        if let Some(items) =
            self.items[class as usize].as_ref().filter(|_| self.shows_items || self.observer.wants_situations(self.now))
        {
            view.item = self.item(items, job).number();
        }
        view
    }

    /// The same of a request that asks for nothing in particular.
    #[inline(always)]
    fn plain_view(&self, job: &Job) -> RequestView {
        let class = class_of(job.tag);
        RequestView {
            now: self.now,
            demand: Span::from_nanos(job.demand_or_start),
            address: address_of(class, job.client),
            session: u64::from(class) << 32 | u64::from(job.client),
            item: 0,
        }
    }

    /// What a request asks for: whenever it is looked up, and under every strategy, the same.
    #[inline(never)]
    pub(super) fn item(&self, items: &Items, job: &Job) -> Item {
        let class = class_of(job.tag);
        let (number, is_closed) = self.number_in_class(job);
        let role = if is_closed { Role::UserItems } else { Role::Items };
        let mut stream = Stream::keyed(self.seed, self.replication, role, u32::from(class), number);
        let rank = items.popularity.sample(&mut stream);
        Item { rank, generation: items.generation(rank, Time::from_nanos(job.birth)) }
    }

    /// What tells a request from the others of its class under every strategy, and whether it is of a closed user: of who
    /// has a client among others, the instant of its birth.
    pub(super) fn number_in_class(&self, job: &Job) -> (u64, bool) {
        let Class { is_closed, is_anonymous, .. } = self.classes[class_of(job.tag) as usize];
        match (is_closed, is_anonymous) {
            (true, _) => (self.request_key(job), true),
            (false, true) => (u64::from(job.client), false),
            (false, false) => (job.birth, false),
        }
    }

    /// What tells the request of a user who waits for its answer from all others of its class.
    fn request_key(&self, job: &Job) -> u64 {
        match &self.visits {
            Some(visits) if self.classes[class_of(job.tag) as usize].is_visiting => visits.request_key(job.client),
            _ => self.users.request_key(job.client),
        }
    }

    /// A request reaches the server it was sent to.
    #[inline(always)]
    pub(super) fn deliver(&mut self, balancer: u16, server: ServerId, job: &Job, view: &RequestView) {
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        if record.present >= pool.capacity
            || pool.can_fail && self.outages.as_deref().is_some_and(|outages| outages.refuses(server))
        {
            return self.turn_away(server, job);
        }
        record.present += 1;
        let is_watched = pool.is_watched;
        let can_fail = pool.can_fail;
        self.tell_sent(balancer, server, view);
        if !self.classes[class_of(job.tag) as usize].is_plain {
            self.note_sent(balancer, view, server);
        }
        self.accept(server, job);
        if is_watched {
            self.room_taken(balancer, server);
        }
        if can_fail {
            self.load_grown(server);
        }
    }

    /// A server that can fail has one request more: its lifetime may begin to count, it may be too much.
    pub(super) fn load_grown(&mut self, server: ServerId) {
        let pool = &self.pools[self.servers[server.index()].pool()];
        let crashes = pool.overload.is_some();
        if pool.is_heeded {
            self.serving_changed(server);
        }
        if crashes {
            self.check_overload(server);
        }
    }

    /// A server takes no request: it is down, or full.
    #[cold]
    fn turn_away(&mut self, server: ServerId, job: &Job) {
        let is_down = self.refuses(server);
        self.fail(job, None, if is_down { Why::ConnectionRefused } else { Why::Full });
    }

    /// A request waits in the balancer.
    #[inline(never)]
    fn hold(&mut self, balancer: u16, job: Job) {
        let holder = &mut self.balancers[balancer as usize];
        if holder.held >= holder.queue_capacity {
            return self.fail(&job, None, Why::Full);
        }
        let place = self.arena.insert(job);
        self.arena.append(&mut holder.queue, place);
        holder.held += 1;
        self.held += 1;
    }

    /// Sends held requests on, as long as there is a server for one. Of the balancers that hold requests, the one whose
    /// first request was born first comes first.
    #[inline(never)]
    pub(super) fn feed_all(&mut self) {
        let mut from = 0;
        while let Some((number, balancer)) = self.first_held(from) {
            // Where there is no server for it, there may be one for the first of another balancer.
            from = if self.feed(balancer) { 0 } else { number + 1 };
        }
    }

    /// The balancer whose first held request has the smallest number that is at least `from`, and that number.
    fn first_held(&self, from: u64) -> Option<(u64, u16)> {
        let first = |(index, balancer): (usize, &Balancer<P>)| {
            let place = balancer.queue.first()?;
            Some((number_of(self.arena.get(place).tag), index as u16)).filter(|(number, _)| *number >= from)
        };
        self.balancers.iter().enumerate().filter_map(first).min()
    }

    /// Sends the first request that `balancer` holds on, if there is a server for it.
    fn feed(&mut self, balancer: u16) -> bool {
        let Some(place) = self.balancers[balancer as usize].queue.first() else { return false };
        let request = self.request_in_line(self.arena.get(place));
        let view = request.map_or_else(|| self.view(self.arena.get(place)), |request| self.view_of(request));
        let choice = match request {
            Some(request) => self.choose_for(request, &view),
            None => {
                let job = *self.arena.get(place);
                self.about_to_decide(balancer, &job, &view);
                self.balancers[balancer as usize].choose(&view)
            }
        };
        let Choice::Server(server) = choice else { return false };
        let holder = &mut self.balancers[balancer as usize];
        self.arena.unchain_first(&mut holder.queue);
        holder.held -= 1;
        self.held -= 1;
        let job = self.arena.take(place);
        match request {
            Some(request) => self.leaves_line(request, server, Time::from_nanos(job.birth)),
            None => self.deliver(balancer, server, &job, &view),
        }
        true
    }

    /// A request, which made one try at most, ends without an answer; `start` says when its service began, if it did.
    #[cold]
    pub(super) fn fail(&mut self, job: &Job, start: Option<Time>, why: Why) {
        let class = class_of(job.tag);
        self.observer.failed(&Failed {
            number: number_of(job.tag),
            class: ClassId(class),
            birth: Time::from_nanos(job.birth),
            start,
            end: self.now,
            tries: u32::from(matches!(why, Why::Lost | Why::ConnectionRefused) || start.is_some()),
            why,
        });
        self.user_without_answer(job);
    }

    /// What follows for a user whose request has ended without an answer.
    pub(super) fn user_without_answer(&mut self, job: &Job) {
        let class = class_of(job.tag);
        if let Some(visits) = self.visits.as_mut().filter(|_| self.classes[class as usize].is_visiting) {
            visits.failed(job.client);
        }
        self.user_goes_on(class, job.client);
    }

    /// A request has been answered by `server`: its client may remember that, and its user thinks about the next.
    #[inline(never)]
    pub(super) fn user_has_answer(&mut self, balancer: u16, job: &Job, server: ServerId) {
        self.note_answered(balancer, job, server);
        self.user_goes_on(class_of(job.tag), job.client);
    }

    /// A user whose request is over thinks about the next, or leaves.
    fn user_goes_on(&mut self, class: u8, client: u32) {
        let class = &self.classes[class as usize];
        if class.is_visiting {
            self.visitor_goes_on(client);
        } else if class.is_closed {
            self.user_thinks(client);
        }
    }

    /// A closed user thinks about its next request.
    #[inline(never)]
    pub(super) fn user_thinks(&mut self, user: u32) {
        let back = after(self.now, self.users.think(user));
        self.calendar.schedule(Event::new(back, EventClass::Arrival, self.births.lanes() as u32 + user, 0));
    }

    #[inline(always)]
    pub(super) fn tell_sent(&mut self, sender: u16, server: ServerId, view: &RequestView) {
        if let [balancer] = &mut self.balancers[..] {
            return balancer.sent(server, view);
        }
        self.tell_all_sent(sender, server, view);
    }

    #[inline(never)]
    fn tell_all_sent(&mut self, sender: u16, server: ServerId, view: &RequestView) {
        for (index, balancer) in self.balancers.iter_mut().enumerate() {
            if hears(balancer.told, index == sender as usize) {
                balancer.sent(server, view);
            }
        }
    }

    #[inline(always)]
    pub(super) fn tell_ended(&mut self, sender: u16, server: ServerId, birth: u64) {
        let answer = Answer { now: self.now, since: Time::from_nanos(birth), failed: false };
        self.tell_answer(sender, server, &answer);
    }

    #[inline(always)]
    pub(super) fn tell_answer(&mut self, sender: u16, server: ServerId, answer: &Answer) {
        if let [balancer] = &mut self.balancers[..] {
            return balancer.ended(server, answer);
        }
        self.tell_all_ended(sender, server, answer);
    }

    #[inline(never)]
    fn tell_all_ended(&mut self, sender: u16, server: ServerId, answer: &Answer) {
        for (index, balancer) in self.balancers.iter_mut().enumerate() {
            if hears(balancer.told, index == sender as usize) {
                balancer.ended(server, answer);
            }
        }
    }

    /// Whether `server` is up in truth.
    pub(super) fn is_up(&self, server: ServerId) -> bool {
        self.outages.as_deref().is_none_or(|outages| outages.is_up(server))
    }

    /// Whether connections to `server` are refused because it is down.
    pub(super) fn refuses(&self, server: ServerId) -> bool {
        self.outages.as_deref().is_some_and(|outages| outages.refuses(server))
    }

    /// Whether `server` does not exist at present, or is switched off.
    pub(super) fn is_off(&self, server: ServerId) -> bool {
        self.outages.as_deref().is_some_and(|outages| outages.is_off(server))
    }

    /// Whether `server` is not among those to be used, up or not: out of rotation, a spare, not provisioned.
    fn is_away(&self, server: ServerId) -> bool {
        !self.in_rotation[server.index()] || self.outages.as_deref().is_some_and(|outages| outages.is_unlisted(server))
    }

    /// `server` has come to those that are to be used or left them, or those that know the truth are to hear that it is up or down: for
    /// the balancers' choices that may change the standing of others as well.
    #[inline(never)]
    pub(super) fn update_membership(&mut self, server: ServerId) {
        let (is_away, is_up) = (self.is_away(server), self.is_up(server));
        let pool = self.servers[server.index()].pool();
        for index in 0..self.balancers.len() {
            let balancer = &mut self.balancers[index];
            let is_known_down = balancer.knowledge == Knowledge::Perfect && !is_up;
            let sends = balancer.sends_to(pool);
            let Some(watch) = balancer.watch.as_mut().filter(|_| sends) else { continue };
            if watch.is_told(server, is_away, is_known_down) {
                self.publish(index);
            }
        }
        self.update_eligibility(server);
    }

    /// Works out anew for which balancers `server` is eligible.
    #[inline(never)]
    pub(super) fn update_eligibility(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        let is_up = self.is_up(server);
        let in_rotation = !self.is_away(server);
        for balancer in self.balancers.iter_mut().filter(|balancer| balancer.sends_to(record.pool())) {
            let may_use = match &balancer.watch {
                Some(watch) => watch.may_use(server),
                None => balancer.knowledge == Knowledge::Nothing || is_up,
            };
            let has_room = balancer.when_full == WhenFull::Reject || record.present < pool.capacity;
            let standing = match (in_rotation && may_use, has_room && balancer.has_slot(server)) {
                (false, _) => Standing::Out,
                (true, false) => Standing::Full,
                (true, true) => Standing::Eligible,
            };
            balancer.stand(server, standing);
        }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// How popular it is.
    rank: u32,
    /// How many items have had this rank before.
    generation: u32,
}

impl Item {
    /// A number that caches know it by.
    pub const fn key(self) -> u64 {
        (self.generation as u64) << 32 | self.rank as u64
    }

    /// A number that balancers know it by: the rank, of items that live for ever.
    const fn number(self) -> u32 {
        // The golden ratio in 32 bits spreads the generations.
        self.rank ^ self.generation.wrapping_mul(0x9E37_79B9)
    }
}

/// The address of a client, a permutation of its number: clients are spread over the whole space, whatever their number,
/// and those of one class differ.
#[inline]
fn address_of(class: u8, client: u32) -> Address {
    // The finalizer of MurmurHash3 (Appleby 2011).
    let mut ip = client ^ u32::from(class) << 24;
    ip = (ip ^ ip >> 16).wrapping_mul(0x85EB_CA6B);
    ip = (ip ^ ip >> 13).wrapping_mul(0xC2B2_AE35);
    Address { ip: ip ^ ip >> 16, port: 0 }
}

/// Whether an algorithm that is told of `told` hears of a request, given whether its own balancer sent it.
const fn hears(told: Told, own: bool) -> bool {
    match told {
        Told::Nobody => false,
        Told::Own => own,
        Told::Everyone => true,
    }
}
