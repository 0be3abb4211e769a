//! Waiting until nothing goes on.

use super::census::Census;
use super::diary;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task;

/// Real time, since the test's own may stand still.
const LIMIT: Duration = Duration::from_secs(10);
/// Rounds of the scheduler in which no actor does anything, before they are believed: a task of the test's own may do something else in
/// between, so many times in a row.
const QUIET: usize = 64;
/// Tasks that tokio runs before it wakes those that gave way.
const ROUND: usize = 61;

/// Waits until all actors of the current runtime are idle, without a sleep and without time passing.
///
/// An actor is idle if nothing is left that it can do by itself: its mailbox is empty, or its handler waits, for a timer, for an
/// answer, for something of the test's. So it is also one in a backoff, one whose messages all wait for their guards, and one whose
/// handler is kept open by the test; only time or the test moves them. Tasks of the test's own are let run too.
///
/// On a current-thread runtime that is exact for actors: when it returns, none of them does anything until the test does. (A
/// task of the test's own that gives way more than 64 times in a row, between two things that it does with actors, is not waited for.) On a
/// multi-thread runtime, too, no actor is awake when it returns; but a task of the test's own on another thread may be about to wake one. Work
/// in [`spawn_blocking`](tokio::task::spawn_blocking) and on other threads is not seen: a handler that waits for it counts as idle.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test;
///
/// #[actor]
/// #[derive(Default)]
/// struct Sum(u32);
///
/// #[actor]
/// impl Sum {
///     pub fn count_down(&mut self, ctx: &mut Context<Self>, from: u32) {
///         self.0 += from;
///         if from > 0 {
///             ctx.handle().count_down(from - 1).try_tell().ok();
///         }
///     }
///     pub fn get(&self) -> u32 {
///         self.0
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let sum = Sum::default().spawn();
/// sum.count_down(10).try_tell().unwrap();
/// test::settle().await;
/// assert_eq!(sum.get().await.unwrap(), 55);
/// # }
/// ```
///
/// # Panics
/// Outside a tokio runtime. If they are not idle after ten seconds of real time, or what [`within`](Settle::within) says: with the names of
/// those that are not, and their last messages. In a handler, which is not idle itself.
#[track_caller]
pub fn settle() -> Settle {
    let at = Location::caller();
    let Ok(runtime) = Handle::try_current() else { panic!("`settle` needs a tokio runtime") };
    Settle { limit: LIMIT, at, runtime, run: None }
}

/// See [`settle`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Settle {
    limit: Duration,
    at: &'static Location<'static>,
    runtime: Handle,
    run: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Settle {
    /// Fails after so much real time.
    pub fn within(self, limit: Duration) -> Self {
        Settle { limit, ..self }
    }
}

impl Future for Settle {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Settle { limit, at, runtime, run } = self.get_mut();
        run.get_or_insert_with(|| Box::pin(quiet(*limit, at, runtime.clone()))).as_mut().poll(cx)
    }
}

async fn quiet(limit: Duration, at: &'static Location<'static>, runtime: Handle) {
    let census = Census::of(&runtime);
    let began = Instant::now();
    let mut quiet = 0;
    while quiet < QUIET + runtime.metrics().num_alive_tasks() / ROUND {
        let stirred = census.stirred();
        task::yield_now().await;
        let is_quiet = census.is_idle() && census.stirred() == stirred;
        quiet = if is_quiet { quiet + 1 } else { 0 };
        assert!(
            is_quiet || began.elapsed() < limit,
            "`settle` at {at}: not idle after {limit:?}:{}\n\nlast messages:{}",
            busy(&census),
            diary::tell(&census)
        );
    }
}

/// Who is not idle.
fn busy(census: &Arc<Census>) -> String {
    let awake: Vec<_> = census.actors().into_iter().filter(|shared| !shared.traces.own.is_idle()).collect();
    if awake.is_empty() {
        return "\n  (all are, at this moment)".to_owned();
    }
    awake.iter().map(|shared| format!("\n  {}", diary::describe(shared))).collect()
}

impl fmt::Debug for Settle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settle").field("limit", &self.limit).field("at", &self.at).finish_non_exhaustive()
    }
}
