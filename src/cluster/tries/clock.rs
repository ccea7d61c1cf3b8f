//! Timers of requests and tries.

use super::super::Cluster;
use super::super::server::Service;
use super::send::Sent;
use super::{Place, Stage, Tries};
use crate::balancing::{Choice, Policy};
use crate::observe::{Observer, Why};
use crate::recovery::Mishap;
use crate::units::{ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// The time of a try is up.
    pub(in super::super) fn try_due(&mut self, number: u32, stamp: u32) {
        let now = self.now;
        let Tries { tries, .. } = &mut *self.tries;
        if tries.generation(number) != stamp {
            return self.calendar.discarded();
        }
        let one = tries.get(number);
        let (request, server, place) = (one.request, one.server, one.place);
        if request == super::super::arena::NONE || one.due != now {
            return self.calendar.discarded();
        }
        self.tries.requests.get_mut(request).open.retain(|open| *open != number);
        self.abandon(number, true);
        let mishap = if place == Place::Connecting { Mishap::ConnectTimeout } else { Mishap::ResponseTimeout };
        self.failed_try(request, mishap, Some(server), server);
    }

    /// The time of a request is up.
    pub(in super::super) fn deadline(&mut self, request: u32, stamp: u32) {
        let now = self.now;
        let Tries { requests, tries, .. } = &mut *self.tries;
        if requests.generation(request) != stamp || requests.get(request).due != now {
            return self.calendar.discarded();
        }
        let one = requests.get(request);
        let gave_up = one.patience_ends == now;
        let balancer = one.balancer;
        let servers: Vec<ServerId> = one.open.iter().map(|number| tries.get(*number).server).collect();
        let was_sent = one.age(now);
        debug_assert!(was_sent.as_nanos() > 0 || gave_up, "a deadline comes after the request");
        self.leave_line(request);
        // A server is not to blame for a client without patience (nginx frees its peer without a failure then).
        self.abandon_others(request, !gave_up);
        if !gave_up {
            for server in servers {
                self.seen(balancer, server, crate::health::Seen::TimedOut);
            }
        }
        self.pass_fails(request, if gave_up { Why::Abandoned } else { Why::ResponseTimeout });
    }

    /// A request that waited is tried again or sent again, or has waited too long in line.
    pub(in super::super) fn wakes(&mut self, request: u32, stamp: u32) {
        let now = self.now;
        let Tries { requests, .. } = &mut *self.tries;
        if requests.generation(request) != stamp || requests.get(request).wakes_at != now {
            return self.calendar.discarded();
        }
        let one = requests.get_mut(request);
        one.wakes_at = Time::NEVER;
        match one.stage {
            Stage::Delayed(server) => {
                one.stage = Stage::Tried;
                self.try_on(request, server);
            }
            Stage::Resting => self.client_sends(request),
            Stage::InLine(..) => {
                self.leave_line(request);
                self.pass_fails(request, Why::QueueTimeout);
            }
            Stage::Tried => {}
        }
    }

    /// Takes a request out of its balancer's line, if it is there.
    pub(super) fn leave_line(&mut self, request: u32) {
        let Tries { requests, handlers, .. } = &mut *self.tries;
        let one = requests.get_mut(request);
        let Stage::InLine(place, bound) = one.stage else { return };
        one.stage = Stage::Tried;
        handlers[one.balancer as usize].in_line -= 1;
        let holder = &mut self.balancers[one.balancer as usize];
        if self.arena.remove(&mut holder.queue, place) {
            self.arena.take(place);
            holder.held -= 1;
            self.held -= 1;
        } else if let Some(slots) = &mut holder.slots {
            slots.leave(&mut self.arena, place, bound);
        }
    }

    /// A second try of a request may be due.
    pub(in super::super) fn hedge(&mut self, request: u32, stamp: u32) {
        let now = self.now;
        let Tries { requests, .. } = &mut *self.tries;
        if requests.generation(request) != stamp || requests.get(request).hedge_due != now {
            return self.calendar.discarded();
        }
        let one = requests.get_mut(request);
        if one.stage != Stage::Tried || one.open.is_empty() {
            return;
        }
        one.hedges += 1;
        one.is_hedging = true;
        let view = self.view_of(request);
        // Where no other server is free the first try goes on alone.
        let choice = self.choose_for(request, &view);
        self.tries.requests.get_mut(request).is_hedging = false;
        let Choice::Server(server) = choice else { return };
        if let Sent::Failed(mishap, on) = self.start_try(request, server) {
            // The first try goes on, so that nothing is decided by this.
            let _ = self.after_mishap(request, mishap, on);
        }
    }

    /// Takes the job of a try out of its server; whether it was there.
    pub(super) fn drop_at(&mut self, server: ServerId, number: u32) -> bool {
        let record = &mut self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        if pool.service == Service::Single {
            return false;
        }
        let waits = self.arena.queue_places(record.queue).find(|place| self.arena.get(*place).client == number);
        if let Some(place) = waits {
            self.arena.remove(&mut record.queue, place);
            let job = self.arena.take(place);
            record.add_queued(self.from.as_nanos(), job.birth, self.now.as_nanos());
            record.present -= 1;
            return true;
        }
        let station = &mut self.stations[record.station()];
        let place = station.jobs().into_iter().find(|place| self.arena.get(*place).client == number);
        let Some(place) = place.filter(|place| station.drop_job(self.from, self.now, *place)) else { return false };
        self.arena.take(place);
        record.present -= 1;
        self.fill_workers(server, true);
        self.reset_alarm(server);
        true
    }
}
