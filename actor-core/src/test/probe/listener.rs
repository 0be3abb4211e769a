//! The actor behind a probe, and its task.

use super::Call;
use crate::actor::Actor;
use crate::context::Context as Ctx;
use crate::from_fn::{self, ReplyOf};
use crate::handle::ActorHandle;
use crate::policy::{Config, Policy};
use crate::scope;
use crate::task::Task;
use crate::test::relay::Relay;
use crate::test::traces::lock;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::sync::mpsc;

/// Hands its messages to the test.
pub(super) struct Listener<H: ActorHandle> {
    pub(super) calls: mpsc::UnboundedSender<Call<H::Message>>,
}

impl<H: ActorHandle> Actor for Listener<H> {
    type Message = H::Message;
    type Handle = H;

    fn config() -> Config {
        Config::new().mock()
    }

    fn policy(message: &H::Message) -> &'static Policy {
        from_fn::policy::<Self>(message, |name| Policy::plain(name).replies_later())
    }

    fn handle(&mut self, ctx: &mut Ctx<Self>, message: H::Message) -> Option<ReplyOf<H>> {
        let is_tell = scope::caller().is_none();
        let deadline = ctx.deadline();
        let call = Call::new(message, ctx.reply_to(|reply| reply), is_tell, deadline);
        // If it fails, the probe has gone, and the call is dropped.
        drop(self.calls.send(call));
        None
    }
}

pub(super) type Held = Arc<Mutex<Option<Task>>>;

/// The task of a probe on a runtime. The test polls what it holds as well, so that it need not wait for its turn.
pub(super) struct Pump {
    pub(super) task: Held,
    pub(super) relay: Arc<Relay>,
}

impl Future for Pump {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.relay.listen(cx.waker());
        drive(&self.task, &self.relay)
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        // The runtime goes, and the probe's actor with it.
        let task = lock(&self.task).take();
        drop(task);
    }
}

pub(super) fn drive(held: &Held, relay: &Arc<Relay>) -> Poll<()> {
    let waker = Waker::from(Arc::clone(relay));
    let mut held = lock(held);
    let Some(task) = &mut *held else { return Poll::Ready(()) };
    let poll = Pin::new(task).poll(&mut Context::from_waker(&waker));
    let over = if poll.is_ready() { held.take() } else { None };
    drop(held);
    drop(over);
    poll
}
