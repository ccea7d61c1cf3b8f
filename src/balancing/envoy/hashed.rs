//! What Envoy's two hashing algorithms have in common: everything but the table.

use super::bounded_loads::BoundedLoads;
use super::xxhash64;
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Explanation, Follows, Key, Rotation};
use crate::random::Stream;
use crate::units::{Address, Parameters, ServerId};

/// A table from hashes to servers.
pub trait Table: std::fmt::Debug + Clone {
    /// As in [`Registered`].
    const ABOUT: &'static str;
    /// As in [`Registered`], before what is said of keys, full servers and bounded loads.
    const DETAILS: &'static str;
    /// As in [`Registered`].
    const FOLLOWS: &'static [Follows];
    /// As in [`Registered`].
    const COST: &'static str;
    /// As in [`Registered`].
    const GOES_WRONG: &'static str;

    /// Reads its size.
    fn from_parameters(parameters: &mut dyn Parameters) -> Self;

    /// Puts it together out of the servers in rotation, in order of number; there is at least one.
    fn build(&mut self, hosts: &[Host]);

    /// The server for `hash`; for a higher attempt mostly another one.
    fn server(&self, hash: u64, attempt: u64) -> Option<ServerId>;

    /// After how many attempts every server of the table has been seen.
    fn attempts(&self) -> u64;

    /// Where `hash` lies, in words.
    fn place(&self, hash: u64) -> String;
}

/// A server, as tables see it.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its number.
    pub server: ServerId,
    /// What is hashed for it: its address and port.
    pub name: String,
    /// Its share of the weights.
    pub share: f64,
}

/// Consistent hashing by a table.
#[derive(Debug, Clone)]
pub struct Hashed<T> {
    key: Key,
    table: T,
    rotation: Rotation,
    /// By server.
    addresses: Vec<Address>,
    total_weight: u64,
    bounds: BoundedLoads,
}

impl<T: Table> Hashed<T> {
    fn hash(&self, request: &RequestView) -> u64 {
        xxhash64(self.key.text(request).as_bytes(), 0)
    }

    fn share(&self, server: ServerId) -> f64 {
        self.rotation.whole_weight(server) as f64 / self.total_weight as f64
    }

    fn refresh(&mut self) {
        if self.rotation.refresh() && !self.rotation.list().is_empty() {
            self.total_weight = self.rotation.list().iter().map(|&server| self.rotation.whole_weight(server)).sum();
            let name = |server: ServerId| self.addresses[server.index()].to_string();
            let host = |&server: &ServerId| Host { server, name: name(server), share: self.share(server) };
            let hosts: Vec<Host> = self.rotation.list().iter().map(host).collect();
            self.table.build(&hosts);
        }
    }

    /// What the table says, the first candidate that it names.
    fn first(&self, hash: u64, candidates: &Candidates<'_>) -> Option<ServerId> {
        let mut named = (0..self.table.attempts()).filter_map(|attempt| self.table.server(hash, attempt));
        named.find(|&server| candidates.contains(server)).or_else(|| {
            let rest = candidates.eligible.iter().filter(|server| !candidates.excluded.contains(server));
            rest.min()
        })
    }

    fn decide(&mut self, hash: u64, candidates: &Candidates<'_>) -> Option<ServerId> {
        self.refresh();
        if candidates.is_empty() {
            return None;
        }
        let first = self.first(hash, candidates)?;
        if !self.bounds.is_on() {
            return Some(first);
        }
        let (rotation, total) = (&self.rotation, self.total_weight as f64);
        let share = |server| rotation.whole_weight(server) as f64 / total;
        Some(self.bounds.choose(hash, first, rotation.list(), share, |server| candidates.contains(server)))
    }
}

impl<T: Table> Registered for Hashed<T> {
    const ABOUT: &'static str = T::ABOUT;
    const DETAILS: &'static str = T::DETAILS;
    const FOLLOWS: &'static [Follows] = T::FOLLOWS;
    const COST: &'static str = T::COST;
    const GOES_WRONG: &'static str = T::GOES_WRONG;
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let key = Key::parameter(parameters);
        let table = T::from_parameters(parameters);
        let about = "bounded loads: how many per cent of its fair share of the requests in flight a server may have; 0 = no \
            bound, otherwise at least 100";
        let factor = parameters.integer("hash_balance_factor", about, 0..=1_000_000, 0) as u32;
        let bounds = BoundedLoads::new(if factor == 0 { 0 } else { factor.max(100) });
        Self { key, table, rotation: Rotation::default(), addresses: Vec::new(), total_weight: 0, bounds }
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, _: Stream) -> Explanation {
        let Choice::Server(server) = choice else { return Explanation::unscored("there is no server to choose") };
        let mut now = self.clone();
        now.refresh();
        let (text, hash) = (now.key.text(request), now.hash(request));
        let text = String::from_utf8_lossy(text.as_bytes());
        let mut because = format!("xxHash64 of `{text}` is {hash:016x}; {}", now.table.place(hash));
        let named = now.table.server(hash, 0);
        let first = now.first(hash, candidates);
        if first != named {
            because += ", whose server is no candidate; a further attempt leads to another";
        }
        if let Some(first) = first.filter(|&first| first != server) {
            let (active, slots) = (now.bounds.active(first), now.bounds.slots(now.share(first)));
            because += &format!(
                "; that server has {active} requests in flight of at most {slots}, so the order drawn for \
                this hash leads to another"
            );
        }
        Explanation::unscored(because)
    }
}

impl<T: Table> Policy for Hashed<T> {
    fn reads(&self) -> Reads {
        if self.bounds.is_on() { Reads::AllLoads(Told::Own) } else { Reads::Nothing }
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.rotation = Rotation::new(servers);
        self.addresses = servers.iter().map(|server| server.address).collect();
        self.bounds.prepare(servers.len());
    }

    fn admit(&mut self, server: ServerId) {
        self.rotation.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.rotation.withdraw(server);
    }

    /// The table knows no full servers.
    fn filled(&mut self, _: ServerId) {}

    fn freed(&mut self, _: ServerId) {}

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        let before = self.rotation.whole_weight(server);
        self.rotation.reweigh(server, weight);
        if self.rotation.whole_weight(server) != before {
            self.rotation.mark_changed();
        }
    }

    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        self.decide(self.hash(request), candidates).map_or(Choice::Nobody, Choice::Server)
    }

    fn sent(&mut self, server: ServerId, _: &RequestView) {
        if self.bounds.is_on() {
            self.bounds.raise(server);
        }
    }

    fn ended(&mut self, server: ServerId, _: &Answer) {
        if self.bounds.is_on() {
            self.bounds.lower(server);
        }
    }
}
