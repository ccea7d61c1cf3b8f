use super::*;
use crate::model::{Discipline, WhenFull};
use crate::validation::{builtin, read_cases, variants};
use proptest::prelude::*;

fn report(cases: &[Case]) -> String {
    let (mut translated, mut skipped) = (0, String::new());
    for case in cases.iter().flat_map(variants) {
        match translate(&case) {
            Ok(_) => translated += 1,
            Err(skip) => skipped += &format!("{}: {skip}\n", case.id),
        }
    }
    format!("{translated} translated, the others skipped:\n{skipped}")
}

#[test]
fn builtin_cases_are_translated_or_skipped_for_a_reason() {
    insta::assert_snapshot!(report(&builtin()), @r#"
    73 translated, the others skipped:
    Q21: discipline `lcfs_pr` is not built yet
    Q23: discipline `lcfs` is not built yet
    Q27: discipline `sjf` is not built yet
    Q33: the model needs `network`, `stations`
    Q35: the model needs `network`, `stations`
    Q37: the model needs `patience`
    Q39: the model needs `network_delay`
    Q40: arrivals `poisson_sinusoidal` are not built yet
    A24: not a model of requests and servers (family availability)
    A25: not a model of requests and servers (family availability)
    I04: a computation on rings of random points; the rings of products are held to measured shares of keys in the unit tests of src/balancing/haproxy/ring.rs and src/balancing/envoy
    I05: a computation on rings of random points; the rings of products are held to measured shares of keys in the unit tests of src/balancing/haproxy/ring.rs and src/balancing/envoy
    I07: a computation on keys that move; held to what stays and to measurements in the unit tests of src/balancing/rendezvous.rs, src/balancing/jump_hash.rs, src/balancing/haproxy and src/balancing/envoy
    I08: a computation on keys that move; held to what stays and to measurements in the unit tests of src/balancing/rendezvous.rs, src/balancing/jump_hash.rs, src/balancing/haproxy and src/balancing/envoy
    I09: a computation of a table; held to the tables of the product in the unit tests of src/balancing/envoy/maglev.rs
    I11: a computation; held to this case in tests/theory_cases/statistics.rs
    "#);
}

#[test]
fn shared_cases_are_translated_or_skipped_for_a_reason() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/validation/theory/cases.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: there is no cases.json in ../shared/validation/theory");
        return;
    };
    let file = read_cases(&text).unwrap();
    assert_eq!((file.cases.len(), file.faults), (92, vec![]));
    let builtin = builtin();
    for case in file
        .cases
        .iter()
        .filter(|case| matches!(case.family.as_str(), "queues" | "load_balancing" | "availability" | "caches" | "imbalance"))
    {
        assert!(builtin.contains(case), "{} is not built in as it is", case.id);
    }
    let others: Vec<Case> = file.cases.into_iter().filter(|case| !builtin.contains(case)).collect();
    insta::assert_snapshot!(report(&others), @r#"
    1 translated, the others skipped:
    S01: not a model of requests and servers (family statistics)
    S03: not a model of requests and servers (family statistics)
    S04: not a model of requests and servers (family statistics)
    S05: not a model of requests and servers (family statistics)
    S07: not a model of requests and servers (family statistics)
    S09: not a model of requests and servers (family statistics)
    S11: not a model of requests and servers (family statistics)
    S12: not a model of requests and servers (family statistics)
    S16: the model needs `requests`, `start`
    S18: not a model of requests and servers (family statistics)
    S19: not a model of requests and servers (family statistics)
    "#);
}

/// The case Q01 with a change to its model.
fn changed(change: &str, to: &str) -> Result<Model, Skip> {
    let mut case = builtin().into_iter().find(|case| case.id == "Q01").unwrap();
    let model = case.model.to_string();
    assert!(model.contains(change), "{model}");
    case.model = serde_json::from_str(&model.replace(change, to)).unwrap();
    translate(&case)
}

fn policy(policy: &str, servers: &str) -> Result<Model, Skip> {
    let mut case = builtin().into_iter().find(|case| case.id == "Q01").unwrap();
    let of = |service: &str, more: &str| format!("{{\"discipline\": \"fcfs\", \"service\": {service}{more}}}");
    let one = r#"{"dist": "exponential", "mean": 2}"#;
    let servers: Vec<String> = servers.split('|').map(|more| of(if more.contains("service") { "" } else { one }, more)).collect();
    let text = format!(
        r#"{{"arrivals": {{"process": "poisson", "rate": 1}}, "balancer": {{"policy": {policy}}}, "servers": [{}]}}"#,
        servers.join(", ")
    );
    case.model = serde_json::from_str(&text.replace("\"service\": , ", "")).unwrap();
    translate(&case)
}

fn reason(translated: Result<Model, Skip>) -> String {
    translated.map_or_else(|skip| skip.reason, |_| "translated".into())
}

#[test]
fn a_queue_becomes_a_pool_of_one_server() {
    let model = changed("\"slots\":1", "\"slots\":3").unwrap();
    let pool = &model.parts().pools[0];
    assert_eq!((pool.count, pool.workers, pool.speed, pool.capacity), (1, 3, 1.0, None));
    assert_eq!(pool.discipline, Discipline::Fcfs);
    assert_eq!(model.parts().classes[0].demand.mean_secs(), 1.0);
    assert!(matches!(model.parts().classes[0].arrivals, Arrivals::Poisson { rate } if rate.as_per_sec() == 0.5));
}

#[test]
fn what_is_not_understood_is_named() {
    let table = [
        ("\"arrivals\":", "\"patience\":{},\"arrivals\":"),
        ("\"arrivals\":", "\"patience\":null,\"arrivals\":"),
        ("\"rate\":0.5", "\"rate\":0.5,\"batch\":3"),
        ("\"rate\":0.5", "\"rate\":-1"),
        ("\"rate\":0.5", "\"rate\":\"fast\""),
        ("\"slots\":1", "\"slots\":1,\"vacation\":3"),
        ("\"slots\":1", "\"slots\":1.5"),
        ("\"speed\":1.0", "\"speed\":0"),
        ("fcfs", "srpt"),
        ("\"none\"", "\"lard\""),
        ("\"none\"", "\"random\",\"retries\":1"),
        ("\"count\":1", "\"count\":2"),
        ("\"count\":1", "\"count\":1e9"),
        ("{\"dist\":\"exponential\",\"mean\":1.0}", "3"),
        ("\"dist\":\"exponential\"", "\"dist\":\"cauchy\""),
        ("\"dist\":\"exponential\"", "\"dist\":\"exponential\",\"cut\":2"),
        ("\"mean\":1.0", "\"mean\":[1.0,2.0]"),
        ("\"mean\":1.0", "\"mean\":-1.0"),
    ];
    let reasons: Vec<String> = table.iter().map(|(change, to)| format!("{to}: {}", reason(changed(change, to)))).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    "patience":{},"arrivals":: the model needs `patience`
    "patience":null,"arrivals":: translated
    "rate":0.5,"batch":3: the arrival process needs `batch`
    "rate":-1: arrivals: expected a rate above 0 and at most 10000000/s
    "rate":"fast": `rate` of the arrival process is not a number
    "slots":1,"vacation":3: a server needs `vacation`
    "slots":1.5: `slots` of a server is not a whole number from 1 to 1000000
    "speed":0: a server of speed 0
    srpt: discipline `srpt` is not built yet
    "lard": balancer `lard` is not built yet
    "random","retries":1: the balancer needs `retries`
    "count":2: several servers and no balancer
    "count":1e9: `count` of a server is not a whole number from 1 to 1000000
    3: the service of a server is not an object
    "dist":"cauchy": distribution `cauchy` is not built yet
    "dist":"exponential","cut":2: distribution `exponential` with the parameters cut, mean
    "mean":[1.0,2.0]: distribution `exponential` with a list where a number belongs
    "mean":-1.0: distribution `exponential`: mean is not a number above 0 (from 1e-30 to 1e30)
    "#);
}

#[test]
fn what_is_ambiguous_is_not_translated() {
    let table = [
        (r#""jsq", "ties": "to the faster server""#, ""),
        (r#""jsq", "ties": "uniform at random among the fast""#, ""),
        (r#""jsq""#, r#", "capacity": 3|, "capacity": 4"#),
        (r#""jsq", "when_all_full": "wait""#, r#", "capacity": 3"#),
        (r#""power_of_d""#, ""),
        (r#""power_of_d", "d": 2, "sampling": "stratified""#, ""),
        (r#""power_of_d", "d": 2"#, r#", "count": 3, "capacity": 3"#),
        (r#""weighted_random", "weights": [1, 2]"#, r#", "count": 2|, "count": 2"#),
        (r#""weighted_random", "weights": [0, 0]"#, "|"),
        (r#""least_work_left""#, r#"|, "speed": 2"#),
        (r#""central_queue""#, r#", "count": 2, "capacity": 3"#),
        (r#""jiq", "dispatchers": 2"#, ""),
        (r#""jiq", "fallback": "round_robin""#, ""),
        (r#""shortest_expected_delay", "criterion": "queue/speed""#, ""),
        (r#""random""#, r#"|, "service": {"dist": "deterministic", "value": 2}"#),
    ];
    let reasons: Vec<String> =
        table.iter().map(|(written, servers)| format!("{written} {servers}: {}", reason(policy(written, servers)))).collect();
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    "jsq", "ties": "to the faster server" : ties to the faster server
    "jsq", "ties": "uniform at random among the fast" : ties uniform at random among the fast
    "jsq" , "capacity": 3|, "capacity": 4: it is not said what the balancer does about a full server
    "jsq", "when_all_full": "wait" , "capacity": 3: when_all_full `wait`
    "power_of_d" : the balancer has no `d`
    "power_of_d", "d": 2, "sampling": "stratified" : sampling `stratified`
    "power_of_d", "d": 2 , "count": 3, "capacity": 3: it is not said what the balancer does about a full server
    "weighted_random", "weights": [1, 2] , "count": 2|, "count": 2: 2 weights for 4 servers
    "weighted_random", "weights": [0, 0] |: weights that are no shares
    "least_work_left" |, "speed": 2: least work left over unequal speeds could mean work or time
    "central_queue" , "count": 2, "capacity": 3: it is not said what the balancer does about a full server
    "jiq", "dispatchers": 2 : 2 dispatchers
    "jiq", "fallback": "round_robin" : fallback `round_robin`
    "shortest_expected_delay", "criterion": "queue/speed" : criterion `queue/speed`
    "random" |, "service": {"dist": "deterministic", "value": 2}: servers whose service times differ in shape
    "#);
}

#[test]
fn full_servers_are_met_or_avoided_as_the_policy_implies() {
    let when_full = |written, servers| policy(written, servers).unwrap().parts().balancers[0].when_full;
    assert_eq!(when_full(r#""jsq", "when_all_full": "reject""#, r#", "capacity": 3|, "capacity": 4"#), WhenFull::Skip);
    assert_eq!(when_full(r#""jsq""#, r#", "count": 2, "capacity": 3"#), WhenFull::Skip);
    assert_eq!(when_full(r#""random""#, r#", "count": 2, "capacity": 3"#), WhenFull::Reject);
}

#[test]
fn a_stretched_service_becomes_a_speed() {
    let model = policy(r#""random""#, r#"|, "speed": 3, "service": {"dist": "exponential", "mean": 4}"#).unwrap();
    let speeds: Vec<f64> = model.parts().pools.iter().map(|pool| pool.speed).collect();
    assert_eq!(speeds, [1.0, 1.5]);
}

#[test]
fn weights_belong_to_servers() {
    let model = policy(r#""weighted_random", "weights": [4, 0, 1]"#, r#", "count": 2|, "speed": 2"#).unwrap();
    let pools: Vec<(u32, f64, f64)> = model.parts().pools.iter().map(|pool| (pool.count, pool.speed, pool.weight)).collect();
    assert_eq!(pools, [(1, 1.0, 4.0), (1, 1.0, 4e-300), (1, 2.0, 1.0)]);
    assert_eq!(model.parts().balancers[0].pools, [PoolId(0), PoolId(1), PoolId(2)]);
}

#[test]
fn choices_are_told_to_the_algorithm() {
    let algorithm = |written| format!("{:?}", policy(written, r#", "count": 3"#).unwrap().parts().balancers[0].algorithm);
    let with = algorithm(r#""power_of_d", "d": 3"#);
    let without = algorithm(r#""power_of_d", "d": 3, "sampling": "without_replacement""#);
    assert!(with.contains("d: 3, replacement: true"), "{with}");
    assert!(without.contains("d: 3, replacement: false"), "{without}");
}

proptest! {
    /// The text of a model with some of its bytes changed to others that JSON likes.
    #[test]
    fn no_mangled_case_makes_it_panic(
        number in 0..44_usize,
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>()), 1..6),
    ) {
        const BYTES: &[u8] = b"0123456789.-eE[]{},:\"nulltrue spxyz";
        let mut case = builtin().swap_remove(number);
        let mut text = case.model.to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(text.len());
            text[at] = BYTES[byte.index(BYTES.len())];
        }
        if let Ok(model) = serde_json::from_slice(&text) {
            case.model = model;
            drop(translate(&case));
        }
    }
}
