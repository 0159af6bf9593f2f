use std::path::PathBuf;

/// The settings cannot be used. Each message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file is not there or not TOML.
    #[error("cannot read the settings file {}: {reason}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong, in one line.
        reason: String,
    },
    /// No setting has this name.
    #[error("{place} sets `{name}`, which does not exist; did you mean `{nearest}`?")]
    Unknown {
        /// The file, or "the environment".
        place: String,
        /// What was written.
        name: String,
        /// The name that resembles it most.
        nearest: String,
    },
    /// A value is not of the setting's type.
    #[error("{place}: {reason}")]
    Type {
        /// The file, the variable or the command line.
        place: String,
        /// What is wrong, in one line.
        reason: String,
    },
    /// A number is outside its range.
    #[error("{key} is {value}, but it must be from {low} to {high}")]
    Range {
        /// The setting.
        key: String,
        /// Its value.
        value: u64,
        /// The least it may be.
        low: u64,
        /// The most it may be.
        high: u64,
    },
    /// Settings contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
}
