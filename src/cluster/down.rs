//! Servers go down and come back: what becomes of their work, and who is told.

use super::Cluster;
use super::arena::{DEAD, Job, class_of};
use super::server::{Service, after};
use super::timer::Kind;
use crate::balancing::Policy;
use crate::faults::{Condition, Down, Fault, InFlight, Incident, Spares};
use crate::health::Knowledge;
use crate::observe::{Observer, Why};
use crate::random::{Role, Stream};
use crate::units::{ServerId, Time};

/// Spares of a pool.
#[derive(Debug)]
pub struct SpareState {
    pub spec: Spares,
    /// How many of its servers shall work.
    pub wanted: u32,
    /// How many are about to begin.
    pub starting: u32,
    pub begun: u64,
    /// Servers that have failed and whose places no spare has taken yet, the first to fail first: balancers still have them in their lists.
    pub lingering: Vec<ServerId>,
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A lifetime ends.
    #[inline(never)]
    pub(super) fn unit_fails(&mut self, unit: u32, stamp: u32) {
        let Some(outages) = &mut self.outages else { return };
        let mut struck = Vec::new();
        outages.fails(unit, stamp, self.now, &mut self.calendar, &mut struck);
        struck.into_iter().for_each(|server| self.renew(server));
    }

    /// A repair ends.
    #[inline(never)]
    pub(super) fn unit_repaired(&mut self, unit: u32) {
        let Some(outages) = &mut self.outages else { return };
        let mut mended = Vec::new();
        outages.repaired(unit, self.now, &mut self.calendar, &mut mended);
        for server in mended {
            self.renew(server);
            self.lives_on(server);
        }
    }

    /// The lifetimes of a server that is up go on, or begin.
    fn lives_on(&mut self, server: ServerId) {
        let now = self.now;
        if let Some(outages) = self.outages.as_deref_mut().filter(|outages| outages.is_up(server)) {
            outages.wake(server, now, &mut self.calendar);
        }
        self.serving_changed(server);
    }

    /// A fault that comes and goes does so.
    #[inline(never)]
    pub(super) fn flaps(&mut self, place: u32, stamp: u32) {
        let Some(outages) = &mut self.outages else { return };
        if let Some(server) = outages.flaps(place, stamp, self.now, &mut self.calendar) {
            self.renew(server);
        }
    }

    /// Line `line` of the script brings something upon a server.
    pub(super) fn script_fails(&mut self, line: u32, server: ServerId, incident: &Incident) {
        let Some(outages) = &mut self.outages else { return };
        outages.bring(server, super::outages::Outages::scripted(line), incident, self.now, &mut self.calendar);
        self.renew(server);
    }

    /// What the script has brought upon a server goes.
    pub(super) fn script_repairs(&mut self, server: ServerId) {
        let Some(outages) = &mut self.outages else { return };
        outages.repair_scripted(server);
        self.renew(server);
    }

    /// What line `line` has brought goes.
    pub(super) fn script_ends(&mut self, line: u32, server: ServerId) {
        let Some(outages) = &mut self.outages else { return };
        outages.take_away(server, super::outages::Outages::scripted(line));
        self.renew(server);
    }

    /// The faults upon `server` have changed: it takes the consequences.
    pub(super) fn renew(&mut self, server: ServerId) {
        let Some(outages) = &mut self.outages else { return };
        let before = outages.renew(server);
        let after = outages.conditions[server.index()].clone();
        if before == after {
            return;
        }
        if before.slowness != after.slowness {
            self.change_speed(server, after.slowness);
        }
        match (before.down, after.down) {
            (None, Some(down)) => self.goes_down(server, down),
            (Some(down), None) => self.comes_back(server, down),
            (Some(_), Some(down)) => self.stays_down(server, down),
            (None, None) => {}
        }
        if !self.is_back_end(server) {
            self.reach_changed(server, &before);
        }
    }

    /// Whether that is the station of a back end: no balancer knows it, and servers are its clients.
    fn is_back_end(&self, server: ServerId) -> bool {
        self.pools[self.servers[server.index()].pool()].is_back_end
    }

    fn change_speed(&mut self, server: ServerId, slowness: f64) {
        let record = &self.servers[server.index()];
        if self.pools[record.pool()].service == Service::Single {
            return;
        }
        let station = &mut self.stations[record.station()];
        station.slow_down(self.now, slowness);
        self.reset_alarm(server);
    }

    /// A server goes down.
    fn goes_down(&mut self, server: ServerId, down: Down) {
        let now = self.now;
        if let Some(outages) = &mut self.outages {
            outages.down_since[server.index()] = now;
            outages.rest(server, now);
            outages.is_found[server.index()] = false;
            outages.count_up(server, false, now);
        }
        self.freeze(server);
        self.update_knowledge(server);
        self.stays_down(server, down);
        self.call_spare(server);
    }

    /// A server that is down loses its work, if it is down in such a way that it does so at once.
    fn stays_down(&mut self, server: ServerId, down: Down) {
        if down.refuses && down.work == InFlight::Lost {
            self.lose_work(server);
        }
    }

    /// A server comes back from having been `down`.
    fn comes_back(&mut self, server: ServerId, down: Down) {
        let now = self.now;
        if down.work == InFlight::Lost {
            self.lose_work(server);
        }
        self.thaw(server, down.work == InFlight::Restarted);
        if let Some(outages) = &mut self.outages {
            outages.wake(server, now, &mut self.calendar);
            outages.count_up(server, true, now);
        }
        self.spare_mended(server);
        self.update_knowledge(server);
        self.serving_changed(server);
        if self.held > 0 {
            self.feed_all();
        }
    }

    fn freeze(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        if self.pools[record.pool()].service != Service::Single {
            self.stations[record.station()].freeze(self.from, self.now);
            self.reset_alarm(server);
        }
    }

    fn thaw(&mut self, server: ServerId, restart: bool) {
        let record = &self.servers[server.index()];
        if self.pools[record.pool()].service == Service::Single {
            return;
        }
        let station = record.station();
        self.stations[station].thaw(self.from, self.now, restart);
        for place in std::mem::take(&mut self.stations[station].returned) {
            self.goes_on(server, place);
        }
        self.fill_workers(server, true);
        self.reset_alarm(server);
        // What came meanwhile may be too much.
        if self.pools[self.servers[server.index()].pool()].overload.is_some() {
            self.calendar.schedule(Kind::Overloads.at(self.now, server.0, 0));
        }
    }

    /// All that a server holds is lost, and the connections with it.
    pub(super) fn lose_work(&mut self, server: ServerId) {
        let (from, now) = (self.from.as_nanos(), self.now.as_nanos());
        let mut lost: Vec<(Job, Option<u64>)> = Vec::new();
        self.memory_lost(server);
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        if record.present == 0 {
            return;
        }
        if pool.is_back_end {
            return self.lose_calls(server);
        }
        if pool.service == Service::Single {
            record.busy += now.saturating_sub(record.start.max(from));
            let (tag, client) = (record.tag, record.client_or_station);
            let job = Job { birth: record.birth, demand_or_start: record.start, tag, client, note: 0 };
            lost.push((job, Some(record.start)));
            if let Some(outages) = &mut self.outages {
                let epoch = &mut outages.epochs[server.index()];
                *epoch = (*epoch + 1) % crate::engine::Event::STAMPS;
            }
            self.void();
        } else {
            let mut places = Vec::new();
            let station = &mut self.stations[record.station()];
            station.clear(self.from, self.now, &mut places);
            places.append(&mut station.returned);
            let (calling, mut waiting) = self.take_calling(server);
            places.append(&mut waiting);
            for place in places {
                self.load_is_lost(server, place);
                let job = self.arena.take(place);
                lost.push((job, Some(job.demand_or_start)));
            }
            for place in calling {
                self.load_is_lost(server, place);
                let job = self.arena.get_mut(place);
                lost.push((*job, Some(job.demand_or_start)));
                // Its back end works on for nobody, and gives the place back.
                job.tag = DEAD;
            }
            self.reset_alarm(server);
        }
        let record = &mut self.servers[server.index()];
        while let Some(place) = self.arena.unchain_first(&mut record.queue) {
            let job = self.arena.take(place);
            record.add_queued(from, job.birth, now);
            lost.push((job, None));
        }
        record.present = 0;
        let is_watched = self.pools[record.pool()].is_watched;
        lost.sort_unstable_by_key(|(job, _)| job.tag);
        self.serving_changed(server);
        for (job, start) in lost {
            self.lose(server, &job, start.map(Time::from_nanos), is_watched);
        }
    }

    /// One request is lost with its server.
    fn lose(&mut self, server: ServerId, job: &Job, start: Option<Time>, is_watched: bool) {
        let class = self.classes[class_of(job.tag) as usize];
        if P::LOOKS_AFTER_TRIES && class.is_tried {
            return self.try_cut(server, job, start);
        }
        self.fail(job, start, Why::Lost);
        self.left_without_answer(server, job, is_watched, true);
    }

    /// The load of `server` has grown: it may crash under it, when all else at this instant that is on its way has been done.
    #[inline(never)]
    pub(super) fn check_overload(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        let overload = self.pools[record.pool()].overload.as_ref();
        if overload.is_some_and(|spec| record.present == spec.most_present.saturating_add(1)) {
            self.calendar.schedule(Kind::Overloads.at(self.now, server.0, 0));
        }
    }

    /// A server crashes under its load, if that is still too much.
    pub(super) fn overloads(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        let Some(spec) = self.pools[record.pool()].overload.as_ref().filter(|spec| record.present > spec.most_present) else {
            return;
        };
        let Some(outages) = &mut self.outages else { return };
        if !outages.is_up(server) {
            return;
        }
        let mut stream = Stream::keyed(self.seed, self.replication, Role::Overload, server.0, self.now.as_nanos());
        let back = after(self.now, spec.time_to_repair.sample(&mut stream).as_nanos());
        let incident = Incident { fault: Fault::Crash { work: spec.work }, flapping: None };
        outages.overload(server, &incident, self.now, &mut self.calendar);
        self.calendar.schedule(Kind::Recovers.at(back, server.0, 0));
        self.renew(server);
    }

    /// A server that crashed under its load is back.
    pub(super) fn recovers(&mut self, server: ServerId) {
        if let Some(outages) = &mut self.outages {
            outages.recovers(server);
        }
        self.renew(server);
    }

    /// A server has begun to serve or ceased: lifetimes may depend on it.
    #[inline]
    pub(super) fn serving_changed(&mut self, server: ServerId) {
        if let Some(outages) = &mut self.outages {
            let record = &self.servers[server.index()];
            let serves = record.present > 0 && outages.is_up(server);
            outages.serving(server, serves, self.now, &mut self.calendar);
            if outages.scalers[record.pool()].is_some() {
                self.load_changed(server);
            }
        }
    }

    /// A working server has gone down: a spare of its pool shall take its place.
    fn call_spare(&mut self, server: ServerId) {
        let pool = self.servers[server.index()].pool();
        let Some(outages) = &mut self.outages else { return };
        let Some(state) = &mut outages.spares[pool] else { return };
        // A spare that fails while it waits is nobody's until it is mended.
        if outages.is_spare[server.index()] {
            return;
        }
        outages.is_spare[server.index()] = true;
        let mut stream = Stream::keyed(self.seed, self.replication, Role::Spares, pool as u32, state.begun);
        state.begun += 1;
        state.starting += 1;
        state.lingering.push(server);
        let start = after(self.now, state.spec.start_up.sample(&mut stream).as_nanos());
        self.calendar.schedule(Kind::SpareStarts.at(start, pool as u32, 0));
    }

    /// A server of a pool with spares is back: it waits as a spare, and begins at once where one is missing.
    fn spare_mended(&mut self, server: ServerId) {
        let pool = self.servers[server.index()].pool();
        if let Some(state) = self.outages.as_mut().and_then(|outages| outages.spares[pool].as_mut()) {
            state.lingering.retain(|one| *one != server);
        }
        let missing = self.outages.as_ref().is_some_and(|outages| {
            outages.spares[pool].as_ref().is_some_and(|state| outages.working(self.pools[pool].servers.clone()) < state.wanted)
        });
        if missing {
            self.begin_spare(server);
        }
    }

    /// A spare is ready, if there is one that works.
    #[inline(never)]
    pub(super) fn spare_starts(&mut self, pool: u32) {
        let members = self.pools[pool as usize].servers.clone();
        let Some(outages) = &mut self.outages else { return };
        let working = outages.working(members.clone());
        let Some(state) = &mut outages.spares[pool as usize] else { return };
        state.starting -= 1;
        // Who was mended meanwhile has begun at once.
        if working >= state.wanted {
            return;
        }
        let ready = members.map(ServerId).find(|server| outages.is_spare[server.index()] && outages.is_up(*server));
        let Some(server) = ready else { return };
        let lingering = outages.spares[pool as usize].as_mut().map(|state| &mut state.lingering);
        let replaced = lingering.filter(|lingering| !lingering.is_empty()).map(|lingering| lingering.remove(0));
        if let Some(replaced) = replaced {
            self.update_membership(replaced);
        }
        self.begin_spare(server);
    }

    fn begin_spare(&mut self, server: ServerId) {
        let now = self.now;
        if let Some(outages) = &mut self.outages {
            outages.is_spare[server.index()] = false;
            outages.count_up(server, true, now);
            outages.refresh(server, now, &mut self.calendar);
        }
        self.update_knowledge(server);
        if self.held > 0 {
            self.feed_all();
        }
    }

    /// Balancers that know the truth hear of it; the others may find out.
    pub(super) fn update_knowledge(&mut self, server: ServerId) {
        if self.is_back_end(server) {
            return;
        }
        self.update_membership(server);
        self.look_at_sites();
        let is_up = self.is_up(server);
        let mut knows = false;
        for index in 0..self.balancers.len() {
            // What those hear that weigh servers against each other has been published.
            if self.balancers[index].knowledge == Knowledge::Perfect && self.balancers[index].watch.is_none() {
                knows = true;
                self.warm_up_for(index, server, is_up);
            }
        }
        if knows && self.limited {
            if is_up { self.feed_server(server) } else { self.release(server) }
        }
    }

    /// Whether balancers can still reach `server`, and whether checks that wait for it hear something now.
    fn reach_changed(&mut self, server: ServerId, before: &Condition) {
        if P::LOOKS_AFTER_TRIES {
            self.checks_hear(server, before);
            let still = self.outages.as_deref().is_some_and(|outages| outages.conditions[server.index()].unreachable.is_some());
            if before.unreachable.is_some() && !still {
                self.reaches_again(server);
            }
        }
    }
}
