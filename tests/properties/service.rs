//! Servers do the work that requests bring, in the order in which they come.

use crate::models::{Zoo, config, model, texts};
use crate::witness::{Ending, Life, Story, story};
use lbsim::model::{Arrivals, Discipline, Model, PoolSpec};
use lbsim::random::{Role, Stream};
use lbsim::units::BalancerId;
use proptest::prelude::*;
use std::collections::HashMap;

/// The pool of every server.
fn pools(model: &Model) -> Vec<&PoolSpec> {
    model.parts().pools.iter().flat_map(|pool| std::iter::repeat_n(pool, pool.count as usize)).collect()
}

/// Whether a balancer holds requests itself.
fn holds(model: &Model, balancer: BalancerId) -> bool {
    model.parts().balancers[balancer.index()].algorithm.name() == "CentralQueue"
}

/// The demands of all requests of open classes, by number, drawn from their streams again.
fn demands(model: &Model, story: &Story) -> HashMap<u64, u64> {
    let mut demands = HashMap::new();
    for (index, class) in model.parts().classes.iter().enumerate() {
        if !matches!(class.arrivals, Arrivals::Closed { .. }) {
            let mut stream = Stream::new(model.parts().seed, 0, Role::Demand, index as u32);
            let draw = |life: Life| (life.number, class.demand.sample(&mut stream).as_nanos());
            demands.extend(story.of_class(index).into_iter().map(draw));
        }
    }
    demands
}

/// The completed requests of each server in order of birth.
fn by_server(model: &Model, story: &Story) -> Vec<Vec<Life>> {
    let mut servers = vec![Vec::new(); pools(model).len()];
    for life in story.by_number() {
        if let Some(server) = life.server() {
            servers[server].push(life);
        }
    }
    servers
}

fn start(life: &Life) -> u64 {
    life.start.unwrap_or(u64::MAX)
}

proptest! {
    #![proptest_config(config(1_000))]

    /// Lindley's recursion, for servers whose requests come straight from their clients.
    #[test]
    fn a_single_worker_serves_in_order_of_arrival_and_never_idles(text in texts(Zoo { back_ends: false, sessions: false, failures: false, ..Zoo::EVERYTHING })) {
        let model = model(&text.0);
        let senders = &model.parts().balancers;
        let classes = &model.parts().classes;
        for (lives, pool) in by_server(&model, &story(&model)).iter().zip(pools(&model)) {
            let holders = senders.iter().filter(|sender| sender.algorithm.name() == "CentralQueue");
            let sends = |pools: &[lbsim::units::PoolId]| pools.iter().any(|listed| model.parts().pools[listed.index()].name == pool.name);
            // Where connections are limited, requests may have waited in a balancer, for another server.
            let limited = model.parts().pools.iter().any(|pool| pool.max_connections.is_some());
            if limited || pool.workers > 1 || pool.discipline != Discipline::Fcfs || holders.into_iter().any(|sender| sends(&sender.pools)) {
                continue;
            }
            let mut free_at = 0;
            for life in lives {
                prop_assert_eq!(start(life), life.birth.max(free_at), "{:?} of {}", life, &classes[life.class].name);
                free_at = life.end;
            }
        }
    }

    #[test]
    fn who_waits_starts_at_the_moment_when_another_leaves_that_server(
        text in texts(Zoo { back_ends: false, script: false, sessions: false, failures: false, ..Zoo::EVERYTHING })
    ) {
        let model = model(&text.0);
        for (lives, pool) in by_server(&model, &story(&model)).iter().zip(pools(&model)) {
            for life in lives {
                let waited = start(life) > life.birth;
                let left = || lives.iter().any(|other| other.end == start(life) && other.number != life.number);
                prop_assert!(!waited || left(), "{life:?}");
                let together = lives.iter().filter(|other| start(other) <= life.birth && other.end > life.birth);
                let most = if pool.discipline == Discipline::Fcfs { pool.workers as usize } else { usize::MAX };
                prop_assert!(together.count() <= most, "{life:?}");
            }
        }
    }

    #[test]
    fn a_balancer_that_holds_requests_lets_them_go_in_order(text in texts(Zoo { sessions: false, failures: false, ..Zoo::EVERYTHING })) {
        let model = model(&text.0);
        let story = story(&model);
        for balancer in (0..model.parts().balancers.len()).map(|number| BalancerId(number as u16)) {
            if holds(&model, balancer) {
                let own = |life: &Life| model.parts().classes[life.class].balancer == balancer;
                let started: Vec<u64> = story.by_number().iter().filter(|life| own(life)).filter_map(|life| life.start).collect();
                prop_assert!(started.is_sorted());
            }
        }
    }

    #[test]
    fn service_takes_demand_over_speed(text in texts(Zoo { back_ends: false, sessions: false, failures: false, ..Zoo::EVERYTHING })) {
        let model = model(&text.0);
        let story = story(&model);
        let demands = demands(&model, &story);
        let pools = pools(&model);
        for life in &story.lives {
            let (Some(server), Some(&demand)) = (life.server(), demands.get(&life.number)) else { continue };
            let stay = life.end - start(life);
            let scaled = |nanos: u64| (nanos as f64 * pools[server].speed).round() as u64;
            if pools[server].discipline == Discipline::Fcfs {
                // Speed 3 does not divide every nanosecond; the others do, and there nothing is forgiven.
                let forgiven = u64::from(pools[server].speed == 3.0 || pools[server].speed == 2.0);
                prop_assert!(scaled(stay).abs_diff(demand) <= 2 * forgiven, "{life:?} with {demand} ns");
            } else {
                prop_assert!(scaled(stay + 1) >= demand, "{life:?} with {demand} ns");
            }
        }
    }

    #[test]
    fn requests_that_call_a_back_end_stay_for_their_own_service_at_least(text in texts(Zoo { sessions: false, failures: false, ..Zoo::EVERYTHING })) {
        let model = model(&text.0);
        let story = story(&model);
        let demands = demands(&model, &story);
        let pools = pools(&model);
        for life in &story.lives {
            let (Some(server), Some(&demand)) = (life.server(), demands.get(&life.number)) else { continue };
            prop_assert!((life.end - start(life) + 1) as f64 * pools[server].speed >= demand as f64, "{life:?}");
        }
    }

    #[test]
    fn only_what_is_bounded_refuses(text in texts(Zoo { capacities: false, script: false, failures: false, ..Zoo::EVERYTHING })) {
        let model = model(&text.0);
        prop_assert!(story(&model).lives.iter().all(|life| life.ending != Ending::Refused));
    }
}
