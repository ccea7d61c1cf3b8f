//! Hashing as HAProxy's `source` and `hdr()` do it, by table and by ring, with bounded loads.

use crate::balancing::haproxy::{HashFunction, Ring, Table, full_hash};
use crate::balancing::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares, Told};
use crate::balancing::{Explanation, Follows, Key, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The server that the hash of a key leads to.
#[derive(Debug, Clone, Default)]
pub struct HaproxyHash {
    key: Key,
    function: HashFunction,
    avalanche: bool,
    /// Percent of the mean load that a server may carry; 0 is any.
    balance_factor: u64,
    places: Places,
    /// By server: requests in flight from this balancer, and all together.
    in_flight: Vec<u32>,
    all_in_flight: u64,
    /// By server: the effective weights of those before it when all were in rotation.
    weight_before: Vec<u64>,
}

/// Where hashes lead.
#[derive(Debug, Clone)]
enum Places {
    Map(Table),
    Ring(Ring),
}

impl Default for Places {
    fn default() -> Self {
        Self::Map(Table::default())
    }
}

impl HaproxyHash {
    /// Addresses are taken as numbers, other keys as text.
    fn hash(&self, request: &RequestView) -> u32 {
        let hash = match self.key {
            Key::Client => request.address.ip,
            _ => self.function.hash(self.key.text(request).as_bytes()),
        };
        if self.avalanche { full_hash(hash) } else { hash }
    }

    /// Where a hash leads, full or not.
    fn find(&mut self, hash: u32, candidates: &Candidates<'_>) -> Option<ServerId> {
        let untried = |server: ServerId| !candidates.excluded.contains(&server);
        if let Places::Map(table) = &mut self.places {
            let turns = table.turns();
            let (before, after) = turns.split_at(hash as usize % turns.len().max(1));
            return after.iter().chain(before).map(|&server| ServerId(server)).find(|&server| untried(server));
        }
        let Places::Ring(ring) = &self.places else { return None };
        if self.balance_factor == 0 {
            return ring.find(hash, untried);
        }
        let has_slot = |server: ServerId| self.in_flight[server.index()] < self.slots(ring, server);
        let found = ring.find(hash, |server| untried(server) && has_slot(server));
        // HAProxy gives up after the second round, at the last point.
        found.or_else(|| ring.owner_of_last().filter(|&server| untried(server))).or_else(|| ring.find(hash, untried))
    }

    /// How many requests a server may have in flight: its part by weight of what the factor allows all together, in whole
    /// numbers.
    fn slots(&self, ring: &Ring, server: ServerId) -> u32 {
        let all = ((self.all_in_flight + 1) * self.balance_factor).div_ceil(100);
        let (total, weight) = (ring.total(), u64::from(ring.eweight(server)));
        let (each, rest) = (all / total, all % total);
        let before = self.weight_before[server.index()];
        let share = weight * each + (before + weight) * rest / total - before * rest / total;
        share.max(1).min(u64::from(u32::MAX)) as u32
    }
}

/// What a model may say of the function: nothing in particular, or one by name.
const FUNCTIONS: &[&str] =
    &["Default", HashFunction::NAMES[0], HashFunction::NAMES[1], HashFunction::NAMES[2], HashFunction::NAMES[3]];

impl Registered for HaproxyHash {
    const ABOUT: &'static str = "the server that the hash of the key leads to, as HAProxy's source and hdr()";
    const DETAILS: &'static str = "MapBased: the hash modulo the sum of the weights is a turn in the table of static-rr. \
        Consistent: the server of the nearest of 16 points per unit of weight on a ring (Karger et al. 1997). The address of a \
        client is its own hash; other keys are hashed as text by `function`; `avalanche` mixes once more. `balance_factor` \
        bounds the load (Mirrokni, Thorup and Zadimoghaddam 2018): the first server from there on the ring with fewer requests \
        in flight than its part of that percentage of all. A full server keeps its requests waiting for it. After a try at one \
        server comes the next on the ring; HAProxy's table would name the same server again, ours goes on to the next turn. A \
        Map ignores changes of weight at runtime. Follows src/backend.c, src/lb_chash.c and src/lb_map.c of HAProxy 2.6.";
    const FOLLOWS: &'static [Follows] =
        &[Follows { product: Product::HAProxy, calls_it: "source, hdr()", names: &["Hash", "Source"] }];
    const COST: &'static str = "MapBased: O(1), and O(W log n) for W turns after a server has left or returned; Consistent: \
        O(log N), to base 64, for N points, and one step for each point passed over for its load";
    const GOES_WRONG: &'static str = "A popular key overloads its server. MapBased moves most keys when a server leaves or \
        returns; Consistent at weight 1 gives the largest server 1.3 times the mean.";
    const SHARES: Shares = Shares::Unpromised;

    fn from_parameters(parameters: &mut dyn Parameters) -> Self {
        let key = Key::parameter(parameters);
        let consistent = parameters.choice("hash_type", "how a hash leads to a server", &["MapBased", "Consistent"], 0) == 1;
        let about =
            "the hash of keys that are text; Default is Sdbm, mixed once more if Consistent, as where no function is named";
        let function = parameters.choice("function", about, FUNCTIONS, 0);
        let avalanche = consistent && function == 0;
        let function = HashFunction::numbered(function.saturating_sub(1));
        let avalanche = parameters.flag("avalanche", "whether hashes are mixed once more", avalanche);
        let about = "percentage of the mean load that a server may carry, above 100, with Consistent; 0 is no bound";
        let balance_factor = parameters.integer("balance_factor", about, 0..=100_000, 0);
        let places = if consistent { Places::Ring(Ring::default()) } else { Places::default() };
        Self { key, function, avalanche, balance_factor, places, ..Self::default() }
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, _: Stream) -> Explanation {
        let (Choice::Server(server) | Choice::WaitFor(server)) = choice else {
            return Explanation::unscored("no server in rotation is left to try");
        };
        let (hash, key) = (self.hash(request), self.key.text(request));
        let mut because = format!("the hash of {} is {hash}", String::from_utf8_lossy(key.as_bytes()));
        because += &match &self.places {
            Places::Map(table) => {
                let turns = table.clone().turns().len();
                format!(", which is turn {} of the {turns} of the table", hash as usize % turns.max(1))
            }
            Places::Ring(ring) if ring.find(hash, |_| true) == Some(server) => {
                ", whose nearest point on the ring is its own".into()
            }
            Places::Ring(_) => "; those before it on the ring were tried or have too much in flight".into(),
        };
        if !candidates.contains(server) {
            because += "; it is full";
        }
        Explanation::unscored(because)
    }
}

impl Policy for HaproxyHash {
    fn reads(&self) -> Reads {
        match self.places {
            Places::Ring(_) if self.balance_factor > 0 => Reads::SampledLoads(Told::Own),
            _ => Reads::Nothing,
        }
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        self.in_flight = vec![0; servers.len()];
        self.all_in_flight = 0;
        match &mut self.places {
            Places::Map(table) => *table = Table::new(servers),
            Places::Ring(ring) => {
                *ring = Ring::new(servers);
                let sum = |before: &mut u64, server: usize| {
                    Some(std::mem::replace(before, *before + u64::from(ring.eweight(ServerId(server as u32)))))
                };
                self.weight_before = (0..servers.len()).scan(0, sum).collect();
            }
        }
    }

    fn admit(&mut self, server: ServerId) {
        match &mut self.places {
            Places::Map(table) => table.set(server, true),
            Places::Ring(ring) => ring.set(server, true),
        }
    }

    fn withdraw(&mut self, server: ServerId) {
        match &mut self.places {
            Places::Map(table) => table.set(server, false),
            Places::Ring(ring) => ring.set(server, false),
        }
    }

    /// It keeps its keys.
    fn filled(&mut self, _: ServerId) {}

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        if let Places::Ring(ring) = &mut self.places {
            ring.reweigh(server, weight);
        }
    }

    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        match self.find(self.hash(request), candidates) {
            Some(server) if candidates.contains(server) => Choice::Server(server),
            Some(server) => Choice::WaitFor(server),
            None => Choice::Nobody,
        }
    }

    fn sent(&mut self, server: ServerId, _: &RequestView) {
        self.in_flight[server.index()] += 1;
        self.all_in_flight += 1;
    }

    fn ended(&mut self, server: ServerId, _: &Answer) {
        let in_flight = &mut self.in_flight[server.index()];
        if *in_flight > 0 {
            *in_flight -= 1;
            self.all_in_flight -= 1;
        }
    }
}

#[cfg(test)]
#[path = "hash_tests.rs"]
mod tests;
