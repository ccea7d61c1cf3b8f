//! How unequally the servers are used, in the long run and in short windows.

use crate::analysis::Analysis;
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::observe::written::list;
use crate::report::Figure;
use crate::report::axis::digits;
use crate::report::csv::{Csv, cells};
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::view::{Reading, View};

/// What it shows.
pub const ABOUT: &str = "how unequally servers are used: the coefficient of variation of their utilization, over the whole run and \
    in short windows, by strategy";

/// No more conditions than this.
const MOST_FIGURES: usize = 3;
/// The two metrics, as they are called here.
const METRICS: [(&str, &str); 2] =
    [("cv_utilization", "CV over the whole run"), ("window_cv_utilization", "CV in short windows")];

/// Draws it for the busiest conditions.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let conditions = view.busiest(MOST_FIGURES);
    let suffix = |place: usize| if conditions.len() > 1 { format!("-{}", place + 1) } else { String::new() };
    conditions.iter().enumerate().filter_map(|(place, points)| figure(&view, points, &suffix(place))).collect()
}

fn metrics() -> Vec<(Measure, &'static str)> {
    METRICS.iter().filter_map(|(name, called)| Some((Measure::named(name)?, *called))).collect()
}

fn figure(view: &View<'_>, points: &[usize], suffix: &str) -> Option<Figure> {
    let metrics = metrics();
    // With one server there is nothing to be unequal.
    let servers = |point: &usize| {
        view.plan.points[*point].shape.pools.iter().filter(|pool| !pool.is_back_end).map(|pool| pool.servers).sum::<u32>()
    };
    if points
        .iter()
        .all(|point| servers(point) < 2 || metrics.iter().all(|(measure, _)| view.reading(*point, *measure).is_none()))
    {
        return None;
    }
    let row = |point: &usize| {
        let look = view.look(view.series_of(*point));
        let cell = |(measure, _): &(Measure, &str)| match view.reading(*point, *measure) {
            Some(reading) => Cell::Dot(reading, look.colour, look.mark),
            None => Cell::Words(view.reason(*point, *measure)),
        };
        Row { cells: metrics.iter().map(cell).collect(), label: look.name }
    };
    let points = &view.sorted(points, metrics[0].0)[..];
    let chart = Rows {
        panels: metrics.iter().map(|(_, called)| Panel { name: (*called).to_owned(), unit: String::new() }).collect(),
        rows: points.iter().map(row).collect(),
        sides: None,
    };
    Some(Figure {
        id: format!("imbalance{suffix}"),
        title: title(view, points, &metrics),
        caption: format!(
            "Coefficient of variation of the servers' utilizations: 0 when all are used equally. {}.{}{}",
            view.intervals("Bars", points, metrics[0].0),
            view.of_conditions(points[0]),
            view.untold(),
        ),
        alt: alt(view, points, &metrics),
        csv: csv(view, points, &metrics),
        svg: chart.svg(),
    })
}

fn title(view: &View<'_>, points: &[usize], metrics: &[(Measure, &str)]) -> String {
    let at = view.at_condition(points[0]);
    let find = |(place, (measure, _)): (usize, &(Measure, &str))| {
        let mut all: Vec<(usize, Reading)> =
            points.iter().filter_map(|point| Some((*point, view.reading(*point, *measure)?))).collect();
        all.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let (first, last) = (*all.first()?, *all.last()?);
        let period = if place == 0 { "Over the whole run" } else { "Within short windows" };
        let words = |(point, reading): (usize, Reading)| format!("{} (CV {})", view.name(point), digits(reading.value, 2));
        first
            .1
            .is_apart_from(last.1)
            .then(|| format!("{period}{at}, servers are used most equally with {}, least with {}", words(first), words(last)))
    };
    let found = metrics.iter().enumerate().rev().find_map(find);
    let is_sure = |(measure, _): &(Measure, &str)| {
        points.iter().any(|point| view.reading(*point, *measure).is_some_and(|reading| reading.half_width.is_some()))
    };
    found.unwrap_or_else(|| {
        // Without intervals nothing can be said of differences.
        if points.len() > 1 && metrics.iter().any(is_sure) {
            format!("No difference in how equally servers are used is shown{at}")
        } else {
            format!("How equally servers are used{at}")
        }
    })
}

fn alt(view: &View<'_>, points: &[usize], metrics: &[(Measure, &str)]) -> String {
    let say = |point: &usize| {
        let value = |(measure, called): &(Measure, &str)| {
            format!(
                "{called} {}",
                view.reading(*point, *measure).map_or_else(|| view.reason(*point, *measure), |reading| digits(reading.value, 3))
            )
        };
        format!("{}: {}", view.name(*point), list(&metrics.iter().map(value).collect::<Vec<_>>()))
    };
    format!("Marks of imbalance by strategy; {}.", points.iter().map(say).collect::<Vec<_>>().join("; "))
}

fn csv(view: &View<'_>, points: &[usize], metrics: &[(Measure, &str)]) -> String {
    let mut csv = Csv::new(&["series", "condition", "metric", "value", "low", "high"]);
    for point in points {
        for (measure, _) in metrics {
            let [value, low, high] = view.reading(*point, *measure).map_or_else(Default::default, cells);
            csv.row([view.name(*point), view.condition(*point), measure.name().to_owned(), value, low, high]);
        }
    }
    csv.text()
}
