//! What goes along with messages and replies that is no bytes: streams and handles. For transports (feature `remote`).
//!
//! Whoever writes does that within [`pack`], and gets the streams that were in it, as bytes, and what has to live until it has been read;
//! whoever reads does that within [`unpack`], and hands over streams of bytes in the same order. In the bytes a [`ReplyStream`](crate::ReplyStream) is its number, and a
//! handle what the [`Porter`] makes of it.

pub(crate) mod depth;
mod items;
mod streams;

use crate::remote::Porter;
pub use items::{Carried, Carry, Items, Room};
use std::any::Any;
use std::cell::RefCell;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime;

/// What has to live until a handle that was given has been taken.
pub type Token = Arc<dyn Any + Send + Sync>;

/// How long what was given lives on for whoever takes it: it is there, but not heard of yet.
const GRACE: Duration = Duration::from_secs(5);

/// What has to live until something has been read there: dropped, some time after that, since it is taken on another way.
#[must_use = "dropped, what was given lives for a few seconds"]
#[derive(Default)]
pub struct Parcel(Vec<Token>);

impl Drop for Parcel {
    fn drop(&mut self) {
        if self.0.is_empty() {
            return;
        }
        let tokens = std::mem::take(&mut self.0);
        if let Ok(runtime) = runtime::Handle::try_current() {
            drop(runtime.spawn(async move {
                tokio::time::sleep(GRACE).await;
                drop(tokens);
            }));
        }
    }
}

impl Parcel {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Parcel").field(&self.0.len()).finish()
    }
}

/// Where what is written or read goes, or comes from.
#[derive(Clone)]
pub(crate) enum Bound {
    Nowhere,
    /// Only its shape is looked at.
    Looked,
    For(Arc<dyn Porter>),
}

struct Luggage {
    bound: Bound,
    /// `None` where none may go along.
    streams: Option<Vec<Option<Carried>>>,
    tokens: Vec<Token>,
}

impl Luggage {
    fn new(bound: Bound, streams: Option<Vec<Carried>>) -> Self {
        let streams = streams.map(|streams| streams.into_iter().map(Some).collect());
        Luggage { bound, streams, tokens: Vec::new() }
    }
}

thread_local! {
    /// Of what this thread is writing or reading.
    static LUGGAGE: RefCell<Luggage> = const {
        RefCell::new(Luggage { bound: Bound::Nowhere, streams: None, tokens: Vec::new() })
    };
}

thread_local! {
    /// What a porter has said in the last `pack` or `unpack`: formats do not pass it on.
    static COMPLAINT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Somebody has said why something cannot go along.
pub(crate) fn complain(why: String) -> String {
    COMPLAINT.set(Some(why.clone()));
    why
}

/// Why what was written or read last could not be: what a porter has said, or else the format.
pub(crate) fn reason(error: impl Display) -> String {
    COMPLAINT.take().unwrap_or_else(|| error.to_string())
}

/// Puts back what was there before, also where `f` panics.
struct Outer(Option<Luggage>);

impl Outer {
    fn within(luggage: Luggage) -> Self {
        COMPLAINT.set(None);
        Outer(Some(LUGGAGE.replace(luggage)))
    }

    /// What was put in.
    fn leave(mut self) -> Option<Luggage> {
        self.0.take().map(|outer| LUGGAGE.replace(outer))
    }
}

impl Drop for Outer {
    fn drop(&mut self) {
        if let Some(outer) = self.0.take() {
            let inner = LUGGAGE.replace(outer);
            drop(inner);
        }
    }
}

/// Runs `f`, which writes for the peer of `porter`: what it gives, the streams that were in it if it may have any, and what has to live until it has
/// been read.
pub fn pack<R>(porter: &Arc<dyn Porter>, streams: bool, f: impl FnOnce() -> R) -> (R, Vec<Carried>, Parcel) {
    let streams = streams.then(Vec::new);
    let outer = Outer::within(Luggage::new(Bound::For(Arc::clone(porter)), streams));
    let written = f();
    let (streams, tokens) = outer.leave().map(|inner| (inner.streams, inner.tokens)).unwrap_or_default();
    (written, streams.into_iter().flatten().flatten().collect(), Parcel(tokens))
}

/// Runs `f`, which reads what the peer of `porter` has written with these streams. Those that it does not take are dropped.
pub fn unpack<R>(porter: &Arc<dyn Porter>, streams: Vec<Carried>, f: impl FnOnce() -> R) -> R {
    let outer = Outer::within(Luggage::new(Bound::For(Arc::clone(porter)), Some(streams)));
    let read = f();
    drop(outer);
    read
}

/// Runs `f`, which looks at what is read and not at what is in it.
pub(crate) fn looked_at<R>(f: impl FnOnce() -> R) -> R {
    let outer = Outer::within(Luggage::new(Bound::Looked, Some(Vec::new())));
    let read = f();
    drop(outer);
    read
}

/// Where it goes.
pub(crate) fn bound() -> Bound {
    LUGGAGE.with_borrow(|luggage| luggage.bound.clone())
}

fn porter() -> Option<Arc<dyn Porter>> {
    match bound() {
        Bound::For(porter) => Some(porter),
        Bound::Nowhere | Bound::Looked => None,
    }
}

/// This lives until what is being written has been read.
pub(crate) fn keep(token: Token) {
    LUGGAGE.with_borrow_mut(|luggage| luggage.tokens.push(token));
}

/// The number of a stream that goes along; `None` outside of [`pack`].
fn put(stream: impl FnOnce() -> Carried) -> Option<u32> {
    LUGGAGE.with_borrow_mut(|luggage| {
        let streams = luggage.streams.as_mut()?;
        let number = u32::try_from(streams.len()).ok()?;
        streams.push(Some(stream()));
        Some(number)
    })
}

fn take(number: u32) -> Option<Carried> {
    LUGGAGE
        .with_borrow_mut(|luggage| luggage.streams.as_mut()?.get_mut(usize::try_from(number).ok()?)?.take())
}
