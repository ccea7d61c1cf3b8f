//! Good files about what goes wrong with servers, and what they mean.

use super::read_with;
use crate::faults::{Clock, FailureSpec, Fault, Flapping, InFlight, Incident, Scope, SpareKind, Zone};
use crate::model::{Change, ChangeKind, ModelParts, faults};
use crate::random::{Distribution, SpanDistribution};
use crate::units::{Probability, ServerId, Span, Time};

/// A model with some more fields and, beside its parts, no warnings.
fn parts(fields: &str) -> ModelParts {
    let text = format!(
        "Model(clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"))], run: Steady(length: \"1h\"), {fields})"
    );
    let checked = read_with(&text, &[]).unwrap_or_else(|report| panic!("{report}"));
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    checked.model.parts().clone()
}

fn failures(fields: &str) -> Vec<FailureSpec> {
    parts(&format!("servers: [Pool(count: 3, failures: {fields})]")).pools[0].failures.clone()
}

const TIMES: &str = "time_to_failure: Exponential(mean: \"1000s\"), time_to_repair: Exponential(mean: \"50s\")";

#[test]
fn failures_have_defaults() {
    let [spec] = &failures(&format!("Failures({TIMES})"))[..] else { panic!("one") };
    assert_eq!(spec.time_to_failure.to_string(), "exponential, mean 1000 s");
    assert_eq!(spec.time_to_repair.as_ref().unwrap().mean_secs(), 50.0);
    assert_eq!((spec.clock, spec.scope, spec.crews), (Clock::Calendar, Scope::Each, None));
    assert_eq!(spec.incident, Incident { fault: Fault::Crash { work: InFlight::Lost }, flapping: None });
    assert_eq!(failures(&format!("[({TIMES})]")), std::slice::from_ref(spec));
}

#[test]
fn every_field_of_failures_arrives() {
    let all = failures(
        "[
        Failures(time_to_failure: Exponential(\"1h\"), time_to_repair: Never, clock: WhileServing, crews: 2),
        (time_to_failure: Constant(\"1h\"), time_to_repair: Constant(\"1s\"), scope: AllAtOnce, flapping: Flapping(on: \"1s\", off: \"2s\")),
        (time_to_failure: Constant(\"1h\"), time_to_repair: Constant(\"1s\"), scope: Together, crews: None),
    ]",
    );
    assert_eq!((&all[0].time_to_repair, all[0].clock, all[0].crews), (&None, Clock::WhileServing, Some(2)));
    let flapping = Some(Flapping { on: Span::from_secs(1), off: Span::from_secs(2) });
    assert_eq!((all[1].scope, all[1].incident.flapping), (Scope::AllAtOnce, flapping));
    assert_eq!(all[2].scope, Scope::Together);
}

#[test]
fn every_fault_arrives() {
    let half = Probability::new(0.5).unwrap();
    let after = SpanDistribution::from_nanos(Distribution::exponential(1e6).unwrap());
    for (written, fault) in [
        ("Crash", Fault::Crash { work: InFlight::Lost }),
        ("Crash(work: Resumed)", Fault::Crash { work: InFlight::Resumed }),
        ("Silence(work: Restarted)", Fault::Silence { work: InFlight::Restarted }),
        ("Slow(factor: 3)", Fault::Slow { factor: 3.0 }),
        ("Errors(probability: \"50%\")", Fault::Errors { probability: half, after: None }),
        ("Errors(probability: 0.5, after: Exponential(\"1ms\"))", Fault::Errors { probability: half, after: Some(after) }),
        ("WrongAnswers(probability: 0.5)", Fault::WrongAnswers { probability: half }),
        ("FailingChecks", Fault::FailingChecks),
        ("Partition", Fault::Partition { refused: false }),
        ("Partition(refused: true)", Fault::Partition { refused: true }),
    ] {
        assert_eq!(failures(&format!("Failures({TIMES}, fault: {written})"))[0].incident.fault, fault, "{written}");
    }
}

/// The list of faults, what it says of their parameters, and the reader say the same.
#[test]
fn faults_are_listed_as_they_are_read() {
    for help in faults() {
        let fault = &failures(&format!("Failures({TIMES}, fault: {})", help.example))[0].incident.fault;
        assert!(format!("{fault:?}").starts_with(help.name), "{fault:?}");
        let wrong = format!("Model(servers: [Pool(failures: Failures({TIMES}, fault: {}(x: 1)))])", help.name);
        let told = read_with(&wrong, &[]).unwrap_err().to_string();
        let known: Vec<String> = help.parameters.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
        assert!(known.iter().all(|parameter| told.contains(parameter)), "{told}");
        let needs = help.parameters.iter().filter(|parameter| parameter.default.is_none()).count();
        assert_eq!(told.matches("needs a field").count(), needs + 1, "the clients and what has no default: {told}");
    }
}

#[test]
fn overload_and_spares_arrive() {
    let spares = |kind: &str| {
        let fields = format!("spares: Spares(count: 2, kind: {kind}, start_up: \"30s\")");
        let overload = "overload: OverloadCrash(most_present: 100, time_to_repair: Exponential(\"1min\"), work: Restarted)";
        parts(&format!("servers: [Pool(count: 3, {fields}, {overload})]")).pools[0].clone()
    };
    for (written, kind) in [("Cold", SpareKind::Cold), ("Warm(0.1)", SpareKind::Warm(0.1)), ("Hot", SpareKind::Hot)] {
        let pool = spares(written);
        let (spares, overload) = (pool.spares.unwrap(), pool.overload.unwrap());
        assert_eq!((spares.count, spares.kind, spares.start_up.to_string().as_str()), (2, kind, "constant 30 s"));
        assert_eq!((overload.most_present, overload.work), (100, InFlight::Restarted));
        assert!((overload.time_to_repair.mean_secs() - 60.0).abs() < 1e-9);
    }
}

#[test]
fn zones_hold_servers_of_any_pool() {
    let parts = parts(&format!(
        "servers: [(name: \"a\", count: 2), (name: \"b\", count: 2)], needed: 3,
        zones: [Zone(name: \"rack\", servers: [\"b\", \"a 2\"], failures: Failures({TIMES})), (servers: 0, failures: ({TIMES}, scope: Each))]"
    ));
    assert_eq!(parts.needed, 3);
    let ids = |zone: &Zone| zone.servers.iter().map(|server| server.0).collect::<Vec<_>>();
    let zones: Vec<_> = parts.zones.iter().map(|zone| (zone.name.as_str(), ids(zone), zone.failures[0].scope)).collect();
    assert_eq!(zones, [("rack", vec![1, 2, 3], Scope::Together), ("zone 2", vec![0], Scope::Each)]);
}

fn secs(secs: u64) -> Time {
    Time::ZERO + Span::from_secs(secs)
}

#[test]
fn incidents_stand_in_the_script() {
    let script = parts(
        "servers: [(name: \"web\", count: 3)], script: [
        (at: \"30s\", spread: \"1s\", repair: \"web 2\"),
        (at: \"10s\", spread: \"2s\", fail: [\"web 2\", 2], fault: Silence, lasting: \"1min\", flapping: (on: \"1s\", off: \"1s\")),
        (at: \"40s\", fail: 0),
    ]",
    )
    .script;
    let second = Span::from_secs(1);
    let flapping = Some(Flapping { on: second, off: second });
    let silence = Incident { fault: Fault::Silence { work: InFlight::Lost }, flapping };
    let crash = Incident { fault: Fault::Crash { work: InFlight::Lost }, flapping: None };
    let change = |at, spread, kind, servers: &[u32]| {
        let servers = servers.iter().copied().map(ServerId).collect();
        Change { at: secs(at), spread: Span::from_secs(spread), kind, servers, balancers: Vec::new() }
    };
    let lasting = Some(Span::from_secs(60));
    // One change: all its servers fail at one time.
    let expected = [
        change(10, 2, ChangeKind::Fail { incident: silence, lasting }, &[1, 2]),
        change(30, 1, ChangeKind::Repair, &[1]),
        change(40, 0, ChangeKind::Fail { incident: crash, lasting: None }, &[0]),
    ];
    assert_eq!(script, expected);
}

/// The changes for short: when, what, to whom.
fn told(parts: &ModelParts) -> Vec<String> {
    let one = |change: &Change| {
        let kind = format!("{:?}", change.kind);
        let kind = kind.split([' ', '(']).next().unwrap();
        let servers: Vec<u32> = change.servers.iter().map(|server| server.0).collect();
        format!("{} {kind} {servers:?}", change.at)
    };
    parts.script.iter().map(one).collect()
}

#[test]
fn a_rolling_restart_is_many_changes() {
    let parts = parts(
        "servers: [(name: \"web\", count: 3)],
        script: [(at: \"1min\", restart: \"web\", drain: \"30s\", down: \"10s\", at_a_time: 2), (at: \"50s\", remove: 0)]",
    );
    // Server 0 was removed by somebody else: its restart does not put it back.
    let expected = [
        "50 s Remove [0]",
        "1 min Drain [1]",
        "1.5 min Fail [0, 1]",
        "100 s Repair [0, 1]",
        "100 s Return [1]",
        "100 s Drain [2]",
        "130 s Fail [2]",
        "140 s Repair [2]",
        "140 s Return [2]",
    ];
    assert_eq!(told(&parts), expected);
}

#[test]
fn maintenance_is_many_restarts_until_the_end() {
    let parts = parts("servers: [Pool(count: 2, maintenance: Maintenance(every: \"30min\", first: \"29min\", down: \"1min\"))]");
    let expected = ["29 min Fail [0]", "30 min Repair [0]", "30 min Fail [1]", "31 min Repair [1]", "59 min Fail [0]"];
    assert_eq!(told(&parts), expected);
}
