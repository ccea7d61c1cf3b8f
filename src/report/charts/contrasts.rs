//! What each cause of a difference amounts to: the contrasts of the plan.

use crate::analysis::{Analysis, ContrastResult};
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::with_half;
use crate::report::csv::{Csv, number};
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::style;
use crate::report::view::{Reading, View};
use crate::report::words::{measure_unit, replications, sentence, spread};

/// What it shows.
pub const ABOUT: &str =
    "what the causes of a difference amount to (the experiment's `contrasts`), in each condition, with their intervals";

/// More conditions than this go into another figure.
const MOST_CONDITIONS: usize = 5;
/// No more figures than this.
const MOST_FIGURES: usize = 4;

/// Draws it for the metric asked for, or the first of the plan.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric) else { return Vec::new() };
    let results: Vec<&ContrastResult> = analysis.contrasts.iter().filter(|result| result.measure == metric).collect();
    if results.iter().all(|result| result.amount.is_err()) {
        return Vec::new();
    }
    let conditions: Vec<&[&ContrastResult]> = results.chunk_by(|one, other| one.condition == other.condition).collect();
    let pages: Vec<&[&[&ContrastResult]]> = conditions.chunks(MOST_CONDITIONS).collect();
    let figure = |place: usize| Causes { analysis, view, metric, page: pages[place], place, pages: pages.len() }.figure();
    spread(pages.len(), MOST_FIGURES).into_iter().map(figure).collect()
}

struct Causes<'a> {
    analysis: &'a Analysis,
    view: View<'a>,
    metric: Measure,
    page: &'a [&'a [&'a ContrastResult]],
    place: usize,
    pages: usize,
}

impl Causes<'_> {
    fn name(&self, result: &ContrastResult) -> &str {
        &self.analysis.plan.contrasts[result.contrast].name
    }

    fn results(&self) -> impl Iterator<Item = &ContrastResult> {
        self.page.iter().flat_map(|results| results.iter().copied())
    }

    fn row(&self, result: &ContrastResult) -> Row {
        let cell = match &result.amount {
            Ok((value, half)) => {
                let colour =
                    if value.abs() > *half { style::SERIES[result.contrast % style::SERIES.len()] } else { style::MUTED };
                Cell::Bar(Reading { value: *value, half_width: Some(*half) }, colour)
            }
            Err(reason) => Cell::Words(reason.clone()),
        };
        Row { label: self.name(result).to_owned(), cells: vec![cell] }
    }

    fn figure(&self) -> Figure {
        let mut rows = Vec::new();
        for results in self.page {
            let condition = results.first().map_or_else(String::new, |first| self.view.condition(first.condition));
            if !condition.is_empty() {
                rows.push(Row { label: condition, cells: Vec::new() });
            }
            rows.extend(results.iter().map(|result| self.row(result)));
        }
        let name = self.metric.title();
        let chart = Rows { panels: vec![Panel { name, unit: measure_unit(self.metric).into() }], rows, sides: None };
        let suffix = if self.pages > 1 { format!("-{}", self.place + 1) } else { String::new() };
        Figure {
            id: format!("contrasts-{}{suffix}", self.metric.name()),
            title: self.title(),
            caption: self.caption(),
            alt: self.alt(),
            csv: self.csv(),
            svg: chart.svg(),
        }
    }

    /// The largest amount that is shown.
    fn title(&self) -> String {
        let shown = self.results().filter_map(|result| {
            let (value, half) = *result.amount.as_ref().ok()?;
            (value.abs() > half).then_some((result, value, half))
        });
        let largest = shown.max_by(|one, other| one.1.abs().total_cmp(&other.1.abs()));
        let Some((result, value, half)) = largest else { return "None of these causes is shown to matter".into() };
        let condition = self.view.condition(result.condition);
        let at = if condition.is_empty() { String::new() } else { format!(" at {condition}") };
        sentence(&format!(
            "{} is the largest{at}: {}",
            self.name(result),
            with_half(measure_unit(self.metric), value, Some(half))
        ))
    }

    fn caption(&self) -> String {
        let plan = &self.analysis.plan;
        let label = |level: &usize| plan.compared.map_or("", |compared| &*plan.factors[compared.factor].levels[*level].label);
        let side = |levels: &[usize]| levels.iter().map(label).collect::<Vec<_>>().join(" + ");
        let made = |contrast: &crate::experiment::Contrast| {
            format!("{} = {} − ({})", contrast.name, side(&contrast.plus), side(&contrast.minus))
        };
        let made: Vec<String> = plan.contrasts.iter().map(made).collect();
        let number = self.results().map(|result| result.replications);
        format!(
            "In {}, replication by replication on the same customers, over {}, each with its own 95 % interval; in grey what may be nothing. {}.",
            self.metric.title(),
            replications(number),
            made.join("; ")
        )
    }

    fn alt(&self) -> String {
        let say = |result: &ContrastResult| {
            let amount = match &result.amount {
                Ok((value, half)) => with_half(measure_unit(self.metric), *value, Some(*half)),
                Err(reason) => reason.clone(),
            };
            let condition = self.view.condition(result.condition);
            let at = if condition.is_empty() { String::new() } else { format!(" at {condition}") };
            format!("{}{at}: {amount}", self.name(result))
        };
        let all: Vec<String> = self.results().map(say).collect();
        format!("What causes of a difference amount to, in {}. {}.", self.metric.title(), all.join("; "))
    }

    fn csv(&self) -> String {
        let mut csv = Csv::new(&["contrast", "condition", "metric", "value", "low", "high", "unit", "replications"]);
        for result in self.results() {
            let mut cells =
                vec![self.name(result).to_owned(), self.view.condition(result.condition), self.metric.name().to_owned()];
            match &result.amount {
                Ok((value, half)) => cells.extend([number(*value), number(value - half), number(value + half)]),
                Err(_) => cells.extend([String::new(), String::new(), String::new()]),
            }
            cells.extend([self.metric.unit().to_owned(), result.replications.to_string()]);
            csv.row(cells);
        }
        csv.text()
    }
}
