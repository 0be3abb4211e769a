//! Reply streams within replies: their items as they are written on one side, and read on the other.

use super::items::{Carried, Carry, Items, Room};
use super::{pack, porter, put, take, unpack};
use crate::error::CallError;
use crate::remote::Porter;
use crate::remote_error::{CodecError, Part, RemoteError};
use crate::reply_stream::ReplyStream;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::fmt::Display;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::coop;

fn codec(reason: impl Display) -> CallError {
    let error = CodecError {
        part: Part::Reply,
        message: "an item of a stream".into(),
        reason: super::reason(reason),
    };
    CallError::Remote(RemoteError::Codec(Arc::new(error)))
}

/// The items of a stream, written.
struct Written<T> {
    stream: ReplyStream<T>,
    porter: Option<Arc<dyn Porter>>,
    /// What came behind items that had to go first.
    error: Option<CallError>,
}

impl<T: Serialize> Written<T> {
    fn write(&self, item: &T, items: &mut Items) -> Result<(), CallError> {
        let written = match &self.porter {
            // What goes along lives long enough from now.
            Some(porter) => pack(porter, false, || items.push(item)).0,
            None => items.push(item),
        };
        written.map_err(codec)
    }
}

impl<T: Serialize + Send> Carry for Written<T> {
    fn poll_items(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: Room,
    ) -> Poll<Option<Result<Items, CallError>>> {
        let this = self.get_mut();
        if let Some(error) = this.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let mut items = Items::default();
        while room.holds(&items) {
            let written = match Pin::new(&mut this.stream).poll_next(cx) {
                Poll::Ready(Some(item)) => item.and_then(|item| this.write(&item, &mut items)),
                // Both come again when they are asked for.
                Poll::Ready(None) | Poll::Pending if !items.is_empty() => break,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            };
            match written {
                Ok(()) => {}
                Err(error) if items.is_empty() => return Poll::Ready(Some(Err(error))),
                Err(error) => {
                    this.error = Some(error);
                    break;
                }
            }
        }
        Poll::Ready(Some(Ok(items)))
    }
}

/// Where they are made here they are so when they are read; what comes from elsewhere has been made.
const ONE: Room = Room { items: 1, bytes: usize::MAX };

/// The items of a stream, read.
struct Read<T> {
    from: Carried,
    porter: Option<Arc<dyn Porter>>,
    /// Those that have come.
    items: Items,
    item: PhantomData<fn() -> T>,
}

fn read<T: DeserializeOwned>(item: &[u8], porter: Option<&Arc<dyn Porter>>) -> Result<T, CallError> {
    let read = match porter {
        Some(porter) => unpack(porter, Vec::new(), || postcard::from_bytes(item)),
        None => postcard::from_bytes(item),
    };
    read.map_err(codec)
}

impl<T: DeserializeOwned> Stream for Read<T> {
    type Item = Result<T, CallError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            // Whoever reads many that have come together lets others have their turn between them.
            let budget = ready!(coop::poll_proceed(cx));
            if let Some(item) = this.items.take() {
                budget.made_progress();
                return Poll::Ready(Some(read(item, this.porter.as_ref())));
            }
            drop(budget);
            match ready!(this.from.as_mut().poll_items(cx, ONE)) {
                Some(Ok(items)) => this.items = items,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// As its number, and never an item: that is there so that whoever asks what the bytes look like hears of the items.
///
/// # Errors
/// Where no transport packs it, as in a file: a stream is no data.
impl<T: Serialize + Send + 'static> Serialize for ReplyStream<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let porter = porter();
        match put(|| Box::pin(Written { stream: self.take(), porter, error: None })) {
            Some(number) => (number, None::<&T>).serialize(serializer),
            None => {
                Err(ser::Error::custom("a reply that is a stream is no data: it travels between nodes only"))
            }
        }
    }
}

/// One that no transport has unpacked is over before its first item.
impl<'de, T: DeserializeOwned + Send + 'static> Deserialize<'de> for ReplyStream<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (number, item) = <(u32, Option<T>)>::deserialize(deserializer)?;
        let stream = match take(number) {
            Some(_) if item.is_some() => return Err(de::Error::custom("a stream with an item in its place")),
            Some(stream) => stream,
            None => Box::pin(Over) as Carried,
        };
        let read = Read { from: stream, porter: porter(), items: Items::default(), item: PhantomData };
        Ok(ReplyStream::elsewhere(Box::pin(read)))
    }
}

/// A stream that has ended.
struct Over;

impl Carry for Over {
    fn poll_items(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: Room,
    ) -> Poll<Option<Result<Items, CallError>>> {
        Poll::Ready(None)
    }
}
