//! Many levels in rows, the best at the top, a panel for each level of another factor.

use crate::analysis::Analysis;
use crate::experiment::{ChartChoice, Design};
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::with_half;
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::view::{Reading, View};
use crate::report::words::{measure_unit, sentence, spread};

/// What it shows.
pub const ABOUT: &str = "a metric of more strategies than there are colours: a row for each with its 95 % interval, the best by mean \
    rank at the top, a panel for each load";

/// No more figures than this.
const MOST_FIGURES: usize = 4;
/// No more panels beside each other than this.
const MOST_PANELS: usize = 3;
/// Figures that reach above so many times the median of their panel are written, so that they do not press all others flat.
const FAR: f64 = 8.0;

/// Draws it for the metric asked for, or the first of the plan, where there are more series than colours.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric).filter(|_| view.told().is_some()) else { return Vec::new() };
    if view.plan.design != Design::Factorial {
        return Vec::new();
    }
    let across = view.across();
    let rest: Vec<usize> = view.others().into_iter().filter(|factor| Some(*factor) != across).collect();
    let groups = view.groups(&rest);
    let figure = |place: usize| {
        let conditions: Vec<Vec<usize>> =
            view.conditions().into_iter().filter(|points| points.iter().any(|point| groups[place].contains(point))).collect();
        let panels = spread(conditions.len(), MOST_PANELS).into_iter().map(|panel| conditions[panel].clone()).collect();
        let suffix = if groups.len() > 1 { format!("-{}", place + 1) } else { String::new() };
        let ranking = Ranking { view, metric, panels, across, of: conditions.len() };
        ranking.has_figures().then(|| ranking.figure(&rest, &suffix))
    };
    spread(groups.len(), MOST_FIGURES).into_iter().filter_map(figure).collect()
}

struct Ranking<'a> {
    view: View<'a>,
    metric: Measure,
    /// The points of each panel.
    panels: Vec<Vec<usize>>,
    across: Option<usize>,
    of: usize,
}

impl Ranking<'_> {
    fn readings(&self, points: &[usize]) -> Vec<(usize, Reading)> {
        let read = |point: &usize| Some((*point, self.view.reading(*point, self.metric)?));
        let mut all: Vec<(usize, Reading)> = points.iter().filter_map(read).collect();
        all.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        all
    }

    fn has_figures(&self) -> bool {
        self.panels.iter().any(|points| !self.readings(points).is_empty())
    }

    /// Above this figures of a panel are written.
    fn far(&self, points: &[usize]) -> f64 {
        let all = self.readings(points);
        all.get(all.len() / 2)
            .map_or(f64::INFINITY, |(_, median)| if median.value > 0.0 { FAR * median.value } else { f64::INFINITY })
    }

    fn cell(&self, series: usize, points: &[usize], far: f64) -> Cell {
        let Some(point) = points.iter().find(|point| self.view.series_of(**point) == series) else {
            return Cell::Words(String::new());
        };
        let look = self.view.look(series);
        match self.view.reading(*point, self.metric) {
            Some(reading) if reading.high() > far => Cell::Words(format!("{} →", self.show(reading))),
            Some(reading) => Cell::Dot(reading, look.colour, look.mark),
            None => Cell::Words(self.view.reason(*point, self.metric)),
        }
    }

    fn show(&self, reading: Reading) -> String {
        with_half(measure_unit(self.metric), reading.value, reading.half_width)
    }

    fn figure(&self, rest: &[usize], suffix: &str) -> Figure {
        let far: Vec<f64> = self.panels.iter().map(|points| self.far(points)).collect();
        let row = |series: &usize| Row {
            label: self.view.look(*series).name,
            cells: self.panels.iter().zip(&far).map(|(points, far)| self.cell(*series, points, *far)).collect(),
        };
        let order = self.view.order(&self.panels, self.metric);
        let panel = |points: &Vec<usize>| Panel {
            name: self.across.map_or_else(|| self.metric.title(), |factor| self.view.levels(points[0], &[factor])),
            unit: measure_unit(self.metric).into(),
        };
        let chart = Rows { panels: self.panels.iter().map(panel).collect(), rows: order.iter().map(row).collect(), sides: None };
        let points: Vec<usize> = self.panels.iter().flatten().copied().collect();
        let at = self.view.levels(points[0], rest);
        let at = if at.is_empty() { at } else { format!(" at {at}") };
        let name = sentence(&self.metric.title());
        let panels = if self.of > self.panels.len() {
            format!(" {} of {} conditions are drawn.", self.panels.len(), self.of)
        } else {
            String::new()
        };
        Figure {
            id: format!("ranking-{}{suffix}", self.metric.name()),
            title: self.title(),
            caption: format!(
                "{name}{at}, by mean rank over the panels from the top down. {}. An arrow: the figure lies beyond the panel. Words in its \
                 place: why there is no figure, which counts as the last rank.{panels}{}",
                self.view.intervals("Bars", &points, self.metric),
                self.view.untold(),
            ),
            alt: self.alt(&order),
            csv: self.view.ranked(&order, &self.panels, self.metric),
            svg: chart.svg(),
        }
    }

    /// The ends of the last panel, where their intervals lie apart.
    fn title(&self) -> String {
        let name = self.metric.title();
        let last = self.panels.iter().rev().find(|points| self.readings(points).len() > 1);
        let Some(points) = last else { return format!("{} of each level, as far as there are figures", sentence(&name)) };
        let all = self.readings(points);
        let (at, (first, last)) = (self.view.at_condition(points[0]), (all[0], all[all.len() - 1]));
        let missing = points.len() - all.len();
        let missing = if missing > 0 { format!("; {missing} of {} have no figure", points.len()) } else { String::new() };
        if let Some(seen) = self.view.in_one_replication(self.metric, &all) {
            return format!("{seen}{missing}");
        }
        if !first.1.is_apart_from(last.1) {
            return format!("{}{at}: the intervals of the lowest and the highest overlap{missing}", sentence(&name));
        }
        let say = |(point, reading): (usize, Reading)| format!("{} with {}", self.show(reading), self.view.name(point));
        format!("The {name}{at} reaches from {} to {}{missing}", say(first), say(last))
    }

    fn alt(&self, order: &[usize]) -> String {
        let say = |points: &Vec<usize>| {
            let all: Vec<String> = self
                .readings(points)
                .iter()
                .map(|(point, reading)| format!("{} {}", self.view.name(*point), self.show(*reading)))
                .collect();
            format!("{}: {}", self.view.condition(points[0]), if all.is_empty() { "no figure".into() } else { all.join(", ") })
        };
        let panels: Vec<String> = self.panels.iter().map(say).collect();
        format!("Rows of the {} of {} levels, sorted. {}.", self.metric.title(), order.len(), panels.join("; "))
    }
}
