//! What a caller was told of one message, in one word, and that word again.

use actor_core::{CallError, TellError};
use std::fmt;

/// What is known of a message by whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was answered, or there is a receipt.
    Ok,
    /// It is said that it never ran and never will.
    Never,
    /// It may have run.
    Unknown,
}

impl Told {
    /// Of a call.
    pub fn of<T, E>(outcome: &Result<T, CallError<E>>) -> Self {
        match outcome {
            Ok(_) => Told::Ok,
            Err(error) if error.never_ran() => Told::Never,
            Err(_) => Told::Unknown,
        }
    }

    /// Of a tell.
    pub fn of_tell<M>(outcome: &Result<(), TellError<M>>) -> Self {
        match outcome {
            Ok(()) => Told::Ok,
            Err(TellError::Remote(_, error)) if !error.never_ran() => Told::Unknown,
            Err(_) => Told::Never,
        }
    }

    /// The word again; `None` if it is none of them.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Told::Ok, Told::Never, Told::Unknown].into_iter().find(|told| told.to_string() == word)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Told::Ok => "ok",
            Told::Never => "never",
            Told::Unknown => "unknown",
        })
    }
}
