//! Requests that wait in a balancer because every server they may go to has as many connections as it may have.

use super::Cluster;
use super::arena::{Job, NONE, class_of};
use super::server::Service;
use crate::balancing::{Choice, Policy};
use crate::observe::{Observer, Unasked, Why};
use crate::units::{ServerId, Time};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// There is no server for a request: it waits if it may, or is refused.
    #[inline(never)]
    pub(super) fn wait_or_refuse(&mut self, balancer: u16, job: Job, choice: Choice) {
        let holder = &mut self.balancers[balancer as usize];
        let may_wait = holder.may_wait(&[]);
        let Some(slots) = holder.slots.as_mut().filter(|_| may_wait) else { return self.fail(&job, None, Why::NoServer) };
        let server = if let Choice::WaitFor(server) = choice { Some(server) } else { None };
        let place = self.arena.insert(job);
        slots.wait(&mut self.arena, place, server);
    }

    /// A request of `balancer` is at `server`, which may be full now.
    #[inline(never)]
    pub(super) fn room_taken(&mut self, balancer: u16, server: ServerId) {
        let filled = self.balancers[balancer as usize].slots.as_mut().is_some_and(|slots| slots.take(server));
        let record = &self.servers[server.index()];
        if filled || record.present == self.pools[record.pool()].capacity {
            self.update_eligibility(server);
        }
    }

    /// A request of `balancer` has left `server`: the next may come.
    #[inline(never)]
    pub(super) fn room_made(&mut self, balancer: u16, server: ServerId) {
        if let Some(slots) = &mut self.balancers[balancer as usize].slots {
            slots.give(server);
        }
        self.update_eligibility(server);
        if self.limited {
            self.feed_server(server);
        }
    }

    /// Sends those who wait to `server`, the oldest first, as long as it has room: as real balancers do, without asking the
    /// algorithm.
    pub(super) fn feed_server(&mut self, server: ServerId) {
        for index in 0..self.balancers.len() {
            while let Some(place) = self.next_for(index, server) {
                let job = self.arena.take(place);
                if let Some(request) = self.request_in_line(&job) {
                    let view = self.view_of(request);
                    self.about_to_try(request, &view, Some(Unasked::Freed(server)));
                    self.leaves_line(request, server, Time::from_nanos(job.birth));
                    continue;
                }
                let view = self.view(&job);
                self.about_to_leave_line(index as u16, &job, &view, server);
                self.note_line(server, &job);
                self.deliver(index as u16, server, &job, &view);
            }
        }
    }

    /// Notes how long a request that goes to `server` now has waited in line, if it will wait there again: the wait at the server
    /// is counted from its birth, and this is to be taken off.
    fn note_line(&mut self, server: ServerId, job: &Job) {
        let record = &self.servers[server.index()];
        let pool = &self.pools[record.pool()];
        // Of several that end at one instant all have left their workers before the first has gone.
        let station = || &self.stations[record.station()];
        let waits = match pool.service {
            Service::Single => record.present > 0,
            Service::Workers => station().is_frozen() || station().occupied() >= pool.workers,
            Service::Sharing => station().is_frozen(),
        };
        let is_refused = pool.can_fail && self.refuses(server);
        let has_room = record.present < pool.capacity;
        if waits && has_room && !is_refused {
            let from = self.from.as_nanos();
            self.in_line[server.index()] += self.now.as_nanos().max(from) - job.birth.max(from);
        }
    }

    fn next_for(&mut self, index: usize, server: ServerId) -> Option<u32> {
        let is_eligible = self.balancers[index].is_eligible(server);
        if !is_eligible && self.drains[server.index()] && self.is_believed_up(index as u16, server) {
            // Those go on who are bound to it.
            let balancer = &mut self.balancers[index];
            let has_slot = balancer.has_slot(server);
            return balancer.slots.as_mut().filter(|_| has_slot)?.next_bound(&self.arena, server);
        }
        let balancer = &mut self.balancers[index];
        let slots = balancer.slots.as_mut().filter(|slots| is_eligible && slots.waiting > 0)?;
        if P::LOOKS_AFTER_TRIES && self.tries.handlers[index].goes_elsewhere {
            let (tries, classes) = (&self.tries, &self.classes);
            return slots.next_that(&mut self.arena, server, |job| {
                let is_tried = classes[class_of(job.tag) as usize].is_tried && job.client != NONE;
                !is_tried || !tries.excluded(job.client).contains(&server)
            });
        }
        slots.next_for(&self.arena, server)
    }

    /// Those who wait for this very `server`, which has left, choose again, the oldest first.
    pub(super) fn release(&mut self, server: ServerId) {
        for index in 0..self.balancers.len() {
            let Some(slots) = &mut self.balancers[index].slots else { continue };
            // Who is bound to a server that is drained waits for it again.
            let waiting: Vec<u32> = std::iter::from_fn(|| slots.next_bound(&self.arena, server)).collect();
            for place in waiting {
                let job = self.arena.take(place);
                match self.request_in_line(&job) {
                    Some(request) => self.chooses_again(request),
                    None => self.send(index as u16, &job),
                }
            }
        }
    }
}
