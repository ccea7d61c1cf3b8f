//! The calendar against a plain sorted set, and its promises on void events and on reaching forward.

use super::*;
use crate::engine::EventClass;
use crate::units::Time;
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::collections::BTreeSet;

const CLASSES: [EventClass; 4] = [EventClass::Completion, EventClass::StateChange, EventClass::Timer, EventClass::Arrival];

fn event(nanos: u64, class: usize, index: u32) -> Event {
    Event::new(Time::from_nanos(nanos), CLASSES[class % 4], index, 0)
}

/// A calendar beside a sorted set of the same events, every answer of the one compared with that of the other.
#[derive(Default)]
struct Pair {
    calendar: Calendar,
    model: BTreeSet<Event>,
    now: u64,
    scheduled: u32,
}

impl Pair {
    fn schedule(&mut self, gap: u64, class: usize) {
        self.scheduled += 1;
        let event = event(self.now.saturating_add(gap), class, self.scheduled);
        self.calendar.schedule(event);
        self.model.insert(event);
    }

    fn peek(&mut self) {
        assert_eq!(self.calendar.peek(), self.model.first().copied());
    }

    fn pop(&mut self) -> Option<Event> {
        let event = self.calendar.pop();
        assert_eq!(event, self.model.pop_first());
        assert_eq!(self.calendar.len(), self.model.len());
        self.now = event.map_or(self.now, |event| event.time().as_nanos());
        event
    }

    fn drain(&mut self) {
        while self.pop().is_some() {}
        assert!(self.calendar.is_empty());
    }

    /// Pops and schedules, so that as many stay pending.
    fn hold(&mut self, times: usize, mut gap: impl FnMut() -> u64) {
        for number in 0..times {
            self.pop();
            self.schedule(gap(), number);
        }
    }

    fn fill(&mut self, count: usize, mut gap: impl FnMut() -> u64) {
        for number in 0..count {
            self.schedule(gap(), number);
        }
    }
}

fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
    ((random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// A gap of a named shape.
fn gap(shape: &str, random: &mut Xoshiro256PlusPlus) -> u64 {
    let u = uniform(random);
    match shape {
        "constant" => 1_000_000,
        "none" => 0,
        "exponential" => (-u.ln() * 1e9) as u64,
        "pareto 1.5" => (1e6 * u.powf(-1.0 / 1.5)) as u64,
        "pareto 1.1" => (1e6 * u.powf(-1.0 / 1.1)) as u64,
        "pareto 0.5" => (1e3 * u.powf(-2.0)) as u64,
        "bimodal" => [1, 1_000_000_000_000][usize::from(u < 0.5)],
        "rare and far" => [(u * 1e3) as u64, 1_000_000_000_000_000][usize::from(u < 0.01)],
        _ => panic!("there is no shape {shape}"),
    }
}

const SHAPES: [&str; 8] =
    ["constant", "none", "exponential", "pareto 1.5", "pareto 1.1", "pareto 0.5", "bimodal", "rare and far"];

#[test]
fn every_shape_of_gaps_pops_in_order_at_every_size() {
    for shape in SHAPES {
        for size in [1, 5, 31, 33, 100, 1_000, 20_000] {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(size as u64);
            let mut pair = Pair::default();
            pair.fill(size, || gap(shape, &mut random));
            pair.hold(3 * size + 100, || gap(shape, &mut random));
            pair.drain();
        }
    }
}

#[test]
fn a_calendar_follows_when_the_gaps_change_their_scale() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut pair = Pair::default();
    pair.fill(2_000, || gap("exponential", &mut random));
    for shape in ["exponential", "rare and far", "constant", "none", "pareto 1.1", "exponential"] {
        pair.hold(20_000, || gap(shape, &mut random));
    }
    pair.drain();
}

#[test]
fn a_hundred_thousand_events_of_one_instant_pop_in_order() {
    for instant in [0, 1_000_000_000, u64::MAX] {
        let mut pair = Pair { now: instant, ..Pair::default() };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        pair.fill(100_000, || 0);
        pair.hold(1_000, || 0);
        pair.hold(1_000, || gap("exponential", &mut random));
        pair.drain();
    }
}

#[test]
fn times_near_the_end_of_time_are_like_any() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut pair = Pair { now: u64::MAX - 2_000_000, ..Pair::default() };
    pair.fill(1_000, || random.next_u64() % 1_000_000);
    pair.schedule(u64::MAX, 0);
    pair.hold(10_000, || random.next_u64() % 1_000);
    pair.drain();

    let mut pair = Pair::default();
    pair.fill(5_000, || random.next_u64());
    pair.fill(5_000, || random.next_u64() >> 40);
    pair.hold(20_000, || random.next_u64() >> 30);
    pair.drain();
}

#[test]
fn an_event_of_the_same_instant_comes_next_even_if_it_is_of_a_smaller_class() {
    for others in [0, 10, 1_000] {
        let mut calendar = Calendar::new();
        (1..=others).for_each(|index| calendar.schedule(event(5 + u64::from(index) % 7, 3, index)));
        calendar.schedule(event(5, 2, 0));
        assert_eq!(calendar.pop(), Some(event(5, 2, 0)));
        calendar.schedule(event(5, 0, 9));
        assert_eq!(calendar.pop(), Some(event(5, 0, 9)));
    }
}

#[test]
fn events_may_come_before_one_that_has_been_peeked_at() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut pair = Pair::default();
    pair.fill(100, || 3_600_000_000_000 + random.next_u64() % 1_000_000_000);
    pair.peek();
    for _ in 0..5_000 {
        pair.schedule(random.next_u64() % 1_000_000, 1);
        pair.peek();
        if random.next_u64() % 3 != 0 {
            pair.pop();
        }
    }
    pair.drain();
}

#[test]
fn void_events_never_outnumber_the_live_ones() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(13);
    let (mut calendar, mut live) = (Calendar::new(), BTreeSet::new());
    let mut now = 0;
    for number in 0..60_000_u32 {
        let new = event(now + gap("pareto 1.5", &mut random), 2, number);
        calendar.schedule(new);
        live.insert(new);
        let growing = number < 30_000;
        for _ in 0..random.next_u64() % if growing { 2 } else { 3 } {
            let some = event(now + gap("pareto 1.5", &mut random), 2, 0);
            let Some(&void) = live.range(some..).next() else { continue };
            live.remove(&void);
            calendar.cancel(|event| live.contains(&event));
        }
        assert!(calendar.len() <= 2 * live.len(), "{} events of which {} are live", calendar.len(), live.len());
        if number % 3 == 0 {
            let popped = loop {
                let popped = calendar.pop();
                match popped {
                    Some(event) if !live.contains(&event) => calendar.discarded(),
                    _ => break popped,
                }
            };
            assert_eq!(popped, live.pop_first());
            now = popped.map_or(now, |event| event.time().as_nanos());
        }
    }
}

#[test]
fn what_is_upcoming_is_what_pops() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(17);
    let mut calendar = Calendar::new();
    (0..1_000).for_each(|index| calendar.schedule(event(gap("exponential", &mut random), 0, index)));
    let mut hints = 0;
    while calendar.pop().is_some() {
        let hint = calendar.upcoming(2);
        hints += usize::from(hint.is_some());
        let ahead: Vec<_> = (0..3).map_while(|_| calendar.pop()).collect();
        assert!(hint.is_none() || hint == ahead.get(2).map(|event| event.index()));
        ahead.into_iter().for_each(|event| calendar.schedule(event));
    }
    assert!(hints > 500, "{hints} hints");
}

/// What may be done to a calendar.
#[derive(Debug, Clone)]
enum Step {
    Schedule { gap: u64, class: usize },
    Crowd { count: u16, gap: u64 },
    Peek,
    Pop(u16),
    CancelEvery { part: u32, rest: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gap = (0_u32..62, any::<u64>()).prop_map(|(bits, random)| random & ((1 << bits) - 1));
    let step = prop_oneof![
        4 => (gap.clone(), 0_usize..4).prop_map(|(gap, class)| Step::Schedule { gap, class }),
        2 => (0_u16..300, gap).prop_map(|(count, gap)| Step::Crowd { count, gap }),
        1 => Just(Step::Peek),
        3 => (0_u16..300).prop_map(Step::Pop),
        1 => (1_u32..5, 0_u32..5).prop_map(|(part, rest)| Step::CancelEvery { part, rest }),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_use_pops_what_a_sorted_set_would(steps in steps()) {
        let mut pair = Pair::default();
        for step in steps {
            match step {
                Step::Schedule { gap, class } => pair.schedule(gap, class),
                Step::Crowd { count, gap } => (0..u64::from(count)).for_each(|k| pair.schedule(gap.saturating_add(k * k), 1)),
                Step::Peek => pair.peek(),
                Step::Pop(count) => (0..count).for_each(|_| _ = pair.pop()),
                Step::CancelEvery { part, rest } => {
                    // Compacts at once, as if the void ones outnumbered the others already.
                    pair.model.retain(|event| event.index() % part != rest);
                    pair.calendar.retain(|event| event.index() % part != rest);
                    pair.peek();
                }
            }
        }
        pair.drain();
    }

    #[test]
    fn a_day_is_sorted_last_first(keys in prop::collection::vec((0_u64..40, 0_usize..4, 0_u32..4), 0..70)) {
        let mut events: Vec<_> = keys.into_iter().map(|(nanos, class, index)| event(nanos, class, index)).collect();
        let mut expected = events.clone();
        order::sort_last_first(&mut events);
        expected.sort();
        expected.reverse();
        prop_assert_eq!(events, expected);
    }
}
