//! Requests at servers with caches: what they find, and how they load what they miss.

use super::Cluster;
use super::arena::{DEAD, Job, class_of};
use super::memory::{Keys, Kind, Loading, Waiter, within};
use super::server::{BackEndCall, Pool};
use crate::balancing::Policy;
use crate::model::{CacheSpec, Cached};
use crate::observe::{Found, Observer, Why};
use crate::random::{Role, Stream};
use crate::units::{ServerId, Time};

/// What a job has found and has still to load. In its note: a bit for each kind of cache that missed, one for each for which a back end is still
/// to be called, one for each that is in a back end to be called first, whether the call is still to be made that each request of the pool makes, and what is being loaded.
const CALLS: u32 = 4;
const LOOKUPS: u32 = 8;
const OWN_CALL: u32 = 1 << 16;
const LOOKED: u32 = 1 << 17;
/// Its call has failed while its server stood still, and it has not heard of that.
const FAILED: u32 = 1 << 18;
const UNDER_WAY: u32 = 24;
const KINDS: u32 = 0xF;
const _: () = assert!(CacheSpec::MOST <= CALLS as usize, "a bit for each kind");

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Each request of the pool makes it.
    Own,
    /// To look into the caches of this kind, which are in a back end.
    LookUp(usize),
    /// To load what was missed in the caches of this kind.
    Load(usize),
}

/// What a job with that note has found.
pub const fn found(note: u32) -> Found {
    match (note & LOOKED != 0, note & KINDS) {
        (false, _) => Found::NotAsked,
        (true, 0) => Found::All,
        (true, _) => Found::NotAll,
    }
}

/// Spreads the draws of the kinds of caches of one request over all keys (the golden ratio in 64 bits).
const fn apart(number: u64, kind: usize) -> u64 {
    number ^ (kind as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// What the request of a job at a server looks for.
    fn keys_of_job(&self, job: &Job) -> Keys {
        if P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried {
            return self.tries.tries.get(job.client).keys;
        }
        self.keys(job)
    }

    /// What a request looks for, of a job that stands for it.
    pub(super) fn keys(&self, job: &Job) -> Keys {
        let class = class_of(job.tag);
        let item = self.items[class as usize].as_ref().map_or(0, |items| self.item(items, job).key());
        let (session, user) = self.keys_of_client(job);
        Keys { session, user, item }
    }

    /// The session and the user of a request.
    pub(super) fn keys_of_client(&self, job: &Job) -> (u64, u64) {
        let class = class_of(job.tag);
        let Some(visits) = self.visits.as_ref().filter(|_| self.classes[class as usize].is_visiting) else {
            let client = u64::from(class) << 32 | u64::from(job.client);
            return (client, client);
        };
        let who = visits.identity(job.client);
        (who.session, who.user)
    }

    /// Service of a job begins at a server with caches: what it takes with what must be loaded there. Its calls are noted.
    #[inline(never)]
    pub(super) fn look_up(&mut self, server: ServerId, place: u32, service: u64) -> u64 {
        let now = self.now;
        let pool = self.servers[server.index()].pool();
        let job = *self.arena.get(place);
        let keys = self.keys_of_job(&job);
        let within = within(&self.pools[pool], server);
        let is_replicated = self.memory.as_ref().is_some_and(|memory| memory.is_replicated(pool));
        let others = if is_replicated { self.up_in(pool) } else { Vec::new() };
        let refused = self.refused_stores(pool);
        let Some(memory) = &mut self.memory else { return service };
        let missed = memory.look_up((pool, within), &keys, refused, &others, now);
        let has_to_call = self.pools[pool].calls;
        if missed != 0 || has_to_call {
            memory.set_keys(place, keys);
        }
        self.state_missed(pool, &job, missed);
        self.copy_found(server, &keys, !missed & !refused);
        let mut note = LOOKED | missed;
        let mut demand = 0;
        if missed != 0 {
            let (number, is_closed) = self.number_of_job(&job);
            let role = if is_closed { Role::UserMissDemand } else { Role::MissDemand };
            for (index, kind) in self.memory.iter().flat_map(|memory| memory.kinds(pool)).enumerate() {
                if missed >> index & 1 == 0 {
                    continue;
                }
                if let Some(miss) = &kind.spec.miss {
                    let class = class_of(job.tag).into();
                    let mut stream = Stream::keyed(self.seed, self.replication, role, class, apart(number, index));
                    demand += miss.sample(&mut stream).as_nanos();
                }
                note |= u32::from(kind.call.is_some()) << (CALLS + index as u32);
            }
        }
        if has_to_call {
            for (index, kind) in self.memory.iter().flat_map(|memory| memory.kinds(pool)).enumerate() {
                note |= u32::from(kind.lookup.is_some()) << (LOOKUPS + index as u32);
            }
        }
        self.arena.get_mut(place).note = note;
        if P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried {
            self.tries.tries.get_mut(job.client).found = found(note);
        }
        if demand == 0 { service } else { service + self.pools[pool].service_time(demand) }
    }

    /// A bit for each kind of cache of a pool that is in a back end which refuses connections.
    fn refused_stores(&self, pool: usize) -> u32 {
        let Some(outages) = self.outages.as_deref() else { return 0 };
        let kinds = self.memory.iter().flat_map(|memory| memory.kinds(pool)).enumerate();
        let refuses = |kind: &Kind| kind.lookup.as_ref().is_some_and(|lookup| outages.refuses(lookup.to));
        kinds.fold(0, |bits, (index, kind)| bits | u32::from(refuses(kind)) << index)
    }

    /// The servers of a pool that are up, by their numbers in it.
    fn up_in(&self, pool: usize) -> Vec<u32> {
        let servers = self.pools[pool].servers.clone();
        let start = servers.start;
        servers.filter(|server| self.is_up(ServerId(*server))).map(|server| server - start).collect()
    }

    /// A request has missed what `missed` says: sessions whose state was there once have lost it.
    fn state_missed(&mut self, pool: usize, job: &Job, missed: u32) {
        if missed == 0 || !self.classes[class_of(job.tag) as usize].is_visiting {
            return;
        }
        let is_state = |(index, kind): (usize, &Kind)| missed >> index & 1 == 1 && kind.spec.of == Cached::State;
        if !self.memory.iter().flat_map(|memory| memory.kinds(pool)).enumerate().any(is_state) {
            return;
        }
        let place = if P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried {
            let Some(request) = self.tries.request_of(job.client) else { return };
            self.tries.requests.get(request).job.client
        } else {
            job.client
        };
        if let Some(visits) = &mut self.visits {
            visits.lost_state(place);
        }
    }

    /// Other servers of the pool get copies of what `server` has, in those kinds of caches of `kinds` that are replicated.
    fn copy_found(&mut self, server: ServerId, keys: &Keys, kinds: u32) {
        let pool = self.servers[server.index()].pool();
        let number_of_kinds = self.memory.as_ref().map_or(0, |memory| memory.kinds(pool).len());
        for number in (0..number_of_kinds).filter(|number| kinds >> number & 1 == 1) {
            let replicas = self.memory.as_ref().map_or(0, |memory| memory.kinds(pool)[number].spec.replicas);
            if replicas == 0 {
                continue;
            }
            let servers = self.pools[pool].servers.clone();
            let (start, count) = (servers.start, servers.end - servers.start);
            let after = (1..count).map(|step| ServerId(start + (server.0 - start + step) % count));
            let peers: Vec<u32> =
                after.filter(|peer| self.is_up(*peer)).take(replicas as usize).map(|peer| peer.0 - start).collect();
            let now = self.now;
            if let Some(memory) = &mut self.memory {
                memory.copy(pool, number, keys, peers.into_iter(), now);
            }
        }
    }

    /// The own service of a job at a server that may call back ends is over: whether it calls one now, or waits for what another one loads.
    pub(super) fn serves_on(&mut self, server: ServerId, place: u32) -> bool {
        let pool = self.servers[server.index()].pool();
        if self.pools[pool].call.is_some() {
            self.arena.get_mut(place).note |= OWN_CALL;
        }
        self.keep_without_call(server, place);
        self.calls_next(server, place)
    }

    /// What a job has loaded by its own service is kept.
    pub(super) fn keep_without_call(&mut self, server: ServerId, place: u32) {
        let job = self.arena.get(place);
        let missed = job.note & KINDS & !(job.note >> CALLS);
        if missed == 0 {
            return;
        }
        let (pool, now) = (self.servers[server.index()].pool(), self.now);
        let missed = missed & !self.refused_stores(pool);
        let within = within(&self.pools[pool], server);
        let Some(memory) = &mut self.memory else { return };
        let keys = memory.keys(place);
        for number in (0..CALLS as usize).filter(|number| missed >> number & 1 == 1) {
            memory.loaded((pool, within), number, &keys, now);
        }
        self.copy_found(server, &keys, missed);
    }

    /// A job makes its next call, if it has one to make, or waits for what another one loads.
    fn calls_next(&mut self, server: ServerId, place: u32) -> bool {
        let now = self.now;
        let pool = self.servers[server.index()].pool();
        loop {
            let job = self.arena.get_mut(place);
            if job.note & OWN_CALL != 0 {
                job.note &= !OWN_CALL;
                self.call_back_end(server, place, Purpose::Own);
                return true;
            }
            let lookups = job.note >> LOOKUPS & KINDS;
            if lookups != 0 {
                let number = lookups.trailing_zeros();
                job.note &= !(1 << (LOOKUPS + number));
                self.call_back_end(server, place, Purpose::LookUp(number as usize));
                return true;
            }
            let pending = job.note >> CALLS & KINDS;
            if pending == 0 {
                return false;
            }
            let number = pending.trailing_zeros();
            job.note &= !(1 << (CALLS + number));
            let within = within(&self.pools[pool], server);
            let Some(memory) = &mut self.memory else { return false };
            let keys = memory.keys(place);
            match memory.begin_loading((pool, within), number as usize, &keys, (server, place), now) {
                Loading::IsThere => {}
                Loading::Joined => return true,
                Loading::Begins => {
                    self.arena.get_mut(place).note |= (number + 1) << UNDER_WAY;
                    self.call_back_end(server, place, Purpose::Load(number as usize));
                    return true;
                }
            }
        }
    }

    /// A request calls a back end; its worker waits for the answer.
    fn call_back_end(&mut self, caller: ServerId, place: u32, purpose: Purpose) {
        let job = *self.arena.get(place);
        let class = class_of(job.tag);
        let (number, is_closed) = self.number_of_job(&job);
        let index = self.servers[caller.index()].pool();
        let kind = |kind: usize| self.memory.as_ref().map(|memory| &memory.kinds(index)[kind]);
        let of_miss = if is_closed { Role::UserMissCall } else { Role::MissCall };
        let (call, role, number) = match purpose {
            Purpose::Own => {
                let role = if is_closed { Role::UserBackendDemand } else { Role::BackendDemand };
                (self.pools[index].call.as_ref(), role, number)
            }
            Purpose::Load(of) => (kind(of).and_then(|kind| kind.call.as_ref()), of_miss, apart(number, of)),
            Purpose::LookUp(of) => (kind(of).and_then(|kind| kind.lookup.as_ref()), of_miss, apart(number, of + CacheSpec::MOST)),
        };
        let Some(BackEndCall { to, demand }) = call else { return };
        let back_end = *to;
        let mut stream = Stream::keyed(self.seed, self.replication, role, u32::from(class), number);
        let demand = demand.sample(&mut stream).as_nanos();
        let station = &mut self.servers[back_end.index()];
        let Pool { capacity, can_fail, .. } = self.pools[station.pool()];
        if can_fail && self.outages.as_deref().is_some_and(|outages| outages.refuses(back_end)) {
            return self.call_fails(caller, place, Why::Error);
        }
        if station.present >= capacity {
            return self.call_fails(caller, place, Why::Full);
        }
        station.present += 1;
        let call = Job { birth: self.now.as_nanos(), demand_or_start: demand, tag: u64::from(caller.0), client: place, note: 0 };
        let place = self.arena.insert(call);
        self.take_in(back_end, place);
        if can_fail {
            self.load_grown(back_end);
        }
    }

    /// A back end has answered the call of the job at `place`.
    pub(super) fn call_answered(&mut self, caller: ServerId, place: u32) {
        if self.arena.get(place).tag == DEAD {
            // The caller has lost it.
            self.arena.take(place);
            return;
        }
        let station = &mut self.stations[self.servers[caller.index()].station()];
        if station.is_frozen() {
            return station.returned.push(place);
        }
        let waiters = self.load_ends(caller, place, true);
        self.goes_on(caller, place);
        for (server, place) in waiters {
            self.waited(server, place);
        }
    }

    /// What the job at `place` was loading, if anything, has come or will not come. Those who waited for it.
    fn load_ends(&mut self, server: ServerId, place: u32, has_come: bool) -> Vec<Waiter> {
        let job = self.arena.get_mut(place);
        let under_way = job.note >> UNDER_WAY;
        if under_way == 0 {
            return Vec::new();
        }
        job.note &= (1 << UNDER_WAY) - 1;
        let (pool, now, number) = (self.servers[server.index()].pool(), self.now, under_way as usize - 1);
        let within = within(&self.pools[pool], server);
        let Some(memory) = &mut self.memory else { return Vec::new() };
        let keys = memory.keys(place);
        if has_come {
            let waiters = memory.loaded((pool, within), number, &keys, now);
            self.copy_found(server, &keys, 1 << number);
            waiters
        } else {
            memory.loading_failed((pool, within), number, &keys)
        }
    }

    /// What the job at `place` has waited for has come.
    fn waited(&mut self, server: ServerId, place: u32) {
        let station = &mut self.stations[self.servers[server.index()].station()];
        if station.is_frozen() {
            return station.returned.push(place);
        }
        self.goes_on(server, place);
    }

    /// A job that waited for a back end goes on: to the next call, or it is done.
    pub(super) fn goes_on(&mut self, server: ServerId, place: u32) {
        if self.arena.get(place).note & FAILED != 0 {
            return self.call_fails(server, place, Why::Error);
        }
        // What came while the server stood still is kept now.
        let waiters = self.load_ends(server, place, true);
        if !self.calls_next(server, place) {
            self.unblock(server);
            self.finish(server, place);
            self.set_alarm(server);
        }
        for (server, place) in waiters {
            self.waited(server, place);
        }
    }

    /// A back end does not answer the request that called it: that fails, and with it those who wait for what it was to load.
    fn call_fails(&mut self, caller: ServerId, place: u32, why: Why) {
        let waiters = self.load_ends(caller, place, false);
        self.fails_for_want(caller, place, why);
        for (server, place) in waiters {
            self.fails_for_want(server, place, why);
        }
    }

    /// All calls at a back end are lost, those first that came first.
    pub(super) fn lose_calls(&mut self, back_end: ServerId) {
        let record = &mut self.servers[back_end.index()];
        let mut places = Vec::new();
        self.stations[record.station()].clear(self.from, self.now, &mut places);
        while let Some(place) = self.arena.unchain_first(&mut record.queue) {
            record.add_queued(self.from.as_nanos(), self.arena.get(place).birth, self.now.as_nanos());
            places.push(place);
        }
        record.present = 0;
        self.reset_alarm(back_end);
        self.serving_changed(back_end);
        let mut calls: Vec<Job> = places.into_iter().map(|place| self.arena.take(place)).collect();
        calls.sort_unstable_by_key(|call| (call.birth, call.tag, call.client));
        for Job { tag: caller, client: place, .. } in calls {
            if self.arena.get(place).tag == DEAD {
                self.arena.take(place);
            } else {
                self.call_fails(ServerId(caller as u32), place, Why::Error);
            }
        }
    }

    /// The request at `place` fails because of a back end, as soon as its server can say so.
    fn fails_for_want(&mut self, caller: ServerId, place: u32, why: Why) {
        let station = &mut self.stations[self.servers[caller.index()].station()];
        if station.is_frozen() {
            self.arena.get_mut(place).note |= FAILED;
            return station.returned.push(place);
        }
        self.unblock(caller);
        let job = self.arena.take(place);
        let record = &mut self.servers[caller.index()];
        record.present -= 1;
        let Pool { is_watched, is_heeded, .. } = self.pools[record.pool()];
        if is_heeded {
            self.serving_changed(caller);
        }
        self.fill_workers(caller, true);
        self.set_alarm(caller);
        if P::LOOKS_AFTER_TRIES && self.classes[class_of(job.tag) as usize].is_tried {
            return self.try_turned_away(caller, &job);
        }
        self.fail(&job, Some(Time::from_nanos(job.demand_or_start)), why);
        self.left_without_answer(caller, &job, is_watched, false);
    }

    /// The jobs of `server` whose requests wait for back ends, or for what others load. They wait no more; those of other servers who wait for what
    /// they were loading load it themselves.
    pub(super) fn take_calling(&mut self, server: ServerId) -> (Vec<u32>, Vec<u32>) {
        let index = self.servers[server.index()].pool();
        let own = self.pools[index].call.iter();
        let kinds =
            self.memory.iter().flat_map(|memory| memory.kinds(index)).flat_map(|kind| kind.call.iter().chain(&kind.lookup));
        let mut back_ends: Vec<ServerId> = own.chain(kinds).map(|call| call.to).collect();
        back_ends.sort_unstable();
        back_ends.dedup();
        let mut calling = Vec::new();
        for back_end in back_ends {
            let record = &self.servers[back_end.index()];
            let mut calls = self.stations[record.station()].jobs();
            calls.extend(self.arena.queue_places(record.queue));
            let of_server = calls.into_iter().filter(|place| self.arena.get(*place).tag == u64::from(server.0));
            calling.extend(of_server.map(|place| self.arena.get(place).client));
        }
        calling.retain(|place| self.arena.get(*place).tag != DEAD);
        calling.sort_unstable();
        let waiting = self.memory.as_mut().map_or_else(Vec::new, |memory| memory.take_waiting(index, server));
        (calling, waiting)
    }

    /// Those who wait for what the job at `place` of a server that has lost it was loading, at other servers, load it themselves.
    pub(super) fn load_is_lost(&mut self, server: ServerId, place: u32) {
        let number = self.arena.get(place).note >> UNDER_WAY;
        for (other, waiting) in self.load_ends(server, place, false) {
            self.arena.get_mut(waiting).note |= 1 << (CALLS + number - 1);
            self.goes_on(other, waiting);
        }
    }

    /// `server` has lost what it had in memory: its caches or, of a back end, those that are looked into there.
    pub(super) fn memory_lost(&mut self, server: ServerId) {
        let index = self.servers[server.index()].pool();
        let (within, now) = (within(&self.pools[index], server), self.now);
        if let Some(memory) = &mut self.memory {
            memory.lose(index, within, now);
            if self.pools[index].is_back_end {
                memory.lose_store(server, now);
            }
        }
    }
}
