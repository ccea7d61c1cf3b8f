//! Why a command ends without success.

use crate::results::StoreError;
use std::process::ExitCode;

/// What went wrong, and with it the exit code.
#[derive(Debug)]
pub enum Failure {
    /// The answer is no; everything has been said already.
    No,
    /// A file or an argument is wrong; the text, drawn in colour where wanted, says all of it.
    Input(String),
    /// Somebody said stop; the text says what is kept.
    Interrupted(String),
    /// The output could not be written.
    Output(std::io::Error),
}

impl Failure {
    /// A mistake in one sentence.
    pub fn input(message: impl std::fmt::Display) -> Self {
        Self::Input(format!("error: {message}\n"))
    }

    /// Tells the person, if there is something to tell, and gives the exit code. A closed pipe is no error.
    pub fn report(self) -> ExitCode {
        match self {
            Self::No => ExitCode::from(1),
            Self::Input(text) => {
                anstream::eprint!("{text}");
                ExitCode::from(2)
            }
            Self::Interrupted(text) => {
                anstream::eprint!("{text}");
                ExitCode::from(130)
            }
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Output(error) => {
                anstream::eprintln!("error: the output could not be written: {error}");
                ExitCode::from(3)
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Denied { .. } | StoreError::Full { .. } | StoreError::Failed { .. } => {
                Self::Output(std::io::Error::other(error))
            }
            _ => Self::input(error),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}
