//! Failures, from one machine to the other.

use crate::wire::{Ended, Failure, Reason, cut};
use actor_core::{
    CallError, CodecError, ExitReason, OutOfSight, Panicked, Part, Place, RemoteError, Started, TooLarge,
    VersionMismatch,
};
use std::sync::Arc;

/// What the message was, for those failures that name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub actor: &'a Arc<str>,
    pub message: &'a str,
    pub fingerprint: u64,
    pub text: &'a str,
}

impl Failure {
    /// What the server tells its peer of a failure here.
    pub(crate) fn of(error: CallError) -> Self {
        match error {
            CallError::NotRunning => Failure::NotRunning,
            CallError::Interrupted(reason) => Failure::Interrupted(reason.into()),
            CallError::TimedOut { started } => Failure::TimedOut { started },
            CallError::Full => Failure::Full,
            CallError::Remote(RemoteError::Codec(error)) => {
                Failure::Codec { reply: error.part == Part::Reply, reason: cut(error.reason.clone()) }
            }
            CallError::Remote(RemoteError::TooLarge(error)) => {
                let TooLarge { part, bytes, limit } = *error;
                Failure::TooLarge { reply: part == Part::Reply, bytes, limit }
            }
            CallError::Remote(error) => Failure::Lost(match error {
                error if error.never_ran() => Some(false),
                RemoteError::ConnectionLost { started: Started::Yes } => Some(true),
                _ => None,
            }),
            // Each of these says more to whoever is here than to whoever is there; that it may have run is what remains.
            _ => Failure::Dropped,
        }
    }

    /// What the reader of a stream hears.
    pub(crate) fn heard_in_a_stream(self) -> CallError {
        let actor = Arc::from("");
        self.heard(About { actor: &actor, message: "an item of a stream", fingerprint: 0, text: "" })
    }

    /// What whoever asks for the actor itself hears.
    fn heard_of(self, actor: &Arc<str>) -> CallError {
        self.heard(About { actor, message: "", fingerprint: 0, text: "" })
    }

    /// What its caller hears.
    pub(crate) fn heard(self, about: About<'_>) -> CallError {
        let part = |reply| if reply { Part::Reply } else { Part::Request };
        match self {
            Failure::NotRunning => CallError::NotRunning,
            Failure::Interrupted(reason) => CallError::Interrupted(reason.into()),
            Failure::TimedOut { started } => CallError::TimedOut { started },
            Failure::Dropped => CallError::Dropped,
            Failure::Full => CallError::Full,
            Failure::NoSuchActor => {
                CallError::Remote(RemoteError::NoSuchActor(Arc::new(about.actor.to_string())))
            }
            Failure::Mismatch(theirs) => {
                let ours = (about.fingerprint, about.text.to_owned());
                let mismatch = VersionMismatch { message: about.message.to_owned(), ours, theirs };
                CallError::Remote(RemoteError::VersionMismatch(Arc::new(mismatch)))
            }
            Failure::Codec { reply, reason } => codec(part(reply), about.message, reason),
            Failure::TooLarge { reply, bytes, limit } => too_large(part(reply), bytes, limit),
            Failure::Lost(started) => CallError::Remote(RemoteError::ConnectionLost {
                started: match started {
                    Some(true) => Started::Yes,
                    Some(false) => Started::No,
                    None => Started::Unknown,
                },
            }),
        }
    }
}

/// Something is larger than may be sent.
pub(crate) fn too_large(part: Part, bytes: u64, limit: u64) -> CallError {
    CallError::Remote(RemoteError::TooLarge(Arc::new(TooLarge { part, bytes, limit })))
}

/// Something could not be written or read.
pub(crate) fn codec(part: Part, message: &str, reason: impl ToString) -> CallError {
    let error = CodecError { part, message: message.to_owned(), reason: reason.to_string() };
    CallError::Remote(RemoteError::Codec(Arc::new(error)))
}

impl From<ExitReason> for Ended {
    fn from(reason: ExitReason) -> Self {
        match OutOfSight::of(&reason) {
            // Of one that is elsewhere in turn: that is no end.
            Some(_) => Ended::Unseen(Failure::Lost(None)),
            None => Ended::For(reason.into()),
        }
    }
}

impl Ended {
    /// What whoever watches `actor` hears.
    pub(crate) fn heard(self, actor: &Arc<str>) -> ExitReason {
        match self {
            Ended::For(reason) => reason.into(),
            Ended::Unseen(why) => OutOfSight::because(why.heard_of(actor)),
        }
    }
}

impl From<ExitReason> for Reason {
    fn from(reason: ExitReason) -> Self {
        match reason {
            ExitReason::Stopped => Reason::Stopped,
            ExitReason::Finished => Reason::Finished,
            ExitReason::Killed => Reason::Killed,
            ExitReason::Panicked(panicked) => Reason::Panicked {
                message: panicked.message().map(|message| cut(message.to_owned())),
                text: cut(panicked.text().to_owned()),
                place: panicked
                    .location()
                    .map(|place| (cut(place.file().to_owned()), place.line(), place.column())),
            },
            other => Reason::Failed(cut(match other {
                ExitReason::Failed(error) => error.to_string(),
                other => other.to_string(),
            })),
        }
    }
}

impl From<Reason> for ExitReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Stopped => ExitReason::Stopped,
            Reason::Finished => ExitReason::Finished,
            Reason::Killed => ExitReason::Killed,
            Reason::Panicked { message, text, place } => {
                let place = place.map(|(file, line, column)| Place::new(file, line, column));
                ExitReason::Panicked(Panicked::from_parts(message, text, place))
            }
            Reason::Failed(text) => ExitReason::Failed(Arc::from(Box::from(text))),
        }
    }
}
