//! The servers in rotation and, where their weights differ, the turns they take.

use crate::balancing::{Candidates, Edf, Explanation, Rotation, ServerTraits};
use crate::units::ServerId;

/// What round robin and least request have in common: a list of servers and, for unequal weights, a schedule of earliest
/// deadlines, put together anew when servers leave or return or a weight is set.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    rotation: Rotation,
    edf: Edf,
    /// Where it begins: that many turns are taken as done.
    skipped: u32,
    /// Whether the weights are unequal, so that it counts.
    counts: bool,
}

impl Schedule {
    /// Knows of `servers`; none of them is in rotation. It begins at a place that `seed` says.
    pub fn new(servers: &[ServerTraits], seed: u64) -> Self {
        Self { rotation: Rotation::new(servers), skipped: seed as u32 % Edf::MOST_SKIPPED, ..Self::default() }
    }

    pub fn admit(&mut self, server: ServerId) {
        self.rotation.admit(server);
    }

    pub fn withdraw(&mut self, server: ServerId) {
        self.rotation.withdraw(server);
    }

    pub fn reweigh(&mut self, server: ServerId, weight: f64) {
        if self.rotation.reweigh(server, weight) != weight {
            self.rotation.mark_changed();
        }
    }

    /// A weight that grows counts from the server's next turn on.
    pub fn warmed(&mut self, server: ServerId, weight: f64) {
        if self.rotation.reweigh(server, weight) != weight && !self.counts {
            self.rotation.mark_changed();
        }
    }

    /// Brings all up to date; the answer is whether turns are taken by the schedule. `reduce` makes of the weight of a server what
    /// counts.
    #[inline]
    pub fn refresh(&mut self, reduce: impl Fn(f64, ServerId) -> f64) -> bool {
        if self.rotation.refresh() {
            self.counts = !self.rotation.is_equal();
            if self.counts {
                let rotation = &self.rotation;
                self.edf.restart(rotation.list(), |server| reduce(rotation.weight(server), server), self.skipped);
            }
        }
        self.counts
    }

    /// The candidate whose turn it is.
    #[inline]
    pub fn next(&mut self, candidates: &Candidates<'_>, reduce: impl Fn(f64, ServerId) -> f64) -> Option<ServerId> {
        let rotation = &self.rotation;
        self.edf.next(|server| reduce(rotation.weight(server), server), |server| candidates.contains(server))
    }

    /// Whose turn it is, if nothing has changed and turns are taken by the schedule.
    pub fn first(&self) -> Option<ServerId> {
        self.edf.first().filter(|_| self.counts)
    }

    /// The servers in rotation, as of the last [`Schedule::refresh`].
    pub fn list(&self) -> &[ServerId] {
        self.rotation.list()
    }

    /// Whether nothing has changed since the last [`Schedule::refresh`].
    pub const fn is_fresh(&self) -> bool {
        self.rotation.is_fresh()
    }

    pub const fn counts(&self) -> bool {
        self.counts
    }

    pub fn contains(&self, server: ServerId) -> bool {
        self.rotation.contains(server)
    }

    /// The deadlines of the candidates; `more` says what besides the weight counts for a server.
    pub fn explain(&self, candidates: &Candidates<'_>, more: impl Fn(ServerId) -> String) -> Explanation {
        self.edf.explain(candidates, |server| format!("weight {}{}", self.rotation.weight(server), more(server)))
    }
}
