//! A case that asks the same of several ways to do something is several cases.

use super::{Case, ExactValue};
use serde_json::{Map, Value};

/// One of the ways that a case lists.
struct Way {
    /// What the model says of it instead of the list.
    says: String,
    /// How the names of its metrics end.
    ending: String,
}

/// Fields of models that list ways, each of which its metrics name at their end.
const LISTS: [&str; 2] = ["dispatch", "policies"];

/// The cases that a case holds: one of each way to retry, to send requests to servers or to balance, where it lists several, and itself
/// otherwise. The metrics of each are those whose names end in its way, such as `error_fraction_1_retry_any`; a way that no metric
/// is about is none.
#[must_use]
pub fn variants(case: &Case) -> Vec<Case> {
    let field = |name| Some((name, case.model.get(name)?));
    if let Some((name, Value::String(ways))) =
        field("retries").filter(|(_, ways)| ways.as_str().is_some_and(|text| text.contains(',')))
    {
        let ways = ways.split(',').map(str::trim);
        return ways
            .filter_map(|says| Some(Way { says: says.into(), ending: retrying(says)? }))
            .map(|way| variant(case, name, &way))
            .collect();
    }
    let listed = LISTS.into_iter().filter_map(field).find_map(|(name, value)| Some((name, listed(value)?)));
    let Some((name, ways)) = listed else { return vec![case.clone()] };
    let ways = ways.into_iter().chain(in_metrics_only(case));
    ways.map(|way| variant(case, name, &way)).filter(|case| !case.exact.is_empty()).collect()
}

/// A list of ways, or an object whose fields they are.
fn listed(value: &Value) -> Option<Vec<Way>> {
    let names: Vec<&str> = match value {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Object(named) => Map::keys(named).map(String::as_str).collect(),
        _ => return None,
    };
    let ending = |says: &str| match says {
        "round robin inside each session" => "_round_robin_per_session".to_owned(),
        says => format!("_{}", says.replace(' ', "_")),
    };
    Some(names.into_iter().map(|says| Way { says: says.into(), ending: ending(says) }).collect())
}

/// What a case compares its ways with, without listing it.
fn in_metrics_only(case: &Case) -> Option<Way> {
    let says = "one_shared_cache_of_nC";
    let ending = format!("_{says}");
    case.exact.keys().any(|name| name.ends_with(&ending)).then(|| Way { says: says.into(), ending })
}

/// How the metrics of a way to retry are called: `_no_retry`, `_1_retry_any`, `_2_retries_distinct`.
fn retrying(way: &str) -> Option<String> {
    let (number, place) = way.split_once(' ').unwrap_or((way, ""));
    let place = if place.contains("distinct") { "distinct" } else { "any" };
    match number.parse::<u32>().ok()? {
        0 => Some("_no_retry".into()),
        1 => Some(format!("_1_retry_{place}")),
        more => Some(format!("_{more}_retries_{place}")),
    }
}

fn variant(case: &Case, field: &str, way: &Way) -> Case {
    let mut variant = case.clone();
    variant.title = format!("{}: {}", case.title, way.says);
    variant.model[field] = way.says.clone().into();
    let own = |(name, value): (&String, &ExactValue)| Some((name.strip_suffix(&*way.ending)?.to_owned(), value.clone()));
    variant.exact = case.exact.iter().filter_map(own).collect();
    // The same metric as that of the case; where this way has it not, the first one that it has.
    let is_primary = |name: &&String| case.tolerance.primary_metric.starts_with(name.as_str());
    let primary = variant.exact.keys().find(is_primary).or_else(|| variant.exact.keys().next());
    variant.tolerance.primary_metric = primary.cloned().unwrap_or_default();
    variant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::read_cases;

    fn told(model: &str, exact: &str, primary: &str) -> String {
        let text = format!(
            r#"[{{"id": "R", "family": "availability", "title": "dead", "exactness": "exact", "model": {model}, "exact": {exact},
            "tolerance": {{"primary_metric": "{primary}"}}}}]"#
        );
        let case = read_cases(&text).unwrap().cases.swap_remove(0);
        let all = variants(&case);
        assert_eq!(variants(&all[0]), [all[0].clone()]);
        let tell =
            |case: &Case| format!("{}: {} {:?} {}", case.title, case.model, case.exact.keys(), case.tolerance.primary_metric);
        all.iter().map(tell).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn ways_to_retry_become_cases_of_their_own() {
        let told = told(
            r#"{"retries": "0, 1 to any server, 2 to distinct servers"}"#,
            r#"{"error_fraction_no_retry": 0.5, "error_fraction_1_retry_any": 0.25, "mean_attempts_1_retry_any": 1.5}"#,
            "error_fraction_no_retry",
        );
        insta::assert_snapshot!(told, @r#"
        dead: 0: {"retries":"0"} ["error_fraction"] error_fraction
        dead: 1 to any server: {"retries":"1 to any server"} ["error_fraction", "mean_attempts"] error_fraction
        dead: 2 to distinct servers: {"retries":"2 to distinct servers"} [] 
        "#);
    }

    #[test]
    fn ways_to_choose_a_server_become_cases_of_their_own() {
        let listed = told(
            r#"{"dispatch": ["sticky", "random", "round robin inside each session", "unheard of"]}"#,
            r#"{"hit_ratio_sticky": 0.9, "hit_ratio_random": 0.6, "hit_ratio_round_robin_per_session": 0.5, "visited_random": 3}"#,
            "hit_ratio_random",
        );
        insta::assert_snapshot!(listed, @r#"
        dead: sticky: {"dispatch":"sticky"} ["hit_ratio"] hit_ratio
        dead: random: {"dispatch":"random"} ["hit_ratio", "visited"] hit_ratio
        dead: round robin inside each session: {"dispatch":"round robin inside each session"} ["hit_ratio"] hit_ratio
        "#);
        let described = told(
            r#"{"dispatch": {"random": "each to any", "hash_by_rank": "each to its own"}}"#,
            r#"{"hit_ratio_random": 0.2, "hit_ratio_hash_by_rank": 0.4, "hit_ratio_one_shared_cache_of_nC": 0.5}"#,
            "hit_ratio_random",
        );
        insta::assert_snapshot!(described, @r#"
        dead: random: {"dispatch":"random"} ["hit_ratio"] hit_ratio
        dead: hash_by_rank: {"dispatch":"hash_by_rank"} ["hit_ratio"] hit_ratio
        dead: one_shared_cache_of_nC: {"dispatch":"one_shared_cache_of_nC"} ["hit_ratio"] hit_ratio
        "#);
        let other = told(
            r#"{"policies": ["random", "round_robin"]}"#,
            r#"{"cv_squared_random": 1, "cv_round_robin": 0}"#,
            "cv_squared_random",
        );
        insta::assert_snapshot!(other, @r#"
        dead: random: {"policies":"random"} ["cv_squared"] cv_squared
        dead: round_robin: {"policies":"round_robin"} ["cv"] cv
        "#);
        let one = told(r#"{"dispatch": "random"}"#, r#"{"hit_ratio": 0.5}"#, "hit_ratio");
        insta::assert_snapshot!(one, @r#"dead: {"dispatch":"random"} ["hit_ratio"] hit_ratio"#);
    }
}
