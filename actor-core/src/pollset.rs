//! Things that are polled when they are woken, and no others: the cost of many that sleep is nothing.

use crate::shared::Shared;
use crate::sync::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Gives items, until it gives none.
pub(crate) type Source<'a, T> = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<T>> + Send + 'a>;

pub(crate) struct PollSet<'a, T> {
    /// In the order in which they came, in which they also go.
    members: BTreeMap<u64, Member<'a, T>>,
    next: u64,
    /// How many hold an item.
    held: usize,
    ready: Arc<Ready>,
}

struct Member<'a, T> {
    source: Source<'a, T>,
    /// An item that did not pass. There is no other before it has.
    held: Option<T>,
    call: Arc<Call>,
    waker: Waker,
}

/// Whose turn it is.
struct Ready {
    keys: Mutex<VecDeque<u64>>,
    /// Of the actor whose task polls them.
    shared: Arc<Shared>,
}

/// The waker of a member.
struct Call {
    key: u64,
    /// It stands among the ready.
    stands: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.stand() {
            self.ready.shared.bell.knock();
        }
    }
}

impl Call {
    fn stand(&self) -> bool {
        let is_new = !self.stands.swap(true, Ordering::AcqRel);
        if is_new {
            self.ready.keys.lock().push_back(self.key);
        }
        is_new
    }
}

impl<'a, T> PollSet<'a, T> {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let ready = Ready { keys: Mutex::new(VecDeque::new()), shared: Arc::clone(shared) };
        PollSet { members: BTreeMap::new(), next: 0, held: 0, ready: Arc::new(ready) }
    }

    /// It is ready; the task need not know.
    pub(crate) fn insert(&mut self, source: Source<'a, T>) {
        let key = self.next;
        self.next += 1;
        let call = Arc::new(Call { key, stands: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        call.stand();
        let waker = Waker::from(Arc::clone(&call));
        self.members.insert(key, Member { source, held: None, call, waker });
    }

    pub(crate) fn extend(&mut self, source: Option<Source<'a, T>>) {
        if let Some(source) = source {
            self.insert(source);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether there is something to poll.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.keys.lock().is_empty()
    }

    /// The next item of one that is ready. Whoever gave one stands behind the others, and is asked again only then.
    pub(crate) fn next(&mut self) -> Option<T> {
        self.next_that(|_| Some(())).map(|(item, ())| item)
    }

    /// The same of an item that passes. One that does not is held.
    pub(crate) fn next_that<V>(&mut self, mut passes: impl FnMut(&T) -> Option<V>) -> Option<(T, V)> {
        // One that wakes itself has its next turn when others on this thread had theirs.
        let ready = self.ready.keys.lock().len();
        for _ in 0..ready {
            let key = self.ready.keys.lock().pop_front()?;
            let Some(member) = self.members.get_mut(&key) else { continue };
            member.call.stands.store(false, Ordering::Release);
            if member.held.is_some() {
                continue;
            }
            match (member.source)(&mut Context::from_waker(&member.waker)) {
                Poll::Pending => {}
                Poll::Ready(Some(item)) => match passes(&item) {
                    Some(verdict) => {
                        member.call.stand();
                        return Some((item, verdict));
                    }
                    None => {
                        member.held = Some(item);
                        self.held += 1;
                    }
                },
                Poll::Ready(None) => drop(self.members.remove(&key)),
            }
        }
        None
    }

    pub(crate) fn holds(&self) -> bool {
        self.held > 0
    }

    /// The first item that was held and passes now. Whoever gave it is asked again.
    pub(crate) fn take_held<V>(&mut self, mut passes: impl FnMut(&T) -> Option<V>) -> Option<(T, V)> {
        if !self.holds() {
            return None;
        }
        let (member, verdict) = self.members.values_mut().find_map(|member| {
            let verdict = member.held.as_ref().and_then(&mut passes)?;
            Some((member, verdict))
        })?;
        let item = member.held.take()?;
        member.call.stand();
        self.held -= 1;
        Some((item, verdict))
    }
}
