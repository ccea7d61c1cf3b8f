//! Seeds and named streams: a stream per entity and purpose, so that no strategy can shift another's draws.

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
}

/// A stream of random bits: xoshiro256++ (Blackman and Vigna 2021), seeded from a mix of (seed, replication, role,
/// index) and of nothing else, in particular not of the strategy or the design point.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of one entity for one purpose in one replication.
    #[must_use]
    pub fn new(seed: Seed, replication: u32, role: Role, index: u32) -> Self {
        Self::keyed(seed, replication, role, index, 0)
    }

    /// The stream of one entity for its `number`-th item: for draws that must not depend on how many came before.
    #[must_use]
    pub fn keyed(seed: Seed, replication: u32, role: Role, index: u32, number: u64) -> Self {
        let mut state = mix(seed.0);
        state = mix(state ^ (u64::from(replication) << 8 | role as u64));
        state = mix(state ^ u64::from(index));
        state = mix(state ^ number);
        Self(Xoshiro256PlusPlus::seed_from_u64(state))
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

    /// A uniform whole number below `bound`, which is above 0; without bias (Lemire 2019).
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

    /// An exponential number with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014) on the next state.
const fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
