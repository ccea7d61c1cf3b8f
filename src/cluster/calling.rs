//! Calls of requests to back ends: made, answered, lost.

use super::Cluster;
use super::arena::{DEAD, Job, class_of};
use super::loading::{FAILED, apart};
use super::server::{BackEndCall, Pool};
use crate::balancing::Policy;
use crate::model::CacheSpec;
use crate::observe::{Observer, Why};
use crate::random::{Role, Stream};
use crate::units::{ServerId, Time};

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Each request of the pool makes it.
    Own,
    /// To look into the caches of this kind, which are in a back end.
    LookUp(usize),
    /// To load what was missed in the caches of this kind.
    Load(usize),
}
impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A request calls a back end; its worker waits for the answer.
    pub(super) fn call_back_end(&mut self, caller: ServerId, place: u32, purpose: Purpose) {
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
        let Pool { capacity, can_fail, .. } = self.pools[self.servers[back_end.index()].pool()];
        if can_fail && self.refuses(back_end) {
            return self.call_fails(caller, place, Why::Error);
        }
        let station = &mut self.servers[back_end.index()];
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

    /// A back end does not answer the request that called it: that fails, and with it those who wait for what it was to load.
    pub(super) fn call_fails(&mut self, caller: ServerId, place: u32, why: Why) {
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
}
