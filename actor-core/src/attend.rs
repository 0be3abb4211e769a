//! A handler as its actor polls it: its panic is caught, and a kill cuts it off.

use crate::engine::Outcome;
use crate::exit::Panicked;
use crate::frame;
use crate::scope;
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::Poll;

/// Why a handler did not return.
pub(crate) enum Cut {
    Panicked(Box<dyn Any + Send>),
    /// What it served panicked.
    Broken(Panicked),
    Killed,
}

/// What came of a handler, where it did return.
pub(crate) fn returned<T>(result: Result<T, Cut>, returned: impl FnOnce(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => returned(value),
        Err(cut) => Outcome::cut(cut),
    }
}

impl Outcome {
    pub(crate) fn cut(cut: Cut) -> Self {
        match cut {
            Cut::Panicked(payload) => Outcome::Panicked(scope::panicked(payload)),
            Cut::Broken(panicked) => Outcome::Panicked(panicked),
            Cut::Killed => Outcome::Killed,
        }
    }
}

/// Polls a handler so that neither a panic nor a kill takes the engine with it.
///
/// It lies with whoever calls this: what an `async fn` is given and then pins has two places in its future, and each of them is copied.
pub(crate) fn attend<F: Future>(
    mut handler: Pin<&mut Option<F>>,
) -> impl Future<Output = Result<F::Output, Cut>> {
    poll_fn(move |cx| {
        let Some(running) = handler.as_mut().as_pin_mut() else { return Poll::Ready(Err(Cut::Killed)) };
        let cut = if frame::is_killed() {
            Cut::Killed
        } else {
            match panic::catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
                Ok(poll) => match scope::take_broken() {
                    None => return poll.map(Ok),
                    Some(panicked) => Cut::Broken(panicked),
                },
                Err(payload) => Cut::Panicked(payload),
            }
        };
        scope::cut(|| handler.set(None));
        Poll::Ready(Err(cut))
    })
}
