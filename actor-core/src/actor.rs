//! What an actor is to the runtime. The macro implements it; it can be implemented by hand as well.

use crate::context::Context;
use crate::exit::Exit;
use crate::handle::ActorHandle;
use crate::policy::{Config, Policy};
use crate::readers::Readers;
use crate::returned::Returned;
use crate::spawn::{self, Spawn};
use crate::spawn_all;
use crate::supervise::Supervise;
use crate::weak_handle::WeakHandle;
use std::error::Error;
use std::future::Future;

/// The messages of an actor: data that can be logged, compared, stored and sent again.
///
/// `#[actor]` writes it as an enum with a variant a message; by hand it may be any type.
pub trait Message: Sized + Send + 'static {
    /// What handlers return, for all messages together.
    type Reply: Send + 'static;

    /// The name of the method that handles this message.
    fn name(&self) -> &'static str;

    /// Whether actors with other messages may handle it.
    #[doc(hidden)]
    const FOREIGN: bool = false;

    /// Which method's reply this is, and whether that is an error; nothing if that is not known.
    #[doc(hidden)]
    fn returned(reply: &Self::Reply) -> Returned {
        let _ = reply;
        Returned::default()
    }
}

/// Why a hook failed: any error converts into it.
pub type HookError = Box<dyn Error + Send + Sync>;

/// State with messages: what [`spawn`](Actor::spawn) makes an actor of.
///
/// `#[actor]` on a struct and on its impl block writes this implementation. By hand, [`policy`](Actor::policy) says which of
/// the three `handle` methods a message goes to, and that method matches on the message and returns the reply, or `None` where it took a
/// [`ReplyTo`](crate::ReplyTo) instead. A message that arrives in the wrong method and gets `None` is answered
/// [`Dropped`](crate::CallError::Dropped), so a mistake there shows and hangs nobody.
///
/// ```
/// use actor_core::{Actor, ActorHandle, Context, DefaultHandle, Message, Policy};
///
/// struct Counter(u64);
///
/// struct Add(u64);
///
/// impl Message for Add {
///     type Reply = u64;
///     fn name(&self) -> &'static str {
///         "add"
///     }
/// }
///
/// impl Actor for Counter {
///     type Message = Add;
///     type Handle = DefaultHandle<Add>;
///     fn policy(_: &Add) -> &'static Policy {
///         const { &Policy::plain("add") }
///     }
///     fn handle(&mut self, _: &mut Context<Self>, Add(n): Add) -> Option<u64> {
///         self.0 += n;
///         Some(self.0)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let counter = Counter(40).spawn();
/// assert_eq!(counter.ask(Add(2)).await.unwrap(), 42);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor: it has no impl block with `#[actor]`",
    label = "has no messages yet",
    note = "write `#[actor]` on the struct and on one of its impl blocks, which may be empty: `#[actor] impl {Self} {{}}`"
)]
pub trait Actor: Sized + Send + 'static {
    /// Its messages.
    type Message: Message;

    /// The handle that its callers hold.
    type Handle: ActorHandle<Message = Self::Message>;

    /// How actors of this kind are set up.
    fn config() -> Config {
        Config::new()
    }

    /// How `message` is handled.
    fn policy(message: &Self::Message) -> &'static Policy;

    /// Whether some message is [`urgent`](Policy::urgent): only then do senders look for it.
    const URGENT: bool = false;

    /// Whether a message whose policy is [`guarded`](Policy::guarded) makes sense now. While it does not, it waits; it is asked again after
    /// each message that was handled.
    fn guard(&self, message: &Self::Message) -> bool {
        let _ = message;
        true
    }

    /// Handles a message whose policy is [`plain`](Policy::plain).
    fn handle(
        &mut self,
        ctx: &mut Context<Self>,
        message: Self::Message,
    ) -> Option<<Self::Message as Message>::Reply> {
        let _ = (ctx, message);
        None
    }

    /// Handles a message whose policy is [`exclusive`](Policy::exclusive): nothing else runs until it has ended.
    fn handle_exclusive(
        &mut self,
        ctx: &mut Context<Self>,
        message: Self::Message,
    ) -> impl Future<Output = Option<<Self::Message as Message>::Reply>> + Send {
        let _ = (ctx, message);
        std::future::ready(None)
    }

    /// Whether it has an own [`handle_concurrent`](Actor::handle_concurrent): only then messages come to it whose policy is
    /// [`concurrent`](Policy::concurrent). It runs others that read, too: messages of protocols and generic methods.
    const READS: bool = false;

    /// Handles messages whose policy is [`concurrent`](Policy::concurrent), as many as come before another one: see [`Readers::run`].
    fn handle_concurrent<'a>(&'a self, readers: Readers<'a, Self>) -> impl Future<Output = ()> + Send + 'a {
        drop(readers);
        std::future::ready(())
    }

    /// Whether some message is [`last`](Policy::last): only then there is a [`handle_last`](Actor::handle_last).
    const LAST: bool = false;

    /// Handles a message whose policy is [`last`](Policy::last): the actor ends with it.
    fn handle_last(
        self,
        ctx: &mut Context<Self>,
        message: Self::Message,
    ) -> impl Future<Output = Option<<Self::Message as Message>::Reply>> + Send {
        let _ = (ctx, message);
        std::future::ready(None)
    }

    /// Whether there is an [`on_start`](Actor::on_start); an actor without one can be called from the moment it is spawned.
    const ON_START: bool = false;

    /// Runs before the first message. If it fails, the actor ends as [`Failed`](crate::ExitReason::Failed).
    fn on_start(&mut self, ctx: &mut Context<Self>) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = ctx;
        std::future::ready(Ok(()))
    }

    /// Whether there is an [`on_stop`](Actor::on_stop).
    const ON_STOP: bool = false;

    /// Runs after the last message when the actor ends by `stop`, by [`Context::stop`], by [`Context::fail`] or because its
    /// last handle went; never after a kill, a panic, a by-value message or a failed start.
    fn on_stop(&mut self, ctx: &mut Context<Self>) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = ctx;
        std::future::ready(Ok(()))
    }

    /// Whether there is an [`on_exit`](Actor::on_exit).
    const ON_EXIT: bool = false;

    /// Runs when an actor has ended that this one [watches](Context::watch), before the messages in the mailbox. If it fails, the actor
    /// ends as [`Failed`](crate::ExitReason::Failed).
    fn on_exit(
        &mut self,
        ctx: &mut Context<Self>,
        exit: Exit,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (ctx, exit);
        std::future::ready(Ok(()))
    }

    /// Whether there is an [`every`](Actor::every).
    const EVERY: bool = false;

    /// Arms the timers that each actor of this kind has: after [`on_start`](Actor::on_start), before the first message.
    fn every(&mut self, ctx: &mut Context<Self>) {
        let _ = ctx;
    }

    /// Makes it an actor on the current tokio runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime. [`spawn_with`](Actor::spawn_with) and [`Spawn::on`] name one.
    #[track_caller]
    fn spawn(self) -> Self::Handle {
        spawn::spawn(self, Spawn::new())
    }

    /// Makes it an actor, set up as `how` says.
    ///
    /// # Panics
    /// Outside a tokio runtime, unless `how` names one by [`Spawn::on`].
    #[track_caller]
    fn spawn_with(self, how: Spawn) -> Self::Handle {
        spawn::spawn(self, how)
    }

    /// Makes `count` actors, each of which may hold handles of all of them from its beginning: `make` gets its place and all the handles.
    ///
    /// The handles are those of actors that do not run yet. Whatever is sent to one waits in its mailbox, as it does before `on_start` has ended; when
    /// all are made, all begin.
    ///
    /// A circle of handles keeps itself alive: its actors do not end because the last handle outside has gone. Somebody has to cut it, by
    /// [`stop`](ActorHandle::stop), by a message that takes `self`, by [`WeakHandle`]s in it, or as their parent: those of
    /// [`Context::spawn_all`] end with it.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Node {
    ///     next: NodeHandle,
    /// }
    ///
    /// #[actor]
    /// impl Node {
    ///     /// Passes a token on, and says how often that was done.
    ///     pub fn pass(&mut self, hops: u32, reply: ReplyTo<u32>) {
    ///         match hops {
    ///             5 => drop(reply.send(hops)),
    ///             _ => reply.forward(self.next.pass(hops + 1)),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let ring = Node::spawn_all(3, |place, ring| Node { next: ring[(place + 1) % ring.len()].clone() });
    /// assert_eq!(ring[0].pass(0).await?, 5);
    /// ring.iter().for_each(ActorHandle::stop); // it keeps itself alive
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// As [`spawn`](Self::spawn). If `make` panics, none of them begins: calls through handles that it gave away fail as
    /// [`NotRunning`](crate::CallError::NotRunning). One that waits in `make` for an answer of theirs waits for ever.
    #[track_caller]
    fn spawn_all(count: usize, make: impl FnMut(usize, &[Self::Handle]) -> Self) -> Vec<Self::Handle> {
        spawn_all::spawn_all(&Spawn::new(), count, make)
    }

    /// The same, set up as `how` says, each of them.
    ///
    /// # Panics
    /// As [`spawn_with`](Self::spawn_with) and [`spawn_all`](Self::spawn_all).
    #[track_caller]
    fn spawn_all_with(
        how: Spawn,
        count: usize,
        make: impl FnMut(usize, &[Self::Handle]) -> Self,
    ) -> Vec<Self::Handle> {
        spawn_all::spawn_all(&how, count, make)
    }

    /// Makes an actor that others know before it is there, as [`Arc::new_cyclic`](std::sync::Arc::new_cyclic): for two of different kinds that hold
    /// handles of each other.
    ///
    /// `make` gets a weak handle of the actor, which can be [upgraded](WeakHandle::upgrade) at once. What is sent through it waits until the
    /// actor is made. A handler needs none: it has [`Context::handle`].
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use actor_core::WeakHandle;
    ///
    /// #[actor]
    /// struct Parser {
    ///     report_to: WeakHandle<EditorHandle>,
    /// }
    ///
    /// #[actor]
    /// impl Parser {
    ///     pub async fn parse(&mut self, text: &str) -> Result<(), TellError<EditorMessage>> {
    ///         let Some(editor) = self.report_to.upgrade() else { return Ok(()) };
    ///         editor.parsed(text.split(' ').count()).tell().await
    ///     }
    /// }
    ///
    /// #[actor]
    /// struct Editor {
    ///     parser: ParserHandle,
    ///     words: usize,
    /// }
    ///
    /// #[actor]
    /// impl Editor {
    ///     pub async fn edit(&mut self, text: &str) -> Result<(), CallError> {
    ///         Ok(self.parser.parse(text).tell().await?)
    ///     }
    ///     pub fn parsed(&mut self, words: usize) {
    ///         self.words = words;
    ///     }
    ///     #[message(when = self.words > 0)]
    ///     pub fn words(&self) -> usize {
    ///         self.words
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError<CallError>> {
    /// let editor = Editor::spawn_cyclic(|editor| Editor {
    ///     parser: Parser { report_to: editor.clone() }.spawn(),
    ///     words: 0,
    /// });
    /// editor.edit("two words").await?;
    /// assert_eq!(editor.words().await.map_err(CallError::widen)?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// As [`spawn_all`](Self::spawn_all).
    #[track_caller]
    fn spawn_cyclic(make: impl FnOnce(&WeakHandle<Self::Handle>) -> Self) -> Self::Handle {
        Self::spawn_cyclic_with(Spawn::new(), make)
    }

    /// The same, set up as `how` says.
    ///
    /// # Panics
    /// As [`spawn_with`](Self::spawn_with) and [`spawn_all`](Self::spawn_all).
    #[track_caller]
    fn spawn_cyclic_with(how: Spawn, make: impl FnOnce(&WeakHandle<Self::Handle>) -> Self) -> Self::Handle {
        spawn_all::spawn_cyclic(how, |handle: &Self::Handle| make(&handle.downgrade()))
    }

    /// Makes an actor of what `make` makes, and makes it anew when it falls and `policy` says so.
    ///
    /// It keeps its identity, its handles and its queue: calls that are queued or come meanwhile are answered by the new incarnation, within
    /// their own deadlines. The message that ran is [`Interrupted`](crate::CallError::Interrupted); timers, streams, kept replies, watches and
    /// children belong to the old one and end with it. `make` runs in the actor's task, the first time too: if it panics or `on_start` fails,
    /// that is a fall as well. While the actor is down, [`stop`](ActorHandle::stop) ends it at once.
    ///
    /// # Panics
    /// Outside a tokio runtime, unless the policy's [`with`](Supervise::with) names one by [`Spawn::on`].
    #[track_caller]
    fn supervised(policy: Supervise, make: impl FnMut() -> Self + Send + 'static) -> Self::Handle {
        spawn::supervised(policy, make)
    }
}
