//! Reads what goes wrong with servers: failures, faults, spares, zones, maintenance.

use super::document::{Entries, Target};
use super::meant::ChangeKind;
use super::problem::ModelProblem;
use super::read_servers::{MOST_HELD, MOST_SERVERS};
use super::{distribution, lists, read_run};
use crate::faults::{Clock, FailureSpec, Fault, Flapping, InFlight, Incident, OverloadCrash, Scope, SpareKind, Spares};
use crate::notation::{At, Body, Fields, Findings, Group, Known, Place, Slot, Value, quoted, values};
use crate::random::{Distribution, SpanDistribution};
use crate::units::Span;

/// Most entries of a list of failures, and most zones.
const MOST_FAILURES: usize = 100;
const MOST_ZONES: usize = 10_000;
/// The shortest time to a failure or a repair: on average, and of flapping at all.
pub(super) const SHORTEST: Span = Span::from_nanos(1_000);
/// A time of 0 may not be more likely than this, lest a run stand still at one instant.
const MOST_ZERO: f64 = 0.99;
/// What slowness may be: service takes so many times as long.
const FACTORS: std::ops::RangeInclusive<f64> = 1e-3..=1e6;

/// What goes wrong with the servers of a pool.
#[derive(Debug, Default)]
pub(super) struct PoolFaults {
    pub(super) failures: Vec<WrittenFailures>,
    pub(super) overload: Option<OverloadCrash>,
    pub(super) spares: Option<At<Spares>>,
    pub(super) maintenance: Option<Maintenance>,
}

/// Failures, and where the number of crews is written.
#[derive(Debug)]
pub(super) struct WrittenFailures {
    pub(super) spec: FailureSpec,
    pub(super) crews: Place,
    pub(super) place: Place,
}

/// Servers that share a cause of failure.
#[derive(Debug)]
pub(super) struct WrittenZone {
    pub(super) name: At<String>,
    pub(super) servers: Vec<At<Target>>,
    pub(super) failures: Vec<WrittenFailures>,
}

/// Servers are restarted group after group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Restart {
    /// From their removal to the end of their work; 0: they are not removed before.
    pub(super) drain: Span,
    /// How long they are gone; above 0.
    pub(super) down: Span,
    /// How many at once, at least 1.
    pub(super) at_a_time: u32,
}

/// Restarts again and again.
#[derive(Debug)]
pub(super) struct Maintenance {
    pub(super) every: At<Span>,
    pub(super) first: At<Span>,
    pub(super) restart: Restart,
}

/// The fields of a pool about what goes wrong.
pub(super) fn of_pool(fields: &mut Fields<'_>) -> PoolFaults {
    PoolFaults {
        failures: fields.or("failures", Vec::new(), |slot| failures(slot, Scope::Each)),
        overload: fields.optional("overload", values::or_none(overload)).flatten(),
        spares: fields.optional("spares", values::or_none(values::placed(spares))).flatten(),
        maintenance: fields.optional("maintenance", values::or_none(maintenance)).flatten(),
    }
}

/// The fields of a back end about what goes wrong. Says that it has nothing of what makes sense behind a balancer only.
pub(super) fn of_back_end(fields: &mut Fields<'_>) -> PoolFaults {
    let failures = fields.or("failures", Vec::new(), |slot| {
        let written = failures(slot, Scope::Each)?;
        written.iter().for_each(|one| check_back_end(&one.spec.incident, one.place, slot.findings));
        Some(written)
    });
    let overload = fields.optional("overload", values::or_none(overload)).flatten();
    none_of_back_end(fields);
    PoolFaults { failures, overload, spares: None, maintenance: None }
}

/// Says so if this fault cannot come upon a back end.
pub(super) fn check_back_end(incident: &Incident, place: Place, findings: &Findings) {
    if !matches!(incident.fault, Fault::Crash { .. } | Fault::Silence { .. } | Fault::Slow { .. }) {
        findings.add(&ModelProblem::FaultOfBackEnd, place);
    }
}

/// Says that a back end has none of this, where it is written.
fn none_of_back_end(fields: &mut Fields<'_>) {
    for field in ["spares", "maintenance"] {
        // Only what is written is asked for, so that no message lists it among the fields of a back end.
        if fields.place(field) != fields.head()
            && let Some(slot) = fields.slot(field)
        {
            slot.findings.add(&ModelProblem::NotOfBackEnd { field }, slot.node.head());
        }
    }
}

/// One `Failures(...)` or a list of them.
fn failures(slot: Slot<'_>, scope: Scope) -> Option<Vec<WrittenFailures>> {
    let one = |slot| failure(slot, scope);
    match &slot.node.value {
        Value::List(_) => values::list("failures", MOST_FAILURES, one)(slot),
        _ => one(slot).map(|one| vec![one]),
    }
}

fn failure(slot: Slot<'_>, default_scope: Scope) -> Option<WrittenFailures> {
    const SCOPES: [Scope; 3] = [Scope::Each, Scope::AllAtOnce, Scope::Together];
    let mut fields = Fields::open(slot, "Failures(time_to_failure: Exponential(\"30d\"), time_to_repair: Exponential(\"1h\"))")?;
    let time = lasting_time("Failures", "time_to_failure");
    let time_to_failure = fields.required("time_to_failure", "Exponential(mean: \"1000s\")", time);
    let repair = |slot| if is_never(slot) { Some(None) } else { lasting_time("Failures", "time_to_repair")(slot).map(Some) };
    let time_to_repair = fields.required("time_to_repair", "Exponential(mean: \"50s\")", repair);
    let incident = incident(&mut fields);
    let clock = fields.or("clock", 0, values::choice("clock", &["Calendar", "WhileServing"]));
    let clock = if clock == 0 { Clock::Calendar } else { Clock::WhileServing };
    let scope = fields.optional("scope", values::choice("scope", &["Each", "AllAtOnce", "Together"]));
    let scope = scope.map_or(default_scope, |scope| SCOPES[scope]);
    let crews = fields.optional("crews", values::or_none(values::count(1..=MOST_SERVERS))).flatten();
    if clock == Clock::WhileServing && scope != Scope::Each {
        slot.findings.add(&ModelProblem::CommonWhileServing, fields.place("clock"));
    }
    let (crews_place, place) = (fields.place("crews"), fields.head());
    fields.finish();
    let spec = FailureSpec { time_to_failure: time_to_failure?, time_to_repair: time_to_repair?, clock, scope, crews, incident };
    Some(WrittenFailures { spec, crews: crews_place, place })
}

/// A time that must pass between two events, lest a run stand still.
pub(super) fn lasting_time(owner: &'static str, parameter: &'static str) -> impl Fn(Slot<'_>) -> Option<SpanDistribution> {
    move |slot| {
        let time = distribution::spans(slot)?;
        let expected = if time.mean_secs() < SHORTEST.as_secs() {
            format!("at least {SHORTEST} on average")
        } else if time.inner().cdf(0.5) > MOST_ZERO {
            "above 0 with a probability of at least 1%".into()
        } else {
            return Some(time);
        };
        slot.findings.add(&ModelProblem::Distribution { name: owner, parameter, expected }, slot.node.head());
        None
    }
}

/// Whether it is `Never`, in the place of a distribution.
pub(super) fn is_never(slot: Slot<'_>) -> bool {
    matches!(slot.group(), Some(Group { name: Some(word), body: Body::Empty }) if word.text == "Never")
}

/// The fields `fault` and `flapping`.
fn incident(fields: &mut Fields<'_>) -> Incident {
    let fault = fields.or("fault", Fault::Crash { work: InFlight::Lost }, fault);
    Incident { fault, flapping: fields.optional("flapping", values::or_none(flapping)).flatten() }
}

fn flapping(slot: Slot<'_>) -> Option<Flapping> {
    let mut fields = Fields::open(slot, "Flapping(on: \"10s\", off: \"10s\")")?;
    let on = fields.required("on", "\"1s\"", values::span(SHORTEST..=Span::LONGEST));
    let off = fields.required("off", "\"2s\"", values::span(SHORTEST..=Span::LONGEST));
    fields.finish();
    Some(Flapping { on: on?, off: off? })
}

/// A kind of fault: its name, alone or with its parameters.
pub(super) fn fault(slot: Slot<'_>) -> Option<Fault> {
    let names: Vec<&'static str> = lists::faults().iter().map(|help| help.name).collect();
    let Some(Group { name: Some(word), .. }) = slot.group() else {
        let help = match &slot.node.value {
            Value::Text(text) if names.contains(&&**text) => Some(format!("write it without quotes: {text}")),
            _ => None,
        };
        slot.expected_with("a kind of fault such as `Crash`", help);
        return None;
    };
    if !names.contains(&word.text) {
        values::unknown_kind(slot, "kind of fault", &names, Known::Listed { list: "faults", count: names.len() });
        return None;
    }
    let mut fields = Fields::of(slot, quoted(word.text))?;
    let fault = match word.text {
        "Crash" => Some(Fault::Crash { work: work(&mut fields) }),
        "Silence" => Some(Fault::Silence { work: work(&mut fields) }),
        "Slow" => fields.required("factor", "3", values::real(FACTORS)).map(|factor| Fault::Slow { factor }),
        "Errors" => {
            let probability = fields.required("probability", "\"30%\"", values::probability);
            let after = fields.optional("after", values::or_none(distribution::spans)).flatten();
            probability.map(|probability| Fault::Errors { probability, after })
        }
        "WrongAnswers" => {
            let probability = fields.required("probability", "\"5%\"", values::probability);
            probability.map(|probability| Fault::WrongAnswers { probability })
        }
        "FailingChecks" => Some(Fault::FailingChecks),
        _ => Some(Fault::Partition { refused: fields.or("refused", false, values::flag) }),
    };
    fields.finish();
    fault
}

/// What becomes of the requests at a server that goes down.
fn work(fields: &mut Fields<'_>) -> InFlight {
    let work =
        fields.or("work", 0, values::choice("fate of the work at a server that goes down", &["Lost", "Resumed", "Restarted"]));
    [InFlight::Lost, InFlight::Resumed, InFlight::Restarted][work]
}

fn overload(slot: Slot<'_>) -> Option<OverloadCrash> {
    let mut fields = Fields::open(slot, "OverloadCrash(most_present: 100, time_to_repair: Constant(\"30s\"))")?;
    let most_present = fields.required("most_present", "100", values::count(1..=MOST_HELD));
    let time = lasting_time("OverloadCrash", "time_to_repair");
    let time_to_repair = fields.required("time_to_repair", "Constant(\"30s\")", time);
    let work = work(&mut fields);
    fields.finish();
    Some(OverloadCrash { most_present: most_present?, time_to_repair: time_to_repair?, work })
}

fn spares(slot: Slot<'_>) -> Option<Spares> {
    let mut fields = Fields::open(slot, "Spares(count: 1, start_up: \"30s\")")?;
    let count = fields.or("count", 1, values::count(1..=MOST_SERVERS));
    let kind = fields.or("kind", SpareKind::Cold, spare_kind);
    let start_up = fields.required("start_up", "\"30s\"", span_or_distribution);
    fields.finish();
    Some(Spares { count, kind, start_up: start_up? })
}

fn spare_kind(slot: Slot<'_>) -> Option<SpareKind> {
    match slot.group() {
        Some(Group { name: Some(word), body: Body::Empty }) if word.text == "Cold" => Some(SpareKind::Cold),
        Some(Group { name: Some(word), body: Body::Empty }) if word.text == "Hot" => Some(SpareKind::Hot),
        Some(Group { name: Some(word), body: Body::Items(items) }) if word.text == "Warm" && items.len() == 1 => {
            values::probability(slot.part(&items[0])).map(|rate| SpareKind::Warm(rate.value()))
        }
        _ => {
            let help = "a warm spare fails at that fraction of the rate of a working server";
            slot.expected_with("`Cold`, `Warm(0.1)` or `Hot`", Some(help.into()));
            None
        }
    }
}

/// A duration that is always the same, or a distribution.
pub(super) fn span_or_distribution(slot: Slot<'_>) -> Option<SpanDistribution> {
    match &slot.node.value {
        Value::Text(_) => {
            let nanos = values::duration(slot)?.as_nanos() as f64;
            Distribution::constant(nanos).ok().map(SpanDistribution::from_nanos)
        }
        _ => distribution::spans(slot),
    }
}

fn maintenance(slot: Slot<'_>) -> Option<Maintenance> {
    let mut fields = Fields::open(slot, "Maintenance(every: \"1d\", down: \"5min\")")?;
    let every = fields.required("every", "\"1d\"", values::placed(values::positive_duration));
    let first = fields.optional("first", values::placed(values::duration));
    let restart = restart(&mut fields);
    fields.finish();
    let every = every?;
    let first = first.unwrap_or_else(|| At::new(every.value, every.place));
    Some(Maintenance { every, first, restart })
}

/// The fields `drain`, `down` and `at_a_time`.
pub(super) fn restart(fields: &mut Fields<'_>) -> Restart {
    let drain = fields.or("drain", Span::ZERO, values::duration);
    let down = fields.required("down", "\"10s\"", values::span(SHORTEST..=Span::LONGEST)).unwrap_or(Span::LONGEST);
    Restart { drain, down, at_a_time: fields.or("at_a_time", 1, values::count(1..=MOST_SERVERS)) }
}

/// The fields `fault`, `flapping` and `lasting` of a change that fails servers.
pub(super) fn fail(fields: &mut Fields<'_>) -> ChangeKind {
    let incident = incident(fields);
    ChangeKind::Fail { incident, lasting: fields.optional("lasting", values::span(SHORTEST..=Span::LONGEST)) }
}

/// The zones: the field `zones` of the model.
pub(super) fn zones(slot: Slot<'_>) -> Option<Entries<WrittenZone>> {
    let nodes = values::entries(slot, "zones", MOST_ZONES)?;
    let read = |(index, node)| {
        let mut fields = Fields::open(slot.entry(node), "Zone")?;
        let name = values::name_or(&mut fields, values::default_name("zone", index, nodes.len()));
        let servers = fields.required("servers", "[\"web 1\", \"web 2\"]", read_run::targets);
        let together = |slot| failures(slot, Scope::Together);
        let failures = fields.required("failures", "Failures(time_to_failure: ..., time_to_repair: ...)", together);
        fields.finish();
        Some(WrittenZone { name, servers: servers.unwrap_or_default(), failures: failures.unwrap_or_default() })
    };
    Some(Entries::of(nodes.iter().enumerate().filter_map(read).collect(), nodes.len()))
}
