//! What each factor does: effects of a factorial design, trends over a design that fills the space.

use super::analyse::is_usable;
use super::{Effect, EffectKind, LEVEL, Trend};
use crate::experiment::{Design, Plan};
use crate::observe::Fold;
use crate::stats::{factorial_effects, holm, holm_adjusted, rank_correlation};

/// Main effects and interactions on the first metric; nothing unless every point of a factorial has a figure in as many
/// replications.
pub(super) fn effects(plan: &Plan, folds: &[Fold]) -> Vec<Effect> {
    let levels: Vec<usize> = plan.factors.iter().map(|factor| factor.levels.len()).collect();
    if plan.design != Design::Factorial || !folds.iter().all(is_usable) || levels.iter().product::<usize>() != folds.len() {
        return Vec::new();
    }
    // The points in the order of their levels, the last factor running fastest.
    let mut order: Vec<usize> = (0..folds.len()).collect();
    order.sort_by_key(|point| &plan.points[*point].levels);
    let figures = |point: &usize| folds[*point].figures().iter().map(|figures| plan.metrics[0].figure(figures)).collect();
    let cells: Vec<Vec<f64>> = order.iter().map(figures).collect();
    let Some(found) = factorial_effects(&levels, &cells, LEVEL) else { return Vec::new() };
    let main = found.main.iter().map(|main| (EffectKind::Main { factor: main.factor, level: main.level }, main.effect));
    let pairs = found.interactions.iter().map(|pair| {
        let kind = EffectKind::Interaction { factors: pair.factors, levels: pair.levels };
        (kind, pair.effect)
    });
    [family(main.collect()), family(pairs.collect())].concat()
}

/// Effects that are judged together.
fn family(effects: Vec<(EffectKind, crate::stats::Effect)>) -> Vec<Effect> {
    let p_values: Vec<f64> = effects.iter().map(|(_, effect)| effect.p_value).collect();
    let judge = |((kind, effect), is_shown): ((EffectKind, crate::stats::Effect), bool)| Effect {
        kind,
        mean: effect.shift.mean,
        half_width: effect.shift.half_width,
        is_shown,
    };
    effects.into_iter().zip(holm(&p_values, 1.0 - LEVEL)).map(judge).collect()
}

/// The rank correlation of each numeric factor with the first metric over the points of a Latin hypercube or Sobol design.
pub(super) fn trends(plan: &Plan, folds: &[Fold]) -> Vec<Trend> {
    if !matches!(plan.design, Design::LatinHypercube | Design::Sobol) {
        return Vec::new();
    }
    let usable: Vec<usize> = (0..folds.len()).filter(|point| is_usable(&folds[*point])).collect();
    let values: Vec<Option<f64>> = usable.iter().map(|point| folds[*point].centre(plan.metrics[0]).map(|c| c.value)).collect();
    let trend = |factor: usize| {
        let number = |point: &usize| plan.factors[factor].levels[plan.points[*point].levels[factor]].number;
        let pairs = usable.iter().zip(&values).filter_map(|(point, value)| Some((number(point)?, (*value)?)));
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
        rank_correlation(&x, &y).map(|found| Trend { factor, rho: found.rho, p_value: found.p_value })
    };
    let mut trends: Vec<Trend> = (0..plan.factors.len()).filter_map(trend).collect();
    let adjusted = holm_adjusted(&trends.iter().map(|trend| trend.p_value).collect::<Vec<_>>());
    trends.iter_mut().zip(adjusted).for_each(|(trend, p_value)| trend.p_value = p_value);
    trends
}
