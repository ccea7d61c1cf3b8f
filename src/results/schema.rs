//! The database file: made whole or not at all, recognised before it is touched.

use super::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database in the folder.
const FILE: &str = "results.db";
/// The file whose lock says that somebody writes.
const LOCK: &str = "results.lock";
/// Marks our databases among those of other programs: `lbsm`.
const APPLICATION: u32 = 0x6c62_736d;
/// The version of the tables and of the bytes of a record. Raised by any change to either.
const FORMAT: u32 = 3;
/// Bytes of a page. Of 4, 8, 16, 32 and 64 KiB this took the least time a record of 18 KB, and hardly more space than the least.
const PAGE: u32 = 16_384;
/// How long to wait for another process that reads or recovers the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// `crc` covers the other columns of a row, and of a record the fingerprint too. A record's id is that of its model times 2^32, plus
/// its replication.
const TABLES: &str = "
    CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE models (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
    CREATE TABLE records (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE decisions (point INTEGER PRIMARY KEY, replications INTEGER NOT NULL, crc INTEGER NOT NULL);
";

/// The number of a record.
pub(super) const fn id(model: u32, replication: u32) -> i64 {
    (model as i64) << 32 | replication as i64
}

/// What keeps a record from being taken for what it is not.
pub(super) fn crc(fingerprint: &str, data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(fingerprint.as_bytes());
    hasher.update(data);
    hasher.finalize()
}

/// The same for the decision on a point.
pub(super) fn crc_of_decision(point: usize, replications: u32) -> u32 {
    crc32fast::hash(format!("{point} {replications}").as_bytes())
}

/// The path of the database in a folder.
pub(super) fn path_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Takes the folder for this process, until the file is closed, by whatever end. The lock is the system's: the file itself
/// means nothing and stays.
pub(super) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let failed = |error: &std::io::Error| StoreError::of_io(&path, error);
    let file = File::options().create(true).append(true).open(&path).map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { dir: dir.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

/// Looks at the first bytes of the file, which say whose it is; opening it as a database could change it.
pub(super) fn recognise(path: &Path) -> Result<(), StoreError> {
    let failed = |error: &std::io::Error| StoreError::of_io(path, error);
    let foreign = |what| StoreError::Foreign { path: path.to_path_buf(), what };
    if fs::metadata(path).map_err(|error| failed(&error))?.is_dir() {
        return Err(foreign("a folder"));
    }
    let mut header = Vec::new();
    File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)).map_err(|error| failed(&error))?;
    if !header.starts_with(b"SQLite format 3\0") {
        let damaged = || StoreError::Damaged { path: path.to_path_buf(), detail: "it is empty".into() };
        return Err(if header.is_empty() { damaged() } else { foreign("no database") });
    }
    // Places in the header: the SQLite file format, section 1.3.
    let field = |at: usize| header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
    let (format, application) = (field(60), field(68));
    match () {
        () if header.len() < 100 => Err(StoreError::Damaged { path: path.to_path_buf(), detail: "it ends early".into() }),
        () if application != APPLICATION => Err(foreign("a database of another program")),
        () if format != FORMAT => Err(StoreError::Format { path: path.to_path_buf(), found: format, known: FORMAT }),
        () => Ok(()),
    }
}

/// Makes the database under another name, lets `fill` write what it begins with, and gives it its name when it is whole. The folder
/// must be locked.
pub(super) fn create(path: &Path, fill: impl FnOnce(&Connection) -> Result<(), rusqlite::Error>) -> Result<(), StoreError> {
    for tail in ["-wal", "-journal"] {
        // An empty one is what a reader leaves behind.
        if with_tail(path, tail).metadata().is_ok_and(|found| found.len() > 0) {
            let detail = format!("it is missing, but `{FILE}{tail}` is there");
            return Err(StoreError::Damaged { path: path.to_path_buf(), detail });
        }
    }
    let unfinished = with_tail(path, ".new");
    // What an earlier process did not finish: it holds no result.
    for tail in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(with_tail(&unfinished, tail)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::of_io(&unfinished, &error)),
            _ => {}
        }
    }
    let fill = || -> Result<(), rusqlite::Error> {
        let mut connection = Connection::open(&unfinished)?;
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        let whole = connection.transaction()?;
        whole.execute_batch(TABLES)?;
        whole.pragma_update(None, "application_id", APPLICATION)?;
        whole.pragma_update(None, "user_version", FORMAT)?;
        fill(&whole)?;
        whole.commit()?;
        connection.close().map_err(|(_, error)| error)
    };
    fill().map_err(|error| StoreError::of_database(&unfinished, &error))?;
    fs::rename(&unfinished, path).map_err(|error| StoreError::of_io(path, &error))
}

fn with_tail(path: &Path, tail: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(tail);
    name.into()
}

/// Opens a database that has been recognised, to write.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connect = || -> Result<Connection, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(connection)
    };
    connect().map_err(|error| StoreError::of_database(path, &error))
}

/// Opens a database that has been recognised, to read.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let open = |name: &Path, flags| {
        let connection =
            Connection::open_with_flags(name, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    match open(path, OpenFlags::empty()) {
        // In a folder that may not be written to, a database at rest can be read as one that never changes.
        Err(_) if !with_tail(path, "-wal").exists() && with_tail(path, "-shm").metadata().is_err() => {
            open(&unchanging(path), OpenFlags::SQLITE_OPEN_URI)
        }
        opened => opened,
    }
    .map_err(|error| StoreError::of_database(path, &error))
}

/// The name by which the database takes a file for one that nobody changes.
fn unchanging(path: &Path) -> PathBuf {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?immutable=1").into()
}

/// Has the database examine its own structure.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(StoreError::Damaged { path: path.to_path_buf(), detail: verdict }),
        Err(error) => Err(StoreError::of_database(path, &error)),
    }
}
