//! Several sites behind one name: the record in the DNS, and the copies that resolvers keep.

use crate::random::StreamKey;
use crate::units::{BalancerId, Probability, Span, Time};

/// How clients find one of several sites.
#[derive(Debug, Clone, PartialEq)]
pub struct Sites {
    /// The balancers of the sites in order of priority, at least one, no one twice.
    pub balancers: Vec<BalancerId>,
    /// How long a resolver may keep its copy of the record (RFC 1035, section 3.2.1); above 0.
    pub ttl: Span,
    /// From the failure or the return of a site to the change of the record.
    pub detection: Span,
    /// How many resolvers there are, at least 1. A client asks the one with its number modulo this.
    pub resolvers: u32,
    /// Resolvers that keep copies for longer than they may (Pang et al., On the Responsiveness of DNS-based Network Control, IMC 2004).
    pub stale: Option<Stale>,
    /// How many servers of a site must be up for it to be up, its balancer aside.
    pub needed: u32,
}

/// Resolvers that keep copies for longer than they may.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stale {
    /// How likely a resolver is one of them.
    pub share: Probability,
    /// How long they keep a copy; above 0.
    pub ttl: Span,
}

/// Generations of news are told apart modulo this, as many as an event of the calendar can bear.
const GENERATIONS: u32 = 1 << 24;

/// The record of one name and its copies. It has no clock: who looks says what time it is.
#[derive(Debug)]
pub struct Record {
    spec: Sites,
    /// By site: whether it is up, whether it is believed to be, and the generation of what was seen last.
    up: Vec<bool>,
    believed: Vec<bool>,
    stamps: Vec<u32>,
    /// The site that the record names.
    site: usize,
    /// By resolver: the site that its copy names, until when it is kept, and how long its copies are kept.
    copies: Vec<Cached>,
}

#[derive(Debug, Clone)]
struct Cached {
    site: usize,
    expires: Time,
    kept: Span,
}

impl Record {
    /// All sites up, the record naming the first. The copies are as they are long after the beginning: each has a uniform age below its
    /// time to live, which `key` draws, as it does who keeps them too long.
    #[must_use]
    pub fn new(spec: Sites, key: StreamKey) -> Self {
        let sites = spec.balancers.len();
        let copy = |resolver: u32| {
            let mut stream = key.item(u64::from(resolver));
            let (who, age) = (stream.uniform(), stream.uniform());
            let kept = spec.stale.filter(|stale| who < stale.share.value()).map_or(spec.ttl, |stale| stale.ttl);
            let expires = Time::ZERO + Span::from_nanos_f64(kept.as_nanos() as f64 * (1.0 - age));
            Cached { site: 0, expires, kept }
        };
        let copies = (0..spec.resolvers).map(copy).collect();
        Self { up: vec![true; sites], believed: vec![true; sites], stamps: vec![0; sites], site: 0, copies, spec }
    }

    /// What it was made from.
    #[must_use]
    pub const fn spec(&self) -> &Sites {
        &self.spec
    }

    /// The balancer that `client` sends to: its resolver answers from its copy, or asks if that is older than it may be.
    pub fn resolve(&mut self, client: u32, now: Time) -> BalancerId {
        let copy = &mut self.copies[(client % self.spec.resolvers) as usize];
        if now >= copy.expires {
            copy.site = self.site;
            copy.expires = now + copy.kept;
        }
        self.spec.balancers[copy.site]
    }

    /// Site number `site` is up or not. If that is news, the generation by which [`Record::change`] will know it.
    pub fn see(&mut self, site: usize, up: bool) -> Option<u32> {
        if std::mem::replace(&mut self.up[site], up) == up {
            return None;
        }
        self.stamps[site] = (self.stamps[site] + 1) % GENERATIONS;
        Some(self.stamps[site])
    }

    /// The news of generation `stamp` about a site has been noticed: unless it is outdated, the record names the first site that is
    /// believed to be up; if none is, it stays as it was.
    pub fn change(&mut self, site: usize, stamp: u32) {
        if self.stamps[site] != stamp {
            return;
        }
        self.believed[site] = self.up[site];
        self.site = self.believed.iter().position(|believed| *believed).unwrap_or(self.site);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Seed};

    const KEY: StreamKey = StreamKey::new(Seed(1), 0, Role::Resolvers, 0);

    fn sites(stale: Option<Stale>) -> Sites {
        Sites {
            balancers: vec![BalancerId(3), BalancerId(1)],
            ttl: Span::from_secs(60),
            detection: Span::from_secs(30),
            resolvers: 10_000,
            stale,
            needed: 1,
        }
    }

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    /// The fraction of resolvers that name the first site at that time. Looking makes those ask whose copies are too old.
    fn first(record: &mut Record, secs: u64) -> f64 {
        (0..10_000).filter(|client| record.resolve(*client, at(secs)) == BalancerId(3)).count() as f64 / 1e4
    }

    #[test]
    fn copies_of_uniform_age_forget_a_dead_site_at_a_constant_rate() {
        let mut record = Record::new(sites(None), KEY);
        let stamp = record.see(0, false).unwrap();
        record.change(0, stamp);
        for secs in [0, 15, 30, 45] {
            // A binomial fraction of 10,000: five standard deviations are at most 0.025.
            let (left, expected) = (first(&mut record, secs), 1.0 - secs as f64 / 60.0);
            assert!((left - expected).abs() < 0.025, "{left} at {secs} s");
        }
        assert_eq!(first(&mut record, 60), 0.0);
    }

    #[test]
    fn stale_resolvers_keep_the_dead_site_longer() {
        let stale = Stale { share: Probability::new(0.1).unwrap(), ttl: Span::from_secs(1_800) };
        let mut record = Record::new(sites(Some(stale)), KEY);
        let stamp = record.see(0, false).unwrap();
        record.change(0, stamp);
        // A tenth, of which half is left after half of its time: five standard deviations are 0.015 and 0.011.
        assert!((first(&mut record, 60) - 0.1 * (1.0 - 60.0 / 1_800.0)).abs() < 0.015);
        assert!((first(&mut record, 900) - 0.05).abs() < 0.011);
        assert_eq!(first(&mut record, 1_800), 0.0);
    }

    #[test]
    fn outdated_news_change_nothing() {
        let mut record = Record::new(sites(None), KEY);
        let down = record.see(0, false).unwrap();
        assert_eq!(record.see(0, false), None);
        let back = record.see(0, true).unwrap();
        record.change(0, down);
        assert_eq!(first(&mut record, 100), 1.0);
        record.change(0, back);
        assert_eq!(first(&mut record, 200), 1.0);
    }

    #[test]
    fn with_no_site_believed_up_the_record_stays() {
        let mut record = Record::new(sites(None), KEY);
        for site in [0, 1] {
            let stamp = record.see(site, false).unwrap();
            record.change(site, stamp);
        }
        assert_eq!(record.resolve(7, at(100)), BalancerId(1));
        let stamp = record.see(0, true).unwrap();
        record.change(0, stamp);
        assert_eq!((record.resolve(7, at(159)), record.resolve(7, at(160))), (BalancerId(1), BalancerId(3)));
    }
}
