//! A process that is killed while it writes.

use super::lab::{Lab, bytes_of, folder};
use lbsim::observe::Record;
use lbsim::results::Store;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Tells the test below that it is the process to be killed.
const DIR: &str = "LBSIM_TEST_STORE";

/// Does nothing, but in a process started by the test that kills it: puts records until it is killed.
#[test]
fn the_process_that_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let lab = Lab::get();
    let (_store, writer) = Store::open(dir.as_ref(), &lab.plan, &Lab::provenance()).unwrap();
    for round in 0.. {
        for (point, records) in lab.records.iter().enumerate() {
            let mut record = records[0].clone();
            record.replication = round;
            writer.put(point, &record).unwrap();
            std::thread::sleep(Duration::from_micros(300));
        }
    }
}

#[test]
fn a_killed_process_loses_little_and_damages_nothing() {
    let lab = Lab::get();
    let dir = folder("killed");
    let mut stored = 0;
    for attempt in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::the_process_that_is_killed"])
            .env(DIR, &dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(600 + 73 * attempt));
        child.kill().unwrap();
        child.wait().unwrap();
        // What is there is right, and has no gap.
        let Ok(store) = Store::read(&dir) else { continue };
        let mut now = 0;
        for point in 0..lab.records.len() {
            let mut next = 0;
            let sink = |mut record: Record| {
                assert_eq!(record.replication, next);
                next += 1;
                record.replication = 0;
                assert_eq!(bytes_of(&record), bytes_of(&lab.records[point][0]));
            };
            store.records(point, 0..u32::MAX, sink).unwrap();
            now += next;
        }
        assert!(now >= stored, "nothing that was there is lost");
        stored = now;
        // No lock is left.
        drop(store);
        drop(Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap());
    }
    assert!(stored > 0, "something was written");
}
