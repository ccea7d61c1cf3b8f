//! A metric over two factors: a tile for each point, the darker the larger.

use crate::analysis::Analysis;
use crate::experiment::{ChartChoice, Design};
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::{Units, digits};
use crate::report::canvas::{Canvas, Place, Side, crisp_picture, width};
use crate::report::csv::{Csv, cells};
use crate::report::style::{self, HEAT};
use crate::report::view::{Reading, View};
use crate::report::words::{labels, measure_unit, sentence, shorten};

/// What it shows.
pub const ABOUT: &str = "a metric over two factors: a tile for each point, from pale for the smallest figure to dark for the largest, \
    such as where a system stays broken";

/// More rows or columns than this would be too small to read.
const MOST: usize = 24;
/// Tiles of this colour and darker ones have pale numbers.
const PALE_FROM: usize = 8;
const TOP: f64 = 76.0;
const ROW: f64 = 30.0;
const WIDEST: f64 = 300.0;

/// Draws it for the metric asked for, or the first of the plan, of a factorial experiment with two factors.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let Some(metric) = view.metric(choice.metric) else { return Vec::new() };
    let [rows, columns] = &view.plan.factors[..] else { return Vec::new() };
    // Where levels are compared, the other charts say more, unless somebody asks.
    let is_wanted = view.plan.compared.is_none() || !view.plan.charts.is_empty();
    if !is_wanted || view.plan.design != Design::Factorial || rows.levels.len() > MOST || columns.levels.len() > MOST {
        return Vec::new();
    }
    let map = Map { view, metric };
    if map.readings().next().is_none() { Vec::new() } else { vec![map.figure()] }
}

struct Map<'a> {
    view: View<'a>,
    metric: Measure,
}

impl Map<'_> {
    fn point(&self, row: usize, column: usize) -> Option<usize> {
        self.view.plan.points.iter().position(|point| point.levels == [row, column])
    }

    fn reading(&self, row: usize, column: usize) -> Option<Reading> {
        self.view.reading(self.point(row, column)?, self.metric)
    }

    fn readings(&self) -> impl Iterator<Item = Reading> + '_ {
        let (rows, columns) = self.size();
        (0..rows).flat_map(move |row| (0..columns).filter_map(move |column| self.reading(row, column)))
    }

    fn size(&self) -> (usize, usize) {
        (self.view.plan.factors[0].levels.len(), self.view.plan.factors[1].levels.len())
    }

    fn label(&self, factor: usize, level: usize) -> &str {
        &self.view.plan.factors[factor].levels[level].label
    }

    /// The smallest and the largest figure.
    fn range(&self) -> (f64, f64) {
        self.readings().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), reading| {
            (least.min(reading.value), most.max(reading.value))
        })
    }

    fn figure(&self) -> Figure {
        let name = self.metric.title();
        let [down, across] = [0, 1].map(|factor| &self.view.plan.factors[factor].name);
        let (least, most) = self.range();
        let units = Units::of(measure_unit(self.metric), most);
        let points = 0..self.view.plan.points.len();
        Figure {
            id: format!("map-{}", self.metric.name()),
            title: format!("{} by {down} and {across}", sentence(&name)),
            caption: format!(
                "{} from {} (pale) to {} (dark); a dash: no figure. {}, each without its interval.",
                sentence(&name),
                units.show(least),
                units.show(most),
                sentence(&self.view.replications(points)),
            ),
            alt: self.alt(&units),
            csv: self.csv(),
            svg: self.svg(&units),
        }
    }

    fn alt(&self, units: &Units) -> String {
        let (rows, columns) = self.size();
        let one = |row, column| self.reading(row, column).map_or_else(|| "none".into(), |reading| units.show(reading.value));
        let say = |row| {
            let figures: Vec<String> = (0..columns).map(|column| one(row, column)).collect();
            format!("{}: {}", self.label(0, row), figures.join(", "))
        };
        let heads: Vec<&str> = (0..columns).map(|column| self.label(1, column)).collect();
        let rows: Vec<String> = (0..rows).map(say).collect();
        let across = &self.view.plan.factors[1].name;
        format!("A map of the {} for {across} {}. {}.", self.metric.title(), heads.join(", "), rows.join("; "))
    }

    fn csv(&self) -> String {
        let [down, across] = [0, 1].map(|factor| self.view.plan.factors[factor].name.as_str());
        let mut csv = Csv::new(&[down, across, self.metric.name(), "low_95", "high_95"]);
        let (rows, columns) = self.size();
        for row in 0..rows {
            for column in 0..columns {
                let figures = self.reading(row, column).map_or_else(Default::default, cells);
                let names = [self.label(0, row), self.label(1, column)].map(str::to_owned);
                csv.row(names.into_iter().chain(figures));
            }
        }
        csv.text()
    }

    fn svg(&self, units: &Units) -> String {
        let (rows, columns) = self.size();
        let names: Vec<String> = (0..rows).map(|row| self.label(0, row).to_owned()).collect();
        let names = labels(&names, style::TICK, WIDEST);
        let down = &self.view.plan.factors[0].name;
        let left = names.iter().chain([down]).map(|name| width(name, style::TICK)).fold(60.0, f64::max) + 24.0;
        let each = (style::WIDTH - 14.0 - left) / columns as f64;
        let height = (TOP + ROW * rows as f64 + 14.0).max(style::HEIGHT / 2.0);
        let range = self.range();
        crisp_picture(height, |canvas| {
            canvas.text(&units.axis(&self.metric.title()), (8.0, 18.0), Side::Right, style::LABEL, style::INK);
            let across = &self.view.plan.factors[1].name;
            canvas.text(across, (left + each * columns as f64 / 2.0, TOP - 34.0), Side::Middle, style::TICK, style::MUTED);
            canvas.text(down, (left - 12.0, TOP - 14.0), Side::Left, style::TICK, style::MUTED);
            for column in 0..columns {
                let text = shorten(self.label(1, column), style::TICK, each - 6.0);
                canvas.text(&text, (left + each * (column as f64 + 0.5), TOP - 14.0), Side::Middle, style::TICK, style::INK);
            }
            for (row, name) in names.iter().enumerate() {
                let y = TOP + ROW * row as f64;
                canvas.text(name, (left - 12.0, y + ROW / 2.0), Side::Left, style::TICK, style::INK);
                for column in 0..columns {
                    let value = self.reading(row, column).map(|reading| reading.value);
                    tile(canvas, value, range, (left + each * column as f64, y), each, units);
                }
            }
        })
    }
}

fn tile(canvas: &mut Canvas<'_>, value: Option<f64>, (least, most): (f64, f64), (x, y): Place, each: f64, units: &Units) {
    let centre = (x + each / 2.0, y + ROW / 2.0);
    let Some(value) = value else {
        canvas.text("–", centre, Side::Middle, style::NOTE, style::MUTED);
        return;
    };
    let part = if most > least { (value - least) / (most - least) } else { 0.0 };
    let place = ((part * HEAT.len() as f64) as usize).min(HEAT.len() - 1);
    canvas.area((x + 1.0, y + 1.0), (x + each - 1.0, y + ROW - 1.0), HEAT[place], 1.0);
    let ink = if place < PALE_FROM { HEAT[HEAT.len() - 1] } else { HEAT[0] };
    let text = shorten(&digits(value * units.factor, 3), style::NOTE, each - 6.0);
    canvas.text(&text, centre, Side::Middle, style::NOTE, ink);
}
