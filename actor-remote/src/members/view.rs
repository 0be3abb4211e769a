//! Who is there, as one member sees it.

use crate::directory::Location;
use crate::key::Key;
use crate::ticket::Ticket;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::watch;

/// A node that takes part, and what it announces: see [`Members`](crate::Members).
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    pub(super) ticket: Ticket,
    pub(super) names: Arc<BTreeSet<String>>,
    /// Which run of its program it is.
    pub(super) life: u64,
}

impl Member {
    /// Who it is.
    #[must_use]
    pub fn key(&self) -> Key {
        self.ticket.key()
    }

    /// Who and where it is.
    #[must_use]
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// The names that it announces, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether it announces this name.
    #[must_use]
    pub fn serves(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Where what it serves by this name is: for [`Remote::reach`](crate::Remote::reach).
    #[must_use]
    pub fn location(&self, name: &str) -> Location {
        Location::new(self.ticket.clone(), name)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("key", &self.key()).field("names", &self.names).finish_non_exhaustive()
    }
}

/// What has become of a member, as one of them sees it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberEvent {
    /// It is there.
    Joined(Member),
    /// It announces other names, or is elsewhere.
    Changed(Member),
    /// It has said that it goes.
    Left(Member),
    /// It is not heard of any more: it has died, stands still, cannot be reached, or is not allowed any more. It may still run.
    OutOfSight(Member),
}

/// How somebody went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    Left,
    Lost,
}

/// All that is seen at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub(super) members: BTreeMap<Key, Member>,
    /// Of those that are not there any more.
    pub(super) gone: BTreeMap<Key, Gone>,
}

impl View {
    pub(super) fn serving<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Member> {
        self.members.values().filter(move |member| member.serves(name))
    }

    /// What has happened since that one.
    fn since(&self, before: &View) -> VecDeque<MemberEvent> {
        let mut events = VecDeque::new();
        for (key, was) in &before.members {
            match self.members.get(key) {
                Some(is) if is.life == was.life => {}
                // The run before this one has not said anything.
                Some(_) => events.push_back(MemberEvent::OutOfSight(was.clone())),
                None => events.push_back(match self.gone.get(key) {
                    Some(Gone::Left) => MemberEvent::Left(was.clone()),
                    Some(Gone::Lost) | None => MemberEvent::OutOfSight(was.clone()),
                }),
            }
        }
        for (key, is) in &self.members {
            match before.members.get(key) {
                Some(was) if was == is => {}
                Some(was) if was.life == is.life => events.push_back(MemberEvent::Changed(is.clone())),
                Some(_) | None => events.push_back(MemberEvent::Joined(is.clone())),
            }
        }
        events
    }
}

/// What happens among the members: a stream, from [`Members::events`](crate::Members::events).
///
/// Whoever reads slowly misses nothing that lasts: what came and went meanwhile is left out. It ends when the membership does.
pub struct Events(Pin<Box<dyn Stream<Item = MemberEvent> + Send>>);

impl Events {
    pub(super) fn new(view: watch::Receiver<Arc<View>>) -> Self {
        let state = (view, Arc::new(View::default()), VecDeque::new(), true);
        Events(Box::pin(stream::unfold(state, async |(mut view, mut seen, mut events, mut first)| {
            while events.is_empty() {
                // What is there already has joined as well.
                if !first && view.changed().await.is_err() {
                    return None;
                }
                first = false;
                let now = Arc::clone(&view.borrow_and_update());
                events = now.since(&seen);
                seen = now;
            }
            events.pop_front().map(|event| (event, (view, seen, events, first)))
        })))
    }
}

impl Stream for Events {
    type Item = MemberEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<MemberEvent>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
