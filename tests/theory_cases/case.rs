//! Reads `tests/data/theory_cases.json`.

use serde_json::Value;
use std::sync::LazyLock;

static CASES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/theory_cases.json");
    let text = std::fs::read_to_string(path).expect("the list of cases is beside the tests");
    serde_json::from_str(&text).expect("the list of cases is JSON")
});

/// One case: its model, and the exact values computed figures are held against.
pub struct Case(&'static Value);

impl Case {
    pub fn named(id: &str) -> Self {
        Self(CASES.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}")))
    }

    /// A number of the model, by JSON pointer.
    pub fn number(&self, pointer: &str) -> f64 {
        let value = self.0["model"].pointer(pointer).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("{}: no number at {pointer}", self.0["id"]))
    }

    /// A whole number of the model, by JSON pointer.
    pub fn integer(&self, pointer: &str) -> u32 {
        let value = self.0["model"].pointer(pointer).and_then(Value::as_u64);
        u32::try_from(value.unwrap_or_else(|| panic!("{}: no integer at {pointer}", self.0["id"]))).unwrap()
    }

    /// A list of numbers of the model, by JSON pointer.
    pub fn list(&self, pointer: &str) -> Vec<f64> {
        let values = self.0["model"].pointer(pointer).and_then(Value::as_array).expect("a list");
        values.iter().map(|value| value.as_f64().expect("a number")).collect()
    }

    /// Holds the computed figures against the exact ones of the same name. Every exact figure must be among the computed
    /// or the `left_out`.
    pub fn check(&self, tolerance: f64, left_out: &[&str], computed: &[(&str, f64)]) {
        let exact = self.0["exact"].as_object().expect("exact values");
        for name in exact.keys() {
            let known = computed.iter().any(|(own, _)| own == name) || left_out.contains(&name.as_str());
            assert!(known, "{}: {name} is neither computed nor left out", self.0["id"]);
        }
        for &(name, value) in computed {
            let exact = exact.get(name).and_then(Value::as_f64).unwrap_or_else(|| panic!("{}: {name}", self.0["id"]));
            let error = (value - exact).abs();
            assert!(error <= tolerance * exact.abs(), "{} {name}: {value}, not {exact}", self.0["id"]);
        }
    }

    /// The same for an exact figure that is a list.
    pub fn check_list(&self, tolerance: f64, name: &str, computed: &[f64]) {
        let exact = self.0["exact"][name].as_array().unwrap_or_else(|| panic!("{}: no list {name}", self.0["id"]));
        assert_eq!(exact.len(), computed.len(), "{} {name}", self.0["id"]);
        for (exact, value) in exact.iter().zip(computed) {
            let exact = exact.as_f64().expect("a number");
            assert!((value - exact).abs() <= tolerance * exact.abs(), "{} {name}: {value}, not {exact}", self.0["id"]);
        }
    }
}
