//! Seeds and named streams: a stream per entity and purpose, so that no strategy can shift another's draws.

use super::elementary;
use super::ziggurat::{EXPONENTIAL, EXPONENTIAL_TAIL, LAYERS, NORMAL, NORMAL_TAIL, Ziggurat};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The root of all randomness of a run. The same seed gives the same results, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// What a stream is for. A new purpose takes a new number; a number is never used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// Gaps between the arrivals of one class.
    Arrivals = 1,
    /// Service demands of the requests of one class.
    Demand = 2,
    /// Think times of one closed user.
    Think = 3,
    /// Choices of one balancer.
    Balancing = 4,
    /// Demands that the requests of one class put on back ends.
    BackendDemand = 5,
    /// Where within its second each request of a replayed log falls.
    Replay = 6,
    /// Service demands of one closed user.
    UserDemand = 7,
    /// Demands that the requests of one closed user put on back ends.
    UserBackendDemand = 8,
    /// Points of a design, by factor.
    Design = 9,
    /// Which of a number of clients sends each request of one open class.
    Clients = 10,
    /// What each request of one class asks for.
    Items = 11,
    /// What each request of one closed user asks for.
    UserItems = 12,
    /// Lifetimes of one thing that fails.
    Lifetimes = 13,
    /// Repairs of one thing that fails.
    Repairs = 14,
    /// When, within its spread, each line of a script comes.
    Script = 15,
    /// When the first health check of each server by one balancer comes.
    Checks = 16,
    /// Which tries of the requests of one class are answered by an error or wrongly.
    Answers = 17,
    /// Delays before retries, and other draws of one balancer's recovery.
    Retries = 18,
    /// How long each client of one class waits before it gives up.
    Patience = 19,
    /// Delays before retries, and other draws of one class of clients.
    ClientRetries = 20,
    /// How long each spare of one pool takes to start.
    Spares = 21,
    /// How long each crash of a server under its load lasts.
    Overload = 22,
    /// How long each server that an autoscaler adds to one pool takes until it is ready.
    Provisioning = 23,
    /// Which entries leave the cache of each server, where its rule draws.
    Caching = 24,
    /// What one user of one class does on one visit: how many requests it sends, how heavy it is.
    Visits = 25,
    /// Behind which address each client of one class is, and how many are behind each.
    Addresses = 26,
    /// How large each entry of one cache is.
    Sizes = 27,
    /// What the misses of the requests of one class cost at the server.
    MissDemand = 28,
    /// The same of one user.
    UserMissDemand = 29,
    /// Lifetimes of one unit of a balancer.
    BalancerLifetimes = 30,
    /// Repairs of one unit of a balancer.
    BalancerRepairs = 31,
    /// How long each takeover of one pair of balancers takes, and whether it is noticed that it must.
    Takeovers = 32,
    /// Which resolvers of one class keep copies too long, and how old their copies are at first.
    Resolvers = 33,
    /// What the misses of the requests of one class ask of back ends.
    MissCall = 34,
    /// The same of one user.
    UserMissCall = 35,
    /// Where something simulated is compared with something measured: which runs are taken together.
    Comparison = 40,
}

/// A stream of random bits: xoshiro256++ (Blackman and Vigna 2021), seeded from a mix of (seed, replication, role,
/// index) and of nothing else, in particular not of the strategy or the design point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

/// The key of a family of streams: one entity, one purpose, one replication. For who opens a stream per item, such as
/// per request of a closed user, it saves mixing the first four numbers each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The key of one entity for one purpose in one replication.
    #[inline]
    #[must_use]
    pub const fn new(seed: Seed, replication: u32, role: Role, index: u32) -> Self {
        let state = mix(mix(seed.0) ^ ((replication as u64) << 8 | role as u64));
        Self(mix(state ^ index as u64))
    }

    /// The stream of the entity itself.
    #[inline]
    #[must_use]
    pub fn stream(self) -> Stream {
        Stream(Xoshiro256PlusPlus::seed_from_u64(self.0))
    }

    /// The stream of its `number`-th item.
    #[inline]
    #[must_use]
    pub fn item(self, number: u64) -> Stream {
        Self(mix(self.0 ^ number)).stream()
    }
}

impl Stream {
    /// The stream of one entity for one purpose in one replication.
    #[must_use]
    pub fn new(seed: Seed, replication: u32, role: Role, index: u32) -> Self {
        StreamKey::new(seed, replication, role, index).stream()
    }

    /// The stream of one entity for its `number`-th item: for draws that must not depend on how many came before. It is
    /// another stream than that of [`Stream::new`] for every number.
    #[must_use]
    pub fn keyed(seed: Seed, replication: u32, role: Role, index: u32, number: u64) -> Self {
        StreamKey::new(seed, replication, role, index).item(number)
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A uniform number in [0, 1), a multiple of 2^-53.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * f64::EPSILON * 0.5
    }

    /// A uniform whole number below `bound`, which is above 0; without bias (Lemire 2019, "Fast random integer generation
    /// in an interval", algorithm 5). For a bound of 0 the answer is 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        debug_assert!(bound > 0, "an empty range has no number");
        let mut product = (self.bits() >> 32) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = (self.bits() >> 32) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// An exponential number with mean 1, by the ziggurat method (Marsaglia and Tsang 2000, section 2.2).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let bits = self.bits();
        let (position, layer) = (bits >> 11, bits as usize % LAYERS);
        let layer = &EXPONENTIAL.layers[layer];
        if position < layer.accept {
            return abscissa(position, layer.step);
        }
        let (x, after) = self.clone().exponential_at_the_edge(bits);
        *self = after;
        x
    }

    /// A normal number with mean 0 and standard deviation 1, by the ziggurat method (Marsaglia and Tsang 2000, section 2.3).
    #[inline]
    pub fn normal(&mut self) -> f64 {
        let bits = self.bits();
        let position = bits as i64 >> 11;
        let layer = &NORMAL.layers[bits as usize % LAYERS];
        if position.unsigned_abs() < layer.accept {
            return position as f64 * layer.step;
        }
        let (x, after) = self.clone().normal_at_the_edge(bits);
        *self = after;
        x
    }

    /// What is left of the exponential for the 1.1 % of words that fall outside the sure part of a layer. Beyond the base
    /// strip the tail is the same density again, begun at the tail's edge. (The stream goes in and out by value: a reference
    /// would keep the compiler from holding the state in registers on the fast path.)
    #[cold]
    #[inline(never)]
    fn exponential_at_the_edge(mut self, mut bits: u64) -> (f64, Self) {
        let mut begun = 0.0;
        loop {
            let (position, layer) = (bits >> 11, bits as usize % LAYERS);
            let x = abscissa(position, EXPONENTIAL.layers[layer].step);
            if position < EXPONENTIAL.layers[layer].accept {
                return (begun + x, self);
            }
            if layer == 0 {
                begun += EXPONENTIAL_TAIL;
            } else if self.height_within(&EXPONENTIAL, layer) < elementary::exp(-x) {
                return (begun + x, self);
            }
            bits = self.bits();
        }
    }

    /// What is left of the normal for the 1.2 % of words that fall outside the sure part of a layer.
    #[cold]
    #[inline(never)]
    fn normal_at_the_edge(mut self, mut bits: u64) -> (f64, Self) {
        loop {
            let (position, layer) = (bits as i64 >> 11, bits as usize % LAYERS);
            let x = position as f64 * NORMAL.layers[layer].step;
            if position.unsigned_abs() < NORMAL.layers[layer].accept {
                return (x, self);
            }
            if layer == 0 {
                return (self.normal_tail().copysign(x), self);
            }
            if self.height_within(&NORMAL, layer) < elementary::exp(-0.5 * x * x) {
                return (x, self);
            }
            bits = self.bits();
        }
    }

    /// A normal number under the condition that it lies beyond [`NORMAL_TAIL`] (Marsaglia 1964, "Generating a variable
    /// from the tail of the normal distribution", with exponential numbers in place of logarithms).
    pub(super) fn normal_tail(&mut self) -> f64 {
        loop {
            let beyond = self.exponential() / NORMAL_TAIL;
            if 2.0 * self.exponential() > beyond * beyond {
                return NORMAL_TAIL + beyond;
            }
        }
    }

    /// A uniform height between the lower and the upper edge of a layer.
    fn height_within(&mut self, ziggurat: &Ziggurat, layer: usize) -> f64 {
        let (low, high) = (ziggurat.heights[layer], ziggurat.heights[layer + 1]);
        low + (high - low) * self.uniform()
    }
}

/// Where a position of 53 bits lies. (Through i64: half the instructions of the way through u64, and the same number.)
#[inline]
fn abscissa(position: u64, step: f64) -> f64 {
    position as i64 as f64 * step
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014) on the next state.
const fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
