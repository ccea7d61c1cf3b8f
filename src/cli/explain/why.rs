//! Why a server is out, and why one that is in trouble is chosen: in words.

use super::Scene;
use crate::balancing::{CountedFailures, Standing};
use crate::experiment::Explained;
use crate::health::Knowledge;
use crate::observe::written::{digits, list};
use crate::observe::{Attempt, Away, Belief, Checked, Count, Stand, Trouble};
use crate::recovery::Mishap;
use crate::units::{ServerId, Time};

/// Why a server is no candidate, other than that it is full; nothing where it is one.
pub fn out(explained: &Explained, server: ServerId) -> Option<String> {
    let stand = &explained.situation.servers[server.index()];
    let belief = stand.belief.as_ref();
    let knows = explained.situation.knowledge == Knowledge::Perfect;
    let is_down = stand.trouble.iter().any(|trouble| matches!(trouble, Trouble::Down { .. }));
    let why = match stand.away {
        Some(Away::Removed) => "removed by the script".into(),
        Some(Away::Spare) => "a spare".into(),
        Some(Away::NotProvisioned) => "not provisioned".into(),
        Some(Away::Leaving) => "taken away by the autoscaler, it finishes what it has".into(),
        None if stand.standing != Standing::Out => return other(explained, server, stand),
        None if knows && is_down => "known to be down".into(),
        None => disbelieved(belief?, &stand.trouble),
    };
    Some(why)
}

/// Why a server that stands well is no candidate for this request.
fn other(explained: &Explained, server: ServerId, stand: &Stand) -> Option<String> {
    let attempt = explained.situation.attempt.as_ref();
    if attempt.is_some_and(|attempt| attempt.passed_over.contains(&server)) {
        return Some("tried already".into());
    }
    if stand.standing == Standing::Full {
        return None;
    }
    if stand.level != explained.decision.level {
        return Some("its level of priority is not in use".into());
    }
    let counted = explained.decision.failures[server.index()].filter(|failures| failures.is_out)?;
    Some(format!("passed over after {} of {} failures", counted.counted, counted.of))
}

/// Why its balancer does not use a server.
fn disbelieved(belief: &Belief, trouble: &[Trouble]) -> String {
    let though = if trouble.is_empty() { ", though nothing is wrong with it" } else { "" };
    match belief.checks {
        _ if belief.is_ejected => format!("ejected after failures{though}"),
        Some(Checked { is_up: false, against: Count { counted: 0, .. }, .. }) => format!("down by its checks{though}"),
        Some(Checked { is_up: false, against, .. }) => {
            format!("down by its checks, {} passed since{though}", of(against))
        }
        _ if trouble.is_empty() => "believed up, but not used: another backup is, or the news has not come yet".into(),
        _ => "not used: another backup is, or the news has not come yet".into(),
    }
}

fn of(count: Count) -> String {
    format!("{} of {}", count.counted, count.of)
}

/// What is wrong in truth with a server that was chosen, and why its balancer sends there; nothing if all is well.
pub fn truth(explained: &Explained, server: ServerId, scene: &Scene) -> Option<(String, String)> {
    let stand = &explained.situation.servers[server.index()];
    if stand.trouble.is_empty() {
        return None;
    }
    let now = explained.situation.view.now;
    let troubles: Vec<String> = stand.trouble.iter().map(|trouble| wrong(*trouble, now)).collect();
    let counted = explained.decision.failures[server.index()];
    let why = unaware(stand, explained.situation.knowledge, counted);
    Some((format!("{} {}", scene.server(server), list(&troubles)), why))
}

fn wrong(trouble: Trouble, now: Time) -> String {
    let percent = |probability: f64| format!("{} %", digits(probability * 100.0, 3));
    match trouble {
        Trouble::Down { since, refuses } => {
            let how = if refuses { "refuses connections" } else { "is silent" };
            format!("has been down for {} s and {how}", digits(now.since(since).as_secs(), 3))
        }
        Trouble::Unreachable { refused: true } => "cannot be reached: connections are refused".into(),
        Trouble::Unreachable { refused: false } => "cannot be reached: nothing answers".into(),
        Trouble::Slow(factor) => format!("takes {} times as long as it should", digits(factor, 3)),
        Trouble::Errors(probability) => format!("answers {} of the requests by errors", percent(probability)),
        Trouble::Wrong(probability) => format!("answers {} of the requests wrongly", percent(probability)),
    }
}

/// Why a balancer uses a server that is in trouble.
fn unaware(stand: &Stand, knowledge: Knowledge, counted: Option<CountedFailures>) -> String {
    if knowledge == Knowledge::Perfect {
        return "the balancer knows who is down and nothing else".into();
    }
    let mut reasons = Vec::new();
    if let Some(belief) = &stand.belief {
        match (belief.is_good(), belief.in_panic) {
            (false, true) => {
                return "the balancer believes it dead, but too few are healthy, so that all are used (panic)".into();
            }
            (false, false) => return "the balancer believes it dead, but the news has not reached its choices yet".into(),
            (true, _) => reasons.extend(grounds(belief, &stand.trouble)),
        }
    }
    if let Some(CountedFailures { counted, of, .. }) = counted {
        reasons.push(match of {
            0 => "no number of failures takes it out".into(),
            of if counted >= of => format!("it is tried again some time after {counted} of {of} failures"),
            of => format!("{counted} of {of} failures counted"),
        });
    }
    if reasons.is_empty() { "nobody checks: it stays in rotation".into() } else { reasons.join(", ") }
}

/// What keeps a balancer believing in a server.
fn grounds(belief: &Belief, trouble: &[Trouble]) -> Vec<String> {
    let passes = !trouble.iter().any(|trouble| matches!(trouble, Trouble::Down { .. } | Trouble::Unreachable { .. }));
    let checks = belief.checks.map(|Checked { against, is_waiting, .. }| match against.counted {
        0 if passes => "its checks pass".into(),
        0 if is_waiting => "a check waits for its answer".into(),
        0 => "no check has failed yet".into(),
        1 => format!("{} checks has failed", of(against)),
        _ => format!("{} checks have failed", of(against)),
    });
    let observed = belief.observed.map(|count| format!("{} failed requests in a row counted", of(count)));
    let failures = belief.failures.map(|count| match count.of {
        0 => "failures in a row do not eject it".into(),
        _ => format!("{} failures in a row counted until it is ejected", of(count)),
    });
    [checks, observed, failures].into_iter().flatten().collect()
}

/// Which try this is, where it is not the first: such as "retry 2 of request 7, whose connection was refused".
pub fn again(explained: &Explained) -> Option<String> {
    let Attempt { pass, tries, is_hedge, after, .. } = explained.situation.attempt.as_ref()?;
    let number = explained.situation.number;
    let sent = if *pass > 1 { format!(" (sent {pass} times by its client)") } else { String::new() };
    match (tries, after) {
        (_, _) if *is_hedge => Some(format!("a second try of request {number}{sent}, whose first goes on")),
        (0, _) if *pass > 1 => Some(format!("request {number}{sent}")),
        (0, _) => None,
        (retries, Some(after)) => Some(format!("retry {retries} of request {number}{sent}, {}", mishap(*after))),
        (retries, None) => Some(format!("retry {retries} of request {number}{sent}")),
    }
}

/// What went wrong with a request.
const fn mishap(mishap: Mishap) -> &'static str {
    match mishap {
        Mishap::Refused => "whose connection was refused",
        Mishap::ConnectTimeout => "which got no connection in time",
        Mishap::Cut => "which was cut off when its server went down",
        Mishap::ResponseTimeout => "which got no answer in time",
        Mishap::Error => "which was answered by an error",
        Mishap::Full => "which met a full server",
    }
}
