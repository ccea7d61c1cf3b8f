//! Utilization of each server over time, as colours.

use crate::analysis::{Analysis, Heat};
use crate::experiment::ChartChoice;
use crate::observe::Measure;
use crate::report::Figure;
use crate::report::axis::{Axis, Reach, Units, digits};
use crate::report::canvas::{Canvas, Place, Side, Stroke, crisp_picture, width};
use crate::report::csv::{Csv, number};
use crate::report::style::{self, HEAT};
use crate::report::told::TOLD;
use crate::report::view::View;
use crate::report::words::{labels, shorten};

/// What it shows.
pub const ABOUT: &str = "utilization of each server over time, as colours: one replication, a map for each strategy, in the \
    condition whose mean utilization is nearest to 70 % of those that converged";

/// Servers much less busy than this idle together, and much busier ones work together: neither tells strategies apart.
const TELLING: f64 = 0.7;

/// No more strategies than this.
const MOST_MAPS: usize = TOLD;
/// More cells than this would make a page heavy: neighbours in time are averaged.
const MOST_CELLS: usize = 6_000;
/// Around the maps: top, right, bottom.
const TOP: f64 = 14.0;
const RIGHT: f64 = 104.0;
const BOTTOM: f64 = 70.0;
/// Height of a map's name.
const NAME: f64 = 30.0;

/// Draws it for the condition that tells the most.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::by_level(analysis);
    let Some((points, used)) = telling(&view) else { return Vec::new() };
    let all: Vec<(usize, &Heat)> = points.iter().filter_map(|point| Some((*point, heat(&view, *point)?))).collect();
    let count = all.len();
    let is_told = |(point, _): &(usize, &Heat)| view.is_told(view.series_of(*point));
    let shown: Vec<(usize, &Heat)> = all.into_iter().filter(is_told).take(MOST_MAPS).collect();
    let cells: usize = shown.iter().map(|(_, heat)| heat.servers.len() * (heat.ends_secs.len() - 1)).sum();
    let together = cells.div_ceil(MOST_CELLS).max(1);
    let maps: Vec<(usize, Heat)> = shown.into_iter().map(|(point, heat)| (point, coarse(heat, together))).collect();
    if maps.is_empty() { Vec::new() } else { vec![figure(&view, &maps, count, used)] }
}

/// The map of a point; nothing with a single server, which has no other to be held against.
fn heat<'a>(view: &View<'a>, point: usize) -> Option<&'a Heat> {
    view.analysis.points[point].heat.as_ref().filter(|heat| heat.servers.len() > 1 && heat.ends_secs.len() > 1)
}

/// Of the converged conditions with a map the one whose mean utilization is nearest to the one that tells the most, the busier
/// one of two; and that utilization.
fn telling(view: &View<'_>) -> Option<(Vec<usize>, f64)> {
    let measure = Measure::named("utilization")?;
    let mean = |points: Vec<usize>| {
        let used: Vec<f64> = points.iter().filter_map(|point| Some(view.reading(*point, measure)?.value)).collect();
        (!used.is_empty()).then(|| (points, used.iter().sum::<f64>() / used.len() as f64))
    };
    let far = |used: f64| libm::fabs(used - TELLING);
    let has_map = |points: &Vec<usize>| points.iter().any(|point| heat(view, *point).is_some());
    let conditions = view.converged().into_iter().filter(has_map).filter_map(mean);
    conditions.min_by(|(_, a), (_, b)| far(*a).total_cmp(&far(*b)).then(b.total_cmp(a)))
}

/// The same with so many stretches of time averaged into one.
fn coarse(heat: &Heat, together: usize) -> Heat {
    let stretches = heat.ends_secs.len() - 1;
    let starts: Vec<usize> = (0..stretches).step_by(together).collect();
    let mean = |row: &Vec<f64>, start: usize| {
        let end = (start + together).min(stretches);
        let long = |stretch: usize| heat.ends_secs[stretch + 1] - heat.ends_secs[stretch];
        let used: f64 = (start..end).map(|stretch| row.get(stretch).copied().unwrap_or(0.0) * long(stretch)).sum();
        used / (heat.ends_secs[end] - heat.ends_secs[start])
    };
    let utilization = heat.utilization.iter().map(|row| starts.iter().map(|start| mean(row, *start)).collect()).collect();
    let ends_secs = starts.iter().copied().chain([stretches]).map(|end| heat.ends_secs[end]).collect();
    Heat { servers: heat.servers.clone(), ends_secs, utilization }
}

fn figure(view: &View<'_>, maps: &[(usize, Heat)], of: usize, used: f64) -> Figure {
    let first = &maps[0].1;
    let stretch = first.ends_secs[1] - first.ends_secs[0];
    let more = if of > maps.len() { format!(" {} of {of} are drawn.", maps.len()) } else { String::new() };
    let condition = view.of_conditions(maps[0].0);
    let why = format!(" With {} % its mean utilization is the nearest to 70 %.", digits(100.0 * used, 2));
    let why = if condition.is_empty() { condition.clone() } else { why };
    let say = |(point, heat): &(usize, Heat)| {
        let all = || heat.utilization.iter().flatten().copied();
        let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
        format!("{}: from {} % to {} %", view.name(*point), digits(100.0 * low, 2), digits(100.0 * high, 2))
    };
    let mut csv = Csv::new(&["series", "condition", "server", "from_secs", "to_secs", "utilization"]);
    for (point, heat) in maps {
        for (server, row) in heat.servers.iter().zip(&heat.utilization) {
            for (used, ends) in row.iter().zip(heat.ends_secs.windows(2)) {
                csv.row([
                    view.name(*point),
                    view.condition(*point),
                    server.clone(),
                    number(ends[0]),
                    number(ends[1]),
                    number(*used),
                ]);
            }
        }
    }
    Figure {
        id: "heat-map".into(),
        title: title(view, maps),
        caption: format!(
            "Utilization of each server in stretches of {}, in the first replication only: an example, not an estimate.{condition}{why}{more}",
            Units::of("s", stretch).show(stretch),
        ),
        alt: format!("Maps of utilization by server and time. {}.", maps.iter().map(say).collect::<Vec<_>>().join("; ")),
        csv: csv.text(),
        svg: svg(view, maps),
    }
}

/// The standard deviation over the servers within a stretch, averaged over the stretches.
fn unevenness(heat: &Heat) -> f64 {
    let stretches = heat.ends_secs.len() - 1;
    let of_stretch = |stretch: usize| {
        let column = || heat.utilization.iter().filter_map(|row| row.get(stretch).copied());
        let count = heat.servers.len() as f64;
        let mean = column().sum::<f64>() / count;
        (column().map(|used| (used - mean) * (used - mean)).sum::<f64>() / count).sqrt()
    };
    (0..stretches).map(of_stretch).sum::<f64>() / stretches as f64
}

/// What is seen in this one replication.
fn title(view: &View<'_>, maps: &[(usize, Heat)]) -> String {
    let at = view.at_condition(maps[0].0);
    let mut all: Vec<(usize, f64)> = maps.iter().map(|(point, heat)| (*point, unevenness(heat))).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (first, last) = (all[0], all[all.len() - 1]);
    if all.len() > 1 && last.1 > 1.2 * first.1 {
        let (even, uneven) = (view.name(first.0), view.name(last.0));
        return format!("In one replication{at}, the servers' loads stay closest together with {even}, least with {uneven}");
    }
    format!("Utilization of the servers over time in one replication{at}")
}

/// The utilization of the darkest colour: all of a server, or less where none is ever half as busy, lest nothing be seen.
fn darkest(maps: &[(usize, Heat)]) -> f64 {
    let most = maps.iter().flat_map(|(_, heat)| heat.utilization.iter().flatten()).copied().fold(0.0, f64::max);
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|full| most <= *full).unwrap_or(1.0)
}

fn svg(view: &View<'_>, maps: &[(usize, Heat)]) -> String {
    let full = darkest(maps);
    let columns = if maps.len() > 3 { 2 } else { 1 };
    let rows = maps.len().div_ceil(columns);
    let height = style::HEIGHT.max(TOP + BOTTOM + rows as f64 * 110.0);
    let names: Vec<String> = maps.iter().map(|(point, _)| view.name(*point)).collect();
    let servers = maps.iter().flat_map(|(_, heat)| &heat.servers);
    let widest = servers.map(|server| width(server, style::NOTE)).fold(0.0, f64::max).min(130.0) + 16.0;
    let (wide, tall) = ((style::WIDTH - RIGHT) / columns as f64, (height - TOP - BOTTOM) / rows as f64);
    let names = labels(&names, style::LABEL, wide - widest - 20.0);
    crisp_picture(height, |canvas| {
        for (place, ((_, heat), name)) in maps.iter().zip(names).enumerate() {
            let from = (wide * (place % columns) as f64 + widest, TOP + tall * (place / columns) as f64);
            canvas.text(&name, (from.0, from.1 + 15.0), Side::Right, style::LABEL, style::INK);
            let to = (from.0 + wide - widest - 14.0, from.1 + tall - 8.0);
            let is_last = place + columns >= maps.len();
            map(canvas, (heat, full), (from.0, from.1 + NAME), to, is_last);
        }
        bar(canvas, full, (style::WIDTH - RIGHT + 22.0, TOP + NAME), height - BOTTOM - 8.0);
    })
}

/// The colour of a part of the darkest one's utilization.
fn colour(part: f64) -> style::Colour {
    HEAT[((part.clamp(0.0, 1.0) * HEAT.len() as f64) as usize).min(HEAT.len() - 1)]
}

fn map(canvas: &mut Canvas<'_>, (heat, full): (&Heat, f64), from: Place, to: Place, has_times: bool) {
    let across = Axis::new(&heat.ends_secs, Reach::Exactly, "s", (from.0, to.0));
    let tall = (to.1 - from.1) / heat.servers.len() as f64;
    for (place, row) in heat.utilization.iter().enumerate() {
        let y = from.1 + tall * place as f64;
        for (used, ends) in row.iter().zip(heat.ends_secs.windows(2)) {
            canvas.area((across.at(ends[0]), y), (across.at(ends[1]), y + tall), colour(used / full), 1.0);
        }
    }
    let every = (19.0 / tall).ceil().max(1.0) as usize;
    for (place, server) in heat.servers.iter().enumerate().step_by(every) {
        let y = from.1 + tall * (place as f64 + 0.5);
        canvas.text(&shorten(server, style::NOTE, 130.0), (from.0 - 8.0, y), Side::Left, style::NOTE, style::INK);
    }
    if has_times {
        for (tick, number) in across.ticks.iter().zip(across.numbers()) {
            let x = across.at(*tick);
            canvas.line((x, to.1), (x, to.1 + 6.0), Stroke::new(style::INK, style::HAIR));
            canvas.text(&number, (x, to.1 + 20.0), Side::Middle, style::TICK, style::INK);
        }
        canvas.text(&across.units.axis("time"), (to.0, to.1 + 50.0), Side::Left, style::LABEL, style::INK);
    }
}

/// The scale of colours, all at the top.
fn bar(canvas: &mut Canvas<'_>, full: f64, (x, top): Place, bottom: f64) {
    let step = (bottom - top) / HEAT.len() as f64;
    for (place, colour) in HEAT.iter().enumerate() {
        let lower = bottom - step * place as f64;
        canvas.area((x, lower - step), (x + 18.0, lower), *colour, 1.0);
    }
    // Fifths of 5 % are short numbers, quarters are not.
    let parts = if full < 1.0 { 5 } else { 4 };
    for number in 0..=parts {
        let part = f64::from(number) / f64::from(parts);
        let y = bottom - (bottom - top) * part;
        canvas.text(&format!("{} %", digits(100.0 * full * part, 3)), (x + 24.0, y), Side::Right, style::NOTE, style::INK);
    }
}
