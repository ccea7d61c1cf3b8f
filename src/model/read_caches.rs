//! Reads caches of servers, and session persistence.

use super::caches::{CacheCapacity, CacheSpec, Cached};
use super::document::{Cache, Call};
use super::problem::ModelProblem;
use super::{distribution, read_servers};
use crate::balancing::{Key, Product};
use crate::caching::{Lifetime, Rule, rules};
use crate::notation::{At, Fields, Group, Known, Node, Problem, Slot, Value, quoted, values};
use crate::random::SpanDistribution;
use crate::sessions::{Keeper, Persistence, WhenDown};
use crate::units::{Bytes, ParameterList};

/// Most entries of a table.
const MOST_ENTRIES: u32 = 1_000_000_000;
/// Most entries of a cache, where they are counted.
const MOST_CACHED: u64 = 1_000_000_000_000;
/// Most copies of an entry at other servers.
const MOST_REPLICAS: u32 = 100;
/// What a cache evicts if nothing is written.
const DEFAULT_RULE: &str = "Lru";

/// The caches of a pool: the fields `cache` and `caches`.
pub(super) fn of_pool(fields: &mut Fields<'_>) -> Vec<Cache> {
    match (fields.slot("cache"), fields.slot("caches")) {
        (Some(one), Some(_)) => {
            let advice = "move it into the list, or leave the list out";
            let problem = Problem::BothFields { one: "cache", other: "caches", advice };
            fields.findings().add(&problem, one.node.head());
            Vec::new()
        }
        (Some(one), None) => cache(one).into_iter().collect(),
        (None, Some(several)) => {
            let nodes = values::entries(several, "caches", CacheSpec::MOST).unwrap_or_default();
            nodes.iter().filter_map(|node| cache(several.entry(node))).collect()
        }
        (None, None) => Vec::new(),
    }
}

/// The fields in which a miss says what it costs.
fn misses(fields: &mut Fields<'_>) -> (Option<SpanDistribution>, Option<Call>) {
    let miss = fields.optional("miss", values::or_none(distribution::spans)).flatten();
    (miss, fields.optional("call", values::or_none(read_servers::call)).flatten())
}

fn cache(slot: Slot<'_>) -> Option<Cache> {
    const KINDS: [Cached; 4] = [Cached::Session, Cached::State, Cached::User, Cached::Item];
    let mut fields = Fields::open(slot, "Cache(of: Session, miss: Exponential(mean: \"30ms\"))")?;
    let of = fields.required("of", "Session", values::choice("thing to keep", &["Session", "State", "User", "Item"]));
    let rule = match fields.slot("eviction") {
        Some(slot) => eviction(slot),
        None => Rule::named(DEFAULT_RULE, &mut ParameterList::default()),
    };
    let capacity = fields.or("capacity", CacheCapacity::Unlimited, capacity);
    let size = fields.optional("size", size);
    let lifetime = fields.optional("ttl", values::or_none(lifetime)).flatten();
    let (miss, call) = misses(&mut fields);
    let coalesces = fields.optional("coalesces", values::placed(values::flag));
    let survives_crashes = fields.or("survives_crashes", false, values::flag);
    let shared = fields.or("shared", false, values::flag);
    let lookup = fields.optional("lookup", values::or_none(read_servers::call)).flatten();
    let replicas = fields.optional("replicas", values::placed(values::count(0..=MOST_REPLICAS)));
    if let Some(replicas) = replicas.as_ref().filter(|replicas| shared && replicas.value > 0) {
        let advice = "servers that share one cache need no copies of it";
        fields.findings().add(&Problem::BothFields { one: "shared", other: "replicas", advice }, replicas.place);
    }
    if matches!(capacity, CacheCapacity::Bytes(_)) && size.is_none() && fields.slot("size").is_none() {
        let example = "Constant(\"4 kB\")";
        let problem = Problem::MissingField { owner: "`Cache` with a capacity in bytes".into(), field: "size", example };
        fields.findings().add(&problem, fields.head());
    }
    if let Some(coalesces) = coalesces.as_ref().filter(|coalesces| coalesces.value && fields.slot("call").is_none()) {
        fields.findings().add(&ModelProblem::NothingToCoalesce, coalesces.place);
    }
    if miss.is_none() && fields.slot("miss").is_none() && fields.slot("call").is_none() {
        let (one, other, example) = ("miss", "call", "miss: Exponential(mean: \"30ms\")");
        let problem = Problem::NeitherField { owner: "`Cache`".into(), one, other, example };
        fields.findings().add(&problem, fields.head());
    }
    fields.finish();
    Some(Cache {
        of: KINDS[of?],
        rule: rule?,
        capacity,
        size,
        lifetime,
        miss,
        call,
        coalesces: coalesces.is_some_and(|coalesces| coalesces.value),
        survives_crashes,
        shared,
        lookup,
        replicas: replicas.map_or(0, |replicas| replicas.value),
    })
}

/// An amount of data, or a distribution of such.
fn size(slot: Slot<'_>) -> Option<crate::random::Distribution> {
    match &slot.node.value {
        Value::Text(_) => {
            let bytes = values::bytes(slot)?.get() as f64;
            crate::random::Distribution::constant(bytes).ok()
        }
        _ => distribution::sizes(slot),
    }
}

/// A number of entries, an amount of data, or `None`.
fn capacity(slot: Slot<'_>) -> Option<CacheCapacity> {
    values::or_none(|slot: Slot<'_>| match &slot.node.value {
        Value::Number(_) => values::whole(1..=MOST_CACHED)(slot).map(CacheCapacity::Entries),
        Value::Text(text) => match text.parse::<Bytes>() {
            Ok(bytes) if bytes > Bytes::default() => Some(CacheCapacity::Bytes(bytes)),
            _ => {
                slot.refused("an amount of data above 0 such as \"64 MiB\"");
                None
            }
        },
        _ => {
            slot.expected("a number of entries such as 10000, an amount of data such as \"64 MiB\", or None");
            None
        }
    })(slot)
    .map(|capacity| capacity.unwrap_or(CacheCapacity::Unlimited))
}

/// A duration, or `Resets("5min")`.
fn lifetime(slot: Slot<'_>) -> Option<Lifetime> {
    const EXAMPLE: &str = "Ttl(after: \"5min\", resets: true)";
    if matches!(slot.node.value, Value::Text(_)) {
        return values::positive_duration(slot).map(|ttl| Lifetime { ttl, resets: false });
    }
    let mut fields = Fields::open(slot, EXAMPLE)?;
    let ttl = fields.required("after", "\"5min\"", values::positive_duration);
    let resets = fields.or("resets", false, values::flag);
    fields.finish();
    Some(Lifetime { ttl: ttl?, resets })
}

/// An eviction rule: its name, alone or with its parameters.
fn eviction(slot: Slot<'_>) -> Option<Rule> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected_with("the name of an eviction rule", unquoted(slot.node, Rule::NAMES));
        return None;
    };
    if !Rule::NAMES.contains(&word.text) {
        let known = Known::Listed { list: "evictions", count: rules().len() };
        values::unknown_kind(slot, "eviction rule", Rule::NAMES, known);
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let rule = Rule::named(word.text, &mut fields);
    fields.finish();
    rule
}

fn unquoted(node: &Node<'_>, names: &[&str]) -> Option<String> {
    match &node.value {
        Value::Text(text) if names.contains(&&**text) => Some(format!("write it without quotes: {text}")),
        _ => None,
    }
}

/// The persistence of a balancer: `Cookie`, `Table`, or one of them with its fields.
pub(super) fn persistence(fields: &mut Fields<'_>, product: Option<Product>) -> Option<Persistence> {
    let written = fields.optional("persistence", values::or_none(values::placed(kept)))??;
    let At { value: persistence, place } = written;
    let what = match (product, persistence.keeper) {
        (Some(Product::Nginx), _) => Some("persistence by cookie or table; its commercial edition has"),
        (Some(Product::Envoy), Keeper::Table { .. }) => Some("table of sessions; it has cookies"),
        _ => None,
    };
    if let (Some(product), Some(what)) = (product, what) {
        fields.findings().add(&ModelProblem::NotInProduct { product: product.to_string(), what }, place);
    }
    Some(persistence)
}

fn kept(slot: Slot<'_>) -> Option<Persistence> {
    const KINDS: [&str; 2] = ["Cookie", "Table"];
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected_with("`Cookie` or `Table(...)`", unquoted(slot.node, &KINDS));
        return None;
    };
    if !KINDS.contains(&word.text) {
        values::unknown_kind(slot, "kind of persistence", &KINDS, Known::Names(KINDS.to_vec()));
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let keeper = if word.text == "Cookie" { Keeper::Cookie } else { table(&mut fields) };
    let when_down = values::choice("answer to a server that is down", &["Rebind", "Return", "Insist"]);
    let when_down = [WhenDown::Rebind, WhenDown::Return, WhenDown::Insist][fields.or("when_down", 0, when_down)];
    fields.finish();
    Some(Persistence { keeper, when_down })
}

fn table(fields: &mut Fields<'_>) -> Keeper {
    let key = Key::parameter(fields);
    let capacity = fields.optional("capacity", values::or_none(values::count(1..=MOST_ENTRIES))).flatten();
    let expires = fields.optional("expires", values::or_none(values::positive_duration)).flatten();
    Keeper::Table { key, capacity, expires, shared: fields.or("shared", false, values::flag) }
}
