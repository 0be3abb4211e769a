//! The end of an actor, and those who wait for it.

use crate::exit::ExitReason;
use crate::shared::Shared;
use crate::wakers;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What is known of an actor's end, under one lock.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) reason: Option<ExitReason>,
    /// Those who watch it have been told; now those who wait are.
    pub(crate) announced: bool,
    /// Most actors are waited for by one at most.
    first: Seat,
    /// Made when it is needed, and then it stays.
    pub(crate) rare: Option<Box<Rare>>,
}

/// What few ends need.
#[derive(Default)]
pub(crate) struct Rare {
    /// When `stop_within` becomes a kill.
    pub(crate) grace: Option<Instant>,
    /// How often it fell and was made anew, and how it fell the last time.
    falls: u64,
    fell: Option<ExitReason>,
    /// By place, so that one that is dropped leaves; `free` are the places that were left.
    others: Vec<Option<Waker>>,
    free: Vec<usize>,
    /// Who is to hear that somebody wants to know of the end; until somebody does.
    pub(crate) asked_after: Option<Arc<Notify>>,
}

#[derive(Default)]
enum Seat {
    #[default]
    Free,
    Taken(Option<Waker>),
}

/// Where one who waits for the end has left its waker.
#[derive(Clone, Copy, Debug)]
enum Place {
    First,
    Other(usize),
}

impl End {
    fn place(&mut self) -> Place {
        match self.first {
            Seat::Free => {
                self.first = Seat::Taken(None);
                Place::First
            }
            Seat::Taken(_) => {
                let Rare { others, free, .. } = self.rare();
                Place::Other(free.pop().unwrap_or_else(|| {
                    others.push(None);
                    others.len() - 1
                }))
            }
        }
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn falls(&self) -> u64 {
        self.rare.as_ref().map_or(0, |rare| rare.falls)
    }

    fn waker(&mut self, place: Place) -> Option<&mut Option<Waker>> {
        match place {
            Place::First => match &mut self.first {
                Seat::Taken(waker) => Some(waker),
                Seat::Free => None,
            },
            Place::Other(place) => self.rare.as_mut()?.others.get_mut(place),
        }
    }

    fn leave(&mut self, place: Place) -> Option<Waker> {
        let waker = self.waker(place).and_then(Option::take);
        match place {
            Place::First => self.first = Seat::Free,
            Place::Other(place) => self.rare().free.push(place),
        }
        waker
    }

    /// It is announced: nobody waits any more.
    pub(crate) fn announce(&mut self) -> Waiting {
        self.announced = true;
        let others = self.rare.as_mut().map(|rare| mem::take(&mut rare.others)).unwrap_or_default();
        Waiting { first: self.take_first(), others }
    }

    /// It fell. Those who wait for the end keep their places: they look and wait on.
    pub(crate) fn fall(&mut self, reason: &ExitReason) -> Waiting {
        let rare = self.rare();
        rare.falls += 1;
        rare.fell = Some(reason.clone());
        let others = rare.others.iter_mut().map(Option::take).collect();
        Waiting { first: self.take_first(), others }
    }

    fn take_first(&mut self) -> Option<Waker> {
        match &mut self.first {
            Seat::Taken(waker) => waker.take(),
            Seat::Free => None,
        }
    }
}

/// Those who waited, to be woken without the lock.
#[must_use]
pub(crate) struct Waiting {
    first: Option<Waker>,
    others: Vec<Option<Waker>>,
}

impl Waiting {
    #[inline]
    pub(crate) fn wake(self) {
        if let Some(first) = self.first {
            first.wake();
        }
        if !self.others.is_empty() {
            wake_all(self.others);
        }
    }
}

#[cold]
fn wake_all(waiting: Vec<Option<Waker>>) {
    waiting.into_iter().flatten().for_each(Waker::wake);
}

/// Resolves to the reason when the actor has ended; see [`ActorHandle::stopped`](crate::ActorHandle::stopped).
///
/// It keeps the actor as little alive as a weak handle. It can be dropped and made again at any time: nothing is missed.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Stopped {
    shared: Arc<Shared>,
    /// Where its waker is, once it has waited.
    place: Option<Place>,
    /// Of one who waits for the end of an incarnation: how often the actor had fallen before.
    falls: Option<u64>,
}

impl Stopped {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Stopped { shared, place: None, falls: None }
    }

    /// Resolves when the actor falls, too.
    pub(crate) fn or_fallen(shared: Arc<Shared>) -> Self {
        let falls = shared.end.lock().falls();
        Stopped { shared, place: None, falls: Some(falls) }
    }
}

impl Future for Stopped {
    type Output = ExitReason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        let this = self.get_mut();
        let mut end = this.shared.end.lock();
        if let Some(reason) = end.reason.clone().filter(|_| end.announced) {
            // All who waited have been woken; their places are gone.
            this.place = None;
            return Poll::Ready(reason);
        }
        if this.falls.is_some_and(|falls| falls != end.falls())
            && let Some(reason) = end.rare.as_ref().and_then(|rare| rare.fell.clone())
        {
            return Poll::Ready(reason);
        }
        let place = *this.place.get_or_insert_with(|| end.place());
        let before = end.waker(place).and_then(|known| wakers::leave(known, cx.waker()));
        drop(end);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            // The waker is dropped after the lock: it may hold the task that holds another of these.
            let waker = self.shared.end.lock().leave(place);
            drop(waker);
        }
    }
}
