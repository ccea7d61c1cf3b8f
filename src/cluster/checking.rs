//! Balancers find out: health checks, failed tries, ejections, and when the news reach their choices.

use super::Cluster;
use super::server::after;
use super::timer::Kind;
use super::watch::Watch;
use crate::balancing::Policy;
use crate::engine::Event;
use crate::faults::{Condition, InFlight};
use crate::health::{CheckSpec, EARLY, Healthy, News, Phase, Probe, Seen};
use crate::observe::Observer;
use crate::units::{ServerId, Span};

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// All checks begin.
    pub(super) fn begin_checks(&mut self) {
        for index in 0..self.balancers.len() {
            let Some(watch) = &mut self.balancers[index].watch else { continue };
            let spec = watch.spec.checks.clone();
            let first = spec.map_or_else(Vec::new, |spec| first_checks(watch, &spec));
            let look = watch.outliers.as_ref().map(crate::health::Outliers::interval);
            for (server, span) in first {
                self.next_check(index, server, span);
            }
            if let Some(interval) = look {
                self.calendar.schedule(Kind::Outliers.at(after(self.now, interval.as_nanos()), index as u32, 0));
            }
        }
    }

    /// The next check of `server` by balancer `index` begins in `span`.
    fn next_check(&mut self, index: usize, server: ServerId, span: Span) {
        let pair = self.pair(index, server);
        let Some(watch) = &mut self.balancers[index].watch else { return };
        let stamp = &mut watch.stamps[server.index()];
        *stamp = (*stamp + 1) % Event::STAMPS;
        let due = after(self.now, span.as_nanos());
        watch.dues[server.index()] = due;
        self.calendar.schedule(Kind::Check.at(due, pair, *stamp));
    }

    const fn pair(&self, index: usize, server: ServerId) -> u32 {
        (index * self.servers.len()) as u32 + server.0
    }

    const fn of_pair(&self, pair: u32) -> (usize, ServerId) {
        let servers = self.servers.len() as u32;
        ((pair / servers) as usize, ServerId(pair % servers))
    }

    /// A check begins.
    #[inline(never)]
    pub(super) fn check(&mut self, pair: u32, stamp: u32) {
        let (index, server) = self.of_pair(pair);
        let Some(watch) = &mut self.balancers[index].watch else { return };
        if watch.stamps[server.index()] != stamp {
            return;
        }
        let truth = self.outages.as_deref().map_or(Probe::Passed, |outages| judged(watch, &outages.conditions[server.index()]));
        let timeout = watch.check_spec().map_or(Span::ZERO, |spec| spec.timeout);
        if truth != Probe::TimedOut || timeout == Span::ZERO {
            return self.check_ends(index, server, truth);
        }
        watch.is_waiting[server.index()] = true;
        self.calendar.schedule(Kind::CheckDue.at(after(self.now, timeout.as_nanos()), pair, stamp));
    }

    /// A check has not been answered in time.
    #[inline(never)]
    pub(super) fn check_due(&mut self, pair: u32, stamp: u32) {
        let (index, server) = self.of_pair(pair);
        let waits = self.balancers[index].watch.as_ref().is_some_and(|watch| watch.stamps[server.index()] == stamp);
        if waits {
            self.check_ends(index, server, Probe::TimedOut);
        }
    }

    fn check_ends(&mut self, index: usize, server: ServerId, probe: Probe) {
        let now = self.now;
        let Some(watch) = &mut self.balancers[index].watch else { return };
        let Some(spec) = watch.spec.checks.clone() else { return };
        watch.is_waiting[server.index()] = false;
        let state = &mut watch.checks[server.index()];
        let mut has_changed = state.heard(&spec, probe);
        let (next, is_up) = (state.next_in(&spec), state.is_up());
        if probe == Probe::Passed {
            if let Some(observed) = watch.observed.get_mut(server.index()) {
                observed.check_passed();
            }
            has_changed |= is_up && watch.outliers.as_mut().is_some_and(|outliers| outliers.check_passed(server, now));
        }
        self.next_check(index, server, next);
        if has_changed {
            self.belief_changes(index, server);
        }
    }

    /// What is upon `server` has changed: checks that wait for its answer hear something now.
    pub(super) fn checks_hear(&mut self, server: ServerId, before: &Condition) {
        let Some(outages) = self.outages.as_deref() else { return };
        let condition = outages.conditions[server.index()].clone();
        let now_is = probe(&condition);
        if now_is == Probe::TimedOut {
            return;
        }
        // What was lost is cut off; else the server answers at last.
        let was_lost = before.down.is_some_and(|down| down.work == InFlight::Lost);
        let is_refused = was_lost || now_is == Probe::Refused;
        for index in 0..self.balancers.len() {
            let watch = self.balancers[index].watch.as_mut().filter(|watch| watch.is_waiting[server.index()]);
            if let Some(watch) = watch {
                let heard = if is_refused { Probe::Refused } else { judged(watch, &condition) };
                self.check_ends(index, server, heard);
            }
        }
    }

    /// A try on `server` ended so.
    pub(super) fn seen(&mut self, balancer: u16, server: ServerId, seen: Seen) {
        let (index, now) = (balancer as usize, self.now);
        let Some(watch) = &mut self.balancers[index].watch else { return };
        let mut has_changed = watch.outliers.as_mut().is_some_and(|outliers| outliers.seen(server, seen, now));
        let action = watch.spec.observe.as_ref().and_then(|spec| watch.observed[server.index()].seen(spec, seen));
        let sooner = action.zip(watch.spec.checks.clone()).and_then(|(action, spec)| {
            has_changed |= watch.checks[server.index()].act(&spec, action);
            // What is due sooner stays as it is.
            let is_later = |interval: &Span| watch.dues[server.index()] > after(now, interval.as_nanos());
            spec.hurried().filter(|interval| !watch.is_waiting[server.index()] && is_later(interval))
        });
        if let Some(interval) = sooner {
            self.next_check(index, server, interval);
        }
        if has_changed {
            self.belief_changes(index, server);
        }
    }

    /// Envoy's outlier detection looks at its servers.
    #[inline(never)]
    pub(super) fn look_at_outliers(&mut self, index: usize) {
        let now = self.now;
        let Some(watch) = &mut self.balancers[index].watch else { return };
        let early = watch.phases.uniform() < EARLY;
        let Some(outliers) = &mut watch.outliers else { return };
        let mut changed = Vec::new();
        outliers.tick(now, early, &mut changed);
        let interval = outliers.interval();
        self.calendar.schedule(Kind::Outliers.at(after(now, interval.as_nanos()), index as u32, 0));
        for (server, _) in changed {
            self.belief_changes(index, server);
        }
    }

    /// A balancer believes something else of `server` than before.
    fn belief_changes(&mut self, index: usize, server: ServerId) {
        let now = self.now;
        let Some(watch) = &mut self.balancers[index].watch else { return };
        match watch.merging.offer(now) {
            News::Now if watch.is_simple() => {
                let changed = watch.publish_one(server);
                self.heard(index, changed.into_iter().collect());
            }
            News::Now => self.publish(index),
            News::At(due) => {
                self.calendar.schedule(Kind::News.at(due, index as u32, 0));
            }
            News::Pending => {}
        }
    }

    /// A balancer has taken a server out of rotation: if that is down and nobody had, it has been found out.
    pub(super) fn note_detection(&mut self, server: ServerId) {
        let Some(outages) = self.outages.as_deref_mut().filter(|outages| !outages.is_up(server)) else { return };
        if !std::mem::replace(&mut outages.is_found[server.index()], true) {
            let since = outages.down_since[server.index()];
            outages.meter.detected(self.now, since);
        }
    }

    /// News that waited are delivered.
    #[inline(never)]
    pub(super) fn news(&mut self, index: usize) {
        let now = self.now;
        let Some(watch) = &mut self.balancers[index].watch else { return };
        if watch.merging.is_due(now) {
            watch.merging.delivered(now);
            self.publish(index);
        }
    }

    /// The choices of a balancer hear all that it believes.
    pub(super) fn publish(&mut self, index: usize) {
        let Some(watch) = &mut self.balancers[index].watch else { return };
        let changed = watch.publish();
        self.heard(index, changed);
    }

    /// The choices of a balancer have heard of these servers.
    fn heard(&mut self, index: usize, changed: Vec<ServerId>) {
        for server in changed {
            let Some(watch) = &self.balancers[index].watch else { continue };
            let (is_in, is_found) = (watch.may_use(server), watch.has_found(server));
            if is_found {
                self.note_detection(server);
            }
            self.update_eligibility(server);
            self.warm_up_for(index, server, is_in);
            if self.limited {
                if is_in { self.feed_server(server) } else { self.release(server) }
            }
        }
        if self.held > 0 {
            self.feed_all();
        }
    }
}

/// How a check of a server in this condition goes, by what it takes to pass.
fn judged(watch: &mut Watch, condition: &Condition) -> Probe {
    let healthy = watch.check_spec().map(|spec| spec.healthy);
    match (probe(condition), healthy) {
        (Probe::Error, Some(Healthy::Connects)) => Probe::Passed,
        (Probe::Passed, Some(Healthy::Serves)) => {
            let errors = condition.errors.as_ref().map_or(0.0, |(probability, _)| *probability);
            let bad = 1.0 - (1.0 - errors) * (1.0 - condition.wrong);
            if bad > 0.0 && watch.phases.uniform() < bad { Probe::Error } else { Probe::Passed }
        }
        (probe, _) => probe,
    }
}

/// How a check of a server in this condition goes on a path of its own.
const fn probe(condition: &Condition) -> Probe {
    match (&condition.down, condition.unreachable) {
        (_, Some(true)) => Probe::Refused,
        (Some(down), None) if down.refuses => Probe::Refused,
        (_, Some(false)) | (Some(_), None) => Probe::TimedOut,
        (None, None) if condition.fails_checks => Probe::Error,
        (None, None) => Probe::Passed,
    }
}

/// When the first check of each server comes.
fn first_checks(watch: &mut Watch, spec: &CheckSpec) -> Vec<(ServerId, Span)> {
    let interval = spec.interval.as_nanos() as f64;
    let members = watch.members.clone();
    let beginning = watch.phases.uniform();
    let of = |(place, server): (usize, ServerId)| {
        let part = match spec.phase {
            Phase::Common => 1.0,
            Phase::Random => watch.phases.uniform(),
            Phase::Spread => (beginning + place as f64 / members.len() as f64).fract(),
        };
        (server, Span::from_nanos_f64(interval * part))
    };
    members.iter().copied().enumerate().map(of).collect()
}
