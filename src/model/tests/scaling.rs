//! Pools that scale, as files say it.

use super::messages::{Case, with};
use super::read_with;
use crate::model::PoolSpec;
use crate::recovery::ScalingTarget;
use crate::units::Span;

fn pool(fields: &str) -> String {
    with(&format!("servers: [Pool(name: \"web\", count: 3, {fields})],\n    run: Steady(length: \"1h\"),"))
}

fn read(fields: &str) -> PoolSpec {
    let checked = read_with(&pool(fields), &[]).unwrap_or_else(|report| panic!("{report}"));
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    checked.model.parts().pools[0].clone()
}

#[test]
fn a_pool_that_scales_has_the_defaults_of_kubernetes() {
    let pool = read("autoscaling: Autoscaling(most: 8, target: Utilization(\"60%\"), provisioning: \"2min\")");
    let scaling = pool.scaling.unwrap();
    assert_eq!((pool.count, scaling.least, scaling.begin, scaling.most), (8, 1, 3, 8));
    assert_eq!((scaling.target, scaling.tolerance), (ScalingTarget::Utilization(0.6), 0.1));
    let secs = [scaling.interval, scaling.cooldown_out, scaling.cooldown_in].map(Span::as_secs);
    assert_eq!((secs, scaling.provisioning.to_string().as_str()), ([15.0, 0.0, 300.0], "constant 2 min"));
    assert_eq!(read("autoscaling: None").scaling, None);
}

#[test]
fn every_field_arrives() {
    let scaling = read(
        "autoscaling: (least: 2, most: 10, target: InSystem(2.5), interval: \"30s\", provisioning: Exponential(\"90s\"), \
        cooldown_out: \"1min\", cooldown_in: \"10min\", tolerance: \"5%\")",
    );
    let scaling = scaling.scaling.unwrap();
    assert_eq!((scaling.least, scaling.target, scaling.tolerance), (2, ScalingTarget::InSystem(2.5), 0.05));
    let secs = [scaling.interval, scaling.cooldown_out, scaling.cooldown_in].map(Span::as_secs);
    assert_eq!((secs, scaling.provisioning.mean_secs()), ([30.0, 60.0, 600.0], 90.0));
}

/// Servers that a pool may have are there to be named, and carry the load that the warning looks at.
#[test]
fn the_most_servers_count() {
    let text = pool("autoscaling: (most: 8, target: InSystem(2), provisioning: \"1s\")")
        .replace("1/s", "750/s")
        .replace("run:", "script: [(at: \"1s\", remove: \"web 8\")], needed: 8, run:");
    let checked = read_with(&text, &[]).unwrap_or_else(|report| panic!("{report}"));
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
}

pub(super) fn messages() -> Vec<Case> {
    let scaling = |fields: &str| pool(&format!("autoscaling: Autoscaling({fields})"));
    let plain = |fields: &str| scaling(&format!("target: InSystem(2), provisioning: \"1min\", {fields}"));
    vec![
        Case("autoscaling without what it needs", scaling(""), &[]),
        Case("autoscaling in words", pool("autoscaling: \"60%\""), &[]),
        Case("an unknown field of autoscaling", plain("most: 9, max: 9"), &[]),
        Case("a target that is none", scaling("most: 9, target: \"60%\", provisioning: \"1min\""), &[]),
        Case("an unknown target", scaling("most: 9, target: Busy(0.6), provisioning: \"1min\""), &[]),
        Case("too much of a target", scaling("most: 9, target: Utilization(\"130%\"), provisioning: \"1min\""), &[]),
        Case("nothing of a target", scaling("most: 9, target: Utilization(0), provisioning: \"1min\""), &[]),
        Case("nobody at a server", scaling("most: 9, target: InSystem(0), provisioning: \"1min\""), &[]),
        Case("more servers than the most", plain("most: 2"), &[]),
        Case("fewer servers than the least", plain("least: 4, most: 9"), &[]),
        Case("least above most", plain("least: 9, most: 4"), &[]),
        Case("a look all the time", plain("most: 9, interval: \"1us\""), &[]),
        Case(
            "spares that scale",
            pool("spares: (start_up: \"1s\"), autoscaling: (most: 9, target: InSystem(2), provisioning: \"1s\")"),
            &[],
        ),
        Case("more work than the most servers can do", plain("most: 9").replace("1/s", "950/s"), &[]),
        Case(
            "a back end that scales",
            with("servers: [Pool(call: (demand: Constant(\"1ms\")))],\n    back_ends: [(name: \"db\", autoscaling: None)],"),
            &[],
        ),
    ]
}
