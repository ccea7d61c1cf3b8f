//! The example that a message shows in place of what it found is right as it stands.

use super::messages::with;
use super::read_with;

/// Models with 7 where a structure belongs.
const MODELS: [&str; 19] = [
    "balancer: (hedge: 7)",
    "balancer: (timeouts: 7)",
    "balancer: (limits: 7)",
    "balancer: (pair: 7)",
    "balancer: (failures: 7)",
    "balancer: (outlier_detection: 7)",
    "balancer: (health: Checks(interval: \"1s\", timeout: \"1s\", rise: 2, fall: 3), observe: 7)",
    "servers: [Pool(failures: 7)]",
    "servers: [Pool(failures: Failures(time_to_failure: Exponential(\"1h\"), time_to_repair: Exponential(\"1h\"), flapping: 7))]",
    "servers: [Pool(spares: 7, count: 2)]",
    "servers: [Pool(overload: 7)]",
    "servers: [Pool(autoscaling: 7, count: 2)]",
    "servers: [Pool(maintenance: 7)]",
    "servers: [Pool(call: 7)], back_ends: [BackEnd(name: \"database\")]",
    "zones: [Zone(servers: [0], failures: 7)]",
    "clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"), throttle: 7)]",
    "clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"), sites: 7)], balancers: [(name: \"east\"), (name: \"west\")]",
    "clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"), sites: Sites(balancers: [\"east\", \"west\"], ttl: \"1s\", \
        detection: \"1s\", stale: 7))], balancers: [(name: \"east\"), (name: \"west\")]",
    "balancer: (product: Envoy, slow_start: 7)",
];

#[test]
fn examples_in_messages_are_right() {
    for fields in MODELS {
        let text = |fields: &str| if fields.contains("clients") { format!("Model({fields})") } else { with(fields) };
        let Err(report) = read_with(&text(fields), &[]) else { panic!("{fields} is taken") };
        let report = report.to_string();
        let (_, after) = report.split_once("such as `").unwrap_or_else(|| panic!("no example: {report}"));
        let (example, _) = after.split_once('`').unwrap();
        if let Err(report) = read_with(&text(&fields.replace('7', example)), &[]) {
            panic!("{report}");
        }
    }
}
