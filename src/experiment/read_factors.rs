//! Reads factors and their levels.

use super::document::{FactorText, LevelText, Levels};
use super::plan::{Level, Scale};
use super::problem::ExperimentProblem;
use super::range::{MOST_STEPS, Range, measured, unset};
use super::read_document::{changes, label, set_to};
use crate::notation::{At, Fields, Names, Node, Problem, Slot, SourceText, Value, number_of, values};
use std::sync::Arc;

/// Most factors.
const MOST_FACTORS: usize = 20;
/// Longest path of a value in a model.
const LONGEST_PATH: usize = 1_000;
/// The kinds of axes, in the order of [`scale`].
const SCALES: &[&str] = &["Category", "Linear", "Log"];

/// The factors that can be read, and whether these are all.
pub(super) fn factors(slot: Slot<'_>, file: &Arc<SourceText>) -> Option<(Vec<FactorText>, bool)> {
    let nodes = values::some_entries(slot, "factors", "factor", MOST_FACTORS)?;
    let errors = slot.findings.errors();
    let factors: Vec<FactorText> = nodes.iter().filter_map(|node| factor(slot.entry(node), file)).collect();
    Names::new("factors", factors.iter().map(|factor| &factor.name), false, slot.findings);
    Some((factors, slot.findings.errors() == errors))
}

fn factor(slot: Slot<'_>, file: &Arc<SourceText>) -> Option<FactorText> {
    let mut fields = Fields::open(slot, "Factor")?;
    let name = fields.required("name", "\"load\"", values::placed(values::name));
    let path = fields.optional("path", values::placed(values::text(LONGEST_PATH)));
    let scale = fields.optional("scale", values::placed(scale));
    let (values, levels) = (fields.slot("values"), fields.slot("levels"));
    let place = slot.node.head();
    let levels = match (values, levels) {
        (Some(_), Some(levels)) => {
            let problem = Problem::BothFields { one: "values", other: "levels", advice: "leave one of them out" };
            slot.findings.add(&problem, levels.node.head());
            None
        }
        (None, None) => {
            let (one, other, example) = ("values", "levels", "values: [1, 2, 4]");
            let problem = Problem::NeitherField { owner: "`Factor`".into(), one, other, example };
            slot.findings.add(&problem, place);
            None
        }
        (Some(slot), None) => {
            if path.is_none() {
                fields.required("path", "\"clients[0].arrivals.rate\"", |_| Some(()));
            }
            spread(slot, path.as_ref(), file)
        }
        (None, Some(slot)) => listed(slot, |slot| level(slot, path.as_ref(), file)).map(Levels::Listed),
    };
    fields.finish();
    Some(FactorText { name: name?, levels: levels?, scale, place })
}

fn scale(slot: Slot<'_>) -> Option<Scale> {
    values::choice("scale", SCALES)(slot).map(|choice| [Scale::Category, Scale::Linear, Scale::Log][choice])
}

/// The values at one path: a list of them, or a range.
fn spread(slot: Slot<'_>, path: Option<&At<String>>, file: &Arc<SourceText>) -> Option<Levels> {
    let range = slot.group().and_then(|group| group.name).filter(|word| ["Range", "LogRange"].contains(&word.text));
    if let Some(word) = range {
        let path = path.map(|path| unset(&path.value, path.place, slot.node.place, file));
        return Range::read(slot, word.text == "LogRange", path).map(Levels::Range);
    }
    if !matches!(slot.node.value, Value::List(_)) {
        slot.expected("a list of values, `Range(...)` or `LogRange(...)`");
        return None;
    }
    listed(slot, |slot| value(slot.node, None, path?, file)).map(Levels::Listed)
}

/// All levels of a list, each with a name of its own.
fn listed<'a>(slot: Slot<'a>, read: impl Fn(Slot<'a>) -> Option<LevelText>) -> Option<Vec<LevelText>> {
    let nodes = values::some_entries(slot, "levels", "level", MOST_STEPS as usize)?;
    let levels: Vec<LevelText> = nodes.iter().filter_map(|node| read(slot.entry(node))).collect();
    let names: Vec<At<String>> = levels.iter().map(|level| At::new(level.level.label.clone(), level.place)).collect();
    Names::new("levels", &names, false, slot.findings);
    (levels.len() == nodes.len()).then_some(levels)
}

/// A level that sets one value, called `name` or as the value is written.
fn value(node: &Node<'_>, name: Option<String>, path: &At<String>, file: &Arc<SourceText>) -> Option<LevelText> {
    let measured = match &node.value {
        Value::Number(text) => number_of(text).map(|number| (number, "")),
        Value::Text(text) => measured(text),
        _ => None,
    };
    let level = Level { label: name.unwrap_or_else(|| label(node, file)), number: measured.map(|(number, _)| number) };
    let changes = vec![set_to(path, node, file)?];
    Some(LevelText { level, unit: measured.map_or("", |(_, unit)| unit), changes, place: node.place })
}

/// `Level(name: ..., number: ..., set: [...])`, or with `value: ...` in place of `set`.
fn level(slot: Slot<'_>, path: Option<&At<String>>, file: &Arc<SourceText>) -> Option<LevelText> {
    let mut fields = Fields::open(slot, "Level")?;
    let name = fields.optional("name", values::name);
    let number = fields.optional("number", number);
    let (one, several) = (fields.slot("value"), fields.slot("set"));
    let level = match (one, several) {
        (Some(one), None) => match path {
            Some(path) => value(one.node, name, path, file),
            None => {
                let problem = Problem::MissingField { owner: "`Factor`".into(), field: "path", example: "\"servers[0].speed\"" };
                slot.findings.add(&problem, one.node.head());
                None
            }
        },
        (None, Some(several)) => {
            if fields.slot("name").is_none() {
                slot.findings.add(&ExperimentProblem::LevelWithoutName, slot.node.head());
            }
            let changes = changes(several, file);
            name.zip(changes).map(|(label, changes)| LevelText {
                level: Level { label, number: None },
                unit: "",
                changes,
                place: slot.node.place,
            })
        }
        (one, _) => {
            let problem = match one {
                Some(_) => Problem::BothFields { one: "value", other: "set", advice: "leave one of them out" },
                None => {
                    let example = "set: [(\"servers[0].count\", 4)]";
                    Problem::NeitherField { owner: "`Level`".into(), one: "value", other: "set", example }
                }
            };
            slot.findings.add(&problem, slot.node.head());
            None
        }
    };
    fields.finish();
    let level = level?;
    Some(match number {
        Some((number, unit)) => LevelText { level: Level { number: Some(number), ..level.level }, unit, ..level },
        None => level,
    })
}

/// The number of a level, and its unit.
fn number(slot: Slot<'_>) -> Option<(f64, &'static str)> {
    let found = match &slot.node.value {
        Value::Number(text) => number_of(text).filter(|number| number.is_finite()).map(|number| (number, "")),
        Value::Text(text) => measured(text),
        _ => None,
    };
    if found.is_none() {
        slot.expected("a number, or a text with a unit such as \"20ms\" or \"80/s\"");
    }
    found
}
