//! Failures and repairs of the neutral model.

use super::Skip;
use super::fields::Fields;
use super::law::Law;
use crate::faults::{BalancerFailures, Clock, FailureSpec, Fault, InFlight, Incident, Pair, Scope, Takeover, Zone};
use crate::model::{Change, ChangeKind};
use crate::random::{Distribution, SpanDistribution};
use crate::units::{Probability, ServerId, Span, Time};
use serde_json::Value;

/// What happens to the servers of a case.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// To each server, again and again.
    pub each: Vec<FailureSpec>,
    /// To all of them by a common cause.
    pub zones: Vec<Zone>,
    /// By time.
    pub script: Vec<Change>,
    /// To each unit of the balancer.
    pub of_balancer: Option<BalancerFailures>,
    /// The standby of the balancer.
    pub pair: Option<Pair>,
}

/// A fault that all requests to the server notice at once.
const CRASH: Fault = Fault::Crash { work: InFlight::Lost };

impl Failures {
    /// The `failures` of servers; `period` is that of the health checks, within which an event at a random time lies, and `window` how
    /// many seconds are measured from there.
    pub fn read(value: &Value, servers: u64, period: Option<Span>, window: Option<f64>) -> Result<Self, Skip> {
        let mut fields = Fields::of("the failures", value)?;
        let failures = if let Some(script) = fields.text_if_any("script")? {
            match fields.text_if_any("requests_to_crashed")? {
                None | Some("fail at once") => {}
                Some(other) => return Err(Skip::new(format!("requests to a crashed server `{other}`"))),
            }
            Self { script: vec![incident(script, servers, (period, window))?], ..Self::default() }
        } else {
            Self { each: vec![renewal(&mut fields)?], ..Self::default() }
        };
        fields.nothing_else()?;
        Ok(failures)
    }

    /// What happens to an active unit and its standby: a balancer before a server that never fails.
    pub fn of_pair(value: &Value) -> Result<Self, Skip> {
        let mut fields = Fields::of("the pair", value)?;
        if fields.number("common_cause_fraction_beta")? != 0.0 {
            return Err(Skip::new("a pair of balancers with a common cause of failure"));
        }
        let rates = ["failure_rate_each", "repair_rate", "failover_rate"].map(|name| fields.number(name).and_then(exponential));
        let [time_to_failure, time_to_repair, takeover] = rates;
        let coverage = Probability::new(fields.number("coverage")?).map_err(|error| Skip::new(format!("coverage: {error}")))?;
        let of_balancer = BalancerFailures {
            time_to_failure: time_to_failure?,
            time_to_repair: Some(time_to_repair?),
            silent: false,
            crews: fields.count("repair_crews", 2)?,
        };
        fields.nothing_else()?;
        let pair = Pair { takeover: Takeover::After(takeover?), coverage, preempt_delay: None };
        Ok(Self { of_balancer: Some(of_balancer), pair: Some(pair), ..Self::default() })
    }

    /// What happens to components without requests, and how many of them there are and are needed.
    pub fn of_components(value: &Value) -> Result<(Self, u32, u32), Skip> {
        let mut fields = Fields::of("the components", value)?;
        let missing = |name| Skip::new(format!("the components have no `{name}`"));
        let count = fields.count("count", 65_535)?.ok_or_else(|| missing("count"))?;
        let needed = fields.count("needed", count)?.ok_or_else(|| missing("needed"))?;
        if fields.get("fail_while_system_down") == Some(&Value::Bool(false)) {
            return Err(Skip::new("components that rest while the system is down"));
        }
        if let Some(other) = fields.text_if_any("crew_discipline")?.filter(|text| *text != "fifo") {
            return Err(Skip::new(format!("crew_discipline `{other}`")));
        }
        let failures = if fields.get("failure_rate_each").is_some() {
            common_cause(&mut fields, count)?
        } else {
            let (time_to_failure, time_to_repair) = lifetimes(&mut fields)?;
            Self { each: vec![crash(time_to_failure, time_to_repair, crews(&mut fields)?)], ..Self::default() }
        };
        fields.nothing_else()?;
        Ok((failures, count, needed))
    }
}

fn crash(time_to_failure: SpanDistribution, time_to_repair: Option<SpanDistribution>, crews: Option<u32>) -> FailureSpec {
    let incident = Incident { fault: CRASH, flapping: None };
    FailureSpec { time_to_failure, time_to_repair, clock: Clock::Calendar, scope: Scope::Each, crews, incident }
}

fn lifetimes(fields: &mut Fields<'_>) -> Result<(SpanDistribution, Option<SpanDistribution>), Skip> {
    let law = |value| Law::read("a time to failure or repair", value).and_then(|law| law.distribution());
    Ok((law(fields.need("time_to_failure")?)?, fields.get("time_to_repair").map(law).transpose()?))
}

fn crews(fields: &mut Fields<'_>) -> Result<Option<u32>, Skip> {
    fields.count("crews", u32::MAX)
}

/// Servers that fail and are repaired.
fn renewal(fields: &mut Fields<'_>) -> Result<FailureSpec, Skip> {
    let (time_to_failure, time_to_repair) = lifetimes(fields)?;
    let clock = match fields.text_if_any("failures_happen")? {
        None | Some("always") => Clock::Calendar,
        Some("only while serving") => Clock::WhileServing,
        Some(other) => return Err(Skip::new(format!("failures happen `{other}`"))),
    };
    if let Some(other) = fields.text_if_any("crew_discipline")?.filter(|text| *text != "fifo") {
        return Err(Skip::new(format!("crew_discipline `{other}`")));
    }
    let work = match fields.text("jobs_on_failure")? {
        "lost" | "drop" => InFlight::Lost,
        "resume" => InFlight::Resumed,
        "restart" => InFlight::Restarted,
        other => return Err(Skip::new(format!("jobs on failure `{other}`"))),
    };
    let fault = match fields.text("arrivals_while_down")? {
        "reject" | "fail" => Fault::Crash { work },
        "queue" if work != InFlight::Lost => Fault::Silence { work },
        "queue" => return Err(Skip::new("a server that loses what it holds and queues what comes while it is down")),
        other => return Err(Skip::new(format!("arrivals while down `{other}`"))),
    };
    let spec = crash(time_to_failure, time_to_repair, crews(fields)?);
    Ok(FailureSpec { clock, incident: Incident { fault, flapping: None }, ..spec })
}

/// Components that share a part of their failures, by rates.
fn common_cause(fields: &mut Fields<'_>, count: u32) -> Result<Failures, Skip> {
    let (all, beta, repair) = (fields.number("failure_rate_each")?, fields.number("beta")?, fields.number("repair_rate_each")?);
    let own = (1.0 - beta) * all;
    if fields.get("independent_rate_each").is_some() && (fields.number("independent_rate_each")? - own).abs() > 1e-9 * all {
        return Err(Skip::new("an independent rate that is not (1 - beta) times the failure rate"));
    }
    match fields.text_if_any("common_shock")? {
        None | Some("rate beta*failure_rate_each; fails every unit that is up") => {}
        Some(other) => return Err(Skip::new(format!("common shock `{other}`"))),
    }
    if crews(fields)?.is_some_and(|crews| crews < count) {
        return Err(Skip::new("repair crews shared by two causes of failure"));
    }
    let repair = exponential(repair)?;
    let mut failures = Failures::default();
    if own > 0.0 {
        failures.each.push(crash(exponential(own)?, Some(repair.clone()), None));
    }
    if beta > 0.0 {
        let shock = FailureSpec { scope: Scope::AllAtOnce, ..crash(exponential(beta * all)?, Some(repair), None) };
        let servers = (0..count).map(ServerId).collect();
        failures.zones.push(Zone { name: "all".into(), servers, failures: vec![shock] });
    }
    Ok(failures)
}

fn exponential(rate: f64) -> Result<SpanDistribution, Skip> {
    let law = Distribution::exponential(1e9 / rate);
    law.map(SpanDistribution::from_nanos).map_err(|_| Skip::new(format!("a rate of {rate} in 1/s")))
}

/// What a sentence says happens to servers: they are dead from the beginning, or crash once at a random time.
fn incident(sentence: &str, servers: u64, (period, window): (Option<Span>, Option<f64>)) -> Result<Change, Skip> {
    let unknown = || Skip::new(format!("script `{sentence}`"));
    let words: Vec<&str> = sentence.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let is_list = |word: &&&str| **word == "and" || word.bytes().all(|byte| byte.is_ascii_digit());
    let listed = words.iter().skip(1).take_while(is_list).count();
    let (list, rest) = words.get(1..).unwrap_or_default().split_at(listed);
    let numbers: Vec<u32> = list.iter().filter_map(|word| word.parse().ok()).collect();
    if !matches!(words.first(), Some(&("server" | "servers"))) || numbers.is_empty() {
        return Err(unknown());
    }
    if numbers.iter().any(|&number| u64::from(number) >= servers) {
        return Err(Skip::new(format!("script `{sentence}` with {servers} servers")));
    }
    let spread = match rest {
        ["is" | "are", "dead", "for", "the", "whole", "run"]
        | ["is" | "are", "dead", "for", "the", "whole", "run", "never", "ejected"] => Span::ZERO,
        ["crashes" | "crash", "once", "at", "a", "uniformly", "random", "time", "and", "stays" | "stay", "down", secs, "s"] => {
            let stays: f64 = secs.parse().map_err(|_| unknown())?;
            if window.is_none_or(|window| stays < window) {
                return Err(Skip::new("a repair, or no end, of what is measured from a crash on"));
            }
            period.ok_or_else(unknown)?
        }
        _ => return Err(unknown()),
    };
    let kind = ChangeKind::Fail { incident: Incident { fault: CRASH, flapping: None }, lasting: None };
    let servers = numbers.into_iter().map(ServerId).collect();
    Ok(Change { at: Time::ZERO, spread, kind, servers, balancers: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model, RunPlan};
    use crate::validation::{Case, read_cases, translate};

    fn case(model: &str, more: &str) -> Case {
        let text =
            format!(r#"[{{"id": "F", "family": "availability", "title": "", "exactness": "exact", "model": {model}, {more}}}]"#);
        read_cases(&text).unwrap().cases.swap_remove(0)
    }

    fn with(model: &str) -> Result<Model, Skip> {
        translate(&case(model, r#""exact": {"availability": 0.9}, "tolerance": {"primary_metric": "availability"}"#))
    }

    fn servers(failures: &str) -> Result<Model, Skip> {
        with(&format!(
            r#"{{"arrivals": {{"process": "poisson", "rate": 1}}, "balancer": {{"policy": "random"}}, "servers": [{{"count": 3,
            "discipline": "fcfs", "service": {{"dist": "exponential", "mean": 0.1}}}}], "health_check": {{"period": 5, "fall": 3}},
            "window": 600, "failures": {{{failures}}}}}"#
        ))
    }

    fn lives(more: &str) -> Result<Model, Skip> {
        let times =
            r#""time_to_failure": {"dist": "exponential", "mean": 50}, "time_to_repair": {"dist": "exponential", "mean": 5}"#;
        servers(&format!("{times}, {more}"))
    }

    #[test]
    fn what_happens_to_work_tells_a_crash_from_silence() {
        let fault = |more: &str| lives(more).map(|model| model.parts().pools[0].failures[0].incident.fault.clone());
        let of =
            |jobs: &str, arrivals: &str| fault(&format!(r#""jobs_on_failure": "{jobs}", "arrivals_while_down": "{arrivals}""#));
        assert_eq!(of("lost", "reject"), Ok(CRASH));
        assert_eq!(of("resume", "queue"), Ok(Fault::Silence { work: InFlight::Resumed }));
        assert_eq!(of("restart", "reject"), Ok(Fault::Crash { work: InFlight::Restarted }));
        let reasons: Vec<String> =
            [("lost", "queue"), ("move", "queue"), ("lost", "wait")].map(|(a, b)| of(a, b).unwrap_err().reason).into();
        insta::assert_snapshot!(reasons.join("\n"), @r#"
        a server that loses what it holds and queues what comes while it is down
        jobs on failure `move`
        arrivals while down `wait`
        "#);
    }

    #[test]
    fn a_script_is_understood_word_by_word() {
        let crash = "server 2 crashes once at a uniformly random time and stays down 600 s";
        let changes = |script: &str| servers(&format!(r#""script": "{script}""#)).map(|model| model.parts().script.clone());
        let once = &changes(crash).unwrap()[0];
        assert_eq!((once.spread, &once.servers), (Span::from_nanos(5_000_000_000), &vec![ServerId(2)]));
        let dead = &changes("servers 0, 1 and 2 are dead for the whole run, never ejected").unwrap()[0];
        assert_eq!((dead.spread, dead.servers.len()), (Span::ZERO, 3));
        let reasons =
            [crash.replace("server 2", "server 3"), crash.replace("600", "60"), "server 0 is slow".into(), "server".into()]
                .map(|script| changes(&script).unwrap_err().reason);
        insta::assert_snapshot!(reasons.join("\n"), @r#"
        script `server 3 crashes once at a uniformly random time and stays down 600 s` with 3 servers
        a repair, or no end, of what is measured from a crash on
        script `server 0 is slow`
        script `server`
        "#);
    }

    #[test]
    fn components_are_servers_of_nobody() {
        let shared =
            r#"{"components": {"count": 4, "needed": 2, "failure_rate_each": 0.01, "beta": 0.25, "repair_rate_each": 0.1}}"#;
        let model = with(shared).unwrap();
        let parts = model.parts();
        assert_eq!((parts.needed, parts.pools[0].count, parts.zones[0].servers.len()), (2, 4, 4));
        assert!((parts.pools[0].failures[0].time_to_failure.mean_secs() * 0.0075 - 1.0).abs() < 1e-12);
        assert!((parts.zones[0].failures[0].time_to_failure.mean_secs() * 0.0025 - 1.0).abs() < 1e-12);
        let rests = shared.replace("\"beta\"", "\"fail_while_system_down\": false, \"beta\"");
        assert_eq!(with(&rests).unwrap_err().reason, "components that rest while the system is down");
    }

    #[test]
    fn a_pair_is_a_balancer_that_fails() {
        let pair = r#"{"pair": {"failure_rate_each": 0.001, "common_cause_fraction_beta": 0.0, "repair_rate": 0.01, "repair_crews": 1,
            "failover_rate": 0.1, "coverage": 0.9}, "states": {"S2": "", "SF": ""}, "transitions": []}"#;
        let model = with(pair).unwrap();
        let spec = &model.parts().balancers[0];
        let (failures, pair_spec) = (spec.failures.clone().unwrap(), spec.pair.clone().unwrap());
        assert!((failures.time_to_failure.mean_secs() - 1_000.0).abs() < 1e-9 && failures.crews == Some(1));
        assert!((failures.time_to_repair.unwrap().mean_secs() - 100.0).abs() < 1e-9);
        assert_eq!((pair_spec.coverage.value(), pair_spec.preempt_delay), (0.9, None));
        assert!(matches!(pair_spec.takeover, Takeover::After(time) if (time.mean_secs() - 10.0).abs() < 1e-9));
        let reason = |text: String| with(&text).unwrap_err().reason;
        assert_eq!(reason(pair.replace("beta\": 0.0", "beta\": 0.1")), "a pair of balancers with a common cause of failure");
        assert_eq!(reason(pair.replace("SF", "SX")), "a pair with other states");
    }

    #[test]
    fn the_first_outage_is_waited_for_from_the_beginning() {
        let model = r#"{"components": {"count": 3, "needed": 2, "time_to_failure": {"dist": "exponential", "mean": 10}}}"#;
        let first = "mean_time_to_system_failure";
        let more = format!(r#""exact": {{"{first}": 8.3}}, "tolerance": {{"primary_metric": "{first}"}}"#);
        let run = translate(&case(model, &more)).unwrap().parts().run;
        assert_eq!(run, RunPlan::Terminating { horizon: Span::from_nanos(1_000_000_000_000), replications: 60_000 });
    }
}
