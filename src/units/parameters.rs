//! How a plug-in (a balancing algorithm, later an eviction rule) asks for its parameters, whoever answers.

use super::Span;
use std::ops::RangeInclusive;

/// What a plug-in asks its parameters from. Whoever reads a model file answers with what was written there, checks
/// the range and collects the mistakes; [`ParameterList`] answers with the defaults and keeps the help.
pub trait Parameters {
    /// A whole number in `range`.
    fn integer(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<u64>, default: u64) -> u64;
    /// A real number in `range`.
    fn real(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<f64>, default: f64) -> f64;
    /// A duration in `range`.
    fn span(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<Span>, default: Span) -> Span;
    /// `true` or `false`.
    fn flag(&mut self, name: &'static str, about: &'static str, default: bool) -> bool;
    /// One of the named `options`; the answer is its position.
    fn choice(&mut self, name: &'static str, about: &'static str, options: &'static [&'static str], default: usize) -> usize;
}

/// One parameter, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// What it means, one sentence.
    pub about: &'static str,
    /// The values that are accepted.
    pub accepts: String,
    /// What it is when nothing is written.
    pub default: String,
}

/// Answers every question with the default and keeps the help: how the defaults of a plug-in and its documentation
/// come from the one place that reads them.
#[derive(Debug, Default)]
pub struct ParameterList {
    /// The parameters in the order they were asked for.
    pub entries: Vec<ParameterHelp>,
}

impl ParameterList {
    fn note(&mut self, name: &'static str, about: &'static str, accepts: String, default: String) {
        self.entries.push(ParameterHelp { name, about, accepts, default });
    }
}

impl Parameters for ParameterList {
    fn integer(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        self.note(name, about, format!("{} to {}", range.start(), range.end()), default.to_string());
        default
    }

    fn real(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<f64>, default: f64) -> f64 {
        self.note(name, about, format!("{} to {}", range.start(), range.end()), default.to_string());
        default
    }

    fn span(&mut self, name: &'static str, about: &'static str, range: RangeInclusive<Span>, default: Span) -> Span {
        // In quotes, as a model file has it.
        self.note(name, about, format!("{} to {}", range.start(), range.end()), format!("\"{default}\""));
        default
    }

    fn flag(&mut self, name: &'static str, about: &'static str, default: bool) -> bool {
        self.note(name, about, "true or false".into(), default.to_string());
        default
    }

    fn choice(&mut self, name: &'static str, about: &'static str, options: &'static [&'static str], default: usize) -> usize {
        self.note(name, about, options.join(" or "), options[default].into());
        default
    }
}
