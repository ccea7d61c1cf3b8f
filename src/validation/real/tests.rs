//! The measured cases that are built in.

use super::*;
use rayon::prelude::*;

#[test]
fn the_builtin_cases_are_read() {
    let all = RealCases::builtin();
    assert_eq!((all.cases.len(), all.faults.len()), (74, 0));
}

/// All of them, in seventy million requests. What is known to disagree must still do so, or the word is out of date; and with the figure that was
/// simulated when the word was written, or something else is wrong.
#[test]
fn what_real_load_balancers_did_is_what_ours_do() {
    let all = RealCases::builtin();
    let tried: Vec<_> = all.cases.par_iter().map(|case| (case, try_real_case(case, &all))).collect();
    let (mut wrong, mut skipped, mut agreeing) = (Vec::new(), Vec::new(), 0);
    for (case, tried) in &tried {
        match tried {
            Err(_) => skipped.push(&*case.id),
            Ok((trial, _)) if case.known_disagreement.is_some() => {
                let mean = trial.findings.iter().find(|finding| finding.verdict == RealVerdict::Disagrees).unwrap();
                let Figure::Number(simulated) = mean.simulated else { panic!("{mean:?}") };
                assert!((simulated - 53.14).abs() < 0.05, "{mean:?}");
            }
            Ok((trial, _)) => {
                agreeing += usize::from(trial.verdict() == RealVerdict::Agrees);
                let disagreeing = trial.findings.iter().filter(|finding| finding.verdict == RealVerdict::Disagrees);
                wrong.extend(disagreeing.map(|finding| format!("{}: {finding:?}", case.id)));
            }
        }
    }
    let loads: Vec<_> = tried.iter().filter_map(|(case, tried)| Some((&*case.id, tried.as_ref().ok()?.1.as_ref()?))).collect();
    let orders = orders(&loads);
    let in_disorder = orders.iter().flat_map(|order| &order.findings).filter(|finding| finding.verdict != RealVerdict::Agrees);
    wrong.extend(in_disorder.map(|finding| format!("{finding:?}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((agreeing, orders.len()), (68, 3));
    let without_a_comparison = ["C0_", "F_limit_haproxy_maxconn1_maxqueue1"];
    assert!(skipped.iter().all(|id| without_a_comparison.iter().any(|start| id.starts_with(start))), "{skipped:?}");
}

#[test]
fn what_is_not_understood_is_skipped_and_named() {
    let reason = |from: &str, to: &str| {
        let mut all = RealCases::default();
        let case = r#"{"case": "A", "lb": "haproxy", "version": "2.6.12", "model": {"servers": 3, "weights": [5, 1, 1], "algorithm": "roundrobin",
            "steps": ["3 requests"]}, "measured": {"before": "000"}}"#;
        all.add_case("a.json", &case.replace(from, to));
        try_real_case(&all.cases[0], &all).map_or_else(|skip| skip.reason, |(trial, _)| format!("{:?}", trial.verdict()))
    };
    let told = [
        reason("", ""),
        reason("roundrobin", "first"),
        reason("haproxy", "traefik"),
        reason("3 requests", "3 requests later"),
        reason("3 requests\"", "3 requests\", \"server 3 ready\""),
        reason("[5, 1, 1]", "[5, 1]"),
        reason("\"servers\": 3", "\"servers\": 3, \"slow_start_s\": 10"),
        reason("\"measured\": {", "\"measured\": {\"after\": \"1\", "),
        reason("\"steps\"", "\"fault\""),
        reason("\"steps\"", "\"sessions\""),
        reason("\"steps\"", "\"tricks\""),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    Agrees
    the algorithm `first` of haproxy is not understood: `first`
    the load balancer `traefik` is not known
    the step `3 requests later` is not understood
    the step `server 3 ready`: there is no such server
    `weights` is not a weight above 0 for each server
    the model needs `slow_start_s`
    no step belongs to `before`
    it needs servers that fail, and health checks
    it needs sessions
    it needs a comparison that is not built yet
    "#);
}

/// The choices of a trace that are as measured, where its configuration is said to be another.
fn right_choices(id: &str, from: &str, to: &str) -> Figure {
    let mut all = RealCases::builtin();
    let case = all.cases.iter_mut().find(|case| case.id == id).unwrap();
    case.algorithm = case.algorithm.replace(from, to);
    let case = case.clone();
    try_real_case(&case, &all).unwrap().0.findings[0].simulated.clone()
}

/// Two thirds of these requests waited in the balancer. Another order of turns does not explain them, nor do servers that are full and keep
/// their turns.
#[test]
fn a_trace_of_full_servers_is_explained_by_its_own_algorithm_alone() {
    let right = |to: &str| right_choices("T_trace_haproxy_roundrobin_maxconn1", "roundrobin", to);
    assert_eq!(right("roundrobin"), Figure::Number(1500.0));
    for other in ["static-rr", "leastconn"] {
        let Figure::Number(right) = right(other) else { panic!("no number") };
        assert!(right < 1400.0, "{other}: {right}");
    }
}
