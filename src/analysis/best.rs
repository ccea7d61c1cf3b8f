//! Which level of the compared factor is the best, condition by condition, as far as the data say.

use super::analyse::is_usable;
use super::{Best, BestVerdict, LEVEL};
use crate::experiment::Plan;
use crate::observe::{Fold, Measure};
use crate::stats::{SelectionRule, kim_nelson, screen};

/// The best of each condition by one metric: by the procedure that the plan asked for, or by screening what was simulated anyway.
pub(super) fn best(plan: &Plan, folds: &[Fold], by: Measure) -> Vec<Best> {
    if plan.compared.is_none() {
        return Vec::new();
    }
    let race = plan.stopping.race().filter(|(measure, _)| *measure == by);
    let verdict = |points: &[usize]| match race {
        Some((_, rule)) => selected(by, rule, points, folds),
        None => screened(by, points, folds),
    };
    plan.conditions()
        .into_iter()
        .map(|points| Best { measure: by, verdict: verdict(&points), left_out: left_out(&points, folds), points })
        .collect()
}

fn left_out(points: &[usize], folds: &[Fold]) -> Vec<usize> {
    points.iter().copied().filter(|point| !is_usable(&folds[*point])).collect()
}

/// The points that can be compared, and their figures.
fn figures(measure: Measure, points: &[usize], folds: &[Fold]) -> (Vec<usize>, Vec<Vec<f64>>) {
    let usable = points.iter().copied().filter(|point| is_usable(&folds[*point]));
    usable.map(|point| (point, folds[point].figures().iter().map(|figures| measure.figure(figures)).collect())).unzip()
}

/// The race that decided how much was simulated, run again: all points are in it, those that have not converged too.
fn selected(measure: Measure, rule: SelectionRule, points: &[usize], folds: &[Fold]) -> BestVerdict {
    let figures = |point: &usize| folds[*point].figures().iter().map(|figures| measure.figure(figures)).collect();
    let figures: Vec<Vec<f64>> = points.iter().map(figures).collect();
    let simulated: Vec<usize> = points.iter().copied().filter(|point| !folds[*point].figures().is_empty()).collect();
    let Some(race) = kim_nelson(&figures, &rule).filter(|_| simulated.len() == points.len() && points.len() > 1) else {
        return unknown(&simulated);
    };
    let left: Vec<usize> = race.alive.iter().map(|number| points[*number]).collect();
    let SelectionRule { probability, indifference, .. } = rule;
    match (left.as_slice(), race.decided) {
        _ if left.iter().all(|point| !is_usable(&folds[*point])) => BestVerdict::Unknown("what leads has not converged".into()),
        _ if left.iter().any(|point| !is_usable(&folds[*point])) => {
            BestVerdict::Unknown("some of the best have not converged".into())
        }
        (&[point], Some(number)) => {
            // Systems that have the same figures were not told apart.
            let is_twin = |other: &usize| figures[*other].iter().zip(&figures[number]).all(|(a, b)| a == b);
            let twins: Vec<usize> = (0..points.len()).filter(is_twin).map(|twin| points[twin]).collect();
            match twins.len() {
                1 => BestVerdict::Selected { point, probability, indifference },
                _ => BestVerdict::Among { points: twins, probability },
            }
        }
        _ => BestVerdict::Among { points: left, probability },
    }
}

fn screened(measure: Measure, points: &[usize], folds: &[Fold]) -> BestVerdict {
    let (usable, mut figures) = figures(measure, points, folds);
    let pairs = figures.iter().map(Vec::len).min().unwrap_or(0);
    figures.iter_mut().for_each(|figures| figures.truncate(pairs));
    let kept = screen(&figures, measure.smaller_is_better(), LEVEL).filter(|_| usable.len() > 1);
    match kept.as_deref() {
        None => unknown(&usable),
        Some(&[number]) => BestVerdict::Selected { point: usable[number], probability: LEVEL, indifference: 0.0 },
        Some(kept) => BestVerdict::Among { points: kept.iter().map(|number| usable[*number]).collect(), probability: LEVEL },
    }
}

fn unknown(usable: &[usize]) -> BestVerdict {
    BestVerdict::Unknown(match usable.len() {
        0 => "nothing has converged".into(),
        1 => "only one has a figure".into(),
        _ => "too few replications".into(),
    })
}
