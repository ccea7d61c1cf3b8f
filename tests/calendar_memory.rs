//! What the calendar takes from the allocator: nothing once it is warm, and little altogether.

use lbsim::engine::{Calendar, Event, EventClass};
use lbsim::units::Time;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// An exponential gap of mean 1 s, or a Pareto one of shape 1.5.
fn gap(random: &mut Xoshiro256PlusPlus, heavy: bool) -> u64 {
    let uniform = ((random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    if heavy { (0.3e9 * uniform.powf(-1.0 / 1.5)) as u64 } else { (-uniform.ln() * 1e9) as u64 }
}

fn filled(pending: u32, random: &mut Xoshiro256PlusPlus, heavy: bool) -> Calendar {
    let mut calendar = Calendar::new();
    for index in 0..pending {
        calendar.schedule(Event::new(Time::from_nanos(gap(random, heavy)), EventClass::Completion, index, 0));
    }
    calendar
}

fn hold(calendar: &mut Calendar, times: u32, random: &mut Xoshiro256PlusPlus, heavy: bool) {
    for _ in 0..times {
        if let Some(event) = calendar.pop() {
            let next = Time::from_nanos(event.time().as_nanos() + gap(random, heavy));
            calendar.schedule(Event::new(next, event.class(), event.index(), event.stamp()));
        }
    }
}

#[test]
fn a_warm_calendar_allocates_nothing() {
    for heavy in [false, true] {
        for pending in [1, 10, 100, 1_000, 10_000] {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
            let mut calendar = filled(pending, &mut random, heavy);
            hold(&mut calendar, 100 * pending.max(10_000), &mut random, heavy);
            let taken = allocation_counter::measure(|| hold(&mut calendar, 300_000, &mut random, heavy));
            assert_eq!(taken.count_total, 0, "{pending} pending, heavy {heavy}");
        }
    }
}

#[test]
fn the_calendar_of_a_hundred_thousand_servers_is_small() {
    for heavy in [false, true] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut calendar = Calendar::new();
        let taken = allocation_counter::measure(|| {
            calendar = filled(80_000, &mut random, heavy);
            hold(&mut calendar, 2_000_000, &mut random, heavy);
        });
        // Not the peak: it counts a block that grows in place twice.
        assert!(taken.bytes_current < 5_000_000, "{} bytes, heavy {heavy}", taken.bytes_current);
    }
}
