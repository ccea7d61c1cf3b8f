//! Decoders of single values: numbers, texts, quantities, choices, lists.

use super::diagnostic::At;
use super::fields::{Fields, Slot};
use super::numbers::{number_of, whole_of};
use super::problem::{Known, Problem, grouped, shortened};
use super::syntax::{Body, Group, Node, Value};
use crate::units::{InvalidQuantity, Span};
use std::ops::RangeInclusive;

/// Longest name of a class, a pool, a balancer.
const LONGEST_NAME: usize = 64;

/// A whole number in `range`.
pub fn whole(range: RangeInclusive<u64>) -> impl Fn(Slot<'_>) -> Option<u64> {
    move |slot| {
        let found = match &slot.node.value {
            Value::Number(text) => whole_of(text).filter(|number| range.contains(number)),
            _ => None,
        };
        if found.is_none() {
            let expected = match (*range.start(), *range.end()) {
                (low, u64::MAX) => format!("a whole number of at least {low} and below 2^64"),
                (low, high) => format!("a whole number from {} to {}", grouped(low), grouped(high)),
            };
            slot.expected_with(expected, without_quotes(slot.node));
        }
        found
    }
}

/// A whole number in `range` that fits 32 bits.
pub fn count(range: RangeInclusive<u32>) -> impl Fn(Slot<'_>) -> Option<u32> {
    let decode = whole(u64::from(*range.start())..=u64::from(*range.end()));
    move |slot| decode(slot).and_then(|number| u32::try_from(number).ok())
}

/// A finite number in `range`.
pub fn real(range: RangeInclusive<f64>) -> impl Fn(Slot<'_>) -> Option<f64> {
    move |slot| {
        let found = match &slot.node.value {
            Value::Number(text) => number_of(text).filter(|number| number.is_finite() && range.contains(number)),
            _ => None,
        };
        if found.is_none() {
            let expected = match (*range.start(), *range.end()) {
                (f64::MIN, f64::MAX) => "a number".into(),
                (low, high) if high.fract() == 0.0 && high < 1e15 => format!("a number from {low} to {}", grouped(high as u64)),
                (low, high) => format!("a number from {low} to {high}"),
            };
            slot.expected_with(expected, without_quotes(slot.node));
        }
        found
    }
}

/// A finite number, its range to be checked by whoever takes it.
pub fn number(slot: Slot<'_>) -> Option<f64> {
    real(f64::MIN..=f64::MAX)(slot)
}

/// `true` or `false`.
pub fn flag(slot: Slot<'_>) -> Option<bool> {
    match &slot.node.value {
        Value::Flag(flag) => Some(*flag),
        _ => {
            slot.expected("`true` or `false`");
            None
        }
    }
}

/// A text of at most `longest` bytes.
pub fn text(longest: usize) -> impl Fn(Slot<'_>) -> Option<String> {
    move |slot| match &slot.node.value {
        Value::Text(text) if text.len() <= longest => Some(text.to_string()),
        Value::Text(_) => {
            slot.refused(format!("a text of at most {} bytes", grouped(longest as u64)));
            None
        }
        _ => {
            slot.expected("a text in double quotes");
            None
        }
    }
}

/// A text of at most `longest` bytes about something. It is shown on terminals, so that control characters other than the end
/// of a line are refused.
pub fn prose(longest: usize) -> impl Fn(Slot<'_>) -> Option<String> {
    move |slot| {
        let text = text(longest)(slot)?.replace("\r\n", "\n");
        if text.chars().any(|c| c.is_control() && c != '\n') {
            slot.refused("a text without control characters other than ends of lines");
            return None;
        }
        Some(text)
    }
}

/// The name of something: 1 to 64 characters that can be printed in one line.
pub fn name(slot: Slot<'_>) -> Option<String> {
    name_up_to(LONGEST_NAME, slot)
}

/// The name of a pool, or of one of its servers: that of the pool, a space and a number from 1 to 1,000,000.
pub fn name_of_server(slot: Slot<'_>) -> Option<String> {
    name_up_to(LONGEST_NAME + " 1000000".len(), slot)
}

fn name_up_to(longest: usize, slot: Slot<'_>) -> Option<String> {
    let valid = |text: &str| {
        let length = text.chars().count();
        (1..=longest).contains(&length) && !text.trim().is_empty() && !text.chars().any(char::is_control)
    };
    match &slot.node.value {
        Value::Text(text) if valid(text) => Some(text.to_string()),
        Value::Text(_) => {
            slot.refused(format!("a name of 1 to {longest} characters in one line"));
            None
        }
        Value::Group(Group { name: Some(word), body: Body::Empty }) => {
            slot.expected_with("a name in double quotes", Some(format!("write \"{}\"", shortened(word.text))));
            None
        }
        _ => {
            slot.expected("a name in double quotes");
            None
        }
    }
}

/// A quantity that is written as a text with a unit. `bare` gives advice where a number stands in its place.
fn quantity<T: std::str::FromStr<Err = InvalidQuantity>>(slot: Slot<'_>, what: &str, bare: impl Fn(&str) -> String) -> Option<T> {
    match &slot.node.value {
        Value::Text(text) => match text.parse() {
            Ok(quantity) => Some(quantity),
            Err(InvalidQuantity { expected }) => {
                slot.refused(expected);
                None
            }
        },
        Value::Number(number) => {
            slot.expected_with("a text with a unit", Some(bare(number)));
            None
        }
        _ => {
            slot.expected(what);
            None
        }
    }
}

/// A duration such as "20ms".
pub fn duration(slot: Slot<'_>) -> Option<Span> {
    quantity(slot, "a duration such as \"20ms\"", |number| format!("write \"{number}ms\" or \"{number}s\""))
}

/// A duration in `range`.
pub fn span(range: RangeInclusive<Span>) -> impl Fn(Slot<'_>) -> Option<Span> {
    move |slot| {
        let span = duration(slot)?;
        if range.contains(&span) {
            return Some(span);
        }
        if *range.end() >= Span::LONGEST {
            slot.refused(format!("a duration of at least {}", range.start()));
        } else {
            slot.refused(format!("a duration from {} to {}", range.start(), range.end()));
        }
        None
    }
}

/// A duration above zero.
pub fn positive_duration(slot: Slot<'_>) -> Option<Span> {
    let span = duration(slot)?;
    if span > Span::ZERO {
        return Some(span);
    }
    slot.refused("a duration above 0");
    None
}

/// A rate such as "12/s".
pub fn rate(slot: Slot<'_>) -> Option<crate::units::Rate> {
    quantity(slot, "a rate such as \"12/s\"", |number| format!("write \"{number}/s\" or \"{number}/min\""))
}

/// An amount of data such as "64 MiB".
pub fn bytes(slot: Slot<'_>) -> Option<crate::units::Bytes> {
    quantity(slot, "an amount of data such as \"64 MiB\"", |number| format!("write \"{number} B\" or \"{number} kB\""))
}

/// A fraction from 0 to 1, as a number or as a percentage.
pub fn probability(slot: Slot<'_>) -> Option<crate::units::Probability> {
    const EXPECTED: &str = "a number from 0 to 1, or a percentage such as \"25%\"";
    let found = match &slot.node.value {
        Value::Number(text) => number_of(text).and_then(|number| crate::units::Probability::new(number).ok()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    if found.is_none() {
        slot.expected(EXPECTED);
    }
    found
}

/// One of the named options; the answer is its position.
pub fn choice(what: &'static str, options: &'static [&'static str]) -> impl Fn(Slot<'_>) -> Option<usize> {
    move |slot| {
        let Some(Group { name: Some(word), body: Body::Empty }) = slot.group() else {
            let help = match &slot.node.value {
                Value::Text(text) if options.contains(&&**text) => Some(format!("write it without quotes: {text}")),
                _ => None,
            };
            slot.expected_with(format!("{}, written without quotes", options.join(" or ")), help);
            return None;
        };
        let found = options.iter().position(|option| *option == word.text);
        if found.is_none() {
            unknown_kind(slot, what, options, Known::Names(options.to_vec()));
        }
        found
    }
}

/// Says that the name of a structure is none of `options`.
pub fn unknown_kind(slot: Slot<'_>, what: &'static str, options: &[&'static str], known: Known) {
    let Some(Group { name: Some(word), .. }) = slot.group() else { return };
    let closest = slot.findings.closest(word.text, options.iter().copied());
    slot.findings.add(&Problem::UnknownKind { what, name: word.text.to_string(), closest, known }, word.place);
}

/// `None` for "no limit", or a value (also within `Some( )`).
pub fn or_none<'a, T>(decode: impl Fn(Slot<'a>) -> Option<T>) -> impl Fn(Slot<'a>) -> Option<Option<T>> {
    move |slot| match slot.group() {
        Some(Group { name: Some(name), body: Body::Empty }) if name.text == "None" => Some(None),
        Some(Group { name: Some(name), body: Body::Items(items) }) if name.text == "Some" && items.len() == 1 => {
            decode(slot.part(&items[0])).map(Some)
        }
        _ => decode(slot).map(Some),
    }
}

/// A value and where it was written.
pub fn placed<'a, T>(decode: impl Fn(Slot<'a>) -> Option<T>) -> impl Fn(Slot<'a>) -> Option<At<T>> {
    move |slot| decode(slot).map(|value| At::new(value, slot.node.head()))
}

/// What an entry of a list is called if its name is not written: by its number from 1, if there are several.
pub fn default_name(what: &str, index: usize, entries: usize) -> String {
    if entries == 1 { what.into() } else { format!("{what} {}", index + 1) }
}

/// The name of an entry, or its default; empty if it could not be read.
pub fn name_or(fields: &mut Fields<'_>, default: String) -> At<String> {
    match fields.slot("name") {
        Some(slot) => At::new(name(slot).unwrap_or_default(), slot.node.head()),
        None => At::new(default, fields.head()),
    }
}

/// The entries of a list of at most `most`, to be decoded one by one; nothing (and said why) if it is no such list.
pub fn entries<'a>(slot: Slot<'a>, what: &'static str, most: usize) -> Option<&'a [Node<'a>]> {
    match &slot.node.value {
        Value::List(list) if list.len() <= most => Some(list),
        Value::List(list) => {
            let (found, most) = (list.len() as u64, most as u64);
            slot.findings.add(&Problem::TooMany { field: slot.field.to_string(), what, found, most }, slot.node.head());
            None
        }
        _ => {
            slot.expected_with(format!("a list of {what}"), Some("lists are written `[ ]`".into()));
            None
        }
    }
}

/// The entries of a list of 1 to `most`.
pub fn some_entries<'a>(slot: Slot<'a>, what: &'static str, one: &'static str, most: usize) -> Option<&'a [Node<'a>]> {
    let nodes = entries(slot, what, most)?;
    if nodes.is_empty() {
        slot.findings.add(&Problem::TooFew { field: slot.field.to_string(), what: one }, slot.node.head());
        return None;
    }
    Some(nodes)
}

/// A list of 1 to `most` values; nothing if one of them is wrong, but all of them are looked at.
pub fn list<'a, T>(
    what: &'static str,
    most: usize,
    decode: impl Fn(Slot<'a>) -> Option<T>,
) -> impl FnOnce(Slot<'a>) -> Option<Vec<T>> {
    move |slot| {
        let nodes = some_entries(slot, what, "entry", most)?;
        let values: Vec<T> = nodes.iter().filter_map(|node| decode(slot.entry(node))).collect();
        (values.len() == nodes.len()).then_some(values)
    }
}

/// Advice for a number that stands in quotes.
fn without_quotes(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Text(text) if number_of(text).is_some() => Some(format!("write it without quotes: {}", shortened(text))),
        _ => None,
    }
}
