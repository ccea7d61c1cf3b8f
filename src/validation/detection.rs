//! Health checks and retries of the neutral model.

use super::Skip;
use super::fields::Fields;
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
