//! How far a stream may be ahead of its reader: for one who has to wait though he has read all that there was credit for, further and further.

use crate::credit::Credit;
use crate::wire::{CREDIT_BYTES, CREDIT_ITEMS};
use actor_core::luggage::Items;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// No stream is further ahead than by so many items, and so many bytes.
const MOST_ITEMS: u32 = 1024;

/// Nor than by so many items, if they come soon: what is on the way is in the way of small calls.
const NEAR_ITEMS: u32 = 64;

/// Items that come later than that after they were waited for come from far away.
const FAR: Duration = Duration::from_millis(20);
const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// By how many bytes all streams of a peer together are further ahead than they are at first.
const EXTRA: u64 = 32 * 1024 * 1024;

/// What is left of [`EXTRA`].
#[derive(Debug)]
pub(super) struct Extra(AtomicU64);

impl Default for Extra {
    fn default() -> Self {
        Extra(AtomicU64::new(EXTRA))
    }
}

impl Extra {
    fn take(&self, bytes: u64) -> bool {
        let take = |left: u64| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn put_back(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Of one stream.
#[derive(Debug)]
pub(super) struct Window {
    items: u32,
    bytes: u64,
    /// What may still come.
    left: Credit,
    /// Whether there was no credit left for more items, or bytes, since he had to wait for some.
    spent: (bool, bool),
    /// Since when he waits for what he had no credit for any more.
    since: Option<Instant>,
    /// Whether he had to wait long.
    is_far: bool,
    /// What the reader has: it was read when he asks for more.
    given: (u32, u64),
    /// What was read, and there is no new credit for.
    read: (u32, u64),
}

impl Window {
    pub(super) fn new() -> Self {
        let (left, spent) = (Credit::new(), (false, false));
        let (since, is_far) = (None, false);
        let (items, bytes) = (CREDIT_ITEMS, CREDIT_BYTES);
        Window { items, bytes, left, spent, since, is_far, given: (0, 0), read: (0, 0) }
    }

    /// How many the reader gets at a time: so few that there is credit for more before he has read all.
    pub(super) fn portion(&self) -> u32 {
        self.items / 2
    }

    /// Those have come.
    pub(super) fn come(&mut self, items: &Items) {
        let waited = self.since.take().map(|since| since.elapsed());
        self.come_after(waited.unwrap_or_default(), items);
    }

    fn come_after(&mut self, waited: Duration, items: &Items) {
        self.is_far |= waited >= FAR;
        // They were allowed: the driver has looked.
        self.left.take(items.len(), items.as_bytes().len());
        let (items, bytes) = self.left.left();
        self.spent = (self.spent.0 || items == 0, self.spent.1 || bytes <= 0);
    }

    /// Those go to the reader.
    pub(super) fn give(&mut self, items: &Items) {
        self.given = (items.len(), items.as_bytes().len() as u64);
    }

    /// The reader asks for more, and has to wait for it or not: the credit that is to be given, of items and bytes.
    pub(super) fn ask(&mut self, waits: bool, extra: &Extra) -> Option<(u32, u64)> {
        let (items, bytes) = std::mem::take(&mut self.given);
        let (mut items, mut bytes) = (self.read.0 + items, self.read.1.saturating_add(bytes));
        let is_due = items >= self.items / 2 || bytes >= self.bytes / 2;
        // He waits, and not only for one who makes the items: that one had no credit any more, or hardly any.
        let (left_items, left_bytes) = self.left.left();
        let few_items = waits && (self.spent.0 || left_items < self.items / 2);
        let most = if self.is_far { MOST_ITEMS } else { NEAR_ITEMS };
        let half = i64::try_from(self.bytes / 2).unwrap_or(i64::MAX);
        let few_bytes = waits && (self.spent.1 || left_bytes < half);
        if waits && self.spent.0 {
            self.since = Some(Instant::now());
        }
        if waits {
            self.spent = (false, false);
        }
        if few_items && self.items < most {
            self.is_far = false;
            items += self.items;
            self.items *= 2;
        }
        if few_bytes && self.bytes < MOST_BYTES && extra.take(self.bytes) {
            bytes = bytes.saturating_add(self.bytes);
            self.bytes *= 2;
        }
        if is_due || few_items || few_bytes {
            self.read = (0, 0);
            self.left.add(items, bytes);
            return Some((items, bytes)).filter(|credit| *credit != (0, 0));
        }
        self.read = (items, bytes);
        None
    }

    /// It is over.
    pub(super) fn close(&mut self, extra: &Extra) {
        extra.put_back(self.bytes - CREDIT_BYTES);
        self.bytes = CREDIT_BYTES;
    }
}

#[cfg(test)]
mod tests {
    use super::{Extra, FAR, MOST_BYTES, MOST_ITEMS, NEAR_ITEMS, Window};
    use crate::wire::{CREDIT_BYTES, CREDIT_ITEMS};
    use actor_core::luggage::Items;

    fn items(count: u32, size: usize) -> Items {
        let one = Items::one(&vec![7; size]).unwrap();
        Items::read(one.as_bytes().repeat(count.try_into().unwrap())).unwrap()
    }

    /// Those come, and go to the reader at once.
    fn pass(window: &mut Window, items: &Items) {
        window.come_after(FAR, items);
        window.give(items);
    }

    #[test]
    fn who_does_not_wait_gets_what_he_has_read() {
        let (mut window, extra) = (Window::new(), Extra::default());
        for _ in 0..1000 {
            pass(&mut window, &items(5, 10));
            assert_eq!(window.ask(false, &extra), None);
            pass(&mut window, &items(3, 10));
            assert_eq!(window.ask(false, &extra), Some((8, 8 * 14)));
        }
        assert_eq!(window.portion(), CREDIT_ITEMS / 2);
    }

    #[test]
    fn who_waits_for_one_who_makes_them_slowly_gets_no_more() {
        let (mut window, extra) = (Window::new(), Extra::default());
        let mut credit = 0;
        for _ in 0..1000 {
            pass(&mut window, &items(1, 10));
            credit += window.ask(true, &extra).map_or(0, |(items, _)| items);
        }
        assert_eq!((window.portion(), credit), (CREDIT_ITEMS / 2, 1000));
    }

    #[test]
    fn who_waits_for_the_way_gets_more_and_more() {
        let (mut window, extra) = (Window::new(), Extra::default());
        let (mut may_come, mut all) = (CREDIT_ITEMS, 0);
        while window.items < MOST_ITEMS {
            all += may_come;
            pass(&mut window, &items(may_come, 0));
            may_come = window.ask(true, &extra).unwrap().0;
            assert_eq!(may_come, window.items);
        }
        assert!(all < 2 * MOST_ITEMS && window.bytes == CREDIT_BYTES);
    }

    /// There is credit again as soon as he has read a portion of what came, so that it is not seen any more when he waits.
    #[test]
    fn who_waits_after_all_credit_was_spent_gets_more() {
        let (mut window, extra) = (Window::new(), Extra::default());
        window.come(&items(CREDIT_ITEMS, 10));
        window.give(&items(CREDIT_ITEMS / 2, 10));
        assert_eq!(window.ask(false, &extra).unwrap().0, CREDIT_ITEMS / 2);
        window.give(&items(CREDIT_ITEMS / 2, 10));
        assert_eq!(window.ask(true, &extra).unwrap().0, CREDIT_ITEMS / 2 + CREDIT_ITEMS);
        assert_eq!((window.items, window.bytes), (2 * CREDIT_ITEMS, CREDIT_BYTES));
        // That was said once.
        assert_eq!(window.ask(true, &extra), None);
    }

    #[test]
    fn who_waits_for_one_that_is_near_gets_not_so_many() {
        let (mut window, extra) = (Window::new(), Extra::default());
        let mut may_come = CREDIT_ITEMS;
        for _ in 0..10 {
            let items = items(may_come, 0);
            window.come_after(FAR / 2, &items);
            window.give(&items);
            may_come = window.ask(true, &extra).unwrap().0;
        }
        assert_eq!((window.items, may_come), (NEAR_ITEMS, NEAR_ITEMS));
    }

    #[test]
    fn large_ones_take_of_what_all_have() {
        let extra = Extra::default();
        let large = items(1, 4_000_000);
        let grow = |window: &mut Window| {
            for _ in 0..20 {
                pass(window, &large);
                let (_, bytes) = window.ask(true, &extra).unwrap();
                assert!(bytes >= 4_000_004);
            }
        };
        let mut windows: Vec<_> = (0..100).map(|_| Window::new()).collect();
        windows.iter_mut().for_each(grow);
        assert_eq!(windows.first().unwrap().bytes, MOST_BYTES);
        assert_eq!(windows.last().unwrap().bytes, CREDIT_BYTES);
        windows.iter_mut().for_each(|window| window.close(&extra));
        assert_eq!(extra.0.into_inner(), super::EXTRA);
    }
}
