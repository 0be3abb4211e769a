//! The way from one peer to another.

use std::time::Duration;

use actor_core::prelude::*;

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
    is_cut: bool,
}

#[actor(derive_message(Clone))]
impl Link {
    pub(crate) fn new(to: DiskHandle, latency: Duration) -> Self {
        Self { to, latency, is_cut: false }
    }

    /// The index of the folder at the other end.
    #[message(when = !self.is_cut)]
    pub(crate) fn index(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<Snapshot>) {
        self.carry(ctx, |disk| reply.forward(disk.index()));
    }

    /// Part of the list of chunks of a content.
    #[message(when = !self.is_cut)]
    pub(crate) fn page(
        &mut self,
        ctx: &mut Context<Self>,
        content: ContentId,
        from: u64,
        reply: ReplyTo<Result<Page, ServeError>>,
    ) {
        self.carry(ctx, move |disk| reply.forward(disk.page(content, from)));
    }

    /// One chunk of a content.
    #[message(when = !self.is_cut)]
    pub(crate) fn chunk(
        &mut self,
        ctx: &mut Context<Self>,
        content: ContentId,
        chunk: ChunkRef,
        reply: ReplyTo<Result<Vec<u8>, ServeError>>,
    ) {
        self.carry(ctx, move |disk| reply.forward(disk.chunk(content, chunk)));
    }

    /// Lets nothing through until [`mend`](Self::mend).
    pub(crate) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Lets through again, also what was held back and is still waited for.
    pub(crate) fn mend(&mut self) {
        self.is_cut = false;
    }

    /// Lets the disk answer; what it answers goes straight to who asked.
    fn carry(&self, ctx: &mut Context<Self>, pass: impl FnOnce(&DiskHandle) + Send + 'static) {
        if self.latency.is_zero() {
            pass(&self.to);
        } else {
            // Beside other messages: a slow link carries many questions at once.
            ctx.then(tokio::time::sleep(self.latency), |this, _, ()| pass(&this.to));
        }
    }
}
