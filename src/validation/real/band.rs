//! Figures of which only a few runs were measured, beside many that were simulated: whether they agree.
//!
//! Each measured run has its own requests and, of a failover, its own times of the fault; each is simulated again and again with
//! other random numbers, 200 runs in all. A figure agrees if both hold:
//!
//! 1. The mean over the measured runs lies within the range of what such means are in simulation, but for 0.05 % of them on either
//!    side: the mean over one simulated run of each seed, drawn 10,000 times. Where 200 runs show no spread, the means must be equal.
//! 2. The range from the least to the most that was measured, and that of 99 % of the simulated runs (0.5 % left out on either
//!    side), have something in common.
//!
//! A figure that some runs have not, such as the time of the last error where there was none, counts over those that have it,
//! and of those there must be about as many (the same first rule, with 1 for a run that has it and 0 for one that has not).

use super::finding::{Figure, RealFinding, RealVerdict};
use crate::random::{Role, Seed, Stream};
use crate::stats::order::quantile_linear;
use crate::stats::sample::mean;

/// How often one run of each seed is drawn.
const DRAWS: usize = 10_000;
/// What is left out of the means on either side.
const MEAN_TAIL: f64 = 0.000_5;
/// What is left out of the runs on either side.
const RUN_TAIL: f64 = 0.005;

/// What computing a mean may round off.
const ROUNDING: f64 = 1e-9;

/// A figure of some runs, by seed: none where a run has it not.
pub(super) struct Band<'a> {
    pub what: &'a str,
    pub measured: &'a [Option<f64>],
    pub simulated: &'a [Vec<Option<f64>>],
    /// How exactly it was measured: the mean may be off by this much more.
    pub resolution: f64,
}

impl Band<'_> {
    /// Whether they agree.
    pub fn judge(&self) -> RealFinding {
        let measured: Vec<f64> = self.measured.iter().copied().flatten().collect();
        let runs: Vec<f64> = self.simulated.iter().flatten().copied().flatten().collect();
        let present = |figures: &[Option<f64>]| -> Vec<f64> { figures.iter().map(|one| f64::from(one.is_some())).collect() };
        let (had, have): (Vec<f64>, Vec<Vec<f64>>) =
            (present(self.measured), self.simulated.iter().map(|runs| present(runs)).collect());
        let number = |figures: &[f64]| mean(figures).map_or(Figure::Nothing, Figure::Number);
        let mut finding = RealFinding {
            what: self.what.into(),
            measured: number(&measured),
            simulated: number(&runs),
            allowed: String::new(),
            verdict: RealVerdict::Disagrees,
        };
        let as_many = within(mean(&had), means_range(&have), 0.0);
        let (Some((low, high)), Some((least, most))) = (self.means(), range(&runs, RUN_TAIL)) else {
            finding.verdict = RealVerdict::of(as_many && measured.is_empty());
            return finding;
        };
        let (smallest, largest) = measured.iter().fold((f64::MAX, f64::MIN), |(low, high), one| (low.min(*one), high.max(*one)));
        let overlaps = smallest <= most + self.resolution && largest >= least - self.resolution;
        finding.allowed = format!(
            "mean {} to {}; runs {} to {}, measured {} to {}",
            short(low),
            short(high),
            short(least),
            short(most),
            short(smallest),
            short(largest)
        );
        finding.verdict = RealVerdict::of(as_many && overlaps && within(mean(&measured), Some((low, high)), self.resolution));
        finding
    }

    /// The range of means over one simulated run of each seed.
    fn means(&self) -> Option<(f64, f64)> {
        let of_seed = |runs: &Vec<Option<f64>>| runs.iter().copied().flatten().collect::<Vec<f64>>();
        let counted = self.simulated.iter().zip(self.measured).filter(|(_, measured)| measured.is_some());
        let seeds: Vec<Vec<f64>> = counted.map(|(runs, _)| of_seed(runs)).filter(|runs| !runs.is_empty()).collect();
        means_range(&seeds)
    }
}

/// Whether there is a value and it lies in a range, but for so much.
fn within(value: Option<f64>, range: Option<(f64, f64)>, resolution: f64) -> bool {
    let but_for = resolution + ROUNDING;
    value.zip(range).is_some_and(|(value, (low, high))| (low - but_for..=high + but_for).contains(&value))
}

/// The range of means over one of the values of each seed.
fn means_range(seeds: &[Vec<f64>]) -> Option<(f64, f64)> {
    if seeds.is_empty() || seeds.iter().any(Vec::is_empty) {
        return None;
    }
    let mut stream = Stream::new(Seed(0), 0, Role::Comparison, 0);
    let mut draw = || {
        let sum: f64 = seeds.iter().map(|runs| runs[stream.below(runs.len() as u32) as usize]).sum();
        sum / seeds.len() as f64
    };
    let means: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    range(&means, MEAN_TAIL)
}

/// The values but for a part of them on either side.
fn range(values: &[f64], tail: f64) -> Option<(f64, f64)> {
    quantile_linear(values, tail).zip(quantile_linear(values, 1.0 - tail))
}

fn short(number: f64) -> String {
    if number.fract().abs() < 1e-9 { format!("{number:.0}") } else { format!("{number:.3}") }
}
