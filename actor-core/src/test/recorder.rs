//! What came to an actor, in order, and what it answered.

use super::stand_in::stand_in;
use super::text::Text;
use crate::actor::Message;
use crate::error::CallError;
use crate::from_fn::ReplyOf;
use crate::handle::ActorHandle;
use crate::sync::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A handle in front of `inner`, real or mocked, and a recording of what comes through it: messages and replies as text.
///
/// It changes nothing: messages arrive in order, deadlines, failures and cancellation are passed through, it ends when `inner` ends, and
/// stopped or killed it has `inner` do so as well. Where messages have no `Debug`, [`record_names`] keeps their names;
/// [`record_with`] keeps what one wants to keep.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::record;
///
/// #[actor]
/// struct Bank {
///     total: u64,
/// }
///
/// #[actor(derive(Debug))]
/// impl Bank {
///     pub fn note(&mut self, amount: u64) -> u64 {
///         self.total += amount;
///         self.total
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let (bank, recording) = record(&Bank { total: 0 }.spawn());
/// bank.note(5).await?;
/// bank.note(7).await?;
/// assert_eq!(recording.names(), ["note", "note"]);
/// let second = recording.answered(2).await.expect("it has come");
/// assert_eq!(second.message, "Note { amount: 7 }");
/// assert_eq!(second.reply().expect("it was answered"), "Note(12)");
/// # Ok(()) }
/// ```
///
/// What is told is asked, so that its reply can be recorded; and it waits for room in the mailbox of `inner` here and not at its sender.
pub fn record<H>(inner: &H) -> (H, Recording)
where
    H: ActorHandle,
    H::Message: fmt::Debug,
    ReplyOf<H>: fmt::Debug,
{
    record_with(inner, Text::of, Text::of)
}

/// The same where messages or replies have no `Debug`: of each the name of its method.
pub fn record_names<H: ActorHandle>(inner: &H) -> (H, Recording) {
    let reply = |reply: &ReplyOf<H>| Text::name(H::Message::returned(reply).method().unwrap_or("a reply"));
    record_with(inner, |message| Text::name(message.name()), reply)
}

/// The same with what `message` and `reply` make of them: copies, where they can be cloned.
///
/// ```
/// # use actor_core::prelude::*;
/// # use actor_core::test::record_with;
/// # #[actor] struct Bank;
/// # #[actor(derive(Clone, Debug, PartialEq))] impl Bank { pub fn note(&mut self, amount: u64) -> u64 { amount } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let (bank, recording) = record_with(&Bank.spawn(), Clone::clone, Clone::clone);
/// bank.note(5).await?;
/// assert_eq!(recording.calls()[0].message, BankMessage::Note { amount: 5 });
/// # Ok(()) }
/// ```
pub fn record_with<H, M, R>(
    inner: &H,
    message: impl Fn(&H::Message) -> M + Send + 'static,
    reply: impl Fn(&ReplyOf<H>) -> R + Send + Sync + 'static,
) -> (H, Recording<M, R>)
where
    H: ActorHandle,
    M: Send + 'static,
    R: Send + 'static,
{
    let log = Arc::new(Log { began: Instant::now(), calls: Mutex::new(Vec::new()) });
    let (changed, changes) = watch::channel(());
    let writer = Arc::new(Writer { log: Arc::clone(&log), changed });
    let (behind, keep_reply) = (inner.clone(), Arc::new(reply));
    let front = stand_in(inner, move |sent: H::Message, caller| {
        let entry = Entry::begin(&writer, sent.name(), message(&sent), caller.is_tell());
        let answer = caller.pass(behind.ask(sent));
        let keep_reply = Arc::clone(&keep_reply);
        async move {
            let answer = answer.await;
            entry.end(match &answer {
                Ok(reply) => Outcome::Replied(keep_reply(reply)),
                // Out of time is a failure; this is what is left of a caller that gave up.
                Err(CallError::Dropped) if caller.is_gone() => Outcome::Cut,
                Err(failure) => Outcome::Failed(failure.clone()),
            });
            answer
        }
    });
    (front, Recording { log, changes })
}

/// What came through a recorder: see [`record`].
///
/// Displayed it is a list, a line for each message.
pub struct Recording<M = Text, R = Text> {
    log: Arc<Log<M, R>>,
    changes: watch::Receiver<()>,
}

struct Log<M, R> {
    began: Instant,
    calls: Mutex<Vec<Recorded<M, R>>>,
}

/// A message that came, and what became of it.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Recorded<M = Text, R = Text> {
    /// The name of its method.
    pub name: &'static str,
    /// The message, or what was kept of it.
    pub message: M,
    /// Whether it was told, so that nobody waited.
    pub is_tell: bool,
    /// When it came, from the beginning of the recording.
    pub at: Duration,
    /// What became of it.
    pub outcome: Outcome<R>,
    /// How long that took, once it is known.
    pub took: Option<Duration>,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub enum Outcome<R = Text> {
    /// It is not known yet.
    Waits,
    /// It was answered so. That its handler came back with an `Err` is an answer, too.
    Replied(R),
    /// There was no reply, because of this.
    Failed(CallError),
    /// Its caller left, or the recorder was killed, before there was an answer.
    Cut,
}

impl<M, R> Recorded<M, R> {
    /// The reply, if there was one.
    pub fn reply(&self) -> Option<&R> {
        match &self.outcome {
            Outcome::Replied(reply) => Some(reply),
            Outcome::Waits | Outcome::Failed(_) | Outcome::Cut => None,
        }
    }

    /// Why there was no reply, if it failed.
    pub fn failure(&self) -> Option<&CallError> {
        match &self.outcome {
            Outcome::Failed(failure) => Some(failure),
            Outcome::Waits | Outcome::Replied(_) | Outcome::Cut => None,
        }
    }
}

impl<M, R> Recording<M, R> {
    /// How many messages have come.
    #[must_use]
    pub fn len(&self) -> usize {
        self.log.calls.lock().len()
    }

    /// Whether none has come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of all that have come, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.log.calls.lock().iter().map(|call| call.name).collect()
    }
}

impl<M: Clone, R: Clone> Recording<M, R> {
    /// All that have come, in order, with what is known of them.
    #[must_use]
    pub fn calls(&self) -> Vec<Recorded<M, R>> {
        self.log.calls.lock().clone()
    }

    /// What has been answered so far, as [`replay`](super::replay) takes it.
    #[must_use]
    pub fn script(&self) -> Vec<(M, Result<R, CallError>)> {
        let calls = self.calls().into_iter();
        calls
            .filter_map(|call| match call.outcome {
                Outcome::Replied(reply) => Some((call.message, Ok(reply))),
                Outcome::Failed(failure) => Some((call.message, Err(failure))),
                Outcome::Waits | Outcome::Cut => None,
            })
            .collect()
    }

    /// Waits until the `n`th message has come; the first is 1. `None`: the recorder ended before.
    ///
    /// # Cancel safety
    /// It may be dropped at any time; so may [`answered`](Self::answered).
    pub async fn came(&self, n: usize) -> Option<Recorded<M, R>> {
        self.until(n, |_| true).await
    }

    /// Waits until it is known what became of the `n`th message; the first is 1. `None`: the recorder ended before it came.
    pub async fn answered(&self, n: usize) -> Option<Recorded<M, R>> {
        self.until(n, |call| !matches!(call.outcome, Outcome::Waits)).await
    }

    async fn until(&self, n: usize, is: impl Fn(&Recorded<M, R>) -> bool) -> Option<Recorded<M, R>> {
        let place = n.checked_sub(1)?;
        let look = || self.log.calls.lock().get(place).filter(|call| is(call)).cloned();
        let mut changes = self.changes.clone();
        loop {
            changes.mark_unchanged();
            if let Some(call) = look() {
                return Some(call);
            }
            if changes.changed().await.is_err() {
                return look();
            }
        }
    }
}

impl<M: fmt::Debug, R: fmt::Debug> Recording<M, R> {
    /// Asserts that messages of these names came in this order, perhaps with others between them.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test::record_names;
    /// # #[actor] struct Door;
    /// # #[actor] impl Door { pub fn open(&mut self) {} pub fn knock(&mut self) {} pub fn shut(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let (door, recording) = record_names(&Door.spawn());
    /// door.open().await?;
    /// door.knock().await?;
    /// door.shut().await?;
    /// recording.assert_order(&["open", "shut"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// If they did not, with the list of what came.
    #[track_caller]
    pub fn assert_order(&self, names: &[&str]) {
        let came = self.names();
        let mut rest = came.iter();
        if let Some(missing) = names.iter().find(|name| !rest.any(|came| came == *name)) {
            panic!("`{missing}` did not come in the order {names:?}; what came:\n{self}");
        }
    }
}

impl<M, R> Clone for Recording<M, R> {
    fn clone(&self) -> Self {
        Recording { log: Arc::clone(&self.log), changes: self.changes.clone() }
    }
}

impl<M: fmt::Debug, R: fmt::Debug> fmt::Debug for Recording<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.log.calls.lock().iter()).finish()
    }
}

impl<M: fmt::Debug, R: fmt::Debug> fmt::Display for Recording<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, call) in (1..).zip(self.log.calls.lock().iter()) {
            writeln!(f, "{n:>3}. {call}")?;
        }
        Ok(())
    }
}

impl<M: fmt::Debug, R: fmt::Debug> fmt::Display for Recorded<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = if self.is_tell { "told " } else { "" };
        write!(f, "at {:?} {told}{:?} -> {}", self.at, self.message, self.outcome)?;
        match self.took {
            Some(took) if !took.is_zero() => write!(f, ", after {took:?}"),
            _ => Ok(()),
        }
    }
}

impl<R: fmt::Debug> fmt::Display for Outcome<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Waits => f.write_str("waits"),
            Outcome::Replied(reply) => write!(f, "{reply:?}"),
            Outcome::Failed(failure) => write!(f, "failed: {failure}"),
            Outcome::Cut => f.write_str("cut off"),
        }
    }
}

/// The recorder's end of a recording: it goes with the recorder, and whoever waits sees that.
struct Writer<M, R> {
    log: Arc<Log<M, R>>,
    changed: watch::Sender<()>,
}

/// A message that has no outcome yet.
struct Entry<M, R> {
    writer: Arc<Writer<M, R>>,
    place: usize,
    is_open: bool,
}

impl<M, R> Entry<M, R> {
    fn begin(writer: &Arc<Writer<M, R>>, name: &'static str, message: M, is_tell: bool) -> Self {
        let at = writer.log.began.elapsed();
        let mut calls = writer.log.calls.lock();
        let place = calls.len();
        calls.push(Recorded { name, message, is_tell, at, outcome: Outcome::Waits, took: None });
        drop(calls);
        writer.changed.send_replace(());
        Entry { writer: Arc::clone(writer), place, is_open: true }
    }

    fn end(mut self, outcome: Outcome<R>) {
        self.note(outcome);
    }

    fn note(&mut self, outcome: Outcome<R>) {
        self.is_open = false;
        let Writer { log, changed } = &*self.writer;
        let now = log.began.elapsed();
        if let Some(call) = log.calls.lock().get_mut(self.place) {
            call.outcome = outcome;
            call.took = Some(now.saturating_sub(call.at));
        }
        changed.send_replace(());
    }
}

impl<M, R> Drop for Entry<M, R> {
    fn drop(&mut self) {
        if self.is_open {
            self.note(Outcome::Cut);
        }
    }
}
