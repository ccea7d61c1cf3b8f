//! Balancers that fail, their standbys, sites behind one name, and pools that grow.

use super::Ablation;
use lbsim::theory::FailoverPair;

/// A balancer that fails, before a server that never does.
const FAILING: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"))],
    balancer: (failures: Failures(time_to_failure: Exponential(\"1000s\"), time_to_repair: Exponential(\"100s\")), $),
    run: Steady(length: \"100000s\", warm_up: \"2000s\", replications: 50),
)";

fn unavailability(coverage: f64) -> f64 {
    let pair = FailoverPair { failure_rate: 1e-3, beta: 0.0, repair_rate: 1e-2, crews: 2, failover_rate: 0.1, coverage };
    pair.system().unwrap().unavailability()
}

#[test]
fn a_standby_takes_over() {
    Ablation {
        model: FAILING,
        with: ("pair: Pair(takeover: Exponential(\"10s\"), preempt: false)", unavailability(1.0)),
        without: ("", 1.0 / 11.0),
        metric: "unavailability",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn failures_that_nobody_notices_wait_for_the_repair() {
    Ablation {
        model: FAILING,
        with: ("pair: Pair(takeover: Exponential(\"10s\"), preempt: false, coverage: \"80%\")", unavailability(0.8)),
        without: ("pair: Pair(takeover: Exponential(\"10s\"), preempt: false)", unavailability(1.0)),
        metric: "unavailability",
        tolerance: 0.0,
    }
    .holds();
}

/// A balancer that fails once for 10 of 60 s; ten requests are under way.
const ONCE: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"100/s\"), demand: Constant(\"100ms\"))],
    balancer: (name: \"front\", pair: Pair($)),
    servers: [Pool(workers: 1000)],
    script: [(at: \"20s\", fail: \"front\", lasting: \"10s\")],
    run: Terminating(horizon: \"60s\", replications: 300),
)";

#[test]
fn vrrp_takes_three_advertisements_and_the_skew() {
    // RFC 3768: 3 s and (256 - 128) / 256 s from the last advertisement, which was heard half a second before on average; with its priority
    // of 254 the standby is quicker by almost half a second.
    let lost = |takeover_secs: f64| (100.0 * takeover_secs + 10.0) / 6_000.0;
    Ablation {
        model: ONCE,
        with: ("takeover: Vrrp(advert: \"1s\", priority: 128), preempt: false", lost(3.5 - 0.5)),
        without: ("takeover: Vrrp(advert: \"1s\", priority: 254), preempt: false", lost(3.0 + 2.0 / 256.0 - 0.5)),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}

#[test]
fn a_master_that_takes_the_address_back_cuts_connections_again() {
    Ablation {
        model: ONCE,
        with: ("takeover: \"1s\", preempt: true", 120.0 / 6_000.0),
        without: ("takeover: \"1s\", preempt: false", 110.0 / 6_000.0),
        metric: "error_fraction",
        tolerance: 0.0,
    }
    .holds();
}

/// The first site is gone for ten of thirty minutes; the DNS notices after 30 s. Each resolver is asked once a second.
const SITES: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"50/s\"), demand: Constant(\"1ms\"), sites: Sites(detection: \"30s\", resolvers: 50, $))],
    balancers: [Balancer(name: \"east\", pools: [\"e\"]), Balancer(name: \"west\", pools: [\"w\"])],
    servers: [Pool(name: \"e\"), Pool(name: \"w\")],
    script: [(at: \"5min\", fail: \"east\", lasting: \"10min\")],
    run: Terminating(horizon: \"30min\", replications: 20),
)";

/// How long the dead site is named for, on average over the requests: until it is noticed, and then by copies that are still alive. A copy is
/// fetched every time to live and a second, at the first request after the end of the one before.
fn named_secs(ttl_secs: f64) -> f64 {
    30.0 + ttl_secs * ttl_secs / 2.0 / (ttl_secs + 1.0)
}

#[test]
fn a_second_site_answers_once_the_record_has_changed() {
    Ablation {
        model: SITES,
        with: ("ttl: \"60s\", balancers: [\"east\", \"west\"]", named_secs(60.0) / 1_800.0),
        without: ("ttl: \"60s\", balancers: [\"east\"]", 600.0 / 1_800.0),
        metric: "error_fraction",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_shorter_time_to_live_forgets_the_dead_site_sooner() {
    Ablation {
        model: SITES,
        with: ("ttl: \"10s\", balancers: [\"east\", \"west\"]", named_secs(10.0) / 1_800.0),
        without: ("ttl: \"2min\", balancers: [\"east\", \"west\"]", named_secs(120.0) / 1_800.0),
        metric: "error_fraction",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn resolvers_that_keep_a_record_too_long_keep_the_dead_site() {
    // Of the copies that live for half an hour, 1 - t / 1,800 s are left t after the change, over the 570 s that the site is still gone.
    let stale = 30.0 + 570.0 - 570.0 * 570.0 / (2.0 * 1_800.0);
    Ablation {
        model: SITES,
        with: (
            "ttl: \"60s\", balancers: [\"east\", \"west\"], stale: Stale(share: \"20%\", ttl: \"30min\")",
            (0.8 * named_secs(60.0) + 0.2 * stale) / 1_800.0,
        ),
        without: ("ttl: \"60s\", balancers: [\"east\", \"west\"]", named_secs(60.0) / 1_800.0),
        metric: "error_fraction",
        tolerance: 0.01,
    }
    .holds();
}

#[test]
fn a_pool_that_scales_finds_the_servers_for_its_target() {
    // Work for three servers: four are busy for 75 % of the time, and ceil(4 * 75 / 60) = 5 as long as they should.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"300/s\"), demand: Exponential(\"10ms\"))],
            balancer: (algorithm: LeastConnections),
            servers: [Pool(count: 4, $)],
            run: Steady(length: \"1h\", warm_up: \"10min\", replications: 10),
        )",
        with: (
            "autoscaling: Autoscaling(least: 2, most: 10, target: Utilization(\"60%\"), interval: \"30s\", provisioning: \"2min\", \
                cooldown_in: \"5min\")",
            0.6,
        ),
        without: ("", 0.75),
        metric: "utilization",
        tolerance: 0.0,
    }
    .holds();
}

/// Two servers have work for three, and all that waits: the autoscaler asks for ceil(2 / 60 %) = 4 when it looks after 30 s.
const GROWING: &str = "Model(
    clients: [Open(arrivals: Poisson(rate: \"300/s\"), demand: Exponential(\"10ms\"))],
    balancer: (algorithm: LeastConnections),
    servers: [Pool(count: 2, autoscaling: Autoscaling(least: 2, target: Utilization(\"60%\"), interval: \"30s\", $))],
    run: Terminating(horizon: \"60s\", replications: 20),
)";

#[test]
fn servers_that_are_added_take_their_time() {
    Ablation {
        model: GROWING,
        with: ("most: 10, provisioning: \"20s\"", (2.0 * 50.0 + 4.0 * 10.0) / 60.0),
        without: ("most: 10, provisioning: \"1ms\"", (2.0 * 30.0 + 4.0 * 30.0) / 60.0),
        metric: "mean_up",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_pool_grows_to_its_limit_and_no_further() {
    Ablation {
        model: GROWING,
        with: ("most: 3, provisioning: \"1ms\"", (2.0 * 30.0 + 3.0 * 30.0) / 60.0),
        without: ("most: 10, provisioning: \"1ms\"", (2.0 * 30.0 + 4.0 * 30.0) / 60.0),
        metric: "mean_up",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_cooldown_keeps_servers_that_are_not_needed() {
    // Ten servers for the work of 2.8: ceil(2.8 / 60 %) = 5 are enough, after the first look or, since ten were wanted at time 0, five minutes
    // later.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"280/s\"), demand: Exponential(\"10ms\"))],
            balancer: (algorithm: LeastConnections),
            servers: [Pool(count: 10, autoscaling: Autoscaling(least: 2, most: 10, target: Utilization(\"60%\"), interval: \"30s\",
                provisioning: \"1min\", cooldown_in: $))],
            run: Terminating(horizon: \"600s\", replications: 20),
        )",
        with: ("\"5min\"", (10.0 * 300.0 + 5.0 * 300.0) / 600.0),
        without: ("\"0s\"", (10.0 * 30.0 + 5.0 * 570.0) / 600.0),
        metric: "mean_provisioned",
        tolerance: 0.001,
    }
    .holds();
}

#[test]
fn a_target_of_requests_present_counts_those_that_wait() {
    // M/M/1: at utilization u of each server u / (1 - u) requests are present, 3 at 75 %, and 1.5 at 60 %: as
    // many servers are added as are allowed.
    Ablation {
        model: "Model(
            clients: [Open(arrivals: Poisson(rate: \"300/s\"), demand: Exponential(\"10ms\"))],
            balancer: (algorithm: Random),
            servers: [Pool(count: 4, $)],
            run: Steady(length: \"1h\", warm_up: \"10min\", replications: 10),
        )",
        with: (
            "autoscaling: Autoscaling(least: 2, most: 5, target: InSystem(1.0), interval: \"30s\", provisioning: \"1min\")",
            5.0 * 0.6 / 0.4,
        ),
        without: ("", 4.0 * 0.75 / 0.25),
        metric: "mean_in_system",
        tolerance: 0.0,
    }
    .holds();
}
