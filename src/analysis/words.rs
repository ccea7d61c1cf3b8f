//! The findings in words, which never say more than the data.

use super::analyse::{IMPRECISE, UNFINISHED};
use super::{Analysis, Best, BestVerdict, Comparison, Difference, EffectKind};
use crate::experiment::{Plan, Stopping};
use crate::observe::written::{figure_with_error, list, list_by, percent_with_error, three_digits};
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
    said.extend(imprecise(analysis));
    said.extend(goals(analysis));
    said.extend(best(analysis));
    said.extend(how_much(analysis));
    said.extend(contrasts(analysis));
    said.extend(super::break_even::sentences(analysis));
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

/// What each contrast amounts to, by the leading metric.
fn contrasts(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let measure = plan.lead();
    let tell = |(number, contrast): (usize, &crate::experiment::Contrast)| {
        let here = analysis.contrasts.iter().filter(|result| result.contrast == number && result.measure == measure);
        let results: Vec<&super::ContrastResult> = here.collect();
        let amounts: Vec<String> = results.iter().filter_map(|result| amount_in_words(plan, result, measure)).collect();
        if amounts.is_empty() {
            return None;
        }
        let name = crate::observe::written::capitalised(&contrast.name);
        let more = results.len().saturating_sub(NAMED);
        let rest = if more > 0 { format!("; {more} more in the chart and the table") } else { String::new() };
        let shown: Vec<String> = amounts.into_iter().take(NAMED).collect();
        let pairs = results.iter().map(|result| result.replications).max().unwrap_or(0);
        Some(format!("{name}, in {}: {}{rest} (paired, {pairs} replications).", measure.title(), shown.join("; ")))
    };
    plan.contrasts.iter().enumerate().filter_map(tell).collect()
}

/// `11.05 ± 0.08 ms at requests 10`, or that it may be nothing.
fn amount_in_words(plan: &Plan, result: &super::ContrastResult, measure: Measure) -> Option<String> {
    let (mean, half_width) = *result.amount.as_ref().ok()?;
    let condition = plan.condition_label(result.condition);
    let at = if condition.is_empty() { String::new() } else { format!(" at {condition}") };
    let doubt = if mean.abs() <= half_width { ", which may be nothing" } else { "" };
    Some(format!("{}{doubt}{at}", figure_with_error(measure, mean, half_width)))
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

/// How many points bear the remark, and which, as far as there is room.
fn remarked(analysis: &Analysis, remark: &str) -> Option<(usize, String)> {
    let points: Vec<usize> =
        (0..analysis.points.len()).filter(|point| analysis.points[*point].remarks.iter().any(|said| said == remark)).collect();
    let names: Vec<String> = points.iter().map(|point| analysis.plan.label(*point)).collect();
    let named = if points.len() <= NAMED { format!(" ({})", names.join("; ")) } else { String::new() };
    (!points.is_empty()).then_some((points.len(), named))
}

fn unfinished(analysis: &Analysis) -> Option<String> {
    let (number, named) = remarked(analysis, UNFINISHED)?;
    let all = analysis.points.len();
    Some(format!(
        "Unfinished: of {number} of {all} points replications are still missing{named}; the same command goes on. What follows may change."
    ))
}

fn imprecise(analysis: &Analysis) -> Option<String> {
    let (number, named) = remarked(analysis, IMPRECISE)?;
    let Stopping::Precision { targets, most } = &analysis.plan.stopping else { return None };
    let target = |(measure, error): &(Measure, f64)| format!("{} to {} %", measure.title(), three_digits(100.0 * error));
    let asked = list(&targets.iter().map(target).collect::<Vec<_>>());
    let all = analysis.points.len();
    Some(format!("The precision asked for ({asked}) is not reached at {number} of {all} points with {most} replications{named}."))
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
                && best.left_out.is_empty()
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
    said.extend(analysis.best.iter().filter(|best| !best.left_out.is_empty()).filter_map(|best| partly(plan, best)));
    said.extend(untold(analysis));
    said
}

/// The best of those that have figures, where others have none.
fn partly(plan: &Plan, best: &Best) -> Option<String> {
    let BestVerdict::Selected { point, probability, .. } = best.verdict else { return None };
    let name = plan.compared_label(point);
    let missing: Vec<String> = best.left_out.iter().map(|point| plan.compared_label(*point)).collect();
    let (place, sure) = (at(plan, &[point], usize::MAX), (1e4 * probability).round() / 1e2);
    let (what, have) = (superlative(plan), if missing.len() > 1 { "have" } else { "has" });
    let missing = named(&missing, "and");
    Some(format!("Of those with figures, {name} has the {what}{place} ({sure} % sure); {missing} {have} none."))
}

/// The names, the first of them where there are too many: `A, B, C or one of 9 others`.
fn named(names: &[String], word: &str) -> String {
    if names.len() <= NAMED {
        return list_by(names, word);
    }
    let kept = &names[..NAMED / 2];
    format!("{} {word} {} others", kept.join(", "), names.len() - kept.len())
}

/// Where these runs do not tell which is the best, by those that may be it.
fn untold(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for best in &analysis.best {
        let points = match &best.verdict {
            BestVerdict::Among { points, .. } => points,
            BestVerdict::Unknown(_) => &best.points,
            BestVerdict::Selected { .. } => continue,
        };
        let names: Vec<String> = points.iter().map(|point| plan.compared_label(*point)).collect();
        match groups.iter_mut().find(|(others, _)| *others == names) {
            Some((_, places)) => places.push(points[0]),
            None => groups.push((names, vec![points[0]])),
        }
    }
    let tell = |(names, places): &(Vec<String>, Vec<usize>)| {
        let place = at(plan, places, analysis.best.len());
        format!("Which has the {}{place} these runs do not tell: {}.", superlative(plan), named(names, "or"))
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
        let (below, above) = sides(&analysis.comparisons, measure);
        return Some(format!(
            "{} of {judged} comparisons show no {what}; {below} are shown to be below it and {above} above.",
            unclear.len()
        ));
    }
    let name = |c: &&Comparison| format!("{}{}", plan.compared_label(c.point), at(plan, &[c.point], usize::MAX));
    let names: Vec<String> = unclear.iter().map(name).collect();
    Some(format!("No {what} that these runs can show: {}.", list(&names)))
}

/// How many differences are shown to be below and above the baseline.
fn sides(comparisons: &[Comparison], measure: Measure) -> (usize, usize) {
    let of = comparisons.iter().filter(|comparison| comparison.measure == measure);
    let shown = of.filter_map(|comparison| comparison.difference.as_ref().ok()).filter(|difference| difference.is_shown);
    let (below, above): (Vec<&Difference>, Vec<&Difference>) = shown.partition(|difference| difference.mean < 0.0);
    (below.len(), above.len())
}

/// How many differences are shown on the other metrics.
fn other_metrics(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let Some(compared) = plan.compared else { return Vec::new() };
    let tell = |measure: &Measure| {
        let all = analysis.comparisons.iter().filter(|c| c.measure == *measure && c.difference.is_ok()).count();
        let (less, more) = sides(&analysis.comparisons, *measure);
        let baseline = &plan.factors[compared.factor].levels[compared.baseline].label;
        let title = measure.title();
        (all > 0).then(|| format!("By {title}, {less} of {all} are shown to be below {baseline} and {more} above."))
    };
    plan.metrics.iter().filter(|measure| **measure != plan.lead()).filter_map(tell).collect()
}

/// What the levels of each factor do to the first metric, as far as it is shown.
fn effects(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    if plan.factors.len() < 2 || analysis.effects.is_empty() {
        return Vec::new();
    }
    (0..plan.factors.len()).map(|factor| effect(analysis, factor)).collect()
}

fn effect(analysis: &Analysis, factor: usize) -> String {
    let (plan, title) = (&analysis.plan, analysis.plan.metrics[0].title());
    let mut levels: Vec<(usize, &super::Effect)> =
        analysis.effects.iter().filter_map(|effect| main_effect(effect, factor)).collect();
    levels.sort_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
    let name = &plan.factors[factor].name;
    let is_shown = levels.iter().any(|(_, effect)| effect.is_shown);
    let (Some(low), Some(high)) = (levels.first().filter(|_| is_shown), levels.last()) else {
        return format!("No effect of {name} on the {title} is shown, averaged over the rest.");
    };
    let tell = |(level, effect): &(usize, &super::Effect), side: &str| {
        let much = figure_with_error(plan.metrics[0], effect.mean.abs(), effect.half_width);
        format!("{much} {side} ({})", plan.factors[factor].levels[*level].label)
    };
    let (low, high) = (tell(low, "below"), tell(high, "above"));
    format!("By {name}, averaged over the rest, the {title} lies from {low} to {high} the mean of all points.")
}

/// The level, if it is a main effect of the factor.
fn main_effect(effect: &super::Effect, factor: usize) -> Option<(usize, &super::Effect)> {
    match effect.kind {
        EffectKind::Main { factor: of, level } if of == factor => Some((level, effect)),
        _ => None,
    }
}

fn trends(analysis: &Analysis) -> Vec<String> {
    let measure = analysis.plan.metrics[0];
    let known = analysis.points.iter().filter(|point| measure.estimate(&point.summary).value.is_some()).count();
    let over = format!("over {known} of {} points", analysis.points.len());
    let tell = |trend: &super::Trend| {
        let factor = &analysis.plan.factors[trend.factor].name;
        let title = measure.title();
        if trend.p_value > TOLD {
            return format!(
                "No trend of {title} with {factor} that these points can show (rank correlation {:.2} {over}).",
                trend.rho
            );
        }
        let way = if trend.rho > 0.0 { "rises" } else { "falls" };
        format!("The {title} {way} with {factor}: rank correlation {:.2} {over}.", trend.rho)
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
        let all = analysis.points.len();
        return Some(format!("{} of {all} points have not converged and have no figures{}.", points.len(), who(plan, &points)));
    }
    let names: Vec<String> = points.iter().map(|point| plan.label(*point)).collect();
    Some(format!("Not converged, so without figures: {}.", names.join("; ")))
}

/// Which levels of the compared factor these points have, by the number of conditions: `: A and B in 5 of 9 conditions, C in 2`.
/// Nothing where no levels are compared, or only one is.
fn who(plan: &Plan, points: &[usize]) -> String {
    let Some(compared) = plan.compared else { return String::new() };
    let factor = &plan.factors[compared.factor];
    let count = |level: usize| points.iter().filter(|point| plan.points[**point].levels[compared.factor] == level).count();
    let mut counts: Vec<usize> = (0..factor.levels.len()).map(count).filter(|count| *count > 0).collect();
    counts.sort_unstable();
    counts.dedup();
    let of = |(place, wanted): (usize, &usize)| {
        let levels = (0..factor.levels.len()).filter(|level| count(*level) == *wanted);
        let names: Vec<String> = levels.map(|level| factor.levels[level].label.clone()).collect();
        let of = if place == 0 { format!(" of {} conditions", plan.conditions().len()) } else { String::new() };
        format!("{} in {wanted}{of}", list(&names))
    };
    let groups: Vec<String> = counts.iter().rev().enumerate().map(of).collect();
    if factor.levels.len() < 2 { String::new() } else { format!(": {}", groups.join("; ")) }
}
