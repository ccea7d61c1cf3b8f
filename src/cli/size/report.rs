//! What a search for a size found: as a page, JSON or CSV. It holds no time, thread count or path, so its bytes repeat.

use super::Asked;
use crate::cli::goals::amount;
use crate::cli::output::cell;
use crate::experiment::{Answer, Reversal, Sizing, Standing, Tried};
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use std::fmt::Write;

/// The way and the answer, for people.
pub fn table(asked: &Asked, found: &Sizing) -> String {
    let goals = &asked.question.goals;
    let mut rows = vec![vec![asked.vary.clone()]];
    rows[0].extend(goals.iter().map(|goal| goal.text.clone()));
    rows[0].extend(["replications".into(), "verdict".into()]);
    for tried in &found.tried {
        let mut row = vec![asked.values.text(tried.number)];
        row.extend(goals.iter().zip(&tried.estimates).map(|(goal, estimate)| amount(goal, estimate)));
        row.extend([tried.replications.to_string(), verdict(asked, tried)]);
        rows.push(row);
    }
    let mut page = format!("{} · {} · seed {}\n\n", asked.name.bold(), asked.vary, asked.seed);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for row in &rows {
        let line: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(page, "{}", line.join("  ").trim_end());
    }
    let _ = writeln!(
        page,
        "\n± is half the {} % interval by which a value is judged, wide enough for all verdicts to be right together with {} %\n\
         confidence. {ASSUMPTION}",
        percent(found.level),
        percent(asked.confidence),
    );
    for reversal in &found.reversals {
        let _ = writeln!(page, "{}: {}", "beware".red().bold(), contradiction(asked, reversal));
    }
    let _ = writeln!(page, "\n{}", answer(asked, found));
    page
}

const ASSUMPTION: &str = "It is taken for granted that a larger value never makes it worse.";

fn percent(probability: f64) -> String {
    let text = format!("{:.4}", probability * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is shown of a value.
fn verdict(asked: &Asked, tried: &Tried) -> String {
    match tried.standing {
        Standing::Meets => "meets it".into(),
        Standing::Misses(goal) => match &asked.question.goals[..] {
            [_] => "does not meet it".into(),
            goals => format!("does not meet {}", goals[goal].text),
        },
        Standing::Overloaded => "does not meet it: more work is offered than can be done".into(),
        Standing::NotConverged => "does not meet it: not converged, the runs are too short or the load too high".into(),
        Standing::Undecided => {
            let why = tried.estimates.iter().map(|estimate| &*estimate.note).find(|note| !note.is_empty());
            why.map_or_else(|| "undecided".into(), |why| format!("undecided: {why}"))
        }
    }
}

/// The same for programs.
const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Meets => "meets",
        Standing::Misses(_) => "misses",
        Standing::Overloaded => "overloaded",
        Standing::NotConverged => "not converged",
        Standing::Undecided => "undecided",
    }
}

fn contradiction(asked: &Asked, reversal: &Reversal) -> String {
    format!(
        "{} is worse at {} than at {}: the assumption does not hold, and smaller values than the answer may meet the goal, or larger \
         ones miss it",
        asked.question.goals[reversal.goal].measure.name(),
        asked.values.text(reversal.worse),
        asked.values.text(reversal.better),
    )
}

/// The answer in one sentence.
fn answer(asked: &Asked, found: &Sizing) -> String {
    let texts: Vec<String> = asked.question.goals.iter().map(|goal| format!("`{}`", goal.text)).collect();
    let (goals, vary) = (texts.join(" and "), &asked.vary);
    let value = |number: u64| asked.values.text(number);
    let of = |number: u64| found.tried.iter().find(|tried| tried.number == number);
    match found.answer {
        Answer::Smallest(number) => {
            let (smallest, before) = (value(number), value(number - 1));
            format!("{smallest} is the smallest {vary} that meets {goals}: {before} does not.")
        }
        Answer::Sufficient(number) => {
            let known = of(number - 1).map(|tried| undecided(asked, tried)).unwrap_or_default();
            let failing =
                found.tried.iter().filter(|tried| tried.number < number && fails(tried)).map(|tried| tried.number).max();
            let below = match failing {
                Some(failing) => format!(" {} is shown not to meet it.", value(failing)),
                None => String::new(),
            };
            format!("{} is shown to meet {goals}; {} could not be decided {known}.{below}", value(number), value(number - 1))
        }
        Answer::First if asked.first_is_least => {
            format!("{} meets {goals}, and no smaller {vary} makes a model.", value(0))
        }
        Answer::First => {
            format!("No answer: {} meets {goals} already, where the search began. Begin lower: --from.", value(0))
        }
        Answer::None(number) => match of(number).filter(|tried| !fails(tried)) {
            Some(tried) => {
                format!(
                    "No answer: up to {} nothing is shown to meet {goals}; {0} could not be decided {}.",
                    value(number),
                    undecided(asked, tried)
                )
            }
            None => format!("No answer: {}, the largest value to try, does not meet {goals}.", value(number)),
        },
    }
}

const fn fails(tried: &Tried) -> bool {
    matches!(tried.standing, Standing::Misses(_) | Standing::Overloaded | Standing::NotConverged)
}

/// What is known of a value that could not be decided.
fn undecided(asked: &Asked, tried: &Tried) -> String {
    let figure = |(goal, estimate): (&crate::observe::Goal, &crate::observe::Estimate)| match estimate.value {
        Some(_) => format!("{} {}", goal.measure.name(), amount(goal, estimate)),
        None => format!("{}: {}", goal.measure.name(), estimate.note),
    };
    let figures: Vec<String> = asked.question.goals.iter().zip(&tried.estimates).map(figure).collect();
    format!("with {} replications ({})", tried.replications, figures.join(", "))
}

/// The value that was found, if any, and whether it is shown to be the smallest.
fn value_found(asked: &Asked, found: &Sizing) -> (Option<String>, bool) {
    match found.answer {
        Answer::Smallest(number) => (Some(asked.values.text(number)), true),
        Answer::Sufficient(number) => (Some(asked.values.text(number)), false),
        Answer::First if asked.first_is_least => (Some(asked.values.text(0)), true),
        Answer::First | Answer::None(_) => (None, false),
    }
}

/// One document. Figures are in the units of their metrics, values as they are written in a model.
pub fn json(asked: &Asked, found: &Sizing) -> String {
    let goals = &asked.question.goals;
    let figures = |tried: &Tried| -> Vec<Value> {
        let figure = goals.iter().zip(&tried.estimates).map(|(goal, estimate)| {
            json!({ "metric": goal.measure, "value": estimate.value, "half_width": estimate.half_width, "note": estimate.note })
        });
        figure.collect()
    };
    let tried = found.tried.iter().map(|tried| {
        json!({
            "value": asked.values.text(tried.number),
            "verdict": word(tried.standing),
            "missed": match tried.standing { Standing::Misses(goal) => Some(&goals[goal].text), _ => None },
            "replications": tried.replications,
            "figures": figures(tried),
        })
    });
    let (value, smallest) = value_found(asked, found);
    let document = json!({
        "lbsim": env!("CARGO_PKG_VERSION"),
        "model": asked.name,
        "seed": asked.seed,
        "vary": asked.vary,
        "goals": goals.iter().map(|goal| &goal.text).collect::<Vec<_>>(),
        "confidence": asked.confidence,
        "interval_level": found.level,
        "most_replications": asked.question.most_replications,
        "tried": tried.collect::<Vec<_>>(),
        "contradictions": found.reversals.iter().map(|reversal| contradiction(asked, reversal)).collect::<Vec<_>>(),
        "answer": { "value": value, "shown_smallest": smallest, "sentence": answer(asked, found) },
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// A line for each value and goal, in the order of the values.
pub fn csv(asked: &Asked, found: &Sizing) -> String {
    let mut text = String::from("value,goal,metric,unit,figure,half_width,replications,verdict,note\n");
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    for tried in &found.tried {
        for (goal, estimate) in asked.question.goals.iter().zip(&tried.estimates) {
            let cells = [
                asked.values.text(tried.number),
                goal.text.clone(),
                goal.measure.name().into(),
                goal.measure.unit().into(),
                number(estimate.value),
                number(estimate.half_width),
                tried.replications.to_string(),
                word(tried.standing).into(),
                estimate.note.clone(),
            ];
            let _ = writeln!(text, "{}", cells.map(|text| cell(&text)).join(","));
        }
    }
    text
}
