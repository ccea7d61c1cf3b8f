//! The distribution of the response time down to its slowest requests: which part takes longer than so long.

use crate::analysis::{Analysis, TailPoint};
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::observe::written::list;
use crate::report::Figure;
use crate::report::axis::{Reach, Units, with_half};
use crate::report::csv::{Csv, number};
use crate::report::lines::{Line, Lines, Shown};
use crate::report::view::{Reading, View};

/// What it shows.
pub const ABOUT: &str = "which part of the requests takes longer than a given time (the survival function, logarithmic), a line \
    for each strategy, in the busiest condition that converged";

/// No more conditions than this.
const MOST_FIGURES: usize = 3;
/// A curve is drawn as far as this many requests stand behind it: beyond them it is chance.
const REQUESTS: f64 = 20.0;
/// Where the longest time drawn is more than this many times the median, time is on a logarithmic axis too.
const HEAVY: f64 = 40.0;

/// Draws it for the busiest conditions.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let conditions = view.busiest(MOST_FIGURES);
    let suffix = |place: usize| if conditions.len() > 1 { format!("-{}", place + 1) } else { String::new() };
    conditions.iter().enumerate().filter_map(|(place, points)| figure(&view, points, &suffix(place))).collect()
}

/// The part of a curve that is drawn: where requests stand behind it, and no two places closer than one sees.
fn drawn(view: &View<'_>, point: usize, is_log: bool) -> Vec<TailPoint> {
    let result = &view.analysis.points[point];
    let least = REQUESTS / result.summary.counts[1].max(1) as f64;
    // On a logarithmic axis of time the first hundredth of the requests would take half of the picture.
    let most = if is_log { 0.99 } else { 1.0 };
    let mut kept: Vec<TailPoint> = Vec::new();
    for next in result.tail.iter().filter(|next| next.fraction >= least && next.fraction <= most && next.secs > 0.0) {
        let is_far = |last: &TailPoint| {
            libm::log10(last.fraction / next.fraction) > 0.015 || (is_log && libm::log10(next.secs / last.secs) > 0.02)
        };
        if kept.last().is_none_or(is_far) {
            kept.push(*next);
        }
    }
    kept
}

fn figure(view: &View<'_>, points: &[usize], suffix: &str) -> Option<Figure> {
    let last = |point: &usize| drawn(view, *point, false).last().map(|last| last.secs);
    let median = |point: &usize| view.analysis.points[*point].tail.iter().find(|tail| tail.fraction <= 0.5).map(|tail| tail.secs);
    let longest = points.iter().filter_map(last).fold(0.0, f64::max);
    let is_log = points.iter().filter_map(median).fold(f64::INFINITY, f64::min) * HEAVY < longest;
    let line = |point: &usize| {
        let look = view.look(view.series_of(*point));
        let reading = |tail: &TailPoint| (tail.secs, Some(Reading { value: tail.fraction, half_width: None }));
        let points: Vec<_> = drawn(view, *point, is_log).iter().map(reading).collect();
        (points.len() > 1).then_some(Line {
            name: look.name,
            colour: look.colour,
            mark: Some(look.mark),
            shows_points: false,
            is_joined: true,
            is_behind: !view.is_told(view.series_of(*point)),
            points,
        })
    };
    let mut lines: Vec<Line> = points.iter().filter_map(line).collect();
    // Listed from the slowest to the fastest, as the curves stand from right to left.
    let end = |line: &Line| line.points.last().map_or(0.0, |(secs, _)| *secs);
    lines.sort_by(|a, b| end(b).total_cmp(&end(a)));
    if lines.is_empty() {
        return None;
    }
    let reach = if is_log { Reach::ExactlyLog } else { Reach::Linear };
    let across = Shown { name: "response time".into(), unit: "s".into(), reach, ticks: Vec::new() };
    let up = Shown { name: "requests that take longer".into(), unit: "fraction".into(), reach: Reach::Zero, ticks: Vec::new() };
    let absent: Vec<String> =
        points.iter().filter(|point| drawn(view, **point, is_log).len() < 2).map(|point| view.name(*point)).collect();
    let absent =
        if absent.is_empty() { String::new() } else { format!(" Without figures, and so not drawn: {}.", list(&absent)) };
    let chart = Lines { lines, across, up, is_listed: true };
    Some(Figure {
        id: format!("distribution{suffix}"),
        title: title(view, points),
        caption: format!(
            "The part of the requests that takes longer than a time, as far as {REQUESTS} requests stand behind it; {} together, without intervals.{}{}{absent}",
            view.replications(points.iter().copied()),
            view.of_conditions(points[0]),
            view.untold(),
        ),
        alt: alt(view, points),
        csv: csv(view, points, is_log),
        svg: chart.svg(),
    })
}

/// How slow the slowest are, by the deepest percentile that all points have a figure of.
fn title(view: &View<'_>, points: &[usize]) -> String {
    const DEEP: [(&str, &str); 4] = [("p99.99", "0.01 %"), ("p99.9", "0.1 %"), ("p99", "1 %"), ("p90", "10 %")];
    let at = view.at_condition(points[0]);
    let read = |name: &str| -> Option<Vec<(usize, Reading)>> {
        let measure = Measure::named(name)?;
        let mut all = points.iter().map(|point| Some((*point, view.reading(*point, measure)?))).collect::<Option<Vec<_>>>()?;
        all.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        Some(all)
    };
    let Some((name, part, all)) = DEEP.iter().find_map(|(name, part)| Some((name, part, read(name)?))) else {
        return format!("Response times{at}");
    };
    if let Some(seen) = Measure::named(name).and_then(|measure| view.in_one_replication(measure, &all)) {
        return seen;
    }
    let (first, last) = (all[0], all[all.len() - 1]);
    let show = |reading: Reading| with_half("s", reading.value, reading.half_width);
    let slow = format!("The slowest {part} of the requests{at} take more than");
    match points.len() {
        1 => format!("{slow} {}", show(first.1)),
        _ if first.1.is_apart_from(last.1) => {
            format!("{slow} {} with {}, {} with {}", show(first.1), view.name(first.0), show(last.1), view.name(last.0))
        }
        _ => format!("{slow} {} to {}: no difference stands out", show(first.1), show(last.1)),
    }
}

fn alt(view: &View<'_>, points: &[usize]) -> String {
    let say = |point: &usize| {
        let longest = drawn(view, *point, false).last().copied();
        let words = longest.map(|tail| {
            let percent = Units::of("fraction", 1.0).show(tail.fraction);
            format!("{percent} take longer than {}", Units::of("s", tail.secs).show(tail.secs))
        });
        format!("{}: {}", view.name(*point), words.unwrap_or_else(|| "no figure".into()))
    };
    format!(
        "Falling curves: the part of the requests that takes longer than a time. {}.",
        points.iter().map(say).collect::<Vec<_>>().join("; ")
    )
}

fn csv(view: &View<'_>, points: &[usize], is_log: bool) -> String {
    let mut csv = Csv::new(&["series", "condition", "secs", "fraction_longer"]);
    for point in points {
        for tail in drawn(view, *point, is_log) {
            csv.row([view.name(*point), view.condition(*point), number(tail.secs), number(tail.fraction)]);
        }
    }
    csv.text()
}
