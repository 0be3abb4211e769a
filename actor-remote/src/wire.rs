//! What is sent: see `PROTOCOL.md`, which says it byte by byte.
//!
//! A frame is its length in four bytes, little endian, a header in postcard, and a body: the rest. Headers borrow from the frame.

use crate::hints::Hints;
use serde::{Deserialize, Serialize};

/// The protocol and its version: peers with another one do not get through the handshake.
pub(crate) const ALPN: &[u8] = b"actor/2";
pub(crate) const VERSION: u64 = 2;

/// A body that is larger goes in a stream of its own, so that it delays nobody.
pub(crate) const INLINE: usize = 16 * 1024;

/// No header is larger: names and texts are cut.
pub(crate) const HEADER: usize = 16 * 1024;

/// No frame is larger.
pub(crate) const FRAME: usize = INLINE + HEADER;

/// The bytes of a frame's length.
pub(crate) const PREFIX: usize = 4;

/// Items of a stream that may come before any was read, and bytes of items and of their lengths.
pub(crate) const CREDIT_ITEMS: u32 = 16;
pub(crate) const CREDIT_BYTES: u64 = 64 * 1024;

/// Why a connection is closed.
pub(crate) mod close {
    /// The node is closed, or wants no more of it.
    pub(crate) const DONE: u32 = 0;
    /// This key may not call here.
    pub(crate) const REFUSED: u32 = 1;
    /// What was sent is not this protocol.
    pub(crate) const PROTOCOL: u32 = 2;
    /// More than the hello allowed.
    pub(crate) const LIMIT: u32 = 3;
    /// Instead of a hello: connections that this key had before have just been found dead. Another one is welcome.
    pub(crate) const AGAIN: u32 = 4;
}

/// The server's first word, alone in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// Calls that may be under way at a time.
    pub calls: u32,
    /// How large a message may be.
    pub bytes: u64,
}

/// An actor of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Whom<'a> {
    /// The one that it serves by this name.
    Name(&'a str),
    /// The one that it has given to this caller, in a message or a reply.
    Lease([u8; 16]),
}

/// A handle within a message or a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address<'a> {
    /// The node where its actor lives.
    pub key: [u8; 32],
    #[serde(borrow)]
    pub actor: Whom<'a>,
    /// Where that node may be reached, if that is not the sender of the message.
    pub hints: Hints,
}

/// What a caller says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask<'a> {
    /// From now on `target` is this message of this actor. Messages of one `sender` arrive in order.
    Target {
        target: u32,
        sender: u64,
        #[serde(borrow)]
        actor: Whom<'a>,
        message: &'a str,
        fingerprint: u64,
    },
    /// A call, with the time that is left for it in microseconds. The body is here, or of so many bytes in a stream of its own.
    Call { id: u64, target: u32, within: Option<u64>, apart: Option<u64> },
    /// A message without a reply, which wants a receipt.
    Tell { id: u64, target: u32, apart: Option<u64> },
    /// Nobody waits for it any more, nor for the streams of its reply.
    Cancel { id: u64 },
    /// So many more items of this stream of its reply may come, and so many more bytes of them.
    Credit { id: u64, stream: u32, items: u32, bytes: u64 },
    /// Nobody reads this stream of its reply any more.
    Close { id: u64, stream: u32 },
    /// This number is not used any more.
    Forget { target: u32 },
    /// The end of this actor is to be told.
    Watch {
        watch: u32,
        #[serde(borrow)]
        actor: Whom<'a>,
    },
    /// It is not any more.
    Unwatch { watch: u32 },
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// Its handler has started.
    Started { id: u64 },
    /// The reply; its body is here, or of so many bytes in a stream of its own. So many streams of items go with it.
    Reply { id: u64, apart: Option<u64>, streams: u32 },
    /// It lies in the mailbox.
    Received { id: u64 },
    /// There will be no reply, or no receipt.
    Failed { id: u64, why: Failure },
    /// A part of an item of such a stream, and whether more of it comes: of one for which a frame has no room.
    Part { id: u64, stream: u32, more: bool },
    /// The end of such a stream, and why if it was cut off.
    End { id: u64, stream: u32, why: Option<Failure> },
    /// The end of an actor that was watched, behind all that it has answered.
    Ended { watch: u32, how: Ended },
    /// Items of such a stream: one or more, each behind its length.
    Items { id: u64, stream: u32 },
}

/// What is told to whoever watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ended {
    /// It has ended.
    For(Reason),
    /// It is not watched, or not any more.
    Unseen(Failure),
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    NotRunning,
    Interrupted(Reason),
    TimedOut {
        started: bool,
    },
    Dropped,
    Full,
    NoSuchActor,
    /// The message as the server knows it, if it does.
    Mismatch(Option<(u64, String)>),
    Codec {
        reply: bool,
        reason: String,
    },
    TooLarge {
        reply: bool,
        bytes: u64,
        limit: u64,
    },
    /// The way on from the server was lost; whether the handler had started, if that is known.
    Lost(Option<bool>),
}

/// Why an actor ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    Stopped,
    Finished,
    Killed,
    Panicked { message: Option<String>, text: String, place: Option<(String, u32, u32)> },
    Failed(String),
}

/// Appends a frame.
pub(crate) fn put(buffer: &mut Vec<u8>, header: &impl Serialize, body: &[u8]) {
    let start = buffer.len();
    buffer.extend([0; PREFIX]);
    // A `Vec` takes whatever it is given, and the headers are plain data.
    if let Ok(longer) = postcard::to_extend(header, std::mem::take(buffer)) {
        *buffer = longer;
    }
    buffer.extend_from_slice(body);
    let length = u32::try_from(buffer.len() - start - PREFIX).unwrap_or(u32::MAX);
    if let Some(prefix) = buffer.get_mut(start..start + PREFIX) {
        prefix.copy_from_slice(&length.to_le_bytes());
    }
}

/// A header, and the body behind it.
pub(crate) fn take<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> Result<(T, &'a [u8]), postcard::Error> {
    postcard::take_from_bytes(frame)
}

/// At most so much of a text as a header has room for.
pub(crate) fn cut(mut text: String) -> String {
    const MOST: usize = 2 * 1024;
    if text.len() > MOST {
        text.truncate(text.floor_char_boundary(MOST));
    }
    text
}

/// Frames out of a stream of bytes.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: Vec<u8>,
    /// Where the first frame begins that was not taken.
    start: usize,
}

/// A frame that no peer of this version sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Oversized;

impl Frames {
    /// More of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, if it is there as a whole.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, Oversized> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let Some((prefix, rest)) = rest.split_first_chunk::<PREFIX>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*prefix)).map_err(|_| Oversized)?;
        if length > FRAME {
            return Err(Oversized);
        }
        let frame = rest.get(..length);
        if frame.is_some() {
            self.start += PREFIX + length;
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests;
