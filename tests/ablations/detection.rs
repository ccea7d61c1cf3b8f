//! How a balancer finds out, and what it does then.

use super::Ablation;

/// One of four servers dies; 50 requests per second; nothing is tried again.
const CRASH: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
    balancer: (algorithm: RoundRobin, timeouts: (response: \"1s\"), retries: None, $),
    servers: [Pool(name: \"web\", count: 4, workers: 100)],
    script: [(at: \"10s\", spread: \"1s\", fail: 0)],
    run: Terminating(horizon: \"60s\", replications: 200),
)";

#[test]
fn knowing_the_truth_saves_every_request() {
    // Without, 49.5 s of 60 with a quarter of the requests refused; with it, the 0.125 that are on the server at the crash, of 3,000.
    Ablation {
        model: CRASH,
        with: ("health: Perfect", 0.125 / 3000.0),
        without: ("health: Nothing", 49.5 / 60.0 / 4.0),
        metric: "error_fraction",
        tolerance: 0.005,
    }
    .holds();
}

#[test]
fn each_failure_that_is_waited_for_costs_an_interval() {
    Ablation {
        model: CRASH,
        with: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3)", 2.5),
        without: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 1)", 0.5),
        metric: "mean_detection_delay",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_shorter_interval_in_transition_finds_out_sooner() {
    Ablation {
        model: CRASH,
        with: ("health: Checks(interval: \"1s\", timeout: \"0s\", transition_interval: \"100ms\", rise: 2, fall: 3)", 0.7),
        without: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3)", 2.5),
        metric: "mean_detection_delay",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn silence_costs_a_timeout_at_each_check() {
    // The first check comes half a second after the crash on average; each takes a second to fail and another to the next.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
            balancer: (algorithm: RoundRobin, health: Checks(interval: \"1s\", timeout: \"1s\", rise: 2, fall: 3)),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"10s\", spread: \"1s\", fail: 0, fault: $)],
            run: Terminating(horizon: \"60s\", replications: 200),
        )",
        with: ("Silence", 5.5),
        without: ("Crash", 2.5),
        metric: "mean_detection_delay",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn nginx_takes_a_server_out_after_its_failures() {
    // At a clock of whole seconds a trial comes every 10 to 11 s: 3 failures, then 4 or 5 trials in 49.5 s; of 3,000 requests.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
            balancer: (product: Nginx, algorithm: RoundRobin(max_fails: $), timeouts: (response: \"1s\"), retries: None),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"10s\", spread: \"1s\", fail: 0)],
            run: Terminating(horizon: \"60s\", replications: 100),
        )",
        with: ("3", 7.0 / 3000.0),
        without: ("0", 49.5 / 60.0 / 4.0),
        metric: "error_fraction",
        tolerance: 0.1,
    }
    .holds();
}

/// One of four servers answers errors to everybody but the checks.
const ERRORS: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
    balancer: (algorithm: RoundRobin, timeouts: (response: \"1s\"), retries: None, $),
    servers: [Pool(name: \"web\", count: 4, workers: 100)],
    script: [(at: \"0s\", fail: 0, fault: Errors(probability: \"100%\"))],
    run: Terminating(horizon: \"60s\", replications: 100),
)";

#[test]
fn observed_requests_mark_a_server_down() {
    // Five errors take 0.4 s; then two checks that pass, the first half a second later on average, bring it back.
    Ablation {
        model: ERRORS,
        with: (
            "health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3), observe: Observe(error_limit: 5, action: MarkDown)",
            5.0 / (50.0 * (0.4 + 1.5)),
        ),
        without: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3)", 0.25),
        metric: "error_fraction",
        tolerance: 0.12,
    }
    .holds();
}

#[test]
fn outlier_detection_ejects_for_longer_and_longer() {
    // Each ejection costs 5 errors; they last 5, 10, 15, 20 s and a tick's wait of half a second: 5 of them in 60 s.
    Ablation {
        model: ERRORS,
        with: (
            "outlier_detection: Outliers(consecutive_errors: 5, interval: \"1s\", base_ejection: \"5s\", most_ejected: \"50%\")",
            25.0 / 3000.0,
        ),
        without: ("health: Nothing", 0.25),
        metric: "error_fraction",
        tolerance: 0.06,
    }
    .holds();
}

#[test]
fn news_that_are_merged_come_late() {
    // Back from an ejection, a server fails again within the second in which news wait: for a second more it gets its 12.5
    // requests (measured at Envoy 1.40.0: 38.4 errors with the window, 15.0 without, for three ejections).
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
            balancer: (algorithm: RoundRobin, timeouts: (response: \"1s\"), retries: None, merge_window: $,
                outlier_detection: Outliers(consecutive_errors: 5, interval: \"1s\", base_ejection: \"5s\", most_ejected: \"50%\")),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"10s\", spread: \"1s\", fail: 0, fault: Errors(probability: \"100%\"), lasting: \"20s\")],
            run: Terminating(horizon: \"48s\", replications: 100),
        )",
        with: ("\"1s\"", 38.4 / 2400.0),
        without: ("\"0s\"", 15.0 / 2400.0),
        metric: "error_fraction",
        tolerance: 0.06,
    }
    .holds();
}

#[test]
fn panic_sends_to_the_dead_as_well() {
    // Three of four are dead: in panic they get three quarters of all.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"10ms\"))],
            balancer: (algorithm: RoundRobin, timeouts: (response: \"1s\"), retries: None,
                health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3), panic: $),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"0s\", fail: [0, 1, 2])],
            run: Steady(length: \"600s\", warm_up: \"60s\", replications: 10),
        )",
        with: ("\"50%\"", 0.75),
        without: ("\"0%\"", 0.0),
        metric: "error_fraction",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn backup_servers_answer_while_the_others_are_down() {
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"))],
            balancer: (algorithm: RoundRobin, health: Perfect, timeouts: (response: \"1s\"), retries: 1),
            servers: [Pool(name: \"web\", count: 1, workers: 100,
                failures: Failures(time_to_failure: Exponential(\"90s\"), time_to_repair: Exponential(\"10s\"))), $],
            run: Terminating(horizon: \"10000s\", replications: 20),
        )",
        with: ("Pool(name: \"spare\", backup: true)", 0.0),
        without: ("", 0.1),
        metric: "error_fraction",
        tolerance: 0.02,
    }
    .holds();
}

#[test]
fn a_slow_start_spares_a_server_that_returns() {
    // Of 100 s from its return on, ten in which its weight grows from a tenth of the others' in a line; utilization is that share.
    let model = "Model(
        clients: [Open(arrivals: Poisson(rate: \"400/s\"), demand: Constant(\"1ms\"))],
        balancer: (product: Envoy, algorithm: RoundRobin, health: Perfect, $),
        servers: [Pool(name: \"web\", count: 2, workers: 10)],
        script: [(at: \"1s\", fail: 0, lasting: \"59s\")],
        run: Steady(length: \"80s\", warm_up: \"60s\", replications: 20),
    )";
    // Of two servers the one that returned has w / (1 + w) of the requests: over the 20 s, with w = max(0.1, t / 10) at first.
    let share = |w: f64| w / (1.0 + w);
    let steps = 10_000;
    let grown: f64 = (0..steps).map(|step| share((f64::from(step) / f64::from(steps)).max(0.1))).sum::<f64>() / f64::from(steps);
    let share = f64::midpoint(grown, 0.5);
    // The coefficient of variation of two utilizations u and 1 - u is |1 - 2 u|.
    Ablation {
        model,
        with: ("slow_start: \"10s\"", 1.0 - 2.0 * share),
        without: ("slow_start: None", 0.0),
        metric: "cv_utilization",
        tolerance: 0.02,
    }
    .holds();
}

/// One of ten servers errs, and is ejected at the tick after the first 10 s in which it did; for 30 s, then for 60 s, then beyond the end. So it
/// errs from 0 s to 10 s, from 40 s to 50 s and from 110 s to 120 s.
const ONE_OF_TEN_ERRS: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"500/s\"), demand: Constant(\"1ms\"))],
    balancer: (algorithm: RoundRobin, timeouts: (response: \"1s\"), retries: None, $),
    servers: [Pool(name: \"web\", count: 10, workers: 100)],
    script: [(at: \"0s\", fail: 0, fault: Errors(probability: \"PART\"))],
    run: Terminating(horizon: \"120s\", replications: 50),
)";

#[test]
fn a_low_rate_of_success_leads_to_ejection() {
    // Half of its requests fail, nine servers are without error: a mean of 0.95, a standard deviation of 0.15, 0.5 below 0.95 - 1.9 * 0.15.
    Ablation {
        model: &ONE_OF_TEN_ERRS.replace("PART", "50%"),
        with: ("outlier_detection: Outliers(consecutive_errors: 0, success_rate: 1.9)", 0.5 * 0.1 * 30.0 / 120.0),
        without: ("outlier_detection: Outliers(consecutive_errors: 0, success_rate: None)", 0.5 * 0.1),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_fraction_of_failures_leads_to_ejection() {
    let (with, without) = (
        "outlier_detection: Outliers(consecutive_errors: 0, success_rate: None, failure_fraction: \"85%\")",
        "outlier_detection: Outliers(consecutive_errors: 0, success_rate: None)",
    );
    Ablation {
        model: &ONE_OF_TEN_ERRS.replace("PART", "95%"),
        with: (with, 0.95 * 0.1 * 30.0 / 120.0),
        without: (without, 0.95 * 0.1),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_check_that_passes_brings_an_ejected_server_back() {
    // Five errors take 0.4 s, and the server is out until the next check: five errors a second, but for the seconds (1 of 200) that bring fewer
    // than five requests. Without checks it stays out as in `outlier_detection_ejects_for_longer_and_longer`.
    Ablation {
        model: &ERRORS.replace(
            '$',
            "$, outlier_detection: Outliers(consecutive_errors: 5, interval: \"1s\", base_ejection: \"5s\", most_ejected: \"50%\")",
        ),
        with: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 3)", 0.1),
        without: ("health: Nothing", 25.0 / 3000.0),
        metric: "error_fraction",
        tolerance: 0.06,
    }
    .holds();
}

#[test]
fn load_spills_over_to_the_next_level_before_the_first_is_gone() {
    // Two of five servers near bear 1.4 * 2 / 5 of the load (Envoy's overprovisioning); the far ones answer by errors, so that they can be counted.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"))],
            balancer: ($ algorithm: RoundRobin, health: Perfect, retries: None),
            servers: [Pool(name: \"near\", count: 5), Pool(name: \"far\", count: 5, priority: 1)],
            script: [(at: \"0s\", fail: [0, 1, 2]), (at: \"0s\", fail: \"far\", fault: Errors(probability: \"100%\"))],
            run: Terminating(horizon: \"1000s\", replications: 20),
        )",
        with: ("product: Envoy,", 1.0 - 1.4 * 0.4),
        without: ("", 0.0),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}

/// One of four servers refuses connections; it gets every fourth request, the first 0.05 s later on average, the next ones 0.08 s apart. Checks
/// hardly ever come.
const OBSERVED: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"))],
    balancer: (algorithm: RoundRobin, retries: None, timeouts: (response: \"1s\"),
        health: Checks(interval: \"1h\", timeout: \"0s\", rise: 2, fall: 3), observe: Observe(error_limit: 5, action: $)),
    servers: [Pool(name: \"web\", count: 4, workers: 100)],
    script: [(at: \"10s\", spread: \"1s\", fail: 0)],
    run: Terminating(horizon: \"20s\", replications: 200),
)";

/// When that server has got so many requests.
fn got_secs(requests: f64) -> f64 {
    0.05 + 0.08 * (requests - 1.0)
}

#[test]
fn errors_that_fail_checks_take_three_times_as_many_as_those_that_mark_down() {
    Ablation {
        model: OBSERVED,
        with: ("FailCheck", got_secs(15.0)),
        without: ("MarkDown", got_secs(5.0)),
        metric: "mean_detection_delay",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn sudden_death_leaves_one_failure_to_go() {
    Ablation {
        model: OBSERVED,
        with: ("SuddenDeath", got_secs(10.0)),
        without: ("FailCheck", got_secs(15.0)),
        metric: "mean_detection_delay",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_failed_request_brings_the_next_check_sooner() {
    // The first failed request, and a second later the check; or the check that was due, which one in ten times comes sooner.
    let hurried = got_secs(1.0) + 1.0;
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"))],
            balancer: (algorithm: RoundRobin, retries: None, timeouts: (response: \"1s\"),
                health: Checks(interval: \"10s\", transition_interval: \"1s\", timeout: \"0s\", rise: 2, fall: 1), $),
            servers: [Pool(name: \"web\", count: 4, workers: 100)],
            script: [(at: \"20s\", spread: \"10s\", fail: 0)],
            run: Terminating(horizon: \"45s\", replications: 200),
        )",
        with: ("observe: Observe(error_limit: 1, action: FastInterval)", hurried - hurried * hurried / 20.0),
        without: ("", 5.0),
        metric: "mean_detection_delay",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_check_of_the_service_finds_who_errs() {
    // From the beginning a server answers by errors only; checks pass on a path of their own. Those of the service fail, the first after half a
    // second on average, and for good. (The first turn of all is that server's: 0.25 and a little, 0.00013.)
    Ablation {
        model: ERRORS,
        with: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 1, healthy: Serves)", 0.25 * 0.5 / 60.0),
        without: ("health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 1, healthy: Answers)", 0.25),
        metric: "error_fraction",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_check_that_only_connects_is_passed_by_who_fails_checks() {
    // Of four servers one fails its checks and is sound: it has nothing to do once that is found out, or a quarter of it all.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"150/s\"), demand: Exponential(\"10ms\"))],
            balancer: (algorithm: Random, health: Checks(interval: \"1s\", timeout: \"0s\", rise: 2, fall: 1, healthy: $)),
            servers: [Pool(name: \"web\", count: 4)],
            script: [(at: \"0s\", fail: 0, fault: FailingChecks)],
            run: Steady(length: \"600s\", warm_up: \"20s\", replications: 10),
        )",
        // M/M/1 with 150 / 4 or 150 / 3 requests a second and 100 that can be served: 16 and 20 ms.
        with: ("Connects", 0.016),
        without: ("Answers", 0.020),
        metric: "mean_response",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_server_that_returns_waits_for_as_many_checks_as_it_must_pass() {
    // The only server is down for 10 of 60 s; the first check that passes comes half a second after its return on average, the tenth 9 s later.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"))],
            balancer: (health: Checks(interval: \"1s\", timeout: \"0s\", rise: $, fall: 1)),
            servers: [Pool(workers: 100)],
            script: [(at: \"10s\", fail: 0, lasting: \"10s\")],
            run: Terminating(horizon: \"60s\", replications: 200),
        )",
        with: ("10", 19.5 / 60.0),
        without: ("1", 10.5 / 60.0),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}
