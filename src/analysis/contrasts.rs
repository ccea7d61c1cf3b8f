//! Contrasts: sums and differences of points, replication by replication.

use super::analyse::is_usable;
use super::{ContrastResult, LEVEL};
use crate::experiment::{Contrast, Plan};
use crate::observe::{Fold, Measure};
use crate::stats::mean_interval;

/// Every contrast of the plan in each condition, metric by metric. The points of a condition met the same customers, so that what they have in common
/// cancels in each replication.
pub(super) fn contrasts(plan: &Plan, folds: &[Fold]) -> Vec<ContrastResult> {
    if plan.compared.is_none() {
        return Vec::new();
    }
    let mut results = Vec::new();
    for measure in &plan.metrics {
        for condition in plan.conditions() {
            let Some(&first) = condition.first() else { continue };
            for number in 0..plan.contrasts.len() {
                let amounts = in_replications(plan, folds, (*measure, number), &condition);
                let replications = amounts.as_ref().map_or(0, Vec::len);
                let amount = amounts.and_then(|amounts| {
                    let interval = mean_interval(&amounts, LEVEL).map(|interval| (interval.mean, interval.half_width));
                    interval.ok_or_else(|| "one replication: no interval".into())
                });
                results.push(ContrastResult { measure: *measure, contrast: number, condition: first, amount, replications });
            }
        }
    }
    results
}

/// The folds that are added and those that are taken away; nothing where one is missing.
fn sides<'a>(contrast: &Contrast, fold: impl Fn(&usize) -> Option<&'a Fold>) -> Option<[Vec<&'a Fold>; 2]> {
    let side = |levels: &[usize]| levels.iter().map(&fold).collect::<Option<Vec<&Fold>>>();
    Some([side(&contrast.plus)?, side(&contrast.minus)?])
}

/// What it amounts to in each replication.
fn amounts(measure: Measure, plus: &[&Fold], minus: &[&Fold]) -> Result<Vec<f64>, String> {
    let all = || plus.iter().chain(minus);
    let number = all().map(|fold| fold.figures().len()).min().unwrap_or(0);
    if number == 0 {
        return Err("nothing simulated yet".into());
    }
    if all().any(|fold| !is_usable(fold)) {
        return Err("not converged".into());
    }
    let sum = |folds: &[&Fold], replication: usize| -> f64 {
        folds.iter().map(|fold| measure.figure(&fold.figures()[replication])).sum()
    };
    let figures: Vec<f64> = (0..number).map(|replication| sum(plus, replication) - sum(minus, replication)).collect();
    if figures.iter().any(|figure| figure.is_nan()) {
        return Err("a replication has no figure".into());
    }
    Ok(figures)
}

/// What a contrast amounts to in each replication at one condition, or why that is not known.
pub(super) fn in_replications(
    plan: &Plan,
    folds: &[Fold],
    (measure, contrast): (Measure, usize),
    condition: &[usize],
) -> Result<Vec<f64>, String> {
    let fold = |level: &usize| {
        let is_it = |point: &&usize| plan.compared.is_some_and(|of| plan.points[**point].levels[of.factor] == *level);
        condition.iter().find(is_it).map(|point| &folds[*point])
    };
    let [plus, minus] = sides(&plan.contrasts[contrast], fold).ok_or("a level is missing here")?;
    amounts(measure, &plus, &minus)
}
