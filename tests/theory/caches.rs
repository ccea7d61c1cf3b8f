//! Caches and sessions, simulated, against closed forms: each mean within four standard errors over the replications, wrong once in some
//! thousands; the seeds are fixed.

use lbsim::experiment::replicate;
use lbsim::model::{Model, NoFiles, Source, read};
use lbsim::observe::Record;
use lbsim::theory::{
    CachePool, IndependentReferences, Replacement, SessionCaches, SessionDuration, SessionLength, SessionRouting, StickyWindow,
    StickyWork, TtlCache,
};

fn model(text: &str) -> Model {
    match read(Source { name: "theory.ron", text }, &[], &NoFiles) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}"),
    }
}

/// Mean of a figure over the replications of a model, and its standard error.
fn mean_of(text: &str, figure: impl Fn(&Record) -> f64) -> (f64, f64) {
    let model = model(text);
    let number = model.parts().run.replications();
    let figures: Vec<f64> = (0..number).map(|replication| figure(&replicate(&model, replication))).collect();
    let mean = figures.iter().sum::<f64>() / f64::from(number);
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    (mean, (squares / f64::from(number - 1) / f64::from(number)).sqrt())
}

fn hit_ratio(record: &Record) -> f64 {
    let caches = &record.caches[0];
    caches.hits as f64 / caches.lookups as f64
}

fn agrees(what: &str, (mean, error): (f64, f64), expected: f64, bias: f64) {
    assert!((mean - expected).abs() <= 4.0 * error + bias * expected, "{what}: {mean} ± {error} against {expected}");
    // What cannot be seen is not shown.
    assert!(error < 0.01 * expected, "{what}: {mean} ± {error}");
}

/// A server that is asked for items 1,000 times a second and forgets by a rule.
fn items(servers: &str, items: &str, algorithm: &str, secs: u32) -> String {
    format!(
        "Model(clients: [Open(arrivals: Poisson(rate: \"1000/s\"), demand: Constant(\"1us\"), items: {items})],
            balancer: (algorithm: {algorithm}), servers: [{servers}],
            run: Steady(length: \"{secs}s\", warm_up: \"20%\", replications: 10))"
    )
}

fn cache(fields: &str) -> String {
    format!("Cache(of: Item, miss: Constant(\"1us\"), {fields})")
}

#[test]
fn small_caches_hit_as_often_as_markov_chains_say() {
    let references = IndependentReferences::zipf(6, 0.8).unwrap();
    for (rule, expected) in [
        ("Lru", references.exact_lru(3).unwrap()),
        ("Fifo", references.exact_random(3).unwrap()),
        ("Random", references.exact_random(3).unwrap()),
    ] {
        let pool = format!("Pool(cache: {})", cache(&format!("capacity: 3, eviction: {rule}")));
        let text = items(&pool, "Zipf(count: 6, exponent: 0.8)", "Random", 50);
        agrees(rule, mean_of(&text, hit_ratio), expected, 0.0);
    }
}

/// The approximation itself is good to 0.2 %.
#[test]
fn large_caches_hit_as_often_as_their_characteristic_time_says() {
    let references = IndependentReferences::zipf(10_000, 0.9).unwrap();
    let expected = references.characteristic_time(500, Replacement::Lru).unwrap().hit_ratio();
    let pool = format!("Pool(cache: {})", cache("capacity: 500"));
    agrees("Che", mean_of(&items(&pool, "Zipf(count: 10000, exponent: 0.9)", "Random", 100), hit_ratio), expected, 0.002);
    let references = IndependentReferences::zipf(10_000, 0.8).unwrap();
    let pool = CachePool { servers: 4, capacity: 250, rule: Replacement::Lru };
    let four = format!("Pool(count: 4, cache: {})", cache("capacity: 250"));
    let random = mean_of(&items(&four, "Zipf(count: 10000, exponent: 0.8)", "Random", 100), hit_ratio);
    agrees("at random", random, pool.random(&references).unwrap(), 0.003);
    // Which items a hash sends together differs from dealing them out by rank, and so do the shares of the four.
    let hashed = mean_of(&items(&four, "Zipf(count: 10000, exponent: 0.8)", "Rendezvous(key: Item)", 100), hit_ratio);
    agrees("by hash", hashed, pool.sticky(&references).unwrap(), 0.01);
    let shared = format!("Pool(count: 4, cache: {})", cache("capacity: 1000, shared: true"));
    let shared = mean_of(&items(&shared, "Zipf(count: 10000, exponent: 0.8)", "Random", 100), hit_ratio);
    agrees("shared", shared, pool.shared(&references).unwrap(), 0.003);
}

#[test]
fn expiring_entries_hit_as_often_as_renewal_theory_says() {
    for resets in [false, true] {
        let text = format!(
            "Model(clients: [Open(arrivals: Poisson(rate: \"0.5/s\"), demand: Constant(\"1us\"), items: 1)],
                servers: [Pool(cache: Cache(of: Item, miss: Constant(\"0s\"), ttl: Ttl(after: \"3s\", resets: {resets})))],
                run: Steady(length: \"20000s\", warm_up: \"10%\", replications: 10))"
        );
        let expected = TtlCache { ttl: 3.0, reset_on_hit: resets }.hit_ratio(0.5);
        agrees(&format!("resets: {resets}"), mean_of(&text, hit_ratio), expected, 0.0);
    }
}

#[test]
fn what_belongs_to_sessions_is_found_as_often_as_counting_says() {
    let lengths = [("10", SessionLength::Fixed(10), 4), ("Geometric(mean: 8)", SessionLength::Geometric(8.0), 5)];
    for (requests, length, servers) in lengths {
        let theory = SessionCaches::new(servers, length).unwrap();
        let ways = [
            ("Cookie", SessionRouting::Sticky),
            ("Table(key: Session)", SessionRouting::Sticky),
            ("None", SessionRouting::Random),
        ];
        for (persistence, routing) in ways {
            let text = format!(
                "Model(clients: [Visitors(arrivals: Poisson(rate: \"100/s\"), requests: {requests}, think_time: Exponential(mean: \"1s\"),
                    demand: Constant(\"1us\"))],
                balancer: (algorithm: Random, persistence: {persistence}),
                servers: [Pool(count: {servers}, cache: Cache(of: Session, miss: Constant(\"1us\")))],
                run: Steady(length: \"300s\", warm_up: \"20%\", replications: 10))"
            );
            let what = format!("{requests} {persistence}");
            agrees(&what, mean_of(&text, hit_ratio), theory.hit_ratio(routing), 0.0);
            let visited = |record: &Record| {
                let sessions = record.total().sessions;
                sessions.servers as f64 / sessions.ended as f64
            };
            let (mean, error) = mean_of(&text, visited);
            let expected = theory.servers_visited(routing);
            assert!((mean - expected).abs() <= 4.0 * error + 1e-9, "{what}: {mean} ± {error} servers against {expected}");
        }
    }
}

/// The standard deviation of one of four servers over `replications` replications; those of the four servers of one replication, whose sum is
/// nearly fixed, go together.
fn std_of_one(text: &str, load: impl Fn(&Record, usize) -> f64) -> (f64, f64) {
    let model = model(text);
    let loads: Vec<[f64; 4]> = (0..model.parts().run.replications())
        .map(|replication| {
            let record = replicate(&model, replication);
            [0, 1, 2, 3].map(|server| load(&record, server))
        })
        .collect();
    let number = loads.len() as f64;
    let mean = loads.iter().flatten().sum::<f64>() / number / 4.0;
    let squares: Vec<f64> = loads.iter().map(|four| four.iter().map(|load| (load - mean).powi(2)).sum::<f64>() / 4.0).collect();
    let variance = squares.iter().sum::<f64>() / number;
    let spread = squares.iter().map(|square| (square - variance).powi(2)).sum::<f64>() / (number - 1.0);
    (variance.sqrt(), (spread / number).sqrt() / 2.0 / variance.sqrt())
}

#[test]
fn sticky_sessions_of_unequal_work_load_servers_unequally() {
    let theory = StickyWork::new(400, 4, 10.0, 8.0).unwrap();
    // Its squared coefficient of variation is 8.
    let text = "Model(clients: [Visitors(users: 400, first: Uniform(low: \"0s\", high: \"1s\"), away: None, requests: 1,
            think_time: Constant(\"1s\"), demand: Constant(\"10s\"), heaviness: LogNormal(mean: 1, cv: 2.8284271247461903))],
        balancer: (algorithm: Random, persistence: Cookie), servers: [Pool(count: 4, workers: 400)],
        run: Terminating(horizon: \"30d\", replications: 4000))";
    let (std, error) = std_of_one(text, |record, server| record.servers[server].busy_ns as f64 * 1e-9);
    assert!((std - theory.std()).abs() < 4.0 * error, "{std} ± {error} against {}", theory.std());
    assert!(error < 0.05 * std, "{std} ± {error}");
}

#[test]
fn sticky_sessions_make_requests_come_in_heaps() {
    let theory = StickyWindow::new(2.0, 4, SessionDuration::Exponential(30.0), 0.4, 60.0).unwrap();
    // Sessions of 30 s with 0.4 requests a second while they last: a gap ends in a request with probability 12/13, and those that have one come
    // at 2 * 12/13 a second, delayed by their first gap, which leaves them Poisson.
    let text = "Model(clients: [Visitors(arrivals: Poisson(rate: \"1.8461538461538463/s\"), requests: Geometric(mean: 13),
            think_time: Exponential(mean: \"2.3076923s\"), demand: Constant(\"1ns\"))],
        balancer: (algorithm: Random, persistence: Cookie), servers: [Pool(count: 4, workers: 4)],
        run: Steady(length: \"660s\", warm_up: \"600s\", replications: 1500))";
    let (std, error) = std_of_one(text, |record, server| record.servers[server].served as f64);
    assert!((std - theory.std()).abs() < 4.0 * error, "{std} ± {error} against {}", theory.std());
    assert!(error < 0.03 * std, "{std} ± {error}");
}
