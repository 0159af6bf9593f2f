//! Why the program ends.

use std::error::Error;
use std::process::ExitCode;

use parlor_bus_nats::OpenError as BusError;
use parlor_domain::{RegisterError, SetupError, StoreError};
use parlor_security::{InvalidCost, SecretError};
use parlor_storage::moving::MovingError;
use parlor_storage_postgres::{BackupError, OpenError as PostgresError};
use parlor_storage_sqlite::OpenError as SqliteError;

use crate::config::ConfigError;
use crate::data_dir::DataDirError;
use crate::listener::ListenError;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// Something the person who started it can put right; one line says how. Exit status 2.
    Advice(String),
    /// A fault; shown with its causes. Exit status 1.
    Fault(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// The line that a person gets to read.
    pub fn line(&self) -> String {
        match self {
            Self::Advice(line) => line.clone(),
            Self::Fault(fault) => chain(fault.as_ref()),
        }
    }

    /// Tells the person on the standard error output, and gives the exit status.
    pub fn report(&self) -> ExitCode {
        eprintln!("parlor: {}", self.line());
        match self {
            Self::Advice(_) => ExitCode::from(2),
            Self::Fault(_) => ExitCode::FAILURE,
        }
    }
}

/// What went wrong, with its causes.
pub fn chain(fault: &(dyn Error + 'static)) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<DataDirError> for Failure {
    fn from(error: DataDirError) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<SqliteError> for Failure {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Failed { .. } => Self::Fault(error.into()),
            advice => Self::Advice(advice.to_string()),
        }
    }
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        match error {
            PostgresError::Failed { .. } => Self::Fault(error.into()),
            advice => Self::Advice(advice.to_string()),
        }
    }
}

impl From<BusError> for Failure {
    fn from(error: BusError) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Open(error) => error.into(),
            BackupError::Tool { .. } => Self::Fault(error.into()),
            advice => Self::Advice(advice.to_string()),
        }
    }
}

impl From<MovingError> for Failure {
    fn from(error: MovingError) -> Self {
        match error {
            MovingError::Source(_) | MovingError::Target(_) => Self::Fault(error.into()),
            advice => Self::Advice(advice.to_string()),
        }
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<InvalidCost> for Failure {
    fn from(error: InvalidCost) -> Self {
        Self::Advice(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Invalid(problems) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Self::Advice(format!("the account cannot be made: {}", problems.join("; ")))
            }
            RegisterError::Hash(_) | RegisterError::Store(_) => Self::Fault(error.into()),
            advice => Self::Advice(advice.to_string()),
        }
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::AlreadySetUp => Self::Advice(error.to_string()),
            SetupError::Register(error) => error.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot start")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_fault_is_shown_with_its_causes() {
        let fault = Outer(std::io::Error::other("the inner cause"));
        assert_eq!(chain(&fault), "cannot start: the inner cause");
    }
}
