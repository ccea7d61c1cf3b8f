//! Sizing: the smallest of a row of models that meets its goals, with a stated confidence.
//!
//! The models of the row differ in one value, such as the number of servers, and are numbered from 0 in its order. The search
//! assumes that from some number on all of them meet the goals and none before does, as where more never makes it worse. It goes
//! up in doubling steps (or to the end of the row, where that is given) and then halves. All models share their seed, so that they
//! meet the same customers.
//!
//! # How sure it is
//!
//! A model is judged at the [`checkpoints`] by one-sided t bounds: it meets a goal when the whole interval lies on the right side of
//! the limit, and fails when it lies on the wrong side. The answer can be wrong only where one of these verdicts is. The
//! probability of error that is allowed is divided evenly over all models the search may come to judge, all looks at each, and
//! all goals (Bonferroni's inequality), so that all verdicts together are right with at least the confidence asked for, as
//! far as figures of replications are normally distributed.

use super::{FIRST_LOOK, Watched, checkpoints, run_while};
use crate::model::{Model, RunPlan};
use crate::observe::{Convergence, Estimate, Fold, Goal, Side, Verdict};
use std::ops::ControlFlow;

/// Doubling goes no further than this where the end of the row is not given.
const FARTHEST: u64 = 1 << 20;

/// What is asked of the row.
#[derive(Debug, Clone)]
pub struct SizeQuestion {
    /// What must be met, all of it; at least one.
    pub goals: Vec<Goal>,
    /// With this probability all that is said is right; strictly between 0 and 1.
    pub confidence: f64,
    /// The number of the last model, where the row has an end.
    pub last: Option<u64>,
    /// No model is simulated more often than this; at least 2.
    pub most_replications: u32,
}

/// A model of the row.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The model.
    pub model: Model,
    /// Whether it is offered at least as much work as it can do.
    pub overloaded: bool,
}

/// A model that was judged.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Its number in the row.
    pub number: u64,
    /// By goal: the estimate of its metric, with the interval by which it was judged.
    pub estimates: Vec<Estimate>,
    /// How many replications were used.
    pub replications: u32,
    /// What they show.
    pub standing: Standing,
}

/// What is shown of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It meets all goals.
    Meets,
    /// It misses this goal, by its place.
    Misses(usize),
    /// A steady run is offered at least as much work as it can do; it was not simulated.
    Overloaded,
    /// A steady run has not forgotten its start: there is no long run to speak of.
    NotConverged,
    /// Neither is shown by the most replications allowed.
    Undecided,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// This one meets the goals, and the one before it does not.
    Smallest(u64),
    /// This one meets the goals; the one before it could not be decided.
    Sufficient(u64),
    /// The first one meets the goals already.
    First,
    /// None was shown to meet the goals, up to this one.
    None(u64),
}

/// A pair of models of which the larger one does worse: the search rests on an assumption that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reversal {
    /// In which goal.
    pub goal: usize,
    /// The smaller number.
    pub better: u64,
    /// The larger number.
    pub worse: u64,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Sizing {
    /// The models that were judged, by their numbers.
    pub tried: Vec<Tried>,
    /// The answer.
    pub answer: Answer,
    /// The level of each two-sided interval; of each bound, half of what it leaves open.
    pub level: f64,
    /// Where what was seen contradicts the assumption, beyond the intervals of both; hopefully nowhere.
    pub reversals: Vec<Reversal>,
}

/// Searches the row whose models `candidate` makes. It may refuse those from some number on: the row ends before.
///
/// # Errors
/// Where `candidate` refuses the first or the last.
pub fn size<E>(question: &SizeQuestion, candidate: impl Fn(u64) -> Result<Candidate, E>) -> Result<Sizing, E> {
    let mut search = Search { question, candidate, level: question.level(), tried: Vec::new() };
    let answer = search.answer()?;
    let Search { level, mut tried, .. } = search;
    tried.sort_by_key(|tried| tried.number);
    let reversals = reversals(&question.goals, &tried);
    Ok(Sizing { tried, answer, level, reversals })
}

impl SizeQuestion {
    /// The numbers of replications at which a model is looked at.
    fn looks(&self) -> impl Iterator<Item = u32> + Clone {
        checkpoints(FIRST_LOOK, self.most_replications)
    }

    /// The most models that the search judges: the ends and the halves between, or all doublings and the halves of the last.
    fn most_judged(&self) -> u32 {
        let halves = |gap: u64| gap.max(1).next_power_of_two().ilog2();
        match self.last {
            Some(last) => 2 + halves(last),
            None => 2 * halves(FARTHEST) + 1,
        }
    }

    /// The level of a two-sided interval whose bounds each fail with the part of the error that is theirs.
    fn level(&self) -> f64 {
        let parts = f64::from(self.most_judged()) * self.looks().count() as f64 * self.goals.len().max(1) as f64;
        1.0 - 2.0 * (1.0 - self.confidence) / parts
    }

    /// What the replications so far say of the goals at that level; nothing where more is needed.
    fn look(&self, watched: &Watched, level: f64) -> Option<Standing> {
        let fold = watched.fold();
        if has_not_converged(fold) {
            return watched.is_hopeless().then_some(Standing::NotConverged);
        }
        let requests = fold.total().arrived;
        let judge = |goal: &Goal| goal.judge_of(&fold.estimate(goal.measure, level), requests, level);
        let verdicts: Vec<Verdict> = self.goals.iter().map(judge).collect();
        match verdicts.iter().position(|verdict| *verdict == Verdict::Missed) {
            Some(goal) => Some(Standing::Misses(goal)),
            None => verdicts.iter().all(|verdict| *verdict == Verdict::Met).then_some(Standing::Meets),
        }
    }
}

struct Search<'a, C> {
    question: &'a SizeQuestion,
    candidate: C,
    level: f64,
    tried: Vec<Tried>,
}

impl<E, C: Fn(u64) -> Result<Candidate, E>> Search<'_, C> {
    fn answer(&mut self) -> Result<Answer, E> {
        if self.meets(0)? {
            return Ok(Answer::First);
        }
        let (mut low, high) = match self.question.last {
            Some(last) => {
                let meets = last > 0 && self.meets(last)?;
                if meets { (0, Some(last)) } else { (last, None) }
            }
            None => self.double()?,
        };
        let Some(mut high) = high else { return Ok(Answer::None(low)) };
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.meets(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        let decided = self.tried.iter().all(|tried| tried.number != low || tried.standing != Standing::Undecided);
        Ok(if decided { Answer::Smallest(high) } else { Answer::Sufficient(high) })
    }

    /// Doubles until one meets the goals: the last that did not, and the one that does.
    fn double(&mut self) -> Result<(u64, Option<u64>), E> {
        let (mut low, mut next) = (0, 1);
        while low < FARTHEST {
            if (self.candidate)(next).is_err() {
                next = self.end_of_row(low, next);
                if next == low {
                    break;
                }
            }
            if self.meets(next)? {
                return Ok((low, Some(next)));
            }
            (low, next) = (next, 2 * next);
        }
        Ok((low, None))
    }

    /// The last number that makes a model, from `low`, which does, to below `refused`, which does not.
    fn end_of_row(&self, mut low: u64, mut refused: u64) -> u64 {
        while refused - low > 1 {
            let middle = low + (refused - low) / 2;
            if (self.candidate)(middle).is_ok() {
                low = middle;
            } else {
                refused = middle;
            }
        }
        low
    }

    /// Judges a model: whether it is shown to meet the goals.
    fn meets(&mut self, number: u64) -> Result<bool, E> {
        let Candidate { model, overloaded } = (self.candidate)(number)?;
        let steady = matches!(model.parts().run, RunPlan::Steady { .. });
        let tried = if overloaded && steady { self.overloaded(number) } else { self.simulate(number, &model) };
        let meets = tried.standing == Standing::Meets;
        self.tried.push(tried);
        Ok(meets)
    }

    fn overloaded(&self, number: u64) -> Tried {
        let missing = Estimate { value: None, half_width: None, note: "more work is offered than can be done".into() };
        let estimates = vec![missing; self.question.goals.len()];
        Tried { number, estimates, replications: 0, standing: Standing::Overloaded }
    }

    fn simulate(&self, number: u64, model: &Model) -> Tried {
        let (question, level) = (self.question, self.level);
        let mut watched = Watched::new(model);
        let mut standing = None;
        let mut looks = question.looks().peekable();
        run_while(model, 0..question.most_replications, |record| {
            watched.add(&record);
            if looks.next_if_eq(&(record.replication + 1)).is_some() {
                standing = question.look(&watched, level);
            }
            if standing.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let standing = standing.unwrap_or(Standing::Undecided);
        let fold = watched.fold();
        let converged = !has_not_converged(fold);
        let missing = || Estimate { value: None, half_width: None, note: "not converged".into() };
        let estimate = |goal: &Goal| if converged { fold.estimate(goal.measure, level) } else { missing() };
        let estimates = question.goals.iter().map(estimate).collect();
        Tried { number, estimates, replications: fold.figures().len() as u32, standing }
    }
}

fn has_not_converged(fold: &Fold) -> bool {
    matches!(fold.convergence(), Convergence::NotConverged { .. })
}

/// Neighbours among those tried of which the larger does worse, beyond both intervals.
fn reversals(goals: &[Goal], tried: &[Tried]) -> Vec<Reversal> {
    let mut found = Vec::new();
    for (place, goal) in goals.iter().enumerate() {
        let known: Vec<(u64, f64, f64)> = tried
            .iter()
            .filter_map(|tried| Some((tried.number, tried.estimates[place].value?, tried.estimates[place].half_width?)))
            .collect();
        for pair in known.windows(2) {
            let [(better, before, error_before), (worse, after, error_after)] = [pair[0], pair[1]];
            let loss = match goal.side {
                Side::Below => after - before,
                Side::Above => before - after,
            };
            if loss > error_before + error_after {
                found.push(Reversal { goal: place, better, worse });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
