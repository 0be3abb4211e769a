//! What goes wrong, as the user reads it: what, where, what to do. Each kind has its own exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use actor_remote::NodeError;

use crate::actors::door::TurnedAway;

/// A failure that ends the run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot use {}: {why}", .folder.display())]
    Refused { folder: PathBuf, why: Refusal },
    #[error(
        "cannot use {}: another filesync is at work in it; wait until that one has ended, then run again",
        .0.display()
    )]
    Locked(PathBuf),
    #[error(
        "cannot use the state in {}: {why}; use the newer filesync, or remove that file to start from the files alone",
        .file.display()
    )]
    NewerState { file: PathBuf, why: String },
    #[error("cannot {what} {}: {source}; {}", .path.display(), advice(.source))]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot watch the folders: {0}; put that right, or sync without `--watch`")]
    Watch(notify::Error),
    #[error("not everything is the same yet: {0} skipped, named above; put that right, then run again")]
    Incomplete(usize),
    #[error(
        "the folders still differ after {0} rounds: something keeps changing them; run again when it has ended"
    )]
    Unsettled(usize),
    #[error("waited too long until {0}; please report this")]
    TooLong(String),
    #[error("the folders hold different things although all of them say that they agree; please report this")]
    Disagree,
    #[error("cannot join: nobody answers at {0}; is it still served there, and can this machine reach it?")]
    NobodyThere(String),
    #[error("cannot join: {0}")]
    TurnedAway(TurnedAway),
    #[error("cannot read a ticket: {0}")]
    Ticket(io::Error),
    #[error("cannot join: the ticket is this folder's own; take it to another folder")]
    OwnTicket,
    #[error("nobody serves {}; begin with `filesync serve`", .0.display())]
    NotServed(PathBuf),
    #[error("who serves {} does not answer; was it stopped, or is it about to begin or to end?", .0.display())]
    NoAnswer(PathBuf),
    #[error("cannot be reached by others: {0}")]
    Node(#[from] NodeError),
    #[error("part of the program failed: {0}; nothing half written is under a real name, run again")]
    Actor(String),
}

/// Why a set of folders cannot be synced.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("there is no such folder; create it, or check the spelling")]
    Absent,
    #[error("it is not a folder; name the folder that holds it")]
    NotAFolder,
    #[error("it is named twice; name each folder once")]
    Twice,
    #[error("it lies inside {}, which is named too; name folders that do not hold each other", .0.display())]
    Inside(PathBuf),
    #[error("it lies inside the state of a synced folder; name a folder of your own")]
    State,
}

impl Error {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }

    /// It may be put right while the program runs.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Io { source, .. } if is_full(source))
    }

    /// 2 is clap's, for a command line that makes no sense.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Io { .. }
            | Self::Watch(_)
            | Self::Disagree
            | Self::TooLong(_)
            | Self::Node(_)
            | Self::Actor(_) => 1,
            Self::Ticket(_) => 2,
            Self::Refused { .. } | Self::OwnTicket => 3,
            Self::Incomplete(_) | Self::Unsettled(_) => 4,
            Self::Locked(_) => 5,
            Self::NewerState { .. } => 6,
            Self::NobodyThere(_) | Self::TurnedAway(_) | Self::NotServed(_) | Self::NoAnswer(_) => 7,
        })
    }
}

/// There is no room left.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What the system says, or what it means.
pub(crate) fn plain(error: &io::Error) -> String {
    if is_full(error) { "the disk is full; make room".to_owned() } else { error.to_string() }
}

/// What the user can do about it.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "check its permissions",
        _ if is_full(error) => "make room on the disk, then run again",
        io::ErrorKind::ReadOnlyFilesystem => "the disk is mounted read-only",
        io::ErrorKind::NotFound => "was it removed or unmounted? run again when it is back",
        io::ErrorKind::NotADirectory => "something else is where this folder should be; move that away",
        _ => "put that right, then run again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_one_line() {
        let folder = PathBuf::from("/x");
        let errors = [
            Error::Refused { folder: folder.clone(), why: Refusal::Inside("/".into()) },
            Error::Locked(folder.clone()),
            Error::NewerState { file: folder.clone(), why: "format 2".into() },
            Error::io("write", &folder)(io::Error::other("full")),
            Error::Watch(notify::Error::generic("x")),
            Error::Incomplete(2),
            Error::Unsettled(3),
            Error::TooLong("x".into()),
            Error::NobodyThere("x".into()),
            Error::TurnedAway(TurnedAway::Secret),
            Error::Ticket(io::Error::other("x")),
            Error::OwnTicket,
            Error::NotServed(folder.clone()),
            Error::NoAnswer(folder.clone()),
            Error::Actor("x".into()),
        ];
        for error in errors {
            let text = error.to_string();
            assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
        }
    }
}
