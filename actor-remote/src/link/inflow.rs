//! The streams of replies, on the side that reads them.

use super::window::Window;
use super::{Command, Link};
use crate::credit::{Credit, Excess};
use actor_core::CallError;
use actor_core::luggage::{Carry, Items, Room};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// Some items, or why there are no more.
type Item = Result<Items, CallError>;

/// One of them, as its reader has it. Dropped, it is heard of there.
pub(crate) struct Inflow {
    link: Arc<Link>,
    id: u64,
    number: u32,
    incoming: mpsc::UnboundedReceiver<Item>,
    /// Those that have come and are more than a portion.
    items: Items,
    window: Window,
    is_over: bool,
}

/// The same, as the driver has it.
pub(super) struct Inlet {
    items: mpsc::UnboundedSender<Item>,
    credit: Credit,
    /// The parts of the item that is coming, if one does.
    parts: Option<Vec<u8>>,
}

pub(super) fn inflow(link: &Arc<Link>, id: u64, number: u32) -> (Inlet, Inflow) {
    let (sender, incoming) = mpsc::unbounded_channel();
    let (link, items, window) = (Arc::clone(link), Items::default(), Window::new());
    let inflow = Inflow { link, id, number, incoming, items, window, is_over: false };
    (Inlet { items: sender, credit: Credit::new(), parts: None }, inflow)
}

impl Inlet {
    /// Several items.
    pub(super) fn items(&mut self, bytes: &[u8], limit: u64) -> Result<(), Excess> {
        let items = Items::read(bytes.to_vec()).ok_or(Excess)?;
        let is_too_large = bytes.len() as u64 > limit && items.iter().any(|item| item.len() as u64 > limit);
        if is_too_large || items.is_empty() || self.parts.is_some() {
            return Err(Excess);
        }
        self.credit.spend(items.len(), bytes.len())?;
        self.put(items);
        Ok(())
    }

    /// A part of an item that is larger.
    pub(super) fn part(&mut self, part: &[u8], more: bool, limit: u64) -> Result<(), Excess> {
        if self.parts.is_none() && self.credit.room().is_none() {
            return Err(Excess);
        }
        let parts = self.parts.get_or_insert_default();
        parts.extend_from_slice(part);
        if parts.len() as u64 > limit {
            return Err(Excess);
        }
        if !more && let Some(item) = self.parts.take() {
            let item = Items::one(&item).ok_or(Excess)?;
            self.credit.spend(1, item.as_bytes().len())?;
            self.put(item);
        }
        Ok(())
    }

    fn put(&self, items: Items) {
        // If it fails, nobody reads it any more.
        let _ = self.items.send(Ok(items));
    }

    pub(super) fn credit(&mut self, items: u32, bytes: u64) {
        self.credit.add(items, bytes);
    }

    pub(super) fn end(self, why: Option<CallError>) {
        if let Some(why) = why {
            let _ = self.items.send(Err(why));
        }
    }
}

impl Carry for Inflow {
    fn poll_items(self: Pin<&mut Self>, cx: &mut Context<'_>, _: Room) -> Poll<Option<Item>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let next = match this.items.is_empty() {
            true => {
                let next = this.incoming.poll_recv(cx);
                if let Poll::Ready(Some(Ok(items))) = &next {
                    this.window.come(items);
                }
                next
            }
            false => Poll::Ready(Some(Ok(std::mem::take(&mut this.items)))),
        };
        if let Some((items, bytes)) = this.window.ask(next.is_pending(), &this.link.extra) {
            let _ = this.link.commands.send(Command::Credit(this.id, this.number, items, bytes));
        }
        Poll::Ready(match ready!(next) {
            Some(Ok(mut items)) => {
                let portion = items.take_some(this.window.portion());
                this.items = items;
                this.window.give(&portion);
                Some(Ok(portion))
            }
            last @ (Some(Err(_)) | None) => {
                this.is_over = true;
                last
            }
        })
    }
}

impl Drop for Inflow {
    fn drop(&mut self) {
        self.window.close(&self.link.extra);
        if !self.is_over {
            let _ = self.link.commands.send(Command::Close(self.id, self.number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Excess, Inlet, Item};
    use crate::credit::Credit;
    use crate::wire::{CREDIT_BYTES, CREDIT_ITEMS};
    use tokio::sync::mpsc;

    fn inlet() -> (Inlet, mpsc::UnboundedReceiver<Item>) {
        let (items, incoming) = mpsc::unbounded_channel();
        (Inlet { items, credit: Credit::new(), parts: None }, incoming)
    }

    /// So many empty items.
    fn empty(count: u32) -> Vec<u8> {
        vec![0; 4 * usize::try_from(count).unwrap()]
    }

    #[test]
    fn more_items_than_there_is_credit_for_are_noticed() {
        let (mut inlet, mut incoming) = inlet();
        assert_eq!(inlet.items(&empty(CREDIT_ITEMS), 100), Ok(()));
        assert_eq!(incoming.try_recv().unwrap().unwrap().len(), CREDIT_ITEMS);
        assert_eq!(inlet.items(&empty(1), 100), Err(Excess));
        inlet.credit(2, 0);
        assert_eq!(inlet.items(&empty(1), 100), Ok(()));
        assert_eq!(inlet.part(&[7], false, 100), Ok(()));
        assert_eq!(inlet.part(&[7], false, 100), Err(Excess));
    }

    #[test]
    fn so_are_more_bytes() {
        let (mut inlet, _incoming) = inlet();
        let part = vec![7; 16 * 1024];
        let parts = CREDIT_BYTES / 16 / 1024;
        for _ in 0..parts {
            assert_eq!(inlet.part(&part, true, u64::MAX), Ok(()));
        }
        // The last one may be larger; there is none after it.
        assert_eq!(inlet.part(&[7], false, u64::MAX), Ok(()));
        assert_eq!(inlet.items(&empty(1), u64::MAX), Err(Excess));
        inlet.credit(0, 5);
        assert_eq!(inlet.items(&empty(1), u64::MAX), Err(Excess));
        inlet.credit(0, 1);
        assert_eq!(inlet.items(&empty(1), u64::MAX), Ok(()));
    }

    #[test]
    fn so_is_what_is_no_item_or_larger_than_any() {
        for (bytes, limit) in [(vec![], 100), (vec![1, 0, 0, 0], 100), (vec![2, 0, 0, 0, 7, 7], 1)] {
            assert_eq!(inlet().0.items(&bytes, limit), Err(Excess), "{bytes:?}");
        }
        let mut within = inlet().0;
        assert_eq!(within.part(&[7], true, 2), Ok(()));
        assert_eq!(within.items(&empty(1), 2), Err(Excess), "between two parts");
        assert_eq!(within.part(&[7, 7], false, 2), Err(Excess));
    }
}
