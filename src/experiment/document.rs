//! The experiment as written: every value well-formed, but factors not yet put together to points, and no model read.

use super::plan::{ChartChoice, Level, Scale, Stopping};
use super::range::Range;
use crate::notation::{At, Override, Place};
use crate::observe::{Goal, Measure};

/// Everything an experiment file says. Where a value was wrong, its mistake has been noted and nothing is here.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) about: String,
    pub(super) base: Option<Base>,
    /// Changes of the base model, for all points.
    pub(super) set: Vec<Override>,
    /// The factors that could be read.
    pub(super) factors: Vec<FactorText>,
    /// Whether these are all factors.
    pub(super) complete: bool,
    pub(super) design: Option<At<DesignText>>,
    /// Of each point, in place of what its model says, and where that is written.
    pub(super) replications: Option<At<u32>>,
    pub(super) stopping: Option<At<Stopping>>,
    pub(super) metrics: Vec<Measure>,
    pub(super) compare: CompareText,
    pub(super) contrasts: Vec<ContrastText>,
    /// Absent: those of the model.
    pub(super) goals: Option<Vec<Goal>>,
    pub(super) charts: Vec<ChartChoice>,
}

/// The model that is varied.
#[derive(Debug)]
pub(super) enum Base {
    /// In a file of its own.
    File(At<String>),
    /// Written here.
    Inline(Place),
}

#[derive(Debug)]
pub(super) struct FactorText {
    pub(super) name: At<String>,
    pub(super) levels: Levels,
    /// Absent: what suits the levels.
    pub(super) scale: Option<At<Scale>>,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum Levels {
    Listed(Vec<LevelText>),
    Range(Range),
}

/// A level: what it is called and what it sets.
#[derive(Debug, Clone)]
pub(super) struct LevelText {
    pub(super) level: Level,
    /// Unit of its number.
    pub(super) unit: &'static str,
    pub(super) changes: Vec<Override>,
    /// All of it.
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DesignText {
    Factorial,
    Paired,
    LatinHypercube(u32),
    Sobol(u32),
}

/// Which levels are to be added, and which taken away.
#[derive(Debug)]
pub(super) struct ContrastText {
    pub(super) name: At<String>,
    pub(super) plus: Vec<At<String>>,
    pub(super) minus: Vec<At<String>>,
}

/// Which levels are to be compared.
#[derive(Debug)]
pub(super) enum CompareText {
    /// What suits the factors.
    Default,
    Nothing,
    /// A factor and a level of it, by name; without one the first.
    Factor(At<String>, Option<At<String>>),
}
