//! The servers of the neutral model.

use super::Skip;
use super::fields::Fields;
use super::law::Law;
use crate::model::{Discipline, PoolKind, PoolSpec};
use crate::random::SpanDistribution;
use serde_json::Value;

/// So many servers, and so many workers of one server, a case may have.
const MOST: u32 = 1_000_000;

/// An entry of `servers`: equal servers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub count: u32,
    pub slots: u32,
    pub speed: f64,
    discipline: Discipline,
    pub capacity: Option<u32>,
    service: Law,
}

/// All servers of a case.
pub(super) struct Servers {
    pub entries: Vec<Entry>,
}

impl Servers {
    pub fn read(value: &Value) -> Result<Self, Skip> {
        let list = value.as_array().ok_or_else(|| Skip::new("`servers` is not a list"))?;
        let entries = list.iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        let servers = Self { entries };
        match servers.count() {
            0 => Err(Skip::new("there is no server")),
            1..=1_000_000 => Ok(servers),
            _ => Err(Skip::new("there are more than a million servers")),
        }
    }

    /// The number of servers.
    pub fn count(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry.count)).sum()
    }

    /// Whether some server may be full.
    pub fn can_be_full(&self) -> bool {
        self.entries.iter().any(|entry| entry.capacity.is_some())
    }

    /// Whether all are equal in everything that `of` looks at.
    pub fn agree_on<T: PartialEq>(&self, of: impl Fn(&Entry) -> T) -> bool {
        self.entries.windows(2).all(|pair| of(&pair[0]) == of(&pair[1]))
    }

    /// The demand of a request on a server of speed 1: the service of the first entry.
    pub fn demand(&self) -> Result<SpanDistribution, Skip> {
        self.entries[0].service.distribution()
    }

    /// One pool per entry. Where an entry serves by a stretched copy of the first one's distribution, its speed makes up for
    /// it, since a demand belongs to a request and not to a server.
    pub fn pools(&self) -> Result<Vec<PoolSpec>, Skip> {
        (0..).zip(&self.entries).map(|(number, entry)| entry.pool(number, &self.entries[0].service)).collect()
    }
}

impl Entry {
    fn read(value: &Value) -> Result<Self, Skip> {
        let mut fields = Fields::of("a server", value)?;
        let discipline = match fields.text("discipline")? {
            "fcfs" => Discipline::Fcfs,
            "ps" => Discipline::ProcessorSharing,
            other => return Err(Skip::new(format!("discipline `{other}` is not built yet"))),
        };
        let speed = if fields.get("speed").is_some() { fields.number("speed")? } else { 1.0 };
        if !(1e-9..=1e9).contains(&speed) {
            return Err(Skip::new(format!("a server of speed {speed}")));
        }
        let entry = Self {
            count: fields.count("count", MOST)?.unwrap_or(1),
            slots: fields.count("slots", MOST)?.unwrap_or(1),
            speed,
            discipline,
            capacity: fields.count("capacity", u32::MAX)?,
            service: Law::read("the service of a server", fields.need("service")?)?,
        };
        fields.nothing_else()?;
        Ok(entry)
    }

    fn pool(&self, number: u32, demand: &Law) -> Result<PoolSpec, Skip> {
        let stretch = self.service.stretch_of(demand).ok_or_else(|| Skip::new("servers whose service times differ in shape"))?;
        Ok(PoolSpec {
            max_connections: None,
            name: format!("servers {number}"),
            kind: PoolKind::Servers,
            count: self.count,
            workers: self.slots,
            speed: self.speed / stretch,
            discipline: self.discipline,
            capacity: self.capacity,
            weight: 1.0,
            call: None,
            caches: Vec::new(),
            failures: Vec::new(),
            overload: None,
            spares: None,
            scaling: None,
            priority: 0,
        })
    }
}
