//! Files that are not ours, not whole, or not what was written.

use super::lab::{Lab, bytes_of, folder};
use lbsim::results::{Store, StoreError};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// Opens the folder both ways and expects the same error, and every file in it as it was.
#[track_caller]
fn assert_refused(dir: &Path, expected: impl Fn(&StoreError) -> bool, words: &str) {
    let path = dir.join("results.db");
    let before = fs::read(&path).ok();
    let lab = Lab::get();
    let errors = [Store::open(dir, &lab.plan, &Lab::provenance()).err(), Store::read(dir).err()];
    for error in errors {
        let error = error.expect("it is refused");
        assert!(expected(&error), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(words) && text.contains("results.db"), "{text}");
    }
    assert_eq!(fs::read(&path).ok(), before, "it is left as it is");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let dir = folder("foreign");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join("results.db");
    let is_foreign = |error: &StoreError| matches!(error, StoreError::Foreign { .. });

    fs::write(&path, "dear diary").unwrap();
    assert_refused(&dir, is_foreign, "no database");

    fs::remove_file(&path).unwrap();
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE letters (text); INSERT INTO letters VALUES ('dear diary');").unwrap();
    drop(foreign);
    assert_refused(&dir, is_foreign, "a database of another program");

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_refused(&dir, is_foreign, "a folder");

    fs::remove_dir(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert_refused(&dir, |error| matches!(error, StoreError::Damaged { .. }), "it is empty");

    // A folder that cannot be one.
    let error = Store::open(&path, &Lab::get().plan, &Lab::provenance()).unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }), "{error}");
}

#[test]
fn another_format_is_named() {
    let dir = folder("format");
    Lab::get().store(&dir, |_, _| true);
    let newer = Connection::open(dir.join("results.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).unwrap();
    drop(newer);
    assert_refused(&dir, |error| matches!(error, StoreError::Format { found: 99, .. }), "format 99");
}

/// The log of a database that is gone would be taken for that of a new one.
#[test]
fn a_log_without_its_database_is_left_alone() {
    let lab = Lab::get();
    let dir = folder("log");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("results.db-wal"), "something").unwrap();
    let error = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { detail, .. } if detail.contains("results.db-wal")), "{error}");
    assert!(!dir.join("results.db").exists());
    assert_eq!(fs::read(dir.join("results.db-wal")).unwrap(), b"something");
}

/// What an earlier process left of a database that it had no time to finish.
#[test]
fn an_unfinished_database_is_begun_again() {
    let dir = folder("unfinished");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("results.db.new"), "SQLite format 3\0 and no more").unwrap();
    fs::write(dir.join("results.db.new-journal"), "half").unwrap();
    Lab::get().store(&dir, |_, _| true);
    super::assert_complete(&Store::read(&dir).unwrap(), Lab::get());
    assert!(!dir.join("results.db.new").exists());
}

/// Reads all there is; what is handed on must be right, whatever was damaged. Says how much it was, and whether an error came.
fn read_all(dir: &Path) -> (usize, bool) {
    let lab = Lab::get();
    let Ok(store) = Store::read(dir) else { return (0, true) };
    let (mut right, mut failed) = (0, false);
    // A plan that reads at all is the plan.
    assert_eq!(store.plan(), &lab.plan);
    for point in 0..4 {
        let sink = |record: lbsim::observe::Record| {
            let expected = &lab.records[point][record.replication as usize];
            assert_eq!(bytes_of(&record), bytes_of(expected), "a wrong record was read");
            right += 1;
        };
        failed |= store.records(point, 0..u32::MAX, sink).is_err();
        if let Ok(decided) = store.decided(point) {
            assert!(decided.is_none_or(|decided| decided == Lab::REPLICATIONS), "a wrong decision was read");
        } else {
            failed = true;
        }
    }
    (right, failed)
}

const ALL: usize = 4 * Lab::REPLICATIONS as usize;

#[test]
fn a_database_cut_short_gives_an_error() {
    let lab = Lab::get();
    let whole = folder("whole");
    lab.store(&whole, |_, _| true);
    let bytes = fs::read(whole.join("results.db")).unwrap();
    let dir = folder("cut");
    fs::create_dir_all(&dir).unwrap();
    for part in 0..60 {
        let length = bytes.len() * part / 60 + part % 3;
        fs::write(dir.join("results.db"), &bytes[..length]).unwrap();
        let (right, failed) = read_all(&dir);
        // The last bytes may have been empty: then nothing is missing.
        let harmless = length + 16_384 > bytes.len() && right == ALL;
        assert!(failed || harmless, "{length} of {} bytes", bytes.len());
        // Whoever wants to go on from there learns it too: at once, or from the record that is cut.
        let refused = match Store::open(&dir, &lab.plan, &Lab::provenance()) {
            Ok((store, _writer)) => (0..4).any(|point| store.records(point, 0..u32::MAX, drop).is_err()),
            Err(_) => true,
        };
        assert_eq!(refused, failed, "{length} of {} bytes", bytes.len());
        assert_eq!(fs::read(dir.join("results.db")).unwrap(), bytes[..length], "it is left as it is");
    }
}

#[test]
fn a_changed_byte_never_gives_a_wrong_record() {
    let whole = folder("unchanged");
    Lab::get().store(&whole, |_, _| true);
    let bytes = fs::read(whole.join("results.db")).unwrap();
    let dir = folder("changed");
    fs::create_dir_all(&dir).unwrap();
    // Places all over the file, and those near the beginnings of pages, which matter most.
    let places: Vec<usize> =
        (0..100).map(|step| step * 7_919 * 13 % bytes.len()).chain((0..bytes.len()).step_by(4_096 + 1)).collect();
    let mut noticed = 0;
    for &place in &places {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (place % 8);
        fs::write(dir.join("results.db"), &damaged).unwrap();
        let (right, failed) = read_all(&dir);
        // What is not noticed lies in a part of a page that holds nothing.
        assert!(failed || right == ALL, "byte {place}: a record is gone without a word");
        noticed += usize::from(failed);
    }
    assert!(noticed * 4 > places.len(), "{noticed} of {}", places.len());
}

#[test]
fn a_log_cut_short_gives_what_was_written_before() {
    let lab = Lab::get();
    let dir = folder("logged");
    let (_store, writer) = Store::open(&dir, &lab.plan, &Lab::provenance()).unwrap();
    // One after the other, so that each is written by itself, and a reader that keeps the log from being emptied.
    for record in &lab.records[0] {
        writer.put(0, record).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(80));
    }
    let (database, log) = (fs::read(dir.join("results.db")).unwrap(), fs::read(dir.join("results.db-wal")).unwrap());
    assert!(log.len() > 20_000, "the log holds the records");
    writer.finish().unwrap();
    let copy = folder("log-cut");
    let mut seen = Vec::new();
    for part in 0..=40 {
        let _ = fs::remove_dir_all(&copy);
        fs::create_dir_all(&copy).unwrap();
        fs::write(copy.join("results.db"), &database).unwrap();
        fs::write(copy.join("results.db-wal"), &log[..log.len() * part / 40]).unwrap();
        let store = Store::read(&copy).unwrap();
        let known = store.known(0).unwrap();
        assert_eq!(known, (0..known.len() as u32).collect::<Vec<_>>(), "the first ones");
        drop(store);
        assert_eq!(read_all(&copy), (known.len(), false));
        seen.push(known.len());
    }
    assert!(seen.is_sorted() && seen.first() == Some(&0) && seen.last() == Some(&lab.records[0].len()), "{seen:?}");
}
