//! What a sweep would do: its points, and how long it would take.

use super::progress::heading;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::experiment::{Experiment, Progress, Shard, Stopping, ahead, replicate};
use crate::observe::written::{grouped, three_digits};
use crate::results::Store;
use comfy_table::{Cell, CellAlignment, Table};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

/// More points than this are counted instead.
const SHOWN: usize = 100;

/// Prints the points and the expected time.
pub fn run(experiment: &Experiment, folder: &Path, shard: Option<Shard>, jobs: Option<u32>) -> Result<(), Failure> {
    let plan = &experiment.plan;
    let mut text = format!("{}\n", heading(plan));
    if !plan.about.is_empty() {
        let _ = writeln!(text, "{}", plan.about);
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let mut head = vec![Cell::new("point")];
    head.extend(plan.factors.iter().map(|factor| Cell::new(&factor.name)));
    head.extend(["load", "replications", "requests each"].map(|name| Cell::new(name).set_alignment(CellAlignment::Right)));
    table.set_header(head);
    let is_fixed = plan.stopping == Stopping::Fixed;
    for (index, point) in plan.points.iter().enumerate().take(SHOWN) {
        let mut row = vec![Cell::new(index)];
        row.extend(plan.factors.iter().zip(&point.levels).map(|(factor, &level)| Cell::new(&factor.levels[level].label)));
        let load = point.offered_load.map_or_else(|| "-".into(), three_digits);
        let replications = if is_fixed { point.shape.run.replications().to_string() } else { "open".into() };
        let figures = [load, replications, grouped(point.expected_requests as u64)];
        row.extend(figures.map(|figure| Cell::new(figure).set_alignment(CellAlignment::Right)));
        table.add_row(row);
    }
    let _ = writeln!(text, "\n{table}");
    if plan.points.len() > SHOWN {
        let _ = writeln!(text, " and {} more", grouped((plan.points.len() - SHOWN) as u64));
    }
    text.push('\n');
    text.push_str(&expected(experiment, &left(experiment, folder, shard)?, jobs));
    let _ = writeln!(text, "results would go to {}", folder.display());
    print(&text)
}

/// What is still to be done, given what is in the folder already.
fn left(experiment: &Experiment, folder: &Path, shard: Option<Shard>) -> Result<Progress, Failure> {
    let plan = &experiment.plan;
    let mut known = Vec::new();
    if folder.join("results.db").exists() {
        let store = Store::read(folder)?;
        for point in &plan.points {
            let twin = store.plan().points.iter().position(|other| other.fingerprint == point.fingerprint);
            known.push(twin.map_or_else(|| Ok(Vec::new()), |twin| store.known(twin))?);
        }
    }
    let is_known =
        |point: usize, replication: u32| known.get(point).is_some_and(|known| known.binary_search(&replication).is_ok());
    Ok(ahead(plan, shard, is_known))
}

/// How long it would take, by the speed of one replication of the shortest point.
fn expected(experiment: &Experiment, left: &Progress, jobs: Option<u32>) -> String {
    let points = &experiment.plan.points;
    let cost = |index: &usize| points[*index].expected_requests;
    let Some(shortest) = (0..points.len()).min_by(|a, b| cost(a).total_cmp(&cost(b))) else { return String::new() };
    let started = Instant::now();
    let born = replicate(&experiment.models[shortest], 0).born;
    let rate = born as f64 / started.elapsed().as_secs_f64().max(1e-9);
    let threads = jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |jobs| jobs as usize);
    let secs = left.requests_left / rate / threads as f64;
    let least = if experiment.plan.stopping == Stopping::Fixed { "about" } else { "at least" };
    format!(
        "{} replications are there, {} to be simulated: {} requests, {least} {} s on {threads} threads\n\
         by the speed of one replication (point {shortest}, {:.1} M requests/s a thread)\n",
        grouped(left.done),
        grouped(left.asked - left.done),
        grouped(left.requests_left as u64),
        three_digits(secs),
        rate / 1e6
    )
}
