//! Ranges of numbers: the levels of a factor by their ends.

use super::document::LevelText;
use super::plan::Level;
use super::problem::ExperimentProblem;
use crate::notation::{Fields, Override, Place, Slot, SourceText, Value, number_of, values, whole_of};
use crate::units::{Probability, Rate, Span, parse_number};
use std::sync::Arc;

/// Most steps of a range.
pub(super) const MOST_STEPS: u32 = 10_000;
/// Digits to which the numbers between the ends are rounded: a level is what its label says, and the label is short.
const DIGITS: usize = 5;

/// A number as it was written: with the unit that follows it, if it is a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    number: f64,
    /// What follows the number in a text; nothing for a plain number.
    unit: Option<String>,
    /// Whether it is a whole number, written as one.
    whole: bool,
    place: Place,
}

/// The numbers from one end to the other.
#[derive(Debug)]
pub(super) struct Range {
    path: Override,
    from: Quantity,
    to: Quantity,
    pub(super) log: bool,
    /// How many there are, in designs that do not count points.
    pub(super) steps: Option<u32>,
    pub(super) place: Place,
}

impl Range {
    /// Reads `Range(from: ..., to: ..., steps: ...)` or `LogRange(...)`; `path` sets nothing yet.
    pub(super) fn read(slot: Slot<'_>, log: bool, path: Option<Override>) -> Option<Self> {
        let mut fields = Fields::of(slot, if log { "`LogRange`" } else { "`Range`" }.into())?;
        let from = fields.required("from", "\"100/s\"", Quantity::read);
        let to = fields.required("to", "\"400/s\"", Quantity::read);
        let steps = fields.optional("steps", values::count(2..=MOST_STEPS));
        fields.finish();
        let (from, to) = (from?, to?);
        let problem = if from.unit != to.unit {
            let unit = |end: &Quantity| {
                end.unit.clone().map_or_else(|| "a plain number".into(), |unit| format!("a text with the unit `{}`", unit.trim()))
            };
            Some((ExperimentProblem::UnequalUnits { from: unit(&from), to: unit(&to) }, to.place))
        } else if from.number >= to.number {
            Some((ExperimentProblem::RangeBackwards, to.place))
        } else if log && from.number <= 0.0 {
            Some((ExperimentProblem::LogOfZero, from.place))
        } else {
            None
        };
        if let Some((problem, place)) = problem {
            slot.findings.add(&problem, place);
            return None;
        }
        Some(Self { path: path?, from, to, log, steps, place: slot.node.place })
    }

    /// The level at a share of the way, from 0 to 1, both ends included.
    pub(super) fn at(&self, share: f64) -> LevelText {
        let number = match share {
            0.0 => self.from.number,
            1.0 => self.to.number,
            _ if self.is_whole() => self.between(share).round(),
            _ => rounded(self.between(share)),
        };
        self.level(number)
    }

    /// The level of a point that lies at a share of the way, from 0 to 1: whole numbers have equal shares.
    pub(super) fn containing(&self, share: f64) -> LevelText {
        if !self.is_whole() || self.log {
            return self.at(share);
        }
        let (from, to) = (self.from.number, self.to.number);
        self.level((from + (share * (to - from + 1.0)).floor()).min(to))
    }

    /// Which value it sets.
    pub(super) fn path(&self) -> &str {
        &self.path.path
    }

    fn is_whole(&self) -> bool {
        self.from.whole && self.to.whole
    }

    fn between(&self, share: f64) -> f64 {
        let (from, to) = (self.from.number, self.to.number);
        if self.log { from * libm::exp(share * libm::log(to / from)) } else { from + share * (to - from) }
    }

    fn level(&self, number: f64) -> LevelText {
        let label = format!("{number}{}", self.from.unit.as_deref().unwrap_or_default());
        let value = if self.from.unit.is_some() { format!("\"{label}\"") } else { label.clone() };
        let measured = if self.from.unit.is_some() { measured(&label) } else { Some((number, "")) };
        let change = self.path.clone().with_value(value);
        LevelText {
            level: Level { label, number: measured.map(|(number, _)| number) },
            unit: measured.map_or("", |(_, unit)| unit),
            changes: vec![change],
            place: self.place,
        }
    }
}

impl Quantity {
    fn read(slot: Slot<'_>) -> Option<Self> {
        let place = slot.node.place;
        match &slot.node.value {
            Value::Number(text) => {
                let whole = whole_of(text).is_some() && !text.contains(['.', 'e', 'E']);
                let number = number_of(text).filter(|number| number.is_finite());
                number.map(|number| Self { number, unit: None, whole, place })
            }
            Value::Text(text) => parse_number(text).map(|(number, unit)| {
                let space = if text.contains(' ') && !unit.is_empty() { " " } else { "" };
                Self { number, unit: Some(format!("{space}{unit}")), whole: false, place }
            }),
            _ => None,
        }
        .or_else(|| {
            slot.expected("a number, or a text that begins with one, such as \"200/s\"");
            None
        })
    }
}

/// The number that a text stands for, in base units, and its unit: seconds, requests per second, or a fraction.
pub(super) fn measured(text: &str) -> Option<(f64, &'static str)> {
    let seconds = text.parse().ok().map(|span: Span| (span.as_secs(), "s"));
    let rate = || text.parse().ok().map(|rate: Rate| (rate.as_per_sec(), "1/s"));
    let fraction = || text.parse().ok().map(|fraction: Probability| (fraction.value(), ""));
    seconds.or_else(rate).or_else(|| if text.ends_with('%') { fraction() } else { None })
}

/// The number to [`DIGITS`] digits.
fn rounded(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

/// An override whose value is still to come, read at `place` of a file; the value is made of what stands at `value`.
pub(super) fn unset(path: &str, place: Place, value: Place, file: &Arc<SourceText>) -> Override {
    Override::new(path, "").written_in(file, place, value)
}
