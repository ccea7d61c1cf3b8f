//! Cookies of visitors, which lie with them, against what was measured at the real load balancers: four servers of eight workers, 200 sessions that
//! begin within 6 s, ten requests each, thoughts of 4 s; 40 ms where a server meets a session for the first time, else 10 ms. In a crash the
//! first server refuses connections from 10 s to 18 s, and forgets. Measured was three times; a simulated mean over 60 replications must lie
//! between the least and the greatest of the three, widened by 1 %, which is as much as one replication of 200 sessions varies by. All else that was
//! measured of persistence, `lbsim validate` compares, with sessions that are no visitors.

use lbsim::experiment::replicate;
use lbsim::model::{Model, NoFiles, Source, read};
use lbsim::observe::Record;

const CHECKS: &str = "health: Checks(interval: \"500ms\", timeout: \"500ms\", fall: 2, rise: 2)";
const HAPROXY: &str = "product: HAProxy, retries: Retries(most: 3, to: Redispatch), timeouts: Timeouts(connect: \"1s\")";
const ENVOY: &str = "product: Envoy, retries: Retries(most: 3)";

fn model(balancer: &str, crashes: bool) -> Model {
    let script = if crashes { "(at: \"10s\", fail: 0, lasting: \"8s\")" } else { "" };
    let text = format!(
        "Model(
            clients: [Visitors(users: 200, first: Uniform(low: \"0s\", high: \"6s\"), away: None, requests: 10,
                think_time: Exponential(mean: \"4s\"), demand: Constant(\"10ms\"))],
            balancer: ({balancer}, persistence: Cookie, {CHECKS}),
            servers: [Pool(count: 4, workers: 8, cache: Cache(of: Session, miss: Constant(\"30ms\")))],
            script: [{script}],
            run: Terminating(horizon: \"5min\", replications: 60),
        )"
    );
    match read(Source { name: "measured.ron", text: &text }, &[], &NoFiles) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}"),
    }
}

/// Hit ratio and servers a session, averaged over the replications.
fn simulated(balancer: &str, crashes: bool) -> [f64; 2] {
    let model = model(balancer, crashes);
    let of = |record: &Record| {
        let total = record.total();
        let hits = total.hits.count() as f64 / (total.hits.count() + total.misses.count()) as f64;
        [hits, total.sessions.servers as f64 / total.sessions.ended as f64]
    };
    let records: Vec<[f64; 2]> = (0..60).map(|replication| of(&replicate(&model, replication))).collect();
    [0, 1].map(|figure| records.iter().map(|record| record[figure]).sum::<f64>() / 60.0)
}

/// Who was on the server that crashed, moves once and stays.
#[test]
fn by_cookie_visitors_move_once() {
    for (balancer, crashes, measured) in [
        (HAPROXY, false, [(0.9, 0.9), (1.0, 1.0)]),
        (HAPROXY, true, [(0.8749, 0.875), (1.225, 1.23)]),
        (ENVOY, true, [(0.8749, 0.875), (1.225, 1.235)]),
    ] {
        for (found, (low, high)) in simulated(balancer, crashes).into_iter().zip(measured) {
            assert!(
                (0.99 * low..=1.01 * high).contains(&found),
                "{balancer}, crash {crashes}: {found} is not in {low} to {high}"
            );
        }
    }
}
