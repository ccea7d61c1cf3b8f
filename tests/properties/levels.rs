//! Levels of priority: which servers are used when some are down, away or known to be either.

use crate::models::model;
use crate::witness::{Life, story};

/// How many of the requests each server answers in the last 900 s of 1,000 s; ten come a second, and nothing waits.
fn answered(balancer: &str, servers: &str, script: &str) -> Vec<u64> {
    let text = format!(
        "Model(
            clients: [Open(arrivals: Renewal(gap: Constant(\"100ms\")), demand: Constant(\"1ms\"))],
            balancer: (algorithm: RoundRobin, {balancer}),
            servers: [{servers}],
            script: [{script}],
            run: Terminating(horizon: \"1000s\", replications: 1),
        )"
    );
    let model = model(&text);
    let mut counts = vec![0; model.parts().pools.iter().map(|pool| pool.count as usize).sum()];
    let lives = story(&model).lives;
    lives.iter().filter(|life| life.birth >= 100_000_000_000).filter_map(Life::server).for_each(|server| counts[server] += 1);
    counts
}

const CHECKS: &str = "health: Checks(interval: \"1s\", timeout: \"1s\", rise: 2, fall: 3)";

/// Every way of knowing that a server is down.
fn however_known(product: &str, mut holds: impl FnMut(&str)) {
    for known in [CHECKS, "health: Perfect"] {
        holds(&format!("product: {product}, {known}"));
    }
}

const ONE_AND_BACKUPS: &str = "Pool(name: \"web\"), Pool(name: \"spare\", count: 3, backup: true)";

#[test]
fn haproxy_uses_one_backup_at_a_time() {
    however_known("HAProxy", |balancer| {
        assert_eq!(answered(balancer, ONE_AND_BACKUPS, "(at: \"50s\", fail: \"web\")"), [0, 9_000, 0, 0]);
    });
}

#[test]
fn the_first_backup_is_the_first_that_can_be_used() {
    however_known("HAProxy", |balancer| {
        let script = "(at: \"50s\", fail: \"web\"), (at: \"40s\", fail: 1), (at: \"60s\", remove: 2)";
        assert_eq!(answered(balancer, ONE_AND_BACKUPS, script), [0, 0, 0, 9_000], "{balancer}");
    });
}

#[test]
fn a_server_out_of_rotation_leaves_the_load_to_the_backup() {
    however_known("HAProxy", |balancer| {
        assert_eq!(answered(balancer, ONE_AND_BACKUPS, "(at: \"50s\", remove: \"web\")"), [0, 9_000, 0, 0]);
    });
}

#[test]
fn envoy_gives_a_level_what_its_healthy_servers_bear() {
    // Two of five healthy bear 1.4 * 0.4 of the load: of 9,000 requests 5,040, with a standard deviation of 47; a range of 4.5 fails once in
    // 150,000.
    let servers = "Pool(name: \"near\", count: 5), Pool(name: \"far\", count: 5, priority: 1)";
    however_known("Envoy", |balancer| {
        let counts = answered(&format!("{balancer}, panic: None"), servers, "(at: \"50s\", fail: [0, 1, 2])");
        let near: u64 = counts[..5].iter().sum();
        assert!((4_828..=5_252).contains(&near), "{near}");
    });
}

#[test]
fn servers_out_of_rotation_are_not_among_those_that_share_the_load() {
    // Those that are left are healthy, all of them: nothing spills over.
    let servers = "Pool(name: \"near\", count: 5), Pool(name: \"far\", count: 5, priority: 1)";
    however_known("Envoy", |balancer| {
        let counts = answered(&format!("{balancer}, panic: None"), servers, "(at: \"50s\", remove: [0, 1, 2])");
        assert_eq!(counts[3] + counts[4], 9_000);
    });
}

#[test]
fn in_panic_who_knows_the_truth_sends_to_the_dead_too() {
    let balancer = |panic: &str| format!("product: Envoy, health: Perfect, retries: None, panic: {panic}");
    let script = "(at: \"50s\", fail: [0, 1, 2])";
    assert_eq!(answered(&balancer("\"50%\""), "Pool(name: \"web\", count: 4)", script), [0, 0, 0, 2_250]);
    assert_eq!(answered(&balancer("None"), "Pool(name: \"web\", count: 4)", script), [0, 0, 0, 9_000]);
}

#[test]
fn servers_that_are_full_are_still_those_in_use() {
    // Ten requests a second for two servers that can do eight; the backup is left alone but by nginx, which takes it for want of another.
    let shares = |product: &str| {
        let text = format!(
            "Model(
                clients: [Open(arrivals: Renewal(gap: Constant(\"100ms\")), demand: Constant(\"250ms\"))],
                balancer: (algorithm: RoundRobin, {product}),
                servers: [Pool(name: \"main\", count: 2, max_connections: 1), Pool(name: \"spare\", backup: true)],
                run: Terminating(horizon: \"100s\", replications: 1),
            )"
        );
        let lives = story(&model(&text)).lives;
        (lives.iter().filter_map(Life::server).count(), lives.iter().filter(|life| life.server() == Some(2)).count())
    };
    for product in ["", "product: HAProxy"] {
        let (answered, by_backup) = shares(product);
        assert!((790..=800).contains(&answered) && by_backup == 0, "{answered} {by_backup}");
    }
    assert!(shares("product: Nginx").1 > 200);
}

#[test]
fn a_dead_server_stays_in_rotation_until_a_spare_takes_its_place() {
    let servers = "Pool(name: \"web\", count: 4, spares: Spares(count: 1, start_up: \"200s\"))";
    // A third of the requests, from 300 s to 500 s: those are refused.
    let counts = answered("health: Nothing", servers, "(at: \"300050ms\", fail: 0)");
    assert!(counts.iter().sum::<u64>().abs_diff(9_000 - 667) <= 1, "{counts:?}");
    assert!(counts[3] > 1_600, "{counts:?}");
}
