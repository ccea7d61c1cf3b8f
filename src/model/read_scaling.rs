//! Reads how a pool scales: the field `autoscaling`.

use super::document::Pool;
use super::problem::ModelProblem;
use super::read_faults::span_or_distribution;
use super::read_servers::MOST_SERVERS;
use crate::notation::{Body, Fields, Group, Problem, Slot, values};
use crate::recovery::{Autoscaling, ScalingTarget};
use crate::units::{Probability, Span};

/// The shortest time between two looks at a pool.
const SHORTEST: Span = Span::from_nanos(1_000_000);
/// What may be present at a server on average.
const PRESENT: std::ops::RangeInclusive<f64> = 1e-3..=1e6;
/// The defaults of the Kubernetes Horizontal Pod Autoscaler: its interval, its stabilization when it shrinks, its tolerance.
const INTERVAL: Span = Span::from_secs(15);
const COOLDOWN_IN: Span = Span::from_secs(300);
const TOLERANCE: f64 = 0.1;

/// How `pool` scales, whose other fields have been read; it begins with `begin` servers, if that could be read.
pub(super) fn of_pool(fields: &mut Fields<'_>, pool: &Pool, begin: Option<u32>) -> Option<Autoscaling> {
    let scaling = fields.optional("autoscaling", values::or_none(|slot| autoscaling(slot, begin))).flatten();
    if scaling.is_some() && pool.faults.spares.is_some() {
        let advice = "an autoscaler replaces servers that fail, too: choose one of the two";
        fields.findings().add(&Problem::BothFields { one: "spares", other: "autoscaling", advice }, fields.place("autoscaling"));
    }
    scaling
}

fn autoscaling(slot: Slot<'_>, begin: Option<u32>) -> Option<Autoscaling> {
    let mut fields = Fields::open(slot, "Autoscaling(least: 2, most: 10, target: Utilization(\"60%\"), provisioning: \"1min\")")?;
    let least = fields.or("least", 1, values::count(1..=MOST_SERVERS));
    let most = fields.required("most", "10", values::count(1..=MOST_SERVERS));
    let target = fields.required("target", "Utilization(\"60%\")", target);
    let interval = fields.or("interval", INTERVAL, values::span(SHORTEST..=Span::LONGEST));
    let provisioning = fields.required("provisioning", "\"2min\"", span_or_distribution);
    let cooldown_out = fields.or("cooldown_out", Span::ZERO, values::duration);
    let cooldown_in = fields.or("cooldown_in", COOLDOWN_IN, values::duration);
    let tolerance = fields.optional("tolerance", values::probability).map_or(TOLERANCE, Probability::value);
    if let (Some(most), Some(begin)) = (most, begin)
        && !(least..=most).contains(&begin)
    {
        let place = fields.place(if most < begin.max(least) { "most" } else { "least" });
        fields.findings().add(&ModelProblem::ScalingLimits { least, begin, most }, place);
    }
    fields.finish();
    let (most, target, provisioning, begin) = (most?, target?, provisioning?, begin?);
    Some(Autoscaling { least, most, begin, target, interval, provisioning, cooldown_out, cooldown_in, tolerance })
}

fn target(slot: Slot<'_>) -> Option<ScalingTarget> {
    if let Some(Group { name: Some(word), body: Body::Items(items) }) = slot.group()
        && let [item] = &items[..]
    {
        match word.text {
            "Utilization" => {
                let part = slot.part(item);
                let fraction = values::probability(part)?.value();
                if fraction > 0.0 {
                    return Some(ScalingTarget::Utilization(fraction));
                }
                part.expected("a fraction above 0, such as \"60%\"");
                return None;
            }
            "InSystem" => return values::real(PRESENT)(slot.part(item)).map(ScalingTarget::InSystem),
            _ => {}
        }
    }
    let help = "the fraction of a server's workers in use, or the requests present at a server";
    slot.expected_with("`Utilization(\"60%\")` or `InSystem(2.0)`", Some(help.into()));
    None
}
