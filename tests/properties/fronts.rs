//! Balancers that fail, their standbys, and sites behind one name.

use crate::models::model;
use crate::witness::{Ending, Life, story};
use lbsim::experiment::replicate;
use lbsim::theory::FailoverPair;

const SECOND: u64 = 1_000_000_000;

/// Requests every 10 ms of 100 ms each, with servers enough, for 60 s.
fn text(balancer: &str, client: &str, script: &str) -> String {
    format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"10ms\")), demand: Constant(\"100ms\"), {client})],
            balancer: (name: \"front\", {balancer}),
            servers: [Pool(workers: 100)],
            script: [{script}],
            run: Terminating(horizon: \"60s\", replications: 1),
        )"
    )
}

fn failed(text: &str) -> Vec<Life> {
    story(&model(text)).by_number().into_iter().filter(|life| life.ending == Ending::Refused).collect()
}

const FAIL: &str = "(at: \"20s\", fail: \"front\", lasting: \"10s\")";

/// How many requests were refused as they came, and how many lost, when.
fn told(text: &str) -> (usize, Vec<(u64, usize)>) {
    let (refused, lost): (Vec<Life>, Vec<Life>) = failed(text).into_iter().partition(|life| life.birth == life.end);
    let mut times: Vec<(u64, usize)> = Vec::new();
    for life in lost {
        match times.iter_mut().find(|(at, _)| *at == life.end / SECOND) {
            Some((_, number)) => *number += 1,
            None => times.push((life.end / SECOND, 1)),
        }
    }
    (refused.len(), times)
}

#[test]
fn a_balancer_alone_loses_what_it_has_and_refuses_until_its_repair() {
    // Ten requests a second and ten under way; the one that would end at that very instant still does.
    assert_eq!(told(&text("", "", FAIL)), (1_000, vec![(20, 9)]));
    assert_eq!(told(&text("", "", "")), (0, vec![]));
}

#[test]
fn a_standby_takes_over_and_the_master_takes_the_address_back() {
    let pair = |more: &str| text(&format!("pair: Pair(takeover: \"1s\", {more})"), "", FAIL);
    assert_eq!(told(&pair("preempt: false")), (100, vec![(20, 9)]));
    // The repair comes at 30 s.
    assert_eq!(told(&pair("")), (100, vec![(20, 9), (30, 9)]));
    assert_eq!(told(&pair("preempt_delay: \"5s\"")), (100, vec![(20, 9), (35, 9)]));
}

#[test]
fn what_nobody_notices_lasts_until_the_repair() {
    let pair =
        |coverage: &str| text(&format!("pair: Pair(takeover: \"1s\", coverage: \"{coverage}\", preempt: false)"), "", FAIL);
    assert_eq!(told(&pair("0%")).0, 1_000);
    // Of 100 failures a fifth; 40 are 5 standard deviations more.
    let mut script = String::new();
    for number in 1..=100 {
        script += &format!("(at: \"{}s\", fail: \"front\", lasting: \"10s\"), ", 20 * number);
    }
    let many = text("pair: Pair(takeover: \"1s\", coverage: \"80%\", preempt: false)", "", &script)
        .replace("horizon: \"60s\"", "horizon: \"2200s\"");
    let unnoticed = (told(&many).0 - 100 * 100) / 900;
    assert!((1..=40).contains(&unnoticed), "{unnoticed}");
}

#[test]
fn vrrp_loses_the_requests_of_two_and_a_half_intervals_and_the_skew() {
    let mut script = String::new();
    for number in 1..=100 {
        script += &format!("(at: \"{}s\", fail: \"front\", lasting: \"10s\"), ", 20 * number);
    }
    let text = text("pair: Pair(takeover: Vrrp(priority: 128), preempt: false)", "", &script)
        .replace("horizon: \"60s\"", "horizon: \"2200s\"");
    let (refused, _) = told(&text);
    // 100 takeovers of 3 s at 100 requests a second; each is uniform over a second, so that 5 standard errors are 1,443 requests.
    assert!((30_000_i64 - refused as i64).abs() < 1_443, "{refused}");
}

#[test]
fn silence_lasts_until_patience_ends_or_the_balancer_is_back() {
    let text = text(
        "pair: Pair(takeover: \"1s\", preempt: false)",
        "patience: \"300ms\"",
        &FAIL.replace("lasting", "fault: Silence, lasting"),
    );
    let lives = failed(&text);
    // Those of 19.91 s to 20.99 s.
    assert_eq!((lives.len(), lives[0].birth), (109, 19_910_000_000));
    for life in lives {
        assert_eq!(life.end, (life.birth + 300_000_000).min(21 * SECOND));
    }
}

#[test]
fn servers_work_on_for_nobody() {
    let model = model(&text("", "", FAIL));
    let wasted = replicate(&model, 0).uptime.unwrap().wasted_ns;
    // Nine requests of 100 ms that had been served for 10 to 90 ms: they are served to the end, and all of that was in vain.
    assert_eq!(wasted, 9 * 100_000_000);
}

#[test]
fn a_client_that_tries_again_reaches_the_standby() {
    let client = "retries: Retries(most: 3, delay: Fixed(\"400ms\"))";
    assert_eq!(failed(&text("pair: Pair(takeover: \"1s\")", client, FAIL)).len(), 0);
}

#[test]
fn a_pair_is_as_available_as_theory_says() {
    let text = "Model(
        clients: [Open(arrivals: Poisson(rate: \"1/h\"), demand: Constant(\"1ms\"))],
        balancer: (
            failures: Failures(time_to_failure: Exponential(\"1000s\"), time_to_repair: Exponential(\"100s\")),
            pair: Pair(takeover: Exponential(\"10s\"), coverage: \"95%\", preempt: false),
        ),
        run: Terminating(horizon: \"40000000s\", replications: 1),
    )";
    let model = model(text);
    let uptime = replicate(&model, 0).uptime.unwrap();
    let pair = FailoverPair { failure_rate: 1e-3, beta: 0.0, repair_rate: 1e-2, crews: 2, failover_rate: 0.1, coverage: 0.95 };
    let system = pair.system().unwrap();
    let (outages, down) = (uptime.outages as f64 / 4e7, 1.0 - uptime.available_ns as f64 / 4e16);
    // 39,000 outages: a standard error of 0.5 % of their number and, as they are about twice as scattered as exponential ones, of 1 % of
    // the time down.
    assert!((outages / system.outages_per_sec() - 1.0).abs() < 0.025, "{outages}");
    assert!((down / system.unavailability() - 1.0).abs() < 0.05, "{down}");
    assert_eq!(uptime.up_ns, 40_000_000 * u128::from(SECOND), "the server never fails");
}

/// Two sites; 10,000 requests a second through 2,000 resolvers.
fn sites(more: &str, script: &str) -> String {
    format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"100us\")), demand: Constant(\"1us\"),
                sites: Sites(balancers: [\"east\", \"west\"], ttl: \"12s\", detection: \"6s\", resolvers: 2000, {more}))],
            balancers: [(name: \"east\", pools: [\"e\"]), (name: \"west\", pools: [\"w\"])],
            servers: [Pool(name: \"e\", count: 2), Pool(name: \"w\", count: 2)],
            script: [{script}],
            run: Terminating(horizon: \"45s\", replications: 1),
        )"
    )
}

/// By second of birth: the fraction of requests that failed, and that the first site completed.
fn by_second(text: &str) -> Vec<(f64, f64)> {
    let mut counts = vec![(0.0, 0.0); 46];
    for life in story(&model(text)).by_number() {
        let second = &mut counts[(life.birth / SECOND) as usize];
        match life.ending {
            Ending::Refused => second.0 += 1e-4,
            Ending::Completed { server: 0 | 1 } => second.1 += 1e-4,
            _ => {}
        }
    }
    counts
}

#[test]
fn the_dead_site_is_forgotten_at_a_constant_rate() {
    let seconds = by_second(&sites("", "(at: \"10s\", fail: \"east\", lasting: \"20s\")"));
    for (second, (failed, east)) in seconds.iter().enumerate().take(44) {
        // Up to 16 s nobody has noticed, and from 36 s on resolvers learn that the site is back.
        let middle = second as f64 + 0.5;
        let dead = (1.0 - (middle - 16.0) / 12.0).clamp(0.0, 1.0) * f64::from(u8::from((10..30).contains(&second)));
        let back = if second < 10 { 1.0 } else { ((middle - 36.0) / 12.0).clamp(0.0, 1.0) };
        // Of 2,000 resolvers, each asked every 0.2 s: five standard deviations and the delay of half of that.
        let bound = 0.056 + 0.009;
        assert!((failed - dead).abs() < bound, "{failed} failed in second {second}, {dead} expected");
        assert!((east - back).abs() < bound, "{east} reached the east in second {second}, {back} expected");
    }
}

#[test]
fn stale_resolvers_keep_the_dead_site() {
    let seconds = by_second(&sites("stale: Stale(share: \"20%\", ttl: \"2min\")", "(at: \"10s\", fail: \"east\")"));
    // A fifth, of which 40 s ago an eighth to a third had asked again: five standard deviations are 0.042.
    let expected = 0.2 * (1.0 - 24.5 / 120.0);
    assert!((seconds[40].0 - expected).abs() < 0.042, "{:?}", seconds[40]);
}

#[test]
fn a_site_with_too_few_servers_is_left() {
    let script = "(at: \"10s\", remove: 0), (at: \"10s\", fail: 1, lasting: \"20s\")";
    let seconds = by_second(&sites("site_needed: 2", script));
    assert!(seconds[12].0 > 0.9 && seconds[29].0 == 0.0 && seconds[29].1 == 0.0);
    assert!(seconds[44].1 > 0.5);
    // Where one server is enough, nobody minds that the other one fails.
    let one = by_second(&sites("", "(at: \"10s\", remove: 0), (at: \"10s\", fail: 0)"));
    assert!(one.iter().take(45).all(|(failed, east)| *failed == 0.0 && (*east - 1.0).abs() < 1e-3));
}

#[test]
fn a_restarted_balancer_believes_in_all_its_servers_again() {
    let checks = "health: Checks(interval: \"1s\", timeout: \"1s\", rise: 1, fall: 1, phase: Common), retries: 0";
    let script = "(at: \"5s\", fail: \"bad\"), (at: \"20s\", fail: \"front\", lasting: \"1500ms\")";
    let text = |balancer: &str| {
        text(balancer, "", script)
            .replace("Pool(workers: 100)", "Pool(name: \"good\", workers: 100), Pool(name: \"bad\", workers: 100)")
    };
    let late = |text: &str| failed(text).iter().filter(|life| life.birth >= 21_500_000_000).count();
    // Half of the requests of 21.5 s to 22 s, when the next check tells the truth.
    assert_eq!(late(&text(checks)), 25);
    assert_eq!(late(&text(&format!("{checks}, pair: Pair(takeover: \"1500ms\", preempt: false)"))), 0);
}
