//! What the explanations of all algorithms must be.

use super::stand::{Bench, item};
use super::{Algorithm, Best, Candidates, Choice, Explanation, Policy, RequestView};
use crate::random::{Role, Seed, Stream};
use crate::units::{ServerId, Span, Time};

/// Over random lives of all algorithms, with servers that leave, are full or were tried: the choice has the best of the scores
/// that it is explained by, and explaining changes nothing.
#[test]
fn a_choice_has_the_best_score() {
    for name in Algorithm::NAMES {
        for given in [&[][..], &[("selection", 1), ("by", 1), ("hash_balance_factor", 120), ("key", 2)]] {
            let mut events = Stream::new(Seed(9), 0, Role::Arrivals, 0);
            let mut bench = Bench::new(name, given, &[1.0, 2.0, 2.0, 0.5, 3.0, 1.0], 6);
            let (mut load, mut full) = ([0_u32; 6], [false; 6]);
            for number in 0..1_500 {
                let server = events.below(6);
                match events.below(8) {
                    0 if bench.eligible.contains(ServerId(server)) && number % 2 == 0 => bench.withdraw(server),
                    0 if bench.eligible.contains(ServerId(server)) => {
                        bench.fill(server);
                        full[server as usize] = true;
                    }
                    0 if std::mem::take(&mut full[server as usize]) => bench.free(server),
                    0 => bench.admit(server),
                    1 if load[server as usize] > 0 => {
                        load[server as usize] -= 1;
                        let now = Span::from_nanos(u64::from(number) * 40_000_000);
                        bench.end_at(server, now, now + Span::from_nanos(u64::from(server) * 1_000_000), number % 5 == 0);
                    }
                    2 => {
                        let mut equal = |server| bench.reweigh(server, [1.0, 1.5, 2.0][events.below(3) as usize]);
                        (0..6).for_each(&mut equal);
                    }
                    _ => {
                        let now = Time::ZERO + Span::from_nanos(u64::from(number) * 40_000_000);
                        let request = RequestView { now, ..item(number) };
                        let excluded = [ServerId(server)];
                        let candidates = Candidates { eligible: &bench.eligible, excluded: &excluded[number as usize % 2..] };
                        let mut twin = (bench.algorithm.clone(), bench.stream.clone());
                        let choice = twin.0.choose(&request, &candidates, &mut twin.1);
                        let explanation = bench.algorithm.explain(&request, &candidates, choice, bench.stream.clone());
                        assert_eq!(bench.algorithm.choose(&request, &candidates, &mut bench.stream), choice);
                        assert_best(name, choice, &explanation);
                        if let Choice::Server(server) = choice {
                            load[server.index()] += 1;
                            bench.algorithm.sent(server, &request);
                        }
                    }
                }
            }
        }
    }
}

fn assert_best(name: &str, choice: Choice, explanation: &Explanation) {
    let because = &explanation.because;
    assert!(!because.is_empty() && !because.ends_with('.'), "{name}: {because:?}");
    let values = explanation.scores.iter().map(|score| score.value);
    let best = match explanation.best {
        Best::Smallest => values.reduce(f64::min),
        Best::Largest => values.reduce(f64::max),
        Best::Unscored => return,
    };
    let Choice::Server(server) = choice else { return };
    let own = explanation.scores.iter().find(|score| score.server == server).map(|score| score.value);
    assert!(own.is_some() && own == best, "{name} chooses {server:?}: {explanation:?}");
}
