//! A panic is the actor's, wherever it happens; the caller's task survives it.

use crate::kit::{Log, Way};
use actor_core::prelude::*;
use std::panic::panic_any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Wake, Waker};

#[actor]
struct Fuse {
    log: Log,
}

impl Drop for Fuse {
    fn drop(&mut self) {
        self.log.push("dropped");
    }
}

#[actor]
impl Fuse {
    #[on_stop]
    fn on_stop(&mut self) {
        self.log.push("on_stop");
    }
    pub fn burst(&mut self, text: String) -> u32 {
        panic!("{text}");
    }
    pub async fn burst_at_once(&mut self) -> u32 {
        panic!("at once");
    }
    pub async fn burst_later(&mut self) -> u32 {
        tokio::task::yield_now().await;
        panic!("later");
    }
    pub async fn last(self) -> u32 {
        panic!("at last");
    }
    pub fn oddly(&mut self) {
        panic_any(5_u32);
    }
    pub fn caught(&mut self) -> u32 {
        std::panic::catch_unwind(|| panic!("inside")).map_or(3, |()| 4)
    }
    pub async fn ask_and_unwrap(&mut self, other: FuseHandle) -> u32 {
        other.burst("below".to_owned()).await.unwrap()
    }
    pub async fn ask(&mut self, other: FuseHandle) -> bool {
        matches!(other.burst("below".to_owned()).await, Err(CallError::Interrupted(ExitReason::Panicked(_))))
    }
}

fn fuse(way: Way) -> (FuseHandle, Log) {
    let log = Log::default();
    (Fuse { log: log.clone() }.spawn_with(way.spawn()), log)
}

fn text<T>(answer: Result<T, CallError>) -> (String, Option<String>) {
    match answer {
        Err(CallError::Interrupted(ExitReason::Panicked(panic))) => {
            (panic.text().to_owned(), panic.message().map(str::to_owned))
        }
        Err(other) => panic!("not a panic: {other}"),
        Ok(_) => panic!("not a panic"),
    }
}

async fn the_caller_and_stopped_hear_message_text_and_place(way: Way) {
    let (fuse, log) = fuse(way);
    let line = line!() - 39;
    let error = fuse.burst("boom".to_owned()).await.unwrap_err();
    let CallError::Interrupted(ExitReason::Panicked(heard)) = error else { panic!("{error}") };
    let ExitReason::Panicked(seen) = fuse.stopped().await else { panic!("it panicked") };
    for panic in [heard, seen] {
        assert_eq!((panic.text(), panic.message()), ("boom", Some("burst")));
        let place = panic.location().unwrap();
        assert!(place.file().ends_with("conformance/panics.rs"));
        assert!(place.line() > 20 && place.line() < line && place.column() > 0);
        assert_eq!(panic.to_string(), format!("panicked in `burst` at {place}: boom"));
    }
    assert_eq!(log.all(), ["dropped"]);
}

async fn an_async_one_is_the_same_before_and_after_its_first_wait(way: Way) {
    let (first, _) = fuse(way);
    assert_eq!(text(first.burst_at_once().await), ("at once".to_owned(), Some("burst_at_once".to_owned())));
    let (second, _) = fuse(way);
    assert_eq!(text(second.burst_later().await), ("later".to_owned(), Some("burst_later".to_owned())));
    let (third, _) = fuse(way);
    assert_eq!(text(third.last().await), ("at last".to_owned(), Some("last".to_owned())));
    for (fuse, log) in [(first, "at once"), (second, "later"), (third, "at last")] {
        assert!(matches!(fuse.stopped().await, ExitReason::Panicked(panic) if panic.text() == log));
    }
}

async fn the_callers_task_survives(way: Way) {
    let (fuse, _) = fuse(way);
    let task = tokio::spawn(async move {
        let _ = fuse.burst("boom".to_owned()).await;
        assert!(!std::thread::panicking());
        fuse.burst("again".to_owned()).await.is_err_and(|error| error.never_ran())
    });
    assert!(task.await.unwrap());
}

async fn a_payload_that_is_no_text_is_a_panic_too(way: Way) {
    let (fuse, _) = fuse(way);
    let (text, message) = text(fuse.oddly().await);
    assert!(!text.is_empty());
    assert_eq!(message.as_deref(), Some("oddly"));
}

async fn one_that_the_handler_catches_is_none(way: Way) {
    let (fuse, _) = fuse(way);
    assert_eq!(fuse.caught().await.unwrap(), 3);
    assert_eq!(fuse.caught().await.unwrap(), 3);
    assert!(fuse.is_running());
}

async fn one_below_ends_only_the_one_below(way: Way) {
    let ((above, _), (below, _)) = (fuse(way), fuse(way));
    assert!(above.ask(below.clone()).await.unwrap());
    assert!(matches!(below.stopped().await, ExitReason::Panicked(panic) if panic.text() == "below"));
    assert!(above.is_running());
    assert_eq!(above.caught().await.unwrap(), 3);
}

async fn an_unwrap_of_it_ends_the_one_above_under_its_own_name(way: Way) {
    let ((above, _), (below, _)) = (fuse(way), fuse(way));
    let (heard, message) = text(above.ask_and_unwrap(below.clone()).await);
    assert!(heard.contains("below"), "{heard}");
    assert_eq!(message.as_deref(), Some("ask_and_unwrap"));
    let ExitReason::Panicked(panic) = below.stopped().await else { panic!("it panicked") };
    assert_eq!(panic.message(), Some("burst"));
}

async fn the_panic_of_a_tell_is_heard_by_stopped(way: Way) {
    let (fuse, log) = fuse(way);
    fuse.burst("told".to_owned()).tell().await.unwrap();
    assert!(matches!(fuse.stopped().await, ExitReason::Panicked(panic) if panic.text() == "told"));
    assert_eq!(log.all(), ["dropped"]);
}

/// A caller whose waker panics, which takes the task along that wakes it.
struct Mine;

impl Wake for Mine {
    fn wake(self: Arc<Self>) {
        panic!("woken");
    }
}

async fn a_waker_that_panics_leaves_nobody_waiting(way: Way) {
    let (fuse, log) = fuse(way);
    // Whoever comes behind this is queued.
    fuse.caught().try_tell().unwrap();
    let mut asked = fuse.caught();
    let poll = Pin::new(&mut asked).poll(&mut std::task::Context::from_waker(&Waker::from(Arc::new(Mine))));
    assert!(poll.is_pending());
    let behind = fuse.caught().start();
    let answer = behind.await;
    assert!(matches!(answer, Ok(3) | Err(CallError::NotRunning)), "{answer:?}");
    fuse.stop();
    fuse.stopped().await;
    assert!(fuse.caught().await.unwrap_err().never_ran());
    assert_eq!(log.count("dropped"), 1);
    drop(asked);
}

four_ways!(
    a_waker_that_panics_leaves_nobody_waiting,
    the_caller_and_stopped_hear_message_text_and_place,
    an_async_one_is_the_same_before_and_after_its_first_wait,
    the_callers_task_survives,
    a_payload_that_is_no_text_is_a_panic_too,
    one_that_the_handler_catches_is_none,
    one_below_ends_only_the_one_below,
    an_unwrap_of_it_ends_the_one_above_under_its_own_name,
    the_panic_of_a_tell_is_heard_by_stopped,
);
