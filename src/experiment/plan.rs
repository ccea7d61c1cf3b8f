//! The plan of an experiment: everything about it but the models themselves, so that it can be kept beside the results.

use super::FIRST_LOOK;
use crate::model::{Model, Report};
use crate::observe::{Goal, Measure, Shape};
use crate::stats::SelectionRule;
use serde::{Deserialize, Serialize};

/// An experiment that can be run.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// What is asked.
    pub plan: Plan,
    /// The model of each point, in the order of the plan.
    pub models: Vec<Model>,
    /// Warnings; often none.
    pub warnings: Report,
}

/// What is asked: factors, points, how often to simulate each, what to tell of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// A short name: that of the file, mostly.
    pub name: String,
    /// One sentence on the question; may be empty.
    pub about: String,
    /// The files it was read from: the experiment, then its model.
    pub files: Vec<PlanFile>,
    /// The seed of the base model.
    pub seed: u64,
    /// What is varied; at least one.
    pub factors: Vec<Factor>,
    /// How the points were chosen.
    pub design: Design,
    /// How many replications of each point.
    pub stopping: Stopping,
    /// The metrics of interest; at least one, and the first leads.
    pub metrics: Vec<Measure>,
    /// Which factor's levels are compared with each other, if any; the other factors' levels are the conditions.
    pub compared: Option<Compared>,
    /// Sums and differences of compared levels that have a meaning of their own; often none.
    #[serde(default)]
    pub contrasts: Vec<Contrast>,
    /// What each point should reach; often nothing.
    pub goals: Vec<Goal>,
    /// The charts wanted; empty means all that apply.
    pub charts: Vec<ChartChoice>,
    /// The points; at least one.
    pub points: Vec<PlannedPoint>,
}

/// A file, as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    /// Its name, for people.
    pub name: String,
    /// Its contents.
    pub text: String,
}

/// Something that is varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its name, such as `load`.
    pub name: String,
    /// Unit of its numbers, such as `1/s` or `s`; may be empty.
    pub unit: String,
    /// What kind of axis it makes.
    pub scale: Scale,
    /// Its levels, in the order they were written.
    pub levels: Vec<Level>,
}

/// What kind of axis a factor makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Names: strategies, disciplines. Its levels need have no numbers.
    Category,
    /// Numbers on a linear axis; every level has one.
    Linear,
    /// Numbers above 0 on a logarithmic axis; every level has one.
    Log,
}

/// A level of a factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// As it is shown: `LeastConnections`, `320/s`.
    pub label: String,
    /// Its number in the unit of the factor, where it is one.
    pub number: Option<f64>,
}

/// How the points were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Design {
    /// Every level of each factor with every level of the others.
    Factorial,
    /// The first levels together, the second levels together, and so on.
    Paired,
    /// A Latin hypercube (`McKay`, Beckman and Conover 1979).
    LatinHypercube,
    /// A Sobol sequence (Sobol 1967).
    Sobol,
}

/// How many replications of each point are simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stopping {
    /// As many as its model says.
    Fixed,
    /// As many as make every interval as short as asked, at most `most`.
    Precision {
        /// For each metric, half the length of its interval over its value.
        targets: Vec<(Measure, f64)>,
        /// No more than this.
        most: u32,
    },
    /// As many as select the best level of the compared factor, in each condition.
    Best {
        /// The smaller (`smallest`) or the larger it is, the better.
        measure: Measure,
        /// Whether small is good.
        smallest: bool,
        /// With this probability of being right.
        probability: f64,
        /// Where the best is better than the others by this much, in the unit of the metric.
        indifference: f64,
        /// No more than this.
        most: u32,
    },
}

/// Which levels are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The factor.
    pub factor: usize,
    /// Its level that the others are held against.
    pub baseline: usize,
}

/// A sum of levels of the compared factor less a sum of others, under the same other levels and on the same customers: what one of several
/// causes of a difference amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contrast {
    /// What it is called, such as `gain by hits`.
    pub name: String,
    /// The levels that are added.
    pub plus: Vec<usize>,
    /// The levels that are taken away.
    pub minus: Vec<usize>,
}

/// A chart that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartChoice {
    /// Its kind, such as `ResponseByLoad`.
    pub kind: String,
    /// The metric it shows, where it has a choice.
    pub metric: Option<Measure>,
    /// The metric it shows it against, where it has a choice.
    pub against: Option<Measure>,
}

/// A point of the design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedPoint {
    /// The level of each factor.
    pub levels: Vec<usize>,
    /// SHA-256 in hexadecimal of the checked model, its logs, its seed and the version of results: two points with the same one
    /// have the same records.
    pub fingerprint: String,
    /// What must be known of its model.
    pub shape: Shape,
    /// Work offered over work that can be done, where it is known before: of open clients.
    pub offered_load: Option<f64>,
    /// Requests expected in one replication: what it costs.
    pub expected_requests: f64,
    /// What theory says, where it says something exact.
    pub theory: Vec<Exact>,
}

/// A value known from theory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exact {
    /// Of which metric.
    pub measure: Measure,
    /// In its unit.
    pub value: f64,
    /// By which formula, such as `M/M/c`.
    pub formula: String,
}

impl Experiment {
    /// The same with another rule of stopping, in place of what its file says: as many replications of each point as make the
    /// interval of each target as short as asked (a fraction of its value, above 0), at most `most`, which is at least 2.
    #[must_use]
    pub fn with_precision(mut self, targets: Vec<(Measure, f64)>, most: u32) -> Self {
        self.plan.stopping = Stopping::Precision { targets, most };
        self
    }
}

impl Stopping {
    /// The race that selects the best, and by which metric, where one is asked for: run while a sweep decides, and run again when its
    /// findings are told.
    #[must_use]
    pub const fn race(&self) -> Option<(Measure, SelectionRule)> {
        let Self::Best { measure, smallest, probability, indifference, most: _ } = *self else { return None };
        let first_stage = FIRST_LOOK as usize;
        Some((measure, SelectionRule { probability, indifference, smallest_is_best: smallest, first_stage }))
    }
}

impl Plan {
    /// What sets the point apart, for people: its levels by factor, such as `strategy RoundRobin, load 320/s`.
    #[must_use]
    pub fn label(&self, point: usize) -> String {
        let level = |(factor, &level): (&Factor, &usize)| format!("{} {}", factor.name, factor.levels[level].label);
        self.factors.iter().zip(&self.points[point].levels).map(level).collect::<Vec<_>>().join(", ")
    }

    /// The metric that leads: that of the selection of the best, else the first.
    #[must_use]
    pub fn lead(&self) -> Measure {
        match self.stopping {
            Stopping::Best { measure, .. } => measure,
            _ => self.metrics[0],
        }
    }

    /// The conditions under which levels are compared: the points that agree in all factors but the compared one, in the order
    /// of its levels. A single group of all points where nothing is compared.
    #[must_use]
    pub fn conditions(&self) -> Vec<Vec<usize>> {
        let others = |point: &PlannedPoint| -> Vec<usize> {
            let compared = self.compared.map(|compared| compared.factor);
            point
                .levels
                .iter()
                .enumerate()
                .filter(|(factor, _)| compared.is_some() && Some(*factor) != compared)
                .map(|(_, l)| *l)
                .collect()
        };
        let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
        for (index, point) in self.points.iter().enumerate() {
            let key = others(point);
            match groups.iter_mut().find(|(other, _)| *other == key) {
                Some((_, group)) => group.push(index),
                None => groups.push((key, vec![index])),
            }
        }
        if let Some(Compared { factor, .. }) = self.compared {
            groups.iter_mut().for_each(|(_, group)| group.sort_by_key(|point| self.points[*point].levels[factor]));
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }
}
