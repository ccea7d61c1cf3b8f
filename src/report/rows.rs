//! Charts of rows: a label, then a mark or a bar with its interval, in one panel or several beside each other.

use super::axis::{Axis, Reach};
use super::canvas::{Canvas, Mark, Side, Stroke, picture, width};
use super::style::{self, Colour};
use super::view::Reading;
use super::words;

/// What stands in a row in one panel.
#[derive(Debug, Clone)]
pub enum Cell {
    /// A mark with its interval.
    Dot(Reading, Colour, Mark),
    /// A bar from 0 with its interval.
    Bar(Reading, Colour),
    /// Words, where there is no figure.
    Words(String),
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is called, in full.
    pub label: String,
    /// By panel; a row without cells is a heading.
    pub cells: Vec<Cell>,
}

/// What an axis under the rows shows.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Its name.
    pub name: String,
    /// The unit of its values, for [`super::axis::Units::of`].
    pub unit: String,
}

/// A chart of rows.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Beside each other.
    pub panels: Vec<Panel>,
    /// Below each other.
    pub rows: Vec<Row>,
    /// Written small at both sides of 0, where there is one panel: what lies there.
    pub sides: Option<(String, String)>,
}

const TOP: f64 = 58.0;
const BOTTOM: f64 = 46.0;
const WIDEST: f64 = 330.0;
/// Height of a row: at least, at most.
const ROW: (f64, f64) = (29.0, 58.0);

impl Rows {
    /// The picture: as high as the rows need.
    #[must_use]
    pub fn svg(&self) -> String {
        let count = self.rows.len().max(1) as f64;
        let row = ((style::HEIGHT - TOP - BOTTOM) / count).clamp(ROW.0, ROW.1);
        picture((TOP + BOTTOM + row * count).ceil(), |canvas| self.draw(canvas, row))
    }

    fn axis(&self, panel: usize, lies: (f64, f64)) -> Axis {
        let readings = self.rows.iter().filter_map(|row| match row.cells.get(panel) {
            Some(Cell::Dot(reading, ..) | Cell::Bar(reading, _)) => Some(*reading),
            _ => None,
        });
        let mut values: Vec<f64> = readings.flat_map(|reading| [reading.low(), reading.value, reading.high()]).collect();
        // 0 is always there: it keeps the axis linear, and differences and effects are held against it.
        values.push(0.0);
        Axis::new(&values, Reach::Zero, &self.panels[panel].unit, lies)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, row: f64) {
        let texts: Vec<String> = self.rows.iter().map(|row| row.label.clone()).collect();
        let labels = words::labels(&texts, style::LABEL, WIDEST);
        let is_heading = |row: &Row| row.cells.is_empty();
        let widest =
            labels.iter().zip(&self.rows).filter(|(_, row)| !is_heading(row)).map(|(label, _)| width(label, style::LABEL));
        let left = widest.fold(60.0, f64::max) + 34.0;
        let each = (style::WIDTH - 34.0 - left) / self.panels.len() as f64;
        let bottom = TOP + row * self.rows.len() as f64;
        let axes: Vec<Axis> = (0..self.panels.len())
            .map(|panel| {
                self.axis(
                    panel,
                    (
                        left + each * panel as f64 + 10.0,
                        left + each * (panel + 1) as f64 - if self.panels.len() > 1 { 34.0 } else { 0.0 },
                    ),
                )
            })
            .collect();
        for (panel, axis) in self.panels.iter().zip(&axes) {
            frame(canvas, axis, &panel.name, bottom);
        }
        if let (Some((below, above)), [axis]) = (&self.sides, &axes[..]) {
            for (text, shift, side, end) in [(below, -10.0, Side::Left, axis.lies.0), (above, 10.0, Side::Right, axis.lies.1)] {
                let room = (axis.at(0.0) + shift - end).abs();
                if width(text, style::NOTE) < room {
                    canvas.text(text, (axis.at(0.0) + shift, TOP - 14.0), side, style::NOTE, style::MUTED);
                }
            }
        }
        for (place, (row_of, label)) in self.rows.iter().zip(&labels).enumerate() {
            let y = TOP + row * (place as f64 + 0.5);
            if is_heading(row_of) {
                let room = style::WIDTH - 40.0;
                let whole = words::shorten(&row_of.label, style::LABEL, room);
                canvas.area(
                    (10.0, y - row * 0.5 + 1.0),
                    (16.0 + width(&whole, style::LABEL), y + row * 0.5 - 1.0),
                    style::BACKGROUND,
                    1.0,
                );
                canvas.text(&whole, (14.0, y + 2.0), Side::Right, style::LABEL, style::MUTED);
                continue;
            }
            canvas.text(label, (left - 14.0, y), Side::Left, style::LABEL, style::INK);
            for (cell, axis) in row_of.cells.iter().zip(&axes) {
                cell.draw(canvas, axis, y, row);
            }
        }
    }
}

fn frame(canvas: &mut Canvas<'_>, axis: &Axis, name: &str, bottom: f64) {
    for (tick, number) in axis.ticks.iter().zip(axis.numbers()) {
        let x = axis.at(*tick);
        canvas.line((x, TOP), (x, bottom), Stroke::new(style::GRID, style::HAIR));
        canvas.text(&number, (x, bottom + 20.0), Side::Middle, style::TICK, style::INK);
    }
    let zero = axis.at(0.0);
    canvas.line((zero, TOP - 4.0), (zero, bottom + 6.0), Stroke::new(style::INK, 1.4));
    let room = axis.lies.1 - axis.lies.0 + 20.0;
    let text = words::shorten(&axis.units.axis(name), style::LABEL, room);
    // Beside the labels rather than over the numbers: from the left end of the panel.
    canvas.text(&text, (axis.lies.0 - 10.0, 20.0), Side::Right, style::LABEL, style::INK);
}

impl Cell {
    fn draw(&self, canvas: &mut Canvas<'_>, axis: &Axis, y: f64, row: f64) {
        let whisker = |canvas: &mut Canvas<'_>, reading: &Reading, colour: Colour| {
            if reading.half_width.is_some() {
                let (low, high) = (axis.within(reading.low()), axis.within(reading.high()));
                let stroke = Stroke::new(colour, style::WHISKER);
                canvas.line((low, y), (high, y), stroke);
                [low, high].into_iter().for_each(|end| canvas.line((end, y - 5.0), (end, y + 5.0), stroke));
            }
        };
        match self {
            Self::Dot(reading, colour, mark) => {
                whisker(canvas, reading, *colour);
                canvas.mark(*mark, (axis.within(reading.value), y), style::MARK * 1.2, *colour);
            }
            Self::Bar(reading, colour) => {
                let (zero, end, half) = (axis.at(0.0), axis.within(reading.value), (row * 0.3).min(13.0));
                canvas.area((zero.min(end), y - half), (zero.max(end), y + half), *colour, style::BAR);
                whisker(canvas, reading, style::INK);
            }
            Self::Words(text) => {
                let from = axis.lies.0 + 8.0;
                let text = words::shorten(text, style::NOTE, axis.lies.1 - from);
                canvas.area((from - 4.0, y - 10.0), (from + width(&text, style::NOTE) + 4.0, y + 10.0), style::BACKGROUND, 1.0);
                canvas.text(&text, (from, y), Side::Right, style::NOTE, style::MUTED);
            }
        }
    }
}
