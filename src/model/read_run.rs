//! Reads the script and the run.

use super::document::{Run, RunKind, ScriptLine, Target, WarmUp, What};
use super::meant::ChangeKind;
use super::problem::ModelProblem;
use super::read_faults;
use crate::notation::{At, Fields, Group, Known, Place, Problem, Slot, Value, quoted, values};
use crate::units::Span;

/// Most lines of a script, and most servers named in one of them.
const MOST_LINES: usize = 10_000;
const MOST_TARGETS: usize = 10_000;
/// Most replications.
const MOST_REPLICATIONS: u32 = 100_000;

/// The lines of the script in the order of the file.
pub(super) fn script(slot: Slot<'_>) -> Option<Vec<ScriptLine>> {
    let nodes = values::entries(slot, "changes", MOST_LINES)?;
    Some(nodes.iter().filter_map(|node| line(slot.entry(node))).collect())
}

fn line(slot: Slot<'_>) -> Option<ScriptLine> {
    let mut fields = Fields::open_as(slot, "Change", "a change".into())?;
    let at = fields.required("at", "\"10s\"", values::placed(values::duration));
    let restarts = fields.slot("restart").is_some();
    // How long a restart drains, is a field of it.
    let is_field = |name| restarts && name == "drain";
    let named = KINDS_OF_CHANGE.map(|name| (name, if is_field(name) { None } else { fields.slot(name) }));
    let mut written = named.into_iter().filter_map(|(name, slot)| Some((name, slot?)));
    let mut spread = Span::ZERO;
    let (what, targets) = match (written.next(), written.next()) {
        (Some((name, slot)), None) => {
            if matches!(name, "fail" | "repair") {
                spread = fields.or("spread", spread, values::duration);
            }
            (what(name, &mut fields), targets(slot))
        }
        (Some((one, _)), Some((other, second))) => {
            let problem = Problem::BothFields { one, other, advice: "write two changes" };
            slot.findings.add(&problem, second.node.head());
            if one == "fail" {
                read_faults::fail(&mut fields);
            }
            (What::Change(ChangeKind::Remove), None)
        }
        (None, _) => {
            let (one, other, example) = ("remove", "restore", "remove: 0");
            let problem = Problem::NeitherField { owner: "a change".into(), one, other, example };
            slot.findings.add(&problem, slot.node.head());
            (What::Change(ChangeKind::Remove), None)
        }
    };
    fields.finish();
    Some(ScriptLine { at: at?, spread, what, targets: targets? })
}

/// The fields that say what a change does and to whom.
const KINDS_OF_CHANGE: [&str; 7] = ["remove", "drain", "restore", "reweigh", "fail", "repair", "restart"];

/// What a change of that kind does, from its other fields.
fn what(name: &'static str, fields: &mut Fields<'_>) -> What {
    What::Change(match name {
        "remove" => ChangeKind::Remove,
        "drain" => ChangeKind::Drain,
        "restore" => ChangeKind::Return,
        "reweigh" => ChangeKind::Reweigh(fields.required("weight", "2", values::real(1e-6..=1e6)).unwrap_or(1.0)),
        "fail" => read_faults::fail(fields),
        "repair" => ChangeKind::Repair,
        _ => return What::Restart(read_faults::restart(fields)),
    })
}

/// Whom a change or a zone is about.
pub(super) fn targets(slot: Slot<'_>) -> Option<Vec<At<Target>>> {
    match &slot.node.value {
        Value::List(_) => values::list("servers", MOST_TARGETS, target)(slot),
        _ => target(slot).map(|target| vec![target]),
    }
}

fn target(slot: Slot<'_>) -> Option<At<Target>> {
    let target = match &slot.node.value {
        Value::Text(_) => Target::Named(values::name_of_server(slot)?),
        Value::Number(_) => Target::Server(values::whole(0..=u64::from(u32::MAX))(slot)?),
        _ => {
            slot.expected("the number or the name of a server, the name of a pool, or a list of them");
            return None;
        }
    };
    Some(At::new(target, slot.node.place))
}

impl Run {
    /// The run if nothing is written.
    pub(super) const fn default_at(place: Place) -> Self {
        Self { kind: None, length: None, warm_up: None, horizon: None, replications: None, place }
    }
}

/// The run: `Steady(...)`, `Terminating(...)`, or only some of their fields.
pub(super) fn run(slot: Slot<'_>) -> Option<Run> {
    const KINDS: [&str; 2] = ["Steady", "Terminating"];
    let kind = match slot.group() {
        Some(Group { name: None, .. }) => None,
        Some(Group { name: Some(word), .. }) if word.text == "Steady" => Some(RunKind::Steady),
        Some(Group { name: Some(word), .. }) if word.text == "Terminating" => Some(RunKind::Terminating),
        Some(_) => {
            values::unknown_kind(slot, "kind of run", &KINDS, Known::Names(KINDS.to_vec()));
            return None;
        }
        None => {
            let help = matches!(slot.node.value, Value::Text(_)).then(|| "such as Steady(length: \"1h\")".into());
            slot.expected_with("`Steady(...)` or `Terminating(...)`", help);
            return None;
        }
    };
    let owner = kind.map_or_else(|| "`run`".into(), |kind| quoted(KINDS[kind as usize]));
    let mut fields = Fields::of(slot, owner)?;
    let length = fields.optional("length", values::placed(values::positive_duration));
    let warm_up = fields.optional("warm_up", values::placed(warm_up));
    let horizon = fields.optional("horizon", values::placed(values::positive_duration));
    let replications = fields.optional("replications", values::placed(values::count(1..=MOST_REPLICATIONS)));
    let kind = kind.or(match (&length, &warm_up, &horizon) {
        (None, None, None) => None,
        (None, None, Some(_)) => Some(RunKind::Terminating),
        _ => Some(RunKind::Steady),
    });
    // A field of the other kind is known, but it says something else.
    let (name, other, foreign): (_, _, &[&'static str]) = match kind {
        Some(RunKind::Steady) => ("steady", "terminating", &["horizon"]),
        Some(RunKind::Terminating) => ("terminating", "steady", &["length", "warm_up"]),
        None => ("", "", &[]),
    };
    for field in foreign {
        if let Some(foreign) = fields.slot(field) {
            slot.findings.add(&ModelProblem::FieldOfOtherRun { field, kind: name, other }, foreign.node.head());
        }
    }
    fields.finish();
    Some(Run { kind, length, warm_up, horizon, replications, place: slot.node.head() })
}

/// A duration or a percentage of the length.
fn warm_up(slot: Slot<'_>) -> Option<WarmUp> {
    let expected = "a duration such as \"10min\" or a percentage of the length such as \"20%\"";
    let Value::Text(text) = &slot.node.value else {
        slot.expected(expected);
        return None;
    };
    let found = if text.trim_end().ends_with('%') {
        text.parse().map(|fraction: crate::units::Probability| WarmUp::Fraction(fraction.value())).ok()
    } else {
        text.parse().map(|span: Span| WarmUp::Length(span)).ok()
    };
    if found.is_none() {
        slot.expected(expected);
    }
    found
}
