//! Actors that are somewhere else: what stands behind their handles here.
//!
//! Such a proxy is an actor like any other, all of whose messages are `concurrent` ones: in order of arrival each is handed to a
//! [`Transport`], and then they wait beside each other. So a handle of an actor on another machine is the same type, and deadlines, cancellation,
//! `start`, `blocking`, pools and watches are what they are.

use crate::actor::{Actor, Message};
use crate::boxed::Boxed;
use crate::context::Context;
use crate::error::{CallError, TellError};
use crate::exit::ExitReason;
use crate::from_fn::{self, Caller, ReplyOf};
use crate::handle::ActorHandle;
use crate::limit::Limit;
use crate::pending::PendingReply;
use crate::policy::{Config, Policy};
use crate::raw_handle::RawHandle;
use crate::readers::Readers;
use crate::remote_error::RemoteError;
use crate::request::Request;
use crate::route::{HandledBy, Route};
use crate::shared::Shared;
use crate::spawn::{self, Spawn};
use crate::stopped::Stopped;
use crate::sync::Mutex;
use crate::weak_handle::WeakHandle;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll};
use tokio::sync::{Notify, watch};

/// What a [`Transport`] gives.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The way to an actor that is somewhere else: what [`ActorHandle::from_transport`] makes a handle of.
///
/// Messages are handed over one after the other, in the order in which they came; the futures run beside each other. What a method
/// does before its future is polled, and in that first poll, is done in that order too.
pub trait Transport<M: Message>: Send + Sync + 'static {
    /// Sends a call and waits for its answer. When [`caller`](Caller::cancelled) gives up nobody waits for it any more.
    ///
    /// What it says is passed on as it is: [`never_ran`](CallError::never_ran) is the promise of whoever writes it.
    fn call(&self, message: M, caller: Caller) -> BoxFuture<Result<M::Reply, CallError>>;

    /// Sends a message without a reply, and waits until it lies in the actor's mailbox.
    fn tell(&self, message: &M) -> BoxFuture<Result<(), TellError<()>>>;

    /// Resolves when the actor there has ended, if that is heard: then the one here ends for the same reason, or for
    /// [`OutOfSight`](crate::OutOfSight) if nothing can be heard of it any more.
    ///
    /// It is made at the beginning, and first polled when somebody watches the one here, waits for its end, or asks whether it runs.
    fn ended(&self) -> BoxFuture<ExitReason> {
        Box::pin(std::future::pending())
    }
}

#[track_caller]
pub(crate) fn spawn<H, T>(how: Spawn, transport: T) -> H
where
    H: ActorHandle,
    T: Transport<H::Message>,
{
    let there = transport.ended();
    let (over, is_over) = watch::channel(None);
    let here: H = spawn::spawn(Proxy { transport, is_over, handle: PhantomData }, how);
    let shared = here.raw().shared();
    let asked = Arc::new(Notify::new());
    shared.when_asked_after(Arc::clone(&asked));
    let there = async move {
        asked.notified().await;
        there.await
    };
    let stopped = Stopped::new(Arc::clone(shared));
    drop(shared.runtime.spawn(follow(stopped, there, here.downgrade(), over, end::<Proxy<H, T>>)));
    here
}

/// Ends the proxy when the actor behind it has ended, and interrupts what is under way. It does not keep it.
async fn follow<H: ActorHandle>(
    mut here: Stopped,
    there: impl Future<Output = ExitReason>,
    proxy: WeakHandle<H>,
    over: watch::Sender<Option<ExitReason>>,
    end: fn(&Shared, ExitReason),
) {
    let mut there = pin!(there);
    let reason = poll_fn(|cx| match Pin::new(&mut here).poll(cx) {
        Poll::Ready(_) => Poll::Ready(None),
        Poll::Pending => there.as_mut().poll(cx).map(Some),
    })
    .await;
    if let (Some(reason), Some(proxy)) = (reason, proxy.upgrade()) {
        over.send_replace(Some(reason.clone()));
        end(proxy.raw().shared(), reason);
    }
}

static END: Policy = Policy::plain("end").hook();

/// Ends an actor behind what is queued in its mailbox.
pub(crate) fn end<A: Actor>(shared: &Shared, reason: ExitReason) {
    let Some(body) = shared.body::<A::Message>() else { return };
    let last = Boxed::plain(&END, move |_: &mut A, ctx: &mut Context<A>| {
        ctx.inner().ending.get_or_insert_with(|| Box::new(reason));
        None::<()>
    });
    if let Err(last) = body.mailbox.push(last.post(), false) {
        // Where nobody may wait for room any more, it ends already.
        drop(body.mailbox.join(last, None, false));
    }
    shared.bell.ring();
    if shared.has_ended() {
        shared.inlet().discard(shared);
    }
}

struct Proxy<H, T> {
    transport: T,
    /// Why the actor there has ended, when it has.
    is_over: watch::Receiver<Option<ExitReason>>,
    handle: PhantomData<fn() -> H>,
}

impl<H, T> Proxy<H, T>
where
    H: ActorHandle,
    T: Transport<H::Message>,
{
    /// Resolves when the actor there has ended.
    async fn over(&self) -> ExitReason {
        let mut is_over = self.is_over.clone();
        let reason = is_over.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        match reason {
            Some(reason) => reason,
            // The proxy ends for another reason, which is said elsewhere.
            None => std::future::pending().await,
        }
    }

    async fn pass(&self, ctx: &mut Context<Self>, message: H::Message) -> Option<ReplyOf<H>> {
        let caller = Caller::of(ctx);
        if caller.is_tell() {
            // Whoever wants a receipt has asked for one.
            let _ = self.transport.tell(&message).await;
            return None;
        }
        let mut calling = self.transport.call(message, caller);
        let mut over = pin!(self.over());
        let answered = poll_fn(|cx| match calling.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => over.as_mut().poll(cx).map(|reason| Err(CallError::Interrupted(reason))),
        });
        match answered.await {
            Ok(reply) => Some(reply),
            Err(error) => {
                ctx.reply_to(|reply| reply).fail(error);
                None
            }
        }
    }
}

impl<H, T> Actor for Proxy<H, T>
where
    H: ActorHandle,
    T: Transport<H::Message>,
{
    type Message = H::Message;
    type Handle = H;

    fn config() -> Config {
        Config::new().receipts(const { &Receipts::<H::Message>(deliver::<H, T>) })
    }

    fn policy(message: &H::Message) -> &'static Policy {
        from_fn::policy::<Self>(message, Policy::concurrent)
    }

    const READS: bool = true;

    fn handle_concurrent<'a>(&'a self, readers: Readers<'a, Self>) -> impl Future<Output = ()> + Send + 'a {
        readers.run(self, |this, ctx, message| Box::pin(this.pass(ctx, message)))
    }
}

/// A tell that wants to know whether it arrived.
pub(crate) struct Told<M> {
    /// Its sender gets it back if it does not.
    message: Arc<Mutex<Option<M>>>,
    policy: &'static Policy,
}

impl<M: Message> Message for Told<M> {
    type Reply = Result<(), TellError<()>>;

    fn name(&self) -> &'static str {
        self.policy.name
    }

    const FOREIGN: bool = true;
}

impl<H, T> HandledBy<Proxy<H, T>> for Told<H::Message>
where
    H: ActorHandle,
    T: Transport<H::Message>,
{
    fn policy(&self) -> &'static Policy {
        self.policy
    }

    fn handle_concurrent<'a>(
        self,
        actor: &'a Proxy<H, T>,
        ctx: &'a mut Context<Proxy<H, T>>,
    ) -> impl Future<Output = Option<Self::Reply>> + Send {
        let sending = {
            let message = self.message.lock();
            message.as_ref().map(|message| actor.transport.tell(message))
        };
        let mut given_up = ctx.cancelled();
        async move {
            let mut sending = sending?;
            let mut over = pin!(actor.over());
            poll_fn(|cx| {
                if let Poll::Ready(sent) = sending.as_mut().poll(cx) {
                    return Poll::Ready(Some(sent));
                }
                if over.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Some(Err(TellError::Remote((), RemoteError::NoReceipt))));
                }
                // Nobody waits for the receipt: what is under way is dropped.
                Pin::new(&mut given_up).poll(cx).map(|()| None)
            })
            .await
        }
    }
}

/// How a tell to a proxy is sent. It is made where the proxy's type is known, so that tells of other actors have no code for it.
pub(crate) struct Receipts<M: Message>(
    pub(crate) fn(&RawHandle, M, &'static Policy, Limit) -> Box<dyn Delivery<M> + Send>,
);

/// A tell on its way.
pub(crate) trait Delivery<M> {
    /// Its receipt, or the message.
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), TellError<M>>>;
}

fn deliver<H, T>(
    to: &RawHandle,
    message: H::Message,
    policy: &'static Policy,
    limit: Limit,
) -> Box<dyn Delivery<H::Message> + Send>
where
    H: ActorHandle,
    T: Transport<H::Message>,
{
    let message = Arc::new(Mutex::new(Some(message)));
    let told = Told { message: Arc::clone(&message), policy };
    let route = Route::<Told<H::Message>>::to::<Proxy<H, T>>();
    let receipt = Request::by(to, Some(route), told, Some).limited(limit).start();
    Box::new(Sent { message, receipt })
}

struct Sent<M> {
    message: Arc<Mutex<Option<M>>>,
    receipt: PendingReply<(), TellError<()>>,
}

impl<M: Message> Delivery<M> for Sent<M> {
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), TellError<M>>> {
        Pin::new(&mut self.receipt).poll(cx).map(|delivered| {
            let Err(why) = delivered else { return Ok(()) };
            // It is taken out here alone, and once.
            let Some(message) = self.message.lock().take() else { return Ok(()) };
            Err(match why {
                CallError::Handler(why) => why.with(message),
                CallError::NotRunning => TellError::NotRunning(message),
                CallError::TimedOut { started: false } => TellError::TimedOut(message),
                CallError::Deadlock(cycle) => TellError::Deadlock(message, cycle),
                CallError::Full | CallError::WouldBlock => TellError::Full(message),
                CallError::Mock(error) => TellError::Mock(message, error),
                CallError::Remote(error) => TellError::Remote(message, error),
                CallError::TimedOut { started: true } | CallError::Interrupted(_) | CallError::Dropped => {
                    TellError::Remote(message, RemoteError::NoReceipt)
                }
            })
        })
    }
}

impl<M> fmt::Debug for Told<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Told").field(&self.policy.name).finish()
    }
}
