//! From folded records to findings.

use super::{Analysis, Best, Heat, LEVEL, PointResult, TailPoint, best, break_even, compare, contrasts, effects, words};
use crate::experiment::{Plan, Stopping, is_precise};
use crate::observe::{Convergence, Fold, Goal, Picture, Verdict};

/// Of a point that is not complete.
pub(super) const UNFINISHED: &str = "replications are still missing";
/// Of a point that has as many replications as are allowed.
pub(super) const IMPRECISE: &str = "less precise than asked for";
/// The most points of a survival function that are kept: what a chart can show.
const TAIL_POINTS: usize = 400;

/// What the records say. `folds` holds those of each point of the plan, in order; an empty one where nothing is simulated yet.
/// `unfinished` names the points of which replications are still missing: no goal counts as met by them.
#[must_use]
pub fn analyse(plan: Plan, folds: &[Fold], unfinished: &[usize]) -> Analysis {
    let points = folds.iter().enumerate().map(|(point, fold)| result(&plan, fold, unfinished.contains(&point))).collect();
    let mut analysis = Analysis {
        comparisons: compare::comparisons(&plan, folds),
        contrasts: contrasts::contrasts(&plan, folds),
        break_evens: break_even::break_evens(&plan, folds),
        best: best::best(&plan, folds, plan.lead()),
        also_best: also_best(&plan, folds),
        effects: effects::effects(&plan, folds),
        trends: effects::trends(&plan, folds),
        sentences: Vec::new(),
        points,
        plan,
    };
    analysis.sentences = words::sentences(&analysis);
    analysis
}

/// The best by the metrics that do not lead.
fn also_best(plan: &Plan, folds: &[Fold]) -> Vec<Best> {
    let others = plan.metrics.iter().filter(|measure| **measure != plan.lead());
    others.flat_map(|measure| best::best(plan, folds, *measure)).collect()
}

/// Whether the figures of a point may be used.
pub(super) fn is_usable(fold: &Fold) -> bool {
    !fold.figures().is_empty() && !matches!(fold.convergence(), Convergence::NotConverged { .. })
}

fn result(plan: &Plan, fold: &Fold, is_unfinished: bool) -> PointResult {
    let summary = fold.clone().summary();
    let completed = fold.total().completed();
    let judge = |goal: &Goal| goal.judge_of(goal.measure.estimate(&summary), completed, LEVEL);
    let mut goals: Vec<Verdict> = plan.goals.iter().map(judge).collect();
    let mut remarks = Vec::new();
    if is_unfinished {
        goals.fill(Verdict::Undecided);
        remarks.push(UNFINISHED.to_owned());
    } else if let Stopping::Precision { targets, .. } = &plan.stopping
        && is_usable(fold)
        && !is_precise(fold, targets)
    {
        remarks.push(IMPRECISE.to_owned());
    }
    let is_usable = is_usable(fold);
    PointResult {
        tail: if is_usable { tail(fold) } else { Vec::new() },
        heat: fold.picture().filter(|_| is_usable).map(|picture| heat(fold, picture)),
        goals,
        remarks,
        summary,
    }
}

/// The part of the requests that took longer, at the ends of the buckets of the histogram, thinned out evenly on a logarithmic
/// scale of fractions.
fn tail(fold: &Fold) -> Vec<TailPoint> {
    let total = fold.total();
    let all = total.completed();
    let mut left = all;
    let mut points = Vec::new();
    for bucket in total.sojourn_times.buckets() {
        left -= bucket.count;
        if left > 0 {
            points.push(TailPoint { secs: bucket.upper as f64 * 1e-9, fraction: left as f64 / all as f64 });
        }
    }
    thin(&points)
}

fn thin(points: &[TailPoint]) -> Vec<TailPoint> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= TAIL_POINTS {
        return points.to_vec();
    }
    // A point is kept where the curve has moved on by this much in either direction.
    let across = libm::log(last.secs / first.secs.max(1e-9)) / (TAIL_POINTS / 2) as f64;
    let down = libm::log(first.fraction / last.fraction) / (TAIL_POINTS / 2) as f64;
    let mut kept = vec![*first];
    let mut from = *first;
    for point in &points[1..] {
        let moved = libm::log(point.secs / from.secs.max(1e-9)) >= across || libm::log(from.fraction / point.fraction) >= down;
        if moved || point == last {
            kept.push(*point);
            from = *point;
        }
    }
    kept
}

fn heat(fold: &Fold, picture: &Picture) -> Heat {
    let stretches = picture.ends.len().saturating_sub(1).max(1);
    let number = picture.used.len() / stretches;
    let of = |server: usize| picture.used.iter().skip(server).step_by(number).map(|used| f64::from(*used)).collect();
    Heat {
        servers: fold.shape().server_names().take(number).collect(),
        ends_secs: picture.ends.iter().map(|end| end.as_secs()).collect(),
        utilization: (0..number).map(of).collect(),
    }
}
