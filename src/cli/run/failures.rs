//! What failed, as lines of the page for people.

use super::table::{figure, find};
use crate::model::{Model, PoolKind};
use crate::observe::written::{grouped, three_digits, time_unit, with_error};
use crate::observe::{SYSTEM_METRICS, Summary, Why};
use owo_colors::OwoColorize;
use std::fmt::Write;

/// The block about failures; empty where nothing can fail and nothing did.
pub fn failures(model: &Model, summary: &Summary) -> String {
    let failed: u64 = summary.failed.iter().sum();
    let tries = find(&summary.total, "tries_per_request").filter(|tries| tries.value.is_some_and(|value| value > 1.0));
    let only_full = failed == summary.failed[Why::Full as usize] + summary.failed[Why::NoServer as usize];
    if !summary.may_fail && only_full && tries.is_none() {
        return String::new();
    }
    let mut text = format!("{}\n", "failures".bold());
    let mut row = |title: &str, says: String| {
        let _ = writeln!(text, "  {title:<14}  {says}");
    };
    if let Some(errors) = find(&summary.total, "error_fraction") {
        row("no answer", format!("{} of the requests that ended, or a wrong one", figure(errors)));
    }
    let causes = Why::ALL.into_iter().map(|why| (summary.failed[why as usize], why)).filter(|(count, _)| *count > 0);
    let mut causes: Vec<(u64, Why)> = causes.collect();
    causes.sort_by_key(|(count, why)| (std::cmp::Reverse(*count), *why as u8));
    for (place, (count, why)) in causes.iter().enumerate() {
        row(if place == 0 { "of them" } else { "" }, format!("{} {}", grouped(*count), why.words()));
    }
    if let Some(tries) = tries {
        row("tries", format!("{} a request", figure(tries)));
    }
    if summary.may_fail {
        up(model, summary, &mut row);
    }
    text.push('\n');
    text
}

/// What was up, and how it was found out when something was not.
fn up(model: &Model, summary: &Summary, row: &mut impl FnMut(&str, String)) {
    let estimate = |name: &str| {
        let index = SYSTEM_METRICS.iter().position(|metric| metric.name == name)?;
        summary.system.get(index).filter(|estimate| estimate.value.is_some())
    };
    let needed = model.parts().needed;
    let servers = if needed == 1 { "one server".into() } else { format!("{needed} servers") };
    match estimate("availability") {
        Some(available) if estimate("mean_outage").is_some() || available.value < Some(1.0) => {
            row("available", format!("{} of the time, at least {servers} up", figure(available)));
        }
        Some(_) => row("available", format!("at least {servers} up as long as anybody looked: no outage was seen")),
        None => {}
    }
    if let (Some(outage), Some(rate)) = (estimate("mean_outage"), estimate("outages_per_sec").and_then(|rate| rate.value)) {
        let between = if rate > 0.0 { format!(", one every {}", every(1.0 / rate)) } else { String::new() };
        let seconds = with_error(outage.value.unwrap_or(f64::NAN), outage.half_width.unwrap_or(0.0));
        row("outages", format!("of {seconds} s on average{between}"));
    }
    let all = model.parts().pools.iter().filter(|pool| pool.kind == PoolKind::Servers).map(|pool| f64::from(pool.count)).sum();
    if let Some(up) = estimate("mean_up").filter(|up| up.value < Some(all)) {
        row("servers up", format!("{} on average", figure(up)));
    }
    if let Some(provisioned) = estimate("mean_provisioned") {
        row("provisioned", format!("{} servers on average", figure(provisioned)));
    }
    if let Some(delay) = estimate("mean_detection_delay") {
        row("found out", format!("{} s after a server went down", figure(delay)));
    }
    if let Some(wasted) = estimate("wasted_work").filter(|wasted| wasted.value != Some(0.0)) {
        row("wasted", format!("the work of {} workers, for requests that nobody waited for", figure(wasted)));
    }
}

/// A duration in the unit that suits it.
fn every(secs: f64) -> String {
    let (unit, length) = time_unit(secs);
    format!("{} {unit}", three_digits(secs / length))
}
