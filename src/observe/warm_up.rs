//! Is the start forgotten before measuring begins?

use super::Convergence;
use crate::model::RunPlan;
use crate::stats::{BatchSeries, mser};

/// Batches of the series that go into one point of the rule: MSER-5.
const POINT: usize = 5;
/// Fewer points than this say nothing.
const FEWEST_POINTS: usize = 10;
/// The warm-up may be this part of a replication's length.
const WARM_UP_PART: f64 = 0.2;
/// Where a larger part of the requests of a batch is still present at the end, those that are not had the shortest
/// sojourn times: from there on the series is useless.
const MOST_UNFINISHED: f64 = 0.01;
/// At least this part of the series must be of use.
const USEFUL_PART: f64 = 0.5;
/// What is advised where the series does not tell: so many times the length.
const MUCH_LONGER: f64 = 10.0;

/// Sojourn times by birth number, from time 0 on: what shows how long the start is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BirthSeries {
    /// Of the requests that were completed.
    pub(super) completed: BatchSeries,
    /// How many are still present at the end (each counts with the value 0).
    pub(super) unfinished: BatchSeries,
}

impl BirthSeries {
    /// A request was completed after `sojourn` nanoseconds.
    #[inline(always)]
    pub fn record(&mut self, number: u64, sojourn: u64) {
        self.completed.record(number, sojourn);
    }

    /// A request is present at the end.
    pub fn record_unfinished(&mut self, number: u64) {
        self.unfinished.record(number, 0);
    }

    /// Adds the series of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.completed.merge(&other.completed);
        self.unfinished.merge(&other.unfinished);
    }

    /// Checks a steady run by MSER-5 (White, Cobb and Spratt 2000) on the mean sojourn time of batches, all replications
    /// together. `born` lists the requests born in each replication.
    pub fn check(mut self, born: impl Iterator<Item = u64>, run: RunPlan) -> Convergence {
        let RunPlan::Steady { length, warm_up, .. } = run else { return Convergence::NotAsked };
        let (fewest, most) = born.fold((u64::MAX, 0), |(fewest, most), born| (fewest.min(born), most.max(born)));
        let secs_per_birth = length.as_secs() / most.max(1) as f64;
        let much_longer = Convergence::NotConverged { needed_secs: MUCH_LONGER * length.as_secs() };
        // Only batches whose requests were born in every replication.
        let complete = (fewest >> self.align()) as usize;
        if complete < POINT * FEWEST_POINTS {
            return Convergence::Unknown;
        }
        let useful = complete.min(self.useful());
        if (useful as f64) < USEFUL_PART * complete as f64 {
            return much_longer;
        }
        let means = self.completed.filled_means();
        let Some(cut) = mser(&means[..useful.min(means.len())], POINT) else { return Convergence::Unknown };
        // Birth numbers grow evenly with time, on the whole.
        let cut_secs = (cut.truncate_values as u64 * self.completed.batch_size()) as f64 * secs_per_birth;
        if !cut.converged {
            return much_longer;
        }
        if cut_secs <= warm_up.as_secs() {
            return Convergence::Converged;
        }
        Convergence::NotConverged { needed_secs: (cut_secs / WARM_UP_PART).max(length.as_secs()) }
    }

    /// Brings both series to the same batches, of 2^shift births.
    fn align(&mut self) -> u32 {
        let shift = self.completed.shift().max(self.unfinished.shift());
        self.completed.coarsen_to(shift);
        self.unfinished.coarsen_to(shift);
        shift
    }

    /// How many batches come before the first in which too many requests are unfinished.
    fn useful(&self) -> usize {
        let completed = self.completed.counts().chain(std::iter::repeat(0));
        let too_many =
            |(unfinished, completed): (u64, u64)| unfinished as f64 > MOST_UNFINISHED * (unfinished + completed) as f64;
        self.unfinished.counts().zip(completed).position(too_many).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    const RUN: RunPlan = RunPlan::Steady { length: Span::from_secs(100), warm_up: Span::from_secs(20), replications: 1 };

    /// 100,000 births in 100 s whose sojourn time starts at 0 and comes within 1/e of 5 s every `memory` seconds.
    fn series(memory: f64, unfinished_from: u64) -> Convergence {
        let mut series = BirthSeries::default();
        for number in 0..100_000_u64 {
            let noise = (number * 7_919 % 1_000) as f64 / 1_000.0 - 0.5;
            let mean = 5.0 * (1.0 - (-(number as f64 / 1_000.0) / memory).exp());
            if number >= unfinished_from {
                series.record_unfinished(number);
            } else {
                series.record(number, ((mean + noise).max(0.0) * 1e9) as u64);
            }
        }
        series.check(std::iter::once(100_000), RUN)
    }

    #[test]
    fn a_short_memory_is_forgotten_and_a_long_one_is_not() {
        assert_eq!(series(1.0, 99_000), Convergence::Converged);
        assert!(matches!(series(20.0, 99_000), Convergence::NotConverged { needed_secs } if needed_secs > 100.0));
        assert!(matches!(series(200.0, 99_000), Convergence::NotConverged { needed_secs } if needed_secs == 1_000.0));
    }

    #[test]
    fn a_run_that_leaves_most_unfinished_has_not_converged() {
        assert_eq!(series(1.0, 40_000), Convergence::NotConverged { needed_secs: 1_000.0 });
    }

    #[test]
    fn few_requests_say_nothing() {
        let mut series = BirthSeries::default();
        (0..40).for_each(|number| series.record(number, 1));
        assert_eq!(series.clone().check(std::iter::once(40), RUN), Convergence::Unknown);
        let forever = RunPlan::Terminating { horizon: Span::from_secs(1), replications: 1 };
        assert_eq!(series.check(std::iter::once(40), forever), Convergence::NotAsked);
    }
}
