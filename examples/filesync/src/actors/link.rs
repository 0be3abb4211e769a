//! The way from one peer to another.

use std::time::Duration;

use actor_core::prelude::*;

use super::ask::Ask;
use super::disk::DiskHandle;
use crate::chunk::{ChunkRef, ContentId};
use crate::index::Snapshot;
use crate::serve::{Page, ServeError};

/// Carries questions to the disk of another peer. It can be slow and it can be cut, and who asks sees no more of that
/// than of a network: the answer comes late, or does not come.
#[actor]
#[derive(Debug)]
pub(crate) struct Link {
    to: DiskHandle,
    latency: Duration,
    /// While it is cut, what did not get through.
    held: Option<Vec<Ask>>,
}

#[actor]
impl Link {
    pub(crate) fn new(to: DiskHandle, latency: Duration) -> Self {
        Self { to, latency, held: None }
    }

    /// The index of the folder at the other end.
    pub(crate) fn index(&mut self, reply: ReplyTo<Snapshot>) {
        self.carry(Ask::Index(reply));
    }

    /// Part of the list of chunks of a content.
    pub(crate) fn page(&mut self, content: ContentId, from: u64, reply: ReplyTo<Result<Page, ServeError>>) {
        self.carry(Ask::Page { content, from, reply });
    }

    /// One chunk of a content.
    pub(crate) fn chunk(
        &mut self,
        content: ContentId,
        chunk: ChunkRef,
        reply: ReplyTo<Result<Vec<u8>, ServeError>>,
    ) {
        self.carry(Ask::Chunk { content, chunk, reply });
    }

    /// Lets nothing through until [`mend`](Self::mend).
    pub(crate) fn cut(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Lets through again, also what was held back and is still waited for.
    pub(crate) fn mend(&mut self) {
        for ask in self.held.take().into_iter().flatten() {
            self.carry(ask);
        }
    }

    fn carry(&mut self, ask: Ask) {
        if ask.is_over() {
            return;
        }
        if let Some(held) = &mut self.held {
            held.retain(|ask| !ask.is_over());
            held.push(ask);
        } else if self.latency.is_zero() {
            ask.pass_to(&self.to);
        } else {
            // Beside the actor: a slow link carries many questions at once.
            let (to, latency) = (self.to.clone(), self.latency);
            tokio::spawn(async move {
                tokio::time::sleep(latency).await;
                ask.pass_to(&to);
            });
        }
    }
}
