//! Reads how many replications are wanted.

use super::FIRST_LOOK;
use super::plan::Stopping;
use super::read_document::{measure, pair};
use crate::notation::{At, Fields, Problem, Slot, Value, values};
use crate::observe::Measure;

/// Most replications.
const MOST_REPLICATIONS: u32 = 100_000;
/// Most replications of a point if nothing is written and precision decides.
const DEFAULT_MOST: u32 = 1_000;
/// The probability of choosing the best if nothing is written.
const DEFAULT_PROBABILITY: f64 = 0.95;
/// Most targets of precision.
const MOST_TARGETS: usize = 20;

/// A number of replications for each point, or the rule that decides; nothing is what the model says.
pub(super) fn stopping(fields: &mut Fields<'_>) -> (Option<At<u32>>, Option<At<Stopping>>) {
    let written = ["replications", "precision", "best"].map(|field| fields.slot(field).map(|slot| (field, slot)));
    let mut written = written.into_iter().flatten();
    let first = written.next();
    if let (Some((one, _)), Some((other, slot))) = (first, written.next()) {
        fields.findings().add(&Problem::BothFields { one, other, advice: "leave one of them out" }, slot.node.head());
    }
    let replications = fields.optional("replications", values::placed(values::count(1..=MOST_REPLICATIONS)));
    let most = fields.slot("most_replications");
    let targets = fields.optional("precision", values::placed(targets));
    if let (Some(most), Some(("replications", _)) | None) = (most, first) {
        let example = "precision: [(\"mean_response\", \"1%\")]";
        let problem = Problem::NeitherField { owner: "`most_replications`".into(), one: "precision", other: "best", example };
        most.findings.add(&problem, most.node.head());
    }
    // A race begins with the first look.
    let least = if matches!(first, Some(("best", _))) { FIRST_LOOK } else { 2 };
    let most = most.and_then(values::count(least..=MOST_REPLICATIONS)).unwrap_or(DEFAULT_MOST);
    let best = fields.optional("best", values::placed(|slot| best(slot, most)));
    let precision = targets.map(|At { value: targets, place }| At::new(Stopping::Precision { targets, most }, place));
    (replications, precision.or(best))
}

fn targets(slot: Slot<'_>) -> Option<Vec<(Measure, f64)>> {
    let nodes = values::some_entries(slot, "targets", "target", MOST_TARGETS)?;
    let targets: Vec<_> = nodes.iter().filter_map(|node| target(slot.entry(node))).collect();
    (targets.len() == nodes.len()).then_some(targets)
}

fn target(slot: Slot<'_>) -> Option<(Measure, f64)> {
    let Some([metric, precision]) = pair(slot) else {
        slot.expected("a pair of a metric and a percentage, such as `(\"mean_response\", \"1%\")`");
        return None;
    };
    let (metric, precision) = (measure(slot.part(metric)), fraction(slot.part(precision)));
    Some((metric?, precision?))
}

/// A fraction above 0 and below 1.
fn fraction(slot: Slot<'_>) -> Option<f64> {
    let fraction = values::probability(slot)?.value();
    if fraction > 0.0 && fraction < 1.0 {
        return Some(fraction);
    }
    slot.refused("above 0 and below 100%");
    None
}

/// `most`: what is written outside.
fn best(slot: Slot<'_>, most: u32) -> Option<Stopping> {
    let mut fields = Fields::of(slot, "`best`".into())?;
    let measure = fields.required("metric", "\"mean_response\"", measure);
    let is = fields.or("is", 0, values::choice("side", &["Smallest", "Largest"]));
    let probability = fields.or("probability", DEFAULT_PROBABILITY, fraction);
    let indifference = fields.required("indifference", "\"1ms\"", |slot| indifference(slot, measure));
    let most = fields.or("most_replications", most, values::count(FIRST_LOOK..=MOST_REPLICATIONS));
    fields.finish();
    Some(Stopping::Best { measure: measure?, smallest: is == 0, probability, indifference: indifference?, most })
}

/// An amount above 0 in the unit of the metric, written as the limit of a goal is.
fn indifference(slot: Slot<'_>, measure: Option<Measure>) -> Option<f64> {
    let measure = measure?;
    let text = match &slot.node.value {
        Value::Text(text) => &**text,
        Value::Number(text) => text,
        _ => "",
    };
    match measure.amount(text) {
        Ok(amount) if amount > 0.0 => Some(amount),
        Ok(_) => {
            slot.refused("above 0");
            None
        }
        Err(expected) => {
            slot.expected(expected);
            None
        }
    }
}
