//! Reply streams within replies: their items as they are written on one side, and read on the other.

use super::items::{Carried, Carry, Items, Room};
use super::{depth, pack, porter, put, take, unpack};
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
    /// Those that were made together, and had no room yet.
    made: Vec<T>,
    /// As many bytes as the last one took, of which it is thought that the next ones take as many.
    size: usize,
    /// What came behind items that had to go first.
    error: Option<CallError>,
}

/// Nothing of it is pinned where it lies.
impl<T> Unpin for Written<T> {}

impl<T: Serialize> Written<T> {
    fn new(stream: ReplyStream<T>, porter: Option<Arc<dyn Porter>>) -> Self {
        // The first one comes alone.
        Written { stream, porter, made: Vec::new(), size: usize::MAX, error: None }
    }

    /// For how many more there may be room.
    fn fitting(&self, room: Room, items: &Items) -> usize {
        let left = room.bytes.saturating_sub(items.as_bytes().len());
        let most = usize::try_from(room.items - items.len()).unwrap_or(usize::MAX);
        (left / self.size).clamp(1, most)
    }

    /// Writes those that were made, as far as there is room. An error is the last of all.
    fn write(&mut self, room: Room, items: &mut Items) {
        let (made, size) = (&self.made, &mut self.size);
        if *size < usize::MAX {
            items.reserve(made.len().saturating_mul(*size).min(room.bytes));
        }
        let mut count = 0;
        let mut write = || -> Result<(), postcard::Error> {
            for item in made {
                if !room.holds(items) {
                    break;
                }
                let before = items.as_bytes().len();
                items.push(item)?;
                *size = items.as_bytes().len() - before;
                count += 1;
            }
            Ok(())
        };
        let written = match &self.porter {
            // What goes along lives long enough from now.
            Some(porter) => pack(porter, false, write).0,
            None => write(),
        };
        match written {
            Ok(()) => drop(self.made.drain(..count)),
            Err(error) => {
                self.made.clear();
                self.error = Some(codec(error));
            }
        }
    }
}

impl<T: Serialize + Send> Carry for Written<T> {
    fn poll_items(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: Room,
    ) -> Poll<Option<Result<Items, CallError>>> {
        let this = self.get_mut();
        let mut items = Items::default();
        while this.error.is_none() && room.holds(&items) {
            if this.made.is_empty() {
                let most = this.fitting(room, &items);
                match this.stream.poll_many(cx, most, &mut this.made) {
                    Poll::Ready(Some(Ok(()))) => {}
                    Poll::Ready(Some(Err(error))) => this.error = Some(error),
                    // Both come again when they are asked for.
                    Poll::Ready(None) | Poll::Pending if !items.is_empty() => break,
                    Poll::Ready(None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
            this.write(room, &mut items);
        }
        match this.error.take() {
            Some(error) if items.is_empty() => return Poll::Ready(Some(Err(error))),
            error => this.error = error,
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
    let whole = || depth::read(&mut postcard::Deserializer::from_bytes(item));
    let read = match porter {
        Some(porter) => unpack(porter, Vec::new(), whole),
        None => whole(),
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
        match put(|| Box::pin(Written::new(self.take(), porter))) {
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
