//! Reads how a balancer finds out which servers can be used: checks, observation, ejection, panic, the merging of news.
//!
//! What is not written is as in the product that the balancer stands for; what the product lacks is refused.

use super::problem::ModelProblem;
use crate::balancing::Product;
use crate::health::{CheckSpec, ErrorAction, Health, Healthy, Knowledge, ObserveSpec, OutlierSpec, PanicSpec, Phase};
use crate::notation::{Fields, Group, Known, Problem, Slot, quoted, values};
use crate::units::{Probability, Span};

/// The ways to know.
const KINDS: [&str; 3] = ["Perfect", "Nothing", "Checks"];
/// What to do at the limit of errors, in the order of [`ACTIONS`].
const ACTION_NAMES: &[&str] = &["FastInterval", "FailCheck", "SuddenDeath", "MarkDown"];
const ACTIONS: [ErrorAction; 4] =
    [ErrorAction::FastInterval, ErrorAction::FailCheck, ErrorAction::SuddenDeath, ErrorAction::MarkDown];
/// When the first checks come, in the order of [`PHASES`].
const PHASE_NAMES: &[&str] = &["Random", "Spread", "Common"];
const PHASES: [Phase; 3] = [Phase::Random, Phase::Spread, Phase::Common];
/// What it takes to pass a check, in the order of [`HEALTHY`].
const HEALTHY_NAMES: &[&str] = &["Connects", "Answers", "Serves"];
const HEALTHY: [Healthy; 3] = [Healthy::Connects, Healthy::Answers, Healthy::Serves];
/// The shortest interval: that of the products.
const SHORTEST: Span = Span::from_nanos(1_000_000);
/// Most checks or failures in a row, servers or requests that a limit may ask for.
const MOST: u32 = 1_000_000_000;

/// The fields of a balancer that say how it finds out.
pub(super) fn health(fields: &mut Fields<'_>, product: Option<Product>) -> Health {
    let before = fields.findings().errors();
    let (knowledge, checks) = fields.optional("health", |slot| knowledge(slot, product)).unwrap_or_default();
    let observe = fields.or("observe", None, values::or_none(|slot| observe(slot, product)));
    let outliers = fields.or("outlier_detection", None, values::or_none(|slot| outliers(slot, product)));
    let panic = fields.optional("panic", values::or_none(|slot| panic(slot, product)));
    let window = fields.optional("merge_window", |slot| window(slot, product));
    let as_envoy = product == Some(Product::Envoy) && (checks.is_some() || outliers.is_some());
    let health = Health {
        knowledge,
        checks,
        observe,
        outliers,
        panic: panic.unwrap_or_else(|| fraction(0.5).filter(|_| as_envoy).map(|threshold| PanicSpec { threshold })),
        merge_window: window.unwrap_or(if as_envoy { Span::from_secs(1) } else { Span::ZERO }),
    };
    // What is wrong in itself is not compared.
    if fields.findings().errors() == before {
        check(fields, &health);
    }
    health
}

/// Whether the fields go together.
fn check(fields: &Fields<'_>, health: &Health) {
    let asked = [
        ("observe", health.observe.is_some(), health.checks.is_some()),
        ("outlier_detection", health.outliers.is_some(), true),
        ("panic", health.panic.is_some(), health.checks.is_some() || health.outliers.is_some()),
        ("merge_window", health.merge_window > Span::ZERO, health.checks.is_some() || health.outliers.is_some()),
    ];
    for (field, _, finds_out) in asked.into_iter().filter(|(_, is_asked, _)| *is_asked) {
        let problem = if health.knowledge == Knowledge::Nothing {
            if finds_out {
                continue;
            }
            let example = "Checks(interval: \"1s\", timeout: \"1s\", rise: 2, fall: 3)";
            Problem::MissingField { owner: quoted(field), field: "health", example }
        } else if field == "panic" {
            continue;
        } else {
            let advice = "leave one out: who knows at once has nothing to find out";
            Problem::BothFields { one: "health: Perfect", other: field, advice }
        };
        fields.findings().add(&problem, fields.place(field));
    }
}

/// Says that the product lacks something; true if it does.
fn is_lacking(slot: Slot<'_>, product: Option<Product>, lacking: &[(Product, &'static str)]) -> bool {
    let Some((product, what)) = lacking.iter().find(|(lacks, _)| Some(*lacks) == product) else { return false };
    slot.findings.add(&ModelProblem::NotInProduct { product: product.to_string(), what }, slot.node.head());
    true
}

fn knowledge(slot: Slot<'_>, product: Option<Product>) -> Option<(Knowledge, Option<CheckSpec>)> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected("`Perfect`, `Nothing` or `Checks(...)`");
        return None;
    };
    if !KINDS.contains(&word.text) {
        values::unknown_kind(slot, "way to know of servers that are down", &KINDS, Known::Names(KINDS.to_vec()));
        return None;
    }
    if word.text == "Checks" {
        return checks(slot, product).map(|checks| (Knowledge::Nothing, Some(checks)));
    }
    Fields::of(slot, quoted(word.text))?.finish();
    Some((if word.text == "Perfect" { Knowledge::Perfect } else { Knowledge::Nothing }, None))
}

/// Active checks. HAProxy 2.6 has a default for each field (`include/haproxy/defaults.h`; without `timeout check` the interval
/// is the timeout), Envoy has none.
fn checks(slot: Slot<'_>, product: Option<Product>) -> Option<CheckSpec> {
    if is_lacking(slot, product, &[(Product::Nginx, "active health checks; its commercial edition has")]) {
        return None;
    }
    let span = values::span(SHORTEST..=Span::LONGEST);
    let in_a_row = values::count(1..=MOST);
    let mut fields = Fields::of(slot, "`Checks`".into())?;
    let (interval, timeout, rise, fall) = if product == Some(Product::Envoy) {
        let every = fields.required("interval", "\"1s\"", &span);
        let timeout = fields.required("timeout", "\"1s\"", values::duration);
        let rise = fields.required("rise", "2", &in_a_row);
        let fall = fields.required("fall", "3", &in_a_row);
        (every, timeout, rise, fall)
    } else {
        let every = fields.or("interval", Span::from_secs(2), &span);
        let timeout = if product == Some(Product::HAProxy) { every } else { Span::from_secs(1) };
        let timeout = fields.or("timeout", timeout, values::duration);
        (Some(every), Some(timeout), Some(fields.or("rise", 2, &in_a_row)), Some(fields.or("fall", 3, &in_a_row)))
    };
    let transition_interval = fields.or("transition_interval", None, values::or_none(&span));
    let down_interval = fields.or("down_interval", None, values::or_none(&span));
    // HAProxy spreads its first checks over the interval, Envoy sends all of them when it starts.
    let phase = match product {
        Some(Product::HAProxy) => 1,
        Some(Product::Envoy) => 2,
        _ => 0,
    };
    let phase = PHASES[fields.or("phase", phase, values::choice("phase", PHASE_NAMES))];
    let healthy = HEALTHY[fields.or("healthy", 1, values::choice("way to pass a check", HEALTHY_NAMES))];
    fields.finish();
    let error_is_final = product == Some(Product::Envoy);
    let (interval, timeout, rise, fall) = (interval?, timeout?, rise?, fall?);
    Some(CheckSpec { interval, transition_interval, down_interval, timeout, rise, fall, error_is_final, phase, healthy })
}

fn observe(slot: Slot<'_>, product: Option<Product>) -> Option<ObserveSpec> {
    let lacking =
        [(Product::Nginx, "`observe`: it has no active health checks"), (Product::Envoy, "`observe`; it has outlier detection")];
    if is_lacking(slot, product, &lacking) {
        return None;
    }
    let mut fields = Fields::open(slot, "Observe(error_limit: 10)")?;
    let answers = fields.or("answers", true, values::flag);
    let error_limit = fields.or("error_limit", 10, values::count(1..=MOST));
    let action = ACTIONS[fields.or("action", 1, values::choice("action on errors", ACTION_NAMES))];
    fields.finish();
    Some(ObserveSpec { answers, error_limit, action })
}

/// Envoy's outlier detection, with the defaults of `api/envoy/config/cluster/v3/outlier_detection.proto`.
fn outliers(slot: Slot<'_>, product: Option<Product>) -> Option<OutlierSpec> {
    let lacking = [(Product::Nginx, "outlier detection"), (Product::HAProxy, "outlier detection; it has `observe`")];
    if is_lacking(slot, product, &lacking) {
        return None;
    }
    let mut fields = Fields::open(slot, "Outliers(consecutive_errors: 5)")?;
    let base_ejection = fields.or("base_ejection", Span::from_secs(30), values::duration);
    let longest = Span::from_secs(300).max(base_ejection);
    let spec = OutlierSpec {
        consecutive_errors: fields.or("consecutive_errors", 5, values::count(0..=MOST)),
        interval: fields.or("interval", Span::from_secs(10), values::span(SHORTEST..=Span::LONGEST)),
        base_ejection,
        most_ejection: fields.or("most_ejection", longest, values::span(base_ejection..=Span::LONGEST)),
        most_ejected: fields.optional("most_ejected", values::probability).or_else(|| fraction(0.1))?,
        always_one: fields.or("always_one", false, values::flag),
        success_rate: fields.or("success_rate", Some(1.9), values::or_none(values::real(0.0..=1_000.0))),
        failure_fraction: fields.or("failure_fraction", None, values::or_none(values::probability)),
        least_servers: fields.or("least_servers", 5, values::count(0..=MOST)),
        least_requests: fields.or("least_requests", 100, values::count(0..=MOST)),
    };
    fields.finish();
    Some(spec)
}

fn panic(slot: Slot<'_>, product: Option<Product>) -> Option<PanicSpec> {
    let what = "panic threshold";
    if is_lacking(slot, product, &[(Product::Nginx, what), (Product::HAProxy, what)]) {
        return None;
    }
    values::probability(slot).map(|threshold| PanicSpec { threshold })
}

fn window(slot: Slot<'_>, product: Option<Product>) -> Option<Span> {
    let what = "window in which news of servers is merged";
    if is_lacking(slot, product, &[(Product::Nginx, what), (Product::HAProxy, what)]) {
        return None;
    }
    values::duration(slot)
}

/// A fraction that stands in this file.
fn fraction(value: f64) -> Option<Probability> {
    Probability::new(value).ok()
}
