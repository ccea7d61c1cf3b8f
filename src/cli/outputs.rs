//! What a sweep leaves for people: the page, charts, the summary; each file whole or not at all.

use super::failure::Failure;
use super::output::{cell, print};
use crate::analysis::{Analysis, analyse};
use crate::observe::Verdict;
use crate::observe::written::figure_with_error;
use crate::report::{self, Figure, Origin};
use crate::results::{Format, Provenance, Rows, Store, export};
use comfy_table::{Cell, CellAlignment, Table};
use owo_colors::OwoColorize;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Pixels of a PNG for each of the picture: sharp on a slide.
const PNG_SCALE: f32 = 2.0;
/// More points than this are not printed one by one.
const PRINTED: usize = 48;

/// Analyses what is stored, writes page, charts and summary into the folder, and prints the findings.
pub fn report(store: &Store, folder: &Path) -> Result<(), Failure> {
    let analysis = analysis(store)?;
    let figures = report::figures(&analysis);
    let charts = folder.join("charts");
    std::fs::create_dir_all(&charts)?;
    figures.par_iter().try_for_each(|figure| write_figure(&charts, figure))?;
    replace_index(&charts, &figures)?;
    write_whole(&folder.join("summary.csv"), &export(store, Format::Csv, Rows::Points)?)?;
    let page = report::page(&analysis, &figures, &origin(store));
    let page = page.map_err(|error| Failure::input(format!("the page cannot be made: {error}")))?;
    write_whole(&folder.join("report.html"), page.as_bytes())?;
    print(&findings(&analysis))?;
    let place = folder.display();
    let number = figures.len();
    print(&format!("wrote {place}/report.html, summary.csv, charts/ ({number} charts as SVG, PNG and CSV), results.db\n"))?;
    let is_met = |point: &crate::analysis::PointResult| point.goals.iter().all(|verdict| *verdict == Verdict::Met);
    if analysis.points.iter().all(is_met) { Ok(()) } else { Err(Failure::No) }
}

/// Where the results come from, for the page.
fn origin(store: &Store) -> Origin {
    let Provenance { lbsim, results, machine } = store.provenance();
    let facts: Vec<String> = machine.iter().map(|(name, fact)| format!("{name} {fact}")).collect();
    let file = store.plan().files.first().map(|file| file.name.clone()).unwrap_or_default();
    Origin {
        lbsim_version: lbsim.clone(),
        results_version: *results,
        machine: facts.join(", "),
        command: format!("lbsim sweep {file}"),
        date: None,
        csv_folder: Some("charts".into()),
        png_folder: Some("charts".into()),
    }
}

/// What the store says.
pub fn analysis(store: &Store) -> Result<Analysis, Failure> {
    let folds = (0..store.plan().points.len()).map(|point| store.fold(point)).collect::<Result<Vec<_>, _>>()?;
    let unfinished: Vec<usize> = store.missing()?.iter().map(|missing| missing.point).collect();
    Ok(analyse(store.plan().clone(), &folds, &unfinished))
}

fn write_figure(charts: &Path, figure: &Figure) -> Result<(), Failure> {
    let path = |extension: &str| charts.join(format!("{}.{extension}", figure.id));
    let svg = figure.titled_svg();
    write_whole(&path("svg"), svg.as_bytes())?;
    write_whole(&path("csv"), figure.csv.as_bytes())?;
    let png = report::png(&svg, PNG_SCALE);
    let png = png.map_err(|error| Failure::input(format!("the chart {} cannot be drawn: {error}", figure.id)))?;
    write_whole(&path("png"), &png)
}

/// The list of the charts in their folder, with titles.
const INDEX: &str = "index.csv";

/// Writes which charts there are, and removes those that an earlier list names and this one does not. Nothing else is touched.
fn replace_index(charts: &Path, figures: &[Figure]) -> Result<(), Failure> {
    let before = std::fs::read_to_string(charts.join(INDEX)).unwrap_or_default();
    let gone = before.lines().skip(1).filter_map(|line| line.split(',').next());
    let is_plain = |id: &&str| id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    for id in gone.filter(is_plain).filter(|id| figures.iter().all(|figure| figure.id != *id)) {
        for ending in ["svg", "png", "csv"] {
            match std::fs::remove_file(charts.join(format!("{id}.{ending}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    let lines = figures.iter().map(|figure| format!("{},{}\n", figure.id, cell(&figure.title)));
    write_whole(&charts.join(INDEX), format!("chart,title\n{}", lines.collect::<String>()).as_bytes())
}

/// A folder that holds no results yet may hold none of the files that a report would write: they are somebody's.
pub fn refuse_to_overwrite(folder: &Path) -> Result<(), Failure> {
    if folder.join("results.db").symlink_metadata().is_ok() {
        return Ok(());
    }
    let taken = ["report.html", "summary.csv", "charts"].into_iter().find(|name| folder.join(name).symlink_metadata().is_ok());
    taken.map_or(Ok(()), |name| {
        let place = folder.display();
        Err(Failure::input(format!(
            "{place} holds a `{name}` that is not of lbsim: choose another folder by --out, or move it away"
        )))
    })
}

/// Writes a file beside its place and moves it there.
pub fn write_whole(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".part");
    let aside = PathBuf::from(aside);
    let failed =
        |error: std::io::Error| Failure::Output(std::io::Error::new(error.kind(), format!("{}: {error}", path.display())));
    std::fs::write(&aside, contents).map_err(failed)?;
    std::fs::rename(&aside, path).map_err(failed)
}

/// The table of the points, and the findings in words.
pub fn findings(analysis: &Analysis) -> String {
    let plan = &analysis.plan;
    let mut text = format!("{}\n", plan.name.bold());
    if !plan.about.is_empty() {
        text.push_str(&format!("{}\n", plan.about));
    }
    text.push('\n');
    if analysis.points.len() <= PRINTED {
        text.push_str(&format!("{}\n\n", points(analysis)));
    }
    for sentence in &analysis.sentences {
        text.push_str(&super::output::wrap(sentence));
    }
    text.push('\n');
    text
}

fn points(analysis: &Analysis) -> Table {
    let plan = &analysis.plan;
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let mut head: Vec<Cell> = plan.factors.iter().map(|factor| Cell::new(&factor.name)).collect();
    head.extend(plan.metrics.iter().map(|measure| Cell::new(measure.title()).set_alignment(CellAlignment::Right)));
    table.set_header(head);
    for (planned, point) in plan.points.iter().zip(&analysis.points) {
        let mut row: Vec<Cell> =
            plan.factors.iter().zip(&planned.levels).map(|(factor, &level)| Cell::new(&factor.levels[level].label)).collect();
        for measure in &plan.metrics {
            let estimate = measure.estimate(&point.summary);
            let text = match (estimate.value, estimate.half_width) {
                (Some(value), half_width) => figure_with_error(*measure, value, half_width.unwrap_or(0.0)),
                (None, _) => estimate.note.clone(),
            };
            row.push(Cell::new(text).set_alignment(CellAlignment::Right));
        }
        table.add_row(row);
    }
    table
}
