//! A comparison for programs.

use crate::analysis::{Analysis, BestVerdict, Comparison};
use crate::observe::{Measure, Summary};
use serde_json::{Value, json};

/// One document: points with every figure, differences, the best, the findings in words.
pub fn json(analysis: &Analysis) -> String {
    let plan = &analysis.plan;
    let points = plan.points.iter().zip(&analysis.points).enumerate();
    let points: Vec<Value> = points
        .map(|(index, (planned, point))| {
            json!({
                "point": plan.compared_label(index),
                "replications": point.summary.replications.len(),
                "offered_load": planned.offered_load,
                "metrics": metrics(&point.summary),
            })
        })
        .collect();
    let best: Vec<Value> = analysis.best.iter().map(|best| verdict(analysis, &best.verdict)).collect();
    let document = json!({
        "name": plan.name,
        "seed": plan.seed,
        "points": points,
        "comparisons": analysis.comparisons.iter().map(|comparison| difference(analysis, comparison)).collect::<Vec<_>>(),
        "best": best.first(),
        "findings": analysis.sentences,
    });
    format!("{document:#}\n")
}

fn metrics(summary: &Summary) -> Value {
    let metric = |measure: Measure| {
        let estimate = measure.estimate(summary);
        let note = (!estimate.note.is_empty()).then_some(&estimate.note);
        (measure.name().to_owned(), json!({ "value": estimate.value, "half_width": estimate.half_width, "note": note }))
    };
    Value::Object(Measure::all().map(metric).collect())
}

fn difference(analysis: &Analysis, comparison: &Comparison) -> Value {
    let label = |point| analysis.plan.compared_label(point);
    let (of, against) = (label(comparison.point), label(comparison.baseline));
    let metric = comparison.measure.name();
    match &comparison.difference {
        Ok(found) => json!({
            "metric": metric, "of": of, "against": against, "difference": found.mean, "half_width": found.half_width,
            "joint_half_width": found.joint_half_width, "relative": found.relative.map(|(value, _)| value),
            "relative_half_width": found.relative.map(|(_, half_width)| half_width), "p_value": found.p_value,
            "is_shown": found.is_shown, "pairs": found.pairs,
        }),
        Err(reason) => json!({ "metric": metric, "of": of, "against": against, "note": reason }),
    }
}

fn verdict(analysis: &Analysis, verdict: &BestVerdict) -> Value {
    let label = |point: &usize| analysis.plan.compared_label(*point);
    match verdict {
        BestVerdict::Selected { point, probability, .. } => json!({ "is": [label(point)], "probability": probability }),
        BestVerdict::Among { points, probability } => {
            json!({ "is": points.iter().map(label).collect::<Vec<_>>(), "probability": probability })
        }
        BestVerdict::Unknown(reason) => json!({ "note": reason }),
    }
}
