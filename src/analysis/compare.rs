//! Paired differences from the baseline, corrected for their number.

use super::analyse::is_usable;
use super::{Comparison, Difference, LEVEL};
use crate::experiment::Plan;
use crate::observe::{Fold, Measure};
use crate::stats::{Centre, PairedTest, holm, paired_ratio_around, paired_test_around, sample};

/// Every level of the compared factor against the baseline, in each condition, metric by metric.
pub(super) fn comparisons(plan: &Plan, folds: &[Fold]) -> Vec<Comparison> {
    plan.metrics.iter().flat_map(|measure| family(plan, folds, *measure)).collect()
}

/// The comparisons of one metric: a family, whose statements hold together.
fn family(plan: &Plan, folds: &[Fold], measure: Measure) -> Vec<Comparison> {
    let pairs = pairs(plan);
    let tests: Vec<Result<Pair, String>> = pairs.iter().map(|&(a, b)| Pair::of(measure, &folds[a], &folds[b])).collect();
    let p_values: Vec<f64> = tests.iter().flatten().map(|pair| pair.test.p_value).collect();
    let joint_level = 1.0 - (1.0 - LEVEL) / p_values.len().max(1) as f64;
    let mut shown = holm(&p_values, 1.0 - LEVEL).into_iter();
    let mut compared = Vec::new();
    for ((point, baseline), pair) in pairs.into_iter().zip(tests) {
        let difference = pair.and_then(|pair| {
            let is_shown = shown.next().unwrap_or(false);
            pair.difference(joint_level, is_shown).ok_or_else(|| "the replications do not support an interval".to_owned())
        });
        compared.push(Comparison { measure, point, baseline, difference });
    }
    compared
}

/// Points and their baselines.
fn pairs(plan: &Plan) -> Vec<(usize, usize)> {
    let Some(compared) = plan.compared else { return Vec::new() };
    let mut pairs = Vec::new();
    for condition in plan.conditions() {
        let is_baseline = |point: &&usize| plan.points[**point].levels[compared.factor] == compared.baseline;
        let Some(&baseline) = condition.iter().find(is_baseline) else { continue };
        pairs.extend(condition.iter().filter(|point| **point != baseline).map(|point| (*point, baseline)));
    }
    pairs
}

/// The figures of two points, replication by replication.
struct Pair {
    a: Vec<f64>,
    b: Vec<f64>,
    centres: [Centre; 2],
    test: PairedTest,
}

impl Pair {
    fn of(measure: Measure, a: &Fold, b: &Fold) -> Result<Self, String> {
        for fold in [a, b] {
            if fold.figures().is_empty() {
                return Err("nothing simulated yet".into());
            }
            if !is_usable(fold) {
                return Err("not converged".into());
            }
        }
        let (a_centre, b_centre) = (a.centre(measure), b.centre(measure));
        let pairs = a.figures().len().min(b.figures().len());
        let is_whole = a.figures().len() == b.figures().len();
        let figures = |fold: &Fold| fold.figures()[..pairs].iter().map(|f| measure.figure(f)).collect::<Vec<f64>>();
        let (a, b) = (figures(a), figures(b));
        let (Some(a_centre), Some(b_centre)) = (a_centre, b_centre) else {
            return Err("too few observations for this figure".into());
        };
        // Of a part of the replications only what each of them says is at hand.
        let mean = |figures: &[f64]| Centre { value: sample::mean(figures).unwrap_or(f64::NAN), error: 0.0 };
        let centres = if is_whole { [a_centre, b_centre] } else { [mean(&a), mean(&b)] };
        let test = paired_test_around(&a, &b, centres[0], centres[1], LEVEL);
        let test = test.ok_or(if pairs < 2 { "one replication: no interval" } else { "a replication has no figure" })?;
        Ok(Self { a, b, centres, test })
    }

    fn difference(&self, joint_level: f64, is_shown: bool) -> Option<Difference> {
        let [a, b] = self.centres;
        let joint = paired_test_around(&self.a, &self.b, a, b, joint_level)?;
        let ratio = paired_ratio_around(&self.a, &self.b, a, b, LEVEL);
        let interval = self.test.difference.interval;
        Some(Difference {
            mean: interval.mean,
            half_width: interval.half_width,
            joint_half_width: joint.difference.interval.half_width,
            relative: ratio.map(|ratio| (ratio.mean - 1.0, ratio.half_width)),
            p_value: self.test.p_value,
            is_shown,
            pairs: self.a.len(),
        })
    }
}
