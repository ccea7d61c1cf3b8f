//! The names that a model gives to its parts, and finding them.

use super::diagnostic::{At, Findings, Place};
use super::problem::{self, Problem};
use std::collections::HashMap;

/// Names of one kind of thing, each with its number.
pub struct Names<'d> {
    numbers: HashMap<&'d str, (usize, Place)>,
    ordered: Vec<&'d str>,
    /// Whether nothing is missing, so that a name that is not there does not exist.
    complete: bool,
}

impl<'d> Names<'d> {
    /// Numbers the names from 0. `what`: what they name, in the plural.
    pub fn new(what: &'static str, names: impl IntoIterator<Item = &'d At<String>>, complete: bool, findings: &Findings) -> Self {
        let mut numbers: HashMap<&str, (usize, Place)> = HashMap::new();
        let mut ordered = Vec::new();
        for (number, name) in names.into_iter().enumerate() {
            ordered.push(&*name.value);
            // An empty name stands in for one that is missing.
            if name.value.is_empty() {
                continue;
            }
            if let Some((_, first)) = numbers.get(&*name.value) {
                let problem = Problem::SameName { what, name: name.value.clone() };
                findings.add_related(&problem, name.place, *first, "first used here");
            } else {
                numbers.insert(&name.value, (number, name.place));
            }
        }
        Self { numbers, ordered, complete }
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).map(|(number, _)| *number)
    }

    /// Whether a name that is not there does not exist.
    pub const fn are_complete(&self) -> bool {
        self.complete
    }

    /// The name of a number.
    pub fn name(&self, number: usize) -> &'d str {
        self.ordered.get(number).copied().unwrap_or_default()
    }

    /// Says that there is no `what` of that name, unless it may be among those that could not be read. Only the names
    /// numbered in `among` are proposed.
    pub fn unknown(&self, what: &'static str, name: &At<String>, among: std::ops::Range<usize>, findings: &Findings) {
        if !self.complete {
            return;
        }
        let known = &self.ordered[among];
        let closest = findings.closest(&name.value, known.iter().copied());
        let known = problem::names(known);
        findings.add(&Problem::UnknownName { what, name: name.value.clone(), closest, known }, name.place);
    }
}
