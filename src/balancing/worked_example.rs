//! The algorithm that ARCHITECTURE.md adds as an example: registered here by the line that the page shows, and nowhere else.

use super::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use super::registry::{AlgorithmHelp, PolicyTask};
use super::stand::item;
use super::{Best, Explanation, Follows, Key, Product, ServerSet};
use crate::random::{Role, Seed, Stream};
use crate::units::{Address, ParameterList, Parameters, ServerId, Span, Time};

registry! {
    own_loop {}
    common_loop {
        "first_available.rs" first_available::FirstAvailable,
    }
}

const PAGE: &str = include_str!("../../ARCHITECTURE.md");

/// Three servers that the algorithm may send to, as the caller keeps them.
struct Caller {
    algorithm: Algorithm,
    eligible: ServerSet,
    stream: Stream,
}

impl Caller {
    fn new() -> Self {
        let mut algorithm = Algorithm::named("FirstAvailable", &mut ParameterList::default()).unwrap();
        let mut stream = Stream::new(Seed(1), 0, Role::Balancing, 0);
        let server = |port| ServerTraits {
            workers: 1,
            speed: 1.0,
            weight: 1.0,
            address: Address::new([127, 0, 0, 1], port),
            shares: false,
        };
        algorithm.prepare(&[server(1), server(2), server(3)], &mut stream);
        let mut caller = Self { algorithm, eligible: ServerSet::empty(3), stream };
        (0..3).for_each(|server| caller.change(server, true, Algorithm::admit));
        caller
    }

    fn change(&mut self, server: u32, is_eligible: bool, tell: impl Fn(&mut Algorithm, ServerId)) {
        let _ = if is_eligible { self.eligible.insert(ServerId(server)) } else { self.eligible.remove(ServerId(server)) };
        tell(&mut self.algorithm, ServerId(server));
    }

    /// The choice, with its explanation.
    fn choose(&mut self, excluded: &[u32]) -> (Choice, Explanation) {
        let excluded: Vec<ServerId> = excluded.iter().copied().map(ServerId).collect();
        let candidates = Candidates { eligible: &self.eligible, excluded: &excluded };
        let choice = self.algorithm.clone().choose(&item(0), &candidates, &mut self.stream.clone());
        let explanation = self.algorithm.explain(&item(0), &candidates, choice, self.stream.clone());
        assert_eq!(self.algorithm.choose(&item(0), &candidates, &mut self.stream), choice);
        (choice, explanation)
    }

    fn next(&mut self, excluded: &[u32]) -> Option<u32> {
        match self.choose(excluded).0 {
            Choice::Server(server) => Some(server.0),
            other => {
                assert_eq!(other, Choice::Nobody);
                None
            }
        }
    }
}

/// The page shows the file and the line that are compiled here, character by character.
#[test]
fn the_page_shows_what_is_compiled() {
    let file = include_str!("first_available.rs");
    assert!(PAGE.contains(&format!("```rust,ignore\n{file}```\n")), "ARCHITECTURE.md shows another first_available.rs");
    let line = include_str!("worked_example.rs").lines().find(|line| line.trim().starts_with("\"first_available.rs\"")).unwrap();
    assert!(PAGE.contains(&format!("```rust,ignore\n{line}\n```\n")), "ARCHITECTURE.md shows another line than `{line}`");
}

#[test]
fn it_is_registered_by_its_line() {
    assert_eq!(Algorithm::NAMES, ["FirstAvailable"]);
    let algorithm = Algorithm::named("FirstAvailable", &mut ParameterList::default()).unwrap();
    assert_eq!(algorithm.name(), "FirstAvailable");
    assert!(Algorithm::named("LastAvailable", &mut ParameterList::default()).is_none());
    assert!(!super::Algorithm::NAMES.contains(&"FirstAvailable"), "an example only");
}

#[test]
fn it_is_listed_with_whom_it_follows() {
    let [help] = &Algorithm::help()[..] else { panic!("one algorithm") };
    assert_eq!((help.name, help.about), ("FirstAvailable", "the eligible server with the smallest number"));
    assert!(help.details.starts_with("One active server") && help.goes_wrong.contains("spares idle"));
    assert_eq!((help.cost, help.shares), ("O(log n), to base 64", Shares::Unpromised));
    assert!(help.parameters.is_empty());
    assert_eq!(help.follows(Product::HAProxy).map(|follows| follows.calls_it), Some("first"));
    assert_eq!(help.follows(Product::Envoy), None);
    assert_eq!(Algorithm::FOLLOWS, [("FirstAvailable", help.follows)]);
    let algorithm = Caller::new().algorithm;
    assert!(!algorithm.heeds_weights() && algorithm.key().is_none());
    assert_eq!(algorithm.failures(ServerId(0), Time::ZERO), None, "it counts none");
}

#[test]
fn there_is_one_active_server_and_its_spares() {
    let mut caller = Caller::new();
    assert_eq!((caller.next(&[]), caller.next(&[])), (Some(0), Some(0)));
    caller.change(0, false, Algorithm::withdraw);
    assert_eq!(caller.next(&[]), Some(1));
    caller.change(0, true, Algorithm::admit);
    assert_eq!(caller.next(&[]), Some(0));
    (0..3).for_each(|server| caller.change(server, false, Algorithm::withdraw));
    assert_eq!(caller.next(&[]), None);
}

#[test]
fn what_was_tried_and_what_is_full_is_passed_over() {
    let mut caller = Caller::new();
    assert_eq!(caller.next(&[0]), Some(1));
    assert_eq!(caller.next(&[1, 0]), Some(2));
    assert_eq!(caller.next(&[0, 1, 2]), None);
    caller.change(0, false, Algorithm::filled);
    assert_eq!((caller.next(&[]), caller.next(&[1])), (Some(1), Some(2)));
    caller.change(0, true, Algorithm::freed);
    assert_eq!(caller.next(&[]), Some(0));
}

#[test]
fn it_says_why() {
    let mut caller = Caller::new();
    caller.change(1, false, Algorithm::filled);
    let (choice, explanation) = caller.choose(&[0]);
    assert_eq!((choice, explanation.best), (Choice::Server(ServerId(2)), Best::Smallest));
    let scores: Vec<(u32, f64, &str)> =
        explanation.scores.iter().map(|score| (score.server.0, score.value, &*score.made_of)).collect();
    assert_eq!(scores, [(2, 2.0, "its number")]);
    assert_eq!(explanation.because, "the smallest number");
}

/// It has its place in the enum of all algorithms, which the event loop of the common group is compiled for: told of nothing
/// and foreseeing nothing, it goes on choosing as before.
#[test]
fn it_runs_in_the_common_loop() {
    struct Ask;
    impl PolicyTask for Ask {
        type Output = (Reads, &'static str, Option<ServerId>);
        fn run<P: Policy>(self, policy: P) -> Self::Output {
            let (set, stream) = (ServerSet::empty(0), Stream::new(Seed(1), 0, Role::Balancing, 0));
            let foreseen = policy.foresee(&Candidates { eligible: &set, excluded: &[] }, &stream);
            (policy.reads(), std::any::type_name::<P>(), foreseen)
        }
    }
    let mut caller = Caller::new();
    caller.algorithm.sent(ServerId(0), &item(0));
    let answer = Answer { now: Time::ZERO + Span::from_secs(1), since: Time::ZERO, failed: true };
    caller.algorithm.ended(ServerId(0), &answer);
    caller.algorithm.reweigh(ServerId(0), 0.5);
    assert_eq!(caller.next(&[]), Some(0));
    let (reads, name, foreseen) = caller.algorithm.specialize(Ask);
    assert_eq!((reads, foreseen), (Reads::Nothing, None));
    assert!(name.ends_with("worked_example::Algorithm"), "{name}");
}
