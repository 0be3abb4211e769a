//! One run: all its participants on this thread, one turn at a time, in virtual time.

use super::sealed::Outcome as _;
use super::state::{self, Next, Run, Task};
use super::trace::Trace;
use super::{Outcome, Schedule};
use crate::scope;
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::task::coop;
use tokio::time::{self, Instant, Sleep};

/// Longer than anything waits in a test: if nothing comes before, nothing does.
const FOR_EVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);
/// After so many turns tasks of tokio have theirs.
const BETWEEN: u32 = 64;

/// How a run ended.
pub(super) struct Ended {
    /// What was wrong.
    pub(super) failure: Option<String>,
    pub(super) trace: Trace,
}

/// Runs `body` under `seed`; `silent`, its panics are not printed.
#[track_caller]
pub(super) fn run<F: Future<Output: Outcome>>(
    schedule: &Schedule,
    seed: u64,
    silent: bool,
    body: impl FnOnce() -> F,
) -> Ended {
    assert!(!state::is_on(), "a schedule within a schedule: one thread runs one");
    scope::install_panic_hook();
    let built = Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = match built {
        Ok(runtime) => runtime,
        Err(error) => panic!("a schedule needs a tokio runtime: {error}"),
    };
    // Turns are not limited by tokio: a participant's ends with its poll.
    let drive = || runtime.block_on(coop::unconstrained(drive(schedule, seed, silent, body)));
    // What panics here is a destructor, of a body that was left in the middle.
    let failure =
        panic::catch_unwind(AssertUnwindSafe(drive)).unwrap_or_else(|payload| Some(failed(payload)));
    let trace = state::end().map(|run| run.trace).unwrap_or_default();
    Ended { failure, trace }
}

async fn drive<F: Future<Output: Outcome>>(
    schedule: &Schedule,
    seed: u64,
    silent: bool,
    body: impl FnOnce() -> F,
) -> Option<String> {
    state::begin(Run::new(seed, schedule.patient, silent, Handle::current().id()));
    let failure = {
        // Called here, so that what it does before its first wait is a part of the run.
        let mut body = pin!(async { body().await.failure() });
        let mut timer = pin!(time::sleep(FOR_EVER));
        let mut state = State::Runs;
        let mut failure = poll_fn(|cx| go_on(schedule, &mut state, body.as_mut(), timer.as_mut(), cx)).await;
        if let Some(text) = &mut failure
            && let Some(place) = state::with(|run| run.place.take()).flatten()
        {
            text.push_str("\n  at ");
            text.push_str(&place);
        }
        failure
    };
    while let Some(task) = state::with(Run::close).flatten() {
        // Nobody is left to hear of a panic in a destructor.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(task)));
    }
    failure
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Runs,
    /// Nobody could run, and tasks of tokio have their turn.
    Yields,
    /// Until the first timer.
    Sleeps,
}

/// Turns until nobody can run, or time goes on. Ready: it is over, and what was wrong.
fn go_on(
    schedule: &Schedule,
    state: &mut State,
    mut body: Pin<&mut impl Future<Output = Option<String>>>,
    timer: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
) -> Poll<Option<String>> {
    state::with(Run::look_at_clock);
    let mut before = std::mem::replace(state, State::Runs);
    for _ in 0..BETWEEN {
        let Some(next) = state::with(Run::next) else { return Poll::Ready(None) };
        if state::with(|run| run.steps()).unwrap_or(0) > schedule.steps {
            let waits = state::with(|run| run.told_who_waits()).unwrap_or_default();
            return Poll::Ready(Some(format!("after {} steps it goes on and on:{waits}", schedule.steps)));
        }
        if !matches!(next, Next::Nobody) {
            before = State::Runs;
        }
        match next {
            Next::Body(waker) => {
                let polled = turn(|| body.as_mut().poll(&mut Context::from_waker(&waker)));
                state::with(|run| run.back(0, None));
                match polled {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Ready(failure)) => {
                        state::with(|run| run.place = None);
                        return Poll::Ready(failure);
                    }
                    Err(failure) => return Poll::Ready(Some(failure)),
                }
            }
            Next::Task(number, mut task, waker) => {
                let polled = turn(|| task.as_mut().poll(&mut Context::from_waker(&waker)));
                let task = match polled {
                    Ok(Poll::Pending) => Some(task),
                    Ok(Poll::Ready(())) => {
                        drop_task(task);
                        None
                    }
                    Err(failure) => return Poll::Ready(Some(failure)),
                };
                state::with(|run| run.back(number, task));
            }
            Next::Leap(far) => {
                // Its first poll sets the clock; timers are looked at before this task goes on.
                let _ = pin!(time::advance(far)).poll(cx);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Next::Nobody => return rest(before, state, timer, cx),
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Nobody can run.
fn rest(
    before: State,
    state: &mut State,
    mut timer: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
) -> Poll<Option<String>> {
    if before == State::Yields {
        // Tasks of tokio had their turn, and it changed nothing.
        for settled in state::with(Run::take_settling).unwrap_or_default() {
            // If it fails, it has gone.
            let _ = settled.send(());
        }
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    if state::with(|run| run.has_settling()).unwrap_or(false) {
        *state = State::Yields;
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    if before == State::Sleeps && timer.is_elapsed() {
        let waits = state::with(|run| run.told_who_waits()).unwrap_or_default();
        return Poll::Ready(Some(format!("nobody can go on, and no timer is armed:{waits}")));
    }
    *state = State::Sleeps;
    timer.as_mut().reset(Instant::now() + FOR_EVER);
    let _ = timer.poll(cx);
    if !state::with(|run| run.bells.sleep(cx.waker())).unwrap_or(true) {
        // Another thread came just now.
        cx.waker().wake_by_ref();
    }
    Poll::Pending
}

/// A participant's turn; an error is its panic.
fn turn<T>(poll: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(poll)).map_err(failed)
}

fn failed(payload: Box<dyn Any + Send>) -> String {
    let text = scope::text(&*payload);
    // A payload whose destructor panics is no news.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    state::with(|run| run.note_panic(text.clone()));
    text
}

fn drop_task(task: Task) {
    // What it says on its way out is not what it was for.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(task)));
}
