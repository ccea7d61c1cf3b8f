//! A table of the page: what stands in it, and by which number it is sorted.

use crate::experiment::Plan;
use crate::observe::written::{digits, three_digits, time_unit, value_and_error};
use crate::observe::{Estimate, Measure};
use serde::Serialize;

/// A table that a click on a heading sorts.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Unique among tables.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// One for each cell of a row.
    pub columns: Vec<Column>,
    /// The cells.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Serialize)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// `head` names the row, `number` is aligned and sorted as one, `words` is text.
    pub kind: &'static str,
}

/// A cell.
#[derive(Debug, Default, Serialize)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Half the interval; empty where there is none.
    pub error: String,
    /// A remark, in small letters; mostly empty.
    pub note: String,
    /// The number to sort by; empty where there is none.
    pub key: String,
}

impl Column {
    /// A column whose cells name the row.
    pub fn head(name: impl Into<String>) -> Self {
        Self { name: name.into(), unit: String::new(), kind: "head" }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>, unit: &str) -> Self {
        Self { name: name.into(), unit: unit.into(), kind: "number" }
    }

    /// A column of words.
    pub fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), unit: String::new(), kind: "words" }
    }
}

impl Cell {
    /// Plain text, sorted as text.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number that is known exactly, or as if.
    pub fn number(value: f64) -> Self {
        Self { text: minus(three_digits(value)), key: key(value), ..Self::default() }
    }

    /// A count.
    pub fn count(value: u64) -> Self {
        Self { text: value.to_string(), key: value.to_string(), ..Self::default() }
    }

    /// A value and half its interval; without one where it has no length.
    pub fn interval(value: f64, half_width: f64) -> Self {
        if half_width.is_nan() || half_width <= 0.0 {
            return Self::number(value);
        }
        let (text, error) = value_and_error(value, half_width);
        Self { text: minus(text), error, key: key(value), ..Self::default() }
    }

    /// An estimate, measured in `length`; why there is none where there is none.
    pub fn estimate(estimate: &Estimate, length: f64) -> Self {
        let note = estimate.note.clone();
        match (estimate.value, estimate.half_width) {
            (Some(value), Some(half_width)) => Self { note, ..Self::interval(value / length, half_width / length) },
            (Some(value), None) => Self { note, ..Self::number(value / length) },
            (None, _) => Self { note: if note.is_empty() { "–".into() } else { note }, ..Self::default() },
        }
    }
}

/// A unit for people, and its length in the unit of the metric: for times one in which the middle one of the values reads well.
pub fn unit(measure: Measure, values: impl Iterator<Item = f64>) -> (&'static str, f64) {
    if measure.unit() != "s" {
        return (measure.unit(), 1.0);
    }
    let mut sizes: Vec<f64> = values.map(f64::abs).filter(|size| *size > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let (name, length) = time_unit(sizes.get(sizes.len() / 2).copied().unwrap_or(1.0));
    (if name == "us" { "µs" } else { name }, length)
}

/// The value of a metric in words with its unit, such as `20 ms`.
pub fn with_unit(measure: Measure, value: f64) -> String {
    let (name, length) = unit(measure, std::iter::once(value));
    format!("{} {name}", digits(value / length, 3)).trim_end().into()
}

/// A column for each factor but `without`.
pub fn factor_columns(plan: &Plan, without: Option<usize>) -> Vec<Column> {
    let factors = plan.factors.iter().enumerate().filter(|(index, _)| Some(*index) != without);
    factors.map(|(_, factor)| Column::head(&factor.name)).collect()
}

/// The levels of a point, by factor but `without`.
pub fn factor_cells(plan: &Plan, point: usize, without: Option<usize>) -> Vec<Cell> {
    let factors = (0..plan.factors.len()).filter(|factor| Some(*factor) != without);
    factors.map(|factor| level_cell(plan, point, factor)).collect()
}

/// The level of one factor at a point.
pub fn level_cell(plan: &Plan, point: usize, factor: usize) -> Cell {
    let level = &plan.factors[factor].levels[plan.points[point].levels[factor]];
    Cell { key: level.number.map(key).unwrap_or_default(), ..Cell::words(&level.label) }
}

/// The number as a script reads it, every digit.
fn key(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// The number with a minus sign as long as a plus.
fn minus(text: String) -> String {
    text.strip_prefix('-').filter(|rest| !rest.is_empty()).map(|rest| format!("−{rest}")).unwrap_or(text)
}
