//! How a cache fills: its hit ratio by the time since it was last empty.

use crate::analysis::Analysis;
use crate::experiment::ChartChoice;
use crate::observe::AgeSummary;
use crate::report::Figure;
use crate::report::axis::{Reach, Units, with_half};
use crate::report::csv::{Csv, number};
use crate::report::lines::{Line, Lines, Shown};
use crate::report::view::{Reading, View};

/// What it shows.
pub const ABOUT: &str = "how caches fill: their hit ratio by the time since they were last empty, at the start or by a crash";

/// No more conditions than this.
const MOST_FIGURES: usize = 3;

/// Draws it for the busiest conditions.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let conditions = view.busiest(MOST_FIGURES);
    let suffix = |place: usize| if conditions.len() > 1 { format!("-{}", place + 1) } else { String::new() };
    conditions.iter().enumerate().filter_map(|(place, points)| figure(&view, points, &suffix(place))).collect()
}

fn ages<'a>(view: &View<'a>, point: usize) -> &'a [AgeSummary] {
    &view.analysis.points[point].summary.ages
}

fn reading(age: &AgeSummary) -> Option<Reading> {
    Some(Reading { value: age.hit_ratio.value?, half_width: age.hit_ratio.half_width })
}

/// The middle of the ages on a logarithmic scale; of those that begin at 0, half their end.
fn middle(age: &AgeSummary) -> f64 {
    if age.from_secs > 0.0 { libm::sqrt(age.from_secs * age.to_secs) } else { age.to_secs / 2.0 }
}

/// From the youngest age to the oldest, where the hit ratio is shown to differ between them.
fn growth(view: &View<'_>, point: usize) -> Option<[(f64, Reading); 2]> {
    let [first, .., last] = ages(view, point) else { return None };
    let ends = [(middle(first), reading(first)?), (middle(last), reading(last)?)];
    ends[0].1.is_apart_from(ends[1].1).then_some(ends)
}

fn figure(view: &View<'_>, points: &[usize], suffix: &str) -> Option<Figure> {
    let grown: Vec<(usize, [(f64, Reading); 2])> =
        points.iter().filter_map(|point| Some((*point, growth(view, *point)?))).collect();
    let (point, [young, old]) = grown.iter().min_by(|one, other| one.1[0].1.value.total_cmp(&other.1[0].1.value))?;
    let line = |point: &usize| {
        let look = view.look(view.series_of(*point));
        Line {
            name: look.name,
            colour: look.colour,
            mark: Some(look.mark),
            shows_points: false,
            is_joined: true,
            is_behind: !view.is_told(view.series_of(*point)),
            points: ages(view, *point).iter().map(|age| (middle(age), reading(age))).collect(),
        }
    };
    let chart = Lines {
        lines: points.iter().map(line).filter(|line| !line.points.is_empty()).collect(),
        across: Shown {
            name: "time since the cache was empty".into(),
            unit: "s".into(),
            reach: Reach::ExactlyLog,
            ticks: Vec::new(),
        },
        up: Shown { name: "hit ratio".into(), unit: "fraction".into(), reach: Reach::Linear, ticks: Vec::new() },
        is_listed: false,
    };
    let told = |(age, reading): &(f64, Reading)| {
        format!("{} after {}", with_half("fraction", reading.value, reading.half_width), Units::of("s", *age).show(*age))
    };
    let with = if points.len() > 1 { format!(" with {}", view.name(*point)) } else { String::new() };
    let title = format!("The hit ratio goes from {} to {}{with}{}", told(young), told(old), view.at_condition(points[0]));
    let say =
        |(point, [young, old]): &(usize, [(f64, Reading); 2])| format!("{}: {}, {}", view.name(*point), told(young), told(old));
    Some(Figure {
        id: format!("hit-ratio-by-age{suffix}"),
        alt: format!(
            "Lines of the hit ratio by the age of the caches; {}.",
            grown.iter().map(say).collect::<Vec<_>>().join("; ")
        ),
        title,
        caption: format!(
            "Hits over lookups of all caches together, by the time since the cache asked was last empty; ages with fewer than {} lookups are left \
             out. Bands are 95 % intervals over {}.{}{}",
            AgeSummary::FEWEST,
            view.replications(points.iter().copied()),
            view.of_conditions(points[0]),
            view.untold(),
        ),
        csv: csv(view, points),
        svg: chart.svg(),
    })
}

fn csv(view: &View<'_>, points: &[usize]) -> String {
    let mut csv = Csv::new(&["series", "condition", "from_s", "to_s", "lookups", "value", "low", "high"]);
    for point in points {
        for age in ages(view, *point) {
            let Some(reading) = reading(age) else { continue };
            let mut cells = vec![view.name(*point), view.condition(*point), number(age.from_secs), number(age.to_secs)];
            cells.extend([age.lookups.to_string(), number(reading.value), number(reading.low()), number(reading.high())]);
            csv.row(cells);
        }
    }
    csv.text()
}
