//! Reads structures field by field and collects every mistake: missing, unknown, repeated and wrong fields.

use super::diagnostic::{Findings, Place};
use super::problem::{Problem, quoted};
use super::syntax::{Body, Field, Group, Node, Value};
use super::values;
use crate::units::{Parameters, Span};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// A value that is to be read, the field it was written for, and where mistakes go.
///
/// A decoder is a function from a slot to a value; where there is none, it has said why.
#[derive(Clone, Copy)]
pub struct Slot<'a> {
    pub node: &'a Node<'a>,
    pub field: &'a str,
    /// Whether it is an entry of the list that was written for the field.
    pub entry: bool,
    pub findings: &'a Findings,
}

impl<'a> Slot<'a> {
    /// The same field, but a part of its value.
    pub const fn part(self, node: &'a Node<'a>) -> Self {
        Self { node, ..self }
    }

    /// An entry of the list that is the value.
    pub const fn entry(self, node: &'a Node<'a>) -> Self {
        Self { node, entry: true, ..self }
    }

    /// Says that the value is not what it must be.
    pub fn expected(self, expected: impl Into<String>) {
        self.expected_with(expected, None);
    }

    /// Says that the value is not what it must be, and what to do.
    pub fn expected_with(self, expected: impl Into<String>, help: Option<String>) {
        self.add(expected.into(), self.node.describe(), help);
    }

    /// Says that the value is of the right type, but not what it must be.
    pub fn refused(self, expected: impl Into<String>) {
        self.add(expected.into(), String::new(), None);
    }

    fn add(self, expected: String, found: String, help: Option<String>) {
        let field = match (self.entry, self.field) {
            (true, list) => format!("each entry of `{list}`"),
            // The whole is no field.
            (false, whole) if whole.contains(' ') => whole.to_string(),
            (false, field) => format!("`{field}`"),
        };
        self.findings.add(&Problem::Expected { field, expected, found, help }, self.node.head());
    }

    /// The structure that the value is, if it is one.
    pub const fn group(self) -> Option<&'a Group<'a>> {
        match &self.node.value {
            Value::Group(group) => Some(group),
            _ => None,
        }
    }
}

/// The fields of one structure.
pub struct Fields<'a> {
    /// What it is, for messages: "`Pool`" or "the model".
    owner: String,
    head: Place,
    entries: &'a [Field<'a>],
    asked: Vec<&'static str>,
    findings: &'a Findings,
}

impl<'a> Fields<'a> {
    /// Opens a structure with fields. `meant`: its name, or an example of it that begins with the name; if it is written with a name, it must
    /// be that one.
    pub fn open(slot: Slot<'a>, meant: &'static str) -> Option<Self> {
        Self::open_as(slot, meant, quoted(name_in(meant)))
    }

    /// The same, called `owner` in messages.
    pub fn open_as(slot: Slot<'a>, meant: &'static str, owner: String) -> Option<Self> {
        let name = name_in(meant);
        match slot.group() {
            Some(Group { name: Some(written), .. }) if written.text != name => {}
            Some(_) => return Self::of(slot, owner),
            None => {}
        }
        slot.expected(if name == meant {
            format!("a structure `{name}(...)`")
        } else {
            format!("a structure, such as `{meant}`")
        });
        None
    }

    /// Opens a structure with fields, whatever its name is.
    pub fn of(slot: Slot<'a>, owner: String) -> Option<Self> {
        let entries: &[Field<'a>] = match slot.group().map(|group| &group.body) {
            Some(Body::Fields(entries)) => entries,
            Some(Body::Empty) => &[],
            Some(Body::Items(items)) => {
                slot.findings.add(&Problem::FieldNames { owner }, items.first().map_or(slot.node.head(), Node::head));
                return None;
            }
            None => {
                slot.expected(format!("a structure {owner}"));
                return None;
            }
        };
        Some(Self { owner, head: slot.node.head(), entries, asked: Vec::new(), findings: slot.findings })
    }

    /// The name or bracket of the structure.
    pub const fn head(&self) -> Place {
        self.head
    }

    /// Where mistakes go.
    pub const fn findings(&self) -> &'a Findings {
        self.findings
    }

    /// The value of a field, if it is written. The field is known from now on.
    pub fn slot(&mut self, field: &'static str) -> Option<Slot<'a>> {
        if !self.asked.contains(&field) {
            self.asked.push(field);
        }
        let entry = self.entries.iter().find(|entry| entry.name.text == field)?;
        Some(Slot { node: &entry.value, field, entry: false, findings: self.findings })
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        field: &'static str,
        example: &'static str,
        decode: impl FnOnce(Slot<'a>) -> Option<T>,
    ) -> Option<T> {
        let Some(slot) = self.slot(field) else {
            self.findings.add(&Problem::MissingField { owner: self.owner.clone(), field, example }, self.head);
            return None;
        };
        decode(slot)
    }

    /// A field that may be there; nothing if it is absent or wrong.
    pub fn optional<T>(&mut self, field: &'static str, decode: impl FnOnce(Slot<'a>) -> Option<T>) -> Option<T> {
        decode(self.slot(field)?)
    }

    /// A field with a default, which also stands in for a wrong value.
    pub fn or<T>(&mut self, field: &'static str, default: T, decode: impl FnOnce(Slot<'a>) -> Option<T>) -> T {
        self.optional(field, decode).unwrap_or(default)
    }

    /// Where a field's value was written; the head of the structure if it was not.
    pub fn place(&self, field: &str) -> Place {
        self.entries.iter().find(|entry| entry.name.text == field).map_or(self.head, |entry| entry.value.head())
    }

    /// Ends the reading: fields that nobody asked for do not exist, and none may be given twice.
    pub fn finish(self) {
        let mut first_of: HashMap<&str, Place> = HashMap::new();
        for entry in self.entries {
            let (field, place) = (entry.name.text, entry.name.place);
            if let Some(first) = first_of.get(field) {
                let problem = Problem::DuplicateField { owner: self.owner.clone(), field: field.to_string() };
                self.findings.add_related(&problem, place, *first, "first given here");
                continue;
            }
            first_of.insert(field, place);
            if !self.asked.contains(&field) {
                let closest = self.findings.closest(field, self.asked.iter().copied());
                let (owner, field) = (self.owner.clone(), field.to_string());
                self.findings.add(&Problem::UnknownField { owner, field, closest, known: self.asked.clone() }, place);
            }
        }
    }
}

impl Parameters for Fields<'_> {
    fn integer(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        self.or(name, default, values::whole(range))
    }

    fn real(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<f64>, default: f64) -> f64 {
        self.or(name, default, values::real(range))
    }

    fn span(&mut self, name: &'static str, _: &'static str, range: RangeInclusive<Span>, default: Span) -> Span {
        self.or(name, default, values::span(range))
    }

    fn flag(&mut self, name: &'static str, _: &'static str, default: bool) -> bool {
        self.or(name, default, values::flag)
    }

    fn choice(&mut self, name: &'static str, _: &'static str, options: &'static [&'static str], default: usize) -> usize {
        self.or(name, default, values::choice(name, options))
    }
}

/// The name at the beginning of an example of a structure.
fn name_in(example: &'static str) -> &'static str {
    example.split('(').next().unwrap_or(example)
}
