//! When there are replications enough: decided at checkpoints, on whole prefixes.

use crate::experiment::{FIRST_LOOK, Stopping, Watched, checkpoints, is_precise};
use crate::observe::{Convergence, Measure};
use crate::stats::{SelectionRule, kim_nelson};

/// What decides how many replications count.
pub(super) enum Rule {
    /// The intervals are short enough.
    Precise { targets: Vec<(Measure, f64)>, most: u32 },
    /// The best is found.
    Best { measure: Measure, race: SelectionRule, most: u32 },
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
        if let Stopping::Precision { targets, most } = stopping {
            return Some(Self::Precise { targets: targets.clone(), most: *most });
        }
        let Stopping::Best { most, .. } = *stopping else { return None };
        stopping.race().map(|(measure, race)| Self::Best { measure, race, most })
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

    /// What the replications of a group say, those undecided at one checkpoint.
    pub(super) fn apply(&self, members: &[&Watched]) -> Ruling {
        let now = members.iter().map(|member| number(member)).max().unwrap_or(0);
        let is_last = now >= self.most();
        let decided = match self {
            Self::Precise { targets, .. } => {
                let is_over = |member: &Watched| is_last || is_precise(member.fold(), targets) || member.is_hopeless();
                members.iter().map(|member| is_over(member).then_some(now)).collect()
            }
            Self::Best { .. } => self.select(members, is_last),
        };
        Ruling { next: self.after(now), decided }
    }

    /// All run in one race, those that have not converged too: for an alarm may be false. Who is dropped stays dropped, so that the
    /// race can be run again from what was simulated. It ends without a choice where one that is left is hopeless; and who is left
    /// alone goes on until it has converged, for else it cannot be chosen.
    fn select(&self, members: &[&Watched], is_last: bool) -> Vec<Option<u32>> {
        let Self::Best { measure, race, .. } = self else { return Vec::new() };
        let figures = |member: &&Watched| member.fold().figures().iter().map(|figures| measure.figure(figures)).collect();
        let figures: Vec<Vec<f64>> = members.iter().map(figures).collect();
        let all = || members.iter().map(|member| Some(number(member))).collect();
        let Some(found) = kim_nelson(&figures, race) else { return all() };
        let is_settled = |system: &usize| found.decided == Some(*system) && !has_not_converged(members[*system]);
        let is_over = is_last || found.alive.iter().any(|system| members[*system].is_hopeless() || is_settled(system));
        let out = |system: usize| found.eliminated_at[system].map(|stage| stage as u32);
        (0..members.len()).map(|system| out(system).or_else(|| is_over.then(|| number(members[system])))).collect()
    }
}

fn number(member: &Watched) -> u32 {
    member.fold().figures().len() as u32
}

fn has_not_converged(member: &Watched) -> bool {
    matches!(member.fold().convergence(), Convergence::NotConverged { .. })
}
