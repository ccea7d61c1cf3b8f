//! What a balancer believes about its servers, and how its news reach its choices.

use crate::health::{CheckSpec, CheckState, Health, MergeWindow, ObserveState, Outliers, level_loads};
use crate::random::Stream;
use crate::units::{ServerId, Time};

/// The beliefs of one balancer.
#[derive(Debug)]
pub struct Watch {
    pub spec: Health,
    /// The servers it sends to.
    pub members: Vec<ServerId>,
    /// By server: what checks say; empty without checks.
    pub checks: Vec<CheckState>,
    /// By server: the generation of the event that is due next for it.
    pub stamps: Vec<u32>,
    /// By server: when the next check is due, while none waits for its answer.
    pub dues: Vec<Time>,
    /// By server: whether a check waits for its answer.
    pub is_waiting: Vec<bool>,
    /// By server: what HAProxy's `observe` has counted; empty without.
    pub observed: Vec<ObserveState>,
    pub outliers: Option<Outliers>,
    pub merging: MergeWindow,
    /// By server: whether it is not among those to be used, whatever its health: out of rotation, a spare, not provisioned.
    is_away: Vec<bool>,
    /// By server: whether it is known to be down, by who knows the truth.
    is_known_down: Vec<bool>,
    /// By server: whether its choices may use it, as far as they have heard.
    published: Vec<bool>,
    /// By level of priority: how much is sent there, where the balancer divides its load among them.
    pub shares: Vec<f64>,
    /// By level: whether too few of its servers are believed healthy, so that all of them are used.
    pub in_panic: Vec<bool>,
    /// By level: its servers.
    levels: Vec<Vec<ServerId>>,
    /// Whether a level after the first gives only its first server, as backup servers in HAProxy.
    one_backup: bool,
    pub phases: Stream,
}

impl Watch {
    /// Everything is believed up.
    pub fn new(spec: Health, levels: Vec<Vec<ServerId>>, servers: usize, one_backup: bool, phases: Stream) -> Self {
        let mut members: Vec<ServerId> = levels.iter().flatten().copied().collect();
        members.sort_unstable();
        let checks = spec.checks.as_ref().map_or_else(Vec::new, |checks| vec![CheckState::up(checks); servers]);
        let observed = spec.observe.as_ref().map_or_else(Vec::new, |_| vec![ObserveState::default(); servers]);
        let outliers = spec.outliers.clone().map(|outliers| Outliers::new(outliers, servers, members.len() as u32));
        let merging = MergeWindow::new(spec.merge_window);
        let shares = (0..levels.len()).map(|level| if level == 0 { 1.0 } else { 0.0 }).collect();
        let mut watch = Self {
            spec,
            members,
            checks,
            stamps: vec![0; servers],
            dues: vec![Time::ZERO; servers],
            is_waiting: vec![false; servers],
            observed,
            outliers,
            merging,
            is_away: vec![false; servers],
            is_known_down: vec![false; servers],
            published: vec![true; servers],
            shares,
            in_panic: Vec::new(),
            levels,
            one_backup,
            phases,
        };
        watch.publish();
        watch
    }

    /// It begins anew, all that it has seen of tries forgotten. What checks say it may keep.
    pub fn forget(&mut self, keeps_checks: bool) {
        let (servers, members) = (self.published.len(), self.members.len() as u32);
        if let Some(spec) = self.spec.checks.as_ref().filter(|_| !keeps_checks) {
            self.checks = vec![CheckState::up(spec); servers];
        }
        self.observed.fill(ObserveState::default());
        self.outliers = self.spec.outliers.clone().map(|outliers| Outliers::new(outliers, servers, members));
        self.merging = MergeWindow::new(self.spec.merge_window);
    }

    pub fn check_spec(&self) -> Option<&CheckSpec> {
        self.spec.checks.as_ref()
    }

    /// It is told whether `server` is not among those to be used, and whether it is known to be down. The answer: whether that is news that
    /// concerns the choices beyond that server.
    pub fn is_told(&mut self, server: ServerId, is_away: bool, is_known_down: bool) -> bool {
        let was_away = std::mem::replace(&mut self.is_away[server.index()], is_away);
        let was_known_down = std::mem::replace(&mut self.is_known_down[server.index()], is_known_down);
        (was_away, was_known_down) != (is_away, is_known_down) && !self.is_simple()
    }

    /// Whether it believes that `server` can be used.
    pub fn believes_in(&self, server: ServerId) -> bool {
        !self.is_known_down[server.index()]
            && self.checks.get(server.index()).is_none_or(CheckState::is_up)
            && self.outliers.as_ref().is_none_or(|outliers| !outliers.is_ejected(server))
    }

    /// Whether its choices have found out for themselves that `server` cannot be used.
    pub fn has_found(&self, server: ServerId) -> bool {
        !self.may_use(server) && !self.believes_in(server) && !self.is_known_down[server.index()]
    }

    /// Whether its choices may use `server`, as far as they have heard.
    pub fn may_use(&self, server: ServerId) -> bool {
        self.published[server.index()]
    }

    /// Whether what its choices may use of a server depends on that server alone.
    pub const fn is_simple(&self) -> bool {
        self.levels.len() == 1 && self.spec.panic.is_none() && self.spec.merge_window.as_nanos() == 0
    }

    /// Tells its choices what it believes of one server, where that is all that matters. The answer: that server, if its standing has changed.
    pub fn publish_one(&mut self, server: ServerId) -> Option<ServerId> {
        let may = self.believes_in(server);
        (std::mem::replace(&mut self.published[server.index()], may) != may).then_some(server)
    }

    /// Tells its choices all that it believes. The answer: the servers whose standing has changed by that.
    pub fn publish(&mut self) -> Vec<ServerId> {
        let health = |level: &Vec<ServerId>| {
            let there = level.iter().filter(|server| !self.is_away[server.index()]);
            let healthy = there.clone().filter(|server| self.believes_in(**server)).count();
            (healthy as u32, there.count() as u32)
        };
        let health: Vec<(u32, u32)> = self.levels.iter().map(health).collect();
        let threshold = self.spec.panic.as_ref().map_or(0.0, |panic| panic.threshold.value());
        let loads = level_loads(&health, threshold);
        self.shares = loads.iter().map(|load| load.share).collect();
        self.in_panic = loads.iter().map(|load| load.in_panic).collect();
        let mut changed = Vec::new();
        for (number, level) in self.levels.iter().enumerate() {
            let mut found = false;
            for server in level.iter().filter(|server| !self.is_away[server.index()]) {
                let believed = self.believes_in(*server) || loads[number].in_panic;
                let only_first = self.one_backup && number > 0;
                let may = believed && !(only_first && found);
                found |= may;
                if std::mem::replace(&mut self.published[server.index()], may) != may {
                    changed.push(*server);
                }
            }
        }
        changed
    }
}
