//! Reads how balancers fail, their standbys, and sites behind one name.

use super::problem::ModelProblem;
use super::read_faults::{SHORTEST, fault, is_never, lasting_time, span_or_distribution};
use super::read_servers::MOST_SERVERS;
use crate::faults::{BalancerFailures, Fault, InFlight, Pair, Stale, Takeover, Vrrp};
use crate::notation::{At, Fields, Group, Slot, quoted, values};
use crate::units::{Probability, Span};

/// Most sites of one name, and most resolvers.
const MOST_SITES: usize = 16;
const MOST_RESOLVERS: u32 = 1_000_000;
/// How many resolvers there are if nothing is written.
const RESOLVERS: u32 = 1_000;
/// The priority of a standby as RFC 3768 and keepalived's manual have it.
const PRIORITY: u32 = 100;

/// Sites behind one name, the balancers not yet looked up.
#[derive(Debug)]
pub(super) struct WrittenSites {
    pub(super) balancers: Vec<At<String>>,
    pub(super) ttl: Span,
    pub(super) detection: Span,
    pub(super) resolvers: u32,
    pub(super) stale: Option<Stale>,
    pub(super) needed: At<u32>,
}

/// The fields of a balancer about how it fails.
pub(super) fn of_balancer(fields: &mut Fields<'_>) -> (Option<BalancerFailures>, Option<Pair>) {
    let failures = fields.optional("failures", values::or_none(failures)).flatten();
    (failures, fields.optional("pair", values::or_none(pair)).flatten())
}

fn failures(slot: Slot<'_>) -> Option<BalancerFailures> {
    let mut fields = Fields::open(slot, "Failures(time_to_failure: Exponential(\"30d\"), time_to_repair: Exponential(\"1h\"))")?;
    let time = lasting_time("Failures", "time_to_failure");
    let time_to_failure = fields.required("time_to_failure", "Exponential(mean: \"30d\")", time);
    let repair = |slot| if is_never(slot) { Some(None) } else { lasting_time("Failures", "time_to_repair")(slot).map(Some) };
    let time_to_repair = fields.required("time_to_repair", "Exponential(mean: \"1h\")", repair);
    let silent = fields.or("fault", false, |slot| silence(&fault(slot)?, slot));
    let crews = fields.optional("crews", values::or_none(values::count(1..=2))).flatten();
    fields.finish();
    Some(BalancerFailures { time_to_failure: time_to_failure?, time_to_repair: time_to_repair?, silent, crews })
}

/// Whether the fault of a balancer is silence; nothing where it cannot be a balancer's.
fn silence(fault: &Fault, slot: Slot<'_>) -> Option<bool> {
    let found = of_fault(fault);
    if found.is_none() {
        slot.refused(POSSIBLE);
    }
    found
}

/// What can go wrong with a balancer.
const POSSIBLE: &str = "`Crash` or `Silence`, both without `work`: a balancer that is down has lost it";

/// Whether a fault of a balancer is silence; nothing where it cannot be a balancer's.
pub(super) const fn of_fault(fault: &Fault) -> Option<bool> {
    match fault {
        Fault::Crash { work: InFlight::Lost } => Some(false),
        Fault::Silence { work: InFlight::Lost } => Some(true),
        _ => None,
    }
}

fn pair(slot: Slot<'_>) -> Option<Pair> {
    let mut fields = Fields::open(slot, "Pair(takeover: \"3s\")")?;
    let takeover = fields.required("takeover", "Vrrp(advert: \"1s\", priority: 128)", takeover);
    let coverage = fields.or("coverage", Probability::ONE, values::probability);
    let preempts = fields.or("preempt", true, values::flag);
    let delay = fields.optional("preempt_delay", values::duration);
    if !preempts && delay.is_some() {
        let expected = "left out where `preempt` is false".into();
        slot.findings.add(
            &ModelProblem::Distribution { name: "Pair", parameter: "preempt_delay", expected },
            fields.place("preempt_delay"),
        );
    }
    fields.finish();
    Some(Pair { takeover: takeover?, coverage, preempt_delay: preempts.then(|| delay.unwrap_or(Span::ZERO)) })
}

/// VRRP, a duration or a distribution.
fn takeover(slot: Slot<'_>) -> Option<Takeover> {
    match slot.group() {
        Some(Group { name: Some(word), .. }) if word.text == "Vrrp" => {
            let mut fields = Fields::of(slot, quoted(word.text))?;
            let advert = fields.or("advert", Span::from_secs(1), values::span(SHORTEST..=Span::LONGEST));
            let priority = fields.or("priority", PRIORITY, values::count(1..=255));
            fields.finish();
            Some(Takeover::Vrrp(Vrrp { advert, priority: u8::try_from(priority).ok()? }))
        }
        _ => span_or_distribution(slot).map(Takeover::After),
    }
}

/// The field `sites` of a class of clients.
pub(super) fn sites(slot: Slot<'_>) -> Option<WrittenSites> {
    let mut fields = Fields::open(slot, "Sites(balancers: [\"east\", \"west\"], ttl: \"60s\", detection: \"30s\")")?;
    let names = values::list("names of balancers", MOST_SITES, values::placed(values::name));
    let balancers = fields.required("balancers", "[\"east\", \"west\"]", names);
    let ttl = fields.required("ttl", "\"60s\"", values::positive_duration);
    let detection = fields.required("detection", "\"30s\"", values::duration);
    let resolvers = fields.or("resolvers", RESOLVERS, values::count(1..=MOST_RESOLVERS));
    let stale = fields.optional("stale", values::or_none(stale)).flatten();
    let needed = fields.optional("site_needed", values::placed(values::count(1..=MOST_SERVERS)));
    let needed = needed.unwrap_or_else(|| At::new(1, fields.head()));
    fields.finish();
    // Without names a mistake has been noted, and no balancer will be missed.
    let (balancers, ttl, detection) =
        (balancers.unwrap_or_default(), ttl.unwrap_or(Span::LONGEST), detection.unwrap_or_default());
    Some(WrittenSites { balancers, ttl, detection, resolvers, stale, needed })
}

fn stale(slot: Slot<'_>) -> Option<Stale> {
    let mut fields = Fields::open(slot, "Stale(share: \"10%\", ttl: \"30min\")")?;
    let share = fields.required("share", "\"10%\"", values::probability);
    let ttl = fields.required("ttl", "\"30min\"", values::positive_duration);
    fields.finish();
    Some(Stale { share: share?, ttl: ttl? })
}
