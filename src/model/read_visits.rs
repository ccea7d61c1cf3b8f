//! Reads visitors, and the addresses that clients are behind.

use super::distribution;
use super::document::Arrivals;
use super::read_clients::{self, MOST_THINGS, MOST_USERS};
use super::visits::{Addresses, Visitors, Visits};
use crate::notation::{At, Fields, Group, Known, Problem, Slot, Value, quoted, values};
use crate::random::Count;

/// Most requests of a visit, where their number is fixed or its mean is written.
const MOST_REQUESTS: u32 = 1_000_000_000;
/// Most addresses with a drawn number of clients each.
const MOST_CROWDS: u32 = 1_000_000;

/// The fields of `Visitors(...)` that say who comes, and what a visit is.
pub(super) fn visits(fields: &mut Fields<'_>) -> Option<At<Arrivals>> {
    let users = visitors(fields);
    let requests = fields.required("requests", "Geometric(mean: 10)", count);
    let think_time = fields.required("think_time", "Exponential(mean: \"5s\")", distribution::spans);
    let heaviness = fields.optional("heaviness", values::or_none(distribution::numbers)).flatten();
    let leaves_when_lost = fields.or("leaves_when_lost", false, values::flag);
    let by = if fields.slot("users").is_some() { "users" } else { "arrivals" };
    let place = fields.place(by);
    let visits = Visits { users: users?, requests: requests?, think_time: think_time?, heaviness, leaves_when_lost };
    Some(At::new(Arrivals::Visits(Box::new(visits)), place))
}

/// Ever new users (`arrivals`), or a number who come again (`users`, `first`, `away`).
fn visitors(fields: &mut Fields<'_>) -> Option<Visitors> {
    let users = fields.slot("users");
    let arrivals = fields.slot("arrivals");
    let first = fields.optional("first", distribution::spans);
    let away = fields.optional("away", values::or_none(distribution::spans));
    match (users, arrivals) {
        (Some(_), Some(slot)) => {
            let advice = "leave one of them out: `arrivals` are ever new users, `users` come again";
            slot.findings.add(&Problem::BothFields { one: "users", other: "arrivals", advice }, slot.node.head());
            None
        }
        (None, None) => {
            let owner = "`Visitors`".into();
            let example = "arrivals: Poisson(rate: \"2/s\")";
            fields.findings().add(&Problem::NeitherField { owner, one: "arrivals", other: "users", example }, fields.head());
            None
        }
        (None, Some(slot)) => {
            for field in ["first", "away"] {
                if fields.slot(field).is_some() {
                    let advice = "it is for a number of `users` who come again";
                    let problem = Problem::BothFields { one: "arrivals", other: field, advice };
                    fields.findings().add(&problem, fields.place(field));
                }
            }
            Some(Visitors::New { gap: read_clients::gaps(slot)? })
        }
        (Some(slot), None) => {
            let number = values::count(1..=MOST_USERS)(slot);
            let away = match away {
                Some(away) => away,
                None if fields.slot("away").is_some() => return None,
                None => {
                    let owner = "`Visitors`".into();
                    let example = "Exponential(mean: \"10min\")";
                    fields.findings().add(&Problem::MissingField { owner, field: "away", example }, fields.head());
                    return None;
                }
            };
            let first = match (first, &away) {
                (Some(first), _) => first,
                (None, Some(away)) => away.clone(),
                (None, None) => {
                    let owner = "`Visitors`".into();
                    let example = "Uniform(low: \"0s\", high: \"1min\")";
                    fields.findings().add(&Problem::MissingField { owner, field: "first", example }, fields.head());
                    return None;
                }
            };
            Some(Visitors::Returning { number: number?, first, away })
        }
    }
}

/// How many: `10`, `Geometric(mean: 10)`, or a distribution of numbers, which are rounded.
fn count(slot: Slot<'_>) -> Option<Count> {
    if matches!(slot.node.value, Value::Number(_)) {
        return values::count(1..=MOST_REQUESTS)(slot).map(Count::Fixed);
    }
    match slot.group() {
        Some(Group { name: Some(word), .. }) if word.text == "Geometric" => {
            let mut fields = Fields::of(slot, quoted(word.text))?;
            let mean = fields.required("mean", "10", values::real(1.0..=f64::from(MOST_REQUESTS)));
            fields.finish();
            mean.map(|mean| Count::Geometric { mean })
        }
        Some(Group { name: Some(_), .. }) => distribution::numbers(slot).map(Count::Rounded),
        _ => {
            slot.expected("how many, such as 10, `Geometric(mean: 10)` or `LogNormal(mean: 10, cv: 2)`");
            None
        }
    }
}

/// Behind how many addresses clients are.
pub(super) fn addresses(slot: Slot<'_>) -> Option<Addresses> {
    match slot.group() {
        Some(Group { name: Some(word), .. }) if word.text == "Crowds" => {
            let mut fields = Fields::of(slot, quoted(word.text))?;
            let count = fields.required("count", "200", values::count(1..=MOST_CROWDS));
            let clients = fields.required("clients", "Pareto(shape: 1.5, scale: 5)", distribution::numbers);
            fields.finish();
            Some(Addresses::Crowds { count: count?, clients: clients? })
        }
        Some(Group { name: Some(word), .. }) if word.text == "Zipf" => read_clients::popularity(slot).map(Addresses::Shared),
        Some(Group { name: Some(_), .. }) => {
            let names = ["Zipf", "Crowds"];
            values::unknown_kind(slot, "way to share addresses", &names, Known::Names(names.to_vec()));
            None
        }
        _ if matches!(slot.node.value, Value::Number(_)) => {
            values::count(1..=MOST_THINGS)(slot).map(|count| Addresses::Shared(crate::random::Popularity::uniform(count)))
        }
        _ => {
            slot.expected("how many addresses, such as 200, `Zipf(count: 200)` or `Crowds(count: 200, clients: ...)`");
            None
        }
    }
}
