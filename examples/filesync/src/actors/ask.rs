//! What peers ask each other, with the way back to who asked.

use actor_core::prelude::*;

use super::disk::DiskHandle;
use crate::chunk::{ChunkRef, ContentId};
use crate::index::Snapshot;
use crate::serve::{Page, ServeError};

/// A question on its way. Whoever has it owes the answer: held back, it can still be answered later.
#[derive(Debug)]
pub(crate) enum Ask {
    Index(ReplyTo<Snapshot>),
    Page { content: ContentId, from: u64, reply: ReplyTo<Result<Page, ServeError>> },
    Chunk { content: ContentId, chunk: ChunkRef, reply: ReplyTo<Result<Vec<u8>, ServeError>> },
}

impl Ask {
    /// Nobody waits for the answer any more.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Index(reply) => reply.caller_gone(),
            Self::Page { reply, .. } => reply.caller_gone(),
            Self::Chunk { reply, .. } => reply.caller_gone(),
        }
    }

    /// Lets `disk` answer; what it answers goes straight to who asked.
    pub(crate) fn pass_to(self, disk: &DiskHandle) {
        match self {
            Self::Index(reply) => reply.forward(disk.index()),
            Self::Page { content, from, reply } => reply.forward(disk.page(content, from)),
            Self::Chunk { content, chunk, reply } => reply.forward(disk.chunk(content, chunk)),
        }
    }
}
