//! The models of built-in cases, with another balancer, seed or length.

use lbsim::model::{Model, ModelParts, RunPlan};
use lbsim::random::Seed;
use lbsim::units::Span;
use lbsim::validation::{Case, builtin, translate};

/// The built-in case called `id`.
pub fn case(id: &str) -> Case {
    builtin().into_iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no case {id}"))
}

/// The model of a case with its balancer replaced by one written as cases write it.
pub fn balanced(id: &str, balancer: &str) -> Model {
    let mut case = case(id);
    case.model["balancer"] = serde_json::from_str(balancer).expect("a balancer");
    translate(&case).unwrap_or_else(|skip| panic!("{id} with {balancer}: {skip}"))
}

/// A model with another seed, for so many simulated seconds of which a fifth is warm-up.
pub fn steady(model: &Model, seed: u64, secs: f64, replications: u32) -> Model {
    let nanos = |secs: f64| Span::from_nanos((secs * 1e9) as u64);
    let run = RunPlan::Steady { length: nanos(secs), warm_up: nanos(secs / 5.0), replications };
    Model::from_checked(ModelParts { run, ..model.parts().clone() }).with_seed(Seed(seed))
}
