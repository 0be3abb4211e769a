//! What a test expects of an actor's life.

use super::census::Census;
use super::diary;
use super::expect::{Event, Expect, LIMIT};
use crate::exit::ExitReason;
use crate::handle::ActorHandle;
use crate::shared::Shared;
use crate::stopped::Stopped;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::futures::OwnedNotified;

/// Waits for the end of an actor, for a reason that `wanted` wants: the reason.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
///
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) { panic!("burnt out") } }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let lamp = Lamp.spawn();
/// lamp.on().try_tell().unwrap();
/// let reason = test::expect_exit(&lamp, |reason| matches!(reason, ExitReason::Panicked(_))).await;
/// assert!(reason.to_string().ends_with("burnt out"));
/// # }
/// ```
///
/// # Panics
/// When polled: if it ends for another reason, or does not end within three seconds; see [`Expect`].
#[track_caller]
pub fn expect_exit<'a>(
    handle: &impl ActorHandle,
    wanted: impl FnOnce(&ExitReason) -> bool + Send + 'a,
) -> Expect<'a, ExitReason> {
    let shared = Arc::clone(handle.raw().shared());
    let stopped = Stopped::new(Arc::clone(&shared));
    Expect::new(Ends { shared, stopped, wanted: Some(wanted), what: "to end as the test wants it" }, LIMIT)
}

/// Waits for an actor's end as it should be, [`Stopped`](ExitReason::Stopped) or [`Finished`](ExitReason::Finished).
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
///
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let lamp = Lamp.spawn();
/// lamp.stop();
/// test::assert_stopped(&lamp).await;
/// # }
/// ```
///
/// # Panics
/// When polled: if it ends for another reason, or does not end within three seconds; see [`Expect`].
#[track_caller]
pub fn assert_stopped(handle: &impl ActorHandle) -> Expect<'static, ()> {
    let shared = Arc::clone(handle.raw().shared());
    let stopped = Stopped::new(Arc::clone(&shared));
    let wanted = Some(ExitReason::is_normal);
    Expect::new(Discard(Ends { shared, stopped, wanted, what: "to end as it should" }), LIMIT)
}

struct Ends<F> {
    shared: Arc<Shared>,
    stopped: Stopped,
    wanted: Option<F>,
    what: &'static str,
}

impl<F: FnOnce(&ExitReason) -> bool> Event<ExitReason> for Ends<F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ExitReason, String>> {
        Pin::new(&mut self.stopped).poll(cx).map(|reason| {
            let is_wanted = self.wanted.take().is_none_or(|wanted| wanted(&reason));
            let failure = || format!("expected {} {}, but: {reason}", self.shared.label(), self.what);
            if is_wanted { Ok(reason) } else { Err(failure()) }
        })
    }

    fn late(&mut self, within: Duration) -> Result<ExitReason, String> {
        let who = self.shared.label();
        Err(format!("expected {who} {}, but it has not ended within {within:?}", self.what))
    }

    fn census(&self) -> Option<Arc<Census>> {
        Some(Arc::clone(self.shared.traces.own.census()))
    }
}

/// An event that gives nothing.
struct Discard<E>(E);

impl<F: FnOnce(&ExitReason) -> bool> Event<()> for Discard<Ends<F>> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        self.0.poll(cx).map_ok(drop)
    }

    fn late(&mut self, within: Duration) -> Result<(), String> {
        self.0.late(within).map(drop)
    }

    fn census(&self) -> Option<Arc<Census>> {
        self.0.census()
    }
}

/// How often an actor has been made anew.
///
/// ```
/// # use actor_core::prelude::*;
/// # use actor_core::{Supervise, test};
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) { panic!("burnt out") } }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let lamp = Lamp::supervised(Supervise::permanent(), || Lamp);
/// lamp.on().await.unwrap_err();
/// test::settle().await;
/// assert_eq!(test::restarts(&lamp), 1);
/// # }
/// ```
#[must_use]
pub fn restarts(handle: &impl ActorHandle) -> u64 {
    handle.raw().shared().traces.restarts()
}

/// Waits until an actor has been made anew so many times in its life, not more.
///
/// With a paused clock its backoff takes no time.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::{Backoff, Supervise, test};
/// use std::time::Duration;
///
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) { panic!("burnt out") } }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let backoff = Backoff::exponential(Duration::from_secs(1), Duration::from_secs(60));
/// let lamp = Lamp::supervised(Supervise::permanent().backoff(backoff), || Lamp);
/// lamp.on().try_tell().unwrap();
/// test::assert_restarts(&lamp, 1).await;
/// # }
/// ```
///
/// # Panics
/// When polled: if it has been made anew more often, if it ends before, or if it does not happen within three seconds; see [`Expect`].
#[track_caller]
pub fn assert_restarts(handle: &impl ActorHandle, times: u64) -> Expect<'static, ()> {
    let shared = Arc::clone(handle.raw().shared());
    let stopped = Stopped::new(Arc::clone(&shared));
    Expect::new(Rises { shared, stopped, times, news: None }, LIMIT)
}

struct Rises {
    shared: Arc<Shared>,
    stopped: Stopped,
    times: u64,
    news: Option<Pin<Box<OwnedNotified>>>,
}

impl Rises {
    fn failure(&self, but: &str) -> String {
        let (who, times) = (self.shared.label(), self.times);
        format!("expected {who} to be made anew {times} times, but {but}: {}", diary::describe(&self.shared))
    }
}

impl Event<()> for Rises {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        loop {
            // Before the look, so that nothing is missed in between.
            let news = self
                .news
                .get_or_insert_with(|| Box::pin(Arc::clone(&self.shared.traces.news).notified_owned()));
            let has_changed = news.as_mut().poll(cx).is_ready();
            let times = self.shared.traces.restarts();
            if times > self.times {
                return Poll::Ready(Err(self.failure("it has been more often")));
            }
            if times == self.times {
                return Poll::Ready(Ok(()));
            }
            if Pin::new(&mut self.stopped).poll(cx).is_ready() {
                return Poll::Ready(Err(self.failure("it has ended")));
            }
            if !has_changed {
                return Poll::Pending;
            }
            self.news = None;
        }
    }

    fn late(&mut self, within: Duration) -> Result<(), String> {
        Err(self.failure(&format!("it has not within {within:?}")))
    }

    fn census(&self) -> Option<Arc<Census>> {
        Some(Arc::clone(self.shared.traces.own.census()))
    }
}
