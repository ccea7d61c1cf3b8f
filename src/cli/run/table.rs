//! A run as a page for people.

use super::Asked;
use super::failures::failures;
use super::sessions::sessions;
use crate::model::{Model, RunPlan};
use crate::observe::written::{digits, grouped, readable_span, three_digits, time_unit, with_error};
use crate::observe::{Convergence, Estimate, Figures, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS, Summary};
use owo_colors::OwoColorize;
use std::fmt::Write;

/// More servers than this are not drawn one by one.
const BARS: usize = 24;
/// Cells of a full bar.
const BAR: usize = 24;

/// The page: what was run, how requests fared, how the servers were used, and what to beware of. `overloaded` says that
/// more work is offered than can be done.
pub fn table(name: &str, model: &Model, summary: &Summary, overloaded: bool, asked: &Asked) -> String {
    let mut page = heading(name, model, summary);
    if let Convergence::NotConverged { needed_secs } = summary.convergence {
        not_converged(&mut page, needed_secs, overloaded);
    } else {
        figures(&mut page, model, summary);
    }
    page.push_str(&answers(asked));
    page
}

/// What came of a precision and of the goals.
fn answers(asked: &Asked) -> String {
    let mut text = String::new();
    if let Some(precision) = &asked.precision {
        let _ = writeln!(text, "\n{}  {}", "precision".bold(), precision.sentence);
    }
    if !asked.goals.is_empty() {
        let _ = writeln!(text, "\n{}", "goals".bold());
    }
    let width = asked.goals.iter().map(|outcome| outcome.goal.text.chars().count()).max().unwrap_or(0);
    for outcome in &asked.goals {
        let _ = writeln!(text, "  {:<width$}  {}", outcome.goal.text, outcome.sentence());
    }
    text
}

fn figures(page: &mut String, model: &Model, summary: &Summary) {
    page.push_str(&times("sojourn time", "response", &summary.total));
    for (class, estimates) in &summary.classes {
        page.push_str(&times(&format!("  {class}"), "response", estimates));
    }
    if find(&summary.total, "mean_wait").and_then(|wait| wait.value) != Some(0.0) {
        page.push_str(&times("waiting time", "wait", &summary.total));
    }
    page.push_str(&flow(summary));
    page.push_str(&failures(model, summary));
    page.push_str(&sessions(summary));
    page.push_str(&use_of_servers(model, summary));
    page.push_str(&notes(summary));
}

fn heading(name: &str, model: &Model, summary: &Summary) -> String {
    let parts = model.parts();
    let servers: u32 = summary.pools.iter().filter(|pool| !pool.is_back_end).map(|pool| pool.servers).sum();
    let mut algorithms: Vec<&str> = parts.balancers.iter().map(|balancer| balancer.algorithm.name()).collect();
    algorithms.dedup();
    let born: u64 = summary.replications.iter().map(|figures: &Figures| figures.born).sum();
    let what =
        format!("{} · {} · {servers} {}", name.bold(), algorithms.join(", "), if servers == 1 { "server" } else { "servers" });
    let number = summary.replications.len();
    let run = match parts.run {
        RunPlan::Steady { length, warm_up, .. } => format!("{length}, the first {warm_up} not measured"),
        RunPlan::Terminating { horizon, .. } => format!("{horizon} from an empty start"),
    };
    let times = if number == 1 { "one replication".into() } else { format!("{number} replications") };
    let about = if parts.about.is_empty() { String::new() } else { format!("{}\n", parts.about) };
    format!("{what}\n{about}{times} of {run} · {} requests · seed {}\n\n", grouped(born), parts.seed.0)
}

fn not_converged(page: &mut String, needed_secs: f64, overloaded: bool) {
    let verdict = "not converged".red().bold().to_string();
    let _ = writeln!(page, "{verdict}: the start has not been forgotten when measuring begins, so any figure would be wrong.");
    if overloaded {
        page.push_str(
            "More work is offered than can be done, so no length is enough. Add servers, or ask what happens up to a\n",
        );
        page.push_str("point of time: run: Terminating(horizon: ...).\n");
    } else {
        let needed = readable_span(needed_secs);
        let _ = writeln!(page, "Try replications of at least {needed}: --set 'run.length=\"{needed}\"'.");
    }
}

/// The columns of a table of times: heading and metric, without its prefix.
const COLUMNS: [(&str, &str); 8] = [
    ("mean", "mean_"),
    ("sd", "std_"),
    ("p50", "_p50"),
    ("p90", "_p90"),
    ("p95", "_p95"),
    ("p99", "_p99"),
    ("p99.9", "_p99_9"),
    ("p99.99", "_p99_99"),
];

fn times(title: &str, what: &str, estimates: &[Estimate]) -> String {
    let metric = |part: &str| if part.ends_with('_') { format!("{part}{what}") } else { format!("{what}{part}") };
    let columns = COLUMNS.map(|(heading, part)| (heading, find(estimates, &metric(part))));
    let Some(scale) = columns[0].1.and_then(|estimate| estimate.value) else { return String::new() };
    let (unit, length) = time_unit(if scale > 0.0 { scale } else { 1.0 });
    let row = |figure: fn(&Estimate) -> Option<f64>, digits_shown: i32| -> String {
        let cell = |(_, estimate): &(&str, Option<&Estimate>)| {
            let text = estimate.and_then(figure).map_or_else(|| "-".into(), |value| digits(value / length, digits_shown));
            format!("{text:>9}")
        };
        columns.iter().map(cell).collect()
    };
    let headings = columns.iter().fold(String::new(), |text, (heading, _)| text + &format!("{heading:>9}"));
    let padding = " ".repeat(16_usize.saturating_sub(title.chars().count()));
    let mut text = format!("{}{padding}{headings}\n", title.bold());
    let _ = writeln!(text, "  {unit:<14}{}", row(|estimate| estimate.value, 3));
    if columns.iter().any(|(_, estimate)| estimate.is_some_and(|estimate| estimate.half_width.is_some())) {
        let _ = writeln!(text, "  {:<14}{}", "± 95 %", row(|estimate| estimate.half_width, 2));
    }
    text.push('\n');
    text
}

/// The estimate of a metric of requests.
pub(super) fn find<'a>(estimates: &'a [Estimate], name: &str) -> Option<&'a Estimate> {
    REQUEST_METRICS.iter().position(|metric| metric.name == name).and_then(|index| estimates.get(index))
}

/// A figure with its interval.
pub(super) fn figure(estimate: &Estimate) -> String {
    match estimate.value {
        Some(value) => with_error(value, estimate.half_width.unwrap_or(0.0)),
        None => "-".into(),
    }
}

fn flow(summary: &Summary) -> String {
    let mut text = String::new();
    let rows = [
        ("requests born", "arrival_rate", "a second"),
        ("completed", "throughput", "a second"),
        ("in the system", "mean_in_system", "on average"),
        ("waiting", "mean_in_queue", "on average"),
        ("that wait", "p_wait", "of the completed"),
        ("rejected", "rejected_fraction", "of those born"),
    ];
    for (title, metric, of) in rows {
        if let Some(estimate) = find(&summary.total, metric) {
            let _ = writeln!(text, "{title:<16}  {} {of}", figure(estimate));
        }
    }
    text.push('\n');
    text
}

fn use_of_servers(model: &Model, summary: &Summary) -> String {
    let system = |name: &str| {
        let index = SYSTEM_METRICS.iter().position(|metric| metric.name == name);
        index.and_then(|index| summary.system.get(index)).map(figure).unwrap_or_default()
    };
    let mut text = format!("{}  {}\n", "utilization".bold(), system("utilization"));
    let servers: u32 = summary.pools.iter().filter(|pool| !pool.is_back_end).map(|pool| pool.servers).sum();
    let imbalance = |prefix: &str| {
        let of = |name: &str| system(&format!("{prefix}{name}_utilization"));
        format!("cv {}, max/mean {}, Jain {}", of("cv"), of("max_over_mean"), of("jain_index"))
    };
    if servers > 1 {
        let _ = writeln!(text, "imbalance    {}", imbalance(""));
    }
    let windows = summary.time_line.stretches.len();
    if servers > 1 && windows > 1 {
        let measured = (model.parts().run.ends_at() - model.parts().run.measured_from()).as_secs();
        let (unit, length) = time_unit(measured / windows as f64);
        let each = three_digits(measured / windows as f64 / length);
        let _ = writeln!(text, "  in windows of {each} {unit}: {}", imbalance("window_"));
    }
    let listed: Vec<(&str, &[Estimate])> = if (1..=BARS).contains(&summary.servers.len()) {
        summary.servers.iter().map(|server| (server.name.as_str(), &server.metrics[..])).collect()
    } else {
        summary.pools.iter().map(|pool| (pool.name.as_str(), &pool.metrics[..])).collect()
    };
    let width = listed.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, metrics) in listed {
        text.push_str(&bar(name, width, metrics));
    }
    text
}

fn bar(name: &str, width: usize, metrics: &[Estimate]) -> String {
    let of = |name: &str| SERVER_METRICS.iter().position(|metric| metric.name == name).and_then(|index| metrics.get(index));
    let used = of("utilization").and_then(|estimate| estimate.value).unwrap_or(0.0);
    let cells = ((used * BAR as f64).round() as usize).min(BAR);
    let drawn = format!("{}{}", "█".repeat(cells), "░".repeat(BAR - cells));
    let drawn = if used > 0.95 { drawn.red().to_string() } else { drawn.cyan().to_string() };
    let say = |metric: &str| of(metric).map(figure).unwrap_or_default();
    format!("  {name:<width$}  {drawn}  {:<17}  share {:<18}  queue {}\n", say("utilization"), say("share"), say("mean_in_queue"))
}

fn notes(summary: &Summary) -> String {
    let mut text = String::new();
    if summary.convergence == Convergence::Unknown {
        text.push_str("\ntoo few requests to tell whether the start has been forgotten\n");
    }
    let short: Vec<&str> = COLUMNS[2..]
        .iter()
        .filter(|(_, part)| find(&summary.total, &format!("response{part}")).is_some_and(|estimate| estimate.value.is_none()))
        .map(|(heading, _)| *heading)
        .collect();
    if !short.is_empty() {
        let _ = writeln!(text, "\n{}: too few requests beyond it for a figure", short.join(", "));
    }
    let servers: u32 = summary.pools.iter().filter(|pool| !pool.is_back_end).map(|pool| pool.servers).sum();
    if servers > 1 && summary.time_line.stretches.len() < 2 {
        text.push_str("\ntoo few requests a server for the imbalance within shorter windows\n");
    }
    if summary.replications.len() == 1 {
        text.push_str("\none replication: no interval can be given\n");
    }
    text
}
