//! The findings as data: what tables, charts and pages are made of.

use crate::experiment::Plan;
use crate::observe::{Measure, Summary, Verdict};

/// All that a sweep says.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What was asked.
    pub plan: Plan,
    /// By point of the plan.
    pub points: Vec<PointResult>,
    /// Each level of the compared factor against the baseline, in each condition, for each metric of the plan.
    pub comparisons: Vec<Comparison>,
    /// The contrasts of the plan in each condition, for each metric of the plan.
    pub contrasts: Vec<ContrastResult>,
    /// Where the contrasts of the plan pass through 0 as a factor made of numbers grows, for each metric of the plan; of a contrast that does so
    /// nowhere, nothing.
    pub break_evens: Vec<BreakEven>,
    /// The best level of the compared factor in each condition, for the leading metric ([`Plan::lead`]).
    pub best: Vec<Best>,
    /// The same for each of the other metrics of the plan.
    pub also_best: Vec<Best>,
    /// Main effects and interactions on the first metric; empty unless the design is factorial and every point has a figure.
    pub effects: Vec<Effect>,
    /// Which factors move the first metric, where the design fills the space of the factors; else empty.
    pub trends: Vec<Trend>,
    /// The findings in words, the most important first.
    pub sentences: Vec<String>,
}

/// What is known of one point.
#[derive(Debug, Clone)]
pub struct PointResult {
    /// Every figure with its interval, or why there is none.
    pub summary: Summary,
    /// The part of the requests whose sojourn time was longer, by sojourn time; empty where the run has not converged.
    pub tail: Vec<TailPoint>,
    /// Utilization by server and time in replication 0; nothing where there are too many servers.
    pub heat: Option<Heat>,
    /// By goal of the plan.
    pub goals: Vec<Verdict>,
    /// What one should know of its figures: replications that are missing, a precision that was not reached.
    pub remarks: Vec<String>,
}

/// A point of a survival function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailPoint {
    /// Sojourn time in seconds.
    pub secs: f64,
    /// The fraction of requests that took longer; above 0.
    pub fraction: f64,
}

/// Utilization by server and time, in one replication.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// The servers by name.
    pub servers: Vec<String>,
    /// Where the stretches begin, and the end of the last, in seconds of simulated time: one more than there are stretches.
    pub ends_secs: Vec<f64>,
    /// By server, then stretch, from 0 to 1.
    pub utilization: Vec<Vec<f64>>,
}

/// A level of the compared factor against the baseline, on the same customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Of which metric.
    pub measure: Measure,
    /// The point compared.
    pub point: usize,
    /// The point it is compared with.
    pub baseline: usize,
    /// The paired difference point - baseline in the unit of the metric, or why there is none.
    pub difference: Result<Difference, String>,
}

/// What one contrast of the plan amounts to in one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastResult {
    /// Of which metric.
    pub measure: Measure,
    /// Its place in the plan.
    pub contrast: usize,
    /// A point of the condition.
    pub condition: usize,
    /// Mean over the replications and half its 95 % interval, in the unit of the metric, or why there is none.
    pub amount: Result<(f64, f64), String>,
    /// How many replications.
    pub replications: usize,
}

/// Where one contrast of the plan is 0 as a factor grows, all other factors being equal.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// Of which metric.
    pub measure: Measure,
    /// The contrast: its place in the plan.
    pub contrast: usize,
    /// The factor that grows.
    pub factor: usize,
    /// A point of each condition passed, in the order of the levels of that factor.
    pub conditions: Vec<usize>,
    /// Where.
    pub zero: Zero,
}

/// Where something is 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Zero {
    /// At this level, in the unit of the factor, and half its 95 % interval, which holds chance alone: between levels the mean is taken as straight.
    At {
        /// The level.
        level: f64,
        /// Half its interval.
        half_width: f64,
        /// The levels of the factor next to it at which its sign is shown, by their place.
        between: [usize; 2],
        /// Whether it is below 0 before and above 0 behind, rather than the other way round.
        rises: bool,
    },
    /// At none of the levels simulated nor between them: it is shown to be above 0 at all of them, or below.
    Nowhere {
        /// Whether it is above.
        is_above: bool,
    },
    /// Not known, for this reason.
    Unknown(String),
}

/// A paired difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Its mean over the pairs of replications.
    pub mean: f64,
    /// Half its own 95 % interval.
    pub half_width: f64,
    /// Half an interval that holds together with those of all other comparisons of the metric (Bonferroni), at 95 %.
    pub joint_half_width: f64,
    /// The mean of the point over that of the baseline, less 1, and half its 95 % interval; nothing where the baseline's mean
    /// is 0.
    pub relative: Option<(f64, f64)>,
    /// Probability of a difference at least as large if there were none (paired t test).
    pub p_value: f64,
    /// Whether it counts as shown after Holm's correction over all comparisons of the metric, at 5 %.
    pub is_shown: bool,
    /// How many pairs.
    pub pairs: usize,
}

/// Which level is the best in one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// By which metric.
    pub measure: Measure,
    /// The points compared, in the order of the compared factor's levels.
    pub points: Vec<usize>,
    /// Those of them that have no figure, so that nothing is said of them.
    pub left_out: Vec<usize>,
    /// What can be said of the others.
    pub verdict: BestVerdict,
}

/// What can be said of the best.
#[derive(Debug, Clone, PartialEq)]
pub enum BestVerdict {
    /// One point, with the probability stated.
    Selected {
        /// Which.
        point: usize,
        /// With at least this probability it is the best, or within `indifference` of it.
        probability: f64,
        /// In the unit of the metric; 0 for the plain best.
        indifference: f64,
    },
    /// It is among these, with the probability stated.
    Among {
        /// Which; at least two.
        points: Vec<usize>,
        /// With at least this probability.
        probability: f64,
    },
    /// Nothing, for this reason.
    Unknown(String),
}

/// An effect on the first metric of the plan, with its interval over replications.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Of what.
    pub kind: EffectKind,
    /// The mean deviation that it makes, in the unit of the metric.
    pub mean: f64,
    /// Half its 95 % interval.
    pub half_width: f64,
    /// Whether it counts as shown after Holm's correction over all effects of its kind, main or of two levels, at 5 %.
    pub is_shown: bool,
}

/// How a factor and the first metric of the plan go together over all points with a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// The factor.
    pub factor: usize,
    /// Spearman's rank correlation.
    pub rho: f64,
    /// Probability of one at least as far from 0 if there were none, adjusted for the number of factors (Holm).
    pub p_value: f64,
}

/// Of what an effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// Of one level of one factor: the mean over all points with it, less the mean over all points.
    Main {
        /// The factor.
        factor: usize,
        /// Its level.
        level: usize,
    },
    /// Of two levels together, beyond what each does alone.
    Interaction {
        /// The factors, the first one first.
        factors: [usize; 2],
        /// Their levels.
        levels: [usize; 2],
    },
}
