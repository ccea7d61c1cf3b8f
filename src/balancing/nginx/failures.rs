//! How nginx takes servers out that fail: what it writes down when requests end.

use crate::balancing::{Answer, Candidates, CountedFailures};
use crate::units::{Parameters, ServerId, Span, Time};

/// The failures of the servers of a group, and the rules by which they count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    max_fails: u32,
    fail_timeout_secs: i64,
    /// By server.
    records: Vec<Record>,
    /// How many servers have at least `max_fails` failures.
    failing: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    fails: u32,
    /// The second of the last failure, or of the last request that was sent more than `fail_timeout` after that.
    checked: i64,
    /// The second of the last failure.
    accessed: i64,
}

/// Long before the start.
const NEVER: i64 = i64::MIN / 2;

/// nginx's clock, which ticks in whole seconds.
const fn second(now: Time) -> i64 {
    (now.as_nanos() / 1_000_000_000) as i64
}

impl Failures {
    /// Asks for the parameters `max_fails` and `fail_timeout`.
    pub fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let fails = "how many failures within fail_timeout take a server out; 0: none do";
        let timeout = "for how long failures are remembered, and for how long a server stays out; in whole seconds";
        let range = Span::ZERO..=Span::from_secs(1_000_000_000);
        Self {
            max_fails: parameters.integer("max_fails", fails, 0..=1_000_000, 1) as u32,
            fail_timeout_secs: parameters.span("fail_timeout", timeout, range, Span::from_secs(10)).as_secs().round() as i64,
            ..Self::default()
        }
    }

    /// Begins anew with that many servers.
    pub fn prepare(&mut self, servers: usize) {
        self.records = vec![Record { fails: 0, checked: NEVER, accessed: NEVER }; servers];
        self.failing = 0;
    }

    /// A request was sent. More than `fail_timeout` after the last check it is a check, and for as long again the only one.
    pub fn sent(&mut self, server: ServerId, now: Time) {
        if self.stale_secs(server, now).is_some() {
            self.records[server.index()].checked = second(now);
        }
    }

    /// A request ended. A success clears the failures if the server was checked after the last of them. The answer is what
    /// part of its weight a failure takes from the server: one of so many, or nothing.
    pub fn ended(&mut self, server: ServerId, answer: &Answer) -> Option<u32> {
        let was_failing = self.is_failing(server);
        let record = &mut self.records[server.index()];
        if answer.failed {
            record.fails = record.fails.saturating_add(1);
            record.accessed = second(answer.now);
            record.checked = record.accessed;
        } else if record.accessed < record.checked {
            record.fails = 0;
        }
        self.failing = self.failing + u32::from(self.is_failing(server)) - u32::from(was_failing);
        (answer.failed && self.max_fails > 0).then_some(self.max_fails)
    }

    fn is_failing(&self, server: ServerId) -> bool {
        self.max_fails > 0 && self.records[server.index()].fails >= self.max_fails
    }

    /// Whether a server is out.
    #[inline]
    pub fn is_out(&self, server: ServerId, now: Time) -> bool {
        self.failing > 0 && self.is_failing(server) && self.stale_secs(server, now).is_none()
    }

    /// Whether none is out or was and has not answered since.
    pub const fn is_empty(&self) -> bool {
        self.failing == 0
    }

    /// Whether a server is a candidate and not out.
    #[inline]
    pub fn is_usable(&self, server: ServerId, candidates: &Candidates<'_>, now: Time) -> bool {
        candidates.contains(server) && !self.is_out(server, now)
    }

    /// What counts against a server.
    pub fn counted(&self, server: ServerId, now: Time) -> CountedFailures {
        let counted = self.records[server.index()].fails;
        CountedFailures { counted, of: self.max_fails, is_out: self.is_out(server, now) }
    }

    /// How many seconds ago a server was checked, if that is more than `fail_timeout`.
    pub fn stale_secs(&self, server: ServerId, now: Time) -> Option<i64> {
        let age = second(now) - self.records[server.index()].checked;
        (age > self.fail_timeout_secs).then_some(age)
    }

    /// For how long failures are remembered.
    pub const fn fail_timeout_secs(&self) -> i64 {
        self.fail_timeout_secs
    }

    /// Why there is no usable server.
    pub fn nobody(&self, candidates: &Candidates<'_>) -> String {
        match candidates.len() {
            0 => "there is no candidate".into(),
            number => {
                format!("all {number} candidates failed within {} s (max_fails {})", self.fail_timeout_secs, self.max_fails)
            }
        }
    }
}
