//! Decisions in words.

use super::Scene;
use crate::balancing::{Best, Choice, Decision, Explanation, Score, Standing};
use crate::observe::written::{digits, list};
use crate::units::Time;
use std::fmt::Write;

/// Most scores and names shown of one decision; of more, the best are.
const MOST_SHOWN: usize = 12;

/// The decisions, oldest first.
pub fn document(decisions: &[Decision], scene: &Scene, from: Time) -> String {
    if decisions.is_empty() {
        return format!("No balancer decides anything from {from} on.\n");
    }
    let mut text = String::new();
    for (number, decision) in decisions.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let _ = write!(text, "{}. ", number + 1);
        describe(&mut text, decision, scene);
    }
    text
}

fn describe(text: &mut String, decision: &Decision, scene: &Scene) {
    let balancer = scene.balancer(decision);
    let whose = balancer.product.as_ref().map(|product| format!(" as {product}")).unwrap_or_default();
    let several = if scene.balancers.len() > 1 { format!(", `{}`", balancer.name) } else { String::new() };
    let (now, class) = (decision.request.now, scene.class(decision));
    let _ = writeln!(text, "At {:.6} s, a request of `{class}`. {}{whose}{several}:", now.as_secs(), balancer.algorithm);
    scores(text, decision, scene);
    let aside = [(Standing::Full, "full"), (Standing::Out, "out of rotation")];
    for (standing, word) in aside {
        let names = scene.standing(decision, standing);
        if !names.is_empty() {
            let _ = writeln!(text, "   {word}: {}", shortened(&names));
        }
    }
    let _ = writeln!(text, "   -> {}", outcome(decision, scene));
}

/// What was looked at, the winner marked.
fn scores(text: &mut String, decision: &Decision, scene: &Scene) {
    let Explanation { scores, best, .. } = &decision.explanation;
    let shown = shown(scores, *best, decision.choice);
    let names = shown.iter().map(|score| scene.server(score.server).chars().count());
    let width = names.max().unwrap_or(0);
    let values: Vec<String> = shown.iter().map(|score| number(score.value)).collect();
    let value_width = values.iter().map(String::len).max().unwrap_or(0);
    for (score, value) in shown.iter().zip(&values) {
        let mark = if Some(score.server) == winner(decision.choice) { '>' } else { ' ' };
        let name = scene.server(score.server);
        let _ = writeln!(text, " {mark} {name:<width$}  {value:>value_width$}  {}", scene.named(&score.made_of));
    }
    if shown.len() < scores.len() {
        let _ = writeln!(text, "   and {} more", scores.len() - shown.len());
    }
}

/// All scores, or the best of them and the winner's, in the order in which the algorithm looked.
fn shown(scores: &[Score], best: Best, choice: Choice) -> Vec<&Score> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    match best {
        Best::Smallest => order.sort_by(|&a, &b| scores[a].value.total_cmp(&scores[b].value)),
        Best::Largest => order.sort_by(|&a, &b| scores[b].value.total_cmp(&scores[a].value)),
        Best::Unscored => {}
    }
    order.sort_by_key(|&place| Some(scores[place].server) != winner(choice));
    order.truncate(MOST_SHOWN);
    order.sort_unstable();
    order.into_iter().map(|place| &scores[place]).collect()
}

const fn winner(choice: Choice) -> Option<crate::units::ServerId> {
    match choice {
        Choice::Server(server) | Choice::WaitFor(server) => Some(server),
        Choice::Hold | Choice::Nobody => None,
    }
}

fn outcome(decision: &Decision, scene: &Scene) -> String {
    let because = scene.named(&decision.explanation.because);
    match decision.choice {
        Choice::Server(server) if decision.refused => {
            format!("{}: {because}. The server is full and refuses it.", scene.server(server))
        }
        Choice::Server(server) => format!("{}: {because}.", scene.server(server)),
        _ if decision.refused => format!("refused: {because}."),
        Choice::Hold => format!("held in the balancer: {because}."),
        Choice::WaitFor(server) => format!("waits in the balancer for {}: {because}.", scene.server(server)),
        Choice::Nobody if scene.balancer(decision).has_queue => {
            format!("waits in the balancer for the first server with room: {because}.")
        }
        Choice::Nobody => format!("nowhere: {because}."),
    }
}

fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 {
        return format!("{value}");
    }
    // Deadlines in virtual time are large and near each other.
    if value.abs() >= 1e5 { format!("{value:.6}") } else { digits(value, 6) }
}

fn shortened(names: &[&str]) -> String {
    let mut words: Vec<String> = names.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
    if names.len() > MOST_SHOWN {
        words.push(format!("{} more", names.len() - MOST_SHOWN));
    }
    list(&words)
}
