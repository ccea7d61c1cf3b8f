//! What a pop and a schedule cost: the calendar and other future-event lists under the hold model (Vaucher and Duval
//! 1975): pop an event, schedule one after a random gap, so that as many stay pending.
//!
//! `cargo bench --bench events` measures all, `cargo bench --bench events -- exponential calendar` some. Thread CPU
//! time in ns, the draw of the gap included; the least of several runs, since other work on the machine only adds.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod gaps;
mod rivals;

use cpu_time::ThreadTime;
use gaps::{Gaps, SHAPES, Shape};
use lbsim::engine::{Calendar, Event, EventClass};
use lbsim::units::Time;
use rivals::{List, Quaternary, Sorted, StdHeap, StdReplace};
use std::hint::black_box;

const SIZES: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const RUNS: u64 = 5;
const OPERATIONS: usize = 1_000_000;

fn hold<L: List>(list: &mut L, gaps: &mut Gaps, times: usize) {
    for _ in 0..times {
        if let Some(event) = list.pop() {
            let time = Time::from_nanos(event.time().as_nanos() + gaps.draw());
            list.schedule(Event::new(time, EventClass::Completion, event.index(), 0));
        }
    }
}

/// A list of `size` events after a while of holding.
fn warmed<L: List>(size: usize, gaps: &mut Gaps) -> L {
    let mut events: Vec<_> =
        (0..size as u32).map(|index| Event::new(Time::from_nanos(gaps.draw()), EventClass::Completion, index, 0)).collect();
    events.sort_unstable();
    let mut list = L::default();
    events.into_iter().for_each(|event| list.schedule(event));
    hold(&mut list, gaps, OPERATIONS / 4 + 2 * size);
    list
}

/// Nanoseconds per pop and schedule.
fn cost<L: List>(shape: &Shape, size: usize) -> f64 {
    let run = |seed| {
        let mut gaps = Gaps::new(shape, seed);
        let mut list: L = warmed(size, &mut gaps);
        let start = ThreadTime::now();
        hold(&mut list, &mut gaps, OPERATIONS);
        let nanos = start.elapsed().as_nanos() as f64 / OPERATIONS as f64;
        black_box(list.pop());
        nanos
    };
    (1..=RUNS).map(run).fold(f64::INFINITY, f64::min)
}

fn row<L: List>(shape: &Shape, wanted: &dyn Fn(&str) -> bool) {
    if !wanted(shape.name) || !wanted(L::NAME) {
        return;
    }
    print!("{:<12} {:<12}", shape.name, L::NAME);
    for size in SIZES.into_iter().filter(|&size| size <= L::LONGEST) {
        print!(" {:>9.1}", cost::<L>(shape, size));
    }
    println!();
}

fn draw_cost() -> f64 {
    let mut gaps = Gaps::new(&SHAPES[0], 1);
    let start = ThreadTime::now();
    let sum = (0..OPERATIONS).fold(0_u64, |sum, _| sum.wrapping_add(gaps.draw()));
    black_box(sum);
    start.elapsed().as_nanos() as f64 / OPERATIONS as f64
}

fn main() {
    // Cargo adds `--bench` to the words of the user.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let known = |name: &str| SHAPES.iter().any(|shape| shape.name == name);
    // A word that names a shape selects among the shapes, any other among the lists.
    let wanted = |name: &str| {
        let mut rules = words.iter().filter(|word| known(word) == known(name)).peekable();
        rules.peek().is_none() || rules.any(|word| word == name)
    };
    println!("ns per pop and schedule, of which {:.1} for the draw", draw_cost());
    print!("{:<25}", "events pending");
    SIZES.iter().for_each(|size| print!(" {size:>9}"));
    println!();
    for shape in &SHAPES {
        row::<Calendar>(shape, &wanted);
        row::<StdReplace>(shape, &wanted);
        row::<StdHeap>(shape, &wanted);
        row::<Quaternary>(shape, &wanted);
        row::<Sorted>(shape, &wanted);
    }
}
