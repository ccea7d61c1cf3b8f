//! Reads classes of clients.

use super::document::{Arrivals, Class, Entries};
use super::visits::Items;
use super::{distribution, read_pair, read_recovery, read_visits};
use crate::notation::{At, Fields, Group, Known, Node, Problem, Slot, Value, quoted, values};
use crate::random::{Popularity, SpanDistribution};

/// Most classes of clients.
const MOST_CLASSES: usize = 64;
/// Most users of a closed class.
pub(super) const MOST_USERS: u32 = 10_000_000;
/// Most clients of an open class, and most items.
pub(super) const MOST_THINGS: u32 = 1_000_000_000;
/// Longest path of a log.
const LONGEST_PATH: usize = 4_096;

/// The kinds of clients.
const KINDS: [&str; 4] = ["Open", "Closed", "Visitors", "Replay"];
/// What a demand may look like.
pub(super) const DEMAND: &str = "Exponential(mean: \"20ms\")";
/// The kinds of open arrivals.
const ARRIVALS: [&str; 2] = ["Poisson", "Renewal"];

/// All classes of clients.
pub(super) fn classes(slot: Slot<'_>) -> Option<Entries<Class>> {
    let nodes = values::some_entries(slot, "classes of clients", "class of clients", MOST_CLASSES)?;
    let read = |(index, node)| class(slot.entry(node), values::default_name("clients", index, nodes.len()));
    let items = nodes.iter().enumerate().filter_map(read).collect();
    Some(Entries::of(items, nodes.len()))
}

fn class(slot: Slot<'_>, default_name: String) -> Option<Class> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected("`Open(...)`, `Closed(...)`, `Visitors(...)` or `Replay(...)`");
        return None;
    };
    if !KINDS.contains(&word.text) {
        values::unknown_kind(slot, "kind of client", &KINDS, Known::Names(KINDS.to_vec()));
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let name = values::name_or(&mut fields, default_name);
    let arrivals = match word.text {
        "Open" => fields.required("arrivals", "Poisson(rate: \"10/s\")", arrivals),
        "Closed" => closed(&mut fields),
        "Visitors" => read_visits::visits(&mut fields),
        _ => replay(&mut fields),
    };
    let demand = if word.text == "Replay" {
        // Whether it is needed depends on the log.
        fields.optional("demand", distribution::spans)
    } else {
        fields.required("demand", DEMAND, distribution::spans)
    };
    let balancer = fields.optional("balancer", values::placed(values::name));
    let sites = fields.optional("sites", values::or_none(read_pair::sites)).flatten();
    if let (Some(_), Some(balancer)) = (&sites, &balancer) {
        let advice = "the first of the sites is where requests go while it is up";
        slot.findings.add(&Problem::BothFields { one: "sites", other: "balancer", advice }, balancer.place);
    }
    let clients = if word.text == "Open" { fields.optional("clients", popularity) } else { None };
    let addresses = if word.text == "Replay" { None } else { fields.optional("addresses", read_visits::addresses) };
    let items = fields.optional("items", items);
    let recovery = read_recovery::clients(&mut fields);
    fields.finish();
    Some(Class { name, arrivals, demand, balancer, sites, clients, addresses, items, recovery, place: slot.node.head() })
}

/// What requests ask for: its popularity, and how long each item lives.
fn items(slot: Slot<'_>) -> Option<Items> {
    let Some(Group { name: Some(word), .. }) = slot.group().filter(|group| group.name.is_some_and(|word| word.text == "Items"))
    else {
        return popularity(slot).map(|popularity| Items { popularity, lifetime: None });
    };
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let popularity = fields.required("popularity", "Zipf(count: 1000, exponent: 0.9)", popularity);
    let lifetime = fields.optional("lifetime", values::or_none(values::positive_duration)).flatten();
    fields.finish();
    Some(Items { popularity: popularity?, lifetime })
}

/// A number of things, all alike, or `Zipf(count: 1000, exponent: 0.9)`.
pub(super) fn popularity(slot: Slot<'_>) -> Option<Popularity> {
    match slot.group() {
        Some(Group { name: Some(word), .. }) if word.text == "Zipf" => {
            let mut fields = Fields::of(slot, quoted(word.text))?;
            let count = fields.required("count", "1000", values::count(1..=MOST_THINGS));
            let exponent = fields.or("exponent", 1.0, values::real(0.0..=10.0));
            fields.finish();
            Some(Popularity::zipf(count?, exponent))
        }
        _ if matches!(slot.node.value, Value::Number(_)) => values::count(1..=MOST_THINGS)(slot).map(Popularity::uniform),
        _ => {
            slot.expected("how many there are, such as 1000, or `Zipf(count: 1000, exponent: 0.9)`");
            None
        }
    }
}

fn arrivals(slot: Slot<'_>) -> Option<At<Arrivals>> {
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        slot.expected_with("`Poisson(rate: ...)` or `Renewal(gap: ...)`", arrivals_advice(slot.node));
        return None;
    };
    if !ARRIVALS.contains(&word.text) {
        values::unknown_kind(slot, "kind of arrivals", &ARRIVALS, Known::Names(ARRIVALS.to_vec()));
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let (arrivals, place) = if word.text == "Poisson" {
        let rate = fields.required("rate", "\"10/s\"", values::rate);
        (rate.map(|rate| Arrivals::Poisson { rate }), fields.place("rate"))
    } else {
        let gap = fields.required("gap", "Erlang(shape: 4, mean: \"1s\")", distribution::spans);
        (gap.map(|gap| Arrivals::Renewal { gap }), fields.place("gap"))
    };
    fields.finish();
    Some(At::new(arrivals?, place))
}

/// The gaps between open arrivals.
pub(super) fn gaps(slot: Slot<'_>) -> Option<SpanDistribution> {
    match arrivals(slot)?.value {
        Arrivals::Poisson { rate } => Some(SpanDistribution::poisson_gaps(rate)),
        Arrivals::Renewal { gap } => Some(gap),
        _ => None,
    }
}

fn arrivals_advice(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Text(rate) if rate.parse::<crate::units::Rate>().is_ok() => Some(format!("write Poisson(rate: \"{rate}\")")),
        _ => None,
    }
}

fn closed(fields: &mut Fields<'_>) -> Option<At<Arrivals>> {
    let users = fields.required("users", "50", values::count(1..=MOST_USERS));
    let think_time = fields.required("think_time", "Exponential(mean: \"5s\")", distribution::spans);
    Some(At::new(Arrivals::Closed { users: users?, think_time: think_time? }, fields.place("think_time")))
}

fn replay(fields: &mut Fields<'_>) -> Option<At<Arrivals>> {
    let log = fields.required("log", "\"access.log\"", values::text(LONGEST_PATH))?;
    let demand = fields.slot("demand").map(|slot| slot.node.head());
    Some(At::new(Arrivals::Replay { log, demand }, fields.place("log")))
}
