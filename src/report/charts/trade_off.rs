//! Two metrics against each other: what one costs in the other.

use crate::analysis::{Analysis, Best, BestVerdict};
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::{Axis, Reach, Units};
use crate::report::canvas::{Canvas, Place, Side, Stroke, picture, width};
use crate::report::csv::{Csv, cells};
use crate::report::labels::{Label, ROW, list, margin};
use crate::report::style;
use crate::report::view::{Reading, View};
use crate::report::words::{labels, measure_unit, sentence};

/// What it shows.
pub const ABOUT: &str = "two metrics against each other, a mark with its intervals for each strategy, in the busiest condition that \
    converged: the first two of the plan, or `metric` and `against`";

/// No more conditions than this.
const MOST_FIGURES: usize = 3;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 74.0;

/// Draws it for the busiest conditions.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let Some(across) = view.metric(choice.metric) else { return Vec::new() };
    let second = view.plan.metrics.iter().copied().find(|metric| *metric != across);
    let Some(up) = choice.against.or(second) else { return Vec::new() };
    let conditions = view.busiest(MOST_FIGURES);
    let figure = |(place, points): (usize, &Vec<usize>)| {
        let read =
            |point: &usize| Some(Dot { point: *point, across: view.reading(*point, across)?, up: view.reading(*point, up)? });
        let mut dots: Vec<Dot> = view.sorted(points, across).iter().filter_map(read).collect();
        // What is told apart lies upon what is not.
        dots.sort_by_key(|dot| view.is_told(view.series_of(dot.point)));
        let cloud = Cloud { view, across, up, absent: points.len() - dots.len(), dots };
        let suffix = if conditions.len() > 1 { format!("-{}", place + 1) } else { String::new() };
        (cloud.dots.len() > 1).then(|| cloud.figure(&suffix))
    };
    conditions.iter().enumerate().filter_map(figure).collect()
}

#[derive(Debug, Clone, Copy)]
struct Dot {
    point: usize,
    across: Reading,
    up: Reading,
}

struct Cloud<'a> {
    view: View<'a>,
    across: Measure,
    up: Measure,
    dots: Vec<Dot>,
    absent: usize,
}

impl Cloud<'_> {
    fn figure(&self, suffix: &str) -> Figure {
        let (across, up) = (self.across.title(), self.up.title());
        let absent = if self.absent == 0 { String::new() } else { format!(" {} without figures are not drawn.", self.absent) };
        let say = |dot: &Dot| {
            let show = |measure: Measure, reading: Reading| Units::of(measure_unit(measure), reading.value).show(reading.value);
            format!("{}: {} and {}", self.view.name(dot.point), show(self.across, dot.across), show(self.up, dot.up))
        };
        let mut csv = Csv::new(&["series", "condition", "metric", "value", "low", "high", "unit"]);
        for dot in &self.dots {
            for (measure, reading) in [(self.across, dot.across), (self.up, dot.up)] {
                let [value, low, high] = cells(reading);
                let (name, condition) = (self.view.name(dot.point), self.view.condition(dot.point));
                csv.row([name, condition, measure.name().into(), value, low, high, measure.unit().into()]);
            }
        }
        Figure {
            id: format!("trade-off-{}-{}{suffix}", self.across.name(), self.up.name()),
            title: self.title(&across, &up),
            caption: format!(
                "{} against {across}. {}.{}{}{absent}",
                sentence(&up),
                self.view.intervals("Bars", &self.dots.iter().map(|dot| dot.point).collect::<Vec<_>>(), self.across),
                self.view.of_conditions(self.dots[0].point),
                self.view.untold(),
            ),
            alt: format!("Marks of {up} against {across}. {}.", self.dots.iter().map(say).collect::<Vec<_>>().join("; ")),
            csv: csv.text(),
            svg: picture(self.height(), |canvas| self.draw(canvas)),
        }
    }

    /// The point that is better than every other: by paired differences where the metric is one of the plan, else by more than the
    /// intervals.
    fn best(&self, measure: Measure, of: impl Fn(&Dot) -> Reading) -> Option<usize> {
        let judged = self.view.analysis.best.iter().chain(&self.view.analysis.also_best);
        let here = |best: &&Best| best.measure == measure && best.points.contains(&self.dots[0].point);
        if let Some(best) = judged.into_iter().find(here) {
            return match best.verdict {
                BestVerdict::Selected { point, .. } => Some(point),
                BestVerdict::Among { .. } | BestVerdict::Unknown(_) => None,
            };
        }
        let good = |dot: &&Dot| if measure.smaller_is_better() { -of(dot).value } else { of(dot).value };
        let best = self.dots.iter().max_by(|a, b| good(a).total_cmp(&good(b)))?;
        let is_clear = self.dots.iter().all(|dot| dot.point == best.point || of(dot).is_apart_from(of(best)));
        is_clear.then_some(best.point)
    }

    fn title(&self, across: &str, up: &str) -> String {
        let at = self.view.at_condition(self.dots[0].point);
        let name = |point| self.view.name(point);
        match (self.best(self.across, |dot| dot.across), self.best(self.up, |dot| dot.up)) {
            (Some(one), Some(other)) if one == other => format!("{} is best in both {across} and {up}{at}", name(one)),
            (Some(one), Some(other)) => format!("A trade-off{at}: {} is best in {across}, {} in {up}", name(one), name(other)),
            (Some(one), None) => format!("{} is best in {across}{at}; in {up} none stands out", name(one)),
            (None, Some(other)) => format!("{} is best in {up}{at}; in {across} none stands out", name(other)),
            (None, None) => format!("None stands out as the best in {across} or {up}{at}"),
        }
    }

    /// What an axis must hold: the figures, and their intervals as far as they do not press the figures flat.
    fn reach(&self, of: fn(&Dot) -> Reading) -> (Vec<f64>, Reach) {
        let values = || self.dots.iter().map(|dot| of(dot).value);
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let low = |reading: Reading| if least > 0.0 { reading.low().max(least / 2.0) } else { reading.low() };
        let high = |reading: Reading| if most > 0.0 { reading.high().min(1.6 * most) } else { reading.high() };
        let ends: Vec<f64> = self.dots.iter().map(of).flat_map(|reading| [low(reading), reading.value, high(reading)]).collect();
        // Figures that lie close together would be one heap on an axis from 0.
        let is_close = least > 0.0 && most < 1.5 * least;
        (ends, if is_close { Reach::Values } else { Reach::Zero })
    }

    /// The picture: with names beside the marks where they fit, otherwise in a list.
    fn draw(&self, canvas: &mut Canvas<'_>) {
        let names: Vec<String> = self.dots.iter().map(|dot| self.view.name(dot.point)).collect();
        let wide = self.axes(style::WIDTH - 40.0);
        let short = labels(&names, style::LABEL, 300.0);
        let are_all_told = self.view.told().is_none();
        if let Some(places) = self.beside(&wide, &short).filter(|_| are_all_told) {
            self.cloud(canvas, &wide);
            for (name, place) in short.iter().zip(places) {
                canvas.text(name, place, Side::Right, style::LABEL, style::INK);
            }
            return;
        }
        let right = style::WIDTH - margin(&names);
        self.cloud(canvas, &self.axes(right - 14.0));
        let label = |(dot, text): (&Dot, String)| {
            let look = self.view.look(self.view.series_of(dot.point));
            Label { text, colour: look.colour, mark: Some(look.mark), end: (right, TOP) }
        };
        let listed: Vec<Label> =
            self.dots.iter().zip(names).filter(|(dot, _)| self.view.is_told(self.view.series_of(dot.point))).map(label).collect();
        list(canvas, &listed, right, TOP);
    }

    fn axes(&self, right: f64) -> (Axis, Axis) {
        let ((x, x_reach), (y, y_reach)) = (self.reach(|dot| dot.across), self.reach(|dot| dot.up));
        let up = Axis::new(&y, y_reach, measure_unit(self.up), (self.height() - BOTTOM, TOP));
        let left = up.numbers().iter().map(|number| width(number, style::TICK)).fold(0.0, f64::max) + 24.0;
        (Axis::new(&x, x_reach, measure_unit(self.across), (left + 10.0, right)), up)
    }

    fn height(&self) -> f64 {
        let listed = self.dots.iter().filter(|dot| self.view.is_told(self.view.series_of(dot.point))).count();
        style::HEIGHT.max(TOP + BOTTOM + ROW * listed as f64)
    }

    fn cloud(&self, canvas: &mut Canvas<'_>, (across, up): &(Axis, Axis)) {
        let (left, right, bottom) = (across.lies.0 - 10.0, across.lies.1, up.lies.0);
        for (tick, number) in up.ticks.iter().zip(up.numbers()) {
            canvas.line((left, up.at(*tick)), (right, up.at(*tick)), Stroke::new(style::GRID, style::HAIR));
            canvas.text(&number, (left - 8.0, up.at(*tick)), Side::Left, style::TICK, style::INK);
        }
        for (tick, number) in across.ticks.iter().zip(across.numbers()) {
            canvas.line((across.at(*tick), TOP), (across.at(*tick), bottom), Stroke::new(style::GRID, style::HAIR));
            canvas.text(&number, (across.at(*tick), bottom + 20.0), Side::Middle, style::TICK, style::INK);
        }
        canvas.line((left, bottom), (right, bottom), Stroke::new(style::INK, style::HAIR));
        canvas.line((left, TOP), (left, bottom), Stroke::new(style::INK, style::HAIR));
        canvas.text(&up.units.axis(&self.up.title()), (8.0, 22.0), Side::Right, style::LABEL, style::INK);
        canvas.text(&across.units.axis(&self.across.title()), (right, bottom + 52.0), Side::Left, style::LABEL, style::INK);
        for dot in &self.dots {
            let look = self.view.look(self.view.series_of(dot.point));
            let place = (across.within(dot.across.value), up.within(dot.up.value));
            let stroke = Stroke::new(look.colour, style::WHISKER);
            canvas.line((across.within(dot.across.low()), place.1), (across.within(dot.across.high()), place.1), stroke);
            canvas.line((place.0, up.within(dot.up.low())), (place.0, up.within(dot.up.high())), stroke);
            canvas.mark(look.mark, place, style::MARK * 1.2, look.colour);
        }
    }

    /// Where each name begins, beside its mark and upon no interval and no other name; nothing where one finds no place.
    fn beside(&self, (across, up): &(Axis, Axis), names: &[String]) -> Option<Vec<Place>> {
        const HALF: f64 = 12.0;
        let mut taken: Vec<(Place, Place)> = Vec::new();
        for dot in &self.dots {
            let (x, y) = (across.within(dot.across.value), up.within(dot.up.value));
            taken.push(((across.within(dot.across.low()) - 3.0, y - 3.0), (across.within(dot.across.high()) + 3.0, y + 3.0)));
            taken.push(((x - 7.0, up.within(dot.up.high()).min(y - 7.0)), (x + 7.0, up.within(dot.up.low()).max(y + 7.0))));
        }
        let mut places = Vec::new();
        for (dot, name) in self.dots.iter().zip(names) {
            let (x, y, wide) = (across.within(dot.across.value), up.within(dot.up.value), width(name, style::LABEL));
            let corners = [(12.0, -18.0), (-12.0 - wide, -18.0), (12.0, 18.0), (-12.0 - wide, 18.0)];
            let is_free = |(from, to): &(Place, Place)| {
                let inside = from.0 > across.lies.0 && to.0 <= across.lies.1 + 30.0 && from.1 >= TOP - 10.0 && to.1 < up.lies.0;
                inside && taken.iter().all(|(a, b)| to.0 <= a.0 || b.0 <= from.0 || to.1 <= a.1 || b.1 <= from.1)
            };
            let boxes = corners.map(|(dx, dy)| ((x + dx, y + dy - HALF), (x + dx + wide, y + dy + HALF)));
            let found = boxes.into_iter().find(is_free)?;
            places.push((found.0.0, found.0.1 + HALF));
            taken.push(found);
        }
        Some(places)
    }
}
