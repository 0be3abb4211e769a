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
    /// Of the actor whose task polls them.
    shared: Arc<Shared>,
    /// Made for the first.
    ready: Option<Arc<Ready>>,
    /// For the next one that is tried.
    spare: Option<Place>,
}

struct Member<'a, T> {
    source: Source<'a, T>,
    /// An item that did not pass. There is no other before it has.
    held: Option<T>,
    place: Place,
}

/// Of a member, or of one that is not yet known to be one.
struct Place {
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
        let shared = Arc::clone(shared);
        PollSet { members: BTreeMap::new(), next: 0, held: 0, shared, ready: None, spare: None }
    }

    fn place(&mut self) -> Place {
        self.spare.take().unwrap_or_else(|| {
            let key = self.next;
            self.next += 1;
            let ready = self.ready.get_or_insert_with(|| {
                Arc::new(Ready { keys: Mutex::new(VecDeque::new()), shared: Arc::clone(&self.shared) })
            });
            let call = Arc::new(Call { key, stands: AtomicBool::new(false), ready: Arc::clone(ready) });
            let waker = Waker::from(Arc::clone(&call));
            Place { call, waker }
        })
    }

    fn seat(&mut self, source: Source<'a, T>, place: Place) {
        self.members.insert(place.call.key, Member { source, held: None, place });
    }

    /// It is ready; the task need not know.
    pub(crate) fn insert(&mut self, source: Source<'a, T>) {
        let place = self.place();
        place.call.stand();
        self.seat(source, place);
    }

    /// Polls one of a single item at once, and keeps it only if that pends.
    pub(crate) fn try_one<F>(&mut self, mut source: F) -> Poll<Option<T>>
    where
        F: FnMut(&mut Context<'_>) -> Poll<Option<T>> + Send + 'a,
    {
        let place = self.place();
        let poll = source(&mut Context::from_waker(&place.waker));
        match poll {
            Poll::Pending => self.seat(Box::new(source), place),
            // Whoever still has its waker wakes the next one there in vain.
            Poll::Ready(_) => self.spare = Some(place),
        }
        poll
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether there is something to poll.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.as_ref().is_some_and(|ready| !ready.keys.lock().is_empty())
    }

    /// The next item of one that is ready. Whoever gave one stands behind the others, and is asked again only then.
    pub(crate) fn next(&mut self) -> Option<T> {
        self.next_that(|_| Some(())).map(|(item, ())| item)
    }

    /// The same of an item that passes. One that does not is held.
    pub(crate) fn next_that<V>(&mut self, mut passes: impl FnMut(&T) -> Option<V>) -> Option<(T, V)> {
        // One that wakes itself has its next turn when others on this thread had theirs.
        let ready = self.ready.as_ref()?;
        let standing = ready.keys.lock().len();
        for _ in 0..standing {
            let key = ready.keys.lock().pop_front()?;
            let Some(member) = self.members.get_mut(&key) else {
                // Woken after its end. Whoever gets the place next is to be woken again.
                if let Some(Place { call, .. }) = self.spare.as_ref().filter(|spare| spare.call.key == key) {
                    call.stands.store(false, Ordering::Release);
                }
                continue;
            };
            member.place.call.stands.store(false, Ordering::Release);
            if member.held.is_some() {
                continue;
            }
            match (member.source)(&mut Context::from_waker(&member.place.waker)) {
                Poll::Pending => {}
                Poll::Ready(Some(item)) => match passes(&item) {
                    Some(verdict) => {
                        member.place.call.stand();
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
        member.place.call.stand();
        self.held -= 1;
        Some((item, verdict))
    }
}
