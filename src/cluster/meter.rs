//! What was up over time, and what it took.

use crate::observe::Uptime;
use crate::units::Time;

/// Adds up how many servers are up, and how long the service is available: as many servers up as it needs, and a balancer that serves.
#[derive(Debug)]
pub struct Meter {
    from: Time,
    last: Time,
    /// Servers up.
    pub up: u32,
    needed: u32,
    /// Whether some balancer serves.
    served: bool,
    /// Servers provisioned, where pools scale; else 0.
    pub provisioned: u32,
    sum: Uptime,
}

impl Meter {
    pub fn new(servers: u32, needed: u32, from: Time) -> Self {
        Self { from, last: Time::ZERO, up: servers, needed, served: true, provisioned: 0, sum: Uptime::default() }
    }

    const fn is_available(&self) -> bool {
        self.served && self.up >= self.needed
    }

    fn advance(&mut self, now: Time) {
        let passed = now.since(self.last.max(self.from)).as_nanos();
        self.sum.up_ns += u128::from(passed) * u128::from(self.up);
        self.sum.provisioned_ns += u128::from(passed) * u128::from(self.provisioned);
        if self.is_available() {
            self.sum.available_ns += passed;
        }
        self.last = now;
    }

    /// So many servers are up from now on.
    pub fn set(&mut self, now: Time, up: u32) {
        self.change(now, |meter| meter.up = up);
    }

    /// Some balancer serves from now on, or none.
    pub fn serve(&mut self, now: Time, served: bool) {
        self.change(now, |meter| meter.served = served);
    }

    fn change(&mut self, now: Time, change: impl FnOnce(&mut Self)) {
        self.advance(now);
        let was_available = self.is_available();
        change(self);
        if was_available && !self.is_available() {
            self.sum.outages += u64::from(now > self.from || self.from == Time::ZERO);
            if self.sum.first_outage == Time::ZERO {
                self.sum.first_outage = now;
            }
        }
    }

    /// One more server is provisioned from now on, or one fewer.
    pub fn provision(&mut self, now: Time, is_more: bool) {
        self.advance(now);
        if is_more {
            self.provisioned += 1;
        } else {
            self.provisioned -= 1;
        }
    }

    /// A balancer has noticed that a server has been down since then.
    pub fn detected(&mut self, now: Time, since: Time) {
        if now > self.from {
            self.sum.detections += 1;
            self.sum.detection_ns += u128::from(now.since(since).as_nanos());
        }
    }

    /// A server has worked for nobody from `start` to `end`: so much as the service takes on a sound server that does nothing else, if
    /// that is known, for it may have been slow or stopped, or worked for others too.
    pub fn wasted(&mut self, start: Time, end: Time, service_ns: Option<u64>) {
        let passed = end.since(start.max(self.from)).as_nanos();
        self.sum.wasted_ns += u128::from(service_ns.map_or(passed, |service| service.min(passed)));
    }

    /// The sum up to `now`.
    pub fn read(&mut self, now: Time) -> Uptime {
        self.advance(now);
        self.sum
    }
}
