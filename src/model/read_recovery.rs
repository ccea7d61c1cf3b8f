//! Reads what balancers and clients do about requests that fail.

use super::problem::ModelProblem;
use super::{distribution, product_recovery};
use crate::balancing::Product;
use crate::notation::{Body, Fields, Group, Known, Slot, Value, quoted, values};
use crate::random::{Distribution, SpanDistribution};
use crate::recovery::{
    Budget, ClientRecovery, ConcurrencyLimit, Delay, Hedge, Limits, Mishap, Mishaps, Recovery, RetrySpec, RetryTo, Throttle,
    Timeouts,
};
use crate::units::{Probability, Span};

/// Most retries of a request.
const MOST_RETRIES: u32 = 1_000;
/// Most requests or retries at once.
const MOST_AT_ONCE: u32 = 1_000_000_000;
/// Most hedges of a request.
const MOST_HEDGES: u32 = 16;
/// Longest window of an adaptive limit; it keeps the latencies of a window.
const LONGEST_WINDOW: Span = Span::from_secs(600);

/// The ways a try can fail, in the order of [`Mishap::ALL`].
const MISHAPS: [&str; 6] = ["Refused", "ConnectTimeout", "Cut", "ResponseTimeout", "Error", "Full"];
/// Where retries can go.
const PLACES: [&str; 4] = ["Any", "Another", "Same", "Redispatch"];
/// The delays before retries.
const DELAYS: [&str; 4] = ["None", "Fixed", "FullJitter", "Exponential"];
/// The budgets of retries.
const BUDGETS: [&str; 5] = ["None", "AtOnce", "OfActive", "Deposits", "Tokens"];
/// The limits that adapt.
const LIMITS: [&str; 3] = ["None", "Aimd", "Gradient"];

/// What a balancer does: the defaults of its product with what is written, or nothing where none of it is written.
pub(super) fn balancer(fields: &mut Fields<'_>, product: Option<Product>) -> Option<Recovery> {
    let defaults = product_recovery::recovery(product);
    let timeouts_slot = fields.slot("timeouts");
    let retries_slot = fields.slot("retries");
    let hedge_slot = fields.slot("hedge");
    let limits_slot = fields.slot("limits");
    let cancels_slot = fields.slot("cancels");
    [timeouts_slot, retries_slot, hedge_slot, limits_slot, cancels_slot].iter().flatten().next()?;
    let timeouts = timeouts_slot.and_then(|slot| timeouts(slot, product, defaults.timeouts)).unwrap_or(defaults.timeouts);
    let retries = retries_slot.map_or(defaults.retries, |slot| retries(slot, product, true));
    let limits = limits_slot.and_then(|slot| limits(slot, product, &defaults.limits)).unwrap_or(defaults.limits);
    let hedge = hedge_slot.and_then(|slot| hedge(slot, product));
    let cancels = cancels_slot.and_then(values::flag).unwrap_or(defaults.cancels);
    Some(Recovery { timeouts, retries, hedge, limits, cancels })
}

/// What clients do.
pub(super) fn clients(fields: &mut Fields<'_>) -> ClientRecovery {
    ClientRecovery {
        patience: fields.optional("patience", patience),
        retries: fields.optional("retries", |slot| retries(slot, None, false)),
        throttle: fields.optional("throttle", values::or_none(throttle)).flatten(),
    }
}

/// Says that the product has not what is written here, if `what` it lacks is known.
fn refused(slot: Slot<'_>, product: Option<Product>, what: impl FnOnce(Product) -> Option<&'static str>) -> bool {
    let Some((product, what)) = product.and_then(|product| Some((product, what(product)?))) else { return false };
    slot.findings.add(&ModelProblem::NotInProduct { product: product.to_string(), what }, slot.node.head());
    true
}

/// The name of a structure that must be one of `kinds`; where it is none, that is said.
fn kind(slot: Slot<'_>, what: &'static str, kinds: &'static [&'static str]) -> Option<&'static str> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected(kinds.join(" or "));
        return None;
    };
    let found = kinds.iter().copied().find(|kind| *kind == word.text);
    if found.is_none() {
        values::unknown_kind(slot, what, kinds, Known::Names(kinds.to_vec()));
    }
    found
}

fn timeouts(slot: Slot<'_>, product: Option<Product>, defaults: Timeouts) -> Option<Timeouts> {
    let mut fields = Fields::open_as(slot, "Timeouts(response: \"1s\")", "`timeouts`".into())?;
    let decode = || values::or_none(values::positive_duration);
    let connect = fields.or("connect", defaults.connect, decode());
    let response = fields.or("response", defaults.response, decode());
    // HAProxy's `timeout queue` is as long as its `timeout connect` if it is not written.
    let queue_default = if product == Some(Product::HAProxy) { connect } else { defaults.queue };
    let queue = fields.or("queue", queue_default, |slot| {
        let lacks = |product| match product {
            Product::HAProxy => None,
            Product::Nginx => Some("queue, so no timeout for it"),
            Product::Envoy => Some("timeout for its queue but the total one"),
        };
        if refused(slot, product, lacks) { None } else { decode()(slot) }
    });
    let total = fields.or("total", defaults.total, |slot| {
        let lacks = |product| (product != Product::Envoy).then_some("timeout over all tries of a request");
        if refused(slot, product, lacks) { None } else { decode()(slot) }
    });
    fields.finish();
    Some(Timeouts { connect, response, queue, total })
}

/// The most retries as a number, or `Retries(...)`; nothing for none of them. `places`: whether it may say where they go.
fn retries(slot: Slot<'_>, product: Option<Product>, places: bool) -> Option<RetrySpec> {
    let mut defaults = product_recovery::retries(product);
    if !places {
        // Clients see errors as errors, whatever caused them.
        defaults.on = Mishaps::of(&Mishap::ALL);
    }
    let most = values::count(0..=MOST_RETRIES);
    let spec = match &slot.node.value {
        Value::Number(_) => RetrySpec { most: most(slot)?, ..defaults },
        Value::Group(Group { name: Some(word), body: Body::Empty }) if word.text == "None" => return None,
        Value::Group(_) => {
            let mut fields = Fields::open(slot, "Retries")?;
            let most = fields.or("most", defaults.most, most);
            let names = values::list("ways to fail", 2 * MISHAPS.len(), values::choice("way to fail", &MISHAPS));
            let on = fields.optional("on", names).map_or(defaults.on, |on| {
                let on: Vec<Mishap> = on.into_iter().map(|number| Mishap::ALL[number]).collect();
                Mishaps::of(&on)
            });
            let to = if places { fields.or("to", defaults.to, |slot| place(slot, product, most)) } else { defaults.to };
            let delay = fields.or("delay", defaults.delay, |slot| delay(slot, product));
            let within = fields.or("within", defaults.within, |slot| within(slot, product));
            let budget = fields.or("budget", defaults.budget, |slot| budget(slot, product));
            fields.finish();
            RetrySpec { most, on, to, delay, within, budget }
        }
        _ => {
            slot.expected("the most retries, such as 3, or `Retries(most: 3)`");
            return None;
        }
    };
    (spec.most > 0).then_some(spec)
}

fn place(slot: Slot<'_>, product: Option<Product>, most: u32) -> Option<RetryTo> {
    let to = match kind(slot, "place for retries", &PLACES)? {
        "Any" => RetryTo::Any,
        "Another" => RetryTo::Another,
        "Same" if product == Some(Product::HAProxy) => RetryTo::Redispatch { every: 0 },
        "Same" => RetryTo::Same,
        _ => {
            let mut fields = Fields::of(slot, "`Redispatch`".into())?;
            let every = fields.or("every", most.max(1), values::count(1..=MOST_RETRIES));
            fields.finish();
            RetryTo::Redispatch { every }
        }
    };
    if refused(slot, product, |product| product_recovery::lacks_place(product, to)) { None } else { Some(to) }
}

#[expect(clippy::option_option, reason = "a value that may be absent, out of a decoder that may fail")]
fn within(slot: Slot<'_>, product: Option<Product>) -> Option<Option<Span>> {
    let lacks = |product| (product != Product::Nginx).then_some("time after which it does not try again");
    if refused(slot, product, lacks) { None } else { values::or_none(values::positive_duration)(slot) }
}

fn delay(slot: Slot<'_>, product: Option<Product>) -> Option<Delay> {
    let name = kind(slot, "delay", &DELAYS)?;
    let delay = match (name, slot.group().map(|group| &group.body)) {
        ("None", _) => Delay::None,
        ("Fixed", Some(Body::Items(items))) if items.len() == 1 => Delay::Fixed(values::duration(slot.part(&items[0]))?),
        _ => {
            let mut fields = Fields::of(slot, quoted(name))?;
            let delay = delay_of(name, &mut fields);
            fields.finish();
            delay?
        }
    };
    if refused(slot, product, |product| product_recovery::lacks_delay(product, delay)) { None } else { Some(delay) }
}

fn delay_of(name: &str, fields: &mut Fields<'_>) -> Option<Delay> {
    if name == "Fixed" {
        return fields.required("wait", "\"1s\"", values::duration).map(Delay::Fixed);
    }
    let base = fields.required("base", "\"25ms\"", values::positive_duration);
    let longest = base.unwrap_or_default().as_nanos().saturating_mul(10).min(Span::LONGEST.as_nanos());
    let most = values::span(base.unwrap_or_default()..=Span::LONGEST);
    let most = fields.or("most", Span::from_nanos(longest), most);
    if name == "FullJitter" {
        return Some(Delay::FullJitter { base: base?, most });
    }
    let factor = fields.or("factor", 2.0, values::real(1.0..=100.0));
    let jitter = fields.or("jitter", 0.2, |slot| values::probability(slot).map(Probability::value));
    Some(Delay::Exponential { base: base?, factor, most, jitter })
}

#[expect(clippy::option_option, reason = "a value that may be absent, out of a decoder that may fail")]
fn budget(slot: Slot<'_>, product: Option<Product>) -> Option<Option<Budget>> {
    let name = kind(slot, "budget", &BUDGETS)?;
    if name == "None" {
        return Some(None);
    }
    let mut fields = Fields::of(slot, quoted(name))?;
    let above_zero = values::real(1e-3..=1e6);
    let budget = match name {
        "AtOnce" => fields.required("most", "3", values::count(0..=MOST_AT_ONCE)).map(|most| Budget::AtOnce { most }),
        "OfActive" => {
            let share = fields.required("share", "\"20%\"", values::probability);
            let least = fields.or("least", 3, values::count(0..=MOST_AT_ONCE));
            share.map(|share| Budget::OfActive { share, least })
        }
        "Deposits" => {
            let share = fields.or("share", 0.2, values::real(1e-3..=1e3));
            let per_sec = fields.or("per_sec", 10.0, values::real(0.0..=1e6));
            let window = fields.or("window", Span::from_secs(10), values::positive_duration);
            Some(Budget::Deposits { share, per_sec, window })
        }
        _ => {
            let most = fields.or("most", 10.0, &above_zero);
            Some(Budget::Tokens { most, ratio: fields.or("ratio", 0.1, &above_zero) })
        }
    };
    fields.finish();
    let budget = budget?;
    if refused(slot, product, |product| product_recovery::lacks_budget(product, budget)) { None } else { Some(Some(budget)) }
}

/// After how long a second try is sent, or `Hedge(after:, most:)`.
fn hedge(slot: Slot<'_>, product: Option<Product>) -> Option<Hedge> {
    if refused(slot, product, |product| (product != Product::Envoy).then_some("second try before the first has failed")) {
        return None;
    }
    if matches!(slot.node.value, Value::Text(_)) {
        return values::duration(slot).map(|after| Hedge { after, most: 1 });
    }
    values::or_none(|slot| {
        let mut fields = Fields::open(slot, "Hedge(after: \"50ms\")")?;
        let after = fields.required("after", "\"50ms\"", values::duration);
        let most = fields.or("most", 1, values::count(1..=MOST_HEDGES));
        fields.finish();
        Some(Hedge { after: after?, most })
    })(slot)
    .flatten()
}

fn limits(slot: Slot<'_>, product: Option<Product>, defaults: &Limits) -> Option<Limits> {
    let mut fields = Fields::open_as(slot, "Limits(requests: 100)", "`limits`".into())?;
    let requests = fields.or("requests", defaults.requests, values::or_none(values::count(1..=MOST_AT_ONCE)));
    let adaptive = fields.optional("adaptive", |slot| adaptive(slot, product));
    let shed_wait = fields.optional("shed_wait", |slot| {
        if refused(slot, product, |_| Some("shedding by the wait in its queue")) { None } else { values::positive_duration(slot) }
    });
    fields.finish();
    Some(Limits { requests, adaptive, shed_wait })
}

fn adaptive(slot: Slot<'_>, product: Option<Product>) -> Option<ConcurrencyLimit> {
    let name = kind(slot, "adaptive limit", &LIMITS).filter(|name| *name != "None")?;
    let lacks = |product| match (product, name) {
        (Product::Envoy, "Gradient") => None,
        (Product::Envoy, _) => Some("adaptive limit but `Gradient`"),
        _ => Some("adaptive limit"),
    };
    if refused(slot, product, lacks) {
        return None;
    }
    let mut fields = Fields::of(slot, quoted(name))?;
    let count = values::count(1..=MOST_AT_ONCE);
    let limit = if name == "Aimd" {
        let initial = fields.or("initial", 20, &count);
        let most = fields.or("most", 200.max(initial), values::count(initial..=MOST_AT_ONCE));
        ConcurrencyLimit::Aimd { initial, most, backoff: fields.or("backoff", 0.9, values::real(0.01..=0.99)) }
    } else {
        let least = fields.or("least", 3, &count);
        let most = fields.or("most", 1_000.max(least), values::count(least..=MOST_AT_ONCE));
        let window = fields.or("window", MILLIS_100, values::span(Span::from_nanos(1_000_000)..=LONGEST_WINDOW));
        let remeasure = fields.or("remeasure", Span::from_secs(60), values::span(window..=Span::LONGEST));
        ConcurrencyLimit::Gradient { most, window, remeasure, least }
    };
    fields.finish();
    Some(limit)
}

/// How often Envoy's documentation sets an adaptive limit anew.
const MILLIS_100: Span = Span::from_nanos(100_000_000);

/// How long clients wait: all equally long, or a distribution.
fn patience(slot: Slot<'_>) -> Option<SpanDistribution> {
    if !matches!(slot.node.value, Value::Text(_)) {
        return distribution::spans(slot);
    }
    let wait = values::positive_duration(slot)?;
    Distribution::constant(wait.as_nanos() as f64).ok().map(SpanDistribution::from_nanos)
}

fn throttle(slot: Slot<'_>) -> Option<Throttle> {
    let mut fields = Fields::open(slot, "Throttle(k: 2)")?;
    let k = fields.or("k", 2.0, values::real(1.0..=1e6));
    let window = fields.or("window", Span::from_secs(120), values::positive_duration);
    fields.finish();
    Some(Throttle { k, window })
}
