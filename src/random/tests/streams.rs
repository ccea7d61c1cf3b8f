//! Streams that differ in any part of their name have nothing to do with each other.

use crate::random::{Role, Seed, Stream, StreamKey};
use std::collections::HashSet;

const DRAWS: usize = 100_000;

/// Correlation of two lists of uniform numbers, in standard errors.
fn correlation(left: impl Iterator<Item = f64>, right: impl Iterator<Item = f64>) -> f64 {
    let products: Vec<f64> = left.zip(right).map(|(x, y)| 12.0 * (x - 0.5) * (y - 0.5)).collect();
    products.iter().sum::<f64>() / (products.len() as f64).sqrt()
}

fn draws(mut stream: Stream) -> Vec<f64> {
    (0..DRAWS).map(|_| stream.uniform()).collect()
}

/// Each neighbour of a stream, in seed, replication, role and index, is uncorrelated with it, also shifted by one.
#[test]
fn neighbours_are_uncorrelated() {
    let of = |seed, replication, role, index| draws(Stream::new(Seed(seed), replication, role, index));
    let base = of(1, 0, Role::Demand, 0);
    let neighbours = [
        of(2, 0, Role::Demand, 0),
        of(1 << 63 | 1, 0, Role::Demand, 0),
        of(1, 1, Role::Demand, 0),
        of(1, 1 << 31, Role::Demand, 0),
        of(1, 0, Role::Think, 0),
        of(1, 0, Role::Arrivals, 0),
        of(1, 0, Role::Demand, 1),
        of(1, 0, Role::Demand, 1 << 31),
        draws(Stream::keyed(Seed(1), 0, Role::Demand, 0, 0)),
        draws(Stream::keyed(Seed(1), 0, Role::Demand, 0, 1)),
    ];
    for (i, neighbour) in neighbours.iter().enumerate() {
        for (skip, other) in [(0, 0), (1, 0), (0, 1)] {
            let off = correlation(base.iter().skip(skip).copied(), neighbour.iter().skip(other).copied());
            assert!(off.abs() < 4.0, "neighbour {i}: correlation {off} standard errors");
        }
    }
}

/// The first draws of streams numbered 0, 1, 2 ... are as good as one stream: even, and each uncorrelated with the next.
#[test]
fn first_draws_of_numbered_streams_are_independent() {
    let keyed = |number: usize| Stream::keyed(Seed(1), 3, Role::Think, 5, number as u64).uniform();
    let indexed = |index: usize| Stream::new(Seed(1), 3, Role::Think, index as u32).uniform();
    let replicated = |replication: usize| Stream::new(Seed(1), replication as u32, Role::Think, 5).uniform();
    let seeded = |seed: usize| Stream::new(Seed(seed as u64), 3, Role::Think, 5).uniform();
    let firsts: [&dyn Fn(usize) -> f64; 4] = [&keyed, &indexed, &replicated, &seeded];
    for (i, first) in firsts.iter().enumerate() {
        let values: Vec<f64> = (0..DRAWS).map(first).collect();
        let off = values.iter().map(|x| x - 0.5).sum::<f64>() / (DRAWS as f64 / 12.0).sqrt();
        assert!(off.abs() < 4.0, "family {i}: the mean is off by {off} standard errors");
        for lag in [1, 2, 256] {
            let off = correlation(values.iter().copied(), values.iter().skip(lag).copied());
            assert!(off.abs() < 4.0, "family {i}, lag {lag}: correlation {off} standard errors");
        }
    }
}

#[test]
fn no_two_names_share_a_stream() {
    let roles = [Role::Arrivals, Role::Demand, Role::Think, Role::Balancing, Role::BackendDemand, Role::Replay];
    let mut seen = HashSet::new();
    for seed in [0, 1, 2, u64::MAX] {
        for replication in [0, 1, 256, 1 << 24, u32::MAX] {
            for role in roles {
                for index in [0, 1, 2, 256, u32::MAX] {
                    let key = StreamKey::new(Seed(seed), replication, role, index);
                    assert!(seen.insert(key.stream().bits()), "{seed} {replication} {role:?} {index}");
                    for number in [0, 1, u64::MAX] {
                        assert!(seen.insert(key.item(number).bits()), "{seed} {replication} {role:?} {index} {number}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_key_opens_the_streams_of_its_name() {
    let key = StreamKey::new(Seed(7), 3, Role::Think, 9);
    assert_eq!(key.stream(), Stream::new(Seed(7), 3, Role::Think, 9));
    assert_eq!(key.item(11), Stream::keyed(Seed(7), 3, Role::Think, 9, 11));
}
