//! A context that no actor has, for calling a handler as a plain method.

mod caller;
mod run;

use super::effect::{Effect, Stage};
use super::ground::Ground;
use super::relay::Relay;
use crate::actor::{Actor, Message};
use crate::bare::Joint;
use crate::context::Context;
use crate::ending::{self, Remains};
use crate::exit::{Exit, ExitReason};
use crate::kin;
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::raw_handle::RawHandle;
use crate::shared::Shared;
use crate::slot::Slot;
use crate::spawn::{self, Spawn};
use crate::taken::AnyTaken;
use crate::timers::{self, TimerKey};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

type ReplyOf<A> = <<A as Actor>::Message as Message>::Reply;

impl<A: Actor> Context<A> {
    /// A context for calling a handler as a plain method in a test (feature `test`). No actor and no runtime is needed.
    ///
    /// What the handler does with it is recorded, and does not happen: timers are armed and fire when the test says so, messages to itself lie in
    /// the mailbox, continuations and streams wait until the test runs them; see [`TestContext`]. It passes for a `&mut Context<A>` wherever
    /// one is wanted.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Countdown(u32);
    ///
    /// #[actor]
    /// impl Countdown {
    ///     pub fn tick(&mut self, ctx: &mut Context<Self>) -> u32 {
    ///         self.0 -= 1;
    ///         if self.0 == 0 {
    ///             ctx.stop();
    ///         }
    ///         self.0
    ///     }
    /// }
    ///
    /// let mut ctx = Context::<Countdown>::test();
    /// let mut countdown = Countdown(2);
    /// assert_eq!(countdown.tick(&mut ctx), 1);
    /// assert!(ctx.ending().is_none());
    /// assert_eq!(countdown.tick(&mut ctx), 0);
    /// assert!(matches!(ctx.ending(), Some(ExitReason::Stopped)));
    /// ```
    #[must_use]
    pub fn test() -> TestContext<A> {
        TestContext::new(Spawn::new())
    }

    /// The same of an actor that was spawned as `how` says: for handlers that look at their name.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp {
    /// #     pub fn place(&self, ctx: &mut Context<Self>) -> Option<String> { ctx.name().map(str::to_owned) }
    /// # }
    /// let mut ctx = Context::test_with(Spawn::new().name("hall"));
    /// assert_eq!(Lamp.place(&mut ctx).as_deref(), Some("hall"));
    /// ```
    #[must_use]
    pub fn test_with(how: Spawn) -> TestContext<A> {
        TestContext::new(how)
    }
}

/// What [`Context::test()`] gives: a [`Context`] that records what a handler does with it.
///
/// | a handler that calls | the test asks or does |
/// |---|---|
/// | any of these but the first | [`effects`](Self::effects): what it did, in order |
/// | `ctx.handle().x().try_tell()` | [`queued`](Self::queued), [`take_messages`](Self::take_messages), [`run_next`](Self::run_next) |
/// | `ctx.after(..)`, `ctx.every(..)`, `ctx.cancel(..)` | [`is_armed`](Self::is_armed), [`fire`](Self::fire) |
/// | `ctx.then(..)`, `ctx.attach(..)` | [`run_next`](Self::run_next) |
/// | `ctx.serving(self, ..)` | puts messages into the mailbox by `ctx.handle()`: those with `interleave` are served |
/// | `ctx.spawn(..)` | [`Effect::Spawn`] |
/// | `ctx.watch(..)` | [`Effect::Watch`], [`next_exit`](Self::next_exit) |
/// | `ctx.stop()`, `ctx.fail(..)` | [`ending`](Self::ending) |
/// | `ctx.deadline()`, `ctx.caller_gone()`, `ctx.cancelled()` | [`set_deadline`](Self::set_deadline), [`caller_leaves`](Self::caller_leaves) |
/// | `ctx.reply_to(..)` | [`reply`](Self::reply); a parameter `reply: ReplyTo<T>` is made by [`ReplyTo::test()`](crate::ReplyTo::test) |
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::{self, Effect};
/// use std::time::Duration;
///
/// #[actor]
/// struct Account {
///     balance: u64,
/// }
///
/// #[actor]
/// impl Account {
///     pub fn deposit(&mut self, amount: u64) -> u64 {
///         self.balance += amount;
///         self.balance
///     }
///     #[message(interleave)]
///     pub fn balance(&self) -> u64 {
///         self.balance
///     }
///     pub async fn pay(&mut self, ctx: &mut Context<Self>, to: AccountHandle, amount: u64) {
///         self.balance -= amount;
///         if ctx.serving(self, to.deposit(amount)).await.is_err() {
///             self.balance += amount;
///             ctx.after("retry", Duration::from_secs(60), AccountMessage::Pay { to, amount });
///         }
///     }
/// }
///
/// futures::executor::block_on(async {
///     let (bob, mut probe) = test::probe::<AccountHandle>();
///     let (mut ctx, mut ann) = (Context::<Account>::test(), Account { balance: 10 });
///     let balance = ctx.handle().balance().start();
///     let bob_is_asked = async {
///         let call = probe.expect().await;
///         assert_eq!(balance.await.unwrap(), 7); // served meanwhile
///         drop(call); // no answer
///     };
///     futures::join!(ann.pay(&mut ctx, bob, 3), bob_is_asked);
///     assert_eq!(ann.balance, 10);
///     assert_eq!(ctx.effects(), [Effect::after("retry", Duration::from_secs(60), "pay")]);
/// });
/// ```
///
/// A child really runs if the test has a tokio runtime, and is only made if it has none. It ends with this, at the latest. Other actors
/// that the handler talks to are best [`probe`](super::probe())s. A deadline that is set here is what the handler sees; it does not cap
/// the calls that the handler makes.
///
/// A handler that is `async` can be polled by any executor, as long as it waits for nothing of tokio's. One that panics panics. One that waits
/// for a call to its own actor waits for ever, unless it does so in `serving` or the test runs that call: an actor would get
/// [`Deadlock`](crate::CallError::Deadlock).
pub struct TestContext<A: Actor> {
    ctx: Context<A>,
    shared: Arc<Shared>,
    /// Who calls the handler.
    caller: Joint<Slot<ReplyOf<A>>>,
    bell: Arc<Doorbell<A>>,
    /// So that it is not deserted while it is tested.
    _handle: RawHandle,
    _ground: Ground,
}

/// Where messages and continuations of a context ring: at the handler that serves, and at the test.
struct Doorbell<A: Actor> {
    shared: Weak<Shared>,
    test: Relay,
    actor: PhantomData<fn(A)>,
}

impl<A: Actor> Wake for Doorbell<A> {
    fn wake(self: Arc<Self>) {
        if let Some(shared) = self.shared.upgrade()
            && let Some(body) = shared.body::<A::Message>()
        {
            body.mailbox.rare().wake_server(Waker::noop());
        }
        self.test.pass_on();
    }
}

impl<A: Actor> TestContext<A> {
    #[track_caller]
    fn new(how: Spawn) -> Self {
        let ground = Ground::here();
        let shared = spawn::shared::<A>(how.direct(false).or_on(ground.handle()), false);
        let bell = Arc::new(Doorbell {
            shared: Arc::downgrade(&shared),
            test: Relay::default(),
            actor: PhantomData,
        });
        shared.bell.answer_with(&Waker::from(Arc::clone(&bell)));
        let caller = Slot::started(shared.id, Limit::Never, None);
        let mut ctx = Context::new(Arc::clone(&shared));
        ctx.inner().stage = Some(Stage::new(Joint::clone(&caller)));
        let _handle = RawHandle::first(Arc::clone(&shared));
        TestContext { ctx, shared, caller, bell, _handle, _ground: ground }
    }

    fn stage(&mut self, change: impl FnOnce(&mut Stage)) {
        if let Some(stage) = &mut self.ctx.inner().stage {
            change(stage);
        }
    }

    /// What handlers did with this context since the last look, in order.
    #[must_use = "to look at them takes them"]
    pub fn effects(&mut self) -> Vec<Effect> {
        self.ctx.inner().stage.as_mut().map(|stage| stage.take()).unwrap_or_default()
    }

    /// How the actor would end after this message: what [`Context::stop`] or [`Context::fail`] asked for.
    #[must_use]
    pub fn ending(&mut self) -> Option<ExitReason> {
        self.ctx.inner().ending.as_deref().cloned()
    }

    /// The names of the messages in the mailbox, in order: those that the handler sent itself, and those that the test put there.
    #[must_use]
    pub fn queued(&self) -> Vec<&'static str> {
        let name = |envelope: &Envelope<A::Message>| match envelope {
            Envelope::Own { message, .. } => message.name(),
            Envelope::Boxed(letter) => letter.policy().name(),
        };
        self.shared.body::<A::Message>().map(|body| body.mailbox.look(name)).unwrap_or_default()
    }

    /// Takes all messages out of the mailbox that are the actor's own; not those of a protocol or a generic method. A call among them gets
    /// [`NotRunning`](crate::CallError::NotRunning).
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # #[actor] struct Lamp;
    /// # #[actor(derive(Debug, PartialEq))] impl Lamp {
    /// #     pub fn blink(&mut self, ctx: &mut Context<Self>) { ctx.handle().off().try_tell().ok(); }
    /// #     pub fn off(&mut self) {}
    /// # }
    /// let mut ctx = Context::test();
    /// Lamp.blink(&mut ctx);
    /// assert_eq!(ctx.queued(), ["off"]);
    /// assert_eq!(ctx.take_messages(), [LampMessage::Off]);
    /// assert!(ctx.queued().is_empty());
    /// ```
    #[must_use = "it takes them"]
    pub fn take_messages(&mut self) -> Vec<A::Message> {
        let Some(body) = self.shared.body::<A::Message>() else { return Vec::new() };
        let own = |envelope: &Envelope<A::Message>| matches!(envelope, Envelope::Own { .. });
        let mut messages = Vec::new();
        while let Some(Envelope::Own { message, call }) = body.mailbox.take_first(own) {
            drop(call);
            messages.push(message);
        }
        messages
    }

    /// Whether a timer of this key is armed.
    #[must_use]
    pub fn is_armed(&mut self, key: impl Into<TimerKey>) -> bool {
        let key = key.into();
        self.ctx.inner().with_common(|common| timers::is_armed(&mut common.alarms, &key))
    }

    /// The message of a timer, as if its time had come: a timer of [`Context::after`] is not armed any more, one of
    /// [`Context::every`] is. `None` if none is armed by this key.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use std::time::Duration;
    /// # #[actor] struct Lamp;
    /// # #[actor(derive(Debug, PartialEq))] impl Lamp {
    /// #     pub fn on(&mut self, ctx: &mut Context<Self>) { ctx.after("off", Duration::from_secs(60), LampMessage::Off); }
    /// #     pub fn off(&mut self) {}
    /// # }
    /// let mut ctx = Context::test();
    /// Lamp.on(&mut ctx);
    /// assert!(ctx.is_armed("off"));
    /// assert_eq!(ctx.fire("off"), Some(LampMessage::Off));
    /// assert!(!ctx.is_armed("off"));
    /// ```
    #[must_use = "the timer has gone off"]
    pub fn fire(&mut self, key: impl Into<TimerKey>) -> Option<A::Message> {
        let key = key.into();
        let fired = self.ctx.inner().with_common(|common| timers::fire(&mut common.alarms, &key));
        match fired?.open()? {
            Envelope::Own { message, .. } => Some(message),
            // A hook's, which has a key that nobody can name.
            Envelope::Boxed(_) => None,
        }
    }

    /// The next end of an actor that was [watched](Context::watch) here and that has not been looked at: what to call the `#[on_exit]` hook with.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::{Exit, test};
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// #[actor]
    /// struct Janitor {
    ///     dark: bool,
    /// }
    ///
    /// #[actor]
    /// impl Janitor {
    ///     pub fn look_after(&mut self, ctx: &mut Context<Self>, lamp: LampHandle) {
    ///         ctx.watch(&lamp);
    ///     }
    ///     #[on_exit]
    ///     fn lost(&mut self, _: Exit) {
    ///         self.dark = true;
    ///     }
    /// }
    ///
    /// let (lamp, probe) = test::probe::<LampHandle>();
    /// let (mut ctx, mut janitor) = (Context::test(), Janitor { dark: false });
    /// janitor.look_after(&mut ctx, lamp);
    /// drop(probe);
    /// janitor.lost(ctx.next_exit().unwrap());
    /// assert!(janitor.dark);
    /// ```
    #[must_use = "to look at it takes it"]
    pub fn next_exit(&mut self) -> Option<Exit> {
        kin::next_exit(&self.shared)
    }
}

impl<A: Actor> Deref for TestContext<A> {
    type Target = Context<A>;

    fn deref(&self) -> &Context<A> {
        &self.ctx
    }
}

impl<A: Actor> DerefMut for TestContext<A> {
    fn deref_mut(&mut self) -> &mut Context<A> {
        &mut self.ctx
    }
}

/// As an actor that was stopped ends: who waits for it is answered, its children end.
impl<A: Actor> Drop for TestContext<A> {
    fn drop(&mut self) {
        if let Some(body) = self.shared.body::<A::Message>() {
            ending::end(
                &self.shared,
                body,
                &mut AnyTaken::default(),
                Remains::default(),
                ExitReason::Stopped,
            )
            .announce_now(&self.shared);
        }
    }
}

impl<A: Actor> fmt::Debug for TestContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestContext")
            .field("id", &self.shared.id)
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}
