//! The findings in words, which never say more than the data.

use super::{Analysis, BestVerdict, Comparison, Difference, EffectKind};
use crate::experiment::{Plan, Stopping};
use crate::observe::written::{figure_with_error, list, list_by, percent_with_error};
use crate::observe::{Convergence, Measure, Verdict};
use std::fmt::Write;

/// Trends with a larger p-value are not told.
const TOLD: f64 = 0.05;
/// More names than this are counted instead.
const NAMED: usize = 6;

/// The findings, the most important first.
pub(super) fn sentences(analysis: &Analysis) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(unfinished(analysis));
    said.extend(goals(analysis));
    said.extend(best(analysis));
    said.extend(how_much(analysis));
    said.extend(not_shown(analysis));
    said.extend(other_metrics(analysis));
    said.extend(effects(analysis));
    said.extend(trends(analysis));
    said.extend(theory(analysis));
    said.extend(not_converged(analysis));
    said
}

impl Plan {
    /// The levels of a point but for that of the compared factor: `load 320/s with servers 4`; empty where there is no other factor.
    #[must_use]
    pub fn condition_label(&self, point: usize) -> String {
        let compared = self.compared.map(|compared| compared.factor);
        let levels = self.factors.iter().zip(&self.points[point].levels).enumerate();
        let others = levels.filter(|(factor, _)| Some(*factor) != compared);
        let label = |(_, (factor, &level)): (_, (&crate::experiment::Factor, &usize))| {
            format!("{} {}", factor.name, factor.levels[level].label)
        };
        others.map(label).collect::<Vec<_>>().join(" with ")
    }

    /// The level of the compared factor: `LeastConnections`; the whole label where nothing is compared.
    #[must_use]
    pub fn compared_label(&self, point: usize) -> String {
        match self.compared {
            Some(compared) => self.factors[compared.factor].levels[self.points[point].levels[compared.factor]].label.clone(),
            None => self.label(point),
        }
    }
}

/// `at load 200/s, load 260/s and load 320/s`, or how many conditions they are.
fn at(plan: &Plan, points: &[usize], all: usize) -> String {
    let labels: Vec<String> = points.iter().map(|point| plan.condition_label(*point)).filter(|label| !label.is_empty()).collect();
    match labels.len() {
        0 => String::new(),
        number if number == all && number > 1 => format!(" in all {number} conditions"),
        number if number > NAMED => format!(" in {number} of {all} conditions"),
        _ => format!(" at {}", list(&labels)),
    }
}

/// `lowest mean response time`: what is asked for, or what is good.
fn superlative(plan: &Plan) -> String {
    let is_low = match plan.stopping {
        Stopping::Best { smallest, .. } => smallest,
        _ => plan.lead().smaller_is_better(),
    };
    format!("{} {}", if is_low { "lowest" } else { "highest" }, plan.lead().title())
}

fn unfinished(analysis: &Analysis) -> Option<String> {
    let missing = analysis.points.iter().filter(|point| point.summary.replications.is_empty()).count();
    (missing > 0).then(|| {
        let all = analysis.points.len();
        format!("Unfinished: {missing} of {all} points are not simulated yet; run the same command again to go on.")
    })
}

fn goals(analysis: &Analysis) -> Vec<String> {
    let tell = |(number, goal): (usize, &crate::observe::Goal)| {
        let count = |verdict| analysis.points.iter().filter(|point| point.goals[number] == verdict).count();
        let (met, missed) = (count(Verdict::Met), count(Verdict::Missed));
        let all = analysis.points.len();
        let undecided = all - met - missed;
        if met == all {
            return format!("Goal {}: met at every point.", goal.text);
        }
        format!("Goal {}: met at {met} of {all} points, missed at {missed}, undecided at {undecided}.", goal.text)
    };
    analysis.plan.goals.iter().enumerate().map(tell).collect()
}

fn best(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let Some(compared) = plan.compared else { return Vec::new() };
    let measure = plan.lead();
    let all = analysis.best.len();
    let mut said = Vec::new();
    for level in 0..plan.factors[compared.factor].levels.len() {
        let mut won = Vec::new();
        let mut within = None;
        for best in &analysis.best {
            if let BestVerdict::Selected { point, probability, indifference } = best.verdict
                && plan.points[point].levels[compared.factor] == level
            {
                won.push(point);
                within = Some((probability, indifference));
            }
        }
        let (Some((probability, indifference)), Some(&first)) = (within, won.first()) else { continue };
        let name = plan.compared_label(first);
        let each = if won.len() > 1 { ", for each of them" } else { "" };
        let mut sure = format!("{} % sure{each}", (1e4 * probability).round() / 1e2);
        if indifference > 0.0 {
            let _ = write!(sure, ", if no other comes within {}", crate::observe::written::figure(measure, indifference));
        }
        said.push(format!("{name} has the {}{} ({sure}).", superlative(plan), at(plan, &won, all)));
    }
    said.extend(untold(analysis));
    said
}

/// Where these runs do not tell which is the best, by those that may be it.
fn untold(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for best in &analysis.best {
        let BestVerdict::Among { points, .. } = &best.verdict else { continue };
        let names: Vec<String> = points.iter().map(|point| plan.compared_label(*point)).collect();
        match groups.iter_mut().find(|(others, _)| *others == names) {
            Some((_, places)) => places.push(points[0]),
            None => groups.push((names, vec![points[0]])),
        }
    }
    let tell = |(names, places): &(Vec<String>, Vec<usize>)| {
        let place = at(plan, places, analysis.best.len());
        format!("Which has the {}{place} these runs do not tell: {}.", superlative(plan), list_by(names, "or"))
    };
    groups.iter().map(tell).collect()
}

/// How much better the best is than the baseline, in the last condition where it is another and the difference is shown.
fn how_much(analysis: &Analysis) -> Option<String> {
    let plan = &analysis.plan;
    let measure = plan.lead();
    let of = |point: usize| {
        let is_it = |comparison: &&Comparison| comparison.point == point && comparison.measure == measure;
        analysis.comparisons.iter().find(is_it).and_then(|c| Some((c, c.difference.as_ref().ok()?))).filter(|(_, d)| d.is_shown)
    };
    let winners = analysis.best.iter().rev().filter_map(|best| match best.verdict {
        BestVerdict::Selected { point, .. } => of(point),
        _ => None,
    });
    let (comparison, difference) = winners.into_iter().next()?;
    let estimate = measure.estimate(&analysis.points[comparison.point].summary);
    let (value, half_width) = (estimate.value?, estimate.half_width?);
    let (name, baseline) = (plan.compared_label(comparison.point), plan.compared_label(comparison.baseline));
    let place = capital(at(plan, &[comparison.point], usize::MAX).trim_start());
    let start = if place.is_empty() {
        format!("The {} of {name}", measure.title())
    } else {
        format!("{place} the {} of {name}", measure.title())
    };
    Some(format!(
        "{start} is {}, {} {baseline} (paired, {} replications).",
        figure_with_error(measure, value, half_width),
        against(measure, difference),
        difference.pairs
    ))
}

/// `31.2 ± 1.8 % less than`, or in the unit of the metric where there is no ratio.
fn against(measure: Measure, difference: &Difference) -> String {
    let word = if difference.mean < 0.0 { "less" } else { "more" };
    let much = match difference.relative {
        Some((relative, half_width)) if relative.abs() < 10.0 => percent_with_error(relative.abs(), half_width),
        Some((relative, _)) => return format!("{} times that of", crate::observe::written::three_digits(1.0 + relative)),
        None => figure_with_error(measure, difference.mean.abs(), difference.half_width),
    };
    format!("{much} {word} than with")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Where no difference from the baseline is shown, on the leading metric.
fn not_shown(analysis: &Analysis) -> Option<String> {
    let plan = &analysis.plan;
    let measure = plan.lead();
    let of_lead = analysis.comparisons.iter().filter(|comparison| comparison.measure == measure);
    let unclear: Vec<&Comparison> = of_lead.clone().filter(|c| c.difference.as_ref().is_ok_and(|d| !d.is_shown)).collect();
    let judged = of_lead.filter(|comparison| comparison.difference.is_ok()).count();
    let first = unclear.first()?;
    let baseline = plan.compared_label(first.baseline);
    let what = format!("difference from {baseline} in {}", measure.title());
    if unclear.len() > NAMED {
        return Some(format!("{} of {judged} comparisons show no {what}.", unclear.len()));
    }
    let name = |c: &&Comparison| format!("{}{}", plan.compared_label(c.point), at(plan, &[c.point], usize::MAX));
    let names: Vec<String> = unclear.iter().map(name).collect();
    Some(format!("No {what} that these runs can show: {}.", list(&names)))
}

/// How many differences are shown on the other metrics.
fn other_metrics(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let Some(compared) = plan.compared else { return Vec::new() };
    let tell = |measure: &Measure| {
        let family: Vec<&Difference> =
            analysis.comparisons.iter().filter(|c| c.measure == *measure).filter_map(|c| c.difference.as_ref().ok()).collect();
        let shown: Vec<&&Difference> = family.iter().filter(|difference| difference.is_shown).collect();
        let less = shown.iter().filter(|difference| difference.mean < 0.0).count();
        let baseline = &plan.factors[compared.factor].levels[compared.baseline].label;
        let (all, title) = (family.len(), measure.title());
        (all > 0).then(|| {
            let more = shown.len() - less;
            format!("By {title}, {less} of {all} are shown to be below {baseline} and {more} above.")
        })
    };
    plan.metrics.iter().filter(|measure| **measure != plan.lead()).filter_map(tell).collect()
}

/// Which factor moves the first metric the most.
fn effects(analysis: &Analysis) -> Option<String> {
    let plan = &analysis.plan;
    let measure = plan.metrics[0];
    if plan.factors.len() < 2 {
        return None;
    }
    let range = |factor: usize| {
        let of = |effect: &&super::Effect| matches!(effect.kind, EffectKind::Main { factor: of, .. } if of == factor);
        let means = analysis.effects.iter().filter(of).map(|effect| effect.mean);
        let (low, high) = means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| (low.min(mean), high.max(mean)));
        (high >= low).then_some((factor, high - low))
    };
    let mut ranges: Vec<(usize, f64)> = (0..plan.factors.len()).filter_map(range).collect();
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    let tell = |(factor, range): &(usize, f64)| {
        format!("{} by {}", plan.factors[*factor].name, crate::observe::written::figure(measure, *range))
    };
    let told: Vec<String> = ranges.iter().map(tell).collect();
    (told.len() > 1).then(|| {
        let averaged = "from its lowest to its highest level, averaged over the others";
        format!("Each factor moves the {} {averaged}: {}.", measure.title(), list(&told))
    })
}

fn trends(analysis: &Analysis) -> Vec<String> {
    let measure = analysis.plan.metrics[0];
    let tell = |trend: &super::Trend| {
        let factor = &analysis.plan.factors[trend.factor].name;
        let title = measure.title();
        if trend.p_value > TOLD {
            return format!("No trend of {title} with {factor} that these points can show (rank correlation {:.2}).", trend.rho);
        }
        let way = if trend.rho > 0.0 { "rises" } else { "falls" };
        format!("The {title} {way} with {factor}: rank correlation {:.2} over the points.", trend.rho)
    };
    analysis.trends.iter().map(tell).collect()
}

/// Whether theory agrees, where it knows the first metric.
fn theory(analysis: &Analysis) -> Option<String> {
    let measure = analysis.plan.metrics[0];
    let (mut known, mut within, mut formulas) = (0, 0, Vec::new());
    for (planned, point) in analysis.plan.points.iter().zip(&analysis.points) {
        let estimate = measure.estimate(&point.summary);
        let Some(exact) = planned.theory.iter().find(|exact| exact.measure == measure) else { continue };
        let (Some(value), Some(half_width)) = (estimate.value, estimate.half_width) else { continue };
        known += 1;
        within += usize::from((value - exact.value).abs() <= half_width);
        if !formulas.contains(&exact.formula) {
            formulas.push(exact.formula.clone());
        }
    }
    (known > 0).then(|| {
        let (title, formulas) = (measure.title(), list(&formulas));
        format!("Theory ({formulas}) knows the {title} of {known} points: {within} lie within their 95 % interval.")
    })
}

fn not_converged(analysis: &Analysis) -> Option<String> {
    let plan = &analysis.plan;
    let is_not = |point: &usize| matches!(analysis.points[*point].summary.convergence, Convergence::NotConverged { .. });
    let points: Vec<usize> = (0..analysis.points.len()).filter(is_not).collect();
    if points.is_empty() {
        return None;
    }
    if points.len() > NAMED {
        return Some(format!("{} of {} points have not converged and have no figures.", points.len(), analysis.points.len()));
    }
    let names: Vec<String> = points.iter().map(|point| plan.label(*point)).collect();
    Some(format!("Not converged, so without figures: {}.", names.join("; ")))
}
