//! A comparison for spreadsheets: one line a figure or difference.

use crate::analysis::Analysis;
use crate::cli::failure::Failure;
use crate::observe::Measure;

/// The lines.
pub fn csv(analysis: &Analysis) -> Result<String, Failure> {
    let failed = |error: csv::Error| Failure::Output(std::io::Error::other(error));
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record(["point", "against", "metric", "unit", "value", "half_width", "note"]).map_err(failed)?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for (index, point) in analysis.points.iter().enumerate() {
        for measure in Measure::all() {
            let estimate = measure.estimate(&point.summary);
            let (value, half_width) = (number(estimate.value), number(estimate.half_width));
            let label = analysis.plan.compared_label(index);
            let line = [&label, "", measure.name(), measure.unit(), &value, &half_width, &estimate.note];
            lines.write_record(line).map_err(failed)?;
        }
    }
    for comparison in &analysis.comparisons {
        let label = |point| analysis.plan.compared_label(point);
        let (of, against, measure) = (label(comparison.point), label(comparison.baseline), comparison.measure);
        let (value, half_width, note) = match &comparison.difference {
            Ok(found) => {
                (found.mean.to_string(), found.half_width.to_string(), if found.is_shown { "shown" } else { "not shown" })
            }
            Err(reason) => (String::new(), String::new(), reason.as_str()),
        };
        lines.write_record([&of, &against, measure.name(), measure.unit(), &value, &half_width, note]).map_err(failed)?;
    }
    let bytes = lines.into_inner().map_err(|error| Failure::Output(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
