//! Groups of actors that are told things together.

use crate::handle::ActorHandle;
use crate::id::ActorId;
use crate::weak_handle::WeakHandle;
use std::collections::HashSet;
use std::fmt;
use std::iter;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Actors that are told things together. It keeps none of them alive and forgets those that have ended.
///
/// Members have handles of one type; actors of different types can share a protocol's. Clones are the same group, so it can be given to whoever
/// publishes and to whoever joins.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::Group;
///
/// #[actor]
/// #[derive(Default)]
/// struct Bidder {
///     best: u32,
/// }
///
/// #[actor(derive_message(Clone))]
/// impl Bidder {
///     pub fn beaten(&mut self, best: u32) {
///         self.best = best;
///     }
///     pub fn best(&self) -> u32 {
///         self.best
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let bidders = Group::new();
/// let (ann, bob) = (Bidder::default().spawn(), Bidder::default().spawn());
/// bidders.join(&ann);
/// bidders.join(&bob);
/// assert_eq!(bidders.publish(BidderMessage::Beaten { best: 40 }), 2);
/// assert_eq!((ann.best().await?, bob.best().await?), (40, 40));
/// # Ok(()) }
/// ```
pub struct Group<H>(Arc<Mutex<Members<H>>>);

struct Members<H> {
    /// In the order of joining.
    members: Vec<(ActorId, WeakHandle<H>)>,
    ids: HashSet<ActorId>,
    /// Members that have ended are forgotten when there are so many.
    crowd: usize,
}

impl<H: ActorHandle> Members<H> {
    /// Forgets those that have ended, and hands out what is to be dropped without a lock: it may be the last of an actor, and take something
    /// of the user's along.
    fn forget_ended(&mut self) -> Vec<(ActorId, WeakHandle<H>)> {
        let members = mem::take(&mut self.members);
        let (running, ended): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(_, member)| member.is_running());
        self.members = running;
        for (id, _) in &ended {
            self.ids.remove(id);
        }
        self.crowd = (self.members.len() * 2).max(16);
        ended
    }
}

impl<H: ActorHandle> Group<H> {
    /// A group without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an actor a member, the last in order; one that is a member stays where it is.
    pub fn join(&self, member: &H) {
        let mut members = self.members();
        let ended = if members.members.len() >= members.crowd { members.forget_ended() } else { Vec::new() };
        if members.ids.insert(member.id()) {
            members.members.push((member.id(), member.downgrade()));
        }
        drop(members);
        drop(ended);
    }

    /// From here on `member` is told nothing more.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Group;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lamp = Lamp.spawn();
    /// let lamps = Group::new();
    /// lamps.join(&lamp);
    /// lamps.leave(&lamp);
    /// assert!(lamps.is_empty());
    /// # }
    /// ```
    pub fn leave(&self, member: &H) {
        let mut members = self.members();
        let left = if members.ids.remove(&member.id()) {
            let place = members.members.iter().position(|(id, _)| *id == member.id());
            place.map(|place| members.members.remove(place))
        } else {
            None
        };
        drop(members);
        drop(left);
    }

    /// How many members there are: those that have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        let mut members = self.members();
        let ended = members.forget_ended();
        let len = members.members.len();
        drop(members);
        drop(ended);
        len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends `message` to each member in the order of joining, and says how many took it.
    ///
    /// It waits for nobody: a member whose mailbox is full, or that is asked to end, does not get it, see
    /// [`try_tell`](crate::Request::try_tell); [`tell`](Self::tell) waits. Whoever joins or leaves meanwhile may get it or not.
    pub fn publish(&self, message: H::Message) -> usize
    where
        H::Message: Clone,
    {
        let (members, mut took) = (self.all(), 0);
        for (member, message) in copies(&members, message) {
            took += usize::from(member.ask(message).try_tell().is_ok());
        }
        self.tidy(took < members.len());
        took
    }

    /// Sends `message` to each member in the order of joining, and says how many took it. It waits where there is no room.
    ///
    /// One after the other: a member without room keeps those behind it waiting. One that is asked to end, that rejects what does not fit, or where
    /// the wait would never end ([`TellError::Deadlock`](crate::TellError::Deadlock)), does not get it. Whoever joins or leaves meanwhile may get
    /// it or not.
    ///
    /// # Cancel safety
    /// Dropped, it has told those that took it, and nobody else.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Group;
    /// #[actor(mailbox = 1)]
    /// # struct Ear(u32);
    /// # #[actor(derive_message(Clone))]
    /// # impl Ear {
    /// #     pub fn hear(&mut self) { self.0 += 1; }
    /// #     pub fn heard(&self) -> u32 { self.0 }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// # let ear = Ear(0).spawn();
    /// let ears = Group::new();
    /// ears.join(&ear);
    /// for _ in 0..100 {
    ///     assert_eq!(ears.tell(EarMessage::Hear).await, 1);
    /// }
    /// assert_eq!(ear.heard().await?, 100);
    /// # Ok(()) }
    /// ```
    pub async fn tell(&self, message: H::Message) -> usize
    where
        H::Message: Clone,
    {
        let (members, mut took) = (self.all(), 0);
        for (member, message) in copies(&members, message) {
            took += usize::from(member.ask(message).tell().await.is_ok());
        }
        self.tidy(took < members.len());
        took
    }

    fn all(&self) -> Vec<WeakHandle<H>> {
        self.members().members.iter().map(|(_, member)| member.clone()).collect()
    }

    /// If `some_missed_it`, they may have ended.
    fn tidy(&self, some_missed_it: bool) {
        if some_missed_it {
            let ended = self.members().forget_ended();
            drop(ended);
        }
    }

    fn members(&self) -> MutexGuard<'_, Members<H>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those of `members` that live, each with a copy; the last one gets the message itself.
///
/// The user's code clones a message and drops one that nobody takes: this runs without the lock.
fn copies<H: ActorHandle>(
    members: &[WeakHandle<H>],
    message: H::Message,
) -> impl Iterator<Item = (H, H::Message)>
where
    H::Message: Clone,
{
    let mut living = members.iter().filter_map(WeakHandle::upgrade).peekable();
    let mut message = Some(message);
    iter::from_fn(move || {
        let member = living.next()?;
        let copy = if living.peek().is_some() { message.clone() } else { message.take() };
        Some((member, copy?))
    })
}

impl<H> Clone for Group<H> {
    fn clone(&self) -> Self {
        Group(Arc::clone(&self.0))
    }
}

impl<H> Default for Group<H> {
    fn default() -> Self {
        Group(Arc::new(Mutex::new(Members { members: Vec::new(), ids: HashSet::new(), crowd: 0 })))
    }
}

impl<H: ActorHandle> fmt::Debug for Group<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("len", &self.len()).finish()
    }
}
