//! What all have in common that stand in front of an actor: its name, its runtime, and its end.

use crate::error::CallError;
use crate::exit::ExitReason;
use crate::from_fn::{self, Caller, Mock, ReplyOf};
use crate::handle::ActorHandle;
use crate::shared::Shared;
use crate::spawn::Spawn;
use crate::stopped::Stopped;
use crate::transport::end;
use crate::weak_handle::WeakHandle;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// An actor in front of `inner`: stopped or killed it has `inner` do the same, and it ends when `inner` has ended, for the same reason.
pub(super) fn stand_in<H, F, R>(inner: &H, answer: F) -> H
where
    H: ActorHandle,
    F: FnMut(H::Message, Caller) -> R + Send + 'static,
    R: Future<Output = Result<ReplyOf<H>, CallError>> + Send + 'static,
{
    let shared = inner.raw().shared();
    let how = Spawn::new().on(&shared.runtime);
    let how = match &shared.name {
        Some(name) => how.name(Arc::clone(name)),
        None => how,
    };
    let front: H = from_fn::spawn(how, answer);
    let ends = Ends { front: front.stopped(), inner: inner.stopped() };
    drop(shared.runtime.spawn(link(ends, front.downgrade(), inner.clone(), end::<Mock<H, F, R>>)));
    front
}

/// Which of the two ends first.
struct Ends {
    front: Stopped,
    inner: Stopped,
}

enum First {
    Front(ExitReason),
    Inner(ExitReason),
}

impl Ends {
    async fn first(mut self) -> First {
        poll_fn(|cx| match Pin::new(&mut self.front).poll(cx) {
            Poll::Ready(reason) => Poll::Ready(First::Front(reason)),
            Poll::Pending => Pin::new(&mut self.inner).poll(cx).map(First::Inner),
        })
        .await
    }
}

/// It keeps `inner` until it has passed the end on: what goes with the front might be its last handle.
async fn link<H: ActorHandle>(ends: Ends, front: WeakHandle<H>, inner: H, end: fn(&Shared, ExitReason)) {
    match ends.first().await {
        First::Front(ExitReason::Stopped) => inner.stop(),
        First::Front(ExitReason::Killed) => inner.kill(),
        // It ended by itself: others may hold handles of the one behind it.
        First::Front(_) => {}
        First::Inner(reason) => {
            if let Some(front) = front.upgrade() {
                end(front.raw().shared(), reason);
            }
        }
    }
}
