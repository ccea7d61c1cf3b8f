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

/// Checks a steady run by MSER-5 (White, Cobb and Spratt 2000) on the sojourn times by birth number, averaged over the
/// replications, from time 0 on. `born` lists the requests born in each replication.
pub fn check(batches: &BatchSeries, born: impl Iterator<Item = u64>, run: RunPlan) -> Convergence {
    let RunPlan::Steady { length, warm_up, .. } = run else { return Convergence::NotAsked };
    let (fewest, most) = born.fold((u64::MAX, 0), |(fewest, most), born| (fewest.min(born), most.max(born)));
    // Only batches whose requests were born in every replication; of the last ones some may not have ended.
    let complete = (fewest >> batches.shift()) as usize * 99 / 100;
    let means = batches.filled_means();
    let Some(cut) = mser(&means[..complete.min(means.len())], POINT).filter(|cut| cut.batches >= FEWEST_POINTS) else {
        return Convergence::Unknown;
    };
    // Birth numbers grow evenly with time, on the whole.
    let cut_secs = (cut.truncate_values as u64 * batches.batch_size()) as f64 / most.max(1) as f64 * length.as_secs();
    if cut_secs <= warm_up.as_secs() {
        return Convergence::Converged;
    }
    let needed = if cut.converged { cut_secs / WARM_UP_PART } else { 10.0 * length.as_secs() };
    Convergence::NotConverged { needed_secs: needed.max(length.as_secs()) }
}
