//! The board with workers whose time is simulated: nobody idles while there is work, and decisions hang on nothing but records.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::Shard;
use super::board::{Board, Task};
use crate::experiment::{Compared, Design, Factor, Keeper, Level, Memory, Plan, PlannedPoint, Scale, Stopping, replicate};
use crate::model::{Model, NoFiles, RunPlan, Source, read};
use crate::observe::{Measure, Record};
use crate::random::Seed;
use std::collections::BTreeMap;

fn model() -> Model {
    let text = r#"Model(
        clients: [Open(arrivals: Poisson(rate: "80/s"), demand: Exponential(mean: "10ms"))],
        run: Steady(length: "20s", replications: 7),
    )"#;
    read(Source { name: "model", text }, &[], &NoFiles).unwrap().model
}

/// A server that gets more than it can do: its queue grows for ever, the faster the more.
fn overloaded(rate: &str) -> Model {
    let text = r#"Model(
        clients: [Open(arrivals: Poisson(rate: "RATE"), demand: Constant("10ms"))],
        run: Steady(length: "100s"),
    )"#;
    read(Source { name: "model", text: &text.replace("RATE", rate) }, &[], &NoFiles).unwrap().model
}

/// A plan of points that cost so many requests.
fn plan(costs: &[f64], stopping: Stopping) -> Plan {
    let model = model();
    let point = |(index, cost): (usize, &f64)| PlannedPoint {
        expected_requests: *cost,
        fingerprint: index.to_string(),
        ..PlannedPoint::of(vec![index], &model)
    };
    let levels = (0..costs.len()).map(|index| Level { label: index.to_string(), number: None }).collect();
    Plan {
        name: "plan".into(),
        about: String::new(),
        files: Vec::new(),
        seed: 1,
        factors: vec![Factor { name: "cost".into(), unit: String::new(), scale: Scale::Category, levels }],
        design: Design::Factorial,
        stopping,
        metrics: vec![Measure::named("mean").unwrap()],
        compared: None,
        contrasts: Vec::new(),
        goals: Vec::new(),
        charts: Vec::new(),
        points: costs.iter().enumerate().map(point).collect(),
    }
}

/// Records by replication, simulated once: all points have the same model.
#[derive(Default)]
struct Records(BTreeMap<u32, Record>);

impl Records {
    fn of(&mut self, task: Task) -> Record {
        let simulated = || replicate(&model(), task.replication);
        self.0.entry(task.replication).or_insert_with(simulated).clone()
    }
}

/// How many replications count of points with these models, by that rule.
fn decided(models: &[Model], stopping: Stopping) -> Vec<Option<u32>> {
    let mut plan = plan(&vec![1.0; models.len()], stopping);
    plan.compared = Some(Compared { factor: 0, baseline: 0 });
    for (point, model) in plan.points.iter_mut().zip(models) {
        point.shape = PlannedPoint::of(Vec::new(), model).shape;
    }
    let mut board = Board::new(&plan, None, |_, _| false);
    while board.decided().contains(&None) {
        let task = board.next().unwrap();
        board.deliver(task, replicate(&models[task.point], task.replication));
    }
    board.decided()
}

/// Works the board off with so many workers, each task taking as long as its point costs; the time at which the last worker
/// stops, and the time that all of them worked.
fn work(board: &mut Board, costs: &[f64], workers: usize) -> (f64, f64) {
    let mut records = Records::default();
    let mut busy: Vec<(f64, Task)> = Vec::new();
    let (mut now, mut worked) = (0.0, 0.0);
    loop {
        while busy.len() < workers {
            let Some(task) = board.next() else { break };
            busy.push((now + costs[task.point], task));
            worked += costs[task.point];
        }
        let Some(first) = (0..busy.len()).min_by(|a, b| busy[*a].0.total_cmp(&busy[*b].0)) else { return (now, worked) };
        let (end, task) = busy.swap_remove(first);
        now = end;
        let record = records.of(task);
        board.deliver(task, record);
    }
}

#[test]
fn unequal_points_keep_all_workers_busy_to_the_end() {
    let costs = [1.0, 30.0, 2.0, 7.0, 0.25, 90.0, 13.0, 4.0, 55.0];
    for workers in [2, 3, 4] {
        let mut board = Board::new(&plan(&costs, Stopping::Fixed), None, |_, _| false);
        let (end, worked) = work(&mut board, &costs, workers);
        assert_eq!(worked, 7.0 * costs.iter().sum::<f64>());
        assert!(worked / (end * workers as f64) > 0.95, "{workers} workers: busy {}", worked / (end * workers as f64));
        assert_eq!(board.decided(), vec![Some(7); costs.len()]);
        let progress = board.progress();
        assert_eq!((progress.done, progress.asked, progress.requests), (63, 63, worked));
        assert!(progress.requests_left.abs() < 1e-6);
    }
}

#[test]
fn precision_is_decided_alike_by_any_number_of_workers_in_any_order() {
    let stopping = Stopping::Precision { targets: vec![(Measure::named("mean").unwrap(), 0.08)], most: 500 };
    let reversed: Vec<f64> = [5.0, 1.0, 3.0].into_iter().rev().collect();
    let mut outcomes = Vec::new();
    for (costs, workers) in [(vec![5.0, 1.0, 3.0], 1), (vec![5.0, 1.0, 3.0], 7), (reversed, 3)] {
        let mut board = Board::new(&plan(&costs, stopping.clone()), None, |_, _| false);
        let (end, worked) = work(&mut board, &costs, workers);
        assert!(worked / (end * workers as f64) > 0.8, "workers simulate ahead rather than wait");
        outcomes.push(board.decided());
    }
    // Every point has the same model here, so all three decide alike.
    assert!(outcomes.iter().flatten().all(|decided| *decided == outcomes[0][0] && decided.is_some()), "{outcomes:?}");
    assert!(outcomes[0][0] > Some(10) && outcomes[0][0] < Some(500), "{outcomes:?}");
}

#[test]
fn what_is_known_is_left_out_and_shards_share_the_rest() {
    let costs = [1.0, 2.0, 3.0];
    let mut board = Board::new(&plan(&costs, Stopping::Fixed), None, |point, replication| point == 1 && replication != 4);
    assert_eq!(work(&mut board, &costs, 2).1, 7.0 + 2.0 + 21.0);
    assert_eq!(board.decided(), vec![Some(7); 3]);
    let mut seen = Vec::new();
    for index in 0..4 {
        let mut board = Board::new(&plan(&costs, Stopping::Fixed), Some(Shard { index, of: 4 }), |_, _| false);
        let mut records = Records::default();
        while let Some(task) = board.next() {
            seen.push((task.point, task.replication));
            let record = records.of(task);
            board.deliver(task, record);
        }
        let progress = board.progress();
        assert_eq!(progress.done, progress.asked);
        assert_eq!(board.decided(), vec![None; 3]);
    }
    seen.sort_unstable();
    let all: Vec<(usize, u32)> = (0..3).flat_map(|point| (0..7).map(move |replication| (point, replication))).collect();
    assert_eq!(seen, all);
}

#[test]
fn equal_points_are_simulated_once() {
    let mut plan = plan(&[1.0, 1.0, 1.0], Stopping::Fixed);
    plan.points[2].fingerprint = plan.points[0].fingerprint.clone();
    let mut board = Board::new(&plan, None, |_, _| false);
    assert_eq!(work(&mut board, &[1.0; 3], 2).1, 14.0);
    assert_eq!(board.decided(), vec![Some(7); 3]);
}

#[test]
fn points_that_differ_only_in_their_number_of_replications_have_each_their_own() {
    let mut plan = plan(&[1.0, 1.0], Stopping::Fixed);
    plan.points[1].fingerprint = plan.points[0].fingerprint.clone();
    let RunPlan::Steady { replications, .. } = &mut plan.points[0].shape.run else { panic!("not steady") };
    *replications = 3;
    let mut board = Board::new(&plan, None, |_, _| false);
    let memory = Memory::default();
    while let Some(task) = board.next() {
        let record = replicate(&model(), task.replication);
        memory.keep(task.point, &record).unwrap();
        board.deliver(task, record);
    }
    assert_eq!(board.decided(), [Some(3), Some(7)]);
    let folds = memory.folds(&plan, &board.decided());
    assert_eq!(folds.iter().map(|fold| fold.figures().len()).collect::<Vec<_>>(), [3, 7]);
}

#[test]
fn a_point_that_does_not_converge_is_given_up() {
    let stopping = Stopping::Precision { targets: vec![(Measure::named("mean").unwrap(), 0.5)], most: 400 };
    assert_eq!(decided(&[overloaded("110/s"), model()], stopping), [Some(102), Some(20)]);
}

fn smallest_mean(indifference: f64) -> Stopping {
    let measure = Measure::named("mean").unwrap();
    Stopping::Best { measure, smallest: true, probability: 0.95, indifference, most: 400 }
}

#[test]
fn a_race_whose_leader_does_not_converge_ends_when_that_is_sure() {
    // The second is far behind at the first look. The first has an alarm then too, which might be a false one.
    assert_eq!(decided(&[overloaded("110/s"), overloaded("150/s")], smallest_mean(0.5)), [Some(102), Some(20)]);
    // Nobody can tell these two apart, and nobody has to.
    let twins = [overloaded("110/s"), overloaded("110/s").with_seed(Seed(2))];
    assert_eq!(decided(&twins, smallest_mean(1e-6)), [Some(102), Some(102)]);
    // One that does not converge is beaten like any other.
    let beaten = decided(&[overloaded("110/s"), model()], smallest_mean(0.01));
    assert!(beaten[0] <= beaten[1] && beaten[1] <= Some(30), "{beaten:?}");
}
