//! How distributions are described to people: one at hand, and the kinds there are.

use crate::units::Span;
use std::fmt;

/// One kind of distribution, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistributionHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// Its parameters in the order of the constructor.
    pub parameters: &'static [DistributionParameter],
    /// The mean as a formula of the parameters.
    pub mean: &'static str,
    /// The squared coefficient of variation as a formula of the parameters.
    pub scv: &'static str,
    /// Where the formulas stand.
    pub source: &'static str,
    /// When to use it, one line.
    pub when: &'static str,
}

/// One parameter of a kind of distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DistributionParameter {
    /// Its name in a model file.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The values that are accepted.
    pub accepts: &'static str,
    /// Whether it is an amount of what is drawn, so that it takes the unit of the drawn quantity, such as `"40ms"`; the
    /// others are plain numbers.
    pub amount: bool,
}

impl DistributionParameter {
    /// A parameter that takes the unit of what is drawn.
    pub(super) const fn amount(name: &'static str, about: &'static str, accepts: &'static str) -> Self {
        Self { name, about, accepts, amount: true }
    }

    /// A parameter that is a plain number.
    pub(super) const fn number(name: &'static str, about: &'static str, accepts: &'static str) -> Self {
        Self { name, about, accepts, amount: false }
    }
}

/// What the numbers of a distribution are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Plain,
    Nanoseconds,
}

impl Unit {
    /// A number in this unit, to be displayed.
    pub(super) const fn of(self, number: f64) -> Amount {
        Amount { number, unit: self }
    }

    /// A number that was computed, to be displayed with 6 significant digits.
    pub(super) fn about(self, number: f64) -> Amount {
        self.of(format!("{number:.5e}").parse().unwrap_or(number))
    }

    /// A short list of numbers in this unit, to be displayed.
    pub(super) const fn all(self, numbers: &[f64]) -> Amounts<'_> {
        Amounts { numbers, unit: self }
    }
}

/// A number with its unit.
pub(super) struct Amount {
    number: f64,
    unit: Unit,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Plain => write!(f, "{}", self.number),
            Unit::Nanoseconds if self.number > 0.0 && self.number < 1.0 => write!(f, "{} ns", self.number),
            Unit::Nanoseconds => Span::from_nanos_f64(self.number).fmt(f),
        }
    }
}

/// Numbers with their unit; of a long list only the beginning is shown.
pub(super) struct Amounts<'a> {
    numbers: &'a [f64],
    unit: Unit,
}

impl fmt::Display for Amounts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (i, number) in self.numbers.iter().take(SHOWN).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", self.unit.of(*number))?;
        }
        match self.numbers.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
