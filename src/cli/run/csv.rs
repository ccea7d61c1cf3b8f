//! A run as CSV: one line a figure.

use crate::cli::goals::{Outcome, word};
use crate::cli::output::cell;
use crate::observe::{Estimate, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS, Summary};

/// Scope, name, metric, unit, value, half-width of the 95 % interval, note. Figures that are missing are empty. The note of a goal is
/// its verdict. Of the scope `caches` the name is an age of the caches since they were last empty, up to that of the next line.
pub fn csv(summary: &Summary, goals: &[Outcome]) -> String {
    let mut text = String::from("scope,name,metric,unit,value,half_width_95,note\n");
    let requests = |text: &mut String, scope: &str, name: &str, estimates: &[Estimate]| {
        for (metric, estimate) in REQUEST_METRICS.iter().zip(estimates) {
            line(text, [scope, name, metric.name, metric.unit], estimate);
        }
    };
    requests(&mut text, "all", "", &summary.total);
    for (name, estimates) in &summary.classes {
        requests(&mut text, "class", name, estimates);
    }
    for (metric, estimate) in SYSTEM_METRICS.iter().zip(&summary.system) {
        line(&mut text, ["servers", "", metric.name, ""], estimate);
    }
    let pools = summary.pools.iter().map(|pool| (if pool.is_back_end { "back end" } else { "pool" }, &pool.name, &pool.metrics));
    let servers = summary.servers.iter().map(|server| ("server", &server.name, &server.metrics));
    for (scope, name, estimates) in pools.chain(servers) {
        for (metric, estimate) in SERVER_METRICS.iter().zip(estimates) {
            line(&mut text, [scope, name, metric.name, ""], estimate);
        }
    }
    for age in &summary.ages {
        line(&mut text, ["caches", &format!("from {} s", age.from_secs), "hit_ratio", ""], &age.hit_ratio);
    }
    for Outcome { goal, estimate, verdict } in goals {
        let note = match &*estimate.note {
            "" => word(*verdict).to_owned(),
            why => format!("{}: {why}", word(*verdict)),
        };
        line(&mut text, ["goal", &goal.text, goal.measure.name(), goal.measure.unit()], &Estimate { note, ..estimate.clone() });
    }
    text
}

fn line(text: &mut String, cells: [&str; 4], estimate: &Estimate) {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    text.push_str(&format!(
        "{},{},{},{}\n",
        cells.join(","),
        number(estimate.value),
        number(estimate.half_width),
        cell(&estimate.note)
    ));
}
