//! Requests at servers with caches: what they find, and how they load what they miss.

use super::Cluster;
use super::arena::{Job, class_of};
use super::calling::Purpose;
use super::memory::{Keys, Kind, Loading, Waiter, within};
use crate::balancing::Policy;
use crate::model::{CacheSpec, Cached};
use crate::observe::{Found, Observer, Why};
use crate::random::{Role, Stream};
use crate::units::ServerId;

/// What a job has found and has still to load. In its note: a bit for each kind of cache that missed, one for each for which a back end is still
/// to be called, one for each that is in a back end to be called first, whether the call is still to be made that each request of the pool makes, and what is being loaded.
const CALLS: u32 = 4;
const LOOKUPS: u32 = 8;
const OWN_CALL: u32 = 1 << 16;
const LOOKED: u32 = 1 << 17;
/// Its call has failed while its server stood still, and it has not heard of that.
pub(super) const FAILED: u32 = 1 << 18;
const UNDER_WAY: u32 = 24;
const KINDS: u32 = 0xF;
const _: () = assert!(CacheSpec::MOST <= CALLS as usize, "a bit for each kind");

/// What a job with that note has found.
pub const fn found(note: u32) -> Found {
    match (note & LOOKED != 0, note & KINDS) {
        (false, _) => Found::NotAsked,
        (true, 0) => Found::All,
        (true, _) => Found::NotAll,
    }
}

/// Spreads the draws of the kinds of caches of one request over all keys (the golden ratio in 64 bits).
pub(super) const fn apart(number: u64, kind: usize) -> u64 {
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
        if self.outages.is_none() {
            return 0;
        }
        let kinds = self.memory.iter().flat_map(|memory| memory.kinds(pool)).enumerate();
        let refuses = |kind: &Kind| kind.lookup.as_ref().is_some_and(|lookup| self.refuses(lookup.to));
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

    /// What the job at `place` was loading, if anything, has come or will not come. Those who waited for it.
    pub(super) fn load_ends(&mut self, server: ServerId, place: u32, has_come: bool) -> Vec<Waiter> {
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
    pub(super) fn waited(&mut self, server: ServerId, place: u32) {
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
