//! A metric against load, or any factor made of numbers: one line a strategy, with its interval and what theory says.

use crate::analysis::Analysis;
use crate::experiment::{ChartChoice, Design, Scale};
use crate::observe::Measure;
use crate::observe::written::list;
use crate::report::Figure;
use crate::report::axis::{Reach, Units};
use crate::report::csv::{Csv, cells, number};
use crate::report::lines::{Line, Lines, Shown};
use crate::report::style;
use crate::report::view::{Reading, View};
use crate::report::words::{measure_unit, sentence, spread};

/// What it shows.
pub const ABOUT: &str = "a metric against the load, or any factor made of numbers: a line for each strategy, with 95 % bands and \
    what theory says; `against` puts another metric in the place of the load";

/// More figures than this are not drawn of one metric.
const MOST_FIGURES: usize = 4;
/// Loads whose ratio is larger are different ones.
const CLEARLY: f64 = 1.01;

/// What stands on the horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Across {
    Factor(usize),
    /// The offered load, which the levels of this factor of names make.
    OfferedLoad(usize),
    Metric(Measure),
}

/// Draws it for the metric asked for, or for the first two of the plan.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let metrics = choice.metric.map_or_else(|| analysis.plan.metrics.iter().take(2).copied().collect(), |metric| vec![metric]);
    let Some((view, across)) = axes(analysis, choice.against) else { return Vec::new() };
    let groups = match across {
        Across::Factor(factor) if view.plan.design == Design::Factorial => view.groups(&rest(&view, factor)),
        Across::OfferedLoad(factor) => view.groups(&rest(&view, factor)),
        _ => view.groups(&[]),
    };
    let chosen = spread(groups.len(), MOST_FIGURES);
    let figure = |metric: Measure, place: &usize| {
        let chart = Drawing { view, across, metric, points: &groups[*place], of: groups.len() };
        let suffix = if chosen.len() > 1 { format!("-{}", place + 1) } else { String::new() };
        chart.figure(&suffix)
    };
    metrics
        .into_iter()
        .flat_map(|metric| chosen.iter().filter_map(move |place| figure(metric, place)).collect::<Vec<_>>())
        .collect()
}

/// The factors that neither go across nor make series.
fn rest(view: &View<'_>, across: usize) -> Vec<usize> {
    view.others().into_iter().filter(|other| *other != across).collect()
}

/// A factor of names whose levels make clearly different loads, while all other factors stay as they are.
fn by_offered_load(view: View<'_>) -> Option<(View<'_>, Across)> {
    let plan = view.plan;
    let may_lie_across = |factor: &usize| plan.compared.is_none_or(|compared| compared.factor != *factor);
    (0..plan.factors.len()).filter(may_lie_across).find_map(|factor| {
        let view = view.with_series(view.series.filter(|series| *series != factor));
        let alone: Vec<usize> = (0..plan.factors.len()).filter(|other| *other != factor).collect();
        let is_varied = |points: &Vec<usize>| {
            let loads: Vec<f64> = points.iter().filter_map(|point| plan.points[*point].offered_load).collect();
            let (low, high) = loads.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), load| (low.min(*load), high.max(*load)));
            loads.len() == points.len() && high > low * CLEARLY
        };
        view.groups(&alone).iter().any(is_varied).then_some((view, Across::OfferedLoad(factor)))
    })
}

/// What goes across, and what makes the series.
fn axes(analysis: &Analysis, against: Option<Measure>) -> Option<(View<'_>, Across)> {
    let view = View::new(analysis);
    let plan = view.plan;
    let numbers = |factor: &usize| {
        plan.factors[*factor].scale != Scale::Category && plan.factors[*factor].levels.iter().all(|level| level.number.is_some())
    };
    let other = (0..plan.factors.len()).find(|factor| numbers(factor) && Some(*factor) != view.series);
    match (against, other, view.series.filter(numbers)) {
        (Some(metric), ..) => Some((view, Across::Metric(metric))),
        (None, Some(factor), _) => {
            let second = (0..plan.factors.len()).find(|second| *second != factor && numbers(second));
            Some((view.with_series(view.series.or(second)), Across::Factor(factor)))
        }
        (None, None, Some(factor)) => Some((view.with_series(None), Across::Factor(factor))),
        (None, None, None) => by_offered_load(view),
    }
}

struct Drawing<'a> {
    view: View<'a>,
    across: Across,
    metric: Measure,
    points: &'a [usize],
    of: usize,
}

impl Drawing<'_> {
    fn place(&self, point: usize) -> Option<f64> {
        let planned = &self.view.plan.points[point];
        match self.across {
            Across::Factor(factor) => self.view.plan.factors[factor].levels[planned.levels[factor]].number,
            Across::OfferedLoad(_) => planned.offered_load,
            Across::Metric(metric) => self.view.reading(point, metric).map(|reading| reading.value),
        }
    }

    fn shown(&self) -> Shown {
        let (name, unit) = match self.across {
            Across::Factor(factor) => (self.view.plan.factors[factor].name.clone(), self.view.plan.factors[factor].unit.clone()),
            Across::OfferedLoad(_) => ("offered load".into(), "fraction".into()),
            Across::Metric(metric) => (metric.title(), measure_unit(metric).into()),
        };
        let is_log = matches!(self.across, Across::Factor(factor) if self.view.plan.factors[factor].scale == Scale::Log);
        let mut ticks: Vec<f64> = self.points.iter().filter_map(|point| self.place(*point)).collect();
        ticks.sort_by(f64::total_cmp);
        ticks.dedup();
        let few = ticks.len() <= 10 && !matches!(self.across, Across::Metric(_));
        let ticks = if few { ticks.into_iter().map(|tick| (tick, String::new())).collect() } else { Vec::new() };
        Shown { name, unit, reach: if is_log { Reach::ExactlyLog } else { Reach::Exactly }, ticks }
    }

    fn series(&self) -> Vec<usize> {
        let mut series: Vec<usize> = self.points.iter().map(|point| self.view.series_of(*point)).collect();
        series.sort_unstable();
        series.dedup();
        series
    }

    /// The points of a series from left to right.
    fn along(&self, series: usize) -> Vec<(f64, usize)> {
        let of_series = self.points.iter().filter(|point| self.view.series_of(**point) == series);
        let mut along: Vec<(f64, usize)> = of_series.filter_map(|point| Some((self.place(*point)?, *point))).collect();
        along.sort_by(|a, b| a.0.total_cmp(&b.0));
        along
    }

    /// Points of a sample differ in all factors: a line through them would join what does not belong together.
    const fn is_joined(&self) -> bool {
        matches!(self.view.plan.design, Design::Factorial | Design::Paired)
    }

    fn lines(&self) -> Vec<Line> {
        let all = self.series();
        let is_joined = self.is_joined();
        let mut lines: Vec<Line> = if is_joined { self.theory() } else { Vec::new() };
        lines.extend(all.iter().map(|series| {
            let look = self.view.look(*series);
            let points = self.along(*series).into_iter().map(|(place, point)| (place, self.view.reading(point, self.metric)));
            let name = if all.len() > 1 { look.name } else { String::new() };
            let (colour, mark, is_behind) = (look.colour, Some(look.mark), !self.view.is_told(*series));
            Line { name, colour, mark, shows_points: true, is_joined, is_behind, points: points.collect() }
        }));
        lines
    }

    fn theory(&self) -> Vec<Line> {
        let line = |series: usize| {
            let exact = |point: usize| self.view.plan.points[point].theory.iter().find(|exact| exact.measure == self.metric);
            let along = self.along(series);
            let formula = along.iter().find_map(|(_, point)| exact(*point))?.formula.clone();
            let reading = |point| exact(point).map(|exact| Reading { value: exact.value, half_width: None });
            let points = along.into_iter().map(|(place, point)| (place, reading(point))).collect();
            let name = format!("theory: {formula}");
            let (colour, mark, shows_points, is_joined, is_behind) = (style::MUTED, None, false, true, false);
            Some(Line { name, colour, mark, shows_points, is_joined, is_behind, points })
        };
        let mut lines: Vec<Line> = Vec::new();
        for found in self.series().into_iter().filter_map(line) {
            // Strategies that theory does not tell apart have one line.
            if lines.iter().all(|other| other.name != found.name || other.points != found.points) {
                lines.push(found);
            }
        }
        // The formulas stand in the caption; a label for each would bury those of the strategies.
        if lines.len() > 1 {
            lines.iter_mut().for_each(|line| line.name.clear());
        }
        lines
    }

    fn figure(&self, suffix: &str) -> Option<Figure> {
        let shown = self.shown();
        let lines = self.lines();
        let places = lines
            .iter()
            .filter(|line| line.mark.is_some())
            .flat_map(|line| &line.points)
            .filter(|(_, reading)| reading.is_some());
        let mut places: Vec<f64> = places.map(|(place, _)| *place).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        if places.len() < 2 {
            return None;
        }
        let against = if let Across::Metric(metric) = self.across { format!("-{}", metric.name()) } else { String::new() };
        let up =
            Shown { name: self.metric.title(), unit: measure_unit(self.metric).into(), reach: Reach::Zero, ticks: Vec::new() };
        let chart = Lines { lines, across: shown, up, is_listed: false };
        Some(Figure {
            id: format!("response-by-load-{}{against}{suffix}", self.metric.name()),
            title: self.title(&places),
            caption: self.caption(&chart),
            alt: self.alt(&chart, &places),
            csv: self.csv(&chart),
            svg: chart.svg(),
        })
    }

    fn at(&self, place: f64) -> Vec<usize> {
        self.points.iter().copied().filter(|point| self.place(*point) == Some(place)).collect()
    }

    /// A place in words: `load 320/s`, with what else holds in the figure.
    fn words(&self, place: f64) -> String {
        match (self.across, self.at(place).first()) {
            (Across::Factor(factor), Some(point)) if self.view.plan.design == Design::Factorial => {
                let factors =
                    (0..self.view.plan.factors.len()).filter(|other| *other == factor || Some(*other) != self.view.series);
                self.view.levels(*point, &factors.collect::<Vec<_>>())
            }
            (Across::Factor(factor), Some(point)) => self.view.levels(*point, &[factor]),
            (across, point) => {
                let shown = self.shown();
                let words = format!("{} {}", shown.name, Units::of(&shown.unit, place).show(place));
                match (across, point) {
                    (Across::OfferedLoad(factor), Some(point)) if self.of > 1 => {
                        format!("{words}, {}", self.view.levels(*point, &rest(&self.view, factor)))
                    }
                    _ => words,
                }
            }
        }
    }

    fn title(&self, places: &[f64]) -> String {
        let name = self.metric.title();
        let read =
            |place: &&f64| self.at(**place).iter().filter(|point| self.view.reading(**point, self.metric).is_some()).count();
        let fullest = places.iter().map(|place| read(&place)).max().unwrap_or(0);
        let Some(last) = places.iter().rev().find(|place| read(place) == fullest) else { return sentence(&name) };
        let there = self.at(*last);
        if let Some(difference) = self.view.difference_shown(self.metric, &there) {
            return format!("At {}, {difference}", self.words(*last));
        }
        if self.view.shows_no_difference(self.metric, &there) {
            return format!("At {}, no difference in {name} is shown", self.words(*last));
        }
        self.growth().unwrap_or_else(|| format!("{} by {}", sentence(&name), self.shown().name))
    }

    /// How the first series that changes does, where the intervals at its ends lie apart.
    fn growth(&self) -> Option<String> {
        // Where all factors change together, growth is not that of one.
        if self.view.fills_space() {
            return None;
        }
        let series = self.series();
        series.iter().find_map(|one| {
            let along =
                self.along(*one).into_iter().filter_map(|(place, point)| Some((place, self.view.reading(point, self.metric)?)));
            let along: Vec<(f64, Reading)> = along.collect();
            let ((from, first), (to, last)) = (*along.first()?, *along.last()?);
            if !first.is_apart_from(last) {
                return None;
            }
            let units = Units::of(measure_unit(self.metric), first.value.max(last.value));
            let how = if last.value > first.value { "grows" } else { "falls" };
            let of = if series.len() > 1 { format!(" with {}", self.view.look(*one).name) } else { String::new() };
            let ends = (units.show(first.value), units.show(last.value));
            let name = sentence(&self.metric.title());
            Some(format!("{name}{of} {how} from {} at {} to {} at {}", ends.0, self.words(from), ends.1, self.words(to)))
        })
    }

    fn caption(&self, chart: &Lines) -> String {
        let view = &self.view;
        let mut caption = format!("{} against {}", sentence(&self.metric.title()), chart.across.name);
        if let Some(factor) = view.series.filter(|_| self.series().len() > 1) {
            caption += &format!(", by {}", view.plan.factors[factor].name);
        }
        let drawn = if self.is_joined() { "Bands" } else { "Bars" };
        caption += &format!(". {}.{}", view.intervals(drawn, self.points, self.metric), view.untold());
        let exact =
            self.points.iter().flat_map(|point| &view.plan.points[*point].theory).filter(|exact| exact.measure == self.metric);
        let mut formulas: Vec<String> = exact.map(|exact| exact.formula.clone()).collect();
        formulas.sort();
        formulas.dedup();
        if self.is_joined() && !formulas.is_empty() {
            caption += &format!(" Dashed: exact theory ({}).", list(&formulas));
        }
        if let Some(point) = self.points.iter().find(|point| view.reading(**point, self.metric).is_none()) {
            caption += &format!(" A cross marks where there is no figure: {}.", view.reason(*point, self.metric));
        }
        if chart.is_cut() {
            caption += " The widest intervals are cut off at the upper edge.";
        }
        if self.of > MOST_FIGURES {
            caption += &format!(" One of {MOST_FIGURES} figures for {} conditions.", self.of);
        }
        caption
    }

    fn alt(&self, chart: &Lines, places: &[f64]) -> String {
        let read = |place: &f64| {
            let say = |point: &usize| {
                let reading = self.view.reading(*point, self.metric)?;
                Some(format!(
                    "{} {}",
                    self.view.name(*point),
                    Units::of(measure_unit(self.metric), reading.value).show(reading.value)
                ))
            };
            let all: Vec<String> = self.at(*place).iter().filter_map(say).collect();
            format!("at {}: {}", self.words(*place), if all.is_empty() { "no figure".into() } else { list(&all) })
        };
        let ends: Vec<String> = places.first().into_iter().chain(places.last()).map(read).collect();
        format!("Lines of {} against {}; {}.", chart.up.name, chart.across.name, ends.join("; "))
    }

    fn csv(&self, chart: &Lines) -> String {
        let mut csv = Csv::new(&["series", "condition", &chart.across.name, "value", "low", "high", "unit", "theory"]);
        for series in self.series() {
            for (place, point) in self.along(series) {
                let [value, low, high] = self.view.reading(point, self.metric).map_or_else(Default::default, cells);
                let exact = self.view.plan.points[point].theory.iter().find(|exact| exact.measure == self.metric);
                let exact = exact.map_or_else(String::new, |exact| number(exact.value));
                let (name, condition) = (self.view.name(point), self.view.condition(point));
                csv.row([name, condition, number(place), value, low, high, self.metric.unit().into(), exact]);
            }
        }
        csv.text()
    }
}
