//! What a reply has with it that is no bytes: streams, which go on when the reply has been sent. For transports (feature `remote`).
//!
//! Whoever writes a reply does that within [`pack`], and gets the streams that were in it, as bytes; whoever reads it does that within
//! [`unpack`], and hands over streams of bytes in the same order. In the reply itself a [`ReplyStream`] is its number.

use crate::error::CallError;
use crate::remote_error::{CodecError, Part, RemoteError};
use crate::reply_stream::ReplyStream;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::cell::RefCell;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A stream on its way: its items as postcard writes them. The error is its last.
pub type Carried = Pin<Box<dyn Stream<Item = Result<Vec<u8>, CallError>> + Send>>;

thread_local! {
    /// Of the reply that this thread is writing or reading.
    static LUGGAGE: RefCell<Option<Vec<Option<Carried>>>> = const { RefCell::new(None) };
}

/// Puts back what was there before, also where `f` panics.
struct Outer(Option<Vec<Option<Carried>>>);

impl Drop for Outer {
    fn drop(&mut self) {
        let inner = LUGGAGE.replace(self.0.take());
        drop(inner);
    }
}

/// Runs `f`, which writes replies: what it gives, and the streams that were in them.
pub fn pack<R>(f: impl FnOnce() -> R) -> (R, Vec<Carried>) {
    let outer = Outer(LUGGAGE.replace(Some(Vec::new())));
    let written = f();
    let streams = LUGGAGE.replace(None).unwrap_or_default();
    drop(outer);
    (written, streams.into_iter().flatten().collect())
}

/// Runs `f`, which reads a reply with these streams. Those that it does not take are dropped.
pub fn unpack<R>(streams: Vec<Carried>, f: impl FnOnce() -> R) -> R {
    let outer = Outer(LUGGAGE.replace(Some(streams.into_iter().map(Some).collect())));
    let read = f();
    drop(outer);
    read
}

/// The number of a stream that goes along; `None` outside of [`pack`].
fn put(stream: impl FnOnce() -> Carried) -> Option<u32> {
    LUGGAGE.with_borrow_mut(|luggage| {
        let streams = luggage.as_mut()?;
        let number = u32::try_from(streams.len()).ok()?;
        streams.push(Some(stream()));
        Some(number)
    })
}

fn take(number: u32) -> Option<Carried> {
    LUGGAGE.with_borrow_mut(|luggage| luggage.as_mut()?.get_mut(usize::try_from(number).ok()?)?.take())
}

fn codec(part: Part, reason: impl Display) -> CallError {
    let error = CodecError { part, message: "an item of a stream".into(), reason: reason.to_string() };
    CallError::Remote(RemoteError::Codec(Arc::new(error)))
}

/// The items of a stream, written.
struct Written<T>(ReplyStream<T>);

impl<T: Serialize> Stream for Written<T> {
    type Item = Result<Vec<u8>, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|item| {
            Some(
                item?
                    .and_then(|item| postcard::to_allocvec(&item).map_err(|error| codec(Part::Reply, error))),
            )
        })
    }
}

/// The items of a stream, read.
struct Read<T>(Carried, std::marker::PhantomData<fn() -> T>);

impl<T: DeserializeOwned> Stream for Read<T> {
    type Item = Result<T, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx).map(|item| {
            Some(
                item?.and_then(|item| postcard::from_bytes(&item).map_err(|error| codec(Part::Reply, error))),
            )
        })
    }
}

/// As its number, and never an item: that is there so that whoever asks what the bytes look like hears of the items.
///
/// # Errors
/// Where no transport packs it, as in a file: a stream is no data.
impl<T: Serialize + Send + 'static> Serialize for ReplyStream<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match put(|| Box::pin(Written(self.take()))) {
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
        Ok(ReplyStream::elsewhere(Box::pin(Read(stream, std::marker::PhantomData))))
    }
}

/// A stream that has ended.
struct Over;

impl Stream for Over {
    type Item = Result<Vec<u8>, CallError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
