//! A case from its text to its verdict.

use super::{Budget, Case, Judgement, Plan, Readings, Skip, Verdict, judge, translate};
use crate::experiment;
use crate::model::Model;
use crate::random::Seed;

/// How often a case may be simulated further because its interval was too wide.
const MOST_EXTENSIONS: u32 = 2;
/// A little more than what should be narrow enough: widths scatter.
const MARGIN: f64 = 1.2;
/// More replications than this are never run.
const MOST_REPLICATIONS: f64 = 1e5;

/// What a case was simulated for, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The comparison.
    pub judgement: Judgement,
    /// Independent replications.
    pub replications: u32,
    /// Requests measured: born after the warm-ups of all replications.
    pub requests: u64,
    /// How often more replications were added because the primary interval was too wide.
    pub extensions: u32,
    /// Whether the budget allowed less than was asked for.
    pub cut: bool,
}

/// How cases are tried.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Terms {
    /// The most that may be spent on one case.
    pub budget: Budget,
    /// Other random numbers than the usual ones of each case.
    pub seed: Option<u64>,
}

/// Simulates `case` on the threads of the current rayon pool and compares. `progress` is told how many replications are
/// done, and of how many.
///
/// Where the interval of the primary metric is too wide, fresh replications of the same length are added to those there
/// are, twice at most and within the budget.
///
/// # Errors
/// Where the case needs something that this simulator has not, or says something that is not understood.
pub fn try_case(case: &Case, terms: Terms, mut progress: impl FnMut(u32, u32) + Send) -> Result<Trial, Skip> {
    let model = translate(case)?;
    let mut plan = Plan::of(case, &model, terms.budget);
    let model = seeded(plan.apply(&model), terms.seed);
    let each = plan.requests / f64::from(plan.replications);
    let (mut readings, mut requests) = (Readings::new(case, &model), 0);
    let (mut done, mut goal, mut extensions) = (0, plan.replications, 0);
    loop {
        experiment::run(&model, done..goal, |record| {
            readings.add(&record);
            requests += record.classes.iter().map(|class| class.arrived).sum::<u64>();
            progress(record.replication + 1, goal);
        });
        done = goal;
        let judgement = judge(case, |answer| readings.measured(answer));
        if let Verdict::TooWide { longer } = judgement.verdict {
            plan = plan.times(longer * MARGIN, terms.budget);
            goal = (plan.requests / each).min(MOST_REPLICATIONS) as u32;
            if extensions < MOST_EXTENSIONS && goal > done {
                extensions += 1;
                continue;
            }
        }
        return Ok(Trial { judgement, replications: done, requests, extensions, cut: plan.cut });
    }
}

/// The model with a seed of its own for each case and each `seed`.
fn seeded(model: Model, seed: Option<u64>) -> Model {
    let own = model.parts().seed.0;
    match seed {
        // The golden ratio spreads neighbouring seeds over all bits.
        Some(seed) => model.with_seed(Seed(own ^ seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))),
        None => model,
    }
}
