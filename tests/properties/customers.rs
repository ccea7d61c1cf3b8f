//! Common random numbers: whatever the strategy and the number of servers, the same customers come.

use crate::models::model;
use crate::witness::{Life, Story, story};
use lbsim::balancing::Algorithm;

/// Open and closed classes, the closed ones of one user each, whose request can be told by their class.
const CLIENTS: &str = "
    Open(name: \"a\", arrivals: Poisson(rate: \"5/s\"), demand: Exponential(\"300ms\")),
    Closed(name: \"u\", users: 1, think_time: Exponential(\"400ms\"), demand: Exponential(\"200ms\")),
    Open(name: \"b\", arrivals: Renewal(gap: Erlang(shape: 3, mean: \"500ms\")), demand: LogNormal(mean: \"200ms\", cv: 2)),
    Closed(name: \"v\", users: 1, think_time: Uniform(low: \"0s\", high: \"1s\"), demand: Constant(\"100ms\")),";

/// All algorithms, on few servers and on many.
fn stories(rest: &str) -> Vec<(String, Story)> {
    let mut stories = Vec::new();
    for name in Algorithm::NAMES {
        for count in [3, 50] {
            let text = format!(
                "Model(seed: 5, clients: [{CLIENTS}], balancer: (algorithm: {name}), {}, run: Terminating(horizon: \"150s\"))",
                rest.replace("COUNT", &count.to_string())
            );
            stories.push((format!("{name} on {count} servers"), story(&model(&text))));
        }
    }
    stories
}

/// What of one class does not depend on the servers.
fn compare<T: PartialEq + std::fmt::Debug>(stories: &[(String, Story)], class: usize, what: impl Fn(&[Life]) -> Vec<T>) {
    let (first, reference) = &stories[0];
    let reference = what(&reference.of_class(class));
    for (name, story) in &stories[1..] {
        let other = what(&story.of_class(class));
        // Under some algorithms fewer have ended.
        let common = reference.len().min(other.len());
        assert!(common > 80, "{common} requests of class {class} under {name}");
        let differs = (0..common).find(|&n| reference[n] != other[n]);
        if let Some(n) = differs {
            panic!("request {n} of class {class}: {:?} under {first}, {:?} under {name}", reference[n], other[n]);
        }
    }
}

/// Service times of the requests up to the first that has not been completed.
fn services(lives: &[Life]) -> Vec<u64> {
    let service = |life: &Life| life.server().and(life.start).map(|start| life.end - start);
    lives.iter().map_while(service).collect()
}

/// Think times: from one end to the next birth.
fn think_times(lives: &[Life]) -> Vec<u64> {
    let first = lives.iter().take(1).map(|life| life.birth);
    first.chain(lives.windows(2).map(|pair| pair[1].birth - pair[0].end)).collect()
}

#[test]
fn every_strategy_meets_the_same_customers() {
    let stories = stories("servers: [(count: COUNT)]");
    for open in [0, 2] {
        compare(&stories, open, |lives| lives.iter().map(|life| life.birth).collect());
        compare(&stories, open, services);
    }
    for closed in [1, 3] {
        compare(&stories, closed, think_times);
        compare(&stories, closed, services);
    }
}

/// Own demands are told apart from those on the back end by the run without one; the back end has a worker for everybody.
#[test]
fn every_strategy_meets_the_same_demands_on_back_ends() {
    let with = "servers: [(count: COUNT, workers: 2, call: (demand: Exponential(\"100ms\")))], back_ends: [(name: \"db\", workers: 10000)]";
    let stories = stories(with);
    for class in 0..4 {
        compare(&stories, class, services);
    }
    let (name, first) = &stories[0];
    let own = story(&model(&format!(
        "Model(seed: 5, clients: [{CLIENTS}], servers: [(workers: 100)], run: Terminating(horizon: \"150s\"))"
    )));
    let (own, both) = (services(&own.of_class(0)), services(&first.of_class(0)));
    let calls: Vec<u64> = both.iter().zip(own).map(|(both, own)| both - own).collect();
    let mean = calls.iter().sum::<u64>() as f64 / calls.len() as f64 * 1e-9;
    // 4.5 standard errors: wrong in 7 of a million.
    assert!((mean - 0.1).abs() < 4.5 * 0.1 / (calls.len() as f64).sqrt(), "{name}: {mean}");
}

#[test]
fn another_class_does_not_change_the_customers_of_the_others() {
    let text = |clients: &str| {
        format!("Model(seed: 5, clients: [{clients}], servers: [(workers: 99)], run: Terminating(horizon: \"150s\"))")
    };
    let alone = story(&model(&text(CLIENTS)));
    let more = format!("{CLIENTS} Open(name: \"z\", arrivals: Poisson(rate: \"50/s\"), demand: Exponential(\"100ms\"))");
    let among = story(&model(&text(&more)));
    for class in 0..4 {
        let lives =
            |story: &Story| -> Vec<(u64, u64)> { story.of_class(class).iter().map(|life| (life.birth, life.end)).collect() };
        assert_eq!(lives(&alone), lives(&among));
    }
}

#[test]
fn another_seed_and_another_replication_bring_other_customers() {
    let births = |seed: u64, replication: u32| -> Vec<u64> {
        let text = format!("Model(seed: {seed}, clients: [{CLIENTS}], run: Terminating(horizon: \"50s\"))");
        let model = model(&text);
        let mut cluster = lbsim::cluster::Cluster::new(&model, replication, crate::witness::Witness::new(&model));
        cluster.run_until(model.parts().run.ends_at());
        cluster.finish_replication().lives.iter().filter(|life| life.class == 0).map(|life| life.birth).collect()
    };
    assert_eq!(births(1, 0), births(1, 0));
    let all = [births(1, 0), births(2, 0), births(1, 1), births(2, 1)];
    for (one, births) in all.iter().enumerate() {
        for other in &all[..one] {
            let shared = births.iter().filter(|birth| other.contains(birth)).count();
            assert_eq!(shared, 0, "births of different streams do not meet to the nanosecond");
        }
    }
}
