//! Caches and sessions, simulated, against closed forms, where no shared case is about them: each mean within four standard errors over the
//! replications, wrong once in some thousands; the seeds are fixed.

use lbsim::experiment::replicate;
use lbsim::model::{Model, NoFiles, Source, read};
use lbsim::observe::Record;
use lbsim::theory::{CachePool, IndependentReferences, Replacement, SessionCaches, SessionLength, SessionRouting};

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
fn a_cache_that_forgets_at_random_hits_as_often_as_its_markov_chain_says() {
    let references = IndependentReferences::zipf(6, 0.8).unwrap();
    let pool = format!("Pool(cache: {})", cache("capacity: 3, eviction: Random"));
    let text = items(&pool, "Zipf(count: 6, exponent: 0.8)", "Random", 50);
    agrees("Random", mean_of(&text, hit_ratio), references.exact_random(3).unwrap(), 0.0);
}

/// Which items a hash sends together differs from dealing them out by rank, and so do the shares of the four.
#[test]
fn servers_that_a_hash_of_the_item_chooses_hit_about_as_often_as_one_large_cache() {
    let references = IndependentReferences::zipf(10_000, 0.8).unwrap();
    let pool = CachePool { servers: 4, capacity: 250, rule: Replacement::Lru };
    let four = format!("Pool(count: 4, cache: {})", cache("capacity: 250"));
    let hashed = mean_of(&items(&four, "Zipf(count: 10000, exponent: 0.8)", "Rendezvous(key: Item)", 100), hit_ratio);
    agrees("by hash", hashed, pool.sticky(&references).unwrap(), 0.01);
}

#[test]
fn a_table_of_sessions_sends_them_where_their_state_is() {
    for (requests, length, servers) in
        [("10", SessionLength::Fixed(10), 4), ("Geometric(mean: 8)", SessionLength::Geometric(8.0), 5)]
    {
        let text = format!(
            "Model(clients: [Visitors(arrivals: Poisson(rate: \"100/s\"), requests: {requests}, think_time: Exponential(mean: \"1s\"),
                demand: Constant(\"1us\"))],
            balancer: (algorithm: Random, persistence: Table(key: Session)),
            servers: [Pool(count: {servers}, cache: Cache(of: Session, miss: Constant(\"1us\")))],
            run: Steady(length: \"300s\", warm_up: \"20%\", replications: 10))"
        );
        let expected = SessionCaches::new(servers, length).unwrap().hit_ratio(SessionRouting::Sticky);
        agrees(requests, mean_of(&text, hit_ratio), expected, 0.0);
    }
}
