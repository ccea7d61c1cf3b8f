//! Decisions as one JSON document.

use super::Scene;
use crate::balancing::{Best, Choice, Decision, Score, Standing};
use serde_json::{Value, json};

/// The decisions, oldest first.
pub fn document(decisions: &[Decision], scene: &Scene) -> String {
    let list: Vec<Value> = decisions.iter().map(|decision| object(decision, scene)).collect();
    format!("{:#}\n", json!({ "decisions": list }))
}

fn object(decision: &Decision, scene: &Scene) -> Value {
    let Decision { request, explanation, .. } = decision;
    let balancer = scene.balancer(decision);
    let score = |score: &Score| json!({ "server": scene.server(score.server), "score": score.value, "made_of": scene.named(&score.made_of) });
    let (action, server) = match decision.choice {
        _ if decision.refused => ("refuse", None),
        Choice::Server(server) => ("send", Some(server)),
        Choice::WaitFor(server) => ("wait", Some(server)),
        Choice::Hold => ("hold", None),
        Choice::Nobody => ("no_candidate", None),
    };
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
        "candidates": scene.standing(decision, Standing::Eligible),
        "full": scene.standing(decision, Standing::Full),
        "out_of_rotation": scene.standing(decision, Standing::Out),
        "scores": explanation.scores.iter().map(score).collect::<Vec<_>>(),
        "best_score": match explanation.best {
            Best::Smallest => Some("smallest"),
            Best::Largest => Some("largest"),
            Best::Unscored => None,
        },
        "action": action,
        "server": server.map(|server| scene.server(server)),
        "refused": decision.refused,
        "because": scene.named(&explanation.because),
    })
}
