//! Nothing is lost and nothing is made up: requests, their time in the system, their time in queues.

use crate::models::{Zoo, config, model, texts};
use crate::witness::{Ending, Life, Witness, after, story, story_driven, window};
use lbsim::cluster::Cluster;
use lbsim::model::{Discipline, Model, PoolKind};
use lbsim::observe::{ClassTally, Observer};
use lbsim::units::Time;
use proptest::prelude::*;

/// Integrals of the number present, collected by watching a cluster event by event.
#[derive(Debug, Default, PartialEq, Eq)]
struct Integrals {
    /// From time 0 on.
    all: u128,
    /// From the start of the measured window on.
    measured: u128,
}

/// Steps to the end and integrates what [`Cluster::present`] says between events.
fn integrate<O: Observer>(cluster: &mut Cluster<O>, from: u64, to: Time) -> (Integrals, u64) {
    let mut integrals = Integrals::default();
    let (mut last, mut present, mut present_at_from) = (0, cluster.present(), 0);
    let mut add = |since: u64, until: u64, present: u64| {
        integrals.all += u128::from(present) * u128::from(until - since);
        integrals.measured += u128::from(present) * after(from, since, until);
    };
    while let Some(now) = cluster.step(to) {
        let now = now.as_nanos();
        assert!(now >= last, "time went back from {last} to {now}");
        add(last, now, present);
        (last, present) = (now, cluster.present());
        if now <= from {
            present_at_from = present;
        }
    }
    add(last, to.as_nanos(), present);
    cluster.run_until(to);
    (integrals, present_at_from)
}

/// Integrates the number of intervals that are open, by sweeping over their ends.
fn sweep(intervals: impl Iterator<Item = (u64, u64)>, from: u64) -> u128 {
    let mut ends: Vec<(u64, i64)> = intervals.flat_map(|(since, until)| [(since, 1), (until, -1)]).collect();
    ends.sort_unstable();
    let (mut open, mut last, mut integral) = (0_i64, 0, 0_u128);
    for (at, change) in ends {
        integral += u128::from(open.unsigned_abs()) * after(from, last, at);
        (open, last) = (open + change, at);
    }
    integral
}

fn count(lives: &[Life], wanted: impl Fn(&Life) -> bool) -> u64 {
    lives.iter().filter(|life| wanted(life)).count() as u64
}

/// The part of a life that was waiting.
fn waiting(life: &Life) -> (u64, u64) {
    (life.birth, life.start.unwrap_or(life.end))
}

/// When counting begins: after the warm-up, or with time itself.
const fn first_instant(from: u64) -> u64 {
    if from == 0 { 0 } else { from + 1 }
}

/// Holds a tally of some requests against the requests themselves, one by one.
fn check_tally(tally: &ClassTally, lives: &[Life], (from, to): (u64, u64)) {
    let first = first_instant(from);
    let inside = |time: u64| time >= first && time <= to;
    let completed = |life: &&Life| life.server().is_some() && inside(life.end);
    assert_eq!(tally.arrived, count(lives, |life| inside(life.birth)));
    assert_eq!(tally.completed(), lives.iter().filter(completed).count() as u64);
    assert_eq!(tally.unanswered(), count(lives, |life| life.ending == Ending::Refused && inside(life.end)));
    assert_eq!(tally.unfinished, count(lives, |life| life.ending == Ending::Unfinished));
    let present_before = count(lives, |life| life.birth < first && life.end >= first);
    assert_eq!(tally.arrived + present_before, tally.completed() + tally.unanswered() + tally.unfinished);
    assert_eq!(tally.sojourn.sum(), lives.iter().filter(completed).map(|life| u128::from(life.end - life.birth)).sum());
    let waited = |life: &Life| life.start.map_or(0, |start| u128::from(start - life.birth));
    assert_eq!(tally.waiting.sum(), lives.iter().filter(completed).map(waited).sum());
    assert_eq!(tally.present_ns, sweep(lives.iter().map(|life| (life.birth, life.end)), from));
    assert_eq!(tally.queued_ns, sweep(lives.iter().map(waiting), from));
}

fn all_balancers(model: &Model, wanted: impl Fn(&str) -> bool) -> bool {
    model.parts().balancers.iter().all(|balancer| wanted(balancer.algorithm.name()))
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn every_request_ends_once_and_in_order_of_its_times(text in texts(Zoo::EVERYTHING)) {
        let model = model(&text.0);
        let story = story(&model);
        let lives = story.by_number();
        prop_assert!(lives.iter().map(|life| life.number).eq(0..story.born), "numbers 0 to {}", story.born);
        prop_assert!(lives.is_sorted_by_key(|life| life.birth));
        let ends: Vec<u64> = story.lives.iter().filter(|life| life.ending != Ending::Unfinished).map(|life| life.end).collect();
        prop_assert!(ends.is_sorted(), "facts are told when they happen");
        for life in &lives {
            let start = life.start.unwrap_or(life.birth);
            prop_assert!(life.birth <= start && start <= life.end && life.end <= window(&model).1, "{life:?}");
        }
    }

    #[test]
    fn the_integral_of_the_number_present_is_the_presence_of_the_requests(text in texts(Zoo::EVERYTHING)) {
        let model = model(&text.0);
        let (from, to) = window(&model);
        let mut cluster = Cluster::new(&model, 0, Witness::new(&model));
        let (integrals, present_at_from) = integrate(&mut cluster, from, Time::from_nanos(to));
        let lives = cluster.finish_replication().lives;
        prop_assert_eq!(integrals.all, lives.iter().map(|life| after(0, life.birth, life.end)).sum::<u128>());
        prop_assert_eq!(integrals.measured, lives.iter().map(|life| after(from, life.birth, life.end)).sum::<u128>());
        prop_assert_eq!(present_at_from, count(&lives, |life| life.birth <= from && life.end > from));
    }

    #[test]
    fn the_tally_is_the_sum_of_the_requests(text in texts(Zoo::EVERYTHING)) {
        let model = model(&text.0);
        let story = story(&model);
        let mut total = ClassTally::default();
        for (class, tally) in story.classes.iter().enumerate() {
            check_tally(tally, &story.of_class(class), window(&model));
            total.merge(tally);
        }
        check_tally(&total, &story.lives, window(&model));
    }

    #[test]
    fn servers_count_what_they_serve_and_nothing_else(text in texts(Zoo::EVERYTHING)) {
        let model = model(&text.0);
        let (from, to) = window(&model);
        let story = story(&model);
        let mut served = vec![0; story.usage.len()];
        for life in story.lives.iter().filter(|life| life.end >= first_instant(from)) {
            if let Some(server) = life.server() {
                served[server] += 1;
            }
        }
        let pools = &model.parts().pools;
        let pools = pools.iter().flat_map(|pool| std::iter::repeat_n(pool, pool.count as usize));
        for ((usage, served), pool) in story.usage.iter().zip(served).zip(pools) {
            prop_assert!(usage.busy_ns <= u128::from(pool.workers) * u128::from(to - from), "a utilization above 1");
            if pool.kind == PoolKind::Servers {
                prop_assert_eq!(usage.served, served);
            }
        }
    }

    #[test]
    fn use_of_first_come_first_served_workers_is_the_time_in_service(
        text in texts(Zoo { disciplines: &["Fcfs"], failures: false, ..Zoo::EVERYTHING })
    ) {
        let model = model(&text.0);
        let (from, _) = window(&model);
        let story = story(&model);
        let in_service = |life: &Life| life.start.map_or(0, |start| after(from, start, life.end));
        let pools = &model.parts().pools;
        let back_ends = pools.iter().filter(|pool| pool.kind == PoolKind::BackEnd).count();
        let (servers, _) = story.usage.split_at(story.usage.len() - back_ends);
        prop_assert!(pools.iter().all(|pool| pool.discipline == Discipline::Fcfs));
        prop_assert_eq!(servers.iter().map(|usage| usage.busy_ns).sum::<u128>(), story.lives.iter().map(in_service).sum());
    }

    #[test]
    fn requests_wait_at_servers_or_in_balancers(text in texts(Zoo::EVERYTHING)) {
        let model = model(&text.0);
        let story = story(&model);
        let back_ends = model.parts().pools.iter().filter(|pool| pool.kind == PoolKind::BackEnd).count();
        let (servers, _) = story.usage.split_at(story.usage.len() - back_ends);
        let at_servers: u128 = servers.iter().map(|usage| usage.queued_ns).sum();
        let total: u128 = story.classes.iter().map(|tally| tally.queued_ns).sum();
        // Who is bound to a server waits there, whatever the algorithm.
        let binds = model.parts().balancers.iter().any(|balancer| balancer.persistence.is_some());
        if binds || model.parts().pools.iter().any(|pool| pool.max_connections.is_some()) {
            prop_assert!(at_servers <= total);
        } else if all_balancers(&model, |name| name != "CentralQueue") {
            prop_assert_eq!(at_servers, total);
        } else if all_balancers(&model, |name| name == "CentralQueue") && !text.0.contains("fail:") {
            prop_assert_eq!(at_servers, 0, "all {} ns were spent in balancers", total);
        } else {
            prop_assert!(at_servers <= total);
        }
    }

    #[test]
    fn it_does_not_matter_in_how_many_steps_time_passes(
        text in texts(Zoo::EVERYTHING),
        mut stops in proptest::collection::vec(0..24_000_u64, 0..12),
    ) {
        let model = model(&text.0);
        let to = model.parts().run.ends_at();
        let once = story(&model);
        let by_steps = story_driven(&model, |cluster| {
            while cluster.step(to).is_some() {}
            cluster.run_until(to);
        });
        stops.sort_unstable_by_key(|ms| ms / 1_000);
        let in_slices = story_driven(&model, |cluster| {
            // Half of the stops fall on a multiple of 250 ms, where things happen; some have passed already.
            let stops = stops.iter().map(|&ms| Time::from_nanos(if ms % 2 == 0 { ms / 250 * 250_000_000 } else { ms * 999_983 }));
            stops.filter(|stop| *stop < to).for_each(|stop| cluster.run_until(stop));
            cluster.run_until(to);
        });
        for other in [&by_steps, &in_slices] {
            prop_assert_eq!(&other.lives, &once.lives);
            prop_assert_eq!(&other.usage, &once.usage);
            prop_assert_eq!(other.born, once.born);
        }
    }
}
