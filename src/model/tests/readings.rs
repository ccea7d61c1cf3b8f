//! Good files and what they mean.

use super::{FULL, read_with};
use crate::balancing::Product;
use crate::model::Items;
use crate::model::{
    Arrivals, ChangeKind, Discipline, Model, ModelParts, OVERLOAD, PoolKind, Ramp, RunPlan, SlowStart, WhenFull, disciplines,
};
use crate::random::Popularity;
use crate::units::{BalancerId, PoolId, ServerId, Span};

fn parts_with(text: &str, overrides: &[&str]) -> ModelParts {
    match read_with(text, overrides) {
        Ok(checked) => checked.model.parts().clone(),
        Err(report) => panic!("{report}"),
    }
}

fn parts(text: &str) -> ModelParts {
    parts_with(text, &[])
}

const SMALL: &str = r#"Model(clients: [Open(arrivals: Poisson(rate: "12/s"), demand: Exponential("40ms"))])"#;

#[test]
fn every_field_of_the_full_example_arrives() {
    let checked = read_with(FULL, &[]).unwrap();
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    let parts = checked.model.parts();
    assert_eq!((parts.about.as_str(), parts.seed.0), ("A web shop with one old machine", 7));

    let expected = parts.expectations.read(|text| Ok(text.to_owned())).unwrap();
    assert_eq!(expected, ["p99 < 200ms", "utilization < 80%"]);

    let [shoppers, batch, users] = &parts.classes[..] else { panic!("three classes") };
    assert_eq!((shoppers.name.as_str(), shoppers.balancer), ("shoppers", BalancerId(0)));
    assert_eq!(shoppers.demand.to_string(), "log-normal, mean 40 ms, cv 1.5");
    assert!(matches!(shoppers.arrivals, Arrivals::Poisson { rate } if rate.as_per_sec() == 12.0));
    assert_eq!(batch.demand.to_string(), "constant 10 ms");
    assert!(matches!(&batch.arrivals, Arrivals::Renewal { gap } if gap.mean_secs() == 1.0));
    assert_eq!((users.demand.to_string().as_str(), users.balancer), ("exponential, mean 20 ms", BalancerId(1)));
    assert!(matches!(&users.arrivals, Arrivals::Closed { users: 50, think_time } if think_time.mean_secs() == 5.0));

    let [edge, inner] = &parts.balancers[..] else { panic!("two balancers") };
    assert_eq!((edge.name.as_str(), edge.algorithm.name(), &edge.pools[..]), ("edge", "PowerOfD", &[PoolId(0), PoolId(1)][..]));
    assert!(format!("{:?}", edge.algorithm).contains("d: 2, replacement: true"));
    assert_eq!((edge.when_full, edge.queue_capacity), (WhenFull::Skip, Some(100)));
    assert_eq!((inner.name.as_str(), inner.algorithm.name(), &inner.pools[..]), ("inner", "EnvoyLeastRequest", &[PoolId(0)][..]));

    assert_eq!((edge.product, edge.slow_start), (None, None));
    let ramp = Ramp::Power { from: 0.2, aggression: 2.0 };
    let slow_start = Some(SlowStart { window: Span::from_secs(20), ramp });
    assert_eq!((inner.product, inner.slow_start), (Some(Product::Envoy), slow_start));
    assert_eq!(batch.clients, Some(Popularity::uniform(40)));
    assert_eq!(batch.items, Some(Items { popularity: Popularity::zipf(1_000, 0.9), lifetime: None }));

    let [new, old, db] = &parts.pools[..] else { panic!("three pools") };
    assert_eq!((new.name.as_str(), new.kind, new.count, new.workers), ("new", PoolKind::Servers, 3, 8));
    assert_eq!((new.speed, new.capacity, new.weight, new.discipline), (1.0, Some(100), 1.0, Discipline::Fcfs));
    assert!(new.call.is_none());
    assert_eq!((new.max_connections, old.max_connections), (None, Some(50)));
    assert_eq!((old.count, old.speed, old.capacity), (1, 0.33, None));
    let call = old.call.as_ref().unwrap();
    assert_eq!((call.to, call.demand.to_string().as_str()), (PoolId(2), "exponential, mean 5 ms"));
    assert_eq!((db.kind, db.workers, db.discipline), (PoolKind::BackEnd, 4, Discipline::ProcessorSharing));

    let script: Vec<_> = parts
        .script
        .iter()
        .map(|change| (change.at.as_nanos() / 1_000_000_000, change.kind.clone(), &change.servers[..]))
        .collect();
    let (two, three) = (ServerId(2), ServerId(3));
    let expected: [(u64, ChangeKind, &[ServerId]); 4] = [
        (10, ChangeKind::Remove, &[two]),
        (15, ChangeKind::Remove, &[three]),
        (20, ChangeKind::Return, &[two, three]),
        (30, ChangeKind::Reweigh(2.5), &[ServerId(0)]),
    ];
    assert_eq!(script, expected);
    let (length, warm_up) = (Span::from_secs(3_600), Span::from_secs(720));
    assert_eq!(parts.run, RunPlan::Steady { length, warm_up, replications: 20 });
}

#[test]
fn what_is_not_written_has_a_default() {
    let parts = parts(SMALL);
    assert_eq!((parts.about.as_str(), parts.seed.0), ("", 1));
    assert_eq!(parts.classes[0].name, "clients");
    let [balancer] = &parts.balancers[..] else { panic!("one balancer") };
    assert_eq!(
        (balancer.name.as_str(), balancer.algorithm.name(), balancer.when_full),
        ("balancer", "RoundRobin", WhenFull::Reject)
    );
    assert_eq!((&balancer.pools[..], balancer.queue_capacity), (&[PoolId(0)][..], None));
    let [pool] = &parts.pools[..] else { panic!("one pool") };
    assert_eq!((pool.name.as_str(), pool.kind, pool.count, pool.workers), ("servers", PoolKind::Servers, 1, 1));
    assert_eq!((pool.speed, pool.weight, pool.capacity, pool.discipline), (1.0, 1.0, None, Discipline::Fcfs));
    assert!(pool.call.is_none() && parts.script.is_empty());
    // 100,000 requests at 12/s take 2.3 hours.
    let length = Span::from_secs(5 * 3_600);
    assert_eq!(parts.run, RunPlan::Steady { length, warm_up: Span::from_secs(3_600), replications: 20 });
}

#[test]
fn the_names_of_structures_may_be_left_out() {
    let named = parts(FULL);
    let plain =
        ["Model(", "Balancer(", "Pool(", "BackEnd(", "Call("].iter().fold(FULL.to_string(), |text, name| text.replace(name, "("));
    assert_eq!(format!("{:?}", parts(&plain)), format!("{named:?}"));
}

#[test]
fn entries_without_names_are_numbered_if_there_are_several() {
    let text = SMALL.replace(")])", ")], servers: [Pool(), Pool(name: \"x\"), Pool()])");
    let names: Vec<String> = parts(&text).pools.into_iter().map(|pool| pool.name).collect();
    assert_eq!(names, ["servers 1", "x", "servers 3"]);
}

#[test]
fn an_algorithm_needs_no_parentheses() {
    for (written, shown) in [
        ("RoundRobin", "RoundRobin"),
        ("RoundRobin()", "RoundRobin"),
        ("PowerOfD", "d: 2, replacement: false"),
        ("PowerOfD(d: 3)", "d: 3, replacement: false"),
        ("PowerOfD(replacement: true)", "d: 2, replacement: true"),
    ] {
        let parts = parts(&SMALL.replace(")])", &format!(")], balancer: (algorithm: {written}))")));
        let algorithm = format!("{:?}", parts.balancers[0].algorithm);
        assert!(algorithm.contains(shown), "{written}: {algorithm}");
    }
}

#[test]
fn every_distribution_can_be_written_and_takes_the_parameters_of_its_help() {
    let written = [
        ("Constant(\"10ms\")", "constant 10 ms"),
        ("Constant(value: \"0s\")", "constant 0 s"),
        ("Uniform(low: \"1ms\", high: \"3ms\")", "uniform"),
        ("Exponential(\"10ms\")", "exponential, mean 10 ms"),
        ("Exponential(mean: \"10ms\")", "exponential, mean 10 ms"),
        ("Erlang(shape: 4, mean: \"10ms\")", "Erlang"),
        ("Gamma(shape: 0.5, mean: \"10ms\")", "gamma"),
        ("Hyperexponential(probs: [\"90%\", 0.1], means: [\"1ms\", \"10ms\"])", "hyperexponential"),
        ("LogNormal(mean: \"10ms\", cv: 2)", "log-normal, mean 10 ms, cv 2"),
        ("Weibull(shape: 0.5, scale: \"10ms\")", "Weibull, shape 0.5, scale 10 ms, mean 20 ms"),
        ("Weibull(shape: 0.5, mean: \"20ms\")", "Weibull, shape 0.5, scale 10 ms, mean 20 ms"),
        ("Pareto(shape: 1.5, scale: \"10ms\")", "Pareto, shape 1.5, scale 10 ms, mean 30 ms"),
        ("BoundedPareto(shape: 1.1, low: \"1ms\", high: \"10s\")", "bounded Pareto"),
        ("Discrete(values: [\"1ms\", \"2ms\"], probs: [0.5, 0.5])", "discrete"),
    ];
    for kind in crate::random::Distribution::help() {
        let of_kind: Vec<&str> =
            written.iter().map(|(text, _)| *text).filter(|text| text.starts_with(&format!("{}(", kind.name))).collect();
        for parameter in kind.parameters {
            let name = format!("{}: ", parameter.name);
            assert!(of_kind.iter().any(|text| text.contains(&name)), "{} of {}", parameter.name, kind.name);
        }
    }
    for (text, expected) in written {
        let shown = parts(&SMALL.replace("Exponential(\"40ms\")", text)).classes[0].demand.to_string();
        assert!(shown.to_lowercase().contains(&expected.to_lowercase()), "{text}: {shown}");
    }
}

#[test]
fn a_call_goes_to_the_only_back_end() {
    let text = SMALL.replace(")])", ")], servers: [(call: (demand: Constant(\"1ms\")))], back_ends: [(name: \"db\")])");
    let parts = parts(&text);
    assert_eq!(parts.pools[0].call.as_ref().unwrap().to, PoolId(1));
    assert_eq!((parts.pools[1].kind, parts.pools[1].count), (PoolKind::BackEnd, 1));
}

#[test]
fn a_replay_runs_once_over_its_log() {
    let text = r#"Model(clients: [Replay(log: "access.log", demand: Constant("1ms"))])"#;
    let replayed = parts(text);
    let Arrivals::Replay { trace } = &replayed.classes[0].arrivals else { panic!("a replay") };
    assert_eq!((trace.arrivals.len(), trace.malformed.total), (2, 1));
    assert_eq!(replayed.run, RunPlan::Terminating { horizon: Span::from_secs(10), replications: 1 });
    for (run, secs) in [("Terminating()", 10), ("Terminating(horizon: \"5s\")", 5), ("(horizon: \"5s\", replications: 1)", 5)] {
        let run = parts_with(text, &[&format!("run={run}")]).run;
        assert_eq!(run, RunPlan::Terminating { horizon: Span::from_secs(secs), replications: 1 });
    }
}

#[test]
fn a_table_brings_its_own_demands() {
    let replayed = parts(r#"Model(clients: [Replay(log: "demands.csv")])"#);
    let Arrivals::Replay { trace } = &replayed.classes[0].arrivals else { panic!("a replay") };
    assert_eq!(trace.demands, [10_000_000, 30_000_000].map(Span::from_nanos));
    assert_eq!(replayed.classes[0].demand.mean_secs(), 0.02);
    assert_eq!(replayed.run, RunPlan::Terminating { horizon: Span::from_secs(3), replications: 1 });
}

#[test]
fn a_log_is_read_once_for_all_classes() {
    let text = r#"Model(clients: [Replay(log: "access.log", demand: Constant("1ms")), Replay(log: "access.log", demand: Constant("2ms"))])"#;
    let replayed = parts(text);
    let traces: Vec<_> = replayed
        .classes
        .iter()
        .map(|class| if let Arrivals::Replay { trace } = &class.arrivals { trace } else { panic!("a replay") })
        .collect();
    assert!(std::sync::Arc::ptr_eq(traces[0], traces[1]));
}

#[test]
fn a_script_is_sorted_and_reduced_to_what_changes() {
    let text = SMALL.replace(
        ")])",
        ")], servers: [(name: \"a\", count: 2), (name: \"b\", count: 2)], script: [
            (at: \"30s\", restore: [\"a\", \"b\"]), (at: \"10s\", remove: [3, 1, 3]), (at: \"20s\", remove: \"b\"), (at: \"20s\", remove: 3)])",
    );
    let checked = read_with(&text, &[]).unwrap();
    assert_eq!(checked.warnings.diagnostics().len(), 2, "{}", checked.warnings);
    let changes = &checked.model.parts().script;
    let seen: Vec<(String, ChangeKind, Vec<u32>)> = changes
        .iter()
        .map(|change| (change.at.to_string(), change.kind.clone(), change.servers.iter().map(|server| server.0).collect()))
        .collect();
    let expected = [
        ("10 s", ChangeKind::Remove, vec![3, 1]),
        ("20 s", ChangeKind::Remove, vec![2]),
        ("30 s", ChangeKind::Return, vec![1, 2, 3]),
    ]
    .map(|(at, kind, servers)| (at.to_string(), kind, servers));
    assert_eq!(seen, expected);
    assert_eq!(changes[0].servers[0], ServerId(3));
}

#[test]
fn a_run_can_be_given_in_part() {
    let hour = Span::from_secs(3_600);
    for (run, expected) in [
        ("Steady()", RunPlan::Steady { length: Span::from_secs(18_000), warm_up: hour, replications: 20 }),
        ("(replications: 3)", RunPlan::Steady { length: Span::from_secs(18_000), warm_up: hour, replications: 3 }),
        (
            "(length: \"2h\", warm_up: \"50%\")",
            RunPlan::Steady { length: Span::from_secs(7_200), warm_up: hour, replications: 20 },
        ),
        (
            "Steady(length: \"2h\", warm_up: \"1 h\")",
            RunPlan::Steady { length: Span::from_secs(7_200), warm_up: hour, replications: 20 },
        ),
        ("Steady(length: \"1h\", warm_up: \"0s\")", RunPlan::Steady { length: hour, warm_up: Span::ZERO, replications: 20 }),
        ("(horizon: \"1h\")", RunPlan::Terminating { horizon: hour, replications: 20 }),
        ("Terminating(horizon: \"1h\", replications: 7)", RunPlan::Terminating { horizon: hour, replications: 7 }),
    ] {
        assert_eq!(parts(&SMALL.replace(")])", &format!(")], run: {run})"))).run, expected, "{run}");
    }
}

#[test]
fn users_who_wait_for_answers_set_the_default_length() {
    let text = r#"Model(clients: [Closed(users: 60, think_time: Constant("5s"), demand: Exponential("1s"))])"#;
    // 10 requests per second.
    assert_eq!(parts(text).run.ends_at().as_secs(), 10_000.0_f64.max(5.0 * 3_600.0));
}

#[test]
fn overrides_set_what_is_written_and_add_what_is_not() {
    let model = |overrides: &[&str]| parts_with(FULL, overrides);
    assert_eq!(model(&["servers[0].count=8"]).pools[0].count, 8);
    assert_eq!(model(&["servers[old].count=8"]).pools[1].count, 8);
    assert_eq!(model(&["servers[\"old\"].weight = 2.5"]).pools[1].weight, 2.5);
    assert_eq!(model(&["seed=5", "seed=6"]).seed.0, 6);
    assert_eq!(model(&["balancers[0].algorithm=RoundRobin"]).balancers[0].algorithm.name(), "RoundRobin");
    assert!(format!("{:?}", model(&["balancers[edge].algorithm=PowerOfD(d: 5)"]).balancers[0].algorithm).contains("d: 5"));
    assert!(format!("{:?}", model(&["balancers[0].algorithm.d=5"]).balancers[0].algorithm).contains("d: 5, replacement: true"));
    assert_eq!(model(&["clients[shoppers].demand.mean=20ms"]).classes[0].demand.to_string(), "log-normal, mean 20 ms, cv 1.5");
    assert_eq!(
        model(&["clients[1].demand=Exponential(20ms)".replace("20ms", "\"20ms\"").as_str()]).classes[1].demand.mean_secs(),
        0.02
    );
    assert_eq!(model(&["clients[users].demand.mean=30ms"]).classes[2].demand.to_string(), "exponential, mean 30 ms");
    assert_eq!(model(&["run.warm_up=50%"]).run.measured_from().as_secs(), 1_800.0);
    assert_eq!(
        model(&["balancers[0].pools[0]=\"old\"", "balancers[0].pools[1]=\"new\""]).balancers[0].pools,
        [PoolId(1), PoolId(0)]
    );
    assert_eq!(model(&["clients[0].balancer=\"inner\""]).classes[0].balancer, BalancerId(1));
    assert!(model(&["script=[]"]).script.is_empty());
}

#[test]
fn overrides_make_up_the_structures_on_their_way() {
    let model = |overrides: &[&str]| parts_with(SMALL, overrides);
    assert_eq!(model(&["run.replications=3"]).run.replications(), 3);
    assert_eq!(model(&["balancer.algorithm=Random"]).balancers[0].algorithm.name(), "Random");
    let called = model(&["servers[0].call.demand=Constant(\"1ms\")", "back_ends[0].name=\"db\"", "servers[0].count=8"]);
    assert_eq!((called.pools[0].count, called.pools[0].call.as_ref().map(|call| call.to)), (8, Some(PoolId(1))));
    assert_eq!(model(&["clients[0].arrivals.rate=24 / s"]).run.ends_at().as_secs(), 2.0 * 3_600.0);
}

#[test]
fn comments_underscores_exponents_and_raw_texts_are_read() {
    let text = "\u{feff}/* a /* nested */ one */ Model(about: r#\"a \"shop\"\"#, seed: 1_000, // the seed
        clients: [Open(arrivals: Poisson(rate: \"1e1/s\"), demand: Constant(\"\\x31\\u{30}m\\\n            s\"))], servers: [(count: 1e2, workers: 0x10, speed: +.5)],)";
    let parts = parts(text);
    assert_eq!((parts.about.as_str(), parts.seed.0), ("a \"shop\"", 1_000));
    assert_eq!(parts.classes[0].demand.mean_secs(), 0.01);
    assert_eq!((parts.pools[0].count, parts.pools[0].workers, parts.pools[0].speed), (100, 16, 0.5));
}

#[test]
fn bounded_queues_do_not_grow() {
    let text = SMALL.replace("12/s", "100/s");
    assert_eq!(read_with(&text, &[]).unwrap().warnings.diagnostics().len(), 1);
    assert!(read_with(&text, &["servers[0].capacity=100"]).unwrap().warnings.is_empty());
}

#[test]
fn disciplines_are_listed_by_the_names_that_files_use() {
    for discipline in disciplines() {
        let text = SMALL.replace(")])", &format!(")], servers: [(discipline: {})])", discipline.name));
        assert_eq!(format!("{:?}", parts(&text).pools[0].discipline), discipline.name);
    }
}

#[test]
fn a_model_can_be_shared_between_threads() {
    const fn shared<T: Send + Sync>() {}
    shared::<Model>();
}

#[test]
fn a_bounded_queue_in_the_balancer_is_no_overload() {
    let at = |balancer: &str| {
        format!("Model(clients: [Open(arrivals: Poisson(rate: \"20/s\"), demand: Constant(\"100ms\"))], balancer: ({balancer}))")
    };
    let warns = |balancer: &str| read_with(&at(balancer), &[]).unwrap().warnings.has(OVERLOAD);
    assert!(!warns("algorithm: CentralQueue, queue_capacity: 10"));
    let call = ["servers=[Pool(call: Call(demand: Constant(\"1s\")))]", "back_ends=[BackEnd(name: \"db\")]"];
    let text = at("algorithm: CentralQueue, queue_capacity: 10");
    assert!(read_with(&text, &call).unwrap().warnings.is_empty());
    assert!(warns("algorithm: CentralQueue"));
    assert!(warns("algorithm: RoundRobin, queue_capacity: 10"), "it holds nothing: the servers' queues have no bound");
}

#[test]
fn the_speed_of_servers_shortens_the_default_length() {
    let text = "Model(clients: [Closed(users: 1, think_time: Constant(\"0s\"), demand: Constant(\"10ms\"))])";
    let length = |speed: &str| {
        let servers = format!("servers=[Pool(speed: {speed})]");
        read_with(text, &[&servers]).unwrap().model.parts().run.ends_at().to_string()
    };
    assert_eq!((length("1"), length("100")), ("20 min".to_string(), "10 s".to_string()));
}

#[test]
fn a_sentence_about_a_model_may_have_several_lines() {
    let about = |text: &str| read_with(&SMALL.replacen('(', &format!("(about: \"{text}\", "), 1), &[]);
    assert_eq!(about("one\r\ntwo").unwrap().model.parts().about, "one\ntwo");
    assert!(about("one\\rtwo").is_err() && about("\\u{9b}2J").is_err());
}

#[test]
fn a_script_knows_servers_by_the_names_in_the_tables() {
    let servers = "servers=[Pool(name: \"new\", count: 3), Pool(name: \"old\"), Pool(name: \"new 3\", count: 2)]";
    let removed = |targets: &str| {
        let script = format!("script=[(at: \"1s\", remove: {targets})]");
        let checked = read_with(SMALL, &[servers, &script]).unwrap();
        let servers = &checked.model.parts().script[0].servers;
        servers.iter().map(|server| server.0).collect::<Vec<u32>>()
    };
    assert_eq!(removed("\"new 2\""), [1]);
    assert_eq!(removed("[\"old\", 0, \"new 3 2\"]"), [3, 0, 5]);
    assert_eq!(removed("\"new 3\""), [4, 5], "a pool of that very name comes first");
    for wrong in ["new 4", "new 0", "new 02", "new2", "old 1", "new 4294967296"] {
        let script = format!("script=[(at: \"1s\", remove: \"{wrong}\")]");
        assert_eq!(read_with(SMALL, &[servers, &script]).unwrap_err().errors(), 1, "{wrong}");
    }
}
