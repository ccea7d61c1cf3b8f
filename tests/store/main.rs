//! The results folder from outside: what is put comes back whatever happens, and nothing that is somebody else's is touched.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod damage;
mod export;
mod kill;
mod lab;
mod merge;

use lab::{Lab, bytes_of, folder};
use lbsim::results::{Provenance, Store, StoreError};
use std::fs;

/// Holds everything the store has against what was simulated.
#[track_caller]
fn assert_complete(store: &Store, lab: &Lab) {
    for point in 0..lab.records.len() {
        assert_eq!(store.known(point).unwrap(), (0..Lab::REPLICATIONS).collect::<Vec<_>>());
        let mut number = 0;
        store
            .records(point, 0..u32::MAX, |record| {
                assert_eq!(bytes_of(&record), bytes_of(&lab.records[point][number]), "point {point}, replication {number}");
                number += 1;
            })
            .unwrap();
        assert_eq!(number as u32, Lab::REPLICATIONS);
    }
}

#[test]
fn what_many_threads_put_comes_back_in_order() {
    let lab = Lab::get();
    let dir = folder("threads");
    let (store, writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    assert!(store.known(0).unwrap().is_empty());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                for (point, records) in lab.records.iter().enumerate().rev() {
                    records.iter().rev().filter(|record| record.replication % 4 == thread).for_each(|record| {
                        writer.put(point, record).unwrap();
                    });
                }
            });
        }
    });
    writer.decide(1, 2).unwrap();
    writer.finish().unwrap();
    assert_complete(&store, lab);
    drop(store);

    let store = Store::read(&dir).unwrap();
    assert_complete(&store, lab);
    assert_eq!((store.plan(), store.provenance()), (&lab.plan, &Lab::provenance()));
    assert_eq!((store.decided(0), store.decided(1)), (Ok(None), Ok(Some(2))));
    assert_eq!((store.counted(0), store.counted(1)), (Ok(Lab::REPLICATIONS), Ok(2)));
    assert_eq!(store.fold(1).unwrap().figures().len(), 2);
    let mut some = Vec::new();
    store.records(2, 1..3, |record| some.push(record.replication)).unwrap();
    assert_eq!(some, [1, 2]);
    // At rest it is a single file that can be copied, beside the lock.
    let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| name != "results.db-wal" && name != "results.db-shm");
    names.sort();
    assert_eq!(names, ["results.db", "results.lock"]);
    let copy = folder("threads-copy");
    fs::create_dir_all(&copy).unwrap();
    fs::copy(dir.join("results.db"), copy.join("results.db")).unwrap();
    assert_complete(&Store::read(&copy).unwrap(), lab);
}

#[test]
fn a_folder_has_one_writer_and_any_number_of_readers() {
    let lab = Lab::get();
    let dir = folder("two");
    assert_eq!(Store::read(&dir).unwrap_err(), StoreError::Missing { dir: dir.clone() });
    let (first, writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    let busy = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap_err();
    assert_eq!(busy, StoreError::Busy { dir: dir.clone() });
    assert!(busy.to_string().contains(&*dir.to_string_lossy()) && busy.to_string().contains("another folder"), "{busy}");
    let reader = Store::read(&dir).unwrap();
    for (number, record) in lab.records[0].iter().enumerate() {
        writer.put(0, record).unwrap();
        let known = reader.known(0).unwrap();
        assert_eq!(known, (0..known.len() as u32).collect::<Vec<_>>());
        assert!(known.len() <= number + 1);
    }
    // The writer holds the folder, too.
    drop(first);
    assert!(matches!(Store::open(&dir, &lab.plan, &Lab::provenance()), Err(StoreError::Busy { .. })));
    writer.finish().unwrap();
    assert_eq!(reader.known(0).unwrap().len() as u32, Lab::REPLICATIONS);
    drop(Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap());
}

#[test]
fn a_writer_that_is_dropped_has_written_what_was_put() {
    let lab = Lab::get();
    let dir = folder("dropped");
    let (_, writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    writer.put(0, &lab.records[0][0]).unwrap();
    drop(writer);
    assert_eq!(Store::read(&dir).unwrap().known(0), Ok(vec![0]));
}

#[test]
fn a_new_plan_takes_over_what_is_known() {
    let lab = Lab::get();
    let dir = folder("plans");
    lab.store(&dir, |_, _| true);
    let mut plan = lab.plan.clone();
    plan.points.swap(0, 3);
    plan.points[1].fingerprint = "a new model".into();
    plan.about = "Another question".into();
    let later = Provenance { lbsim: "0.2.0".into(), ..Lab::provenance() };
    let (store, writer) = Store::open(&dir, &plan, &later).unwrap();
    assert_eq!((store.plan(), store.provenance()), (&plan, &later));
    assert_eq!(store.known(1).unwrap(), Vec::<u32>::new());
    let mut first = Vec::new();
    store.records(0, 0..1, |record| first = bytes_of(&record)).unwrap();
    assert_eq!(first, bytes_of(&lab.records[3][0]), "records go with the fingerprint");
    assert_eq!(store.decided(0), Ok(None), "a decision belongs to a plan");
    drop((store, writer));
    // The same plan again: its first provenance stays. The old plan again: nothing was lost.
    let (store, writer) = Store::open(&dir, &plan, &Lab::provenance()).unwrap();
    assert_eq!(store.provenance(), &later);
    drop((store, writer));
    let (store, _writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    assert_complete(&store, lab);
}

#[test]
fn equal_points_share_their_records() {
    let lab = Lab::get();
    let dir = folder("shared");
    let mut plan = lab.plan.clone();
    plan.points[2].fingerprint = plan.points[0].fingerprint.clone();
    let (store, writer) = Store::open(&dir, &plan, &Lab::provenance()).unwrap();
    writer.put(0, &lab.records[0][0]).unwrap();
    writer.put(2, &lab.records[0][0]).unwrap();
    writer.put(2, &lab.records[0][1]).unwrap();
    writer.finish().unwrap();
    assert_eq!((store.known(0), store.known(2)), (Ok(vec![0, 1]), Ok(vec![0, 1])));
}

#[test]
fn a_replication_that_comes_out_differently_is_an_error() {
    let lab = Lab::get();
    let dir = folder("contradiction");
    lab.store(&dir, |_, _| true);
    let (store, writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    writer.put(0, &lab.records[0][2]).unwrap();
    let mut other = lab.records[0][2].clone();
    other.born += 1;
    writer.put(0, &other).unwrap();
    let error = writer.finish().unwrap_err();
    assert!(matches!(error, StoreError::Contradiction { replication: 2, .. }), "{error}");
    assert_complete(&store, lab);
}
