//! The fields of an object of a neutral model: what was asked for is understood, what was not is found at the end.

use super::Skip;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// An object whose fields are asked for one by one. A field that is `null` counts as absent.
pub(super) struct Fields<'a> {
    /// What the object is, for messages: `the model`, `a server`.
    what: &'static str,
    object: &'a Map<String, Value>,
    asked: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn of(what: &'static str, value: &'a Value) -> Result<Self, Skip> {
        let object = value.as_object().ok_or_else(|| Skip::new(format!("{what} is not an object")))?;
        Ok(Self { what, object, asked: BTreeSet::new() })
    }

    /// The field, where it is there.
    pub fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.insert(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The field, which must be there.
    pub fn need(&mut self, name: &'static str) -> Result<&'a Value, Skip> {
        let what = self.what;
        self.get(name).ok_or_else(|| Skip::new(format!("{what} has no `{name}`")))
    }

    /// A text, which must be there.
    pub fn text(&mut self, name: &'static str) -> Result<&'a str, Skip> {
        let value = self.need(name)?;
        value.as_str().ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A text, where it is there.
    pub fn text_if_any(&mut self, name: &'static str) -> Result<Option<&'a str>, Skip> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| self.wrong(name, "a text"))).transpose()
    }

    /// A finite number, which must be there.
    pub fn number(&mut self, name: &'static str) -> Result<f64, Skip> {
        let value = self.need(name)?;
        value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| self.wrong(name, "a number"))
    }

    /// A list of finite numbers, which must be there; one number is a list of one.
    pub fn numbers(&mut self, name: &'static str) -> Result<Vec<f64>, Skip> {
        let value = self.need(name)?;
        let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        let numbers: Option<Vec<f64>> = list.iter().map(|value| value.as_f64().filter(|number| number.is_finite())).collect();
        numbers.ok_or_else(|| self.wrong(name, "a number or a list of numbers"))
    }

    /// A whole number from 1 to `most`, where it is there.
    pub fn count(&mut self, name: &'static str, most: u32) -> Result<Option<u32>, Skip> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let whole = value.as_f64().filter(|number| (1.0..=f64::from(most)).contains(number) && number.fract() == 0.0);
        let number = whole.ok_or_else(|| self.wrong(name, &format!("a whole number from 1 to {most}")))?;
        Ok(Some(number as u32))
    }

    /// The names that are there, whether asked for or not.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let object = self.object;
        object.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }

    /// Fails where a field is there that nobody asked for: what it means might change everything.
    pub fn nothing_else(&self) -> Result<(), Skip> {
        let mut unknown: Vec<String> =
            self.names().filter(|name| !self.asked.contains(name)).map(|name| format!("`{name}`")).collect();
        unknown.sort();
        if unknown.is_empty() { Ok(()) } else { Err(Skip::new(format!("{} needs {}", self.what, unknown.join(", ")))) }
    }

    fn wrong(&self, name: &str, expected: &str) -> Skip {
        Skip::new(format!("`{name}` of {} is not {expected}", self.what))
    }
}
