//! What caches and sessions were good for, as lines of the page for people.

use super::table::{figure, find};
use crate::observe::written::{list, three_digits, time_unit, with_error};
use crate::observe::{AgeSummary, Estimate, SYSTEM_METRICS, Summary};
use owo_colors::OwoColorize;
use std::fmt::Write;

/// The block about caches and the block about sessions; each empty where there are none.
pub fn sessions(summary: &Summary) -> String {
    caches(summary) + &visits(summary)
}

fn caches(summary: &Summary) -> String {
    let Some(ratio) = request(summary, "hit_ratio") else { return String::new() };
    let mut text = format!("{}\n", "caches".bold());
    let mut row = |title: &str, says: String| {
        let _ = writeln!(text, "  {title:<14}  {says}");
    };
    let bytes = system(summary, "byte_hit_ratio").map_or_else(String::new, |bytes| format!(", {} of the bytes", figure(bytes)));
    row("hits", format!("{} of the requests that looked{bytes}", figure(ratio)));
    let times = [request(summary, "mean_response_hit"), request(summary, "mean_response_miss")];
    if let [Some(hit), Some(miss)] = times {
        row("sojourn time", format!("{} with a hit, {} without", in_time(hit), in_time(miss)));
    }
    if let Some(calls) = system(summary, "calls_per_request") {
        let joined = system(summary, "joined_fraction").filter(|joined| joined.value > Some(0.0));
        let joined =
            joined.map_or_else(String::new, |joined| format!("; {} of the misses waited for another one's", figure(joined)));
        row("back ends", format!("{} calls a request{joined}", figure(calls)));
    }
    if let Some(refill) = system(summary, "mean_refill_time") {
        row("refilled", format!("{} after a server's return", in_time(refill)));
    }
    if let Some(ages) = by_age(&summary.ages) {
        row("by age", ages);
    }
    text.push('\n');
    text
}

/// The hit ratio of young caches, of old ones and in the middle, where it is shown to depend on the age.
fn by_age(ages: &[AgeSummary]) -> Option<String> {
    let [first, .., last] = ages else { return None };
    let ends = |age: &AgeSummary| Some((age.hit_ratio.value?, age.hit_ratio.half_width?));
    let ((young, young_half), (old, old_half)) = (ends(first)?, ends(last)?);
    let told = |age: &AgeSummary| {
        let (unit, length) = time_unit(age.to_secs);
        format!("{} up to {} {unit}", figure(&age.hit_ratio), three_digits(age.to_secs / length))
    };
    let middle = (ages.len() > 2).then(|| told(&ages[ages.len() / 2]));
    let all: Vec<String> = std::iter::once(told(first)).chain(middle).chain([told(last)]).collect();
    ((young - old).abs() > young_half + old_half).then(|| format!("hits {} after a cache was empty", list(&all)))
}

fn visits(summary: &Summary) -> String {
    let Some(requests) = request(summary, "requests_per_session") else { return String::new() };
    let mut text = format!("{}\n", "sessions".bold());
    let mut row = |title: &str, says: String| {
        let _ = writeln!(text, "  {title:<14}  {says}");
    };
    if let Some(rate) = request(summary, "session_rate") {
        row("ended", format!("{} a second, of {} requests on average", figure(rate), figure(requests)));
    }
    if let (Some(servers), Some(moved)) = (request(summary, "servers_per_session"), request(summary, "moved_session_fraction")) {
        row("servers", format!("{} a session; {} of the sessions moved", figure(servers), figure(moved)));
    }
    if let Some(interrupted) = request(summary, "interrupted_session_fraction").filter(|some| some.value > Some(0.0)) {
        row("interrupted", format!("{} of the sessions: a request of theirs had no answer", figure(interrupted)));
    }
    if let Some(lost) = request(summary, "lost_session_fraction").filter(|some| some.value > Some(0.0)) {
        row("lost", format!("{} of the sessions: their state was gone", figure(lost)));
    }
    text.push('\n');
    text
}

fn request<'a>(summary: &'a Summary, name: &str) -> Option<&'a Estimate> {
    find(&summary.total, name).filter(|estimate| estimate.value.is_some())
}

fn system<'a>(summary: &'a Summary, name: &str) -> Option<&'a Estimate> {
    let index = SYSTEM_METRICS.iter().position(|metric| metric.name == name)?;
    summary.system.get(index).filter(|estimate| estimate.value.is_some())
}

/// A time with its interval in the unit that suits it.
fn in_time(estimate: &Estimate) -> String {
    let Some(value) = estimate.value else { return "-".into() };
    let (unit, length) = time_unit(if value > 0.0 { value } else { 1.0 });
    format!("{} {unit}", with_error(value / length, estimate.half_width.unwrap_or(0.0) / length))
}
