//! Envoy's outlier detection: a balancer ejects servers by how the requests it sends them end.
//!
//! Source: Envoy, `source/common/upstream/outlier_detection_impl.cc`. A tick of the interval does three things in this order:
//! servers come back whose time is over (`checkHostForUneject`); rates of the interval that ends are compared
//! (`processSuccessRateEjections`); servers that were in rotation for the whole interval are forgiven one ejection
//! (`onIntervalTimer`). How long a server stays out grows with its ejections so far (`ejectHost`).

use super::{OutlierSpec, Seen};
use crate::units::{ServerId, Span, Time};

/// How often a tick comes a hair too early for a server that came back at the tick before to be forgiven. Envoy sets the timer of the next tick by
/// the time at which its event loop woke up, but notes the return by the clock, a little later, so that which of the two spans is longer is a
/// race. With 1.40.0 it was lost in 2 of 10 cases (an interval of 1 s, five runs with two returns each).
pub const EARLY: f64 = 0.2;

/// All servers of one balancer.
#[derive(Debug, Clone)]
pub struct Outliers {
    spec: OutlierSpec,
    members: u32,
    ejected: u32,
    /// By number.
    servers: Vec<Server>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Server {
    /// Failures in a row.
    failures: u32,
    /// Requests of this interval that have ended, and those of them that did well.
    ended: u32,
    well: u32,
    /// When it was ejected, while it is.
    ejected_at: Option<Time>,
    /// When it last came back.
    back_at: Option<Time>,
    /// By how much the base is multiplied.
    multiplier: u64,
}

impl Outliers {
    /// No server ejected. `servers`: one more than the highest number; `members`: how many there are, which the fraction of
    /// those ejected counts over.
    #[must_use]
    pub fn new(spec: OutlierSpec, servers: usize, members: u32) -> Self {
        Self { spec, members, ejected: 0, servers: vec![Server::default(); servers] }
    }

    /// From one tick to the next.
    #[must_use]
    pub const fn interval(&self) -> Span {
        self.spec.interval
    }

    /// Takes how a try on a server ended; says whether the server is ejected by this.
    pub fn seen(&mut self, server: ServerId, seen: Seen, now: Time) -> bool {
        let Some(state) = self.servers.get_mut(server.index()) else { return false };
        state.ended = state.ended.saturating_add(1);
        if seen == Seen::Answered {
            state.well = state.well.saturating_add(1);
            state.failures = 0;
            return false;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures != self.spec.consecutive_errors || state.ejected_at.is_some() {
            return false;
        }
        // Also where no more may be ejected.
        state.failures = 0;
        self.eject(server, now)
    }

    /// A tick of the interval: adds the servers that change by it, those that come back (true) and those that are ejected
    /// (false), in order of their numbers. `early`: whether it comes a hair less than an interval after the tick before.
    pub fn tick(&mut self, now: Time, early: bool, changed: &mut Vec<(ServerId, bool)>) {
        let begin = changed.len();
        for server in self.numbers() {
            if self.is_over(server, now) {
                self.put_back(server, now);
                changed.push((server, true));
            }
        }
        for server in self.outliers() {
            if self.eject(server, now) {
                changed.push((server, false));
            }
        }
        let whole = if early { self.spec.interval + Span::from_nanos(1) } else { self.spec.interval };
        for state in &mut self.servers {
            state.ended = 0;
            state.well = 0;
            let in_rotation = state.ejected_at.is_none();
            if in_rotation && state.back_at.is_some_and(|back| now.since(back) >= whole) {
                state.multiplier = state.multiplier.saturating_sub(1);
            }
        }
        changed[begin..].sort_by_key(|&(server, _)| server);
    }

    /// Takes an active check of a server that has passed while its checks find it up: in Envoy it ends an ejection
    /// (`successful_active_health_check_uneject_host`, on by default). Says whether the server comes back by this.
    pub fn check_passed(&mut self, server: ServerId, now: Time) -> bool {
        let was_ejected = self.is_ejected(server);
        if was_ejected {
            self.put_back(server, now);
        }
        was_ejected
    }

    /// Whether a server is ejected.
    #[must_use]
    pub fn is_ejected(&self, server: ServerId) -> bool {
        self.servers.get(server.index()).is_some_and(|state| state.ejected_at.is_some())
    }

    /// Failures in a row of a server, below the limit while it is not ejected.
    #[must_use]
    pub fn failures(&self, server: ServerId) -> u32 {
        self.servers.get(server.index()).map_or(0, |state| state.failures)
    }

    fn numbers(&self) -> impl Iterator<Item = ServerId> + use<> {
        (0..u32::try_from(self.servers.len()).unwrap_or(u32::MAX)).map(ServerId)
    }

    /// Ejects a server if that is allowed and it is not yet.
    fn eject(&mut self, server: ServerId, now: Time) -> bool {
        let most = self.spec.most_ejected.value() * f64::from(self.members);
        // Fractions have no exact form: 29 % of 100 is 29.
        let allowed = f64::from(self.ejected) + 1.0 <= most + 1e-9 || self.spec.always_one && self.ejected == 0;
        let state = &mut self.servers[server.index()];
        if !allowed || state.ejected_at.is_some() {
            return false;
        }
        let (base, longest) = (self.spec.base_ejection.as_nanos(), self.spec.most_ejection.as_nanos());
        if state.multiplier.saturating_mul(base) < longest.saturating_add(base) {
            state.multiplier += 1;
        }
        state.ejected_at = Some(now);
        self.ejected += 1;
        true
    }

    fn is_over(&self, server: ServerId, now: Time) -> bool {
        let state = &self.servers[server.index()];
        let span = state.multiplier.saturating_mul(self.spec.base_ejection.as_nanos()).min(self.spec.most_ejection.as_nanos());
        state.ejected_at.is_some_and(|ejected_at| now.since(ejected_at).as_nanos() >= span)
    }

    fn put_back(&mut self, server: ServerId, now: Time) {
        let state = &mut self.servers[server.index()];
        state.ejected_at = None;
        state.back_at = Some(now);
        state.failures = 0;
        self.ejected -= 1;
    }

    /// The servers in rotation whose rates in the interval that ends are too bad, those of the first criterion first.
    fn outliers(&self) -> Vec<ServerId> {
        let spec = &self.spec;
        if spec.success_rate.is_none() && spec.failure_fraction.is_none() {
            return Vec::new();
        }
        let percent = |server: ServerId| {
            let state = &self.servers[server.index()];
            let counts = state.ejected_at.is_none() && state.ended >= spec.least_requests.max(1);
            counts.then(|| (server, f64::from(state.well) * 100.0 / f64::from(state.ended)))
        };
        let rates: Vec<(ServerId, f64)> = self.numbers().filter_map(percent).collect();
        if rates.is_empty() || rates.len() < spec.least_servers as usize {
            return Vec::new();
        }
        let below = spec.success_rate.map(|factor| least_success(&rates, factor));
        let low = rates.iter().filter(|(_, rate)| below.is_some_and(|below| *rate < below));
        let most = spec.failure_fraction.map(|fraction| fraction.value() * 100.0);
        let failing = rates.iter().filter(|(_, rate)| most.is_some_and(|most| 100.0 - rate >= most - 1e-9));
        low.chain(failing).map(|(server, _)| *server).collect()
    }
}

/// The mean of the rates less so many times their standard deviation (that of a whole population).
fn least_success(rates: &[(ServerId, f64)], factor: f64) -> f64 {
    let count = rates.len() as f64;
    let mean = rates.iter().map(|(_, rate)| rate).sum::<f64>() / count;
    let variance = rates.iter().map(|(_, rate)| (rate - mean) * (rate - mean)).sum::<f64>() / count;
    mean - factor * variance.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Probability;

    const FAILED: Seen = Seen::Error;

    fn spec() -> OutlierSpec {
        OutlierSpec {
            consecutive_errors: 5,
            interval: Span::from_secs(10),
            base_ejection: Span::from_secs(30),
            most_ejection: Span::from_secs(300),
            most_ejected: Probability::new(0.5).unwrap(),
            always_one: false,
            success_rate: None,
            failure_fraction: None,
            least_servers: 5,
            least_requests: 100,
        }
    }

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    /// What the tick at that second changes.
    fn tick(outliers: &mut Outliers, secs: u64) -> Vec<(u32, bool)> {
        let mut changed = Vec::new();
        outliers.tick(at(secs), false, &mut changed);
        changed.into_iter().map(|(server, back)| (server.0, back)).collect()
    }

    /// How many failures it takes to eject a server, at most ten.
    fn failures_until_ejected(outliers: &mut Outliers, server: u32, secs: u64) -> Option<usize> {
        (1..=10).find(|_| outliers.seen(ServerId(server), FAILED, at(secs)))
    }

    /// So many requests to a server, the first of them failed (never five in a row).
    fn requests(outliers: &mut Outliers, server: u32, all: u32, failed: u32) {
        for number in 0..all {
            // Spread out, so that none is ejected for failures in a row where that is looked at.
            let seen = if number < failed { Seen::TimedOut } else { Seen::Answered };
            assert!(!outliers.seen(ServerId(server), seen, at(1)));
        }
    }

    #[test]
    fn five_failures_of_any_kind_in_a_row_eject_a_server_at_once() {
        let mut outliers = Outliers::new(spec(), 2, 2);
        let mut see = |seen| outliers.seen(ServerId(1), seen, at(3));
        let first = [Seen::Error, Seen::Cut, Seen::TimedOut, Seen::NoConnection, Seen::Answered];
        let then = [Seen::Error, Seen::Cut, Seen::TimedOut, Seen::NoConnection, Seen::Error, Seen::Error];
        assert_eq!(first.map(&mut see), [false; 5]);
        assert_eq!(then.map(&mut see), [false, false, false, false, true, false]);
        assert!(outliers.is_ejected(ServerId(1)) && !outliers.is_ejected(ServerId(0)));
    }

    #[test]
    fn a_server_comes_back_at_a_tick_and_needs_five_failures_again() {
        let mut outliers = Outliers::new(spec(), 1, 1);
        outliers.spec.most_ejected = Probability::new(1.0).unwrap();
        assert_eq!(failures_until_ejected(&mut outliers, 0, 12), Some(5));
        // What was under way when it was ejected does not count afterwards.
        assert!([(); 4].iter().all(|()| !outliers.seen(ServerId(0), FAILED, at(13))));
        for secs in [20, 30, 40] {
            assert_eq!(tick(&mut outliers, secs), []);
        }
        assert_eq!(tick(&mut outliers, 50), [(0, true)]);
        assert_eq!(failures_until_ejected(&mut outliers, 0, 51), Some(5));
    }

    /// The seconds of the tick at which a server comes back that was ejected at `secs`.
    fn back(outliers: &mut Outliers, secs: u64) -> Option<u64> {
        assert_eq!(failures_until_ejected(outliers, 0, secs), Some(5));
        (1..100).map(|number| (secs / 10 + number) * 10).find(|&secs| tick(outliers, secs) == [(0, true)])
    }

    #[test]
    fn each_ejection_lasts_longer_up_to_the_longest() {
        let mut outliers = Outliers::new(spec(), 1, 1);
        outliers.spec.most_ejected = Probability::new(1.0).unwrap();
        let mut lasts = Vec::new();
        let mut secs = 0;
        for _ in 0..12 {
            let end = back(&mut outliers, secs).unwrap();
            lasts.push(end - secs);
            secs = end;
        }
        assert_eq!(lasts, [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
    }

    #[test]
    fn each_interval_in_rotation_takes_back_one_ejection() {
        let mut outliers = Outliers::new(spec(), 1, 1);
        outliers.spec.most_ejected = Probability::new(1.0).unwrap();
        assert_eq!(back(&mut outliers, 0), Some(30));
        assert_eq!(back(&mut outliers, 31), Some(100));
        // Two ejections so far; the ticks at 110 and 120 take one back each.
        assert_eq!(tick(&mut outliers, 110), []);
        assert_eq!(tick(&mut outliers, 120), []);
        assert_eq!(back(&mut outliers, 120), Some(150));
        // The tick at 160 does, and the next ejection is the first again; none would make it the second.
        assert_eq!(tick(&mut outliers, 160), []);
        assert_eq!(back(&mut outliers, 160), Some(190));
        assert_eq!(back(&mut outliers, 190), Some(250));
    }

    #[test]
    fn a_tick_that_comes_early_forgives_nobody_who_came_back_at_the_last_one() {
        let mut outliers = Outliers::new(spec(), 1, 1);
        outliers.spec.most_ejected = Probability::new(1.0).unwrap();
        assert_eq!(back(&mut outliers, 0), Some(30));
        outliers.tick(at(40), true, &mut Vec::new());
        assert_eq!(back(&mut outliers, 40), Some(100));
        // The second tick after the return is past the interval in any case.
        outliers.tick(at(110), true, &mut Vec::new());
        outliers.tick(at(120), true, &mut Vec::new());
        assert_eq!(back(&mut outliers, 120), Some(180));
    }

    #[test]
    fn ten_percent_of_four_is_none_unless_one_always_may_be_ejected() {
        let ten_percent = |members| {
            let spec = OutlierSpec { most_ejected: Probability::new(0.1).unwrap(), ..spec() };
            Outliers::new(spec, 20, members)
        };
        assert_eq!(failures_until_ejected(&mut ten_percent(4), 0, 1), None);
        let mut ten = ten_percent(10);
        assert_eq!([0, 1].map(|server| failures_until_ejected(&mut ten, server, 1)), [Some(5), None]);
        let mut four = ten_percent(4);
        four.spec.always_one = true;
        assert_eq!([0, 1].map(|server| failures_until_ejected(&mut four, server, 1)), [Some(5), None]);
        // What is not allowed counts from the beginning: the sixth failure is the first.
        let mut later = ten_percent(4);
        assert_eq!((0..6).find(|_| later.seen(ServerId(2), FAILED, at(1))), None);
        later.spec.always_one = true;
        assert_eq!(failures_until_ejected(&mut later, 2, 1), Some(4));
    }

    #[test]
    fn no_failures_in_a_row_where_that_is_off() {
        let mut outliers = Outliers::new(OutlierSpec { consecutive_errors: 0, ..spec() }, 1, 2);
        assert_eq!(failures_until_ejected(&mut outliers, 0, 1), None);
        assert!(!outliers.seen(ServerId(7), FAILED, at(1)) && !outliers.is_ejected(ServerId(7)));
    }

    fn by_rates(success_rate: Option<f64>, failure_fraction: Option<f64>) -> Outliers {
        let failure_fraction = failure_fraction.map(|fraction| Probability::new(fraction).unwrap());
        Outliers::new(OutlierSpec { consecutive_errors: 0, success_rate, failure_fraction, ..spec() }, 6, 6)
    }

    #[test]
    fn a_low_rate_of_success_ejects_at_the_tick() {
        // Rates 50, 100, 100, 100, 100: mean 90, standard deviation 20, threshold 90 - 1.9 * 20 = 52.
        let mut outliers = by_rates(Some(1.9), None);
        requests(&mut outliers, 3, 100, 50);
        for server in [0, 1, 2, 4] {
            requests(&mut outliers, server, 100, 0);
        }
        assert_eq!(tick(&mut outliers, 10), [(3, false)]);
        // The next interval begins with nothing.
        assert_eq!(tick(&mut outliers, 20), []);
        // With a factor of 2 the threshold would be 50, and 50 is not below it.
        let mut outliers = by_rates(Some(2.0), None);
        requests(&mut outliers, 3, 100, 50);
        for server in [0, 1, 2, 4] {
            requests(&mut outliers, server, 100, 0);
        }
        assert_eq!(tick(&mut outliers, 10), []);
    }

    #[test]
    fn rates_need_enough_servers_with_enough_requests() {
        for (servers, volume, changes) in [(5, 100, 1), (4, 100, 0), (5, 99, 0)] {
            let mut outliers = by_rates(None, Some(0.85));
            requests(&mut outliers, 0, 100, 90);
            for server in 1..servers {
                requests(&mut outliers, server, volume, 0);
            }
            assert_eq!(tick(&mut outliers, 10).len(), changes, "{servers} servers with {volume} requests");
        }
    }

    #[test]
    fn a_fraction_of_failures_ejects_as_many_as_are_allowed() {
        let mut outliers = by_rates(None, Some(0.85));
        for (server, failed) in (0..6).zip([85, 84, 100, 0, 90, 86]) {
            requests(&mut outliers, server, 100, failed);
        }
        // Servers 0, 2, 4 and 5 fail too often; half of six is three.
        assert_eq!(tick(&mut outliers, 10), [(0, false), (2, false), (4, false)]);
        // Each of them comes back after 30 s, all at one tick.
        assert_eq!(tick(&mut outliers, 39), []);
        assert_eq!(tick(&mut outliers, 40), [(0, true), (2, true), (4, true)]);
    }

    #[test]
    fn who_is_bad_by_both_rates_is_ejected_once() {
        let mut outliers = by_rates(Some(1.9), Some(0.5));
        requests(&mut outliers, 5, 100, 100);
        for server in 0..5 {
            requests(&mut outliers, server, 100, 0);
        }
        assert_eq!(tick(&mut outliers, 10), [(5, false)]);
        assert_eq!(outliers.ejected, 1);
    }

    #[test]
    fn a_check_that_passes_ends_an_ejection() {
        let mut outliers = Outliers::new(spec(), 2, 2);
        assert!(!outliers.check_passed(ServerId(0), at(1)));
        assert_eq!(failures_until_ejected(&mut outliers, 0, 2), Some(5));
        assert!(outliers.check_passed(ServerId(0), at(3)) && !outliers.is_ejected(ServerId(0)));
        assert_eq!(tick(&mut outliers, 100), []);
        assert_eq!(failures_until_ejected(&mut outliers, 0, 101), Some(5));
    }
}
