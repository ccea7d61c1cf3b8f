//! Sizing on queues whose answer is known.

use super::*;
use crate::model::{NoFiles, Override, Report, Source, read};
use crate::theory::Mmc;

/// 40 requests a second of 100 ms each: 4 servers are always busy.
const QUEUE: &str = r#"Model(
    clients: [Open(arrivals: Poisson(rate: "40/s"), demand: Exponential(mean: "100ms"))],
    balancer: (algorithm: CentralQueue),
    run: Steady(length: "60s"),
)"#;

fn with(overrides: &[(&str, String)]) -> Result<Candidate, Report> {
    let overrides: Vec<Override> = overrides.iter().map(|(path, value)| Override::new(*path, value)).collect();
    let checked = read(Source { name: "test", text: QUEUE }, &overrides, &NoFiles)?;
    Ok(Candidate { overloaded: checked.warnings.has(crate::model::OVERLOAD), model: checked.model })
}

/// The queue with number + 1 servers.
fn servers(seed: u64) -> impl Fn(u64) -> Result<Candidate, Report> {
    move |number| with(&[("servers[0].count", (number + 1).to_string()), ("seed", seed.to_string())])
}

fn question(goals: &[&str], last: Option<u64>, most_replications: u32) -> SizeQuestion {
    let goals = goals.iter().map(|goal| Goal::parse(goal).unwrap()).collect();
    SizeQuestion { goals, confidence: 0.95, last, most_replications }
}

#[test]
fn the_error_is_divided_over_models_looks_and_goals() {
    let one = question(&["mean < 1s"], Some(9), 100);
    assert_eq!(one.most_judged(), 2 + 4);
    assert_eq!(one.looks().collect::<Vec<_>>(), [20, 30, 45, 68, 100]);
    assert!((one.level() - (1.0 - 2.0 * 0.05 / (6.0 * 5.0))).abs() < 1e-12);
    let two = question(&["mean < 1s", "utilization < 80%"], Some(9), 100);
    assert!((two.level() - (1.0 - 2.0 * 0.05 / (6.0 * 5.0 * 2.0))).abs() < 1e-12);
    assert_eq!(question(&["mean < 1s"], None, 100).most_judged(), 41);
}

#[test]
fn no_search_judges_more_than_it_has_accounted_for() {
    // A metric that jumps at each place in turn; the limit on the number of models is never exceeded, and reached.
    let reached = (1..=40)
        .map(|end| {
            let judged = |threshold: u64| {
                let (mut count, mut low, mut high) = (2, 0, end);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    count += 1;
                    if middle >= threshold {
                        high = middle;
                    } else {
                        low = middle;
                    }
                }
                count
            };
            let most = (1..=end).map(judged).max().unwrap();
            assert!(most <= question(&["mean < 1s"], Some(end), 20).most_judged());
            u32::from(most == question(&["mean < 1s"], Some(end), 20).most_judged())
        })
        .sum::<u32>();
    assert_eq!(reached, 40);
}

#[test]
fn it_finds_the_smallest_and_shows_its_way() {
    // Waits of 5 servers are 55 ms on average, of 6 they are 14 ms.
    let sizing = size(&question(&["mean_wait < 30ms"], None, 200), servers(1)).unwrap();
    assert_eq!(sizing.answer, Answer::Smallest(5));
    let way: Vec<(u64, Standing)> = sizing.tried.iter().map(|tried| (tried.number, tried.standing)).collect();
    let overloaded = [0, 1, 2].map(|number| (number, Standing::Overloaded));
    assert_eq!(way[..3], overloaded);
    assert_eq!(way[3..], [(4, Standing::Misses(0)), (5, Standing::Meets), (6, Standing::Meets), (8, Standing::Meets)]);
    assert!(sizing.reversals.is_empty());
    // The same within given ends, and on any number of threads.
    let bounded = question(&["mean_wait < 30ms"], Some(9), 200);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        format!("{:?}", pool.install(|| size(&bounded, servers(1)).unwrap()))
    };
    assert!(on(1).contains("answer: Smallest(5)"));
    assert_eq!(on(1), on(3));
}

#[test]
fn all_goals_must_hold_and_the_missed_one_is_named() {
    let goals = ["utilization < 60%", "mean_wait < 30ms"];
    let sizing = size(&question(&goals, Some(15), 200), servers(2)).unwrap();
    // 4 / 7 is below 60 %, 4 / 6 is not; the wait is short enough from 6 servers on.
    assert_eq!(sizing.answer, Answer::Smallest(6));
    let of = |number| sizing.tried.iter().find(|tried| tried.number == number).map(|tried| tried.standing);
    assert_eq!(of(5), Some(Standing::Misses(0)));
}

#[test]
fn ends_are_told_apart() {
    let first = size(&question(&["mean_wait < 30ms"], Some(3), 60), |number| servers(3)(number + 9)).unwrap();
    assert_eq!((first.answer, first.tried.len()), (Answer::First, 1));
    let never = size(&question(&["mean_wait < 1ms"], Some(4), 60), servers(3)).unwrap();
    assert_eq!(never.answer, Answer::None(4));
    // A row of one model.
    assert_eq!(size(&question(&["mean_wait < 1ms"], Some(0), 60), servers(3)).unwrap().answer, Answer::None(0));
    // The row ends where no model can be made any more.
    let refused = |number| if number < 5 { servers(3)(number).map_err(|_| ()) } else { Err(()) };
    assert_eq!(size(&question(&["mean_wait < 1ms"], None, 60), refused).unwrap().answer, Answer::None(4));
    assert!(size(&question(&["mean_wait < 1ms"], Some(9), 60), refused).is_err());
}

#[test]
fn what_cannot_be_decided_is_said_to_be_so() {
    // The true mean wait of 5 servers is the limit, to the last digit.
    let exact = Mmc::new(40.0, 10.0, 5).unwrap().mean_wait();
    let goal = format!("mean_wait < {}ns", exact * 1e9);
    let sizing = size(&question(&[&goal], Some(7), 60), servers(6)).unwrap();
    assert_eq!(sizing.answer, Answer::Sufficient(5));
    let undecided = sizing.tried.iter().find(|tried| tried.number == 4).unwrap();
    assert_eq!((undecided.standing, undecided.replications), (Standing::Undecided, 60));
    assert!((undecided.estimates[0].value.unwrap() - exact).abs() < undecided.estimates[0].half_width.unwrap());
}

#[test]
fn a_run_that_has_not_converged_does_not_meet_its_goals() {
    // A steady run too short to forget its start, for its load of 4 / 4.04.
    let candidate = |number: u64| with(&[("servers[0].count", "4".into()), ("servers[0].speed", format!("1.0{}", number + 1))]);
    let sizing = size(&question(&["mean_wait < 1h"], Some(0), 200), candidate).unwrap();
    assert_eq!((sizing.answer, sizing.tried[0].standing), (Answer::None(0), Standing::NotConverged));
    assert_eq!(sizing.tried[0].estimates[0].value, None);
}

#[test]
fn a_terminating_run_may_be_overloaded() {
    let run = ("run", "Terminating(horizon: \"10s\")".to_string());
    let candidate = |number: u64| with(&[("servers[0].count", (number + 1).to_string()), run.clone()]);
    let sizing = size(&question(&["mean_response < 2s"], None, 100), candidate).unwrap();
    // 3 servers fall behind by a quarter: after ten seconds the last one waits for some 3 s.
    assert!(sizing.tried.iter().all(|tried| tried.replications >= FIRST_LOOK));
    assert!(matches!(sizing.answer, Answer::Smallest(1..=3)), "{:?}", sizing.answer);
}

#[test]
fn what_is_not_monotone_is_noticed() {
    // Of every eight models the last four have servers twice as slow.
    let candidate = |number: u64| {
        let speed = if number % 8 < 4 { "1" } else { "0.5" };
        with(&[("servers[0].count", (number + 10).to_string()), ("servers[0].speed", speed.into())])
    };
    let sizing = size(&question(&["utilization < 15%"], Some(19), 60), candidate).unwrap();
    assert!(!sizing.reversals.is_empty());
    for Reversal { better, worse, .. } in sizing.reversals {
        assert!(better < worse && better % 8 < 4 && worse % 8 >= 4);
    }
}

/// The promise, at places where it is hard to keep: limits that are 6 % from what 5 servers do, in the mean and in the
/// probability of waiting, below and above. The answers may be wrong with a probability of 5 % in each of 4 times 40 searches;
/// more than 15 of 160 wrong answers would come with a probability of 0.8 % then. Most searches must also decide.
#[test]
fn the_stated_confidence_is_kept() {
    let five = Mmc::new(40.0, 10.0, 5).unwrap();
    let hard = [
        (format!("mean_wait < {}ns", 0.94e9 * five.mean_wait()), 5),
        (format!("mean_wait < {}ns", 1.06e9 * five.mean_wait()), 4),
        (format!("p_wait < {}", 0.94 * five.p_wait()), 5),
        (format!("p_wait < {}", 1.06 * five.p_wait()), 4),
    ];
    let (mut wrong, mut decided) = (0, 0);
    for (goal, smallest) in hard {
        let question = question(&[&goal], Some(9), 400);
        for seed in 0..40 {
            match size(&question, servers(9_000 + seed)).unwrap().answer {
                Answer::Smallest(number) => {
                    decided += 1;
                    wrong += u32::from(number != smallest);
                }
                // "It meets the goal" may be wrong, too.
                Answer::Sufficient(number) => wrong += u32::from(number < smallest),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(wrong <= 15, "{wrong} of 160 answers are wrong");
    assert!(decided >= 80, "only {decided} of 160 searches decide");
}
