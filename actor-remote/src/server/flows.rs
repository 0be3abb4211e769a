//! The streams of replies, on the side that has them: each runs as far as its reader has given it credit.

use crate::wire::CREDIT;
use actor_core::CallError;
use actor_core::luggage::Carried;
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, abortable};
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::pin::Pin;

/// Which one: the call, and its number in the reply.
pub(super) type Name = (u64, u32);

/// What has come of one: an item, or its end.
pub(super) type Flowed = (Name, Option<Result<Vec<u8>, CallError>>);

/// The next item of a stream, and the stream.
type Next = Pin<Box<dyn Future<Output = Option<(Name, Option<Result<Vec<u8>, CallError>>, Carried)>> + Send>>;

#[derive(Default)]
pub(super) struct Flows {
    known: HashMap<Name, Flow>,
    running: FuturesUnordered<Next>,
}

struct Flow {
    credit: u32,
    state: State,
}

enum State {
    Runs(AbortHandle),
    /// Until there is credit.
    Rests(Carried),
}

impl Flows {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// One that begins.
    pub(super) fn begin(&mut self, name: Name, stream: Carried) {
        self.known.insert(name, Flow { credit: CREDIT, state: State::Rests(stream) });
        self.go_on(name);
    }

    /// Its reader has room for more.
    pub(super) fn credit(&mut self, name: Name, items: u32) {
        if let Some(flow) = self.known.get_mut(&name) {
            flow.credit = flow.credit.saturating_add(items);
            self.go_on(name);
        }
    }

    fn go_on(&mut self, name: Name) {
        let Some(flow) = self.known.remove(&name) else { return };
        let flow = match flow {
            Flow { credit: credit @ 1.., state: State::Rests(mut stream) } => {
                let next = async move {
                    let item = stream.next().await;
                    (name, item, stream)
                };
                let (next, handle) = abortable(next);
                self.running.push(Box::pin(async move { next.await.ok() }));
                Flow { credit, state: State::Runs(handle) }
            }
            as_it_is => as_it_is,
        };
        self.known.insert(name, flow);
    }

    /// Nobody reads it any more.
    pub(super) fn close(&mut self, name: Name) {
        if let Some(Flow { state: State::Runs(handle), .. }) = self.known.remove(&name) {
            handle.abort();
        }
    }

    /// Nor any of the others of this call.
    pub(super) fn close_all(&mut self, id: u64) {
        let names: Vec<Name> = self.known.keys().copied().filter(|name| name.0 == id).collect();
        names.into_iter().for_each(|name| self.close(name));
    }

    /// The next item of any of them; never, if none runs.
    pub(super) async fn next(&mut self) -> Flowed {
        loop {
            match self.running.next().await {
                Some(Some((name, item, stream))) => {
                    if self.flowed(name, &item, stream) {
                        return (name, item);
                    }
                }
                // It was closed.
                Some(None) => {}
                None => return std::future::pending().await,
            }
        }
    }

    /// `false` if it was closed meanwhile.
    fn flowed(&mut self, name: Name, item: &Option<Result<Vec<u8>, CallError>>, stream: Carried) -> bool {
        let Some(flow) = self.known.get_mut(&name) else { return false };
        match item {
            Some(Ok(_)) => {
                flow.credit -= 1;
                flow.state = State::Rests(stream);
                self.go_on(name);
            }
            Some(Err(_)) | None => drop(self.known.remove(&name)),
        }
        true
    }
}
