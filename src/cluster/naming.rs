//! Clients find one of several sites by a name.

use super::Cluster;
use super::server::after;
use super::timer::Kind;
use crate::balancing::Policy;
use crate::faults::Record;
use crate::model::{ClientClass, ModelParts};
use crate::observe::Observer;
use crate::random::{Role, StreamKey};
use crate::units::{BalancerId, Time};

/// The names of sites.
#[derive(Debug)]
pub struct Naming {
    /// By class; none = its clients know their balancer.
    records: Vec<Option<Record>>,
}

/// More than there can be sites of one name.
const SITES: u32 = 1 << 8;

impl Naming {
    pub fn new(parts: &ModelParts, replication: u32) -> Self {
        let record = |(class, spec): (u32, &ClientClass)| {
            let key = StreamKey::new(parts.seed, replication, Role::Resolvers, class);
            spec.sites.clone().map(|sites| Record::new(sites, key))
        };
        Self { records: (0..).zip(&parts.classes).map(record).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.records.iter().all(Option::is_none)
    }

    /// The balancer that a client of `class` is told to send to; none = the one it knows.
    pub fn resolve(&mut self, class: u8, client: u32, now: Time) -> Option<BalancerId> {
        self.records[class as usize].as_mut().map(|record| record.resolve(client, now))
    }
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// A server or a balancer has gone down or come back: whose site that was will notice.
    pub(super) fn look_at_sites(&mut self) {
        let Some(fronts) = self.fronts.as_deref_mut().filter(|fronts| !fronts.naming.is_empty()) else { return };
        let mut is_up = Vec::new();
        for (class, record) in (0..).zip(&fronts.naming.records) {
            let Some(sites) = record.as_ref().map(Record::spec) else { continue };
            for (site, balancer) in (0..).zip(&sites.balancers) {
                let pools = self.pools.iter().enumerate().filter(|(pool, _)| self.balancers[balancer.index()].sends_to(*pool));
                let working = |servers| self.outages.as_deref().map_or(u32::MAX, |outages| outages.working(servers));
                let working = pools.map(|(_, pool)| working(pool.servers.clone())).fold(0, u32::saturating_add);
                is_up.push((class, site, fronts.serves(*balancer) && working >= sites.needed));
            }
        }
        for (class, site, is_up) in is_up {
            let Some(record) = &mut fronts.naming.records[class] else { continue };
            if let Some(stamp) = record.see(site as usize, is_up) {
                let due = after(self.now, record.spec().detection.as_nanos());
                self.calendar.schedule(Kind::RecordChanges.at(due, class as u32 * SITES + site, stamp));
            }
        }
    }

    /// The failure or the return of a site has been noticed.
    pub(super) fn record_changes(&mut self, subject: u32, stamp: u32) {
        let record = self.fronts.as_mut().and_then(|fronts| fronts.naming.records[(subject / SITES) as usize].as_mut());
        if let Some(record) = record {
            record.change((subject % SITES) as usize, stamp);
        }
    }
}
