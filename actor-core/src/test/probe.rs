//! An actor whose messages the test receives.

mod call;
mod events;
mod listener;

use super::census::Census;
use super::expect::{self, Expect, LIMIT};
use super::ground::Ground;
use super::relay::Relay;
use crate::actor::Message;
use crate::cell::Cell;
use crate::engine::Engine;
use crate::handle::ActorHandle;
use crate::raw_handle::RawHandle;
use crate::shared::Shared;
use crate::spawn::{self, Spawn};
use crate::task::Task;
use crate::traces::watched;
pub use call::Call;
use events::{All, Next, Nothing};
use listener::{Held, Listener, Pump, drive};
use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::panic::Location;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TryRecvError};

/// How many messages a failure shows.
const SHOWN: usize = 8;

/// A handle of any type, an actor's or a protocol's, whose messages the test receives, and the test's end of it.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
///
/// #[actor(derive(Debug, PartialEq))]
/// pub trait Bidder {
///     fn beaten(&mut self, best: u32);
///     fn limit(&self) -> u32;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), CallError> {
/// let (bidder, mut probe) = test::probe::<BidderHandle>();
/// bidder.beaten(5).tell().await.unwrap();
/// assert_eq!(probe.expect().await.message(), &BidderMessage::Beaten { best: 5 });
///
/// let limit = bidder.limit().start();
/// probe.expect().await.reply(BidderReply::Limit(7));
/// assert_eq!(limit.await?, 7);
/// # Ok(()) }
/// ```
///
/// See [`Probe`]. The lanes and guards of an actor's messages are not the probe's: it takes all as they come. Their default deadlines count,
/// though not those of a generic actor. Messages of another type do not reach it: those of an actor's generic methods and of its protocols fail
/// with [`CallError::Mock`](crate::CallError::Mock), as those of any mock; [`also`](super::also()) has another probe receive them.
#[track_caller]
pub fn probe<H: ActorHandle>() -> (H, Probe<H::Message>) {
    probe_with(Spawn::new())
}

/// The same, with a name, or on another runtime.
///
/// ```
/// # use actor_core::prelude::*;
/// # use actor_core::test;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// let (lamp, _probe) = test::probe_with::<LampHandle>(Spawn::new().name("hall"));
/// assert_eq!(lamp.name(), Some("hall"));
/// ```
#[track_caller]
pub fn probe_with<H: ActorHandle>(how: Spawn) -> (H, Probe<H::Message>) {
    let ground = Ground::here();
    let how = how.unbounded().or_on(ground.handle());
    let shared = spawn::shared::<Listener<H>>(how, true);
    let (calls, received) = mpsc::unbounded_channel();
    let engine: Box<dyn Engine> = Box::new(Cell::new(Listener::<H> { calls }, Arc::clone(&shared)));
    let relay = Arc::new(Relay::default());
    let task = Arc::new(Mutex::new(Some(Task::resting(Arc::clone(&shared), engine))));
    if ground.is_driven() {
        let pump = Pump { task: Arc::clone(&task), relay: Arc::clone(&relay) };
        drop(shared.runtime.spawn(watched(&shared, pump)));
    }
    let handle = H::from_raw(RawHandle::first(Arc::clone(&shared)));
    let probe = Probe {
        shared,
        task,
        relay,
        calls: received,
        returned: VecDeque::new(),
        seen: VecDeque::new(),
        limit: LIMIT,
        text: |message| message.name().to_owned(),
        ground,
    };
    (handle, probe)
}

/// The test's end of a handle: what is sent to the handle is received here, and answered or not.
///
/// Behind the handle is an actor, so that it can be watched, stopped, registered and given to others. It takes messages at any time, in the order in
/// which they come. A message that the test has not taken waits; when the probe goes, its caller gets [`Dropped`](crate::CallError::Dropped), and the
/// actor ends as stopped: whatever is sent later gets [`NotRunning`](crate::CallError::NotRunning). A [`Call`] that the test has taken can be answered also then.
///
/// Without a tokio runtime it works too; then the actor moves only when the probe is asked for something. So a message to a probe can be
/// looked at in a plain `#[test]`:
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
///
/// #[actor]
/// struct Account {
///     balance: u32,
/// }
///
/// #[actor(derive(Debug, PartialEq))]
/// impl Account {
///     pub fn deposit(&mut self, amount: u32) -> u32 {
///         self.balance += amount;
///         self.balance
///     }
///     pub fn pay(&mut self, to: AccountHandle, amount: u32) {
///         self.balance -= amount;
///         to.deposit(amount).try_tell().ok();
///     }
/// }
///
/// let (bob, mut probe) = test::probe::<AccountHandle>();
/// let mut ann = Account { balance: 10 };
/// ann.pay(bob, 3);
/// assert_eq!(probe.try_expect().unwrap().message(), &AccountMessage::Deposit { amount: 3 });
/// ```
pub struct Probe<M: Message> {
    shared: Arc<Shared>,
    task: Held,
    relay: Arc<Relay>,
    calls: mpsc::UnboundedReceiver<Call<M>>,
    /// Taken out and not wanted yet.
    returned: VecDeque<Call<M>>,
    /// What the test has taken, for a failure's text.
    seen: VecDeque<String>,
    limit: Duration,
    text: fn(&M) -> String,
    ground: Ground,
}

impl<M: Message> Probe<M> {
    /// With failures that show messages whole, and not by name only.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test;
    /// # #[actor] struct Lamp;
    /// # #[actor(derive(Debug))] impl Lamp { pub fn dim(&mut self, to: u32) {} }
    /// let (lamp, probe) = test::probe::<LampHandle>();
    /// let mut probe = probe.debug(); // a failure says `Dim { to: 40 }`, and not `dim`
    /// # drop((lamp, probe.try_expect()));
    /// ```
    #[must_use]
    pub fn debug(mut self) -> Self
    where
        M: Debug,
    {
        self.text = |message| format!("{message:?}");
        self
    }

    /// Waits for so long where nothing else is said, instead of three seconds.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The next message.
    ///
    /// # Panics
    /// When polled: if none comes; see [`Expect`].
    ///
    /// # Cancel safety
    /// Dropped, it takes no message.
    #[track_caller]
    pub fn expect(&mut self) -> Expect<'_, Call<M>> {
        let limit = self.limit;
        Expect::new(Next::new(self, None::<fn(&M) -> bool>), limit)
    }

    /// The next message, which is to be one that `wanted` wants.
    ///
    /// # Panics
    /// When polled: if another one comes, or none; see [`Expect`].
    ///
    /// # Cancel safety
    /// Dropped, it takes no message.
    #[track_caller]
    pub fn expect_that<'a>(&'a mut self, wanted: impl FnMut(&M) -> bool + Send + 'a) -> Expect<'a, Call<M>> {
        let limit = self.limit;
        Expect::new(Next::new(self, Some(wanted)), limit)
    }

    /// The next message that `wanted` wants. Those before it are dropped: their callers get [`Dropped`](crate::CallError::Dropped).
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test;
    /// # use std::time::Duration;
    /// # #[actor] struct Lamp;
    /// # #[actor(derive(Debug, PartialEq))] impl Lamp { pub fn on(&mut self) {} pub fn dim(&mut self, to: u32) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let (lamp, mut probe) = test::probe::<LampHandle>();
    /// lamp.on().try_tell().unwrap();
    /// lamp.dim(40).try_tell().unwrap();
    /// let dimmed = probe.fish_for(|message| *message == LampMessage::Dim { to: 40 }).await;
    /// # assert!(dimmed.is_tell());
    /// # }
    /// ```
    ///
    /// # Panics
    /// When polled: if none comes; see [`Expect`].
    ///
    /// # Cancel safety
    /// Dropped, it has dropped those that it skipped.
    #[track_caller]
    pub fn fish_for<'a>(&'a mut self, wanted: impl FnMut(&M) -> bool + Send + 'a) -> Expect<'a, Call<M>> {
        let limit = self.limit;
        Expect::new(Next::new(self, Some(wanted)).skipping(), limit)
    }

    /// The next messages, of these names, in whatever order they come; they are given in the order of the names.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} pub fn off(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let (lamp, mut probe) = test::probe::<LampHandle>();
    /// lamp.off().try_tell().unwrap();
    /// lamp.on().try_tell().unwrap();
    /// let [on, off] = probe.expect_all(["on", "off"]).await;
    /// # assert_eq!((on.name(), off.name()), ("on", "off"));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When polled: if one of another name comes, or one of them does not; see [`Expect`].
    ///
    /// # Cancel safety
    /// Dropped, it takes no message.
    #[track_caller]
    pub fn expect_all<'a, const N: usize>(&'a mut self, names: [&'a str; N]) -> Expect<'a, [Call<M>; N]> {
        let limit = self.limit;
        Expect::new(All::new(self, names), limit)
    }

    /// The next message if it has come already.
    #[must_use = "it takes the message"]
    pub fn try_expect(&mut self) -> Option<Call<M>> {
        let call = self.look().ok()?;
        self.remember(&call);
        Some(call)
    }

    /// Nothing has come that was not taken. Best after [`settle`](super::settle()).
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let (lamp, mut probe) = test::probe::<LampHandle>();
    /// test::settle().await;
    /// probe.expect_none();
    /// # drop(lamp);
    /// # }
    /// ```
    ///
    /// # Panics
    /// If something has.
    #[track_caller]
    pub fn expect_none(&mut self) {
        if let Ok(call) = self.look() {
            let failure = format!("expected nothing, but {}", self.came(&call));
            expect::fail(Location::caller(), &failure, self.census());
        }
    }

    /// Nothing comes for so long, and nothing has come that was not taken. With a paused clock it takes no time.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test;
    /// # use std::time::Duration;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let (lamp, mut probe) = test::probe::<LampHandle>();
    /// lamp.on().try_tell().unwrap();
    /// probe.expect().await.reply(LampReply::On(()));
    /// probe.expect_none_within(Duration::from_secs(3600)).await; // takes no time
    /// # drop(lamp);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When polled: if something comes; see [`Expect`].
    #[track_caller]
    pub fn expect_none_within(&mut self, time: Duration) -> Expect<'_, ()> {
        Expect::new(Nothing(self), time)
    }

    fn drive(&self) {
        let _entered = (!self.ground.is_driven()).then(|| self.ground.handle().enter());
        // Whether it is over is seen where its messages come.
        let _ = drive(&self.task, &self.relay);
    }

    fn look(&mut self) -> Result<Call<M>, TryRecvError> {
        self.drive();
        self.returned.pop_front().map_or_else(|| self.calls.try_recv(), Ok)
    }

    fn poll_call(&mut self, cx: &mut Context<'_>) -> Poll<Result<Call<M>, String>> {
        if !self.ground.is_driven() {
            self.relay.listen(cx.waker());
        }
        self.drive();
        if let Some(call) = self.returned.pop_front() {
            return Poll::Ready(Ok(call));
        }
        self.calls.poll_recv(cx).map(|call| {
            let ended = || {
                let why =
                    self.shared.reason().map_or_else(|| "ended".to_owned(), |reason| reason.to_string());
                format!("but nothing more can come, since its actor has ended: {why}{}", self.before())
            };
            call.ok_or_else(ended)
        })
    }

    fn remember(&mut self, call: &Call<M>) {
        if self.seen.len() >= SHOWN {
            self.seen.pop_front();
        }
        self.seen.push_back(call.text(self.text));
    }

    /// What came instead of what was wanted.
    fn came(&self, call: &Call<M>) -> String {
        format!("{} came{}", call.text(self.text), self.before())
    }

    /// What came before.
    fn before(&self) -> String {
        match self.seen.is_empty() {
            true => String::new(),
            false => format!("\n\nbefore:\n  {}", Vec::from(self.seen.clone()).join("\n  ")),
        }
    }

    fn label(&self) -> Arc<str> {
        self.shared.label()
    }

    fn census(&self) -> Option<Arc<Census>> {
        Some(Arc::clone(self.shared.traces.own.census()))
    }
}

impl<M: Message> Drop for Probe<M> {
    fn drop(&mut self) {
        self.shared.stop();
        self.drive();
    }
}

impl<M: Message> Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("id", &self.shared.id).field("seen", &self.seen).finish_non_exhaustive()
    }
}
