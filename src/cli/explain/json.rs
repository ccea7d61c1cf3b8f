//! Decisions as one JSON document.

use super::{Scene, why};
use crate::balancing::{Best, Choice, Score, Standing};
use crate::experiment::Explained;
use crate::observe::Why;
use crate::units::ServerId;
use serde_json::{Value, json};

/// The decisions, oldest first.
pub fn document(decisions: &[Explained], scene: &Scene) -> String {
    let list: Vec<Value> = decisions.iter().map(|decision| object(decision, scene)).collect();
    format!("{:#}\n", json!({ "decisions": list }))
}

fn object(explained: &Explained, scene: &Scene) -> Value {
    let Explained { decision, situation, failed } = explained;
    let (request, explanation) = (&decision.request, &decision.explanation);
    let refused = failed.is_some_and(Why::is_rejection);
    let balancer = scene.balancer(decision);
    let score = |score: &Score| json!({ "server": scene.server(score.server), "score": score.value, "made_of": scene.named(&score.made_of) });
    let (action, server) = match decision.choice {
        // A server that refuses the connection was chosen all the same.
        _ if refused && *failed != Some(Why::ConnectionRefused) => ("refuse", None),
        Choice::Server(server) => ("send", Some(server)),
        Choice::WaitFor(server) => ("wait", Some(server)),
        Choice::Hold => ("hold", None),
        Choice::Nobody => ("no_candidate", None),
    };
    let out = scene.out(explained);
    let aside: Vec<ServerId> = out.iter().map(|(server, _)| *server).collect();
    let mut candidates = scene.standing(explained, Standing::Eligible);
    candidates.retain(|server| !aside.contains(server));
    let why_out = |(server, because): &(ServerId, Option<String>)| json!({ "server": scene.server(*server), "because": because });
    let truth = server.and_then(|server| why::truth(explained, server, scene));
    let chosen = truth.map(|(truth, because)| json!({ "truth": truth, "used_because": because }));
    json!({
        "time_s": request.now.as_secs(),
        "balancer": balancer.name,
        "product": balancer.product,
        "algorithm": balancer.algorithm,
        "class": scene.class(decision),
        "client": request.address.to_string().trim_end_matches(":0"),
        "session": request.session & 0xFFFF_FFFF,
        "item": request.item,
        "demand_s": request.demand.as_secs(),
        "request": situation.number,
        "tries_before": situation.attempt.as_ref().map_or(0, |attempt| attempt.tries),
        "again": why::again(explained),
        "candidates": scene.names(&candidates),
        "full": scene.names(&scene.standing(explained, Standing::Full)),
        "out_of_rotation": scene.names(&scene.standing(explained, Standing::Out)),
        "not_chosen_from": out.iter().map(why_out).collect::<Vec<_>>(),
        "chosen_in_trouble": chosen,
        "scores": explanation.scores.iter().map(score).collect::<Vec<_>>(),
        "best_score": match explanation.best {
            Best::Smallest => Some("smallest"),
            Best::Largest => Some("largest"),
            Best::Unscored => None,
        },
        "action": action,
        "server": server.map(|server| scene.server(server)),
        "refused": refused,
        "fails": failed.map(Why::words),
        "because": scene.named(&explanation.because),
    })
}
