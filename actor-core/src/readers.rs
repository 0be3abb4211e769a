//! Messages that only read, beside each other: a phase of them, between two messages that may write.
//!
//! The first one opens the phase. As long as one runs, the next message joins it if it is a reader as well, the actor's own or not; one that is not ends the
//! admission, so no writer waits for more readers than were there before it; but for one that a reader waits for, in the end, which would
//! otherwise wait for the writer and so for that reader. The actor's task polls those that were woken.

use crate::actor::{Actor, Message};
use crate::boxed::Typed;
use crate::choice;
use crate::context::{Common, Context};
use crate::ending;
use crate::exit::ExitReason;
use crate::guest::Guest;
use crate::lane::Next;
use crate::mailbox::{Envelope, Mailbox};
use crate::policy::{Mode, Policy};
use crate::pollset::PollSet;
use crate::scope;
use crate::shared::Shared;
use crate::slot;
use crate::stint::Stint;
use crate::sync::Mutex;
use crate::waits::{self, Served as Watched};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::Duration;
use tokio::task::coop;
use tokio::time::Instant;

/// The readers of an actor while they have it: see [`Actor::handle_concurrent`].
pub struct Readers<'a, A: Actor> {
    shared: Arc<Shared>,
    /// The first of them.
    first: Option<Envelope<A::Message>>,
    /// Whether the actor's own are admitted: where they cannot be run, they have no part in it.
    own: bool,
    opening: Opening,
    common: Arc<Mutex<Common>>,
    left: &'a mut Left,
}

/// How they begin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opening {
    /// The caller of the first one polls it first: the others wait for the actor's task.
    pub(crate) is_alone: bool,
    /// The first poll of the first one is timed.
    pub(crate) is_timed: bool,
}

/// What they leave when they have ended.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Set when one of them has asked for the actor's end.
    pub(crate) ending: Option<ExitReason>,
    /// How long the first poll of the first one took, if that was timed.
    pub(crate) took: Option<Duration>,
}

/// Runs them, of an actor that can be shared.
pub type Phase<A> = for<'a> fn(&'a A, Readers<'a, A>) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

pub(crate) type ReplyOf<A> = <<A as Actor>::Message as Message>::Reply;

impl<'a, A: Actor> Readers<'a, A> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (first, opening): (Envelope<A::Message>, Opening),
        common: Arc<Mutex<Common>>,
        left: &'a mut Left,
    ) -> Self {
        Readers { shared, first: Some(first), own: true, opening, common, left }
    }

    /// Runs them: `handle` gives the future of each. It ends when all of them have ended and the next message is none of theirs.
    ///
    /// Here, and not in the runtime, since only the actor itself knows that it can be shared.
    pub async fn run<H>(mut self, actor: &'a A, handle: H)
    where
        A: Sync,
        H: for<'b> Fn(&'b A, &'b mut Context<A>, A::Message) -> Typed<'b, ReplyOf<A>> + Send + Sync,
    {
        let handle = &handle;
        let shared = Arc::clone(&self.shared);
        let count = shared.body::<A::Message>().map(|body| Count(&body.mailbox));
        let mut running = PollSet::new(&self.shared);
        poll_fn(|cx| {
            if let Some(first) = self.first.take()
                && let Some(mut reader) = self.begin(&shared, actor, handle, first)
            {
                let began = self.opening.is_timed.then(Instant::now);
                if self.opening.is_alone {
                    // Most often that is all, and no place for one that waits need be made.
                    match reader(cx) {
                        Poll::Pending => running.insert(Box::new(reader)),
                        ended => self.note(ended),
                    }
                } else {
                    self.note(running.try_one(reader));
                }
                self.left.took = began.map(|began| began.elapsed());
            }
            if std::mem::take(&mut self.opening.is_alone) {
                return if running.is_empty() { Poll::Ready(()) } else { Poll::Pending };
            }
            let mut stint = Stint::new();
            loop {
                if scope::is_broken() {
                    // One has panicked: all of them are cut off when this poll ends.
                    return Poll::Pending;
                }
                // Each has its turn before the next is admitted, so that a writer waits for few of them.
                let admitted = self.admit(cx);
                let is_pending = admitted.is_pending();
                let mut goes_on = false;
                if let Poll::Ready(Some(envelope)) = admitted {
                    if let Some(reader) = self.begin(&shared, actor, handle, envelope) {
                        self.note(running.try_one(reader));
                    }
                    goes_on = true;
                }
                loop {
                    if !stint.goes_on() {
                        // The others on this thread first.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    stint.count();
                    let Some(ending) = running.next() else { break };
                    goes_on = true;
                    self.note(Poll::Ready(Some(ending)));
                }
                if let Some(Count(mailbox)) = &count {
                    mailbox.rare().note_readers(running.len());
                }
                match () {
                    () if goes_on && !is_pending => {}
                    () if running.is_empty() => return Poll::Ready(()),
                    // If the look for more was put off, it is woken for that.
                    () => return Poll::Pending,
                }
            }
        })
        .await;
    }

    /// One may have ended, and may have asked for the actor's end.
    fn note(&mut self, ended: Poll<Option<Option<ExitReason>>>) {
        if let Poll::Ready(Some(Some(reason))) = ended {
            self.left.ending.get_or_insert(reason);
        }
    }

    /// The next message, if it is a reader too. Pending: others on this thread have their turn first.
    fn admit(&self, cx: &mut task::Context<'_>) -> Poll<Option<Envelope<A::Message>>> {
        let Some(body) = self.shared.body::<A::Message>() else { return Poll::Ready(None) };
        if waits::take_passes(&self.shared)
            && let Some(passing) = body.mailbox.take_passing()
        {
            // Several may have been let pass since the last look.
            waits::more_may_pass(&self.shared);
            return Poll::Ready(Some(passing));
        }
        if self.left.ending.is_some() || self.shared.is_called_away() || self.has_more_to_do() {
            return Poll::Ready(None);
        }
        if choice::pauses(cx) {
            return Poll::Pending;
        }
        let Poll::Ready(budget) = coop::poll_proceed(cx) else { return Poll::Pending };
        let wants = |envelope: &Envelope<A::Message>| match envelope {
            Envelope::Own { message, .. } => self.own && joins(A::policy(message)),
            Envelope::Boxed(letter) => joins(letter.policy()),
        };
        let admitted = match body.mailbox.next_if(wants, &self.shared.bell) {
            Next::Wanted(envelope) => Some(envelope),
            Next::Other | Next::Empty => None,
        };
        if admitted.is_some() {
            budget.made_progress();
        }
        Poll::Ready(admitted)
    }

    /// Whether timers, streams or continuations wait for their turn.
    fn has_more_to_do(&self) -> bool {
        let mut common = self.common.lock();
        let Common { alarms, beside } = &mut *common;
        alarms.as_ref().is_some_and(|alarms| alarms.is_due(Instant::now()))
            || beside.as_mut().is_some_and(|beside| beside.is_ready())
    }

    fn begin<'b, H>(
        &self,
        shared: &'b Arc<Shared>,
        actor: &'b A,
        handle: &'b H,
        envelope: Envelope<A::Message>,
    ) -> Option<impl FnMut(&mut task::Context<'_>) -> Poll<Option<Option<ExitReason>>> + Send + use<'b, A, H>>
    where
        A: Sync,
        H: for<'c> Fn(&'c A, &'c mut Context<A>, A::Message) -> Typed<'c, ReplyOf<A>> + Send + Sync,
    {
        let mut context = Context::reader(Arc::clone(&self.shared), Arc::clone(&self.common));
        let (guest, mut reading): (_, Reading<'b, A>) = match envelope {
            Envelope::Own { message, call } => {
                let policy = A::policy(&message);
                let Some(slot) = call.begin(policy.name, &self.shared.traces) else {
                    ending::throw_away(&self.shared, message);
                    return None;
                };
                let limit = slot::limit(&slot);
                let reading = async move {
                    let reply = handle(actor, &mut context, message).await;
                    (Some(reply), context.inner().ending.take().map(|ending| *ending))
                };
                (Guest::new(shared, policy, limit, slot::untyped(slot)), Box::pin(reading))
            }
            Envelope::Boxed(mut letter) => {
                let policy = letter.policy();
                let Some((caller, limit)) = letter.begin(&self.shared.traces) else {
                    ending::throw_away(&self.shared, letter);
                    return None;
                };
                let reading = async move {
                    letter.read(actor, &mut context).await;
                    // It has answered its caller itself.
                    (None, context.inner().ending.take().map(|ending| *ending))
                };
                (Guest::new(shared, policy, limit, caller), Box::pin(reading))
            }
        };
        let mut guest = Some(guest);
        let mut watched = Some(Watched::reader(shared));
        Some(move |cx: &mut task::Context<'_>| {
            let (Some(reader), Some(run)) = (&mut guest, &mut watched) else { return Poll::Ready(None) };
            if scope::is_broken() {
                return Poll::Pending;
            }
            let (reply, ending) = ready!(reader.poll(run, cx, |cx| reading.as_mut().poll(cx)));
            watched = None;
            if let (Some(guest), Some(reply)) = (guest.take(), reply) {
                guest.finish::<A::Message>(reply);
            }
            Poll::Ready(Some(ending))
        })
    }
}

/// The phase of an actor that has no readers of its own, which [`HandledBy::phase`](crate::macro_support::HandledBy::phase) gives where the
/// actor is known to be `Sync`.
pub fn letters<'a, A: Actor + Sync>(
    actor: &'a A,
    readers: Readers<'a, A>,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    // Its own are not admitted, so nothing is asked of this handler.
    let readers = Readers { own: false, ..readers };
    Box::pin(readers.run(actor, |_, _, _| Box::pin(std::future::ready(None))))
}

/// One that runs: what its handler gave, if it is one of the actor's own, and whether it asked for the actor's end.
type Reading<'a, A> =
    Pin<Box<dyn Future<Output = (Option<Option<ReplyOf<A>>>, Option<ExitReason>)> + Send + 'a>>;

/// Whether a message that comes next joins those that read. One with a guard is asked for itself, when its turn has come.
fn joins(policy: &Policy) -> bool {
    policy.mode == Mode::Concurrent && !policy.guarded
}

/// Says how many run, and in the end, whatever that is, that none does.
struct Count<'a, M: Message>(&'a Mailbox<M>);

impl<M: Message> Drop for Count<'_, M> {
    fn drop(&mut self) {
        self.0.rare().note_readers(0);
    }
}

impl<A: Actor> fmt::Debug for Readers<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}
