//! Families Q and L: closed forms, to 1e-8.

use crate::case::Case;
use lbsim::theory::{Closed, Gim1, Loss, Mg1, Mm1, Mmc, PowerOfD, ProcessorSharing, erlang_b};

const TOLERANCE: f64 = 1e-8;
const RATE: &str = "/arrivals/rate";
const MEAN: &str = "/servers/0/service/mean";
const SERVERS: &str = "/servers/0/count";
const SLOTS: &str = "/servers/0/slots";

fn service_rate(case: &Case) -> f64 {
    case.number("/servers/0/speed") / case.number(MEAN)
}

fn quantiles(of: impl Fn(f64) -> f64) -> [(&'static str, f64); 3] {
    [("response_p50", of(0.5)), ("response_p95", of(0.95)), ("response_p99", of(0.99))]
}

#[test]
fn q01_and_q02_single_queue() {
    for id in ["Q01", "Q02"] {
        let case = Case::named(id);
        let queue = Mm1::new(case.number(RATE), service_rate(&case)).unwrap();
        let mut computed = vec![
            ("mean_response", queue.mean_response()),
            ("std_response", queue.std_response()),
            ("mean_wait", queue.mean_wait()),
            ("p_wait", queue.utilization()),
            ("idle_prob", queue.idle_prob()),
            ("utilization", queue.utilization()),
            ("mean_in_system", queue.mean_in_system()),
            ("mean_in_queue", queue.mean_in_queue()),
        ];
        computed.extend(quantiles(|p| queue.response_quantile(p)));
        case.check(TOLERANCE, &[], &computed);
    }
}

/// Uniform random choice splits the Poisson stream: every server is a single queue of its own.
#[test]
fn l01_random_choice() {
    let case = Case::named("L01");
    let servers = case.number(SERVERS);
    let queue = Mm1::new(case.number(RATE) / servers, service_rate(&case)).unwrap();
    let mut computed = vec![
        ("mean_response", queue.mean_response()),
        ("std_response", queue.std_response()),
        ("mean_wait", queue.mean_wait()),
        ("p_wait", queue.utilization()),
        ("utilization", queue.utilization()),
        ("mean_in_system", servers * queue.mean_in_system()),
    ];
    computed.extend(quantiles(|p| queue.response_quantile(p)));
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn q04_q05_and_l32_central_queue() {
    for (id, servers) in [("Q04", SLOTS), ("Q05", SLOTS), ("L32", SERVERS)] {
        let case = Case::named(id);
        let queue = Mmc::new(case.number(RATE), service_rate(&case), case.integer(servers)).unwrap();
        let mut computed = vec![
            ("mean_response", queue.mean_response()),
            ("mean_wait", queue.mean_wait()),
            ("p_wait", queue.p_wait()),
            ("utilization", queue.utilization()),
            ("mean_in_queue", queue.mean_in_queue()),
            ("mean_in_system", queue.mean_in_system()),
        ];
        computed.extend(quantiles(|p| queue.response_quantile(p)));
        case.check(TOLERANCE, &[], &computed);
    }
}

#[test]
fn q07_loss() {
    let case = Case::named("Q07");
    let (slots, room) = (case.integer(SLOTS), case.integer("/servers/0/capacity"));
    let queue = Loss::new(case.number(RATE), service_rate(&case), slots, room).unwrap();
    let computed = [
        ("rejected_fraction", queue.rejected_fraction()),
        ("throughput", queue.throughput()),
        ("mean_response", queue.mean_response()),
        ("utilization", queue.utilization()),
    ];
    case.check(TOLERANCE, &[], &computed);
    let left_out = ["throughput", "mean_response", "utilization"];
    case.check(TOLERANCE, &left_out, &[("rejected_fraction", erlang_b(slots, case.number(RATE) / service_rate(&case)))]);
}

#[test]
fn q09_limited_room() {
    let case = Case::named("Q09");
    let (slots, room) = (case.integer(SLOTS), case.integer("/servers/0/capacity"));
    let queue = Loss::new(case.number(RATE), service_rate(&case), slots, room).unwrap();
    let computed = [
        ("rejected_fraction", queue.rejected_fraction()),
        ("throughput", queue.throughput()),
        ("mean_response", queue.mean_response()),
        ("mean_wait", queue.mean_wait()),
        ("utilization", queue.utilization()),
        ("mean_in_system", queue.mean_in_system()),
        ("idle_prob", queue.idle_prob()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

/// The first three moments of the service time of a case.
fn moments(case: &Case, id: &str) -> (f64, f64, f64) {
    match id {
        "Q11" => {
            let value = case.number("/servers/0/service/value");
            (value, value * value, value * value * value)
        }
        "Q12" => {
            let (probs, means) = (case.list("/servers/0/service/probs"), case.list("/servers/0/service/means"));
            let raw = |k: i32, factorial: f64| probs.iter().zip(&means).map(|(p, m)| p * factorial * m.powi(k)).sum();
            (raw(1, 1.0), raw(2, 2.0), raw(3, 6.0))
        }
        _ => {
            let (shape, scale) = (case.number("/servers/0/service/shape"), case.number("/servers/0/service/scale"));
            let raw = |k: i32| shape * scale.powi(k) / (shape - f64::from(k));
            (raw(1), raw(2), raw(3))
        }
    }
}

#[test]
fn q11_q12_and_q15_general_service() {
    for id in ["Q11", "Q12", "Q15"] {
        let case = Case::named(id);
        let (mean, second, third) = moments(&case, id);
        let queue = Mg1::new(case.number(RATE), mean, second / (mean * mean) - 1.0).unwrap();
        let computed = [
            ("mean_response", queue.mean_response()),
            ("mean_wait", queue.mean_wait()),
            ("utilization", queue.utilization()),
            ("p_wait", queue.utilization()),
            ("idle_prob", queue.idle_prob()),
            ("mean_in_queue", queue.mean_in_queue()),
            ("mean_in_system", queue.mean_in_system()),
            ("std_response", queue.std_response(third)),
        ];
        case.check(TOLERANCE, &["response_p50", "response_p95", "response_p99"], &computed);
    }
}

#[test]
fn q18_processor_sharing() {
    let case = Case::named("Q18");
    let server = ProcessorSharing::new(case.number(RATE), case.number(MEAN)).unwrap();
    let computed = [
        ("mean_response", server.mean_response()),
        ("mean_slowdown", server.mean_slowdown()),
        ("mean_in_system", server.mean_in_system()),
        ("idle_prob", server.idle_prob()),
        ("utilization", server.utilization()),
        ("std_response", server.std_response_exponential()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn q28_equal_distances() {
    let case = Case::named("Q28");
    let queue = Gim1::deterministic_arrivals(1.0 / case.number("/arrivals/interarrival/value"), service_rate(&case)).unwrap();
    let mut computed = renewal(&queue);
    computed.push(("utilization", queue.utilization()));
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn l06_and_l07_round_robin() {
    for id in ["L06", "L07"] {
        let case = Case::named(id);
        let servers = case.integer(SERVERS);
        let queue = Gim1::round_robin(case.number(RATE), servers, service_rate(&case)).unwrap();
        let mut computed = renewal(&queue);
        computed.push(("mean_in_system", f64::from(servers) * queue.mean_in_system()));
        case.check(TOLERANCE, &[], &computed);
    }
}

fn renewal(queue: &Gim1) -> Vec<(&'static str, f64)> {
    let mut computed = vec![
        ("sigma", queue.sigma()),
        ("mean_response", queue.mean_response()),
        ("mean_wait", queue.mean_wait()),
        ("p_wait", queue.sigma()),
        ("std_response", queue.std_response()),
    ];
    computed.extend(quantiles(|p| queue.response_quantile(p)));
    computed
}

#[test]
fn q31_closed_users() {
    let case = Case::named("Q31");
    let (users, think) = (case.integer("/arrivals/users"), case.number("/arrivals/think/mean"));
    let office = Closed::new(users, think, 1.0 / service_rate(&case), case.integer(SLOTS)).unwrap();
    let computed = [
        ("throughput", office.throughput()),
        ("mean_response", office.mean_response()),
        ("utilization", office.utilization()),
        ("mean_in_system", office.mean_in_system()),
        ("p_wait", office.p_wait()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn l27_two_choices() {
    let case = Case::named("L27");
    let per_server = case.number(RATE) / case.number(SERVERS);
    let limit = PowerOfD::new(per_server, case.number(MEAN), case.integer("/balancer/d")).unwrap();
    let computed = [
        ("mean_response", limit.mean_response()),
        ("mean_in_system_per_server", limit.mean_in_system_per_server()),
        ("fraction_servers_ge_1", limit.fraction_servers_ge(1)),
        ("fraction_servers_ge_2", limit.fraction_servers_ge(2)),
        ("fraction_servers_ge_3", limit.fraction_servers_ge(3)),
    ];
    case.check(TOLERANCE, &[], &computed);
}
