//! The streams of replies, on the side that reads them.

use super::{Command, Link};
use crate::wire::CREDIT;
use actor_core::CallError;
use futures_core::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

type Item = Result<Vec<u8>, CallError>;

/// One of them, as its reader has it. Dropped, it is heard of there.
pub(crate) struct Inflow {
    link: Arc<Link>,
    id: u64,
    number: u32,
    items: mpsc::UnboundedReceiver<Item>,
    /// Items that were taken since there was credit for more.
    taken: u32,
    is_over: bool,
}

/// The same, as the driver has it.
pub(super) struct Inlet {
    items: mpsc::UnboundedSender<Item>,
    /// Items that may still come.
    credit: u32,
    /// The parts of the item that is coming.
    parts: Vec<u8>,
}

/// More than it was allowed.
#[derive(Debug)]
pub(super) struct Excess;

pub(super) fn inflow(link: &Arc<Link>, id: u64, number: u32) -> (Inlet, Inflow) {
    let (sender, items) = mpsc::unbounded_channel();
    let inflow = Inflow { link: Arc::clone(link), id, number, items, taken: 0, is_over: false };
    (Inlet { items: sender, credit: CREDIT, parts: Vec::new() }, inflow)
}

impl Inlet {
    /// A part of an item.
    pub(super) fn item(&mut self, part: &[u8], more: bool, limit: u64) -> Result<(), Excess> {
        self.parts.extend_from_slice(part);
        if self.parts.len() as u64 > limit || self.credit == 0 {
            return Err(Excess);
        }
        if !more {
            self.credit -= 1;
            // If it fails, nobody reads it any more.
            let _ = self.items.send(Ok(std::mem::take(&mut self.parts)));
        }
        Ok(())
    }

    pub(super) fn credit(&mut self, items: u32) {
        self.credit = self.credit.saturating_add(items);
    }

    pub(super) fn end(self, why: Option<CallError>) {
        if let Some(why) = why {
            let _ = self.items.send(Err(why));
        }
    }
}

impl Stream for Inflow {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let item = ready!(this.items.poll_recv(cx));
        match &item {
            Some(Ok(_)) => {
                this.taken += 1;
                if this.taken >= CREDIT / 2 {
                    let _ = this.link.commands.send(Command::Credit(this.id, this.number, this.taken));
                    this.taken = 0;
                }
            }
            Some(Err(_)) | None => this.is_over = true,
        }
        Poll::Ready(item)
    }
}

impl Drop for Inflow {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = self.link.commands.send(Command::Close(self.id, self.number));
        }
    }
}
