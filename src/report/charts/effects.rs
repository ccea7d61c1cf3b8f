//! Main effects and interactions: what each level of each factor adds.

use crate::analysis::{Analysis, Effect, EffectKind};
use crate::experiment::ChartChoice;
use crate::experiment::Plan;
use crate::report::Figure;
use crate::report::axis::{Units, with_half};
use crate::report::csv::{Csv, cells};
use crate::report::rows::{Cell, Panel, Row, Rows};
use crate::report::style;
use crate::report::view::{Reading, View, level_name};
use crate::report::words::{labels, measure_unit, sentence};

/// What it shows.
pub const ABOUT: &str = "what each level of each factor adds to the mean of a factorial experiment, and the largest interactions of two, \
    with 95 % intervals";

/// No more levels than this.
const MOST_LEVELS: usize = 18;
/// No more interactions than this, the largest first.
const MOST_INTERACTIONS: usize = 6;

/// Draws it for the first metric of the plan: effects are known of no other.
pub fn draw(analysis: &Analysis, choice: &ChartChoice) -> Vec<Figure> {
    let view = View::new(analysis);
    let first = view.metric(None);
    let Some(metric) = first.filter(|metric| choice.metric.is_none_or(|asked| asked == *metric)) else { return Vec::new() };
    let (levels, interactions) = chosen(&analysis.effects);
    let shown: Vec<&Effect> = levels.iter().chain(&interactions).copied().collect();
    if shown.is_empty() {
        return Vec::new();
    }
    let (name, unit) = (metric.title(), measure_unit(metric));
    let row = |effect: &&Effect| {
        let colour = match effect.kind {
            EffectKind::Main { factor, level } if Some(factor) == view.series => view.look(level).colour,
            _ => style::MUTED,
        };
        Row { label: short(view.plan, effect), cells: vec![Cell::Bar(reading(effect), colour)] }
    };
    let heading = |label: &str| Row { label: label.to_owned(), cells: Vec::new() };
    let mut rows: Vec<Row> = levels.iter().map(row).collect();
    if !interactions.is_empty() {
        rows.push(heading("beyond what each does alone"));
        rows.extend(interactions.iter().map(row));
    }
    let chart = Rows { panels: vec![Panel { name: format!("added to the {name}"), unit: unit.into() }], rows, sides: None };
    let left_out = analysis.effects.len() - shown.len();
    let left_out = if left_out == 0 { String::new() } else { format!(" The {left_out} smallest are left out.") };
    let mut csv = Csv::new(&["effect", "metric", "value", "low", "high", "unit"]);
    for effect in &shown {
        let [value, low, high] = cells(reading(effect));
        csv.row([label(view.plan, effect), metric.name().to_owned(), value, low, high, metric.unit().to_owned()]);
    }
    let say =
        |effect: &&Effect| format!("{}: {}", label(view.plan, effect), with_half(unit, effect.mean, Some(effect.half_width)));
    vec![Figure {
        id: format!("effects-{}", metric.name()),
        title: title(&view, &name, unit, &levels),
        caption: format!(
            "Mean deviation of the {name} from the mean of all points, by level, and what two levels add together beyond that. Whiskers are \
            95 % intervals over {}.{left_out}",
            view.replications(0..analysis.points.len()),
        ),
        alt: format!("Bars of effects on the {name}. {}.", shown.iter().map(say).collect::<Vec<_>>().join("; ")),
        csv: csv.text(),
        svg: chart.svg(),
    }]
}

/// The effects drawn: of levels in their order, the largest of them where there are too many; the largest interactions, the
/// largest first.
fn chosen(effects: &[Effect]) -> (Vec<&Effect>, Vec<&Effect>) {
    let (mut levels, mut interactions): (Vec<_>, Vec<_>) =
        effects.iter().partition(|effect| matches!(effect.kind, EffectKind::Main { .. }));
    let size = |effect: &&Effect| libm::fabs(effect.mean);
    if levels.len() > MOST_LEVELS {
        let mut sizes: Vec<f64> = levels.iter().map(size).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        levels.retain(|effect| size(effect) >= sizes[MOST_LEVELS - 1]);
        levels.truncate(MOST_LEVELS);
    }
    interactions.sort_by(|a, b| size(b).total_cmp(&size(a)));
    interactions.truncate(MOST_INTERACTIONS);
    (levels, interactions)
}

fn reading(effect: &Effect) -> Reading {
    Reading { value: effect.mean, half_width: Some(effect.half_width).filter(|half| half.is_finite()) }
}

fn label(plan: &Plan, effect: &Effect) -> String {
    let level = |factor: usize, level: usize| {
        let factor = &plan.factors[factor];
        level_name(&factor.name, &factor.levels[level].label)
    };
    match effect.kind {
        EffectKind::Main { factor, level: of } => level(factor, of),
        EffectKind::Interaction { factors, levels } => {
            format!("{} × {}", level(factors[0], levels[0]), level(factors[1], levels[1]))
        }
    }
}

/// The same for the margin: of an interaction the levels alone, each cut to half of the room.
fn short(plan: &Plan, effect: &Effect) -> String {
    const HALF: f64 = 145.0;
    let level = |factor: usize, level: usize| {
        let all: Vec<String> = plan.factors[factor].levels.iter().map(|level| level.label.clone()).collect();
        labels(&all, style::LABEL, HALF)[level].clone()
    };
    match effect.kind {
        EffectKind::Main { .. } => label(plan, effect),
        EffectKind::Interaction { factors, levels } => {
            format!("{} × {}", level(factors[0], levels[0]), level(factors[1], levels[1]))
        }
    }
}

/// The factor whose levels reach furthest apart, where that is shown by Holm's procedure and is more than their intervals.
fn title(view: &View<'_>, name: &str, unit: &str, levels: &[&Effect]) -> String {
    let of_factor = |factor: usize| {
        let mut own: Vec<&&Effect> =
            levels.iter().filter(|effect| matches!(effect.kind, EffectKind::Main { factor: of, .. } if of == factor)).collect();
        own.sort_by(|a, b| a.mean.total_cmp(&b.mean));
        let (least, most) = (**own.first()?, **own.last()?);
        let is_shown = least.is_shown || most.is_shown;
        (is_shown && reading(least).is_apart_from(reading(most))).then_some((factor, least, most))
    };
    let spans = (0..view.plan.factors.len()).filter_map(of_factor);
    let widest = spans.max_by(|a, b| (a.2.mean - a.1.mean).total_cmp(&(b.2.mean - b.1.mean)));
    let Some((factor, least, most)) = widest else {
        let none = view.analysis.effects.iter().all(|effect| !effect.is_shown);
        return if none {
            format!("No effect on the {name} is shown")
        } else {
            format!("Effects on the {name}, alone and together")
        };
    };
    let units = Units::of(unit, most.mean - least.mean);
    let factor = &view.plan.factors[factor];
    let level = |effect: &Effect| match effect.kind {
        EffectKind::Main { level, .. } | EffectKind::Interaction { levels: [level, _], .. } => factor.levels[level].label.clone(),
    };
    let (size, low, high) = (units.show(most.mean - least.mean), level(least), level(most));
    format!("{} depends most on {}: {size} between {low} and {high}, averaged over the rest", sentence(name), factor.name)
}
