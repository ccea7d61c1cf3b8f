//! How balancers find out: good files and what they mean, and bad files.

use super::messages::{Case, with};
use super::read_with;
use crate::balancing::Product;
use crate::health::{CheckSpec, ErrorAction, Health, Healthy, Knowledge, ObserveSpec, OutlierSpec, PanicSpec, Phase};
use crate::units::{Probability, Span};

fn balancer(fields: &str) -> String {
    with(&format!("balancer: ({fields}), servers: [Pool(count: 4)],"))
}

fn health_of(fields: &str) -> Health {
    match read_with(&balancer(fields), &[]) {
        Ok(checked) => {
            assert!(checked.warnings.is_empty(), "{}", checked.warnings);
            checked.model.parts().balancers[0].health.clone()
        }
        Err(report) => panic!("{report}"),
    }
}

fn fraction(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn every(secs: u64, timeout_secs: u64) -> CheckSpec {
    CheckSpec {
        interval: Span::from_secs(secs),
        transition_interval: None,
        down_interval: None,
        timeout: Span::from_secs(timeout_secs),
        rise: 2,
        fall: 3,
        error_is_final: false,
        phase: Phase::Random,
        healthy: Healthy::Answers,
    }
}

/// Envoy's defaults.
fn outliers() -> OutlierSpec {
    OutlierSpec {
        consecutive_errors: 5,
        interval: Span::from_secs(10),
        base_ejection: Span::from_secs(30),
        most_ejection: Span::from_secs(300),
        most_ejected: fraction(0.1),
        always_one: false,
        success_rate: Some(1.9),
        failure_fraction: None,
        least_servers: 5,
        least_requests: 100,
    }
}

#[test]
fn a_balancer_knows_nothing_unless_it_is_told() {
    for fields in ["", "health: Nothing", "product: HAProxy", "product: Envoy", "outlier_detection: None, panic: None"] {
        assert_eq!(health_of(fields), Health::default(), "{fields}");
    }
    let perfect = Health { knowledge: Knowledge::Perfect, ..Health::default() };
    assert_eq!(health_of("health: Perfect"), perfect);
    assert_eq!(health_of("product: Nginx, health: Perfect()"), perfect);
    let panic = Some(PanicSpec { threshold: fraction(0.3) });
    assert_eq!(health_of("health: Perfect, panic: 0.3"), Health { panic, ..perfect });
}

#[test]
fn checks_are_as_in_the_product() {
    let checks = |fields: &str| health_of(fields).checks.unwrap();
    assert_eq!(checks("health: Checks"), every(2, 1));
    let haproxy = CheckSpec { phase: Phase::Spread, ..every(2, 2) };
    assert_eq!(checks("product: HAProxy, health: Checks()"), haproxy);
    let haproxy = CheckSpec { phase: Phase::Spread, ..every(1, 1) };
    assert_eq!(checks("product: HAProxy, health: Checks(interval: \"1s\")"), haproxy);
    let envoy = CheckSpec { phase: Phase::Common, error_is_final: true, ..every(5, 1) };
    let written = "health: Checks(interval: \"5s\", timeout: \"1s\", rise: 2, fall: 3)";
    assert_eq!(
        health_of(&format!("product: Envoy, {written}")),
        Health {
            checks: Some(envoy),
            panic: Some(PanicSpec { threshold: fraction(0.5) }),
            merge_window: Span::from_secs(1),
            ..Health::default()
        }
    );
    assert_eq!(health_of(written), Health { checks: Some(every(5, 1)), ..Health::default() });
}

#[test]
fn every_field_of_checks_and_observation_arrives() {
    let health = health_of(
        "health: Checks(interval: \"3s\", timeout: \"0s\", rise: 4, fall: 5, transition_interval: \"1s\", down_interval: \"9s\", \
         phase: Common), observe: Observe(answers: false, error_limit: 7, action: MarkDown), panic: \"25%\", merge_window: \"2s\"",
    );
    let checks = CheckSpec {
        transition_interval: Some(Span::from_secs(1)),
        down_interval: Some(Span::from_secs(9)),
        rise: 4,
        fall: 5,
        phase: Phase::Common,
        ..every(3, 0)
    };
    assert_eq!(
        health,
        Health {
            checks: Some(checks),
            observe: Some(ObserveSpec { answers: false, error_limit: 7, action: ErrorAction::MarkDown }),
            panic: Some(PanicSpec { threshold: fraction(0.25) }),
            merge_window: Span::from_secs(2),
            ..Health::default()
        }
    );
    let default = health_of("product: HAProxy, health: Checks, observe: Observe()").observe;
    assert_eq!(default, Some(ObserveSpec { answers: true, error_limit: 10, action: ErrorAction::FailCheck }));
}

#[test]
fn every_field_of_outlier_detection_arrives() {
    let plain = Health { outliers: Some(outliers()), ..Health::default() };
    assert_eq!(health_of("outlier_detection: Outliers()"), plain);
    let envoy = health_of("product: Envoy, outlier_detection: Outliers(), panic: None, merge_window: \"0s\"");
    assert_eq!(envoy, plain);
    let health = health_of(
        "product: Envoy, outlier_detection: Outliers(consecutive_errors: 0, interval: \"1s\", base_ejection: \"400s\", \
         most_ejected: \"50%\", always_one: true, success_rate: None, failure_fraction: \"85%\", least_servers: 3, \
         least_requests: 50)",
    );
    let written = OutlierSpec {
        consecutive_errors: 0,
        interval: Span::from_secs(1),
        base_ejection: Span::from_secs(400),
        // At least the base.
        most_ejection: Span::from_secs(400),
        most_ejected: fraction(0.5),
        always_one: true,
        success_rate: None,
        failure_fraction: Some(fraction(0.85)),
        least_servers: 3,
        least_requests: 50,
    };
    assert_eq!(health.outliers, Some(written));
    assert_eq!(health.panic, Some(PanicSpec { threshold: fraction(0.5) }));
    assert_eq!(health.merge_window, Span::from_secs(1));
}

#[test]
fn backups_are_the_second_level() {
    let text = |product: &str| {
        with(&format!("balancer: ({product}), servers: [Pool(), Pool(backup: true), Pool(backup: false), Pool(priority: 1)],"))
    };
    for product in ["", "product: Nginx", "product: HAProxy"] {
        let checked = read_with(&text(product), &[]).unwrap();
        let levels: Vec<u32> = checked.model.parts().pools.iter().map(|pool| pool.priority).collect();
        assert_eq!(levels, [0, 1, 0, 1]);
    }
}

#[test]
fn every_product_refuses_what_it_lacks() {
    let fields = [
        ("health: Checks(interval: \"1s\", timeout: \"1s\", rise: 1, fall: 1)", vec![Product::HAProxy, Product::Envoy]),
        ("health: Checks(interval: \"1s\", timeout: \"1s\", rise: 1, fall: 1), observe: Observe()", vec![Product::HAProxy]),
        ("outlier_detection: Outliers()", vec![Product::Envoy]),
        ("health: Perfect, panic: \"20%\"", vec![Product::Envoy]),
        ("outlier_detection: Outliers(), merge_window: \"3s\"", vec![Product::Envoy]),
    ];
    for (fields, having) in fields {
        assert!(read_with(&balancer(fields), &[]).is_ok(), "{fields}");
        for product in Product::ALL {
            let read = read_with(&balancer(&format!("product: {}, {fields}", product.name())), &[]);
            assert_eq!(read.is_ok(), having.contains(&product), "{product}: {fields}");
            if let Err(report) = read {
                assert!(report.diagnostics().iter().all(|diagnostic| diagnostic.kind() == "NotInProduct"), "{report}");
            }
        }
    }
}

pub(super) fn messages() -> Vec<Case> {
    let case = |what: &'static str, fields: &str| Case(what, balancer(fields), &[]);
    vec![
        case("no way to know", "health: \"Perfect\""),
        case("an unknown way to know", "health: Check(interval: \"1s\")"),
        case("fields of perfect knowledge", "health: Perfect(interval: \"1s\")"),
        case(
            "bad checks",
            "health: Checks(interval: \"0s\", timeout: 1, rise: 0, fall: 1.5, transition_interval: 1, phase: Randm, inter: 2)",
        ),
        case("checks of Envoy without their fields", "product: Envoy, health: Checks()"),
        case("checks in nginx", "product: Nginx, health: Checks()"),
        case("an observation of nothing", "health: Checks(), observe: Observe(answers: 1, error_limit: 0, action: Fail)"),
        case("an observation without checks", "product: HAProxy, observe: Observe()"),
        case("an observation in Envoy", "product: Envoy, observe: Observe()"),
        case("an observation in nginx", "product: Nginx, observe: Observe()"),
        case(
            "bad outlier detection",
            "outlier_detection: Outliers(interval: \"0s\", base_ejection: \"30s\", most_ejection: \"10s\", most_ejected: \"110%\", \
             success_rate: -1, failure_fraction: 85)",
        ),
        case("outlier detection in HAProxy", "product: HAProxy, outlier_detection: Outliers()"),
        case("outlier detection in nginx", "product: Nginx, outlier_detection: Outliers()"),
        case("a panic threshold in HAProxy", "product: HAProxy, health: Checks(), panic: \"50%\""),
        case("a panic threshold that is none", "health: Checks(), panic: 50"),
        case("news that is merged in nginx", "product: Nginx, merge_window: \"1s\""),
        case("nothing that could panic or be merged", "panic: \"50%\", merge_window: \"1s\""),
        case(
            "perfect knowledge and more",
            "health: Perfect, observe: Observe(), outlier_detection: Outliers(), merge_window: \"1s\", panic: \"50%\"",
        ),
        Case("a backup with a priority", with("servers: [Pool(), Pool(priority: 2, backup: true)],"), &[]),
        Case("a bad priority", with("servers: [Pool(priority: 128), Pool(backup: 1)],"), &[]),
        Case("three levels in HAProxy", with("balancer: (product: HAProxy), servers: [Pool(), Pool(priority: 2)],"), &[]),
    ]
}
