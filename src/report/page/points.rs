//! The tables by point: the metrics asked for, the goals, all that was measured.

use super::table::{Cell, Column, Table, factor_cells, factor_columns, unit};
use crate::analysis::{Analysis, PointResult};
use crate::experiment::PlannedPoint;
use crate::model::RunPlan;
use crate::observe::written::readable_span;
use crate::observe::{Convergence, Measure, Verdict};

/// The points with the plan's metrics, theory beside them where it is known.
pub fn points(analysis: &Analysis) -> Table {
    let plan = &analysis.plan;
    let mut table = Table {
        id: "points".into(),
        caption: "Every point, with 95 % intervals over its replications".into(),
        columns: factor_columns(plan, None),
        rows: (0..plan.points.len()).map(|point| factor_cells(plan, point, None)).collect(),
    };
    if plan.points.iter().any(|point| point.offered_load.is_some()) {
        let cell = |_: &PointResult, point: &PlannedPoint| point.offered_load.map_or_else(none, Cell::number);
        add(&mut table, analysis, Column::number("offered load", ""), cell);
    }
    for &measure in &plan.metrics {
        let (name, length) = unit_of(analysis, measure);
        let cell = |result: &PointResult, _: &PlannedPoint| Cell::estimate(measure.estimate(&result.summary), length);
        add(&mut table, analysis, Column::number(measure.title(), name), cell);
        if plan.points.iter().any(|point| theory(point, measure, length).is_some()) {
            let cell = |_: &PointResult, point: &PlannedPoint| theory(point, measure, length).unwrap_or_else(none);
            add(&mut table, analysis, Column::number("in theory", name), cell);
        }
    }
    let cell = |result: &PointResult, _: &PlannedPoint| Cell::count(result.summary.replications.len() as u64);
    add(&mut table, analysis, Column::number("replications", ""), cell);
    if analysis.points.iter().zip(&plan.points).any(|(result, point)| !remark(result, point).is_empty()) {
        add(&mut table, analysis, Column::words("remarks"), |result, point| Cell::words(remark(result, point)));
    }
    table
}

/// Every measure of every point.
pub fn all_measures(analysis: &Analysis) -> Table {
    let plan = &analysis.plan;
    let mut table = Table {
        id: "measures".into(),
        caption: "All that was measured, by point".into(),
        columns: vec![Column::head("point")],
        rows: (0..plan.points.len()).map(|point| vec![Cell::words(plan.label(point))]).collect(),
    };
    for measure in Measure::all() {
        let (name, length) = unit_of(analysis, measure);
        let cell = |result: &PointResult, _: &PlannedPoint| Cell::estimate(measure.estimate(&result.summary), length);
        add(&mut table, analysis, Column::number(measure.title(), name), cell);
    }
    table
}

/// Each goal at each point; nothing where there are no goals.
pub fn goals(analysis: &Analysis) -> Option<Table> {
    let plan = &analysis.plan;
    if plan.goals.is_empty() {
        return None;
    }
    let mut table = Table {
        id: "goals-by-point".into(),
        caption: "What each point shows".into(),
        columns: factor_columns(plan, None),
        rows: (0..plan.points.len()).map(|point| factor_cells(plan, point, None)).collect(),
    };
    for (index, goal) in plan.goals.iter().enumerate() {
        let (unit, length) = unit_of(analysis, goal.measure);
        let cell = |result: &PointResult, _: &PlannedPoint| {
            let figure = Cell::estimate(goal.measure.estimate(&result.summary), length);
            let figure = if figure.text.is_empty() { figure.note } else { format!("{} {unit}", figure.text) };
            Cell { note: figure.trim().into(), ..Cell::words(verdict(result.goals.get(index).copied())) }
        };
        add(&mut table, analysis, Column::words(&goal.text), cell);
    }
    Some(table)
}

/// Each goal in a sentence: where it is met.
pub fn goal_sentences(analysis: &Analysis) -> Vec<String> {
    let sentence = |(index, goal): (usize, &crate::observe::Goal)| {
        let count = |wanted: Verdict| analysis.points.iter().filter(|point| point.goals.get(index) == Some(&wanted)).count();
        let (met, missed, all) = (count(Verdict::Met), count(Verdict::Missed), analysis.points.len());
        let undecided = all - met - missed;
        let rest = match (met == all, missed == all) {
            (true, _) => format!("met at {}.", if all == 1 { "the point".into() } else { format!("all {all} points") }),
            (_, true) => format!("missed at {}.", if all == 1 { "the point".into() } else { format!("all {all} points") }),
            _ => format!("met at {met} of {all} points, missed at {missed}, undecided at {undecided}."),
        };
        format!("{}: {rest}", goal.text)
    };
    analysis.plan.goals.iter().enumerate().map(sentence).collect()
}

fn verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) => "✓ met",
        Some(Verdict::Missed) => "✗ missed",
        Some(Verdict::Undecided) | None => "? undecided",
    }
}

fn add(table: &mut Table, analysis: &Analysis, column: Column, cell: impl Fn(&PointResult, &PlannedPoint) -> Cell) {
    table.columns.push(column);
    for (row, (result, point)) in table.rows.iter_mut().zip(analysis.points.iter().zip(&analysis.plan.points)) {
        row.push(cell(result, point));
    }
}

/// Nothing to tell.
fn none() -> Cell {
    Cell { note: "–".into(), ..Cell::default() }
}

fn unit_of(analysis: &Analysis, measure: Measure) -> (&'static str, f64) {
    unit(measure, analysis.points.iter().filter_map(|result| measure.estimate(&result.summary).value))
}

fn theory(point: &PlannedPoint, measure: Measure, length: f64) -> Option<Cell> {
    let exact = point.theory.iter().find(|exact| exact.measure == measure)?;
    Some(Cell { note: exact.formula.clone(), ..Cell::number(exact.value / length) })
}

/// Why there are no figures, or how far they can be trusted.
fn remark(result: &PointResult, point: &PlannedPoint) -> String {
    let trusted = trusted(result, point);
    let all = std::iter::once(trusted.as_str()).chain(result.remarks.iter().map(String::as_str));
    all.filter(|remark| !remark.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Whether the runs were long enough to have forgotten their start.
fn trusted(result: &PointResult, point: &PlannedPoint) -> String {
    let is_steady = matches!(point.shape.run, RunPlan::Steady { .. });
    match result.summary.convergence {
        Convergence::NotConverged { .. } if point.offered_load.is_some_and(|load| load >= 1.0) => {
            "not converged: more work is offered than can be done, so no length is enough".into()
        }
        Convergence::NotConverged { needed_secs } => {
            format!("not converged: replications of at least {} are needed", readable_span(needed_secs))
        }
        Convergence::Unknown if is_steady => "too few requests to tell whether the start has been forgotten".into(),
        _ => String::new(),
    }
}
