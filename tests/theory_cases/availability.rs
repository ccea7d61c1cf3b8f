//! Family A: failure, repair and detection, to 1e-9.

use crate::case::Case;
use lbsim::theory::{
    Breakdowns, CheckedServers, Crashes, DeadServers, Detection, FailoverPair, IntervalAvailability, Redundancy,
    RepairableSystem, availability_of, in_parallel, in_series, interrupted_session, k_of_n, mean_time_without_repair,
};

const TOLERANCE: f64 = 1e-9;
const RATE: &str = "/arrivals/rate";
const SERVERS: &str = "/servers/0/count";
const UP: &str = "/failures/time_to_failure/mean";
const DOWN: &str = "/failures/time_to_repair/mean";

#[test]
fn a01_and_a02_alternating_renewal() {
    let case = Case::named("A01");
    let (up, down) = (case.number(UP), case.number(DOWN));
    let computed = [
        ("availability", availability_of(up, down)),
        ("rejected_fraction", 1.0 - availability_of(up, down)),
        ("failures_per_second", availability_of(up, down) / up),
        ("mean_outage", down),
        ("mean_time_between_failures", up + down),
    ];
    case.check(TOLERANCE, &[], &computed);
    let case = Case::named("A02");
    // The mean of a Weibull distribution of shape 2 is scale * Gamma(3/2).
    assert_eq!(case.number("/failures/time_to_failure/shape"), 2.0);
    let up = case.number("/failures/time_to_failure/scale") * std::f64::consts::PI.sqrt() / 2.0;
    let availability = availability_of(up, case.number(DOWN));
    case.check(TOLERANCE, &[], &[("availability", availability), ("failures_per_second", availability / up)]);
}

fn figures(system: &RepairableSystem) -> Vec<(&'static str, f64)> {
    vec![
        ("availability", system.availability()),
        ("system_failure_rate", system.outages_per_sec()),
        ("mean_time_to_system_failure", system.mean_time_to_first_outage()),
        ("mean_system_outage", system.mean_outage()),
    ]
}

#[test]
fn a03_a04_and_a17_redundancy() {
    for id in ["A03", "A04"] {
        let case = Case::named(id);
        let units = Redundancy {
            units: case.integer("/components/count"),
            needed: case.integer("/components/needed"),
            failure_rate: 1.0 / case.number("/components/time_to_failure/mean"),
            shock_rate: 0.0,
            repair_rate: 1.0 / case.number("/components/time_to_repair/mean"),
            crews: (id == "A04").then(|| case.integer("/components/crews")),
            fail_while_down: true,
        };
        let system = units.system().unwrap();
        let mut computed = figures(&system);
        computed.extend([("mean_up", units.mean_up(&system)), ("mean_system_uptime", system.mean_uptime())]);
        case.check(TOLERANCE, &[], &computed);
    }
    let case = Case::named("A17");
    let units = Redundancy {
        units: case.integer("/components/count"),
        needed: case.integer("/components/needed"),
        failure_rate: case.number("/components/failure_rate_each"),
        shock_rate: 0.0,
        repair_rate: case.number("/components/repair_rate_each"),
        crews: None,
        fail_while_down: true,
    };
    // The notes of the case say what the same units give without a common cause.
    assert!((units.system().unwrap().availability() - 0.997_732_426).abs() < 1e-9);
    let units = units.with_beta(case.number("/components/beta"));
    let system = units.system().unwrap();
    let mut computed = figures(&system);
    computed.push(("mean_up", units.mean_up(&system)));
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a07_without_repair() {
    let case = Case::named("A07");
    let (needed, units) = (case.integer("/components/needed"), case.integer("/components/count"));
    let mean = case.number("/components/time_to_failure/mean");
    let computed = [
        ("mean_time_to_system_failure", mean_time_without_repair(needed, units, 1.0 / mean)),
        ("reliability_at_500s", k_of_n(needed, units, (-500.0 / mean).exp())),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a08_interval_availability() {
    let case = Case::named("A08");
    let rate = |field: &str| 1.0 / case.number(&format!("/components/{field}/mean"));
    let server = IntervalAvailability::new(rate("time_to_failure"), rate("time_to_repair"), case.number("/horizon")).unwrap();
    let computed = [
        ("mean_interval_availability", server.mean()),
        ("std_interval_availability", server.std()),
        ("p_no_downtime", server.p_no_downtime()),
        ("p_downtime_at_most_x", server.p_downtime_at_most(case.number("/x"))),
        ("interval_availability_p05", server.quantile(0.05)),
        ("p_up_at_end", server.p_up_at_end()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a10_active_and_passive() {
    let case = Case::named("A10");
    let pair = FailoverPair {
        failure_rate: case.number("/pair/failure_rate_each"),
        beta: case.number("/pair/common_cause_fraction_beta"),
        repair_rate: case.number("/pair/repair_rate"),
        crews: case.integer("/pair/repair_crews"),
        failover_rate: case.number("/pair/failover_rate"),
        coverage: case.number("/pair/coverage"),
    };
    let system = pair.system().unwrap();
    let computed = [
        ("availability", system.availability()),
        ("mean_time_to_first_outage", system.mean_time_to_first_outage()),
        ("outages_per_second", system.outages_per_sec()),
        ("mean_outage", system.mean_outage()),
    ];
    case.check(TOLERANCE, &["state_probabilities"], &computed);
    case.check_list(TOLERANCE, "state_probabilities", system.probabilities());
}

fn check(case: &Case, number: &str) -> f64 {
    case.number(&format!("/health_check/{number}"))
}

fn detection(case: &Case) -> Detection {
    Detection {
        period: check(case, "period"),
        timeout: check(case, "timeout"),
        fall: case.integer("/health_check/fall"),
        from_end: false,
    }
}

#[test]
fn a12_one_crash_under_checks() {
    let case = Case::named("A12");
    let checks = detection(&case);
    let to_one = case.number(RATE) / case.number(SERVERS);
    let failed = to_one * checks.mean_delay();
    let computed = [
        ("mean_detection_delay", checks.mean_delay()),
        ("min_detection_delay", checks.least_delay()),
        ("max_detection_delay", checks.greatest_delay()),
        ("std_detection_delay", checks.std_delay()),
        ("mean_failed_requests", failed),
        ("error_fraction_over_window", failed / (case.number(RATE) * case.number("/window"))),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a14_errors_under_checks_in_the_long_run() {
    let case = Case::named("A14");
    let counts = (case.integer("/health_check/fall"), case.integer("/health_check/rise"));
    let (up, down) = (case.number(UP), case.number(DOWN));
    let servers = CheckedServers::new(case.integer(SERVERS), up, down, check(&case, "period"), counts).unwrap();
    let (outlasts, delay) = detection(&case).outlasted(down);
    let computed = [
        ("fraction_time_in_rotation_and_down", servers.in_and_down()),
        ("fraction_time_out_of_rotation", servers.out()),
        ("fraction_time_out_of_rotation_but_up", servers.out_and_up()),
        ("error_fraction", servers.error_fraction()),
        ("server_availability", servers.availability()),
        ("prob_outage_outlasts_detection", outlasts),
        ("mean_detection_delay_given_ejected", delay),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a16_dead_servers_and_retries() {
    let case = Case::named("A16");
    let tries = |retries, distinct| DeadServers { servers: case.integer(SERVERS), dead: 2, retries, distinct };
    let computed = [
        ("error_fraction_no_retry", tries(0, true).error_fraction()),
        ("error_fraction_1_retry_distinct", tries(1, true).error_fraction()),
        ("error_fraction_1_retry_any", tries(1, false).error_fraction()),
        ("error_fraction_2_retries_distinct", tries(2, true).error_fraction()),
        ("mean_attempts_1_retry_distinct", tries(1, true).mean_tries()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a19_and_a20_breakdowns_with_resume() {
    for (id, any_time) in [("A19", true), ("A20", false)] {
        let case = Case::named(id);
        let (rate, repair) = (case.number(RATE), case.number(DOWN));
        let (service, failures) = ((case.number("/servers/0/service/mean"), 1.0), 1.0 / case.number(UP));
        let server = if any_time {
            Breakdowns::at_any_time(rate, service, failures, (repair, 1.0), 1.0 / (1.0 + rate * repair))
        } else {
            Breakdowns::only_while_serving(rate, service, failures, (repair, 1.0))
        };
        let server = server.unwrap();
        let mut computed = vec![("mean_response", server.mean_response()), ("mean_in_system", server.mean_in_system())];
        computed.push(if any_time {
            ("availability", server.availability())
        } else {
            ("mean_completion_time", server.mean_completion())
        });
        case.check(TOLERANCE, &[], &computed);
    }
}

#[test]
fn a23_crashes_that_destroy() {
    let case = Case::named("A23");
    let rate = |pointer| 1.0 / case.number(pointer);
    let queue = Crashes::new(case.number(RATE), rate("/servers/0/service/mean"), rate(UP), rate(DOWN)).unwrap();
    let computed = [
        ("rejected_fraction", queue.rejected_fraction()),
        ("lost_in_crash_fraction", queue.lost_fraction()),
        ("completed_fraction", queue.completed_fraction()),
        ("mean_in_system", queue.mean_in_system()),
        ("throughput", queue.throughput()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a24_blocks() {
    let case = Case::named("A24");
    let up = |block: u32| case.number(&format!("/blocks/{block}/availability"));
    let pair = in_parallel(&vec![up(0); case.integer("/blocks/0/count") as usize]);
    let servers = k_of_n(case.integer("/blocks/1/needed"), case.integer("/blocks/1/count"), up(1));
    let availability = in_series(&[pair, servers, up(2)]);
    let computed = [("availability", availability), ("downtime_minutes_per_30_days", (1.0 - availability) * 30.0 * 24.0 * 60.0)];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn a25_interrupted_sessions() {
    let case = Case::named("A25");
    let (length, lifetime) = (case.number("/sessions/length/mean"), case.number("/server/time_to_failure/mean"));
    let (interrupted, until) = interrupted_session(length, lifetime).unwrap();
    case.check(TOLERANCE, &[], &[("p_session_interrupted", interrupted), ("mean_uninterrupted_time", until)]);
}
