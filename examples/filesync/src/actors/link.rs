//! The way from one peer to another in the same process.

use std::time::Duration;

use actor_core::prelude::*;

use super::source::{Source, SourceHandle};
use crate::changes::{Changes, Mark};
use crate::chunk::ContentId;
use crate::serve::{Chunks, Page, ServeError, Wanted};

/// Carries questions to the disk of another peer. It can be slow and, in tests, cut, and who asks sees no more of that
/// than of a network: the answer comes late, or does not come.
#[actor]
#[derive(Debug)]
pub(crate) struct Link {
    to: SourceHandle,
    latency: Duration,
    is_cut: bool,
}

#[actor]
impl Link {
    pub(crate) fn new(to: SourceHandle, latency: Duration) -> Self {
        Self { to, latency, is_cut: false }
    }

    /// Lets nothing through until [`mend`](Self::mend).
    #[cfg(test)]
    pub(crate) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Lets through again, also what was held back and is still waited for.
    #[cfg(test)]
    pub(crate) fn mend(&mut self) {
        self.is_cut = false;
    }

    /// Lets the disk answer; what it answers goes straight to who asked.
    fn carry(&self, ctx: &mut Context<Self>, pass: impl FnOnce(&SourceHandle) + Send + 'static) {
        if self.latency.is_zero() {
            pass(&self.to);
        } else {
            // Beside other messages: a slow link carries many questions at once.
            ctx.then(tokio::time::sleep(self.latency), |this, _, ()| pass(&this.to));
        }
    }
}

impl Source for Link {
    fn is_open(&self) -> bool {
        !self.is_cut
    }

    fn changes(&mut self, ctx: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Changes>) {
        self.carry(ctx, move |disk| reply.forward(disk.changes(since)));
    }

    fn when_changed(&mut self, ctx: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Mark>) {
        self.carry(ctx, move |disk| reply.forward(disk.when_changed(since)));
    }

    fn page(
        &mut self,
        ctx: &mut Context<Self>,
        content: ContentId,
        from: u64,
        reply: ReplyTo<Result<Page, ServeError>>,
    ) {
        self.carry(ctx, move |disk| reply.forward(disk.page(content, from)));
    }

    fn chunks(&mut self, ctx: &mut Context<Self>, wanted: Vec<Wanted>, reply: ReplyTo<Chunks>) {
        self.carry(ctx, move |disk| reply.forward(disk.chunks(wanted)));
    }
}
