//! Session persistence: users who are bound to servers, before an algorithm is asked.

use super::Cluster;
use super::arena::{Job, class_of};
use crate::balancing::{Choice, Policy, Product, RequestView, Standing};
use crate::health::Knowledge;
use crate::model::ModelParts;
use crate::observe::Observer;
use crate::sessions::{Bindings, Keeper, Persistence, WhenDown};
use crate::units::{ServerId, Time};

/// Who is bound where.
#[derive(Debug)]
pub struct Bonds {
    /// By balancer: its persistence and its table.
    balancers: Vec<Option<(Persistence, usize)>>,
    tables: Vec<Bindings>,
}

impl Bonds {
    /// Nobody is bound yet. All cookies are in one table, but for those of visitors, which lie with them, and so is what balancers with the same persistence tell each other.
    pub fn new(parts: &ModelParts) -> Self {
        let mut known: Vec<(Keeper, usize)> = Vec::new();
        let mut tables = Vec::new();
        let mut table = |persistence: Persistence| {
            let keeper = persistence.keeper;
            let is_common = matches!(keeper, Keeper::Cookie | Keeper::Table { shared: true, .. });
            if let Some((_, table)) = known.iter().find(|(other, _)| is_common && *other == keeper) {
                return Some((persistence, *table));
            }
            tables.push(Bindings::new(&keeper)?);
            let table = tables.len() - 1;
            known.push((keeper, table));
            Some((persistence, table))
        };
        let balancers = parts.balancers.iter().map(|balancer| balancer.persistence.and_then(&mut table)).collect();
        Self { balancers, tables }
    }

    /// Whether `balancer` binds users, and by what its clients or itself know them.
    fn of(&self, balancer: u16) -> Option<(Persistence, usize)> {
        self.balancers[balancer as usize]
    }

    /// `balancer` forgets what it has learned, unless others tell it again.
    pub fn balancer_lost(&mut self, balancer: u16) {
        if let Some((Persistence { keeper: Keeper::Table { shared: false, .. }, .. }, table)) = self.of(balancer) {
            self.tables[table].clear();
        }
    }

    fn bind(&mut self, balancer: u16, key: u64, server: ServerId, now: Time) {
        if let Some((persistence, table)) = self.of(balancer) {
            self.tables[table].served(key, server, persistence.when_down, now);
        }
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Where `balancer` sends a request because its user is bound to a server; nothing where its algorithm is to be asked.
    pub(super) fn bound(&mut self, balancer: u16, job: &Job, view: &RequestView) -> Option<Choice> {
        let (persistence, table) = self.bonds.of(balancer)?;
        let server = match &mut self.visits {
            Some(visits) if persistence.keeper == Keeper::Cookie && self.classes[class_of(job.tag) as usize].is_visiting => {
                *visits.cookie(job.client)
            }
            _ => self.bonds.tables[table].server(persistence.keeper.key().number(view), self.now),
        }?;
        let holder = &self.balancers[balancer as usize];
        if !holder.sends_to(self.servers[server.index()].pool()) || self.is_off(server) {
            return None;
        }
        let there = if holder.has_slot(server) { Choice::Server(server) } else { Choice::WaitFor(server) };
        match holder.standing(server) {
            Standing::Eligible => Some(there),
            Standing::Full if holder.slots.is_some() => Some(there),
            Standing::Full => None,
            Standing::Out if self.drains[server.index()] && self.is_believed_up(balancer, server) => Some(there),
            Standing::Out => match (persistence.when_down, holder.product) {
                (WhenDown::Insist, Some(Product::Envoy)) => Some(Choice::Nobody),
                (WhenDown::Insist, _) => Some(Choice::Server(server)),
                (WhenDown::Rebind | WhenDown::Return, _) => None,
            },
        }
    }

    /// Whether `balancer` takes `server` for one that works.
    pub(super) fn is_believed_up(&self, balancer: u16, server: ServerId) -> bool {
        let holder = &self.balancers[balancer as usize];
        match &holder.watch {
            Some(watch) => watch.believes_in(server),
            None => holder.knowledge == Knowledge::Nothing || self.is_up(server),
        }
    }

    /// A balancer that keeps a table sends a request to `server`.
    pub(super) fn note_sent(&mut self, balancer: u16, view: &RequestView, server: ServerId) {
        if let Some((Persistence { keeper: Keeper::Table { key, .. }, .. }, _)) = self.bonds.of(balancer) {
            self.bonds.bind(balancer, key.number(view), server, self.now);
        }
    }

    /// `server` has answered a request that came by `balancer`: a cookie says so from now on.
    pub(super) fn note_answered(&mut self, balancer: u16, job: &Job, server: ServerId) {
        let when_down = match self.bonds.of(balancer) {
            Some((Persistence { keeper: Keeper::Cookie, when_down }, _)) => Some(when_down),
            _ => None,
        };
        if let Some(visits) = self.visits.as_mut().filter(|_| self.classes[class_of(job.tag) as usize].is_visiting) {
            visits.answered(job.client, server);
            let cookie = visits.cookie(job.client);
            if when_down.is_some_and(|when_down| cookie.is_none() || when_down != WhenDown::Return) {
                *cookie = Some(server);
            }
        } else if when_down.is_some() {
            let session = self.keys_of_client(job).0;
            self.bonds.bind(balancer, session, server, self.now);
        }
    }
}
