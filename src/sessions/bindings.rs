//! Which server each user is bound to.

use super::{Keeper, WhenDown};
use crate::caching::{Cache, Rule};
use crate::random::{Role, Seed, Stream};
use crate::units::{ParameterList, ServerId, Time};

/// Servers by the keys of users, for as long as the keeper remembers.
#[derive(Debug)]
pub struct Bindings {
    entries: Cache<Rule>,
    /// By slot of the entry.
    servers: Vec<ServerId>,
    /// What no rule that is used here draws from.
    stream: Stream,
}

impl Bindings {
    /// Nobody is bound yet.
    #[must_use]
    pub fn new(keeper: &Keeper) -> Option<Self> {
        let (capacity, expires) = match keeper {
            Keeper::Cookie => (None, None),
            Keeper::Table { capacity, expires, .. } => (*capacity, *expires),
        };
        let lifetime = expires.map(|ttl| crate::caching::Lifetime { ttl, resets: true });
        let rule = Rule::named("Lru", &mut ParameterList::default())?;
        let entries = Cache::new(rule, capacity.map_or(u64::MAX, u64::from), lifetime);
        Some(Self { entries, servers: Vec::new(), stream: Stream::new(Seed(0), 0, Role::Caching, 0) })
    }

    /// The server of `key`, whose entry is used by this.
    #[inline]
    pub fn server(&mut self, key: u64, now: Time) -> Option<ServerId> {
        self.entries.find(key, now).map(|slot| self.servers[slot as usize])
    }

    /// `key` was served by `server`: it is bound to it, or stays bound where it was if it is to go back there.
    #[inline]
    pub fn served(&mut self, key: u64, server: ServerId, when_down: WhenDown, now: Time) {
        if let Some(slot) = self.entries.find(key, now) {
            if when_down != WhenDown::Return {
                self.servers[slot as usize] = server;
            }
            return;
        }
        let Some(slot) = self.entries.put(key, 1, now, &mut self.stream) else { return };
        if self.servers.len() <= slot as usize {
            self.servers.resize(slot as usize + 1, server);
        }
        self.servers[slot as usize] = server;
    }

    /// `key` will not be asked for again.
    pub fn forget(&mut self, key: u64) {
        self.entries.remove(key);
    }

    /// Everything is forgotten.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many are bound.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balancing::Key;
    use crate::units::Span;

    fn table(capacity: Option<u32>, expires_secs: Option<u64>) -> Bindings {
        let expires = expires_secs.map(Span::from_secs);
        Bindings::new(&Keeper::Table { key: Key::Client, capacity, expires, shared: false }).unwrap()
    }

    const fn at(secs: u64) -> Time {
        Time::from_nanos(secs * 1_000_000_000)
    }

    #[test]
    fn who_is_bound_elsewhere_moves_or_goes_back() {
        for (when_down, after) in [(WhenDown::Rebind, 2), (WhenDown::Return, 1), (WhenDown::Insist, 2)] {
            let mut bindings = Bindings::new(&Keeper::Cookie).unwrap();
            assert_eq!(bindings.server(7, at(0)), None);
            bindings.served(7, ServerId(1), when_down, at(0));
            bindings.served(7, ServerId(2), when_down, at(1));
            assert_eq!(bindings.server(7, at(1)), Some(ServerId(after)));
            bindings.forget(7);
            assert_eq!((bindings.server(7, at(1)), bindings.len()), (None, 0));
        }
    }

    #[test]
    fn a_table_forgets_what_was_not_used_for_its_time_and_whom_it_has_no_room_for() {
        let mut bindings = table(Some(2), Some(10));
        bindings.served(1, ServerId(1), WhenDown::Rebind, at(0));
        bindings.served(2, ServerId(2), WhenDown::Rebind, at(1));
        assert_eq!(bindings.server(1, at(9)), Some(ServerId(1)), "which it uses");
        assert_eq!(bindings.server(2, at(12)), None, "11 s");
        assert_eq!(bindings.server(1, at(19)), Some(ServerId(1)), "10 s after its use");
        bindings.served(3, ServerId(3), WhenDown::Rebind, at(20));
        bindings.served(4, ServerId(4), WhenDown::Rebind, at(21));
        let bound = [1, 3, 4].map(|key| bindings.server(key, at(21)));
        assert_eq!(bound, [None, Some(ServerId(3)), Some(ServerId(4))]);
        bindings.clear();
        assert!(bindings.is_empty());
    }
}
