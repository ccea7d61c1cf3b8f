//! When there are replications enough: decided at checkpoints, on whole prefixes.

use crate::experiment::{FIRST_LOOK, Stopping, checkpoints, is_precise};
use crate::observe::{Convergence, Fold, Measure};
use crate::stats::{SelectionRule, kim_nelson};

/// What decides how many replications count.
pub(super) enum Rule {
    /// The intervals are short enough.
    Precise { targets: Vec<(Measure, f64)>, most: u32 },
    /// The best is found.
    Best { measure: Measure, smallest: bool, probability: f64, indifference: f64, most: u32 },
}

/// What the rule says at a checkpoint.
pub(super) struct Ruling {
    /// The next checkpoint, for members that are not decided.
    pub(super) next: u32,
    /// By member: how many replications count, once that is decided.
    pub(super) decided: Vec<Option<u32>>,
}

impl Rule {
    /// The rule of a plan; nothing where the number of replications is fixed.
    pub(super) fn of(stopping: &Stopping) -> Option<Self> {
        match stopping.clone() {
            Stopping::Fixed => None,
            Stopping::Precision { targets, most } => Some(Self::Precise { targets, most }),
            Stopping::Best { measure, smallest, probability, indifference, most } => {
                Some(Self::Best { measure, smallest, probability, indifference, most })
            }
        }
    }

    /// The first checkpoint.
    pub(super) fn first(&self) -> u32 {
        self.after(0)
    }

    /// No more replications than this.
    pub(super) const fn most(&self) -> u32 {
        match self {
            Self::Precise { most, .. } | Self::Best { most, .. } => *most,
        }
    }

    /// The first checkpoint after `number` replications.
    fn after(&self, number: u32) -> u32 {
        let mut looks = checkpoints(FIRST_LOOK, self.most());
        looks.find(|look| *look > number).unwrap_or_else(|| self.most())
    }

    /// What the folds of a group say, those undecided at one checkpoint.
    pub(super) fn apply(&self, folds: &[&Fold]) -> Ruling {
        let now = folds.iter().map(|fold| fold.figures().len()).max().unwrap_or(0) as u32;
        let is_last = now >= self.most();
        let decided = match self {
            Self::Precise { targets, .. } => {
                folds.iter().map(|fold| (is_last || is_precise(fold, targets)).then_some(now)).collect()
            }
            Self::Best { .. } => self.select(folds, now, is_last),
        };
        Ruling { next: self.after(now), decided }
    }

    fn select(&self, folds: &[&Fold], now: u32, is_last: bool) -> Vec<Option<u32>> {
        let Self::Best { measure, smallest, probability, indifference, .. } = self else { return Vec::new() };
        // Who has not converged has no figure, and cannot be chosen.
        let runs: Vec<usize> = (0..folds.len()).filter(|member| can_be_chosen(folds[*member])).collect();
        let figures = |member: &usize| folds[*member].figures().iter().map(|figures| measure.figure(figures)).collect();
        let figures: Vec<Vec<f64>> = runs.iter().map(figures).collect();
        let rule = SelectionRule {
            probability: *probability,
            indifference: *indifference,
            smallest_is_best: *smallest,
            first_stage: FIRST_LOOK as usize,
        };
        let selection = kim_nelson(&figures, &rule);
        let mut decided: Vec<Option<u32>> = folds.iter().map(|fold| Some(fold.figures().len() as u32)).collect();
        if let Some(selection) = selection {
            for (number, &member) in runs.iter().enumerate() {
                let out = selection.eliminated_at[number].map(|stage| stage as u32);
                let is_over = is_last || selection.decided.is_some();
                decided[member] = out.or_else(|| is_over.then_some(now));
            }
        }
        decided
    }
}

/// Whether a point has figures to be compared by.
fn can_be_chosen(fold: &Fold) -> bool {
    !matches!(fold.convergence(), Convergence::NotConverged { .. })
}
