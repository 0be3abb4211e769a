//! Handles: how actors are reached.

use crate::actor::Message;
use crate::error::CallError;
use crate::from_fn::{self, Caller};
use crate::id::ActorId;
use crate::raw_handle::RawHandle;
use crate::request::Request;
use crate::route::{AnyRoute, Route};
use crate::spawn::Spawn;
use crate::stopped::Stopped;
use crate::transport::{self, Transport};
use crate::weak_handle::WeakHandle;
use std::any::TypeId;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// A type around a [`RawHandle`]. `#[actor]` on a struct writes it; a handle by hand implements it and [`ActorHandle`].
pub trait Handle: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static {
    /// The handle inside.
    fn raw(&self) -> &RawHandle;

    /// Wraps it. A handle around another kind of actor is one of an actor that does not run.
    fn from_raw(raw: RawHandle) -> Self;
}

/// What every handle can do besides sending its actor's messages.
///
/// All of it takes `&self`, so that a message of the same name wins: with a message `stop`, `handle.stop()` is that message and
/// `ActorHandle::stop(&handle)` the operation.
pub trait ActorHandle: Handle {
    /// The actor's messages.
    type Message: Message;

    /// The actor's identity, equal for all its handles.
    fn id(&self) -> ActorId {
        self.raw().shared().id
    }

    /// The name it was spawned with: a label, not unique.
    fn name(&self) -> Option<&str> {
        self.raw().shared().name.as_deref()
    }

    /// Whether it has not ended yet. One that was asked to end runs until it has.
    ///
    /// One that is [elsewhere](Self::from_transport) has ended when that was heard; whoever asks wants to hear it from then on.
    fn is_running(&self) -> bool {
        self.raw().shared().ask_after();
        self.raw().shared().is_running()
    }

    /// A request of any message, with the actor's reply type: what routers, recorders and tests are written with.
    fn ask(&self, message: Self::Message) -> Request<'_, Self::Message, <Self::Message as Message>::Reply> {
        Request::by(self.raw(), self.route(), message, |reply| Some(Ok(reply)))
    }

    /// How its messages reach the actor, if they are not the actor's own: a protocol's handle has a route.
    #[doc(hidden)]
    fn route(&self) -> Option<&'static Route<Self::Message>> {
        None
    }

    /// The route that it holds: that of the protocol that its own extends, or of the one that this one extends.
    #[doc(hidden)]
    fn first(&self) -> Option<AnyRoute> {
        self.route().map(|route| route as AnyRoute)
    }

    /// The handle with that route.
    #[doc(hidden)]
    #[must_use]
    fn by_first(self, route: Option<AnyRoute>) -> Self {
        let _ = route;
        self
    }

    /// Asks it to end: what is queued is handled, those who wait for room and whatever comes later get `NotRunning`.
    ///
    /// Returns at once, from any thread; more than once is no different from once. [`stopped`](Self::stopped) waits for the end.
    fn stop(&self) {
        self.raw().shared().stop();
    }

    /// Asks it to end, and kills it if it has not ended after `grace`. Of several the earliest counts; `Duration::MAX` is no limit.
    fn stop_within(&self, grace: Duration) {
        self.raw().shared().stop_within(grace);
    }

    /// Ends it: an `async` handler is cut off at its next await, a plain one returns first; nothing that is queued runs, nor does `on_stop`.
    ///
    /// Returns at once, from any thread; more than once is no different from once.
    fn kill(&self) {
        self.raw().shared().kill();
    }

    /// Resolves to the reason when it has ended: its state has been dropped and every caller answered. Also after the end.
    fn stopped(&self) -> Stopped {
        self.raw().shared().ask_after();
        Stopped::new(Arc::clone(self.raw().shared()))
    }

    /// A handle that does not keep it alive.
    fn downgrade(&self) -> WeakHandle<Self> {
        WeakHandle::of(self)
    }

    /// The handle of the actor itself, from one of a protocol: `None` if it is another kind of actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// trait Speaker {
    ///     fn say(&self) -> String;
    /// }
    ///
    /// #[actor]
    /// struct Dog;
    ///
    /// #[actor]
    /// impl Dog {
    ///     pub fn fetch(&self) -> u32 { 1 }
    /// }
    ///
    /// impl Speaker for Dog {
    ///     fn say(&self) -> String { "woof".into() }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let speaker = SpeakerHandle::from(Dog.spawn());
    /// assert_eq!(speaker.say().await?, "woof");
    /// let dog: DogHandle = speaker.downcast().expect("a dog");
    /// assert_eq!(dog.fetch().await?, 1);
    /// # Ok(()) }
    /// ```
    fn downcast<H: ActorHandle + ConcreteHandle>(&self) -> Option<H> {
        // A handle's type and its actor's messages go together.
        let is_one = self.raw().shared().inlet().messages() == TypeId::of::<H::Message>();
        is_one.then(|| H::from_raw(self.raw().clone()))
    }

    /// A handle of an actor that answers each message by what `answer` makes of it: a mock, for whoever needs a neighbour in a test.
    ///
    /// It is an actor in all else: it can be told, stopped, killed, watched and registered. `answer` is called once for each message, in
    /// order of arrival; the futures that it gives run beside each other, any number of them, in the mock's own task. So an answer that
    /// comes late keeps no other waiting. The actor's default deadlines count as they do for the actor itself, unless it is generic.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Bank {
    ///     total: u64,
    /// }
    ///
    /// #[actor]
    /// impl Bank {
    ///     /// Notes `amount`, and says how much that is in all.
    ///     pub fn note(&mut self, amount: u64) -> u64 {
    ///         self.total += amount;
    ///         self.total
    ///     }
    ///     pub fn audit(&self) -> String {
    ///         "a real bank".into()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let bank = BankHandle::from_fn(|message| async move {
    ///     match message {
    ///         BankMessage::Note { amount } => BankReply::Note(1000 + amount),
    ///         BankMessage::Audit => BankReply::Audit("a mock".into()),
    ///     }
    /// });
    /// assert_eq!(bank.note(5).await?, 1005);
    /// assert_eq!(bank.audit().await?, "a mock");
    /// # Ok(()) }
    /// ```
    ///
    /// # How it ends
    /// As an actor whose messages are all `concurrent`: on [`stop`](Self::stop) it answers what is queued and what has begun, on
    /// [`kill`](Self::kill) neither, and when the last handle has gone and all is answered it ends too. A panic in `answer` or in one of its
    /// futures ends it, and interrupts all that has begun.
    ///
    /// # Errors
    /// Calls through it fail as [`CallError::Mock`] where `answer` gives the reply of another message, and for messages that it cannot get: those
    /// of generic methods, of protocols if this is a handle of an actor, and of the protocol that its own extends. A mock of a protocol's handle
    /// gets that protocol's; `actor_core::test::also` gives it others.
    ///
    /// # Where it runs
    /// On the current tokio runtime; where there is none, on a thread that all such mocks share, so that a test that needs no runtime has
    /// none: [`blocking`](crate::Request::blocking) calls it, and so does any executor.
    ///
    /// # Panics
    /// Outside a tokio runtime if such a thread cannot be started.
    #[track_caller]
    fn from_fn<F, R>(mut answer: F) -> Self
    where
        F: FnMut(Self::Message) -> R + Send + 'static,
        R: Future<Output = <Self::Message as Message>::Reply> + Send + 'static,
    {
        from_fn::spawn(Spawn::new(), move |message, _| {
            let reply = answer(message);
            async { Ok(reply.await) }
        })
    }

    /// The same with a function that sees who asks and may fail in any way that a call can, answer late, or [never](Caller::never).
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use std::time::Duration;
    ///
    /// #[actor]
    /// struct Bank;
    ///
    /// #[actor]
    /// impl Bank {
    ///     pub fn note(&mut self, amount: u64) -> u64 { amount }
    ///     pub fn audit(&self) -> bool { true }
    ///     pub fn close(&mut self) {}
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let bank = BankHandle::from_calls(|message, caller| async move {
    ///     match message {
    ///         BankMessage::Note { amount } => {
    ///             tokio::time::sleep(Duration::from_secs(1)).await; // late
    ///             Ok(BankReply::Note(amount))
    ///         }
    ///         BankMessage::Audit => Err(CallError::NotRunning),
    ///         BankMessage::Close => caller.never().await,
    ///     }
    /// });
    /// assert_eq!(bank.note(5).await.unwrap(), 5);
    /// let late = bank.note(5).timeout(Duration::from_millis(50)).await;
    /// assert!(matches!(late, Err(CallError::TimedOut { started: true })));
    /// assert!(matches!(bank.audit().await, Err(CallError::NotRunning)));
    /// let close = bank.close().timeout(Duration::from_secs(60)).await;
    /// assert!(matches!(close, Err(CallError::TimedOut { .. })));
    /// # }
    /// ```
    ///
    /// An answer goes on though its caller has gone, as a handler does; it sees that by [`is_gone`](Caller::is_gone) and
    /// [`cancelled`](Caller::cancelled). [`pass`](Caller::pass) asks another actor as long as the caller waits.
    ///
    /// What it says is passed on as it is: [`never_ran`](CallError::never_ran) is the promise of whoever writes it.
    ///
    /// # Panics
    /// As [`from_fn`](Self::from_fn).
    #[track_caller]
    fn from_calls<F, R>(answer: F) -> Self
    where
        F: FnMut(Self::Message, Caller) -> R + Send + 'static,
        R: Future<Output = Result<<Self::Message as Message>::Reply, CallError>> + Send + 'static,
    {
        from_fn::spawn(Spawn::new(), answer)
    }

    /// A handle of an actor that is somewhere else, on another machine or in another process: what it is sent goes by `transport`.
    ///
    /// It is an actor here, a proxy, whose messages run beside each other, any number of them; so all that handles can do works with it. Its end is the
    /// end of the way, not of the actor there: [`stop`](Self::stop) and [`kill`](Self::kill) end this one alone, and it ends too when
    /// the last handle has gone, or for the same reason when [`Transport::ended`] says that the other one has, which is asked when somebody here
    /// [watches](crate::Context::watch) it, waits for its [end](Self::stopped) or asks whether it [runs](Self::is_running). [`tell`](Request::tell) waits for
    /// the transport's receipt; [`try_tell`](Request::try_tell), timers and streams do not. The kind's default deadlines count.
    ///
    /// # Errors
    /// What the transport says; and [`RemoteError::NotData`](crate::RemoteError::NotData) for messages that are no data: those of generic methods,
    /// and of protocols if this is a handle of an actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use actor_core::{BoxFuture, Caller, Transport};
    ///
    /// #[actor]
    /// struct Bank;
    ///
    /// #[actor]
    /// impl Bank {
    ///     pub fn note(&mut self, amount: u64) -> u64 { amount }
    /// }
    ///
    /// /// To a machine that doubles.
    /// struct Doubling;
    ///
    /// impl Transport<BankMessage> for Doubling {
    ///     fn call(&self, message: BankMessage, _: Caller) -> BoxFuture<Result<BankReply, CallError>> {
    ///         let BankMessage::Note { amount } = message;
    ///         Box::pin(async move { Ok(BankReply::Note(2 * amount)) })
    ///     }
    ///     fn tell(&self, _: &BankMessage) -> BoxFuture<Result<(), TellError<()>>> {
    ///         Box::pin(async { Err(TellError::Full(())) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let bank = BankHandle::from_transport(Spawn::new(), Doubling);
    /// assert_eq!(bank.note(4).await?, 8);
    /// let Err(TellError::Full(BankMessage::Note { amount: 5 })) = bank.note(5).tell().await else { panic!() };
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime, unless `how` names one.
    #[track_caller]
    fn from_transport(how: Spawn, transport: impl Transport<Self::Message>) -> Self {
        transport::spawn(how, transport)
    }

    /// The default deadline of a call of `message`, which mocks keep.
    #[doc(hidden)]
    fn timeout_of(message: &Self::Message) -> Option<fn() -> Duration> {
        let _ = message;
        None
    }

    /// Mentions the methods that send messages. One that nobody calls is no dead code: its message may be sent by its variant.
    #[doc(hidden)]
    fn mention() {}
}

/// The handle of one kind of actor, as opposed to one of a protocol, which leads to any kind that implements it.
///
/// `#[actor]` on a struct writes this implementation. A handle by hand that has it converts into the handles of all protocols that its
/// actor implements.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the handle of one kind of actor",
    label = "leads to actors of several kinds, or is no handle",
    note = "the handle of a protocol is made from an actor's own handle, the one that `spawn` gives"
)]
pub trait ConcreteHandle: Handle {
    /// The actor.
    type Actor: ?Sized;
}
