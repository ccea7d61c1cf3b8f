//! Who does what: the tasks of a sweep, the longest first, and what has been decided.

use super::rule::{Rule, Ruling};
use super::{Progress, Shard};
use crate::experiment::{Plan, Stopping, Watched};
use crate::observe::Record;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

/// One replication of one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) point: usize,
    pub(super) replication: u32,
}

/// The state of a sweep.
pub(super) struct Board {
    points: Vec<Point>,
    /// Points whose replications are decided together.
    groups: Vec<Vec<usize>>,
    /// How it is decided; nothing where every point has as many replications as its model says.
    rule: Option<Rule>,
    shard: Option<Shard>,
    /// The points that have tasks, the longest first.
    ready: BinaryHeap<(u64, Reverse<usize>)>,
    /// Replications that are being simulated.
    running: usize,
    is_abandoned: bool,
    progress: Progress,
}

/// The state of a point.
struct Point {
    group: usize,
    /// The point whose records serve: itself, or an earlier one with the same fingerprint.
    served_by: usize,
    /// Its own fixed number of replications, where there is one: those of the point that serves may be more.
    fixed: Option<u32>,
    /// Requests of one replication, as expected.
    requests: f64,
    /// Replications asked for: up to the next checkpoint.
    asked: u32,
    /// The next one to be handed out.
    next: u32,
    /// Where the number is fixed: which replications were known before the sweep began, in order, and how many are done.
    known: Vec<u32>,
    done: u32,
    /// Where records decide: those asked for, in order, and those that wait for an earlier one or for being asked for.
    watched: Option<Watched>,
    early: BTreeMap<u32, Record>,
    decided: Option<u32>,
}

impl Board {
    /// The board of a plan; `is_known` tells which replications need not be simulated.
    pub(super) fn new(plan: &Plan, shard: Option<Shard>, is_known: impl Fn(usize, u32) -> bool) -> Self {
        let rule = Rule::of(&plan.stopping);
        let mut first_of = HashMap::new();
        let point = |(index, planned): (usize, &crate::experiment::PlannedPoint)| Point {
            group: 0,
            // Where records decide, each point is decided by itself; equal ones find each other's records.
            served_by: if rule.is_some() { index } else { *first_of.entry(planned.fingerprint.clone()).or_insert(index) },
            fixed: rule.is_none().then(|| planned.shape.run.replications()),
            requests: planned.expected_requests,
            asked: 0,
            next: 0,
            known: Vec::new(),
            done: 0,
            watched: rule.is_some().then(|| Watched::of(planned.shape.clone())),
            early: BTreeMap::new(),
            decided: None,
        };
        let points: Vec<Point> = plan.points.iter().enumerate().map(point).collect();
        let groups = match plan.stopping {
            Stopping::Best { .. } => plan.conditions(),
            _ => (0..points.len()).map(|point| vec![point]).collect(),
        };
        let progress = Progress { done: 0, asked: 0, requests: 0.0, requests_left: 0.0 };
        let mut board = Self { points, groups, rule, shard, ready: BinaryHeap::new(), running: 0, is_abandoned: false, progress };
        for (number, group) in board.groups.iter().enumerate() {
            group.iter().for_each(|point| board.points[*point].group = number);
        }
        board.ask_first(plan, is_known);
        board
    }

    /// Asks for the first replications of each point: all of them where their number is fixed.
    fn ask_first(&mut self, plan: &Plan, is_known: impl Fn(usize, u32) -> bool) {
        let mut asked = vec![0; self.points.len()];
        for (index, point) in plan.points.iter().enumerate() {
            let number = self.rule.as_ref().map_or(point.shape.run.replications(), Rule::first);
            let serves = self.points[index].served_by;
            asked[serves] = number.max(asked[serves]);
        }
        for (index, asked) in asked.into_iter().enumerate() {
            if self.rule.is_none() {
                self.points[index].known = (0..asked).filter(|replication| is_known(index, *replication)).collect();
                self.points[index].done = self.points[index].known.len() as u32;
                let known = self.points[index].known.iter();
                let ours = known.filter(|replication| self.is_ours(Task { point: index, replication: **replication }));
                self.progress.done += ours.count() as u64;
            }
            self.ask(index, asked);
        }
    }

    /// Asks for the replications of a point up to number `asked`.
    fn ask(&mut self, index: usize, asked: u32) {
        let point = &self.points[index];
        let new = (point.asked..asked).filter(|replication| self.is_ours(Task { point: index, replication: *replication }));
        let (mut number, mut unknown) = (0_u32, 0_u32);
        for replication in new {
            number += 1;
            unknown += u32::from(point.known.binary_search(&replication).is_err());
        }
        self.progress.asked += u64::from(number);
        self.progress.requests_left += f64::from(unknown) * point.requests;
        self.points[index].asked = asked;
        self.line_up(index);
    }

    /// Whether the replication is for this shard: single replications are dealt out where their number is fixed, else groups.
    fn is_ours(&self, task: Task) -> bool {
        let Some(Shard { index, of }) = self.shard else { return true };
        let number = match self.rule {
            None => task.point as u64 + u64::from(task.replication),
            Some(_) => self.points[task.point].group as u64,
        };
        number % u64::from(of) == u64::from(index)
    }

    /// Moves a point on to its next replication to be handed out, and lines it up if there is one.
    fn line_up(&mut self, index: usize) {
        let point = &self.points[index];
        let is_wanted = |replication: &u32| {
            point.known.binary_search(replication).is_err() && self.is_ours(Task { point: index, replication: *replication })
        };
        let next = (point.next..point.asked).find(is_wanted).unwrap_or(point.next.max(point.asked));
        let point = &mut self.points[index];
        point.next = next;
        if point.next < point.asked {
            self.ready.push((point.requests.max(0.0).to_bits(), Reverse(index)));
        } else if self.rule.is_none() && point.done == point.asked {
            point.decided = Some(point.asked);
        }
    }

    /// The next task: what is asked for, the longest first, and if there is nothing, what may be asked for later.
    pub(super) fn next(&mut self) -> Option<Task> {
        let (point, is_asked) = match self.ready.pop() {
            Some((_, Reverse(point))) => (point, true),
            None => (self.ahead()?, false),
        };
        let replication = self.points[point].next;
        self.points[point].next += 1;
        self.running += 1;
        if is_asked {
            self.line_up(point);
        }
        Some(Task { point, replication })
    }

    /// The open point that is least ahead of what is asked for.
    fn ahead(&self) -> Option<usize> {
        let most = self.rule.as_ref()?.most();
        let may_need = |(index, point): &(usize, &Point)| {
            point.decided.is_none()
                && point.next < most.min(2 * point.asked)
                && self.is_ours(Task { point: *index, replication: 0 })
        };
        let open = self.points.iter().enumerate().filter(may_need);
        open.min_by_key(|(_, point)| point.next.saturating_sub(point.asked)).map(|(index, _)| index)
    }

    /// Takes a record in.
    pub(super) fn deliver(&mut self, task: Task, record: Record) {
        self.running -= 1;
        let point = &mut self.points[task.point];
        self.progress.requests += point.requests;
        if task.replication < point.asked {
            self.progress.done += 1;
            self.progress.requests_left -= point.requests;
        }
        if self.rule.is_some() {
            point.early.insert(task.replication, record);
            let group = point.group;
            self.decide(group);
        } else {
            point.done += 1;
            point.decided = (point.done == point.asked).then_some(point.asked);
        }
    }

    /// Asks the rule, as often as a checkpoint of the group is complete.
    fn decide(&mut self, group: usize) {
        let members = self.groups[group].clone();
        loop {
            let mut is_complete = true;
            for &member in &members {
                is_complete &= self.points[member].catch_up();
            }
            let is_open = members.iter().any(|member| self.points[*member].decided.is_none());
            let watched: Vec<&Watched> = members.iter().filter_map(|member| self.points[*member].watched.as_ref()).collect();
            let Some(rule) = self.rule.as_ref().filter(|_| is_open && is_complete) else { return };
            let Ruling { next, decided } = rule.apply(&watched);
            for (&member, decided) in members.iter().zip(decided) {
                let point = &mut self.points[member];
                point.decided = point.decided.or(decided);
                if point.decided.is_none() {
                    // What was simulated ahead counts from now on.
                    let ahead = point.early.range(..next).count() as u32;
                    let requests = point.requests;
                    self.ask(member, next);
                    self.progress.done += u64::from(ahead);
                    self.progress.requests_left -= f64::from(ahead) * requests;
                }
            }
        }
    }

    /// How many replications count, by point.
    pub(super) fn decided(&self) -> Vec<Option<u32>> {
        let own = |point: &Point| self.points[point.served_by].decided.map(|number| point.fixed.unwrap_or(number));
        self.points.iter().map(own).collect()
    }

    /// Whether nobody simulates, so that nothing new can come.
    pub(super) const fn is_idle(&self) -> bool {
        self.running == 0
    }

    /// Gives up: no more tasks.
    pub(super) const fn abandon(&mut self) {
        self.is_abandoned = true;
    }

    pub(super) const fn is_abandoned(&self) -> bool {
        self.is_abandoned
    }

    pub(super) const fn progress(&self) -> Progress {
        self.progress
    }
}

impl Point {
    /// Folds what has come in order, as far as it is asked for; whether all of that is there, or nothing more is needed.
    fn catch_up(&mut self) -> bool {
        let Some(watched) = self.watched.as_mut().filter(|_| self.decided.is_none()) else { return true };
        let mut folded = watched.fold().figures().len() as u32;
        while folded < self.asked {
            let Some(record) = self.early.remove(&folded) else { return false };
            watched.add(&record);
            folded += 1;
        }
        true
    }
}
