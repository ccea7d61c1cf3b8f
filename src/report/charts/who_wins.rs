//! Who wins where: the best strategy in each condition, as a map over two factors or a strip over one.

use crate::analysis::{Analysis, Best, BestVerdict};
use crate::experiment::{ChartChoice, Design};
use crate::observe::written::list;
use crate::report::Figure;
use crate::report::axis::{Units, digits};
use crate::report::canvas::{Canvas, Place, Side, Stroke, picture, width};
use crate::report::csv::Csv;
use crate::report::labels::{self, Label};
use crate::report::style;
use crate::report::view::View;
use crate::report::words::{measure_unit, shorten, spread};

/// What it shows.
pub const ABOUT: &str = "the best strategy in each condition: a map over two factors, or a strip over one, in the strategies' colours; \
    where the runs do not tell, who may be the best";

/// No more maps than this.
const MOST_FIGURES: usize = 4;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 84.0;
/// More strategies than this are counted in a tile, not named.
const NAMED: usize = 3;

/// Draws it for the metric that leads, where levels are compared under several conditions.
pub fn draw(analysis: &Analysis, _: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let others = view.others();
    if view.plan.compared.is_none() || view.plan.design != Design::Factorial || analysis.best.len() < 2 {
        return Vec::new();
    }
    let Some(across) = view.across() else { return Vec::new() };
    let down = others.iter().copied().find(|factor| *factor != across);
    let rest: Vec<usize> = others.iter().copied().filter(|factor| *factor != across && Some(*factor) != down).collect();
    let groups = view.groups(&rest);
    let chosen = spread(groups.len(), MOST_FIGURES);
    let figure = |place: &usize| {
        let here = |best: &&Best| best.points.first().is_some_and(|point| groups[*place].contains(point));
        let map = Map { view, across, down, rest: &rest, tiles: analysis.best.iter().filter(here).collect(), of: groups.len() };
        let suffix = if groups.len() > 1 { format!("-{}", place + 1) } else { String::new() };
        map.figure(&suffix)
    };
    chosen.iter().filter_map(figure).collect()
}

struct Map<'a> {
    view: View<'a>,
    across: usize,
    down: Option<usize>,
    rest: &'a [usize],
    tiles: Vec<&'a Best>,
    of: usize,
}

/// The points among which the best is; none where nothing is known.
fn among(best: &Best) -> Vec<usize> {
    match &best.verdict {
        BestVerdict::Selected { point, .. } => vec![*point],
        BestVerdict::Among { points, .. } => points.clone(),
        BestVerdict::Unknown(_) => Vec::new(),
    }
}

/// Whether a tile speaks of some of the levels only, since others have no figure.
fn is_partial(best: &Best) -> bool {
    !best.left_out.is_empty() && !among(best).is_empty()
}

impl Map<'_> {
    fn figure(&self, suffix: &str) -> Option<Figure> {
        let metric = self.tiles.first()?.measure;
        let name = metric.title();
        let undecided = self.tiles.iter().filter(|best| among(best).len() != 1).count();
        Some(Figure {
            id: format!("who-wins-{}{suffix}", metric.name()),
            title: self.title(&name),
            caption: self.caption(&name, measure_unit(metric), undecided),
            alt: format!(
                "A map of the best for the {name}. {}.",
                self.tiles.iter().map(|best| self.say(best)).collect::<Vec<_>>().join("; ")
            ),
            csv: self.csv(),
            svg: self.svg(),
        })
    }

    fn say(&self, best: &Best) -> String {
        let condition = best.points.first().map_or_else(String::new, |point| self.view.condition(*point));
        let names: Vec<String> = among(best).into_iter().map(|point| self.view.name(point)).collect();
        let of =
            if is_partial(best) { format!(", of those with figures ({} without)", self.left_out(best)) } else { String::new() };
        match &best.verdict {
            BestVerdict::Unknown(reason) => format!("{condition}: unknown, {reason}"),
            _ if names.len() > 1 => format!("{condition}: one of {}{of}", list(&names)),
            _ => format!("{condition}: {}{of}", list(&names)),
        }
    }

    fn left_out(&self, best: &Best) -> String {
        list(&best.left_out.iter().map(|point| self.view.name(*point)).collect::<Vec<_>>())
    }

    fn title(&self, name: &str) -> String {
        let all = self.tiles.len();
        let of_series = |series: usize| {
            let is_won = |best: &&&Best| matches!(among(best)[..], [point] if self.view.series_of(point) == series);
            self.tiles.iter().filter(|best| !is_partial(best)).filter(is_won).count()
        };
        // What is the best of some levels only says nothing of the others.
        let partial = self.tiles.iter().filter(|best| is_partial(best) && among(best).len() == 1).count();
        let some = if partial > 0 { format!("; in {partial} known only of those with figures") } else { String::new() };
        let levels = self.view.series.map_or(0, |factor| self.view.plan.factors[factor].levels.len());
        let mut wins: Vec<(usize, usize)> =
            (0..levels).map(|series| (series, of_series(series))).filter(|(_, count)| *count > 0).collect();
        wins.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let at = self
            .tiles
            .first()
            .and_then(|best| best.points.first())
            .map_or_else(String::new, |point| self.view.levels(*point, self.rest));
        let at = if at.is_empty() { at } else { format!(" at {at}") };
        match &wins[..] {
            [] => format!("In none of {all} conditions{at} can these runs tell which has the best {name}{some}"),
            [(only, count)] if *count == all => {
                format!("{} has the best {name} in all {all} conditions{at}", self.view.look(*only).name)
            }
            wins => {
                let decided: usize = wins.iter().map(|(_, count)| count).sum();
                let words: Vec<String> =
                    wins.iter().take(3).map(|(series, count)| format!("{} in {count}", self.view.look(*series).name)).collect();
                let open = all - decided - partial;
                let open = if open > 0 { format!("; undecided in {open}") } else { String::new() };
                format!("Best {name} in {all} conditions{at}: {}{some}{open}", list(&words))
            }
        }
    }

    fn caption(&self, name: &str, unit: &str, undecided: usize) -> String {
        let known = self.tiles.iter().filter_map(|best| match best.verdict {
            BestVerdict::Selected { probability, indifference, .. } => Some((probability, indifference)),
            BestVerdict::Among { probability, .. } => Some((probability, 0.0)),
            BestVerdict::Unknown(_) => None,
        });
        let known: Vec<(f64, f64)> = known.collect();
        let widest = known.iter().map(|(_, zone)| *zone).fold(0.0, f64::max);
        let zone =
            if widest > 0.0 { format!(", or within {} of it", Units::of(unit, widest).show(widest)) } else { String::new() };
        let least = known.iter().map(|(probability, _)| *probability).min_by(f64::total_cmp);
        let sure = least
            .map_or_else(String::new, |least| format!(", each with a probability of at least {} %", digits(100.0 * least, 4)));
        let points = self.tiles.iter().flat_map(|best| best.points.iter().copied());
        let mut caption = format!("The best {name} in each condition{zone}{sure}; {}.", self.view.replications(points));
        if undecided > 0 {
            caption += " A tile of several colours: one of these is the best, the runs do not tell which. A question mark: nothing can be said.";
        }
        if self.tiles.iter().any(|best| is_partial(best)) {
            caption += " An asterisk: the best of those with figures, others have none there.";
        }
        if self.of > MOST_FIGURES {
            caption += &format!(" {MOST_FIGURES} of {} maps are drawn.", self.of);
        }
        caption
    }

    fn csv(&self) -> String {
        let mut csv = Csv::new(&["condition", "series", "verdict", "probability", "indifference", "without_figures"]);
        for best in &self.tiles {
            let condition = best.points.first().map_or_else(String::new, |point| self.view.condition(*point));
            let (verdict, probability, indifference) = match &best.verdict {
                BestVerdict::Selected { probability, indifference, .. } => {
                    ("selected".into(), probability.to_string(), indifference.to_string())
                }
                BestVerdict::Among { probability, .. } => ("among".into(), probability.to_string(), String::new()),
                BestVerdict::Unknown(reason) => (format!("unknown: {reason}"), String::new(), String::new()),
            };
            let names: Vec<String> = among(best).into_iter().map(|point| self.view.name(point)).collect();
            let names = if names.is_empty() { vec![String::new()] } else { names };
            for name in names {
                csv.row([
                    condition.clone(),
                    name,
                    verdict.clone(),
                    probability.clone(),
                    indifference.clone(),
                    self.left_out(best),
                ]);
            }
        }
        csv.text()
    }

    /// The series that stand in a tile.
    fn present(&self) -> Vec<usize> {
        let mut series: Vec<usize> =
            self.tiles.iter().flat_map(|best| among(best)).map(|point| self.view.series_of(point)).collect();
        series.sort_unstable();
        series.dedup();
        series
    }

    fn svg(&self) -> String {
        let levels = |factor: usize| self.view.plan.factors[factor].levels.len();
        let (columns, rows) = (levels(self.across) as f64, self.down.map_or(1, levels) as f64);
        let listed = BOTTOM + TOP + labels::ROW * self.present().len() as f64;
        let height = if self.down.is_some() { (TOP + BOTTOM + rows * 46.0).max(style::HEIGHT) } else { 250.0 }.max(listed);
        let top = if self.down.is_some() { TOP } else { 12.0 };
        let row_labels: Vec<String> = self.down.map_or_else(Vec::new, |down| {
            self.view.plan.factors[down].levels.iter().map(|level| shorten(&level.label, style::TICK, 190.0)).collect()
        });
        let left = row_labels.iter().map(|label| width(label, style::TICK)).fold(0.0, f64::max) + 26.0;
        picture(height, |canvas| {
            let names: Vec<String> = self.present().into_iter().map(|series| self.view.look(series).name).collect();
            let widest = names.iter().map(|name| width(name, style::TICK)).fold(0.0, f64::max);
            // Names stand in the tiles where they fit, otherwise marks do, and the names beside the map.
            let is_named = self.view.told().is_some() || widest + 12.0 < (style::WIDTH - 20.0 - left) / columns;
            let right = if is_named { style::WIDTH - 20.0 } else { style::WIDTH - labels::margin(&names) };
            let (each, tall) = ((right - left) / columns, (height - top - BOTTOM) / rows);
            for best in &self.tiles {
                let Some(point) = best.points.first() else { continue };
                let of = |factor: usize| self.view.plan.points[*point].levels[factor] as f64;
                // The first level at the bottom, as on an axis.
                let row = self.down.map_or(0.0, |down| rows - 1.0 - of(down));
                let corner = (left + each * of(self.across), top + tall * row);
                self.tile(canvas, best, corner, (each, tall), is_named);
            }
            for (place, label) in row_labels.iter().enumerate() {
                let y = top + tall * (rows - 0.5 - place as f64);
                canvas.text(label, (left - 10.0, y), Side::Left, style::TICK, style::INK);
            }
            self.under(canvas, left, right, height);
            if !is_named {
                let legend = |series: usize| {
                    let look = self.view.look(series);
                    Label { text: look.name, colour: look.colour, mark: Some(look.mark), end: (right, top) }
                };
                let all: Vec<Label> = self.present().into_iter().map(legend).collect();
                labels::list(canvas, &all, right, top);
            }
        })
    }

    fn under(&self, canvas: &mut Canvas<'_>, left: f64, right: f64, height: f64) {
        let factor = &self.view.plan.factors[self.across];
        let each = (right - left) / factor.levels.len() as f64;
        for (place, level) in factor.levels.iter().enumerate() {
            let text = shorten(&level.label, style::TICK, each - 8.0);
            canvas.text(
                &text,
                (left + each * (place as f64 + 0.5), height - BOTTOM + 18.0),
                Side::Middle,
                style::TICK,
                style::INK,
            );
        }
        canvas.text(&factor.name, (right, height - BOTTOM + 52.0), Side::Left, style::LABEL, style::INK);
        if let Some(down) = self.down {
            canvas.text(&self.view.plan.factors[down].name, (10.0, 22.0), Side::Right, style::LABEL, style::INK);
        }
    }

    fn tile(&self, canvas: &mut Canvas<'_>, best: &Best, (x, y): Place, (wide, tall): (f64, f64), is_named: bool) {
        let points = among(best);
        let (centre, part) = ((x + wide / 2.0, y + tall / 2.0), (wide - 4.0) / points.len().max(1) as f64);
        let looks: Vec<_> = points.iter().map(|point| self.view.look(self.view.series_of(*point))).collect();
        for (place, look) in looks.iter().enumerate() {
            let from = x + 2.0 + part * place as f64;
            canvas.area((from, y + 2.0), (from + part, y + tall - 2.0), look.colour, style::TILE);
            canvas.area((from, y + tall - 8.0), (from + part, y + tall - 2.0), look.colour, 1.0);
        }
        if looks.is_empty() {
            let stroke = Stroke::new(style::GRID, style::HAIR);
            canvas.path(
                &[
                    (x + 2.0, y + 2.0),
                    (x + wide - 2.0, y + 2.0),
                    (x + wide - 2.0, y + tall - 2.0),
                    (x + 2.0, y + tall - 2.0),
                    (x + 2.0, y + 2.0),
                ],
                stroke,
            );
            canvas.text("?", centre, Side::Middle, style::LABEL, style::MUTED);
        } else if is_named {
            let fitting = ((tall - 10.0) / 22.0).floor().max(1.0) as usize;
            let most = if looks.len() > NAMED.min(fitting) { NAMED.min(fitting).saturating_sub(1).max(1) } else { looks.len() };
            let mut lines: Vec<String> = looks.iter().take(most).map(|look| look.name.clone()).collect();
            if looks.len() > most {
                let more = looks.len() - most;
                if lines.len() < fitting {
                    lines.push(format!("or {more} more"));
                } else {
                    lines = vec![format!("{} of these", looks.len())];
                }
            }
            if let Some(last) = lines.last_mut().filter(|_| is_partial(best)) {
                last.push('*');
            }
            for (place, line) in lines.iter().enumerate() {
                let y = centre.1 - 3.0 + 22.0 * (place as f64 - (lines.len() as f64 - 1.0) / 2.0);
                canvas.text(&shorten(line, style::TICK, wide - 8.0), (centre.0, y), Side::Middle, style::TICK, style::INK);
            }
        } else {
            for (place, look) in looks.iter().enumerate() {
                canvas.mark(
                    look.mark,
                    (x + 2.0 + part * (place as f64 + 0.5), centre.1 - 3.0),
                    style::MARK.min(part * 0.4),
                    look.colour,
                );
            }
            if is_partial(best) {
                canvas.text("*", (x + wide - 10.0, y + 14.0), Side::Middle, style::TICK, style::INK);
            }
        }
    }
}
