//! The tables of differences: against the baseline, the best, the effects.

use super::table::{Cell, Column, Table, factor_cells, factor_columns, level_cell, unit, with_unit};
use crate::analysis::{Analysis, Best, BestVerdict, Comparison, Difference, Effect, EffectKind};
use crate::experiment::{Compared, Plan};
use crate::observe::Measure;
use crate::observe::written::{digits, list};
use crate::report::words::sentence;

/// A table for each metric that was compared.
pub fn comparisons(analysis: &Analysis) -> Vec<Table> {
    let Some(compared) = analysis.plan.compared else { return Vec::new() };
    let of = |measure: &Measure| analysis.comparisons.iter().filter(|c| c.measure == *measure).collect::<Vec<_>>();
    let metrics = analysis.plan.metrics.iter();
    metrics
        .map(|measure| (*measure, of(measure)))
        .filter(|(_, of)| !of.is_empty())
        .map(|(m, of)| table(analysis, compared, m, &of))
        .collect()
}

fn table(analysis: &Analysis, compared: Compared, measure: Measure, comparisons: &[&Comparison]) -> Table {
    let plan = &analysis.plan;
    let factor = &plan.factors[compared.factor];
    let differences = comparisons.iter().filter_map(|comparison| comparison.difference.as_ref().ok());
    let (name, length) = unit(measure, differences.map(|difference| difference.mean));
    let mut columns = factor_columns(plan, Some(compared.factor));
    columns.extend([
        Column::head(&factor.name),
        Column::number("difference", name),
        Column::number("relative", "%"),
        Column::number("joint interval", name),
        Column::number("p", ""),
        Column::words("verdict (Holm)"),
    ]);
    let row = |comparison: &&Comparison| {
        let mut cells = factor_cells(plan, comparison.point, Some(compared.factor));
        cells.push(level_cell(plan, comparison.point, compared.factor));
        cells.extend(difference(comparison, length));
        cells
    };
    Table {
        id: format!("differences-{}", measure.name()),
        caption: format!("{}: each {} less {}", sentence(&measure.title()), factor.name, factor.levels[compared.baseline].label),
        columns,
        rows: comparisons.iter().map(row).collect(),
    }
}

fn difference(comparison: &Comparison, length: f64) -> [Cell; 5] {
    let none = || Cell { note: "–".into(), ..Cell::default() };
    match &comparison.difference {
        Ok(difference) => [
            Cell::interval(difference.mean / length, difference.half_width / length),
            difference.relative.map_or_else(none, |(mean, half)| Cell::interval(mean * 100.0, half * 100.0)),
            joint(difference, length),
            Cell { text: p_value(difference.p_value), ..Cell::number(difference.p_value) },
            Cell::words(verdict(comparison.measure, difference)),
        ],
        Err(reason) => [none(), none(), none(), none(), Cell::words(reason)],
    }
}

/// From where to where the difference lies, all of them together; sorted by its lower end.
fn joint(difference: &Difference, length: f64) -> Cell {
    let (mean, half) = (difference.mean / length, difference.joint_half_width / length);
    let (low, high) = (Cell::interval(mean - half, half), Cell::interval(mean + half, half));
    Cell { text: format!("{} to {}", low.text, high.text), key: low.key, ..Cell::default() }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".into() } else { digits(p, 2) }
}

fn verdict(measure: Measure, difference: &Difference) -> &'static str {
    match (difference.is_shown, difference.mean < 0.0, measure.unit()) {
        (false, ..) => "no difference shown",
        (true, true, "s") => "shorter",
        (true, false, "s") => "longer",
        (true, true, _) => "lower",
        (true, false, _) => "higher",
    }
}

/// The best level in each condition; nothing where there is none to tell.
pub fn best(analysis: &Analysis) -> Option<Table> {
    let plan = &analysis.plan;
    let compared = plan.compared?;
    let (factor, measure) = (&plan.factors[compared.factor], analysis.best.first()?.measure);
    let mut columns = factor_columns(plan, Some(compared.factor));
    columns.extend([Column::words(format!("best {}", factor.name)), Column::words("how sure")]);
    let row = |best: &Best| {
        let first = best.points.first()?;
        let mut cells = factor_cells(plan, *first, Some(compared.factor));
        cells.extend(which(plan, compared, best));
        Some(cells)
    };
    let rows: Vec<Vec<Cell>> = analysis.best.iter().filter_map(row).collect();
    let caption = format!("The best {} by {}", factor.name, measure.title());
    (!rows.is_empty()).then(|| Table { id: "best".into(), caption, columns, rows })
}

fn which(plan: &Plan, compared: Compared, best: &Best) -> [Cell; 2] {
    let name = |point: usize| level_cell(plan, point, compared.factor).text;
    let missing: Vec<String> = best.left_out.iter().map(|point| name(*point)).collect();
    let of = if missing.is_empty() { String::new() } else { format!(", of those with figures: {} without", list(&missing)) };
    let at_least = |probability: f64| format!("with probability at least {} %{of}", digits(probability * 100.0, 3));
    match &best.verdict {
        BestVerdict::Selected { point, probability, indifference } => {
            let but = if *indifference > 0.0 {
                format!(": the best, or within {} of it", with_unit(best.measure, *indifference))
            } else {
                String::new()
            };
            [Cell::words(name(*point)), Cell::words(format!("{}{but}", at_least(*probability)))]
        }
        BestVerdict::Among { points, probability } => {
            let names: Vec<String> = points.iter().map(|point| name(*point)).collect();
            [Cell::words(format!("one of {}", names.join(", "))), Cell::words(at_least(*probability))]
        }
        BestVerdict::Unknown(reason) => [Cell::words("not known"), Cell::words(reason)],
    }
}

/// The effects; nothing where there are none.
pub fn effects(analysis: &Analysis) -> Option<Table> {
    let plan = &analysis.plan;
    let measure = plan.metrics.first()?;
    let (name, length) = unit(*measure, analysis.effects.iter().map(|effect| effect.mean));
    let level = |factor: usize, level: usize| {
        let factor = &plan.factors[factor];
        format!("{} {}", factor.name, factor.levels[level].label)
    };
    let row = |effect: &Effect| {
        let of = match effect.kind {
            EffectKind::Main { factor, level: number } => level(factor, number),
            EffectKind::Interaction { factors: [a, b], levels: [i, j] } => format!("{} with {}", level(a, i), level(b, j)),
        };
        let says = match (effect.is_shown, effect.mean > 0.0) {
            (true, true) => "raises it",
            (true, false) => "lowers it",
            (false, _) => "not shown",
        };
        vec![Cell::words(of), Cell::interval(effect.mean / length, effect.half_width / length), Cell::words(says)]
    };
    let rows: Vec<Vec<Cell>> = analysis.effects.iter().map(row).collect();
    (!rows.is_empty()).then(|| Table {
        id: "effects".into(),
        caption: format!("Effects on the {}: deviation from the mean over all points", measure.title()),
        columns: vec![Column::head("effect of"), Column::number("deviation", name), Column::words("verdict (Holm)")],
        rows,
    })
}
