//! Percentiles of the response time, out to the slowest request in ten thousand.

use crate::analysis::Analysis;
use crate::experiment::ChartChoice;
use crate::observe::written::list;
use crate::observe::{Measure, MetricKind, REQUEST_METRICS};
use crate::report::Figure;
use crate::report::axis::{Reach, Units, with_half};
use crate::report::csv::{Csv, cells};
use crate::report::lines::{Line, Lines, Shown};
use crate::report::view::{Reading, View};

/// What it shows.
pub const ABOUT: &str = "response times from the median to the slowest in ten thousand, a line for each strategy, in the busiest \
    condition that converged";

/// No more conditions than this.
const MOST_FIGURES: usize = 3;

/// Draws it for the busiest conditions.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let conditions = view.busiest(MOST_FIGURES);
    let suffix = |place: usize| if conditions.len() > 1 { format!("-{}", place + 1) } else { String::new() };
    conditions.iter().enumerate().filter_map(|(place, points)| figure(&view, points, &suffix(place))).collect()
}

/// The percentiles of the response time that are metrics, by their probability.
fn percentiles() -> Vec<(f64, Measure)> {
    let percentile = |(index, metric): (usize, &crate::observe::Metric)| match metric.kind {
        MetricKind::Quantile { p, .. } if metric.name.starts_with("response_p") => Some((p, Measure::Request(index))),
        _ => None,
    };
    REQUEST_METRICS.iter().enumerate().filter_map(percentile).collect()
}

/// How many nines: each percentile where the part of slower requests is on a logarithmic axis.
fn nines(p: f64) -> f64 {
    -libm::log10(1.0 - p)
}

fn figure(view: &View<'_>, points: &[usize], suffix: &str) -> Option<Figure> {
    let is_known = |(_, measure): &(f64, Measure)| points.iter().any(|point| view.reading(*point, *measure).is_some());
    let (percentiles, unknown): (Vec<_>, Vec<_>) = percentiles().into_iter().partition(is_known);
    let short = |measure: Measure| measure.title().split(' ').next().unwrap_or_default().to_owned();
    let unknown: Vec<String> = unknown.into_iter().map(|(_, measure)| short(measure)).collect();
    let unknown = if unknown.is_empty() { String::new() } else { format!(" No run gives a figure of {}.", list(&unknown)) };
    let line = |point: &usize| {
        let look = view.look(view.series_of(*point));
        let points: Vec<_> = percentiles.iter().map(|(p, measure)| (nines(*p), view.reading(*point, *measure))).collect();
        let is_there = points.iter().any(|(_, reading)| reading.is_some());
        is_there.then_some(Line {
            name: look.name,
            colour: look.colour,
            mark: Some(look.mark),
            shows_points: true,
            is_joined: true,
            is_behind: !view.is_told(view.series_of(*point)),
            points,
        })
    };
    let lines: Vec<Line> = points.iter().filter_map(line).collect();
    if lines.is_empty() {
        return None;
    }
    let ticks = percentiles.iter().map(|(p, measure)| (nines(*p), short(*measure))).collect();
    let across = Shown { name: "percentile of requests".into(), unit: String::new(), reach: Reach::Exactly, ticks };
    let up = Shown { name: "response time".into(), unit: "s".into(), reach: Reach::Zero, ticks: Vec::new() };
    let chart = Lines { lines, across, up, is_listed: false };
    let absent = points.iter().find_map(|point| {
        let (_, measure) = percentiles.iter().find(|(_, measure)| view.reading(*point, *measure).is_none())?;
        Some(format!(
            " A cross marks what has no figure, such as {} with {}: {}.",
            short(*measure),
            view.name(*point),
            view.reason(*point, *measure)
        ))
    });
    let cut = if chart.is_cut() { " The widest intervals are cut off at the upper edge." } else { "" };
    Some(Figure {
        id: format!("latency-percentiles{suffix}"),
        title: title(view, points, &percentiles),
        caption: format!(
            "Percentiles of the response time, the parts of slower requests on a logarithmic axis. {}.{}{}{}{unknown}{cut}",
            view.intervals("Bands", points, percentiles[0].1),
            view.of_conditions(points[0]),
            view.untold(),
            absent.unwrap_or_default(),
        ),
        alt: alt(view, points, &percentiles),
        csv: csv(view, points, &percentiles),
        svg: chart.svg(),
    })
}

/// The readings of the highest percentile that all points have, with their points, the fastest first.
fn tail(view: &View<'_>, points: &[usize], percentiles: &[(f64, Measure)]) -> Option<(Measure, Vec<(usize, Reading)>)> {
    let read = |measure: Measure| {
        let all: Option<Vec<_>> = points.iter().map(|point| Some((*point, view.reading(*point, measure)?))).collect();
        all.map(|all| (measure, all))
    };
    let (measure, mut all) = percentiles.iter().rev().find_map(|(_, measure)| read(*measure))?;
    all.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    Some((measure, all))
}

fn title(view: &View<'_>, points: &[usize], percentiles: &[(f64, Measure)]) -> String {
    let at = view.at_condition(points[0]);
    let Some((measure, all)) = tail(view, points, percentiles) else {
        return format!("Response times{at}, as far as there are figures");
    };
    if let Some(seen) = view.in_one_replication(measure, &all) {
        return seen;
    }
    let name = measure.title();
    let show = |(_, reading): &(usize, Reading)| with_half("s", reading.value, reading.half_width);
    match (&all[0], &all[all.len() - 1]) {
        (only, last) if only.0 == last.0 => format!("The {name}{at} is {}", show(only)),
        (first, last) if first.1.is_apart_from(last.1) => {
            format!(
                "The {name}{at} reaches from {} with {} to {} with {}",
                show(first),
                view.name(first.0),
                show(last),
                view.name(last.0)
            )
        }
        (first, last) => {
            format!("The {name}{at} is between {} and {} in all cases: no difference stands out", show(first), show(last))
        }
    }
}

fn alt(view: &View<'_>, points: &[usize], percentiles: &[(f64, Measure)]) -> String {
    let say = |point: &usize| {
        let read = |(_, measure): &(f64, Measure)| Some((*measure, view.reading(*point, *measure)?));
        let known: Vec<_> = percentiles.iter().filter_map(read).collect();
        let words = |(measure, reading): &(Measure, Reading)| {
            let name = measure.title();
            format!("{} {}", name.split(' ').next().unwrap_or_default(), Units::of("s", reading.value).show(reading.value))
        };
        let ends: Vec<String> = known.first().into_iter().chain(known.last()).map(words).collect();
        format!("{}: {}", view.name(*point), if ends.is_empty() { "no figure".into() } else { list(&ends) })
    };
    format!("Lines of response time by percentile; {}.", points.iter().map(say).collect::<Vec<_>>().join("; "))
}

fn csv(view: &View<'_>, points: &[usize], percentiles: &[(f64, Measure)]) -> String {
    let mut csv = Csv::new(&["series", "condition", "metric", "probability", "value", "low", "high", "unit"]);
    for point in points {
        for (p, measure) in percentiles {
            let [value, low, high] = view.reading(*point, *measure).map_or_else(Default::default, cells);
            let (name, condition) = (view.name(*point), view.condition(*point));
            csv.row([name, condition, measure.name().into(), p.to_string(), value, low, high, measure.unit().into()]);
        }
    }
    csv.text()
}
