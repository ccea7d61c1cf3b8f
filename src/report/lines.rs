//! Charts of lines: series over a common axis, with bands, gaps, dashed references and labels at their ends.

use super::axis::{Axis, Reach};
use super::canvas::{Canvas, Mark, Place, Side, Stroke, picture, width};
use super::labels::{self, Label};
use super::style::{self, Colour};
use super::view::Reading;

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its label.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// The mark at its points; without one it is a dashed reference.
    pub mark: Option<Mark>,
    /// Whether its points have marks, or only its label.
    pub shows_points: bool,
    /// Whether its points are joined.
    pub is_joined: bool,
    /// Whether it is one of many behind those told apart: thin, without label, band or cross.
    pub is_behind: bool,
    /// Its points from left to right; nothing where there is no figure.
    pub points: Vec<(f64, Option<Reading>)>,
}

/// What an axis of a chart shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// The unit of its values, for [`super::axis::Units::of`].
    pub unit: String,
    /// What it must hold.
    pub reach: Reach,
    /// The values that have a number, or a word in its place; where there are none, round ones.
    pub ticks: Vec<(f64, String)>,
}

/// A chart of lines.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The lines, the ones behind first.
    pub lines: Vec<Line>,
    /// The horizontal axis.
    pub across: Shown,
    /// The vertical axis.
    pub up: Shown,
    /// Whether the labels stand in their own order from the top, rather than at the ends of the lines.
    pub is_listed: bool,
}

/// Between the axes and the edges of the picture: top, bottom.
const TOP: f64 = 52.0;
const BOTTOM: f64 = 74.0;
/// An interval is drawn up to this many times the largest figure, so that a wide one does not press all else flat.
const HIGHEST: f64 = 1.6;

impl Lines {
    /// The picture.
    #[must_use]
    pub fn svg(&self) -> String {
        let height = style::HEIGHT.max(TOP + BOTTOM + labels::ROW * self.labelled().count() as f64);
        picture(height, |canvas| self.draw(canvas, height))
    }

    /// Whether an interval is cut off in the picture.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let highest = self.highest();
        self.readings().any(|reading| reading.high() > highest)
    }

    fn readings(&self) -> impl Iterator<Item = Reading> + '_ {
        self.lines.iter().flat_map(|line| &line.points).filter_map(|(_, reading)| *reading)
    }

    fn labelled(&self) -> impl Iterator<Item = &Line> {
        self.lines
            .iter()
            .filter(|line| !line.name.is_empty() && !line.is_behind && line.points.iter().any(|(_, reading)| reading.is_some()))
    }

    fn highest(&self) -> f64 {
        let largest = self.readings().map(|reading| reading.value).fold(f64::NEG_INFINITY, f64::max);
        if largest > 0.0 { largest * HIGHEST } else { f64::INFINITY }
    }

    fn axes(&self, height: f64, right: f64) -> (Axis, Axis) {
        let highest = self.highest();
        let smallest = self.readings().map(|reading| reading.value).fold(f64::INFINITY, f64::min);
        // A lower end at or below 0 would forbid a logarithmic axis, and one far below the figures would stretch it.
        let low =
            |reading: Reading| if reading.low() < smallest / 2.0 && smallest > 0.0 { smallest / 2.0 } else { reading.low() };
        let values: Vec<f64> =
            self.readings().flat_map(|reading| [low(reading), reading.value, reading.high().min(highest)]).collect();
        let up = Axis::new(&values, self.up.reach, &self.up.unit, (height - BOTTOM, TOP));
        let left = up.numbers().iter().map(|number| width(number, style::TICK)).fold(0.0, f64::max) + 24.0;
        let places: Vec<f64> = self.lines.iter().flat_map(|line| &line.points).map(|(place, _)| *place).collect();
        let across = Axis::new(&places, self.across.reach, &self.across.unit, (left + 14.0, right - 10.0));
        let room = |text: &str| width(text, style::TICK) + 14.0;
        let ticks: Vec<f64> = self.across.ticks.iter().map(|(tick, _)| *tick).collect();
        let across = if ticks.is_empty() { across } else { across.with_ticks(&ticks, room) };
        (across, up)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, height: f64) {
        let names: Vec<String> = self.labelled().map(|line| line.name.clone()).collect();
        let right = style::WIDTH - if names.is_empty() { 30.0 } else { labels::margin(&names) };
        let (across, up) = self.axes(height, right);
        self.frame(canvas, &across, &up, right);
        // What is told apart lies upon what is not.
        for is_behind in [true, false] {
            self.lines.iter().filter(|line| line.is_behind == is_behind).for_each(|line| line.draw(canvas, &across, &up));
        }
        self.gaps(canvas, &across);
        let label = |line: &Line| {
            let (place, reading) = line.points.iter().rev().find_map(|(place, reading)| Some((*place, (*reading)?)))?;
            let end = (across.at(place), up.within(reading.value));
            Some(Label { text: line.name.clone(), colour: line.colour, mark: line.mark, end })
        };
        let all: Vec<Label> = self.labelled().filter_map(label).collect();
        if self.is_listed {
            labels::list(canvas, &all, right, TOP);
        } else {
            labels::draw(canvas, &all, right, (TOP, height - BOTTOM));
        }
    }

    fn frame(&self, canvas: &mut Canvas<'_>, across: &Axis, up: &Axis, right: f64) {
        let (left, bottom) = (across.lies.0 - 14.0, up.lies.0);
        for (tick, number) in up.ticks.iter().zip(up.numbers()) {
            let y = up.at(*tick);
            canvas.line((left, y), (right, y), Stroke::new(style::GRID, style::HAIR));
            canvas.text(&number, (left - 8.0, y), Side::Left, style::TICK, style::INK);
        }
        canvas.line((left, bottom), (right, bottom), Stroke::new(style::INK, style::HAIR));
        let written = |tick: &f64| {
            let word = self.across.ticks.iter().find(|(known, _)| known == tick).map(|(_, word)| word.clone());
            word.filter(|word| !word.is_empty())
        };
        for (tick, number) in across.ticks.iter().zip(across.numbers()) {
            let x = across.at(*tick);
            canvas.line((x, bottom), (x, bottom + 6.0), Stroke::new(style::INK, style::HAIR));
            canvas.text(&written(tick).unwrap_or(number), (x, bottom + 20.0), Side::Middle, style::TICK, style::INK);
        }
        canvas.text(&up.units.axis(&self.up.name), (8.0, 22.0), Side::Right, style::LABEL, style::INK);
        canvas.text(&across.units.axis(&self.across.name), (right, bottom + 52.0), Side::Left, style::LABEL, style::INK);
    }

    /// A cross at the upper edge for each point without a figure, one above the other where several have none.
    fn gaps(&self, canvas: &mut Canvas<'_>, across: &Axis) {
        let mut seen: Vec<f64> = Vec::new();
        for line in self.lines.iter().filter(|line| line.mark.is_some() && !line.is_behind) {
            for (place, _) in line.points.iter().filter(|(_, reading)| reading.is_none()) {
                let above = seen.iter().filter(|other| *other == place).count();
                seen.push(*place);
                canvas.cross((across.at(*place), TOP + 8.0 + 14.0 * above as f64), style::MARK, line.colour);
            }
        }
    }
}

impl Line {
    fn draw(&self, canvas: &mut Canvas<'_>, across: &Axis, up: &Axis) {
        for stretch in self.points.split(|(_, reading)| reading.is_none()) {
            let places = |of: fn(Reading) -> f64| -> Vec<Place> {
                let place = |(place, reading): &(f64, Option<Reading>)| Some((across.at(*place), up.within(of((*reading)?))));
                stretch.iter().filter_map(place).collect()
            };
            let middle = places(|reading| reading.value);
            if self.is_behind {
                if self.is_joined && middle.len() > 1 {
                    canvas.path(&middle, Stroke { opacity: style::BEHIND, ..Stroke::new(self.colour, style::WHISKER) });
                } else {
                    middle.iter().for_each(|place| canvas.mark(Mark::Disc, *place, style::MARK / 2.0, self.colour));
                }
                continue;
            }
            let Some(mark) = self.mark else {
                let stroke = Stroke::new(self.colour, style::WHISKER);
                match middle[..] {
                    // A reference at one place only.
                    [(x, y)] => canvas.line((x - 10.0, y), (x + 10.0, y), stroke),
                    _ => canvas.dashes(&middle, 5.0, stroke),
                }
                continue;
            };
            let (low, high) = (places(Reading::low), places(Reading::high));
            if self.is_joined && middle.len() > 1 {
                let band: Vec<Place> = low.iter().copied().chain(high.iter().rev().copied()).collect();
                if stretch.iter().any(|(_, reading)| reading.is_some_and(|reading| reading.half_width.is_some())) {
                    canvas.polygon(&band, self.colour, style::BAND);
                }
                canvas.path(&middle, Stroke::new(self.colour, style::LINE));
            } else {
                low.iter().zip(&high).for_each(|(low, high)| canvas.line(*low, *high, Stroke::new(self.colour, style::WHISKER)));
            }
            if self.shows_points {
                middle.iter().for_each(|place| canvas.mark(mark, *place, style::MARK, self.colour));
            }
        }
    }
}
