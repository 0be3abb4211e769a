//! What is answered: replies, and the items of their streams.

use super::flows::Flowed;
use super::{BATCH, Served, Serving};
use crate::bulk;
use crate::wire::{Answer, Failure, INLINE};
use actor_core::luggage::{Items, Parcel};
use actor_core::remote::{Body, Reply};
use futures_util::FutureExt;

impl Serving {
    pub(super) fn answer(&mut self, id: u64, outcome: Served) {
        if self.calls.remove(&id).is_none() {
            return;
        }
        // What is given with it lives for a while from now on: that is enough to take it.
        let (body, streams, _parcel): (Body, _, Parcel) = match outcome {
            Ok(Reply { body, streams, parcel }) => (body, streams.0, parcel),
            Err(error) => return self.put(&Answer::Failed { id, why: Failure::of(error) }, &[]),
        };
        let (bytes, limit) = (body.bytes().len() as u64, self.node.settings.limits.bytes);
        if bytes > limit {
            let why = Failure::TooLarge { reply: true, bytes, limit };
            return self.put(&Answer::Failed { id, why }, &[]);
        }
        // There are as many as have numbers.
        let count = u32::try_from(streams.len()).unwrap_or(u32::MAX);
        if body.bytes().len() > INLINE {
            let apart = Some(bytes);
            self.put(&Answer::Reply { id, apart, streams: count }, &[]);
            self.upload(id, body);
        } else {
            self.put(&Answer::Reply { id, apart: None, streams: count }, body.bytes());
        }
        for (number, stream) in (0..count).zip(streams) {
            self.flows.begin((id, number), stream);
        }
    }

    /// This, and what else is there.
    pub(super) fn flowed_all(&mut self, flowed: Flowed) {
        let mut next = Some(flowed);
        while let Some(flowed) = next {
            self.flowed(flowed);
            next = if self.out.len() < BATCH { self.flows.next().now_or_never() } else { None };
        }
    }

    fn flowed(&mut self, ((id, stream), came): Flowed) {
        match came {
            Some(Ok(items)) => self.put_items(id, stream, &items),
            Some(Err(error)) => {
                let why = Some(Failure::of(error));
                self.put(&Answer::End { id, stream, why }, &[]);
            }
            None => self.put(&Answer::End { id, stream, why: None }, &[]),
        }
    }

    /// Together, as far as a frame has room for them.
    fn put_items(&mut self, id: u64, stream: u32, items: &Items) {
        let limit = self.node.settings.limits.bytes;
        let bytes = items.as_bytes();
        if bytes.len() <= INLINE && bytes.len() as u64 <= limit {
            return self.put(&Answer::Items { id, stream }, bytes);
        }
        for item in items.iter() {
            let bytes = item.len() as u64;
            if bytes > limit {
                self.flows.close((id, stream));
                let why = Some(Failure::TooLarge { reply: true, bytes, limit });
                return self.put(&Answer::End { id, stream, why }, &[]);
            }
            let mut parts = item.chunks(INLINE).peekable();
            loop {
                let part = parts.next().unwrap_or_default();
                let more = parts.peek().is_some();
                self.put(&Answer::Part { id, stream, more }, part);
                if !more {
                    break;
                }
            }
        }
    }

    fn upload(&mut self, id: u64, body: Body) {
        let connection = self.connection.clone();
        self.uploads.push(Box::pin(async move {
            // If it cannot be sent, its caller has gone, or the connection has.
            bulk::send(connection, id, body).await;
        }));
    }
}
