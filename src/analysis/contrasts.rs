//! Contrasts: sums and differences of points, replication by replication.

use super::analyse::is_usable;
use super::{ContrastResult, LEVEL};
use crate::experiment::{Contrast, Plan};
use crate::observe::{Fold, Measure};
use crate::stats::mean_interval;

/// Every contrast of the plan in each condition, metric by metric. The points of a condition met the same customers, so that what they have in common
/// cancels in each replication.
pub(super) fn contrasts(plan: &Plan, folds: &[Fold]) -> Vec<ContrastResult> {
    let Some(compared) = plan.compared else { return Vec::new() };
    let mut results = Vec::new();
    for measure in &plan.metrics {
        for condition in plan.conditions() {
            let Some(&first) = condition.first() else { continue };
            for (number, contrast) in plan.contrasts.iter().enumerate() {
                let fold = |level: &usize| {
                    let point = condition.iter().find(|point| plan.points[**point].levels[compared.factor] == *level);
                    point.map(|point| &folds[*point])
                };
                let (amount, replications) = match sides(contrast, fold) {
                    Some([plus, minus]) => amount(*measure, &plus, &minus),
                    None => (Err("a level is missing here".into()), 0),
                };
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

fn amount(measure: Measure, plus: &[&Fold], minus: &[&Fold]) -> (Result<(f64, f64), String>, usize) {
    let all = || plus.iter().chain(minus);
    let number = all().map(|fold| fold.figures().len()).min().unwrap_or(0);
    if number == 0 {
        return (Err("nothing simulated yet".into()), 0);
    }
    if all().any(|fold| !is_usable(fold)) {
        return (Err("not converged".into()), number);
    }
    let sum = |folds: &[&Fold], replication: usize| -> f64 {
        folds.iter().map(|fold| measure.figure(&fold.figures()[replication])).sum()
    };
    let figures: Vec<f64> = (0..number).map(|replication| sum(plus, replication) - sum(minus, replication)).collect();
    if figures.iter().any(|figure| figure.is_nan()) {
        return (Err("a replication has no figure".into()), number);
    }
    let interval = mean_interval(&figures, LEVEL).map(|interval| (interval.mean, interval.half_width));
    (interval.ok_or_else(|| "one replication: no interval".into()), number)
}
