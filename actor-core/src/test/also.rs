//! What a mock is besides: an actor of other messages, which another handle gets.

use crate::handle::ActorHandle;
use crate::raw_handle::RawHandle;
use crate::route::AnyRoute;
use crate::shared::Shared;
use std::any::{TypeId, type_name};
use std::sync::{Arc, OnceLock};

/// Gives a mock the messages of another protocol: what comes to `mock`, through whichever handle it was converted into, and is a message of
/// `other`'s goes to `other`.
///
/// A mock, a [probe](super::probe()), a [recorder](super::record) and the like get the messages of the handle that they were made of, and no
/// others; those of a protocol that it extends, or of the protocols of a mocked actor, fail as [`CallError::Mock`](crate::CallError::Mock).
/// With this they are whatever the test needs them to be:
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
/// use std::future::ready;
///
/// #[actor]
/// trait Visitor {
///     fn greet(&mut self, name: &str) -> String;
/// }
///
/// #[actor(extends = Visitor)]
/// trait Bidder: Visitor {
///     fn limit(&self) -> u32;
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let bidder = BidderHandle::from_fn(|_| ready(BidderReply::Limit(7)));
/// test::also(&bidder, &VisitorHandle::from_fn(|_| ready(VisitorReply::Greet("hello".into()))));
/// assert_eq!(bidder.limit().await?, 7);
/// assert_eq!(bidder.greet("ann").await?, "hello");
/// # Ok(()) }
/// ```
///
/// In front of a real actor each is recorded by a recorder of its own: `also(&record(&bidder).0, &record(&visitor).0)`. From the moment when it
/// is sent such a message is `other`'s alone, as that to a pool is a worker's: order is kept among the messages of each, not between the two.
/// `mock` holds the handle that it is given; whatever it is sent when it has ended is [`NotRunning`](crate::CallError::NotRunning).
///
/// # Panics
/// If `mock` is no mock, or if it gets the messages of `other` already.
#[track_caller]
pub fn also<H: ActorHandle, O: ActorHandle>(mock: &H, other: &O) {
    let shared = mock.raw().shared();
    let inlet = shared.inlet();
    let Some(also) = inlet.also() else {
        panic!("{} is no mock, and gets the messages of its protocols itself", shared.label());
    };
    let messages = TypeId::of::<O::Message>();
    let is_new = inlet.messages() != messages && also.add(messages, other);
    assert!(is_new, "{} gets a `{}` already", shared.label(), type_name::<O::Message>());
}

/// Who gets the messages that are not a mock's own, by their type. It only grows, so that whoever sends can look while it does.
#[derive(Default)]
pub(crate) struct Also(OnceLock<Box<Entry>>);

struct Entry {
    messages: TypeId,
    handle: RawHandle,
    route: Option<AnyRoute>,
    next: Also,
}

impl Also {
    /// `false` if somebody gets them already.
    fn add<O: ActorHandle>(&self, messages: TypeId, other: &O) -> bool {
        let route = other.route().map(|route| route as AnyRoute);
        let mut entry =
            Box::new(Entry { messages, handle: other.raw().clone(), route, next: Also::default() });
        let mut place = self;
        // Whoever comes second goes on to the next place.
        while let Err(back) = place.0.set(entry) {
            entry = back;
            match place.0.get() {
                Some(known) if known.messages == messages => return false,
                Some(known) => place = &known.next,
                None => {}
            }
        }
        true
    }

    /// Who gets messages of this type, and by which route.
    pub(crate) fn find(&self, messages: TypeId) -> Option<(&Arc<Shared>, Option<AnyRoute>)> {
        let mut place = self;
        while let Some(entry) = place.0.get() {
            if entry.messages == messages {
                return Some((entry.handle.shared(), entry.route));
            }
            place = &entry.next;
        }
        None
    }
}
