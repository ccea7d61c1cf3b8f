//! Strategies that meet the same customers: request by request, and replication by replication.

use super::models::{balanced, steady};
use lbsim::cluster::Cluster;
use lbsim::experiment::run;
use lbsim::model::Model;
use lbsim::observe::{Completed, Failed, Observer, Unfinished};
use lbsim::stats::paired_difference;
use std::collections::BTreeMap;

/// When each request was born and how long it stayed, by its number.
#[derive(Debug, Default)]
struct Stays(BTreeMap<u64, (u64, u64)>);

impl Observer for Stays {
    fn completed(&mut self, fact: &Completed) {
        self.0.insert(fact.number, (fact.birth.as_nanos(), (fact.end - fact.birth).as_nanos()));
    }

    fn failed(&mut self, fact: &Failed) {
        panic!("{fact:?}");
    }

    fn unfinished(&mut self, _: &Unfinished) {}
}

fn stays(id: &str, balancer: &str) -> BTreeMap<u64, (u64, u64)> {
    let model = steady(&balanced(id, balancer), 7, 20_000.0, 1);
    let mut cluster = Cluster::new(&model, 0, Stays::default());
    cluster.run_until(model.parts().run.ends_at());
    cluster.finish_replication().0
}

const CENTRAL: &str = r#"{"policy": "central_queue"}"#;
const LEAST_WORK: &str = r#"{"policy": "least_work_left"}"#;
const ROUND_ROBIN: &str = r#"{"policy": "round_robin"}"#;

/// With equal service times the server whose turn it is, the one with least work and the one that is free first are as good
/// as each other (notes of case L09): four servers at rho 0.9, and not one nanosecond's difference in 72,000 stays.
#[test]
fn under_constant_service_three_strategies_agree_request_by_request() {
    let central = stays("L09", CENTRAL);
    assert!(central.len() > 70_000);
    assert!(central.values().any(|&(_, stay)| stay > 4_000_000_000), "some of them waited");
    assert!(central == stays("L09", ROUND_ROBIN), "round robin");
    assert!(central == stays("L09", LEAST_WORK), "least work left");
}

/// Whatever the service times: who goes where least work is begins when the central queue would let it (Kiefer and Wolfowitz
/// 1955; notes of case L32).
#[test]
fn least_work_left_is_the_central_queue_request_by_request() {
    let central = stays("L32", CENTRAL);
    assert!(central.len() > 30_000);
    assert!(central == stays("L32", LEAST_WORK));
}

/// The mean sojourn time of each of 20 replications.
fn means(balancer: &str) -> Vec<f64> {
    let model: Model = steady(&balanced("L32", balancer), 1, 20_000.0, 20);
    let mut means = Vec::new();
    run(&model, 0..20, |record| means.push(record.total().sojourn.mean().expect("requests") * 1e-9));
    means
}

/// The order of the notes of case L32, on the same customers: the paired interval of 95 % of each difference lies below 0.
#[test]
fn strategies_rank_as_theory_says() {
    let policies = [
        ("central queue", CENTRAL),
        ("join the shortest queue", r#"{"policy": "jsq"}"#),
        ("power of two", r#"{"policy": "power_of_d", "d": 2}"#),
        ("random", r#"{"policy": "random"}"#),
        ("round robin", ROUND_ROBIN),
    ];
    let means = policies.map(|(_, policy)| means(policy));
    for (better, worse) in [(0, 1), (1, 2), (2, 3), (1, 4), (4, 3)] {
        let difference = paired_difference(&means[better], &means[worse], 0.95).expect("20 pairs").interval;
        assert!(difference.upper() < 0.0, "{} and {}: {difference:?}", policies[better].0, policies[worse].0);
    }
}
