//! Pools that scale: an autoscaler looks at one, asks for servers, and takes some away.
//!
//! A pool is laid out with the most servers it may have; those that do not exist at present are absent. Of the servers that run the
//! autoscaler counts those that are up. One that it finds down is discarded as by the health checks of a group of machines in a
//! cloud: what it holds is lost, and its place can be taken again once what is upon it is over, or at once if it would never be
//! repaired. Who is taken away finishes what it has: those on their way are called off first, then the highest number goes.

use super::Cluster;
use super::server::after;
use super::timer::Kind;
use crate::balancing::Policy;
use crate::engine::Event;
use crate::observe::Observer;
use crate::random::{Role, Stream};
use crate::recovery::{Autoscaling, ScalingState, ScalingTarget};
use crate::units::{ServerId, Time};

/// The autoscaler of one pool.
#[derive(Debug)]
pub struct Scaler {
    spec: Autoscaling,
    rule: ScalingState,
    workers: u32,
    /// The number of the pool's first server.
    first: u32,
    places: Vec<Place>,
    /// How many servers it has asked for.
    asked: u64,
}

/// The place of one server.
#[derive(Debug, Clone, Copy)]
struct Place {
    stage: Stage,
    /// The generation of the event at which it will be ready.
    stamp: u32,
    /// What has been measured from here on.
    since: Time,
    /// Requests present, since when, and the integral of the measure until then.
    present: u32,
    at: Time,
    measured_ns: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Absent,
    /// It is being provisioned.
    Starting,
    /// It takes requests, if it is up.
    Running,
    /// It takes no more and finishes those it has.
    Draining,
}

impl Scaler {
    pub fn new(spec: &Autoscaling, first: ServerId, workers: u32) -> Self {
        let place = |number: u32| {
            let stage = if number < spec.begin { Stage::Running } else { Stage::Absent };
            Place { stage, stamp: 0, since: Time::ZERO, present: 0, at: Time::ZERO, measured_ns: 0 }
        };
        let places = (0..spec.most).map(place).collect();
        Self { rule: ScalingState::new(spec), spec: spec.clone(), workers, first: first.0, places, asked: 0 }
    }

    const fn place(&self, server: ServerId) -> usize {
        (server.0 - self.first) as usize
    }

    /// Whether `server` does not exist at present, or not yet.
    pub fn is_absent(&self, server: ServerId) -> bool {
        matches!(self.places[self.place(server)].stage, Stage::Absent | Stage::Starting)
    }

    /// The servers at that stage, in order of number.
    fn at(&self, stage: Stage) -> impl DoubleEndedIterator<Item = ServerId> + '_ {
        let first = self.first;
        let places = self.places.iter().enumerate().filter(move |(_, place)| place.stage == stage);
        places.map(move |(number, _)| ServerId(first + number as u32))
    }

    /// So many requests are present at `server` from now on; whether it is gone with the last of them.
    fn heed(&mut self, server: ServerId, present: u32, now: Time) -> bool {
        let number = self.place(server);
        self.measure(number, now);
        let place = &mut self.places[number];
        place.present = present;
        place.stage == Stage::Draining && present == 0
    }

    /// Takes the measure of a place up to now.
    fn measure(&mut self, number: usize, now: Time) {
        let place = &mut self.places[number];
        let counted = match self.spec.target {
            ScalingTarget::Utilization(_) => place.present.min(self.workers),
            ScalingTarget::InSystem(_) => place.present,
        };
        place.measured_ns += u128::from(now.since(place.at).as_nanos()) * u128::from(counted);
        place.at = now;
    }

    /// The measures of these servers since the last look, or since they began, added up.
    fn sum(&mut self, servers: &[ServerId], now: Time) -> f64 {
        let unit = if matches!(self.spec.target, ScalingTarget::Utilization(_)) { f64::from(self.workers) } else { 1.0 };
        let mut sum = 0.0;
        for server in servers {
            let number = self.place(*server);
            self.measure(number, now);
            let place = &mut self.places[number];
            let passed = now.since(place.since).as_nanos();
            if passed > 0 {
                sum += place.measured_ns as f64 / (passed as f64 * unit);
            }
            (place.since, place.measured_ns) = (now, 0);
        }
        sum
    }

    fn set(&mut self, server: ServerId, stage: Stage, now: Time) {
        let number = self.place(server);
        let place = &mut self.places[number];
        (place.stage, place.since, place.at, place.measured_ns) = (stage, now, now, 0);
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// All autoscalers begin.
    pub(super) fn begin_scaling(&mut self) {
        (0..self.pools.len()).for_each(|pool| self.next_look(pool));
    }

    fn next_look(&mut self, pool: usize) {
        let Some(interval) = self.scaler(pool).map(|scaler| scaler.spec.interval) else { return };
        self.calendar.schedule(Kind::Scales.at(after(self.now, interval.as_nanos()), pool as u32, 0));
    }

    fn scaler(&mut self, pool: usize) -> Option<&mut Scaler> {
        self.outages.as_deref_mut()?.scalers[pool].as_deref_mut()
    }

    /// An autoscaler looks at its pool.
    #[inline(never)]
    pub(super) fn scale(&mut self, pool: usize) {
        let now = self.now;
        self.discard_dead(pool);
        let Some(scaler) = self.scaler(pool) else { return };
        let running: Vec<ServerId> = scaler.at(Stage::Running).collect();
        let sum = scaler.sum(&running, now);
        let wanted = scaler.rule.look(&scaler.spec, now, running.len() as u32, sum);
        let starting: Vec<ServerId> = scaler.at(Stage::Starting).collect();
        let there = (running.len() + starting.len()) as u32;
        self.provision(pool, wanted.saturating_sub(there));
        let leaving = starting.into_iter().rev().chain(running.into_iter().rev());
        leaving.take(there.saturating_sub(wanted) as usize).for_each(|server| self.take_away(pool, server));
        self.next_look(pool);
    }

    /// Servers that are down are given up.
    fn discard_dead(&mut self, pool: usize) {
        let Some(outages) = self.outages.as_deref() else { return };
        let Some(scaler) = &outages.scalers[pool] else { return };
        let there = scaler.at(Stage::Running).chain(scaler.at(Stage::Draining));
        let dead: Vec<ServerId> = there.filter(|server| !outages.is_up(*server)).collect();
        for server in dead {
            self.withdraw(pool, server, Stage::Draining);
            self.lose_work(server);
            self.gone_if_idle(pool, server);
            if let Some(outages) = &mut self.outages {
                outages.forget(server);
            }
            self.renew(server);
        }
    }

    /// So many servers are asked for, as far as there are places: those without a server, and with no trouble left of the last one.
    fn provision(&mut self, pool: usize, number: u32) {
        let now = self.now;
        let Some(outages) = self.outages.as_deref_mut() else { return };
        let Some(scaler) = &outages.scalers[pool] else { return };
        let free = scaler.at(Stage::Absent).filter(|server| outages.is_up(*server));
        let free: Vec<ServerId> = free.take(number as usize).collect();
        for server in free {
            outages.meter.provision(now, true);
            let Some(scaler) = &mut outages.scalers[pool] else { return };
            scaler.set(server, Stage::Starting, now);
            let mut stream = Stream::keyed(self.seed, self.replication, Role::Provisioning, pool as u32, scaler.asked);
            scaler.asked += 1;
            let ready = after(now, scaler.spec.provisioning.sample(&mut stream).as_nanos());
            let number = scaler.place(server);
            let stamp = &mut scaler.places[number].stamp;
            *stamp = (*stamp + 1) % Event::STAMPS;
            self.calendar.schedule(Kind::Provisioned.at(ready, server.0, *stamp));
        }
    }

    /// A server is ready, unless it was called off.
    #[inline(never)]
    pub(super) fn provisioned(&mut self, server: ServerId, stamp: u32) {
        let (now, pool) = (self.now, self.servers[server.index()].pool());
        let Some(outages) = self.outages.as_deref_mut() else { return };
        let Some(scaler) = &mut outages.scalers[pool] else { return };
        let place = scaler.places[scaler.place(server)];
        if place.stage != Stage::Starting || place.stamp != stamp {
            return;
        }
        scaler.set(server, Stage::Running, now);
        outages.is_spare[server.index()] = false;
        if outages.is_up(server) {
            let up = outages.meter.up;
            outages.meter.set(now, up + 1);
            outages.wake(server, now, &mut self.calendar);
        }
        self.update_membership(server);
        self.warm_up(server, true);
        if self.limited {
            self.feed_server(server);
        }
        if self.held > 0 {
            self.feed_all();
        }
    }

    /// A server that is one too many is called off, or finishes what it has.
    fn take_away(&mut self, pool: usize, server: ServerId) {
        let now = self.now;
        let is_starting = self.scaler(pool).is_some_and(|scaler| scaler.places[scaler.place(server)].stage == Stage::Starting);
        if is_starting {
            if let Some(outages) = &mut self.outages {
                outages.meter.provision(now, false);
            }
            self.stage(pool, server, Stage::Absent);
            return;
        }
        self.withdraw(pool, server, Stage::Draining);
        self.gone_if_idle(pool, server);
    }

    fn stage(&mut self, pool: usize, server: ServerId, stage: Stage) {
        let now = self.now;
        if let Some(scaler) = self.scaler(pool) {
            scaler.set(server, stage, now);
        }
    }

    /// A server gets no more requests.
    fn withdraw(&mut self, pool: usize, server: ServerId, stage: Stage) {
        let now = self.now;
        self.stage(pool, server, stage);
        if let Some(outages) = &mut self.outages
            && !std::mem::replace(&mut outages.is_spare[server.index()], true)
            && outages.is_up(server)
        {
            let up = outages.meter.up;
            outages.meter.set(now, up - 1);
        }
        self.update_membership(server);
        self.warm_up(server, false);
        if self.limited {
            self.release(server);
        }
    }

    /// A server that gets no more requests is gone once it has none.
    fn gone_if_idle(&mut self, pool: usize, server: ServerId) {
        let now = self.now;
        let is_idle = self.servers[server.index()].present == 0;
        let Some(outages) = self.outages.as_deref_mut() else { return };
        let Some(scaler) = &mut outages.scalers[pool] else { return };
        if is_idle && scaler.places[scaler.place(server)].stage == Stage::Draining {
            scaler.set(server, Stage::Absent, now);
            outages.meter.provision(now, false);
            outages.rest(server, now);
        }
    }

    /// The number of requests at `server` has changed, whose pool scales.
    #[inline(never)]
    pub(super) fn load_changed(&mut self, server: ServerId) {
        let record = &self.servers[server.index()];
        let (pool, present, now) = (record.pool(), record.present, self.now);
        if self.scaler(pool).is_some_and(|scaler| scaler.heed(server, present, now)) {
            self.gone_if_idle(pool, server);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;
    use crate::model::{Model, NoFiles, Source, read};
    use crate::observe::{Completed, Failed, Unfinished, Uptime};
    use crate::units::Span;

    /// Counts how requests end.
    #[derive(Debug, Default)]
    struct Ends {
        completed: u64,
        failed: u64,
        unfinished: u64,
    }

    impl Observer for Ends {
        fn completed(&mut self, _: &Completed) {
            self.completed += 1;
        }

        fn failed(&mut self, _: &Failed) {
            self.failed += 1;
        }

        fn unfinished(&mut self, _: &Unfinished) {
            self.unfinished += 1;
        }
    }

    /// 280 requests a second of 10 ms: 60 % of 4.67 servers.
    fn model(count: u32, fields: &str, rest: &str) -> Model {
        let text = format!(
            "Model(clients: [Open(arrivals: Poisson(rate: \"280/s\"), demand: Exponential(\"10ms\"))], balancer: (algorithm: LeastConnections),
            servers: [Pool(name: \"web\", count: {count}, autoscaling: (least: 2, most: 10, target: Utilization(\"60%\"), interval: \"30s\", \
            provisioning: \"2min\", {fields}))], run: Terminating(horizon: \"20min\"), {rest})"
        );
        match read(Source { name: "scaled.ron", text: &text }, &[], &NoFiles) {
            Ok(checked) => checked.model,
            Err(report) => panic!("{report}"),
        }
    }

    /// A replication to its end.
    struct Run {
        /// How many servers run, from which second on.
        running: Vec<(f64, usize)>,
        uptime: Uptime,
        born: u64,
        ends: Ends,
    }

    fn run(model: &Model) -> Run {
        let mut cluster = Cluster::new(model, 0, Ends::default());
        let end = model.parts().run.ends_at();
        let count = |cluster: &mut Cluster<Ends>| cluster.scaler(0).unwrap().at(Stage::Running).count();
        let mut running = vec![(0.0, count(&mut cluster))];
        while let Some(now) = cluster.step(end) {
            let number = count(&mut cluster);
            if number != running.last().unwrap().1 {
                // Several servers are ready, or leave, one after the other at the same instant.
                let last = running.pop_if(|(secs, _)| *secs == now.as_secs());
                let before = running.last().map(|(_, number)| *number);
                if last.is_none() || before != Some(number) {
                    running.push((now.as_secs(), number));
                }
            }
        }
        let (uptime, born) = (cluster.uptime().unwrap(), cluster.born());
        Run { running, uptime, born, ends: cluster.finish_replication() }
    }

    /// The work of 8,400 requests between two looks varies by 1.5 % (one standard deviation), what it asks for by 0.07 servers: more than
    /// five by chance at one look in 10^5.
    #[test]
    fn a_steady_load_has_as_many_servers_as_it_needs() {
        let steady = run(&model(5, "", ""));
        assert_eq!(steady.running, [(0.0, 5)]);
        let shrinking = run(&model(10, "cooldown_in: \"2min\"", ""));
        // What was wanted at the beginning counts until the fourth look.
        assert_eq!(shrinking.running, [(0.0, 10), (120.0, 5)]);
        assert_eq!((shrinking.ends.failed, shrinking.born), (0, shrinking.ends.completed + shrinking.ends.unfinished));
        let window = Span::from_secs(1_200);
        let provisioned = shrinking.uptime.mean_provisioned(window).unwrap();
        // Those taken away need some milliseconds to finish.
        assert!((5.5..5.501).contains(&provisioned), "{provisioned}");
        assert_eq!(shrinking.uptime.up_ns, 120 * 10_000_000_000 + 1_080 * 5_000_000_000);
    }

    #[test]
    fn a_wave_is_met_an_interval_and_a_provisioning_later() {
        let growing = run(&model(2, "", ""));
        // Both are busy all the time: ceil(2 * 1 / 0.6) = 4. They are here 2 min after the look at 30 s.
        assert_eq!(growing.running[..2], [(0.0, 2), (150.0, 4)]);
        // Four are busy all the time as long as requests wait: 7 are asked for, two minutes later.
        assert_eq!(growing.running[2], (300.0, 7));
        assert!(growing.running.iter().all(|(_, number)| (2..=10).contains(number)));
    }

    #[test]
    fn a_server_that_is_down_is_replaced() {
        let dead = run(&model(5, "", "script: [(at: \"40s\", fail: \"web 1\")]"));
        // It is found at 60 s; its place is free again after a repair only, so that another takes over.
        assert_eq!(dead.running, [(0.0, 5), (60.0, 4), (180.0, 5)]);
        assert_eq!(dead.ends.failed + dead.ends.completed + dead.ends.unfinished, dead.born);
        assert!(dead.ends.failed > 0, "until it is found nobody knows");
    }

    /// Without a new server in the place of each that dies, all ten places would be dead after some minutes.
    #[test]
    fn the_place_of_what_is_never_repaired_is_taken_again() {
        let often = run(&model(
            5,
            "",
            "zones: [Zone(servers: \"web\", failures: \
            Failures(time_to_failure: Exponential(\"5min\"), time_to_repair: Never, scope: Each))]",
        ));
        assert!(often.running.iter().all(|(_, number)| *number <= 10));
        let late = often.running.iter().filter(|(secs, _)| *secs > 600.0).map(|(_, number)| *number);
        assert!(late.clone().max() >= Some(4), "{:?}", often.running);
        assert_eq!(often.ends.failed + often.ends.completed + often.ends.unfinished, often.born);
    }
}
