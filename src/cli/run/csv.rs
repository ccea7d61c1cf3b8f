//! A run as CSV: one line a figure.

use crate::observe::{Estimate, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS, Summary};

/// Scope, name, metric, unit, value, half-width of the 95 % interval, note. Figures that are missing are empty.
pub fn csv(summary: &Summary) -> String {
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
    text
}

fn line(text: &mut String, cells: [&str; 4], estimate: &Estimate) {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    text.push_str(&format!(
        "{},{},{},{}\n",
        cells.join(","),
        number(estimate.value),
        number(estimate.half_width),
        quoted(&estimate.note)
    ));
}

/// The text as a cell: quoted where it must be (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
