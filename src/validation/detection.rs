//! Health checks and retries of the neutral model.

use super::fields::Fields;
use super::{Case, ExactValue, Skip};
use crate::health::{CheckSpec, Health, Healthy, Phase};
use crate::recovery::{Delay, Mishap, Mishaps, Recovery, RetrySpec, RetryTo};
use crate::units::Span;
use serde_json::Value;

/// Checks at multiples of a period that take no time.
pub(super) fn health(value: &Value) -> Result<Health, Skip> {
    let mut fields = Fields::of("the health check", value)?;
    let period = fields.number("period")?;
    let interval = Span::from_nanos_f64(period * 1e9);
    if period <= 0.0 || interval == Span::ZERO || interval >= Span::LONGEST {
        return Err(Skip::new(format!("health checks every {period} s")));
    }
    if fields.get("timeout").is_some() && fields.number("timeout")? != 0.0 {
        return Err(Skip::new("health checks at multiples of a period that take time"));
    }
    if let Some(other) = fields.text_if_any("result")?.filter(|text| *text != "instant") {
        return Err(Skip::new(format!("the result of a health check is `{other}`")));
    }
    match fields.text_if_any("phase")? {
        None | Some("check times are multiples of the period; crash time uniform in it") => {}
        Some(other) => return Err(Skip::new(format!("phase of health checks `{other}`"))),
    }
    let fall = fields.count("fall", 1_000)?.unwrap_or(1);
    let rise = fields.count("rise", 1_000)?.unwrap_or(1);
    fields.nothing_else()?;
    let checks = CheckSpec {
        interval,
        transition_interval: None,
        down_interval: None,
        timeout: Span::ZERO,
        rise,
        fall,
        error_is_final: false,
        phase: Phase::Common,
        healthy: Healthy::Answers,
    };
    Ok(Health { checks: Some(checks), ..Health::default() })
}

/// A number of retries, and in words where they go: `2 to distinct servers`.
pub(super) fn recovery(value: &Value) -> Result<Recovery, Skip> {
    let unknown = || Skip::new(format!("retries {value}"));
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words: Vec<&str> = text.split_whitespace().collect();
    let (number, place) = words.split_first().ok_or_else(unknown)?;
    let most: u32 = number.parse().map_err(|_| unknown())?;
    let to = match place {
        [] if most == 0 => return Ok(Recovery::default()),
        ["to", "a", "distinct", "server"] | ["to", "distinct", "servers"] => RetryTo::Another,
        ["to", "any", "server" | "servers"] => RetryTo::Any,
        _ => return Err(unknown()),
    };
    let on = Mishaps::of(&[Mishap::Refused, Mishap::Cut]);
    let retries = RetrySpec { most, on, to, delay: Delay::None, within: None, budget: None };
    Ok(Recovery { retries: Some(retries), ..Recovery::default() })
}

/// The cases that a case holds: one of each way to retry, where it lists several, and itself otherwise. The metrics of each are those
/// whose names end in its way, such as `error_fraction_1_retry_any`.
#[must_use]
pub fn variants(case: &Case) -> Vec<Case> {
    let listed = case.model.get("retries").and_then(Value::as_str).filter(|text| text.contains(','));
    let Some(listed) = listed else { return vec![case.clone()] };
    let ways: Vec<&str> = listed.split(',').map(str::trim).collect();
    ways.iter().filter_map(|way| Some(variant(case, way, &ending(way)?))).collect()
}

/// How the metrics of a way to retry are called: `_no_retry`, `_1_retry_any`, `_2_retries_distinct`.
fn ending(way: &str) -> Option<String> {
    let (number, place) = way.split_once(' ').unwrap_or((way, ""));
    let place = if place.contains("distinct") { "distinct" } else { "any" };
    match number.parse::<u32>().ok()? {
        0 => Some("_no_retry".into()),
        1 => Some(format!("_1_retry_{place}")),
        more => Some(format!("_{more}_retries_{place}")),
    }
}

fn variant(case: &Case, way: &str, ending: &str) -> Case {
    let mut variant = case.clone();
    variant.title = format!("{}: {way}", case.title);
    variant.model["retries"] = way.into();
    let own = |(name, value): (&String, &ExactValue)| Some((name.strip_suffix(ending)?.to_owned(), value.clone()));
    variant.exact = case.exact.iter().filter_map(own).collect();
    let primary = variant.exact.keys().find(|name| case.tolerance.primary_metric.starts_with(name.as_str()));
    variant.tolerance.primary_metric = primary.cloned().unwrap_or_default();
    variant
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ways_to_retry_become_cases_of_their_own() {
        let text = r#"[{"id": "R", "family": "availability", "title": "dead", "exactness": "exact",
            "model": {"retries": "0, 1 to any server, 2 to distinct servers"},
            "exact": {"error_fraction_no_retry": 0.5, "error_fraction_1_retry_any": 0.25, "mean_attempts_1_retry_any": 1.5},
            "tolerance": {"primary_metric": "error_fraction_no_retry"}}]"#;
        let case = crate::validation::read_cases(text).unwrap().cases.swap_remove(0);
        let all = variants(&case);
        let told: Vec<String> = all
            .iter()
            .map(|case| format!("{} {:?} {}", case.model["retries"], case.exact.keys(), case.tolerance.primary_metric))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        "0" ["error_fraction"] error_fraction
        "1 to any server" ["error_fraction", "mean_attempts"] error_fraction
        "2 to distinct servers" [] 
        "#);
        assert_eq!(variants(&all[0]), [all[0].clone()]);
    }

    #[test]
    fn retries_are_understood_or_named() {
        let retries = |value: Value| recovery(&value).map(|recovery| recovery.retries.map(|retries| (retries.most, retries.to)));
        assert_eq!(retries(json!(0)), Ok(None));
        assert_eq!(retries(json!("1 to a distinct server")), Ok(Some((1, RetryTo::Another))));
        assert_eq!(retries(json!("3 to any server")), Ok(Some((3, RetryTo::Any))));
        assert_eq!(retries(json!(2)).unwrap_err().reason, "retries 2");
        assert_eq!(retries(json!("")).unwrap_err().reason, "retries \"\"");
    }
}
