//! Replies that are streams: items in a bounded channel, and an end that says why.

use crate::actor::{Actor, Message};
use crate::bare::Joint;
use crate::choice::{self, Purpose};
use crate::context::Context as Ctx;
use crate::cycle::Cycle;
use crate::error::CallError;
use crate::exit::ExitReason;
use crate::frame;
use crate::limit::Limit;
use crate::policy::Policy;
use crate::reply::ReplyTo;
use crate::scope;
use crate::shared::Shared;
use crate::slot::Slot;
use crate::stopped::Stopped;
use crate::sync::{AtomicUsize, Mutex, Ordering};
use crate::waits::{self, Awaited, Stage, Target, What};
use futures_core::Stream;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tokio::sync::mpsc;

/// Items that may wait for their reader.
const CREDIT: usize = 16;

/// The reply of a method that returns `impl Stream<Item = T>`: its items as they come.
///
/// The stream runs at the actor, at most 16 items ahead of its reader. One that borrows `self` occupies the actor until it ends or its
/// reader is dropped; with `+ 'static`, or a `use<..>` that names no lifetime, it runs beside the actor, which goes on with other
/// messages. Either keeps the actor alive; an actor that is taken by value ends with its stream. A deadline of the call bounds the time
/// until the stream begins.
///
/// # Errors
/// A stream that was cut off says so: its last item is the error, [`Interrupted`](CallError::Interrupted) if the actor ended or the
/// stream panicked. After it, and after an ordinary end, there is `None`.
///
/// # Cancel safety
/// Dropped, it ends the stream at its next wait. [`next`](Self::next) can be dropped at any time: no item is lost.
///
/// ```
/// use actor_core::prelude::*;
/// use futures::{Stream, stream};
///
/// #[actor]
/// struct Shelf(Vec<String>);
///
/// #[actor]
/// impl Shelf {
///     pub fn books(&self) -> impl Stream<Item = String> {
///         stream::iter(self.0.iter().cloned())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let shelf = Shelf(vec!["Hamlet".into(), "Macbeth".into()]).spawn();
/// let mut books = shelf.books().await?;
/// while let Some(book) = books.next().await {
///     println!("{}", book?);
/// }
/// # Ok(()) }
/// ```
#[must_use = "dropping it ends the stream"]
pub struct ReplyStream<T>(
    /// Nobody waits for it: it is there so that a stream can be taken out of a reply that is only lent.
    Mutex<Items<T>>,
);

/// Where the items come from.
enum Items<T> {
    Here(Here<T>),
    #[cfg(feature = "remote")]
    Elsewhere(Pin<Box<dyn Stream<Item = Result<T, CallError>> + Send>>),
    /// It was sent on.
    #[cfg(feature = "remote")]
    Gone,
}

struct Here<T> {
    items: mpsc::Receiver<T>,
    /// Answered when the stream has ended; `None` when that has been said.
    end: Option<Joint<Slot<()>>>,
    /// Of one that occupies its actor.
    flow: Option<Joint<Flow>>,
    /// The handler that is known to wait for it.
    run: u64,
}

impl<T> ReplyStream<T> {
    /// The next item, or `None` at the end.
    ///
    /// # Errors
    /// Why the stream was cut off; nothing comes after it.
    pub async fn next(&mut self) -> Option<Result<T, CallError>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, CallError>>> {
        match self.0.get_mut() {
            Items::Here(here) => here.poll(cx),
            #[cfg(feature = "remote")]
            Items::Elsewhere(elsewhere) => elsewhere.as_mut().poll_next(cx),
            #[cfg(feature = "remote")]
            Items::Gone => Poll::Ready(None),
        }
    }
}

#[cfg(feature = "remote")]
impl<T> ReplyStream<T> {
    /// Takes what is there, up to so many: one at least, or the end.
    pub(crate) fn poll_many(
        &mut self,
        cx: &mut Context<'_>,
        most: usize,
        items: &mut Vec<T>,
    ) -> Poll<Option<Result<(), CallError>>> {
        match self.0.get_mut() {
            Items::Here(here) => here.poll_many(cx, most, items),
            Items::Elsewhere(elsewhere) => {
                let next = ready!(elsewhere.as_mut().poll_next(cx));
                Poll::Ready(next.map(|item| item.map(|item| items.push(item))))
            }
            Items::Gone => Poll::Ready(None),
        }
    }

    /// One whose items come from another machine.
    pub(crate) fn elsewhere(items: Pin<Box<dyn Stream<Item = Result<T, CallError>> + Send>>) -> Self {
        ReplyStream(Mutex::new(Items::Elsewhere(items)))
    }

    /// All that comes, to be sent on: this one is over.
    pub(crate) fn take(&self) -> Self {
        let taken = std::mem::replace(&mut *self.0.lock(), Items::Gone);
        ReplyStream(Mutex::new(taken))
    }
}

impl<T> Here<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, CallError>>> {
        let next = match self.items.poll_recv(cx) {
            Poll::Ready(None) => self.poll_end(cx),
            next => next.map(|item| item.map(Ok)),
        };
        self.look(next.is_pending(), 1);
        next
    }

    #[cfg(feature = "remote")]
    fn poll_many(
        &mut self,
        cx: &mut Context<'_>,
        most: usize,
        items: &mut Vec<T>,
    ) -> Poll<Option<Result<(), CallError>>> {
        let (next, count) = match self.items.poll_recv_many(cx, items, most) {
            Poll::Ready(0) => (self.poll_end(cx), 1),
            Poll::Ready(count) => (Poll::Ready(Some(Ok(()))), count),
            Poll::Pending => (Poll::Pending, 0),
        };
        self.look(next.is_pending(), count);
        next
    }

    /// Its reader has looked, and has to wait, or has got so many.
    fn look(&mut self, waits: bool, count: usize) {
        if let Some(flow) = &self.flow {
            if waits {
                waits::note(&mut self.run, flow, || flow.target());
            } else {
                flow.taken.fetch_add(count, Ordering::AcqRel);
            }
        }
    }

    /// There are no more items.
    fn poll_end<R>(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<R, CallError>>> {
        let Some(end) = &self.end else { return Poll::Ready(None) };
        let how = ready!(end.poll(cx.waker()));
        self.end = None;
        Poll::Ready(how.err().map(Err))
    }
}

impl<T> Stream for ReplyStream<T> {
    type Item = Result<T, CallError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<T> Drop for Here<T> {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            drop(end.leave());
        }
    }
}

impl<T> fmt::Debug for ReplyStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyStream").finish_non_exhaustive()
    }
}

/// The actor's end of a [`ReplyStream`]. What goes down with the actor is told the reason, as with any `ReplyTo`.
#[derive(Debug)]
pub struct Source<T> {
    items: mpsc::Sender<T>,
    end: ReplyTo<()>,
    flow: Joint<Flow>,
}

/// What a handler waits for that reads a stream: the handler that runs it.
#[derive(Debug)]
struct Flow {
    shared: Arc<Shared>,
    policy: Option<&'static Policy>,
    /// The run of that handler.
    by: u64,
    end: Joint<Slot<()>>,
    sent: AtomicUsize,
    taken: AtomicUsize,
}

impl Flow {
    fn sends(&self) {
        self.sent.fetch_add(1, Ordering::AcqRel);
    }

    fn target(&self) -> Target {
        Target { to: Arc::clone(&self.shared), what: What::Item(self.by), policy: self.policy }
    }
}

impl Awaited for Flow {
    fn wait_in(&self, run: u64) {
        self.end.wait_in(run);
    }

    fn stage(&self, run: u64) -> Stage {
        // An item lies there, and its reader has been woken.
        if self.sent.load(Ordering::Acquire) != self.taken.load(Ordering::Acquire) {
            return Stage::Ready;
        }
        self.end.stage(run)
    }

    fn refuse(&self, _: &Cycle) -> Option<Option<Waker>> {
        None
    }
}

/// A channel with the call that stands for its end.
fn channel<T>(shared: &Shared) -> (mpsc::Sender<T>, Joint<Slot<()>>, Here<T>) {
    let (sender, items) = mpsc::channel(CREDIT);
    let end = Slot::started(shared.id, Limit::Never, None);
    (sender, Joint::clone(&end), Here { items, end: Some(end), flow: None, run: 0 })
}

/// Sends what `stream` yields, until it ends or its reader has gone; `sends` is told before each item.
async fn send_all<T>(items: mpsc::Sender<T>, stream: impl Stream<Item = T>, sends: impl Fn()) {
    let mut stream = pin!(stream);
    let mut gone = pin!(items.closed());
    let mut next = async || {
        poll_fn(|cx| match stream.as_mut().poll_next(cx) {
            Poll::Pending => gone.as_mut().poll(cx).map(|()| None),
            item => item,
        })
        .await
    };
    while let Ok(room) = items.reserve().await
        && let Some(item) = next().await
    {
        sends();
        room.send(item);
    }
}

impl<T> Source<T> {
    fn open(shared: &Arc<Shared>) -> (Self, ReplyStream<T>) {
        let (items, end, mut reader) = channel(shared);
        let flow = Joint::new(Flow {
            shared: Arc::clone(shared),
            policy: frame::policy(),
            by: waits::current_run(),
            end: Joint::clone(&end),
            sent: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
        });
        let end = ReplyTo::new(Some(end), |()| ());
        reader.flow = Some(Joint::clone(&flow));
        (Source { items, end, flow }, ReplyStream(Mutex::new(Items::Here(reader))))
    }

    /// Sends what `stream` yields, until it ends or its reader has gone.
    pub async fn run(self, stream: impl Stream<Item = T>) {
        let Source { items, end, flow } = self;
        send_all(items, stream, || flow.sends()).await;
        // If it fails, the reader has gone.
        let _ = end.send(());
    }
}

/// Answers the running call with a stream, whose items are sent by [`Source::run`].
pub fn open<M: Message, A: Actor, T: Send + 'static>(
    ctx: &mut Ctx<A>,
    wrap: fn(ReplyStream<T>) -> M::Reply,
) -> Source<T> {
    let (source, stream) = Source::open(ctx.shared());
    // If it fails, the caller has gone, and with it the reader.
    let _ = ctx.reply_with(wrap).send(stream);
    source
}

/// The same for a generic method.
pub fn open_boxed<A: Actor, T: Send + 'static>(ctx: &mut Ctx<A>) -> Source<T> {
    let (source, stream) = Source::open(ctx.shared());
    let _ = ctx.reply_to_boxed().send(stream);
    source
}

/// Lets `stream` run beside the actor, on its runtime, until either ends.
pub fn beside<A: Actor, T: Send + 'static>(
    ctx: &mut Ctx<A>,
    stream: impl Stream<Item = T> + Send + 'static,
) -> ReplyStream<T> {
    beside_of(ctx.shared(), stream)
}

/// The same, of an actor that is known by what it shares.
pub(crate) fn beside_of<T: Send + 'static>(
    shared: &Arc<Shared>,
    stream: impl Stream<Item = T> + Send + 'static,
) -> ReplyStream<T> {
    let (items, end, reader) = channel(shared);
    // From here the actor lives on for the reader.
    end.caller().keep(shared);
    let drive = drive(Arc::clone(shared), End(end), send_all(items, stream, || {}));
    choice::spawn(shared, Purpose::Stream, drive);
    ReplyStream(Mutex::new(Items::Here(reader)))
}

/// The end of a stream that runs beside its actor: said also where its runtime goes with it.
struct End(Joint<Slot<()>>);

impl Drop for End {
    fn drop(&mut self) {
        // If it fails, it has been said, or the reader has gone.
        self.0.answer(Err(CallError::Interrupted(ExitReason::Killed)));
    }
}

/// Polls `run` until it ends or the actor does. The end is not said from within: what unwinds there knows less.
async fn drive(shared: Arc<Shared>, end: End, run: impl Future<Output = ()>) {
    let mut run = pin!(Some(run));
    let mut stopped = Stopped::or_fallen(shared);
    let how = poll_fn(|cx| {
        if let Poll::Ready(reason) = Pin::new(&mut stopped).poll(cx) {
            return Poll::Ready(Err(CallError::Interrupted(reason)));
        }
        let Some(running) = run.as_mut().as_pin_mut() else { return Poll::Ready(Ok(())) };
        match panic::catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => {
                let reason = ExitReason::Panicked(scope::panicked(payload));
                Poll::Ready(Err(CallError::Interrupted(reason)))
            }
        }
    })
    .await;
    // If it fails, the reader has gone.
    end.0.answer(how);
    // A panic on its way out is nobody's.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| run.set(None)));
}
