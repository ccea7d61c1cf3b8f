//! Faults, when they come, who repairs, what becomes of the work.

use super::Ablation;
use lbsim::theory::{Breakdowns, Chain, Redundancy};

/// Requests that hardly load anything, before one server.
const ONE: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"20/s\"), demand: Constant(\"1ms\"))],
    servers: [Pool(count: 1, workers: 50, $)],
    run: Terminating(horizon: \"2000s\", replications: 20),
)";

#[test]
fn a_server_that_fails_turns_away_its_unavailability() {
    // From up, over a finite time: slightly less than MTTR / (MTTF + MTTR) = 0.1.
    Ablation {
        model: ONE,
        with: ("failures: Failures(time_to_failure: Exponential(\"90s\"), time_to_repair: Exponential(\"10s\"))", 0.1),
        without: ("", 0.0),
        metric: "rejected_fraction",
        tolerance: 0.01,
    }
    .holds();
}

/// Two states of one chain: how many of `units` are up in the long run, and the unavailability of `needed` of them.
fn unavailability(redundancy: Redundancy) -> f64 {
    redundancy.system().unwrap().unavailability()
}

const INDEPENDENT: Redundancy = Redundancy {
    units: 4,
    needed: 3,
    failure_rate: 0.01,
    shock_rate: 0.0,
    repair_rate: 0.05,
    crews: None,
    fail_while_down: true,
};

#[test]
fn one_crew_repairs_one_server_after_the_other() {
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.01/s\"), demand: Constant(\"1ms\"))],
            servers: [Pool(count: 4, failures: Failures(time_to_failure: Exponential(\"100s\"), time_to_repair: Exponential(\"20s\"), $))],
            needed: 3,
            run: Terminating(horizon: \"100000s\", replications: 20),
        )",
        with: ("crews: 1", unavailability(Redundancy { crews: Some(1), ..INDEPENDENT })),
        without: ("", unavailability(INDEPENDENT)),
        metric: "unavailability",
        tolerance: 0.003,
    }
    .holds();
}

#[test]
fn a_common_cause_takes_all_servers_at_once() {
    // A tenth of all failures strike every server that is up.
    let shared = Redundancy { needed: 1, ..INDEPENDENT }.with_beta(0.1);
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.01/s\"), demand: Constant(\"1ms\"))],
            servers: [Pool(count: 4, failures: [$])],
            run: Terminating(horizon: \"200000s\", replications: 20),
        )",
        with: (
            "Failures(time_to_failure: Exponential(\"111.111111s\"), time_to_repair: Exponential(\"20s\")),
             Failures(time_to_failure: Exponential(\"1000s\"), time_to_repair: Exponential(\"20s\"), scope: AllAtOnce)",
            unavailability(shared),
        ),
        without: (
            "Failures(time_to_failure: Exponential(\"100s\"), time_to_repair: Exponential(\"20s\"))",
            unavailability(Redundancy { needed: 1, ..INDEPENDENT }),
        ),
        metric: "unavailability",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_cause_that_ends_for_all_at_once_leaves_no_stragglers() {
    // Two servers that fail together: repaired together both are down for 20 s, repaired each on its own one of them for
    // 20 s and the other for as long again in half of the cases: 10 s until the first is back.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.01/s\"), demand: Constant(\"1ms\"))],
            servers: [Pool(count: 2, failures: Failures(time_to_failure: Exponential(\"10000s\"), time_to_repair: Exponential(\"20s\"), scope: $))],
            run: Terminating(horizon: \"2000000s\", replications: 20),
        )",
        with: ("Together", 20.0),
        without: ("AllAtOnce", 10.0),
        metric: "mean_outage",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_cold_spare_stands_in() {
    // One works, one waits switched off; both are repaired at once if need be: 1, 1/2, 1/8 of the time with 0, 1, 2 failed,
    // to a constant. Without the spare, one of two states.
    let none = 1.0 + 0.5 + 0.125;
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.01/s\"), demand: Constant(\"1ms\"))],
            servers: [Pool($, failures: Failures(time_to_failure: Exponential(\"100s\"), time_to_repair: Exponential(\"50s\")))],
            run: Terminating(horizon: \"200000s\", replications: 20),
        )",
        with: ("count: 2, spares: Spares(count: 1, kind: Cold, start_up: \"1ms\")", 0.125 / none),
        without: ("count: 1", 1.0 / 3.0),
        metric: "unavailability",
        tolerance: 0.003,
    }
    .holds();
}

#[test]
fn draining_before_a_restart_loses_nothing() {
    // In each of 4 restarts a server holds 50 / 4 x 0.4 s = 5 requests, of 50 x 200.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"400ms\"))],
            balancer: (health: Perfect),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"100s\", restart: \"web\", $, down: \"5s\", at_a_time: 1)],
            run: Terminating(horizon: \"200s\", replications: 20),
        )",
        with: ("drain: \"1s\"", 0.0),
        // While one is away the others hold a third more: the first restart finds 5, the others 20 / 3.
        without: ("drain: \"0s\"", (5.0 + 3.0 * 20.0 / 3.0) / 10_000.0),
        metric: "lost_fraction",
        tolerance: 0.02,
    }
    .holds();
}

/// A server that is out of order from the beginning, among four; 50 requests per second, each for 10 ms.
const BROKEN: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
    balancer: (algorithm: RoundRobin, timeouts: (connect: \"1s\", response: \"1s\"), retries: None),
    servers: [Pool(name: \"web\", count: 4, workers: 8)],
    script: [(at: \"0s\", fail: 0, $)],
    run: Steady(length: \"600s\", warm_up: \"60s\", replications: 20),
)";

#[test]
fn a_silent_server_holds_requests_until_the_timeout() {
    // Little's law: 37.5 a second for 10 ms; silence adds 12.5 a second for a second.
    Ablation {
        model: BROKEN,
        with: ("fault: Silence", 0.375 + 12.5),
        without: ("fault: Crash", 0.375),
        metric: "mean_in_system",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_slow_server_answers_late() {
    Ablation {
        model: BROKEN,
        with: ("fault: Slow(factor: 5)", 0.75 * 0.01 + 0.25 * 0.05),
        without: ("fault: FailingChecks", 0.01),
        metric: "mean_response",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn errors_come_with_their_probability() {
    Ablation {
        model: BROKEN,
        with: ("fault: Errors(probability: \"40%\")", 0.1),
        without: ("fault: Slow(factor: 2)", 0.0),
        metric: "error_fraction",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn fast_errors_take_their_own_time() {
    // A quarter of the requests, all of them errors: 1 ms in place of 10 ms for them.
    Ablation {
        model: BROKEN,
        with: ("fault: Errors(probability: \"100%\", after: Constant(\"1ms\"))", 0.375 + 0.0125),
        without: ("fault: Errors(probability: \"100%\")", 0.5),
        metric: "mean_in_system",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn wrong_answers_look_right() {
    Ablation {
        model: BROKEN,
        with: ("fault: WrongAnswers(probability: \"20%\")", 0.05),
        without: ("fault: Errors(probability: \"20%\")", 0.0),
        metric: "wrong_answer_fraction",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_server_behind_a_partition_is_up() {
    Ablation {
        model: BROKEN,
        with: ("fault: Partition(refused: true)", 4.0),
        without: ("fault: Crash", 3.0),
        metric: "mean_up",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_flapping_server_fails_part_of_the_time() {
    Ablation {
        model: BROKEN,
        with: ("fault: Crash, flapping: Flapping(on: \"1s\", off: \"4s\")", 0.25 / 5.0),
        without: ("fault: Crash", 0.25),
        metric: "error_fraction",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn overload_crashes_a_server() {
    // M/M/1 at 0.8: the time from empty until 11 are present, then 20 s of repair from which it starts empty.
    let chain = Chain::new(12, (0..11).map(|n| (n, n + 1, 0.8)).chain((1..11).map(|n| (n, n - 1, 1.0)))).unwrap();
    let until = chain.mean_time_until(|present| present == 11);
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.8/s\"), demand: Exponential(\"1s\"))],
            servers: [Pool($)],
            run: Steady(length: \"400000s\", warm_up: \"10000s\", replications: 20),
        )",
        with: ("overload: OverloadCrash(most_present: 10, time_to_repair: Exponential(\"20s\"))", 20.0 / (until + 20.0)),
        without: ("", 0.0),
        metric: "rejected_fraction",
        tolerance: 0.005,
    }
    .holds();
}

#[test]
fn lifetimes_that_count_service_only() {
    let always = Breakdowns::at_any_time(0.5, (1.0, 1.0), 1.0 / 20.0, (8.0, 1.0), 1.0 / (1.0 + 0.5 * 8.0)).unwrap();
    let serving = Breakdowns::only_while_serving(0.5, (1.0, 1.0), 1.0 / 20.0, (8.0, 1.0)).unwrap();
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.5/s\"), demand: Exponential(\"1s\"))],
            servers: [Pool(failures: Failures(time_to_failure: Exponential(\"20s\"), time_to_repair: Exponential(\"8s\"),
                fault: Silence(work: Resumed), clock: $))],
            run: Steady(length: \"500000s\", warm_up: \"20000s\", replications: 20),
        )",
        with: ("WhileServing", serving.mean_response()),
        without: ("Calendar", always.mean_response()),
        metric: "mean_response",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn work_that_is_resumed_or_begun_again() {
    // A service of 1 s, failures every 10 s, repairs of 1 s, hardly any load: who comes while it is down waits 1 s more
    // (with probability 1/11); resumed, a service takes 1 + 0.1 x 1 s; begun again (1 / 0.1 + 1) (e^0.1 - 1) s (Gaver 1962).
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"0.001/s\"), demand: Constant(\"1s\"))],
            servers: [Pool(failures: Failures(time_to_failure: Exponential(\"10s\"), time_to_repair: Exponential(\"1s\"), fault: Silence(work: $)))],
            run: Steady(length: \"10000000s\", warm_up: \"1000s\", replications: 20),
        )",
        with: ("Resumed", 1.1 + 1.0 / 11.0),
        without: ("Restarted", 11.0 * 0.1_f64.exp_m1() + 1.0 / 11.0),
        metric: "mean_response",
        tolerance: 0.003,
    }
    .holds();
}

#[test]
fn faults_that_take_nothing_down_come_again_and_again() {
    // Half of the time every second request is answered by an error.
    Ablation {
        model: ONE,
        with: (
            "failures: Failures(time_to_failure: Exponential(\"10s\"), time_to_repair: Exponential(\"10s\"), fault: Errors(probability: \"50%\"))",
            0.25,
        ),
        without: ("", 0.0),
        metric: "error_fraction",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_lifetime_goes_on_after_a_shorter_failure_of_another_kind() {
    // Every 100 s of being up 100 s of errors, beside a millisecond of being down every 10 s.
    Ablation {
        model: ONE,
        with: (
            "failures: [Failures(time_to_failure: Constant(\"100s\"), time_to_repair: Constant(\"100s\"), fault: Errors(probability: \"100%\")),
                Failures(time_to_failure: Constant(\"10s\"), time_to_repair: Constant(\"1ms\"))]",
            0.5,
        ),
        without: ("failures: Failures(time_to_failure: Constant(\"10s\"), time_to_repair: Constant(\"1ms\"))", 0.0001),
        metric: "error_fraction",
        tolerance: 0.2,
    }
    .holds();
}

#[test]
fn attempts_to_connect_get_through_when_a_partition_ends() {
    // Of 10 requests of a closed user in turn, without any timeout: all wait out the partition, and nobody is stuck after it.
    Ablation {
        model: "Model(
            clients: [Closed(users: 10, think_time: Constant(\"1s\"), demand: Constant(\"1ms\"))],
            balancer: (algorithm: RoundRobin, retries: 1),
            servers: [Pool(count: 1, workers: 50)],
            script: [$],
            run: Terminating(horizon: \"1000s\", replications: 5),
        )",
        with: ("(at: \"100s\", fail: 0, fault: Partition(refused: false), lasting: \"100s\")", 9.0),
        without: ("", 10.0),
        metric: "throughput",
        tolerance: 0.005,
    }
    .holds();
}

/// A server that works and one that waits, each with exponential lifetimes of 100 s and repairs of 50 s; who waits fails at a fraction of the
/// rate. With 0, 1 and 2 failed: 1, (1 + fraction) / 2 and a quarter of that, to a constant.
const WAITING: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"0.01/s\"), demand: Constant(\"1ms\"))],
    servers: [Pool(count: 2, spares: Spares(count: 1, kind: $, start_up: \"1ms\"),
        failures: Failures(time_to_failure: Exponential(\"100s\"), time_to_repair: Exponential(\"50s\")))],
    run: Terminating(horizon: \"200000s\", replications: 20),
)";

fn both_down(fraction: f64) -> f64 {
    let one = f64::midpoint(1.0, fraction);
    one / 4.0 / (1.0 + one + one / 4.0)
}

#[test]
fn a_hot_spare_fails_while_it_waits() {
    Ablation {
        model: WAITING,
        with: ("Hot", both_down(1.0)),
        without: ("Cold", both_down(0.0)),
        metric: "unavailability",
        tolerance: 0.003,
    }
    .holds();
}

#[test]
fn a_warm_spare_fails_less_often_than_a_hot_one() {
    Ablation {
        model: WAITING,
        with: ("Warm(0.25)", both_down(0.25)),
        without: ("Hot", both_down(1.0)),
        metric: "unavailability",
        tolerance: 0.003,
    }
    .holds();
}
