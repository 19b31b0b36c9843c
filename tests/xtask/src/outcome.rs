//! How a suite ends.

use std::io;

/// A short note for the closing table, or why the suite did not pass.
pub(crate) type Outcome = Result<String, Failure>;

/// Why a suite did not pass. Both kinds make the whole run fail.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It ran, and something is wrong.
    Failed(String),
    /// It could not run: what the machine lacks, and how to supply it.
    NotRun(String),
}

impl Failure {
    /// The suite found a fault.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }

    /// The suite could not run.
    pub(crate) fn not_run(reason: impl Into<String>) -> Self {
        Self::NotRun(reason.into())
    }

    /// The same, with what it is about.
    pub(crate) fn about(self, whom: &str) -> Self {
        match self {
            Self::Failed(reason) => Self::Failed(format!("{whom}: {reason}")),
            Self::NotRun(reason) => Self::NotRun(format!("{whom}: {reason}")),
        }
    }

    /// Combines several. The result is a fault if any of them is.
    pub(crate) fn all(failures: &[Self]) -> Result<(), Self> {
        let reasons = failures.iter().map(Self::reason).collect::<Vec<_>>().join("; ");
        if failures.is_empty() {
            Ok(())
        } else if failures.iter().any(|failure| matches!(failure, Self::Failed(_))) {
            Err(Self::Failed(reasons))
        } else {
            Err(Self::NotRun(reasons))
        }
    }

    /// What went wrong, in a sentence.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Failed(reason) | Self::NotRun(reason) => reason,
        }
    }
}

/// For `map_err`: says what was being done when the operating system refused.
pub(crate) fn while_doing(what: impl core::fmt::Display) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Failed(format!("{what}: {error}"))
}
