//! Waiting for something that a test expects, for a time.

use super::census::Census;
use super::diary;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::Sleep;

/// How long a test waits if it does not say.
pub(crate) const LIMIT: Duration = Duration::from_secs(3);

/// Something that is waited for.
pub(crate) trait Event<T> {
    /// Whether it has come; an error is why it never will.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, String>>;

    /// Its time is up.
    fn late(&mut self, within: Duration) -> Result<T, String>;

    /// Those whose last messages are of interest if it fails.
    fn census(&self) -> Option<Arc<Census>>;
}

/// Something that a test expects; it panics if it does not come.
///
/// It waits for three seconds, if [`within`](Self::within) does not say otherwise: of tokio's time, so that with a paused clock it fails as soon
/// as nothing goes on any more that could bring it; of real time where there is no tokio runtime. The panic says what was expected, at which
/// place of the test, what came instead, and the last messages of the actors.
///
/// ```should_panic
/// # use actor_core::prelude::*;
/// # use actor_core::test;
/// # use std::time::Duration;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let (lamp, mut probe) = test::probe::<LampHandle>();
/// lamp.on().try_tell().unwrap();
/// let on = probe.expect().await;
/// // At once, since nothing goes on: "expected a message for Lamp#1, but nothing came within 60s"
/// let second = probe.expect().within(Duration::from_secs(60)).await;
/// # drop((on, second));
/// # }
/// ```
#[must_use = "a future does nothing until it is awaited"]
pub struct Expect<'a, T> {
    event: Box<dyn Event<T> + Send + 'a>,
    limit: Duration,
    alarm: Option<Alarm>,
    at: &'static Location<'static>,
}

impl<'a, T> Expect<'a, T> {
    #[track_caller]
    pub(crate) fn new(event: impl Event<T> + Send + 'a, limit: Duration) -> Self {
        Expect { event: Box::new(event), limit, alarm: None, at: Location::caller() }
    }

    /// Waits for so long.
    pub fn within(self, limit: Duration) -> Self {
        Expect { limit, ..self }
    }
}

impl<T> Future for Expect<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Expect { event, limit, alarm, at } = self.get_mut();
        let result = match event.poll(cx) {
            Poll::Ready(result) => result,
            Poll::Pending if alarm.get_or_insert_with(|| Alarm::after(*limit)).poll(cx).is_pending() => {
                return Poll::Pending;
            }
            // It may have come with the last tick.
            Poll::Pending => match event.poll(cx) {
                Poll::Ready(result) => result,
                Poll::Pending => event.late(*limit),
            },
        };
        match result {
            Ok(value) => Poll::Ready(value),
            Err(failure) => fail(at, &failure, event.census()),
        }
    }
}

impl<T> fmt::Debug for Expect<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expect").field("limit", &self.limit).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Fails the test.
#[track_caller]
pub(crate) fn fail(at: &Location<'_>, failure: &str, census: Option<Arc<Census>>) -> ! {
    let last = census.map(|census| diary::tell(&census)).filter(|last| !last.is_empty());
    match last {
        Some(last) => panic!("at {at}: {failure}\n\nlast messages:{last}"),
        None => panic!("at {at}: {failure}"),
    }
}

/// Of the test's clock; of the real one where there is no runtime.
enum Alarm {
    Tokio(Pin<Box<Sleep>>),
    Real(Instant, Option<Waker>),
    Never,
}

impl Alarm {
    fn after(limit: Duration) -> Self {
        match (Handle::try_current(), Instant::now().checked_add(limit)) {
            (Ok(_), _) => Alarm::Tokio(Box::pin(tokio::time::sleep(limit))),
            (Err(_), Some(until)) => Alarm::Real(until, None),
            (Err(_), None) => Alarm::Never,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Alarm::Never => Poll::Pending,
            Alarm::Tokio(sleep) => sleep.as_mut().poll(cx),
            Alarm::Real(until, known) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Poll::Ready(());
                }
                if known.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
                    *known = Some(cx.waker().clone());
                    let waker = cx.waker().clone();
                    // Nothing else would wake a test that waits in vain.
                    thread::spawn(move || {
                        thread::sleep(left);
                        waker.wake();
                    });
                }
                Poll::Pending
            }
        }
    }
}
