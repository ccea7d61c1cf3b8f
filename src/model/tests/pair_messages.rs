//! Balancers that fail and sites behind one name: bad files, and what good ones mean.

use super::messages::{Case, with};
use super::read_with;
use crate::faults::{BalancerFailures, Pair, Sites, Stale, Takeover, Vrrp};
use crate::model::{ChangeKind, ModelParts};
use crate::units::{BalancerId, Probability, Span};

fn balancer(fields: &str) -> String {
    with(&format!("balancer: (name: \"front\", {fields}),"))
}

/// A pool of three servers behind each of two balancers.
fn sites(fields: &str, script: &str) -> String {
    format!(
        "Model(
    clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"), {fields})],
    balancers: [(name: \"east\", pools: [\"e\"]), (name: \"west\", pools: [\"w\"])],
    servers: [Pool(name: \"e\", count: 3), Pool(name: \"w\", count: 3)],
    script: [{script}],
    run: Terminating(horizon: \"1h\"),
)"
    )
}

const BOTH: &str = "sites: Sites(balancers: [\"east\", \"west\"], ttl: \"60s\", detection: \"30s\")";

pub(super) fn messages() -> Vec<Case> {
    let times = "time_to_failure: Exponential(\"30d\"), time_to_repair: Exponential(\"1h\")";
    let named = |names: &str| sites(&format!("sites: Sites(balancers: [{names}], ttl: \"60s\", detection: \"30s\")"), "");
    vec![
        Case("failures of a balancer without times", balancer("failures: Failures()"), &[]),
        Case("a scope of one balancer", balancer(&format!("failures: Failures({times}, scope: Each)")), &[]),
        Case("a slow balancer", balancer(&format!("failures: Failures({times}, fault: Slow(factor: 3))")), &[]),
        Case(
            "a balancer that keeps its work",
            balancer(&format!("failures: Failures({times}, fault: Crash(work: Resumed))")),
            &[],
        ),
        Case("three crews for two units", balancer(&format!("failures: Failures({times}, crews: 3)")), &[]),
        Case("a pair without a takeover", balancer("pair: Pair(coverage: \"101%\")"), &[]),
        Case("a takeover that is none", balancer("pair: Pair(takeover: 3)"), &[]),
        Case("a priority of VRRP that is none", balancer("pair: Pair(takeover: Vrrp(advert: \"0s\", priority: 256))"), &[]),
        Case("a delay of nothing", balancer("pair: Pair(takeover: \"1s\", preempt: false, preempt_delay: \"1s\")"), &[]),
        Case("sites without names", sites("sites: Sites(balancers: [], stale: Stale(share: \"10%\"))", ""), &[]),
        Case("a site that does not exist", named("\"east\", \"wets\""), &[]),
        Case("a site twice", named("\"east\", \"west\", \"east\""), &[]),
        Case("sites and a balancer", sites(&format!("{BOTH}, balancer: \"east\""), ""), &[]),
        Case("more servers needed than a site has", sites(&BOTH.replace("30s\"", "30s\", site_needed: 4"), ""), &[]),
        Case("a site that nobody uses", named("\"east\""), &[]),
        Case("a balancer that is removed", sites(BOTH, "(at: \"1s\", remove: \"east\")"), &[]),
        Case("a balancer that is slow for a while", sites(BOTH, "(at: \"1s\", fail: \"east\", fault: Slow(factor: 2))"), &[]),
    ]
}

fn parts(text: &str) -> ModelParts {
    let checked = read_with(text, &[]).unwrap_or_else(|report| panic!("{report}"));
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    checked.model.parts().clone()
}

#[test]
fn every_field_of_a_pair_arrives() {
    let of = |fields: &str| parts(&balancer(fields)).balancers.swap_remove(0);
    let vrrp = of("pair: Pair(takeover: Vrrp(advert: \"100ms\", priority: 200), coverage: \"95%\", preempt_delay: \"1min\")");
    let expected = Pair {
        takeover: Takeover::Vrrp(Vrrp { advert: Span::from_nanos(100_000_000), priority: 200 }),
        coverage: Probability::new(0.95).unwrap(),
        preempt_delay: Some(Span::from_secs(60)),
    };
    assert_eq!((vrrp.pair, vrrp.failures), (Some(expected), None));
    let plain = of("pair: Pair(takeover: Vrrp())").pair.unwrap();
    assert_eq!(
        (plain.takeover, plain.coverage),
        (Takeover::Vrrp(Vrrp { advert: Span::from_secs(1), priority: 100 }), Probability::ONE)
    );
    assert_eq!(plain.preempt_delay, Some(Span::ZERO));
    let other = of("pair: (takeover: Exponential(\"10s\"), preempt: false),
        failures: (time_to_failure: Constant(\"1h\"), time_to_repair: Never, fault: Silence, crews: 1)");
    let pair = other.pair.unwrap();
    assert!(matches!(&pair.takeover, Takeover::After(time) if time.mean_secs() == 10.0));
    assert_eq!(pair.preempt_delay, None);
    let BalancerFailures { time_to_failure, time_to_repair, silent, crews } = other.failures.unwrap();
    assert_eq!((time_to_failure.mean_secs(), time_to_repair, silent, crews), (3600.0, None, true, Some(1)));
}

#[test]
fn every_field_of_sites_arrives() {
    let more = "resolvers: 50, stale: Stale(share: \"10%\", ttl: \"30min\"), site_needed: 2";
    let text = sites(&format!("sites: Sites(balancers: [\"west\", \"east\"], ttl: \"60s\", detection: \"30s\", {more})"), "");
    let class = parts(&text).classes.swap_remove(0);
    let stale = Some(Stale { share: Probability::new(0.1).unwrap(), ttl: Span::from_secs(1_800) });
    let (ttl, detection) = (Span::from_secs(60), Span::from_secs(30));
    let balancers = vec![BalancerId(1), BalancerId(0)];
    assert_eq!((class.balancer, class.balancers()), (BalancerId(1), &balancers[..]));
    assert_eq!(class.sites, Some(Sites { balancers, ttl, detection, resolvers: 50, stale, needed: 2 }));
}

#[test]
fn the_script_fails_and_repairs_balancers() {
    let parts = parts(&sites(BOTH, "(at: \"1s\", fail: [\"west\", \"e 2\"]), (at: \"2s\", repair: \"west\")"));
    let told: Vec<(usize, &[BalancerId])> =
        parts.script.iter().map(|change| (change.servers.len(), &change.balancers[..])).collect();
    assert_eq!(told, [(1, &[BalancerId(1)][..]), (0, &[BalancerId(1)])]);
    assert!(matches!(parts.script[0].kind, ChangeKind::Fail { .. }));
    assert!(parts.may_fail(BalancerId(1)) && !parts.may_fail(BalancerId(0)));
    // A pool of that name comes first.
    let text = balancer("").replace("front", "servers");
    let text = text.replace(
        "balancer:",
        "script: [(at: \"1s\", fail: \"servers\")], servers: [Pool(name: \"servers\")], run: Steady(length: \"1h\"), balancer:",
    );
    let change = self::parts(&text).script.swap_remove(0);
    assert_eq!((change.servers.len(), change.balancers.len()), (1, 0));
}
