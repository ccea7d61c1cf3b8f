//! Decisions in words.

use super::{Scene, why};
use crate::balancing::{Best, Choice, Decision, Explanation, Score, Standing};
use crate::experiment::Explained;
use crate::observe::Why;
use crate::observe::written::{digits, list};
use crate::units::{ServerId, Time};
use std::fmt::Write;

/// Most scores and names shown of one decision; of more, the best are.
const MOST_SHOWN: usize = 12;

/// The decisions, oldest first.
pub fn document(decisions: &[Explained], scene: &Scene, from: Time) -> String {
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

fn describe(text: &mut String, explained: &Explained, scene: &Scene) {
    let decision = &explained.decision;
    let balancer = scene.balancer(decision);
    let whose = balancer.product.as_ref().map(|product| format!(" as {product}")).unwrap_or_default();
    let several = if scene.balancers.len() > 1 { format!(", `{}`", balancer.name) } else { String::new() };
    let (now, class) = (decision.request.now, scene.class(decision));
    let again = why::again(explained).map(|again| format!(", {again}")).unwrap_or_default();
    let _ = writeln!(text, "At {:.6} s, a request of `{class}`{again}. {}{whose}{several}:", now.as_secs(), balancer.algorithm);
    scores(text, decision, scene);
    let full = scene.standing(explained, Standing::Full);
    if !full.is_empty() {
        let _ = writeln!(text, "   full: {}", shortened(&scene.names(&full)));
    }
    for (because, servers) in by_reason(scene.out(explained)) {
        let names = shortened(&scene.names(&servers));
        let _ = match because {
            Some(because) => writeln!(text, "   out: {names} ({because})"),
            None => writeln!(text, "   out of rotation: {names}"),
        };
    }
    let _ = writeln!(text, "   -> {}", outcome(explained, scene));
    if let Some((truth, because)) = winner(decision.choice).and_then(|server| why::truth(explained, server, scene)) {
        let _ = writeln!(text, "   in truth {truth}; {because}.");
    }
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

const fn winner(choice: Choice) -> Option<ServerId> {
    match choice {
        Choice::Server(server) | Choice::WaitFor(server) => Some(server),
        Choice::Hold | Choice::Nobody => None,
    }
}

/// Servers that are out for the same reason together, in the order in which the reasons come.
fn by_reason(out: Vec<(ServerId, Option<String>)>) -> Vec<(Option<String>, Vec<ServerId>)> {
    let mut reasons: Vec<(Option<String>, Vec<ServerId>)> = Vec::new();
    for (server, because) in out {
        match reasons.iter_mut().find(|(known, _)| *known == because) {
            Some((_, servers)) => servers.push(server),
            None => reasons.push((because, vec![server])),
        }
    }
    reasons
}

fn outcome(explained: &Explained, scene: &Scene) -> String {
    let decision = &explained.decision;
    let because = scene.named(&decision.explanation.because);
    match decision.choice {
        Choice::Server(server) => {
            let then = match explained.failed {
                Some(Why::Full) => " The server is full and refuses it.",
                Some(Why::ConnectionRefused) => " The connection is refused, and the request fails.",
                Some(_) => " The request fails at once.",
                None => "",
            };
            format!("{}: {because}.{then}", scene.server(server))
        }
        _ if explained.failed.is_some() => format!("refused: {because}."),
        Choice::Hold => format!("held in the balancer: {because}."),
        Choice::WaitFor(server) => format!("waits in the balancer for {}: {because}.", scene.server(server)),
        Choice::Nobody if explained.situation.unasked.is_none() && scene.balancer(decision).has_queue => {
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
