//! What can be wrong with stored results, each in a sentence that says what to do.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why results cannot be kept or read. Nothing was overwritten or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Another process keeps results in the folder.
    Busy {
        /// The folder.
        dir: PathBuf,
    },
    /// There are no results in the folder.
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// Something else has the name of the database.
    Foreign {
        /// Its path.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The database has a format of another version of the program.
    Format {
        /// Its path.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format of this program.
        known: u32,
    },
    /// The contents are not what was written.
    Damaged {
        /// The path of the database.
        path: PathBuf,
        /// What shows it.
        detail: String,
    },
    /// A file or folder may not be read or written.
    Denied {
        /// Its path.
        path: PathBuf,
    },
    /// The disk is full, or a limit on the use of it is reached.
    Full {
        /// What was written to.
        path: PathBuf,
    },
    /// Anything else the system or the database complains of.
    Failed {
        /// What was read or written.
        path: PathBuf,
        /// The complaint.
        detail: String,
    },
    /// Folders that are to be merged hold results of different plans.
    OtherPlan {
        /// One folder.
        dir: PathBuf,
        /// Another.
        other: PathBuf,
        /// What sets them apart.
        difference: String,
    },
    /// A replication that is stored was simulated again and came out differently.
    Contradiction {
        /// The path of the database.
        path: PathBuf,
        /// The point, in words.
        point: String,
        /// The replication.
        replication: u32,
    },
}

impl StoreError {
    /// What the system says of a file.
    pub(super) fn of_io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Failed { path, detail: error.to_string() },
        }
    }

    /// What the database says of itself.
    pub(super) fn of_database(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, detail) = (path.to_path_buf(), error.to_string());
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::Full { path },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    Self::Busy { dir: path.parent().unwrap_or(&path).to_path_buf() }
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged { path, detail },
                ErrorCode::PermissionDenied | ErrorCode::ReadOnly => Self::Denied { path },
                // A table or column that is missing.
                ErrorCode::Unknown => Self::Damaged { path, detail },
                _ => Self::Failed { path, detail },
            },
            _ => Self::Damaged { path, detail },
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { dir } => write!(
                f,
                "another process is writing results to `{}`: wait until it ends, or choose another folder",
                dir.display()
            ),
            Self::Missing { dir } => {
                write!(f, "there are no results in `{}`: a sweep with that folder makes them", dir.display())
            }
            Self::Foreign { path, what } => {
                write!(f, "`{}` is {what} and is left as it is: choose another folder for the results", path.display())
            }
            Self::Format { path, found, known } => write!(
                f,
                "`{}` has format {found}, this program reads format {known}: use the version of the program that wrote it, or another folder",
                path.display()
            ),
            Self::Damaged { path, detail } => write!(
                f,
                "`{}` is damaged ({detail}) and is left as it is: put a copy in its place, or simulate again into another folder",
                path.display()
            ),
            Self::Denied { path } => write!(f, "`{}` may not be read or written: check its permissions", path.display()),
            Self::Full { path } => write!(
                f,
                "no space is left to write `{}`: what was stored before is safe; make room and start again to go on from there",
                path.display()
            ),
            Self::Failed { path, detail } => write!(f, "`{}`: {detail}", path.display()),
            Self::OtherPlan { dir, other, difference } => write!(
                f,
                "`{}` and `{}` hold results of different plans and are not merged: {difference}",
                dir.display(),
                other.display()
            ),
            Self::Contradiction { path, point, replication } => write!(
                f,
                "replication {replication} of {point} was simulated again and differs from the one in `{}`: \
                 the same model and seed must give the same result; please report this",
                path.display()
            ),
        }
    }
}

impl std::error::Error for StoreError {}
