//! What is said of a deadlock.

use std::fmt;
use std::sync::Arc;

/// Messages that wait for each other in a circle: each for the next, the last for the first.
///
/// Displayed as `ann.pay -> bob.deposit -> ann.balance`: `pay`, which `ann` is handling, waits for the reply of `deposit`, whose handler
/// waits for `balance`, which waits until `ann` has handled `pay`. The last one is the call that was refused. A message that only waits
/// for its turn stands there too, before the one that is being handled.
///
/// ```
/// use actor_core::prelude::*;
///
/// #[actor]
/// struct Account;
///
/// #[actor]
/// impl Account {
///     pub fn balance(&self) -> u64 {
///         10
///     }
///     pub async fn pay(&mut self, ctx: &mut Context<Self>) -> Result<u64, CallError> {
///         ctx.handle().balance().await // its own mailbox, in which `balance` waits for `pay`
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let ann = Account.spawn_with(Spawn::new().name("ann"));
/// let Err(CallError::Handler(CallError::Deadlock(cycle))) = ann.pay().await else { panic!() };
/// assert_eq!(cycle.to_string(), "ann.pay -> ann.balance");
/// # }
/// ```
///
/// # When it is told
/// When a poll of the handler that closes the cycle ends; of the calls of the cycle, the newest that is still queued is refused. If several
/// handlers close it at the same instant, one call is refused. It is always on, and costs nothing for a call that is answered at once.
///
/// # What is seen
/// - Requests, tells without room and reply streams that are polled in a handler or a hook, also in `join!` and `select!`, and a
///   [`PendingReply`](crate::PendingReply) wherever it was started. With several at a time all must lead into the cycle; it is looked at again
///   whenever the handler has been polled.
/// - Handlers that keep others waiting for their turn, or for room in a full mailbox.
/// - [`serving`](crate::Context::serving): a message that may come in between waits for what is being served, not for the handler that
///   serves.
/// - Deadlines: it is no deadlock if another wait of the cycle ends earlier, by its deadline or because its actor is about to be killed.
/// - Replies by hand: once a handler with a [`ReplyTo`](crate::ReplyTo) has returned, anybody may answer.
///
/// # What is not seen
/// - What else a handler waits for: a channel, a lock, a sleep, the end of an actor or a task. A handler that waits for nothing else is
///   never told. One that waits for such a thing *beside* a request, as in `select!`, counts as waiting for the request alone; so bound a
///   request by its own [`timeout`](crate::Request::timeout) rather than by a sleep beside it.
/// - What a handler has others do for it: tasks that it spawns, a stream that runs beside its actor, a call that it has
///   [forwarded](crate::ReplyTo::forward). Nobody's handler waits there.
/// - A stream's handler that waits until its reader reads on, and a handler that blocks its thread or waits for one that
///   [blocks](crate::Request::blocking).
/// - A request that was first polled outside of all handlers and then moved into one; [start](crate::Request::start) it instead.
/// - What goes on in another process.
/// - A cycle in which every call has started, which takes a `PendingReply` that another awaits than who made it: nothing in it could be
///   refused.
#[derive(Clone, Debug)]
pub struct Cycle(Arc<[Step]>);

/// One message of a [`Cycle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose message it is: the actor's name, or its kind and id, as in `Account#3`.
    pub actor: Arc<str>,
    /// The method's name; of a hook `on_start`, `on_exit` or `on_stop`.
    pub message: &'static str,
}

impl Cycle {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Cycle(steps.into())
    }

    /// The messages, in order; the last waits for the first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Step { actor, message }) in self.0.iter().enumerate() {
            let arrow = if n == 0 { "" } else { " -> " };
            write!(f, "{arrow}{actor}.{message}")?;
        }
        Ok(())
    }
}
