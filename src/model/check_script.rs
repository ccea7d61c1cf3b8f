//! The script: whom each line means, when, and whether it changes anything.

use super::check::Stations;
use super::check_sites;
use super::document::{Document, Target, What};
use super::fleet::Fleet;
use super::meant::{BalancerSpec, Change, ChangeKind, RunPlan};
use super::problem::ModelProblem;
use super::read_faults::{self, Restart};
use crate::notation::{At, Findings, Names, Place, Problem, quoted};
use crate::units::{BalancerId, PoolId, ServerId, Span, Time};

/// Most changes of single servers, over all lines.
const MOST_CHANGES: u64 = 4_000_000;

/// The script as meant.
pub(super) struct Script {
    pub(super) changes: Vec<Change>,
    /// By balancer: whether there is a time without any server.
    pub(super) emptied: Vec<bool>,
}

/// Some changes of servers at one time, before it is known which of them change anything.
struct Step<'d> {
    at: Time,
    spread: Span,
    kind: ChangeKind,
    servers: Vec<u32>,
    balancers: Vec<BalancerId>,
    /// Whom the line of the script names, and how many of the servers each of them is; nothing where servers are restarted.
    targets: Vec<(&'d At<Target>, usize)>,
    /// The number of the line, or of the restart that it is a part of.
    by: u32,
}

/// The changes in order of time, each reduced to the servers that it changes.
pub(super) fn changes(
    document: &Document,
    stations: &Stations<'_>,
    (balancers, names): (&[BalancerSpec], &Names<'_>),
    run: RunPlan,
    findings: &Findings,
) -> Script {
    let maintained = document.servers.items.iter().any(|pool| pool.faults.maintenance.is_some());
    let mut script = Script { changes: Vec::new(), emptied: vec![false; balancers.len()] };
    if document.script.is_empty() && !maintained {
        return script;
    }
    let fleet = Fleet::of(document);
    let mut steps = Steps { all: Vec::new(), total: 0, by: SCRIPT, end: run.ends_at() };
    if steps.of_lines(&fleet, document, stations, (balancers, names), findings).is_none()
        || steps.of_maintenance(&fleet, document, findings).is_none()
    {
        return script;
    }
    steps.all.sort_by_key(|step| step.at);
    let mut watch = Watch::new(&fleet, balancers);
    for step in &steps.all {
        let changed: Vec<bool> = step.servers.iter().map(|server| watch.change(*server, step)).collect();
        watch.look();
        let mut rest = &changed[..];
        for (target, servers) in &step.targets {
            let (own, others) = rest.split_at(*servers);
            rest = others;
            if document.servers.counted && !own.contains(&true) {
                let server = target.value.told();
                findings.add(&ModelProblem::ChangesNothing { server, state: state_before(&step.kind) }, target.place);
            }
        }
        let servers = step.servers.iter().zip(changed).filter(|(_, changed)| *changed);
        let servers: Vec<ServerId> = servers.map(|(server, _)| ServerId(*server)).collect();
        let balancers = step.balancers.clone();
        if !servers.is_empty() || !balancers.is_empty() {
            script.changes.push(Change { at: step.at, spread: step.spread, kind: step.kind.clone(), servers, balancers });
        }
    }
    script.emptied = watch.emptied;
    script
}

/// What a server is already where a change changes nothing.
const fn state_before(kind: &ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Remove | ChangeKind::Drain => "is out of rotation already",
        ChangeKind::Repair => "has no fault here that the script has brought",
        _ => "is in rotation already",
    }
}

/// What removes a server by a line of the script; restarts have the numbers above it.
const SCRIPT: u32 = 1;

/// The steps of all lines and restarts, not yet in order.
struct Steps<'d> {
    all: Vec<Step<'d>>,
    /// Changes of single servers.
    total: u64,
    by: u32,
    end: Time,
}

impl<'d> Steps<'d> {
    /// Adds what the script says; nothing if that is too much.
    fn of_lines(
        &mut self,
        fleet: &Fleet,
        document: &'d Document,
        stations: &Stations<'_>,
        (balancers, names): (&[BalancerSpec], &Names<'_>),
        findings: &Findings,
    ) -> Option<()> {
        let heeded = balancers.iter().any(|balancer| balancer.algorithm.heeds_weights());
        for line in &document.script {
            let at = Time::ZERO + line.at.value;
            self.check_end(line.at.value, line.at.place, findings);
            if let (What::Change(ChangeKind::Reweigh(_)), false, Some(balancer)) = (&line.what, heeded, balancers.first()) {
                let problem = ModelProblem::WeightsIgnored { algorithm: balancer.algorithm.name(), what: "a change of weight" };
                findings.add(&problem, line.at.place);
            }
            let (mut servers, mut targets, mut fronts) = (Vec::new(), Vec::new(), Vec::new());
            for target in &line.targets {
                if let Some(balancer) = fleet.balancer(target, stations, names) {
                    check_sites::check_change(&line.what, target, findings);
                    fronts.push(balancer);
                    continue;
                }
                if let Some(server) = fleet.back_end(target, stations).filter(|_| is_of_back_end(&line.what)) {
                    if let What::Change(ChangeKind::Fail { incident, .. }) = &line.what {
                        read_faults::check_back_end(incident, target.place, findings);
                    }
                    self.count(1, "script", target.place, findings)?;
                    targets.push((target, 1));
                    servers.push(server);
                    continue;
                }
                let needed = "only `fail` and `repair` concern back ends";
                let Some(range) = fleet.servers(target, (needed, is_of_back_end(&line.what)), document, stations, findings)
                else {
                    continue;
                };
                self.count(range.len() as u64 * changes_of(&line.what), "script", target.place, findings)?;
                targets.push((target, range.len()));
                servers.extend(range);
            }
            match &line.what {
                What::Restart(restart) => self.restart(restart, at, &servers),
                What::Change(kind) => {
                    let (spread, kind) = (line.spread, kind.clone());
                    self.all.push(Step { at, spread, kind, servers, balancers: fronts, targets, by: SCRIPT });
                }
            }
        }
        Some(())
    }

    /// Adds the maintenance of all pools; nothing if that is too much.
    fn of_maintenance(&mut self, fleet: &Fleet, document: &Document, findings: &Findings) -> Option<()> {
        for (pool, range) in document.servers.items.iter().zip(&fleet.pools) {
            let Some(maintenance) = &pool.faults.maintenance else { continue };
            self.check_end(maintenance.first.value, maintenance.first.place, findings);
            // After a mistake the length of the run may not be known.
            if findings.errors() > 0 {
                continue;
            }
            let (rounds, changes) = (maintenance.number_of_rounds(self.end), maintenance.restart.changes());
            let each = rounds.saturating_mul(changes);
            self.count(each.saturating_mul(range.len() as u64), "maintenance", maintenance.every.place, findings)?;
            let servers: Vec<u32> = range.clone().collect();
            for at in maintenance.rounds(self.end) {
                self.restart(&maintenance.restart, at, &servers);
            }
        }
        Some(())
    }

    /// Says so if this comes after the end of the run.
    fn check_end(&self, at: Span, place: Place, findings: &Findings) {
        let at = Time::ZERO + at;
        if at >= self.end {
            findings.add(&ModelProblem::AfterTheEnd { at: at.to_string(), end: self.end.to_string() }, place);
        }
    }

    /// Counts some more changes; nothing if they are too many.
    fn count(&mut self, changes: u64, field: &'static str, place: Place, findings: &Findings) -> Option<()> {
        self.total = self.total.saturating_add(changes);
        if self.total <= MOST_CHANGES {
            return Some(());
        }
        let (field, what) = (field.to_string(), "changes of single servers");
        findings.add(&Problem::TooMany { field, what, found: self.total, most: MOST_CHANGES }, place);
        None
    }

    /// Adds the steps of a restart that come before the end.
    fn restart(&mut self, restart: &Restart, at: Time, servers: &[u32]) {
        self.by += 1;
        let (by, end) = (self.by, self.end);
        let steps = restart.steps(at, servers).filter(|(at, ..)| *at < end);
        let steps = steps.map(|(at, kind, servers)| Step {
            at,
            spread: Span::ZERO,
            kind,
            servers: servers.to_vec(),
            balancers: Vec::new(),
            targets: Vec::new(),
            by,
        });
        self.all.extend(steps);
    }
}

/// Whether that can happen to a back end.
const fn is_of_back_end(what: &What) -> bool {
    matches!(what, What::Change(ChangeKind::Fail { .. } | ChangeKind::Repair))
}

/// How many changes of a single server a line is.
const fn changes_of(what: &What) -> u64 {
    match what {
        What::Change(_) => 1,
        What::Restart(restart) => restart.changes(),
    }
}

impl Target {
    /// As a message calls it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Server(number) => format!("server {number}"),
            Self::Named(name) => quoted(name),
        }
    }
}

/// Which servers are in rotation while the script goes on, and whether a balancer ever has none.
struct Watch {
    /// By server: who has taken it out of rotation, 0 if nobody has.
    out: Vec<u32>,
    /// By server: until when a fault may be upon it that the script has brought.
    failed_until: Vec<Time>,
    /// By server, back ends excluded: its pool.
    pool_of: Vec<u16>,
    /// By pool: the balancers that send to it.
    balancers_of: Vec<Vec<u16>>,
    /// By balancer: its servers in rotation.
    present: Vec<u64>,
    emptied: Vec<bool>,
}

impl Watch {
    fn new(fleet: &Fleet, balancers: &[BalancerSpec]) -> Self {
        let mut balancers_of = vec![Vec::new(); fleet.pools.len()];
        let mut present = vec![0; balancers.len()];
        for (number, balancer) in (0..).zip(balancers) {
            for PoolId(pool) in &balancer.pools {
                let Some(servers) = fleet.pools.get(usize::from(*pool)) else { continue };
                balancers_of[usize::from(*pool)].push(number);
                present[usize::from(number)] += servers.len() as u64;
            }
        }
        let pool_of = (0..).zip(&fleet.pools).flat_map(|(pool, servers)| std::iter::repeat_n(pool, servers.len())).collect();
        let servers = (fleet.total + fleet.back_ends) as usize;
        let (out, failed_until) = (vec![0; servers], vec![Time::ZERO; servers]);
        Self { out, failed_until, pool_of, balancers_of, present, emptied: vec![false; balancers.len()] }
    }

    /// Does to a server what the step says; whether that changes anything, as far as it can be told.
    fn change(&mut self, server: u32, step: &Step<'_>) -> bool {
        let server = server as usize;
        match &step.kind {
            ChangeKind::Remove | ChangeKind::Drain if self.out[server] == 0 => self.rotate(server, step.by),
            // What somebody else has removed, a restart leaves out.
            ChangeKind::Return if self.out[server] != 0 && (step.by == SCRIPT || step.by == self.out[server]) => {
                self.rotate(server, 0);
            }
            ChangeKind::Remove | ChangeKind::Drain | ChangeKind::Return => return false,
            ChangeKind::Reweigh(_) => {}
            ChangeKind::Fail { lasting, .. } => {
                let until = lasting.map_or(Time::NEVER, |lasting| step.at + step.spread + lasting);
                self.failed_until[server] = self.failed_until[server].max(until);
            }
            ChangeKind::Repair => {
                let until = std::mem::replace(&mut self.failed_until[server], Time::ZERO);
                return until > step.at;
            }
        }
        true
    }

    /// Takes a server out of rotation, or puts it back.
    fn rotate(&mut self, server: usize, out: u32) {
        self.out[server] = out;
        for balancer in &self.balancers_of[usize::from(self.pool_of[server])] {
            let present = &mut self.present[usize::from(*balancer)];
            if out > 0 { *present -= 1 } else { *present += 1 }
        }
    }

    /// Notes the balancers that have no server now.
    fn look(&mut self) {
        for (emptied, present) in self.emptied.iter_mut().zip(&self.present) {
            *emptied |= *present == 0;
        }
    }
}
