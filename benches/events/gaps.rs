//! Gaps between an event and the one that follows from it.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const STEPS: usize = 1024;

/// A shape of gaps: a name and the quantiles of a distribution, in nanoseconds.
pub struct Shape {
    pub name: &'static str,
    quantile: fn(f64) -> f64,
}

/// With constant gaps all events keep falling on one instant.
pub const SHAPES: [Shape; 5] = [
    Shape { name: "exponential", quantile: |u| -1e9 * (1.0 - u).ln() },
    Shape { name: "Pareto 1.5", quantile: |u| 1e8 * (1.0 - u).powf(-1.0 / 1.5) },
    Shape { name: "bimodal", quantile: |u| if u < 0.5 { 1.0 } else { 1e12 } },
    Shape { name: "constant", quantile: |_| 1e9 },
    Shape { name: "uniform", quantile: |u| 2e9 * u },
];

/// Draws gaps by a table of quantiles and a straight line between them, which costs the same for every shape.
pub struct Gaps {
    quantiles: Vec<u64>,
    random: Xoshiro256PlusPlus,
}

impl Gaps {
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let level = |step: usize| (step as f64 / STEPS as f64).min(1.0 - 1e-6);
        let quantiles = (0..=STEPS).map(|step| (shape.quantile)(level(step)) as u64).collect();
        Self { quantiles, random: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    #[inline]
    pub fn draw(&mut self) -> u64 {
        let bits = self.random.next_u64();
        let step = (bits >> 32) as usize % STEPS;
        let (low, high) = (self.quantiles[step], self.quantiles[step + 1]);
        let part = u128::from(high - low) * u128::from(bits as u32);
        low + (part >> 32) as u64
    }
}
