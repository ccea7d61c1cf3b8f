//! The problems that only an experiment can have, and the words for them.

use crate::notation::{Describe, grouped, names, quoted, shortened};

/// A kind of problem, with what one needs to know to describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExperimentProblem {
    // The base model.
    ModelFile { path: String, reason: String },
    // Factors and levels.
    LevelWithoutName,
    UnequalUnits { from: String, to: String },
    RangeBackwards,
    LogOfZero,
    LevelsAlike { label: String },
    ScaleWithoutNumbers { level: String },
    SetTwice { path: String, other: String },
    // The design.
    StepsNeeded,
    StepsUnused { design: &'static str },
    NoRange { factor: String, design: &'static str },
    UnequalLengths { lengths: Vec<String> },
    TooManyPoints { points: u64, most: u64 },
    // What is asked of the points.
    NothingCompared,
    NothingToContrast,
    Guessed { levels: usize },
    ChangeTogether,
    ReplayedTwice,
    Algorithm { name: String },
}

impl Describe for ExperimentProblem {
    fn sentence(&self) -> String {
        match self {
            Self::ModelFile { path, .. } => format!("the model \"{}\" cannot be opened", shortened(path)),
            Self::LevelWithoutName => "a level that sets several values needs a `name`".into(),
            Self::UnequalUnits { .. } => "the two ends of a range are written in the same unit".into(),
            Self::RangeBackwards => "a range runs from the smaller to the larger number".into(),
            Self::LogOfZero => "a range on a logarithmic scale begins above 0".into(),
            Self::LevelsAlike { label } => format!("two steps of this range are both {}", quoted(label)),
            Self::ScaleWithoutNumbers { level } => format!("this scale needs numbers, but the level {} has none", quoted(level)),
            Self::SetTwice { path, other } if path == other => format!("two factors set {}", quoted(path)),
            Self::SetTwice { path, other } => {
                format!("two factors set {} and {}, which are one value or one within the other", quoted(path), quoted(other))
            }
            Self::StepsNeeded => "a range needs a number of `steps` in this design".into(),
            Self::StepsUnused { design } => format!("a range has no `steps` in the design {}", quoted(design)),
            Self::NoRange { factor, design } => {
                format!("the design {} needs ranges, but the factor {} is a list", quoted(design), quoted(factor))
            }
            Self::UnequalLengths { .. } => "paired factors need as many levels as each other".into(),
            Self::TooManyPoints { points, most } => {
                format!("this design has {} points, but at most {} are allowed", grouped(*points), grouped(*most))
            }
            Self::NothingToContrast => "contrasts are made of the levels of the compared factor, but nothing is compared".into(),
            Self::NothingCompared => "the best is chosen among the levels of a factor, but nothing is compared".into(),
            Self::Guessed { levels } => format!("a blind guess among {levels} levels is right as often as that"),
            Self::ChangeTogether => "in this design all factors change together: levels of one cannot be compared".into(),
            Self::ReplayedTwice => "a log happened once: it can be replayed only in one replication".into(),
            Self::Algorithm { name } => format!("the algorithm {} is named twice", quoted(name)),
        }
    }

    fn label(&self) -> Option<String> {
        Some(match self {
            Self::ModelFile { reason, .. } => reason.clone(),
            Self::LevelWithoutName => "add `name: \"...\"`".into(),
            Self::UnequalUnits { from, to } => format!("from {from} to {to}"),
            Self::RangeBackwards => "this is the smaller".into(),
            Self::LogOfZero => "not above 0".into(),
            Self::LevelsAlike { .. } => "too many steps".into(),
            Self::SetTwice { .. } | Self::Algorithm { .. } => "again here".into(),
            Self::StepsNeeded => "such as `steps: 5`".into(),
            Self::StepsUnused { .. } => "leave it out".into(),
            Self::NoRange { .. } => "write `Range(from: ..., to: ...)` or `LogRange(from: ..., to: ...)`".into(),
            Self::UnequalLengths { lengths } => lengths.join(", "),
            Self::TooManyPoints { .. } => "too many combinations".into(),
            Self::Guessed { levels } => format!("the probability must be above 1/{levels}"),
            Self::ScaleWithoutNumbers { .. }
            | Self::NothingCompared
            | Self::NothingToContrast
            | Self::ChangeTogether
            | Self::ReplayedTwice => return None,
        })
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::LevelsAlike { .. } => {
                "whole numbers stay whole: write the ends with a decimal point, as in `1.0`, for numbers between them".into()
            }
            Self::StepsUnused { design } => format!("{} counts its `points`", quoted(design)),
            Self::NothingCompared | Self::NothingToContrast => "add `compare: (factor: \"...\")`".into(),
            Self::ChangeTogether => "a difference would have no single cause; `Factorial` tells the factors apart".into(),
            Self::ReplayedTwice => "an interval needs independent replications, and more copies of one history are none".into(),
            Self::UnequalLengths { .. } => format!("{} takes every combination instead", names(&["Factorial"])),
            _ => return None,
        })
    }
}
