//! Audits of a cluster between two events: what must hold of its parts whenever nothing is happening.

use super::Cluster;
use super::arena::{Job, class_of};
use super::balancer::Balancer;
use super::server::Service;
use crate::balancing::{Algorithm, Choice};
use crate::model::{Model, NoFiles, Source, WhenFull, read};
use crate::observe::Tally;
use crate::units::{ServerId, Time};

impl Cluster<Tally> {
    /// Jobs waiting at `server`.
    fn waiting(&self, server: usize) -> u32 {
        self.arena.queue(self.servers[server].queue).count() as u32
    }

    /// Workers are busy while requests wait, and nobody is lost between queue and service.
    fn audit_servers(&self) {
        for (index, record) in self.servers.iter().enumerate() {
            let (pool, waiting) = (&self.pools[record.pool()], self.waiting(index));
            assert!(record.present <= pool.capacity);
            match pool.service {
                Service::Single => assert_eq!(record.present, waiting + u32::from(record.present > 0)),
                Service::Workers | Service::Sharing => {
                    let station = &self.stations[record.station()];
                    let served = station.jobs().len() as u32;
                    let most = if pool.service == Service::Workers { pool.workers } else { u32::MAX };
                    assert!(station.occupied() <= most && served <= station.occupied());
                    assert!(waiting == 0 || station.occupied() == most, "an idle worker beside {waiting} who wait");
                    // A request that calls a back end is in nobody's service while it waits for the answer.
                    let calling = record.present - waiting - served;
                    assert!(pool.call.is_some() || calling == 0);
                    assert!(station.wakes <= station.next_end(), "it wakes at {} for {}", station.wakes, station.next_end());
                }
            }
        }
        let calls: u32 =
            self.servers.iter().filter(|server| self.pools[server.pool()].is_back_end).map(|server| server.present).sum();
        let calling = |(index, record): (usize, &super::server::Server)| {
            let pool = &self.pools[record.pool()];
            let served = if pool.service == Service::Single {
                record.present.min(1)
            } else {
                self.stations[record.station()].jobs().len() as u32
            };
            record.present - self.waiting(index) - served
        };
        assert_eq!(calls, self.servers.iter().enumerate().map(calling).sum::<u32>(), "who calls is called for");
    }

    /// The eligible sets follow from rotation and room, and no balancer holds a request that it could send.
    /// `gives_up`: an algorithm may let requests wait although some server has room.
    fn audit_balancers(&self, gives_up: bool) {
        if self.balancers.iter().all(|balancer| balancer.slots.is_some()) {
            for (index, record) in self.servers.iter().enumerate().filter(|(_, record)| self.pools[record.pool()].is_watched) {
                let slots = self.balancers.iter().filter_map(|balancer| balancer.slots.as_ref());
                assert_eq!(slots.map(|slots| slots.in_flight(ServerId(index as u32))).sum::<u32>(), record.present);
            }
        }
        for balancer in &self.balancers {
            for (index, record) in self.servers.iter().enumerate() {
                let pool = &self.pools[record.pool()];
                let has_room = balancer.when_full == WhenFull::Reject || record.present < pool.capacity;
                let server = ServerId(index as u32);
                let slots = balancer.slots.as_ref();
                let has_slot = slots.is_none_or(|slots| slots.in_flight(server) < pool.max_connections.unwrap_or(u32::MAX));
                let expected = balancer.sends_to(record.pool()) && self.in_rotation[index] && has_room && has_slot;
                assert_eq!(balancer.is_eligible(server), expected);
                let idle = expected && slots.is_some_and(|slots| slots.awaits(server));
                assert!(!idle || gives_up, "a request waits beside a server with room");
            }
            let held: Vec<&Job> = self.arena.queue(balancer.queue).collect();
            assert_eq!(held.len() as u32, balancer.held);
            assert!(held.is_sorted_by_key(|job| job.tag >> 8), "first come first served");
            if let Some(first) = held.first() {
                let choice = balancer.would_choose(&self.view(first));
                assert!(!matches!(choice, Choice::Server(_)), "a request is held beside an idle server");
            }
        }
        assert_eq!(self.held, self.balancers.iter().map(|balancer| balancer.held).sum::<u32>());
    }

    /// Events that are void never outnumber those that are not.
    fn audit_calendar(&self, script_left: usize) {
        let is_closed = |tag: u64| self.classes[class_of(tag) as usize].is_closed;
        let mut ends = 0;
        let mut absent = 0;
        let mut count = |tag: u64| absent += usize::from(is_closed(tag));
        for record in &self.servers {
            let pool = &self.pools[record.pool()];
            if !pool.is_back_end {
                self.arena.queue(record.queue).for_each(|job| count(job.tag));
            }
            match pool.service {
                Service::Single if record.present > 0 => {
                    count(record.tag);
                    ends += 1;
                }
                Service::Single => {}
                Service::Workers | Service::Sharing => {
                    let station = &self.stations[record.station()];
                    ends += usize::from(station.wakes != Time::NEVER);
                    let requests = station.jobs().into_iter().map(|place| self.arena.get(place));
                    let tags: Vec<u64> = if pool.is_back_end {
                        let waiting = self.arena.queue(record.queue);
                        requests.chain(waiting).map(|call| self.arena.get(call.client).tag).collect()
                    } else {
                        requests.map(|job| job.tag).collect()
                    };
                    tags.into_iter().for_each(&mut count);
                }
            }
        }
        self.balancers.iter().flat_map(Balancer::queues).flat_map(|queue| self.arena.queue(queue)).for_each(|job| count(job.tag));
        let live = ends + self.users.number() as usize - absent + script_left;
        let len = self.calendar.len();
        assert!((live..=2 * live + 1).contains(&len), "{len} events, {live} of them live");
    }
}

fn model(text: &str) -> Model {
    match read(Source { name: "audited.ron", text }, &[], &NoFiles) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}"),
    }
}

/// Clients of all kinds behind two balancers, one of them with the algorithm in question; servers of all kinds.
fn text(seed: u64, algorithm: &str, when_full: &str) -> String {
    format!(
        "Model(seed: {seed}, clients: [
            Open(name: \"even\", arrivals: Renewal(gap: Constant(\"500ms\")), demand: Constant(\"500ms\"), balancer: \"a\"),
            Open(name: \"odd\", arrivals: Poisson(rate: \"9/s\"), demand: Exponential(\"300ms\"), balancer: \"a\"),
            Closed(name: \"users\", users: 9, think_time: Exponential(\"700ms\"), demand: Exponential(\"400ms\"), balancer: \"b\")],
        balancers: [
            (name: \"a\", algorithm: {algorithm}, when_full: {when_full}, queue_capacity: 20),
            (name: \"b\", algorithm: CentralQueue, when_full: {when_full}, pools: [\"one\", \"shared\"])],
        servers: [
            (name: \"one\", count: 2, capacity: 4),
            (name: \"several\", workers: 3, call: (to: \"disk\", demand: Constant(\"250ms\"))),
            (name: \"shared\", count: 2, discipline: ProcessorSharing, capacity: 5, call: (to: \"memory\", demand: Exponential(\"100ms\"))),
            (name: \"quick\", workers: 2, speed: 3, discipline: ProcessorSharing)],
        back_ends: [(name: \"disk\", capacity: 2), (name: \"memory\", workers: 2, discipline: ProcessorSharing)],
        script: [
            (at: \"10s\", remove: [0, 2]), (at: \"20s\", remove: [\"one\", \"several\", \"shared\", \"quick\"]), (at: \"25s\", restore: [1, 4]),
            (at: \"30s\", restore: [0, 2, 3]), (at: \"40s\", restore: 5), (at: \"45s\", remove: 5)],
        run: Steady(length: \"1min\", warm_up: \"10s\"))"
    )
}

#[test]
fn between_two_events_all_is_in_order() {
    for algorithm in Algorithm::NAMES {
        for (seed, when_full) in [(1, "Reject"), (2, "Skip"), (3, "Skip"), (4, "Skip"), (5, "Reject")] {
            let text = text(seed, algorithm, when_full);
            let limited =
                text.replace("count: 2", "max_connections: 2, count: 2").replace("speed: 3", "max_connections: 1, speed: 3");
            let model = model(if seed > 3 { &limited } else { &text });
            let (from, to) = (model.parts().run.measured_from(), model.parts().run.ends_at());
            let mut cluster = Cluster::new(&model, 0, Tally::new(3, from, to));
            let mut most_held = 0;
            while let Some(now) = cluster.step(to) {
                cluster.audit_servers();
                cluster.audit_balancers(*algorithm == "HaproxyRandom");
                cluster.audit_calendar(model.parts().script.iter().filter(|change| change.at > now).count());
                let waiting = cluster.balancers.iter().filter_map(|balancer| balancer.slots.as_ref()).map(|slots| slots.waiting);
                most_held = most_held.max(cluster.held + waiting.sum::<u32>());
            }
            assert!(cluster.born() > 600 && most_held > 3, "{algorithm}: {} born, {most_held} held", cluster.born());
        }
    }
}
