//! The bytes of a record. Whoever changes what is written raises the format of the store (see the room `results`).

use super::{BirthSeries, CacheUsage, ClassTally, Record, ServerUsage, SessionTally, Why, Window};
use crate::stats::codec::Codec;
use crate::stats::{BatchSeries, Histogram, Imbalance, Moments};
use crate::units::{ClassId, Time};

impl Codec for Record {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { replication, born, classes, births, uptime, caches, calls, pools, servers, use_of_servers, windows, pictured } =
            self;
        replication.encode(bytes);
        born.encode(bytes);
        classes.encode(bytes);
        births.encode(bytes);
        uptime.encode(bytes);
        caches.encode(bytes);
        calls.encode(bytes);
        pools.encode(bytes);
        servers.encode(bytes);
        use_of_servers.encode(bytes);
        windows.encode(bytes);
        pictured.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            replication: u32::decode(bytes)?,
            born: u64::decode(bytes)?,
            classes: classes(bytes)?,
            births: BirthSeries::decode(bytes)?,
            uptime: Option::decode(bytes)?,
            caches: Vec::decode(bytes)?,
            calls: u64::decode(bytes)?,
            pools: Vec::decode(bytes)?,
            servers: Vec::decode(bytes)?,
            use_of_servers: Window::decode(bytes)?,
            windows: Vec::decode(bytes)?,
            pictured: Vec::decode(bytes)?,
        })
    }
}

/// The tallies of the classes, of which a class number bounds how many there can be: each takes much memory and few bytes.
fn classes(bytes: &mut &[u8]) -> Option<Vec<ClassTally>> {
    let mut ahead = *bytes;
    let number = u64::decode(&mut ahead)?;
    (number <= 1 << (8 * size_of::<ClassId>())).then(|| Vec::decode(bytes))?
}

fn failed(bytes: &mut &[u8]) -> Option<[u64; Why::ALL.len()]> {
    let mut counts = [0; Why::ALL.len()];
    for count in &mut counts {
        *count = u64::decode(bytes)?;
    }
    Some(counts)
}

impl Codec for ClassTally {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self {
            arrived,
            failed,
            wrong,
            further_tries,
            unfinished,
            sojourn,
            sojourn_times,
            waiting,
            waiting_times,
            present_ns,
            queued_ns,
            hits,
            misses,
            sessions,
        } = self;
        failed.iter().for_each(|count| count.encode(bytes));
        [arrived, wrong, further_tries, unfinished].into_iter().for_each(|count| count.encode(bytes));
        sojourn.encode(bytes);
        sojourn_times.encode(bytes);
        waiting.encode(bytes);
        waiting_times.encode(bytes);
        present_ns.encode(bytes);
        queued_ns.encode(bytes);
        hits.encode(bytes);
        misses.encode(bytes);
        sessions.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            failed: failed(bytes)?,
            arrived: u64::decode(bytes)?,
            wrong: u64::decode(bytes)?,
            further_tries: u64::decode(bytes)?,
            unfinished: u64::decode(bytes)?,
            sojourn: Moments::decode(bytes)?,
            sojourn_times: Histogram::decode(bytes)?,
            waiting: Moments::decode(bytes)?,
            waiting_times: Histogram::decode(bytes)?,
            present_ns: u128::decode(bytes)?,
            queued_ns: u128::decode(bytes)?,
            hits: Moments::decode(bytes)?,
            misses: Moments::decode(bytes)?,
            sessions: SessionTally::decode(bytes)?,
        })
    }
}

impl Codec for SessionTally {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { ended, requests, servers, moved, moves, interrupted, lost } = self;
        [ended, requests, servers, moved, moves, interrupted, lost].into_iter().for_each(|count| count.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            ended: u64::decode(bytes)?,
            requests: u64::decode(bytes)?,
            servers: u64::decode(bytes)?,
            moved: u64::decode(bytes)?,
            moves: u64::decode(bytes)?,
            interrupted: u64::decode(bytes)?,
            lost: u64::decode(bytes)?,
        })
    }
}

impl Codec for CacheUsage {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { lookups, hits, bytes_asked, bytes_hit, joined, by_age, refills, refill_ns } = self;
        [lookups, hits, bytes_asked, bytes_hit, joined, refills].into_iter().for_each(|count| count.encode(bytes));
        refill_ns.encode(bytes);
        by_age.iter().flatten().for_each(|count| count.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut usage = Self {
            lookups: u64::decode(bytes)?,
            hits: u64::decode(bytes)?,
            bytes_asked: u64::decode(bytes)?,
            bytes_hit: u64::decode(bytes)?,
            joined: u64::decode(bytes)?,
            refills: u64::decode(bytes)?,
            refill_ns: u128::decode(bytes)?,
            ..Self::default()
        };
        for count in usage.by_age.iter_mut().flatten() {
            *count = u64::decode(bytes)?;
        }
        Some(usage)
    }
}

impl Codec for BirthSeries {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { completed, unfinished } = self;
        completed.encode(bytes);
        unfinished.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { completed: BatchSeries::decode(bytes)?, unfinished: BatchSeries::decode(bytes)? })
    }
}

impl Codec for ServerUsage {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { busy_ns, queued_ns, served } = self;
        busy_ns.encode(bytes);
        queued_ns.encode(bytes);
        served.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { busy_ns: u128::decode(bytes)?, queued_ns: u128::decode(bytes)?, served: u64::decode(bytes)? })
    }
}

impl Codec for Window {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { to, utilization, imbalance } = self;
        let Imbalance { cv, max_over_mean, min_over_mean, jain } = imbalance;
        to.as_nanos().encode(bytes);
        [utilization, cv, max_over_mean, jain].into_iter().for_each(|figure| figure.encode(bytes));
        min_over_mean.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let to = Time::from_nanos(u64::decode(bytes)?);
        let utilization = f64::decode(bytes)?;
        let (cv, max_over_mean, jain) = (f64::decode(bytes)?, f64::decode(bytes)?, f64::decode(bytes)?);
        let imbalance = Imbalance { cv, max_over_mean, jain, min_over_mean: Option::decode(bytes)? };
        Some(Self { to, utilization, imbalance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of(record: &Record) -> Vec<u8> {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        bytes
    }

    fn window() -> impl Strategy<Value = Window> {
        let figures = prop::array::uniform4(any::<u64>().prop_map(f64::from_bits));
        (any::<u64>(), figures, prop::option::of(any::<f64>())).prop_map(|(to, [utilization, cv, max_over_mean, jain], min)| {
            let imbalance = Imbalance { cv, max_over_mean, min_over_mean: min, jain };
            Window { to: Time::from_nanos(to), utilization, imbalance }
        })
    }

    fn class() -> impl Strategy<Value = ClassTally> {
        let times = || prop::collection::vec(0_u64..1 << 40, 0..40);
        (prop::array::uniform3(any::<u64>()), times(), times(), any::<u128>()).prop_map(|(counts, sojourn, waiting, present)| {
            let mut tally =
                ClassTally { arrived: counts[0], further_tries: counts[1], unfinished: counts[2], ..Default::default() };
            sojourn.iter().for_each(|&value| tally.sojourn_times.record(value));
            waiting.iter().for_each(|&value| tally.waiting_times.record(value));
            (tally.sojourn, tally.waiting) = (sojourn.into_iter().collect(), waiting.into_iter().collect());
            (tally.present_ns, tally.queued_ns) = (present, present >> 60);
            tally
        })
    }

    fn record() -> impl Strategy<Value = Record> {
        let usage = (any::<u128>(), any::<u64>(), any::<u64>()).prop_map(|(busy_ns, queued, served)| ServerUsage {
            busy_ns,
            queued_ns: queued.into(),
            served,
        });
        let servers = prop::collection::vec(usage, 0..5);
        let births = prop::collection::vec((0_u64..100_000, any::<u64>()), 0..40).prop_map(|births| {
            let mut series = BirthSeries::default();
            births.into_iter().for_each(|(number, sojourn)| match sojourn % 3 {
                0 => series.record_unfinished(number),
                _ => series.record(number, sojourn),
            });
            series
        });
        let lists = (prop::collection::vec(class(), 0..4), servers, prop::collection::vec(window(), 0..5));
        let pictured = prop::collection::vec(any::<u32>().prop_map(f32::from_bits), 0..5);
        (any::<u32>(), any::<u64>(), lists, births, window(), pictured).prop_map(
            |(replication, born, (classes, servers, windows), births, use_of_servers, pictured)| Record {
                replication,
                born,
                classes,
                births,
                uptime: (replication % 2 == 0).then(|| crate::observe::Uptime {
                    available_ns: born,
                    up_ns: u128::from(born) << 7,
                    ..crate::observe::Uptime::default()
                }),
                caches: (0..replication % 3)
                    .map(|number| CacheUsage { lookups: born, hits: number.into(), ..CacheUsage::default() })
                    .collect(),
                calls: born >> 1,
                pools: servers.iter().take(2).copied().collect(),
                servers,
                use_of_servers,
                windows,
                pictured,
            },
        )
    }

    proptest! {
        #[test]
        fn a_record_comes_back_bit_for_bit(record in record()) {
            let bytes = bytes_of(&record);
            let mut rest = &bytes[..];
            let back = Record::decode(&mut rest).unwrap();
            prop_assert!(rest.is_empty());
            // Equal in every field that is no float, where a NaN is not equal to itself, and in the bits of those that are.
            prop_assert_eq!(&back.classes, &record.classes);
            prop_assert_eq!(&back.births, &record.births);
            prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
            prop_assert_eq!(bytes_of(&back), bytes);
        }

        #[test]
        fn damage_never_panics(record in record(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
            let mut bytes = bytes_of(&record);
            let at = at.index(bytes.len());
            if cut {
                prop_assert!(Record::decode(&mut &bytes[..at]).is_none(), "a part of a record is none");
            }
            bytes[at] = byte;
            let _ = Record::decode(&mut &bytes[..]);
        }

        #[test]
        fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Record::decode(&mut &bytes[..]);
        }
    }

    #[test]
    fn more_classes_than_can_be_are_refused_before_they_take_memory() {
        let mut bytes = vec![0, 0];
        257_u64.encode(&mut bytes);
        bytes.resize(100_000, 0);
        assert!(Record::decode(&mut &bytes[..]).is_none());
    }
}
