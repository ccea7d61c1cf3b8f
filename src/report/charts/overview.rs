//! Many levels in all conditions at once: a tile for each point, the darker the further from the best of its condition.

use crate::analysis::Analysis;
use crate::experiment::{ChartChoice, Design};
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::{Units, digits};
use crate::report::canvas::{Canvas, Place, Side, crisp_picture, width};
use crate::report::style::{self, HEAT};
use crate::report::view::View;
use crate::report::words::{labels, measure_unit, sentence, shorten, spread};

/// What it shows.
pub const ABOUT: &str = "a metric of more strategies than there are colours in all conditions: a tile for each figure, the darker the \
    further it is from the best of its condition";

/// No more conditions than this.
const MOST_COLUMNS: usize = 12;
/// This many times as bad as the best has the darkest colour.
const DARKEST: f64 = 16.0;
/// Tiles of this colour and darker ones have pale numbers.
const PALE_FROM: usize = 8;
const TOP: f64 = 96.0;
const ROW: f64 = 27.0;
const WIDEST: f64 = 300.0;

/// Draws it for the metric asked for, or the first of the plan, where there are more series than colours.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric).filter(|_| view.told().is_some()) else { return Vec::new() };
    if view.plan.design != Design::Factorial {
        return Vec::new();
    }
    let across = view.across();
    let rest: Vec<usize> = view.others().into_iter().filter(|factor| Some(*factor) != across).collect();
    let mut conditions = view.conditions();
    conditions.sort_by_key(|points| rest.iter().map(|factor| view.plan.points[points[0]].levels[*factor]).collect::<Vec<_>>());
    let order = view.order(&conditions, metric);
    let columns = spread(conditions.len(), MOST_COLUMNS).into_iter().map(|place| conditions[place].clone()).collect();
    let map = Map { view, metric, across, rest, columns, order, of: conditions.len() };
    if map.values().is_empty() { Vec::new() } else { vec![map.figure()] }
}

struct Map<'a> {
    view: View<'a>,
    metric: Measure,
    across: Option<usize>,
    rest: Vec<usize>,
    columns: Vec<Vec<usize>>,
    order: Vec<usize>,
    of: usize,
}

impl Map<'_> {
    fn value(&self, column: &[usize], series: usize) -> Option<f64> {
        let point = column.iter().find(|point| self.view.series_of(**point) == series)?;
        Some(self.view.reading(*point, self.metric)?.value)
    }

    fn values(&self) -> Vec<f64> {
        let mut all: Vec<f64> =
            self.columns.iter().flat_map(|column| self.order.iter().filter_map(|series| self.value(column, *series))).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// All figures in one unit, that of the middle one.
    fn units(&self) -> Units {
        let all = self.values();
        Units::of(measure_unit(self.metric), all.get(all.len() / 2).copied().unwrap_or(0.0))
    }

    fn best(&self, column: &[usize]) -> f64 {
        let all = self.order.iter().filter_map(|series| self.value(column, *series));
        if self.metric.smaller_is_better() { all.fold(f64::INFINITY, f64::min) } else { all.fold(f64::NEG_INFINITY, f64::max) }
    }

    fn figure(&self) -> Figure {
        let (name, units) = (self.metric.title(), self.units());
        let points: Vec<usize> = self.columns.iter().flatten().copied().collect();
        let unit = if units.name.is_empty() { String::new() } else { format!(" in {}", units.name) };
        let most = if self.of > self.columns.len() {
            format!(" {} of {} conditions are drawn.", self.columns.len(), self.of)
        } else {
            String::new()
        };
        Figure {
            id: format!("overview-{}", self.metric.name()),
            title: self.title(),
            caption: format!(
                "{}{unit}, from the top down by mean rank over the conditions. The darker, the further from the best of the condition, \
                 up to {} times; a dash: no figure, which counts as the last rank. {}, each without its interval.{most}",
                sentence(&name),
                digits(DARKEST, 2),
                sentence(&self.view.replications(points.iter().copied())),
            ),
            alt: self.alt(&units),
            csv: self.view.ranked(&self.order, &self.columns, self.metric),
            svg: self.svg(&units),
        }
    }

    /// How many have figures everywhere: a count, which needs no interval.
    fn title(&self) -> String {
        let is_whole = |series: &&usize| self.columns.iter().all(|column| self.value(column, **series).is_some());
        let (whole, all) = (self.order.iter().filter(is_whole).count(), self.order.len());
        let (name, count) = (self.metric.title(), self.columns.len());
        let factor = self.view.series.map_or("level", |factor| &self.view.plan.factors[factor].name);
        if whole == all {
            return format!("{} of {all} levels of {factor} by condition, {count} in all", sentence(&name));
        }
        format!("{whole} of {all} levels of {factor} have a {name} in all {count} conditions, {} do not", all - whole)
    }

    fn alt(&self, units: &Units) -> String {
        let say = |series: &usize| {
            let one = |column: &Vec<usize>| self.value(column, *series).map_or_else(|| "none".into(), |value| units.show(value));
            format!("{}: {}", self.view.look(*series).name, self.columns.iter().map(one).collect::<Vec<_>>().join(", "))
        };
        let conditions: Vec<String> = self.columns.iter().map(|column| self.view.condition(column[0])).collect();
        let rows: Vec<String> = self.order.iter().map(say).collect();
        format!("A map of the {} over the conditions {}. {}.", self.metric.title(), conditions.join("; "), rows.join("; "))
    }

    fn svg(&self, units: &Units) -> String {
        let names: Vec<String> = self.order.iter().map(|series| self.view.look(*series).name).collect();
        let names = labels(&names, style::TICK, WIDEST);
        let left = names.iter().map(|name| width(name, style::TICK)).fold(60.0, f64::max) + 24.0;
        let each = (style::WIDTH - 14.0 - left) / self.columns.len() as f64;
        let height = (TOP + ROW * self.order.len() as f64 + 14.0).max(style::HEIGHT / 2.0);
        crisp_picture(height, |canvas| {
            self.head(canvas, left, each, units);
            for (place, (series, name)) in self.order.iter().zip(&names).enumerate() {
                let y = TOP + ROW * place as f64;
                canvas.text(name, (left - 12.0, y + ROW / 2.0), Side::Left, style::TICK, style::INK);
                for (column, points) in self.columns.iter().enumerate() {
                    self.tile(canvas, self.value(points, *series), points, (left + each * column as f64, y), each, units);
                }
            }
        })
    }

    /// The name of the axis, the levels of the rest once, and those of the factor across above each column.
    fn head(&self, canvas: &mut Canvas<'_>, left: f64, each: f64, units: &Units) {
        canvas.text(&units.axis(&self.metric.title()), (8.0, 18.0), Side::Right, style::LABEL, style::INK);
        let rest = |column: &Vec<usize>| self.view.levels(column[0], &self.rest);
        for (place, column) in self.columns.iter().enumerate() {
            let x = left + each * place as f64;
            let alike = self.columns[place..].iter().take_while(|other| rest(other) == rest(column)).count() as f64;
            if place == 0 || rest(&self.columns[place - 1]) != rest(column) {
                let text = shorten(&rest(column), style::TICK, each * alike - 8.0);
                canvas.text(&text, (x + each * alike / 2.0, TOP - 44.0), Side::Middle, style::TICK, style::INK);
            }
            if let Some(factor) = self.across {
                let level = self.view.plan.points[column[0]].levels[factor];
                let text = shorten(&self.view.plan.factors[factor].levels[level].label, style::TICK, each - 6.0);
                canvas.text(&text, (x + each / 2.0, TOP - 16.0), Side::Middle, style::TICK, style::INK);
            }
        }
        if let Some(factor) = self.across {
            canvas.text(&self.view.plan.factors[factor].name, (left - 12.0, TOP - 16.0), Side::Left, style::TICK, style::MUTED);
        }
    }

    fn tile(&self, canvas: &mut Canvas<'_>, value: Option<f64>, column: &[usize], (x, y): Place, each: f64, units: &Units) {
        let centre = (x + each / 2.0, y + ROW / 2.0);
        let Some(value) = value else {
            canvas.text("–", centre, Side::Middle, style::NOTE, style::MUTED);
            return;
        };
        let best = self.best(column);
        let ratio = if self.metric.smaller_is_better() { value / best } else { best / value };
        let far = if ratio.is_finite() { libm::log(ratio.max(1.0)) / libm::log(DARKEST) } else { 0.0 };
        let place = ((far * HEAT.len() as f64) as usize).min(HEAT.len() - 1);
        canvas.area((x + 1.0, y + 1.0), (x + each - 1.0, y + ROW - 1.0), HEAT[place], 1.0);
        // Colours of heat are the same on a dark ground, and so are the numbers upon them.
        let ink = if place < PALE_FROM { HEAT[HEAT.len() - 1] } else { HEAT[0] };
        let text = shorten(&digits(value * units.factor, 3), style::NOTE, each - 6.0);
        canvas.text(&text, centre, Side::Middle, style::NOTE, ink);
    }
}
