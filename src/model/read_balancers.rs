//! Reads balancers: which product they stand for, how they choose, how they queue.

use super::document::{Balancer, Entries, QueueLimit};
use super::meant::WhenFull;
use super::problem::ModelProblem;
use super::read_servers::{MOST_HELD, MOST_POOLS};
use super::{Ramp, SlowStart, read_caches, read_health, read_pair, read_recovery};
use crate::balancing::{Algorithm, Follows, Product};
use crate::health::Health;
use crate::notation::{At, Fields, Group, Known, Problem, Slot, Value, quoted, values};
use crate::units::ParameterList;

/// Most balancers.
const MOST_BALANCERS: usize = 16;
/// Longest version of a product.
const LONGEST_VERSION: usize = 100;
/// The part of its weight that a server has at once when it returns, as in Envoy.
const LEAST_PART: f64 = 0.1;

/// What the balancer is called if its name is not written.
const BALANCER: &str = "balancer";
/// What it does if nothing is written: the servers in turn.
const DEFAULT_ALGORITHM: &str = "RoundRobin";

/// The balancers: the fields `balancer` or `balancers` of the model, or the default.
pub(super) fn balancers(fields: &mut Fields<'_>) -> Entries<Balancer> {
    let (one, several) = (fields.slot("balancer"), fields.slot("balancers"));
    match (one, several) {
        (Some(one), Some(_)) => {
            let advice = "move it into the list, or leave the list out";
            let problem = Problem::BothFields { one: "balancer", other: "balancers", advice };
            fields.findings().add(&problem, one.node.head());
            Entries::default()
        }
        (Some(one), None) => Entries::of(balancer(one, BALANCER.into()).into_iter().collect(), 1),
        (None, Some(several)) => {
            let nodes = values::some_entries(several, "balancers", "balancer", MOST_BALANCERS).unwrap_or_default();
            let read = |(index, node)| balancer(several.entry(node), values::default_name(BALANCER, index, nodes.len()));
            let items: Vec<Balancer> = nodes.iter().enumerate().filter_map(read).collect();
            if nodes.is_empty() { Entries::default() } else { Entries::of(items, nodes.len()) }
        }
        (None, None) => {
            let place = fields.head();
            let balancer = Balancer {
                name: At::new(BALANCER.into(), place),
                product: None,
                algorithm: default_algorithm(None),
                pools: None,
                when_full: WhenFull::Reject,
                queue: None,
                slow_start: None,
                persistence: None,
                health: Health::default(),
                recovery: None,
                failures: None,
                pair: None,
                place,
            };
            Entries::of(vec![balancer], 1)
        }
    }
}

fn default_algorithm(product: Option<Product>) -> Option<Algorithm> {
    let name = match product {
        None => DEFAULT_ALGORITHM,
        Some(product) => of_product(product).find(|(word, _)| *word == DEFAULT_ALGORITHM)?.1,
    };
    Algorithm::named(name, &mut ParameterList::default())
}

fn balancer(slot: Slot<'_>, default_name: String) -> Option<Balancer> {
    let mut fields = Fields::open(slot, "Balancer")?;
    let name = values::name_or(&mut fields, default_name);
    let product_slot = fields.slot("product");
    let product = product_slot.and_then(product);
    let algorithm = match fields.slot("algorithm") {
        // Without knowing the product, what its algorithms are cannot be told.
        Some(_) if product_slot.is_some() && product.is_none() => None,
        Some(slot) => algorithm(slot, product),
        None => default_algorithm(product),
    };
    let pools = fields.optional("pools", values::list("names of pools", MOST_POOLS, values::placed(values::name)));
    let when_full = fields.or("when_full", 0, values::choice("answer to full servers", &["Reject", "Skip"]));
    let when_full = if when_full == 0 { WhenFull::Reject } else { WhenFull::Skip };
    let queue = fields.optional("queue_capacity", values::or_none(values::count(0..=MOST_HELD)));
    let queue = queue.map(|most| most.map_or(QueueLimit::Unlimited, QueueLimit::Most));
    let slow_start = fields.optional("slow_start", values::or_none(values::placed(|slot| slow_start(slot, product)))).flatten();
    let persistence = read_caches::persistence(&mut fields, product);
    let health = read_health::health(&mut fields, product);
    let recovery = read_recovery::balancer(&mut fields, product);
    let (failures, pair) = read_pair::of_balancer(&mut fields);
    fields.finish();
    let place = slot.node.head();
    Some(Balancer {
        name,
        product,
        algorithm,
        pools,
        when_full,
        queue,
        slow_start,
        persistence,
        recovery,
        health,
        failures,
        pair,
        place,
    })
}

/// A load balancer to follow, alone or with the version that is followed.
fn product(slot: Slot<'_>) -> Option<Product> {
    const NAMES: [&str; 3] = [Product::ALL[0].name(), Product::ALL[1].name(), Product::ALL[2].name()];
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected(format!("{}, written without quotes", NAMES.join(" or ")));
        return None;
    };
    let Some(product) = Product::ALL.into_iter().find(|product| product.name() == word.text) else {
        values::unknown_kind(slot, "load balancer", &NAMES, Known::Names(NAMES.to_vec()));
        return None;
    };
    let mut fields = Fields::of(slot, quoted(word.text))?;
    if let Some(slot) = fields.slot("version") {
        let version = values::text(LONGEST_VERSION)(slot)?;
        let followed = product.version();
        let longer = followed.strip_prefix(&*version).filter(|_| !version.is_empty());
        if longer.is_none_or(|rest| !(rest.is_empty() || rest.starts_with('.'))) {
            slot.refused(format!("\"{followed}\", the version whose behaviour is followed"));
        }
    }
    fields.finish();
    Some(product)
}

/// The algorithms of a product: each by every name that it may have there.
fn of_product(product: Product) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = Algorithm::FOLLOWS.iter();
    let of_product = move |(name, follows): &(&'static str, &'static [Follows])| {
        let follows = follows.iter().find(|follows| follows.product == product)?;
        Some((*name, follows.names))
    };
    all.filter_map(of_product).flat_map(|(name, words)| {
        words.iter().copied().filter(move |word| *word != name).chain([name]).map(move |word| (word, name))
    })
}

/// A balancing algorithm: its name, alone or with its parameters. Of a product, only those it has.
fn algorithm(slot: Slot<'_>, product: Option<Product>) -> Option<Algorithm> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        let help = match &slot.node.value {
            Value::Text(text) if Algorithm::NAMES.contains(&&**text) => Some(format!("write it without quotes: {text}")),
            _ => None,
        };
        slot.expected_with("the name of a balancing algorithm", help);
        return None;
    };
    let name = match product {
        None => Algorithm::NAMES.iter().copied().find(|name| *name == word.text),
        Some(product) => of_product(product).find(|(known, _)| *known == word.text).map(|(_, name)| name),
    };
    let Some(name) = name else {
        unknown_algorithm(slot, product);
        return None;
    };
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let algorithm = Algorithm::named(name, &mut fields);
    fields.finish();
    algorithm
}

fn unknown_algorithm(slot: Slot<'_>, product: Option<Product>) {
    match product {
        None => {
            let known = Known::Listed { list: "algorithms", count: Algorithm::NAMES.len() };
            values::unknown_kind(slot, "balancing algorithm", Algorithm::NAMES, known);
        }
        Some(product) => {
            // The shortest name of each is enough.
            let mut short: Vec<(&str, &str)> = Vec::new();
            for (word, name) in of_product(product) {
                if short.iter().all(|(_, known)| *known != name) {
                    short.push((word, name));
                }
            }
            let names: Vec<&'static str> = of_product(product).map(|(word, _)| word).collect();
            let known = Known::Names(short.into_iter().map(|(word, _)| word).collect());
            let what = match product {
                Product::Nginx => "nginx algorithm",
                Product::HAProxy => "HAProxy algorithm",
                Product::Envoy => "Envoy algorithm",
            };
            values::unknown_kind(slot, what, &names, known);
        }
    }
}

/// A slow start: its window, alone or with the shape of the growth; HAProxy has one shape only.
fn slow_start(slot: Slot<'_>, product: Option<Product>) -> Option<SlowStart> {
    if product == Some(Product::Nginx) {
        let problem =
            ModelProblem::NotInProduct { product: Product::Nginx.to_string(), what: "slow start; its commercial edition has" };
        slot.findings.add(&problem, slot.node.head());
        return None;
    }
    let is_haproxy = product == Some(Product::HAProxy);
    let envoy = |from, aggression| Ramp::Power { from, aggression };
    if matches!(slot.node.value, Value::Text(_)) {
        let window = values::positive_duration(slot)?;
        return Some(SlowStart { window, ramp: if is_haproxy { Ramp::Sixteenths } else { envoy(LEAST_PART, 1.0) } });
    }
    let mut fields = Fields::open_as(slot, "SlowStart(window: \"30s\")", "a slow start".into())?;
    let window = fields.required("window", "\"30s\"", values::positive_duration);
    let ramp = if is_haproxy {
        Ramp::Sixteenths
    } else {
        let from = fields.or("from", LEAST_PART, |slot| values::probability(slot).map(|part| part.value().max(1e-6)));
        envoy(from, fields.or("aggression", 1.0, values::real(0.01..=100.0)))
    };
    fields.finish();
    Some(SlowStart { window: window?, ramp })
}
