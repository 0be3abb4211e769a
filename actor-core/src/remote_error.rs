//! What can be wrong between machines. Only types: the network is another crate's.

use crate::error::CallError;
use crate::exit::ExitReason;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What went wrong on the way to an actor on another machine, or back.
///
/// It is small, since it travels within every reply's type: what needs room lies in an `Arc`. Each is said only where it is proven, and so is [`never_ran`](Self::never_ran): what has become of a message is often not known, and then this
/// says just that.
///
/// ```
/// use actor_core::{CallError, RemoteError, Started};
///
/// let lost: CallError = CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown });
/// assert!(!lost.never_ran());
/// let lost: CallError = CallError::Remote(RemoteError::ConnectionLost { started: Started::No });
/// assert!(lost.never_ran());
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum RemoteError {
    /// No connection was made, so nothing of the request has left this machine.
    Unreachable(Unreachable),
    /// The other machine does not let this one in.
    Refused,
    /// The other machine knows the message as another one: its arguments or its reply have another shape there, or it is not there at all. It was
    /// not decoded.
    VersionMismatch(Arc<VersionMismatch>),
    /// No actor of this name is served there; by none of the members, if it was sent to a pool of them.
    NoSuchActor(Arc<String>),
    /// What was sent could not be written or read.
    Codec(Arc<CodecError>),
    /// It is larger than may be sent.
    TooLarge(Arc<TooLarge>),
    /// The connection went while the call was under way.
    ConnectionLost {
        /// Whether its handler had started.
        started: Started,
    },
    /// A tell was sent, and there was no receipt before its deadline: it may have been delivered.
    NoReceipt,
    /// It is no data that could be sent: a message of a generic method, or one of a protocol through the handle of an actor.
    NotData {
        /// The method.
        message: Arc<String>,
    },
}

/// What is larger than may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The request or the reply.
    pub part: Part,
    /// How large it is.
    pub bytes: u64,
    /// How large it may be.
    pub limit: u64,
}

/// Why a proxy has ended though its actor may not have: nothing is heard of that one any more. The error in an [`ExitReason::Failed`].
///
/// ```
/// use actor_core::{ExitReason, OutOfSight};
///
/// fn on_exit(reason: &ExitReason) -> &'static str {
///     match OutOfSight::of(reason) {
///         Some(_) => "it may still run",
///         None => "it has ended",
///     }
/// }
/// assert_eq!(on_exit(&ExitReason::Stopped), "it has ended");
/// ```
#[derive(Clone, Debug)]
pub struct OutOfSight {
    why: CallError,
}

impl OutOfSight {
    /// For transports: the end of a proxy whose actor cannot be seen any more.
    #[must_use]
    pub fn because(why: CallError) -> ExitReason {
        ExitReason::Failed(Arc::new(OutOfSight { why }))
    }

    /// That one, if it is why an actor has ended.
    #[must_use]
    pub fn of(reason: &ExitReason) -> Option<&Self> {
        match reason {
            ExitReason::Failed(error) => error.downcast_ref(),
            _ => None,
        }
    }

    /// What a call would have heard: [`ConnectionLost`](RemoteError::ConnectionLost), why there is no connection, that there is
    /// [no such actor](RemoteError::NoSuchActor), or [`Full`](CallError::Full) of one who watches too many.
    #[must_use]
    pub fn why(&self) -> &CallError {
        &self.why
    }
}

impl fmt::Display for OutOfSight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of sight: ")?;
        match &self.why {
            CallError::Remote(RemoteError::ConnectionLost { .. }) => f.write_str("the connection to it went"),
            CallError::Remote(RemoteError::Unreachable(why)) => why.fmt(f),
            CallError::Remote(RemoteError::Refused) => {
                f.write_str("the other machine lets nobody in with this key")
            }
            CallError::Remote(RemoteError::NoSuchActor(name)) => {
                write!(f, "no actor `{name}` is served there")
            }
            CallError::Full => f.write_str("the other machine lets nobody watch more"),
            other => other.fmt(f),
        }
    }
}

impl Error for OutOfSight {}

/// Why there was no connection.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// No address of it is known.
    NoAddress,
    /// Who answered at its address has another key.
    Key,
    /// Nobody answered in time.
    Timeout,
    /// This node has been closed.
    Closed,
    /// Something else, in words.
    Other(Arc<String>),
}

/// Whether a handler had started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// The other machine said so.
    Yes,
    /// The request was never wholly sent, or the other machine said so.
    No,
    /// Nobody can know.
    Unknown,
}

/// A half of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is sent to the actor.
    Request,
    /// What comes back.
    Reply,
}

/// A message that is not the same on both machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionMismatch {
    /// The message.
    pub message: String,
    /// As it is known here: its fingerprint and its text.
    pub ours: (u64, String),
    /// As it is known there; `None` if there is none of this name.
    pub theirs: Option<(u64, String)>,
}

/// What could not be written or read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// In the request or in the reply.
    pub part: Part,
    /// The message.
    pub message: String,
    /// What is wrong.
    pub reason: String,
}

impl RemoteError {
    /// Whether it is proven that the message did not run and never will.
    #[must_use]
    pub fn never_ran(&self) -> bool {
        match self {
            RemoteError::Unreachable(_)
            | RemoteError::Refused
            | RemoteError::VersionMismatch(_)
            | RemoteError::NoSuchActor(_)
            | RemoteError::NotData { .. } => true,
            RemoteError::Codec(error) => error.part == Part::Request,
            RemoteError::TooLarge(error) => error.part == Part::Request,
            RemoteError::ConnectionLost { started } => *started == Started::No,
            RemoteError::NoReceipt => false,
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unreachable::NoAddress => "no address of it is known",
            Unreachable::Key => "who answered has another key",
            Unreachable::Timeout => "nobody answered in time",
            Unreachable::Closed => "this node has been closed",
            Unreachable::Other(text) => text,
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Request => "request",
            Part::Reply => "reply",
        })
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} has {} bytes, and {} are allowed", self.part, self.bytes, self.limit)
    }
}

impl fmt::Display for VersionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VersionMismatch { message, ours: (ours, our_text), theirs } = self;
        match theirs {
            Some((theirs, their_text)) => {
                write!(
                    f,
                    "`{message}` is `{our_text}` ({ours:016x}) here and `{their_text}` ({theirs:016x}) there"
                )
            }
            None => write!(f, "`{message}`, here `{our_text}` ({ours:016x}), is no message there"),
        }
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemoteError::Unreachable(why) => {
                write!(f, "the other machine cannot be reached: {why}; the message never ran")
            }
            RemoteError::Refused => {
                f.write_str("the other machine lets nobody in with this key; the message never ran")
            }
            RemoteError::VersionMismatch(mismatch) => write!(f, "{mismatch}; it never ran"),
            RemoteError::NoSuchActor(name) => {
                write!(f, "no actor `{name}` is served there; the message never ran")
            }
            RemoteError::Codec(error) => {
                write!(
                    f,
                    "the {} of `{}` is not as it should be: {}",
                    error.part, error.message, error.reason
                )
            }
            RemoteError::TooLarge(error) => error.fmt(f),
            RemoteError::ConnectionLost { started } => f.write_str(match started {
                Started::Yes => "the connection went before the reply; the handler had started",
                Started::No => "the connection went; the message never ran",
                Started::Unknown => {
                    "the connection went before the reply; whether the message ran is not known"
                }
            }),
            RemoteError::NoReceipt => {
                f.write_str("there was no receipt in time; whether it was delivered is not known")
            }
            RemoteError::NotData { message } => {
                write!(f, "`{message}` is no data that could be sent to another machine; it never ran")
            }
        }
    }
}

impl Error for RemoteError {}
