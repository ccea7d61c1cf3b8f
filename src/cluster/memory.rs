//! What servers remember: their caches, and what becomes of them in a crash.

use super::server::{BackEndCall, Pool};
use crate::caching::{Cache, Rule};
use crate::model::{CacheCapacity, CacheSpec, Cached, ModelParts};
use crate::observe::CacheUsage;
use crate::random::{Role, Seed, Stream, StreamKey};
use crate::units::{ServerId, Time};
use std::collections::BTreeMap;

/// The caches of all servers.
#[derive(Debug)]
pub struct Memory {
    /// From when on lookups count.
    first: Time,
    /// By pool.
    pools: Vec<Vec<Kind>>,
    stores: Vec<Store>,
    /// By place of a job in service: what it looks for.
    keys: Vec<Keys>,
}

/// What the caches of one kind in a pool have in common.
#[derive(Debug)]
pub struct Kind {
    pub spec: CacheSpec,
    pub call: Option<BackEndCall>,
    pub lookup: Option<BackEndCall>,
    sizes: StreamKey,
    usage: CacheUsage,
    /// The stores of the pool's servers: one for each, or one for all.
    stores: std::ops::Range<u32>,
}

/// One cache.
#[derive(Debug)]
struct Store {
    cache: Cache<Rule>,
    stream: Stream,
    /// Since when it has been filling.
    since: Time,
    /// Lookups and hits since then.
    life: [u64; 2],
    refill: Option<Refill>,
    /// What is being loaded, and who waits for that, where requests share what they load.
    loading: BTreeMap<u64, Vec<Waiter>>,
}

/// A job that waits for what another one loads: its server and its place.
pub type Waiter = (ServerId, u32);

/// A cache that was emptied by a failure gets better again.
#[derive(Debug, Clone, Copy)]
struct Refill {
    /// The hit ratio before.
    former: f64,
    /// Lookups and hits of the present block.
    block: [u64; 2],
}

/// So many lookups are judged together: whether a cache is as good as before.
const BLOCK: u64 = 100;
/// How good it must be of what it was.
const GOOD: f64 = 0.95;

/// What is looked for under which key, for one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keys {
    pub session: u64,
    pub user: u64,
    pub item: u64,
}

impl Keys {
    const fn of(&self, cached: Cached) -> u64 {
        match cached {
            Cached::Session | Cached::State => self.session,
            Cached::User => self.user,
            Cached::Item => self.item,
        }
    }
}

/// What begins when a request is to load something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// It is there by now.
    IsThere,
    /// Another request loads it.
    Joined,
    /// This one is to load it.
    Begins,
}

impl Memory {
    /// Empty caches; nothing where no server has one. `firsts`: the first server of each pool.
    pub fn new(parts: &ModelParts, replication: u32, first: Time, firsts: &[u32]) -> Option<Self> {
        if parts.pools.iter().all(|pool| pool.caches.is_empty()) {
            return None;
        }
        let mut stores = Vec::new();
        let mut kind = |index: usize, number: usize, count: u32, spec: &CacheSpec| {
            let begins = stores.len() as u32;
            for _ in 0..if spec.shared { 1 } else { count } {
                stores.push(Store::new(spec, parts.seed, replication, stores.len() as u32));
            }
            Kind {
                spec: spec.clone(),
                call: spec.call.as_ref().map(|call| BackEndCall::new(call, firsts)),
                lookup: spec.lookup.as_ref().map(|call| BackEndCall::new(call, firsts)),
                sizes: StreamKey::new(parts.seed, replication, Role::Sizes, (index * CacheSpec::MOST + number) as u32),
                usage: CacheUsage::default(),
                stores: begins..stores.len() as u32,
            }
        };
        let pools = parts.pools.iter().enumerate();
        let pools = pools.map(|(index, pool)| {
            let specs = pool.caches.iter().enumerate();
            specs.map(|(number, spec)| kind(index, number, pool.count, spec)).collect()
        });
        let pools = pools.collect();
        Some(Self { first, pools, stores, keys: Vec::new() })
    }

    /// What the job at `place` looks for.
    pub fn keys(&self, place: u32) -> Keys {
        self.keys[place as usize]
    }

    /// Says what the job at `place` looks for.
    pub fn set_keys(&mut self, place: u32, keys: Keys) {
        if self.keys.len() <= place as usize {
            self.keys.resize(place as usize + 1, Keys::default());
        }
        self.keys[place as usize] = keys;
    }

    /// By pool, then kind: what the caches were good for.
    pub fn usage(&self) -> Vec<CacheUsage> {
        self.pools.iter().flatten().map(|kind| kind.usage.clone()).collect()
    }

    /// Whether entries of some kind are replicated in pool number `pool`.
    pub fn is_replicated(&self, pool: usize) -> bool {
        self.pools[pool].iter().any(|kind| kind.spec.replicas > 0)
    }

    /// The kinds of caches in pool number `pool`.
    pub fn kinds(&self, pool: usize) -> &[Kind] {
        &self.pools[pool]
    }

    /// A request looks for what it needs in the caches of a server, number `within` of pool `pool`. A bit for each kind that does not have it.
    /// Nobody looks into those of the kinds `refused`, which are not there. `others`: the servers of the pool that are up; where entries are replicated, what one of them has is had from there.
    pub fn look_up(&mut self, (pool, within): (usize, u32), keys: &Keys, refused: u32, others: &[u32], now: Time) -> u32 {
        let mut missed = 0;
        let kinds = self.pools[pool].iter_mut().enumerate();
        for (number, kind) in kinds.filter(|(number, _)| refused >> number & 1 == 0) {
            let key = keys.of(kind.spec.of);
            let is_here = self.stores[kind.store(within)].cache.looks_up(key, now);
            let is_hit = is_here
                || kind.spec.replicas > 0 && others.iter().any(|other| self.stores[kind.store(*other)].cache.has(key, now));
            let store = &mut self.stores[kind.store(within)];
            if is_hit && !is_here {
                store.cache.insert(key, kind.room_for(key), now, &mut store.stream);
            }
            missed |= u32::from(!is_hit) << number;
            let counts = now >= self.first;
            if counts {
                let bytes = kind.size_of(key);
                kind.usage.count(now.since(store.since), is_hit, bytes);
            }
            if let Some(returned) = store.looked_up(is_hit)
                && counts
            {
                kind.usage.refills += 1;
                kind.usage.refill_ns += u128::from(now.since(returned).as_nanos());
            }
        }
        missed
    }

    /// What a request missed in the caches of kind `number` has been loaded. Those who waited for it.
    pub fn loaded(&mut self, (pool, within): (usize, u32), number: usize, keys: &Keys, now: Time) -> Vec<Waiter> {
        let kind = &self.pools[pool][number];
        let key = keys.of(kind.spec.of);
        let size = kind.room_for(key);
        let store = &mut self.stores[kind.store(within)];
        store.cache.insert(key, size, now, &mut store.stream);
        if kind.spec.coalesces { store.loading.remove(&key).unwrap_or_default() } else { Vec::new() }
    }

    /// A request is about to load what it missed in the caches of kind `number`.
    pub fn begin_loading(
        &mut self,
        (pool, within): (usize, u32),
        number: usize,
        keys: &Keys,
        waiter: Waiter,
        now: Time,
    ) -> Loading {
        let kind = &mut self.pools[pool][number];
        if !kind.spec.coalesces {
            return Loading::Begins;
        }
        let key = keys.of(kind.spec.of);
        let store = &mut self.stores[kind.store(within)];
        let joined = if store.cache.has(key, now) {
            Loading::IsThere
        } else if let Some(waiters) = store.loading.get_mut(&key) {
            waiters.push(waiter);
            Loading::Joined
        } else {
            store.loading.insert(key, Vec::new());
            return Loading::Begins;
        };
        kind.usage.joined += u64::from(now >= self.first);
        joined
    }

    /// Servers, given by their numbers in pool `pool`, get copies of what a request has found or loaded.
    pub fn copy(&mut self, pool: usize, number: usize, keys: &Keys, to: impl Iterator<Item = u32>, now: Time) {
        let kind = &self.pools[pool][number];
        let key = keys.of(kind.spec.of);
        let size = kind.room_for(key);
        for within in to {
            let store = &mut self.stores[kind.store(within)];
            store.cache.insert(key, size, now, &mut store.stream);
        }
    }

    /// What a request was loading for the caches of kind `number` does not come. Those who waited for it.
    pub fn loading_failed(&mut self, (pool, within): (usize, u32), number: usize, keys: &Keys) -> Vec<Waiter> {
        let kind = &self.pools[pool][number];
        self.stores[kind.store(within)].loading.remove(&keys.of(kind.spec.of)).unwrap_or_default()
    }

    /// The jobs of `server` that wait for what others load, in order of their places; they wait no more.
    pub fn take_waiting(&mut self, pool: usize, server: ServerId) -> Vec<u32> {
        let mut places = Vec::new();
        for kind in self.pools[pool].iter().filter(|kind| kind.spec.coalesces) {
            let own = kind.stores.start as usize..kind.stores.end as usize;
            for waiters in self.stores[own].iter_mut().flat_map(|store| store.loading.values_mut()) {
                places.extend(waiters.extract_if(.., |(waits, _)| *waits == server).map(|(_, place)| place));
            }
        }
        places.sort_unstable();
        places
    }

    /// The places of all jobs that wait for what others load, in order.
    pub fn waiting(&self) -> Vec<u32> {
        let waiters = self.stores.iter().flat_map(|store| store.loading.values()).flatten();
        let mut places: Vec<u32> = waiters.map(|(_, place)| *place).collect();
        places.sort_unstable();
        places
    }

    /// A server, number `within` of pool `pool`, has lost what it had in memory.
    pub fn lose(&mut self, pool: usize, within: u32, now: Time) {
        for kind in self.pools[pool].iter().filter(|kind| !kind.spec.survives_crashes && !kind.spec.shared) {
            self.stores[kind.store(within)].lose(now);
        }
    }

    /// A back end has lost what it had in memory: caches that every request looks into there.
    pub fn lose_store(&mut self, back_end: ServerId, now: Time) {
        let is_there = |kind: &&Kind| kind.lookup.as_ref().is_some_and(|lookup| lookup.to == back_end);
        for kind in self.pools.iter().flatten().filter(is_there).filter(|kind| !kind.spec.survives_crashes) {
            self.stores[kind.stores.start as usize..kind.stores.end as usize].iter_mut().for_each(|store| store.lose(now));
        }
    }

    /// A session is over of which a server, number `within` of pool `pool`, has answered requests: what belongs to it need not be kept where
    /// there is room for everything.
    pub fn forget_session(&mut self, pool: usize, within: u32, session: u64) {
        let unlimited = |kind: &&Kind| {
            matches!(kind.spec.of, Cached::Session | Cached::State) && kind.spec.capacity == CacheCapacity::Unlimited
        };
        for kind in self.pools[pool].iter().filter(unlimited) {
            self.stores[kind.store(within)].cache.remove(session);
            if kind.spec.replicas > 0 {
                // Where copies went depends on who was up.
                let own = kind.stores.start as usize..kind.stores.end as usize;
                self.stores[own].iter_mut().for_each(|store| store.cache.remove(session));
            }
        }
    }
}

impl Kind {
    const fn store(&self, within: u32) -> usize {
        (self.stores.start + if self.spec.shared { 0 } else { within }) as usize
    }

    /// How much room an entry takes.
    fn room_for(&self, key: u64) -> u64 {
        match self.spec.capacity {
            CacheCapacity::Bytes(_) => self.size_of(key).max(1),
            CacheCapacity::Unlimited | CacheCapacity::Entries(_) => 1,
        }
    }

    fn size_of(&self, key: u64) -> u64 {
        self.spec.size.as_ref().map_or(0, |size| size.sample(&mut self.sizes.item(key)).round() as u64)
    }
}

impl Store {
    fn new(spec: &CacheSpec, seed: Seed, replication: u32, number: u32) -> Self {
        let capacity = match spec.capacity {
            CacheCapacity::Unlimited => u64::MAX,
            CacheCapacity::Entries(entries) => entries,
            CacheCapacity::Bytes(bytes) => bytes.get(),
        };
        Self {
            cache: Cache::new(spec.rule.clone(), capacity, spec.lifetime),
            stream: Stream::new(seed, replication, Role::Caching, number),
            since: Time::ZERO,
            life: [0; 2],
            refill: None,
            loading: BTreeMap::new(),
        }
    }

    /// Counts a lookup. If by that the cache is as good again as before it was emptied: since when it has been filling.
    fn looked_up(&mut self, is_hit: bool) -> Option<Time> {
        self.life[0] += 1;
        self.life[1] += u64::from(is_hit);
        let refill = self.refill.as_mut()?;
        refill.block[0] += 1;
        refill.block[1] += u64::from(is_hit);
        if refill.block[0] < BLOCK {
            return None;
        }
        let [lookups, hits] = std::mem::take(&mut refill.block);
        (hits as f64 >= GOOD * refill.former * lookups as f64).then(|| {
            self.refill = None;
            self.since
        })
    }

    fn lose(&mut self, now: Time) {
        self.cache.clear();
        self.since = now;
        let [lookups, hits] = std::mem::take(&mut self.life);
        match &mut self.refill {
            Some(refill) => refill.block = [0; 2],
            None if lookups >= BLOCK => self.refill = Some(Refill { former: hits as f64 / lookups as f64, block: [0; 2] }),
            None => {}
        }
    }
}

/// The number of `server` in its pool.
pub const fn within(pool: &Pool, server: ServerId) -> u32 {
    server.0 - pool.servers.start
}
