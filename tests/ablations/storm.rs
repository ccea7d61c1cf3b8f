//! A retry storm goes on after its trigger is gone, where theory says that it can, and only there.

use super::measured;

const MODEL: &str = include_str!("../../models/retry_storm.ron");

/// The fraction of requests that fail from a minute after the end of the slowness on.
fn failing(changes: &[(&str, &str)]) -> f64 {
    let text = changes.iter().fold(MODEL.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the model has no {from}");
        text.replace(from, to)
    });
    measured(&text, "error_fraction").0
}

#[test]
fn it_goes_on_after_its_trigger_is_gone() {
    assert!(failing(&[]) > 0.999);
    assert!(failing(&[("lasting: \"10s\"", "lasting: \"10ms\"")]) < 1e-6, "at the same load without the trigger");
}

#[test]
fn it_dies_where_all_tries_together_are_less_than_can_be_done() {
    // Four tries of each request: a second state exists above 400 / 4 = 100 requests a second.
    assert!(failing(&[("240/s", "90/s")]) < 1e-6);
    assert!(failing(&[("240/s", "115/s")]) > 0.999);
    // With one retry, above 200.
    let one_retry = ("most: 3", "most: 1");
    assert!(failing(&[("240/s", "180/s"), one_retry]) < 1e-6);
    assert!(failing(&[("240/s", "230/s"), one_retry]) > 0.999);
}

#[test]
fn a_budget_or_cancelling_ends_it() {
    assert!(failing(&[("delay: None", "delay: None, budget: OfActive(share: \"20%\", least: 3)")]) < 1e-6);
    assert!(failing(&[("algorithm: RoundRobin,", "algorithm: RoundRobin, cancels: true,")]) < 1e-6);
}
