//! Helpers of the cases: the ways they run, a hard limit of time, a gate that holds handlers, an event log.

use actor_core::prelude::*;
use std::future::Future;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Generous, for a machine that does other things too.
const LIMIT: Duration = Duration::from_secs(30);

/// How the actors of a case are set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) direct: bool,
}

impl Way {
    pub(crate) fn spawn(self) -> Spawn {
        Spawn::new().direct(self.direct)
    }
}

/// Two tests of each function `async fn(Way)`, on a current-thread runtime.
macro_rules! both_ways {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        use crate::kit::{Way, limited, one_thread};
        #[test]
        fn direct() {
            limited(|| one_thread().block_on(super::$name(Way { direct: true })));
        }
        #[test]
        fn queued() {
            limited(|| one_thread().block_on(super::$name(Way { direct: false })));
        }
    })+ };
}

/// The same with a clock that stands still and leaps when all wait.
macro_rules! both_ways_paused {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        use crate::kit::{Way, limited, paused};
        #[test]
        fn direct() {
            limited(|| paused().block_on(super::$name(Way { direct: true })));
        }
        #[test]
        fn queued() {
            limited(|| paused().block_on(super::$name(Way { direct: false })));
        }
    })+ };
}

/// The same on a current-thread and a multi-thread runtime.
macro_rules! four_ways {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        use crate::kit::{Way, limited, one_thread, two_threads};
        #[test]
        fn direct_one_thread() {
            limited(|| one_thread().block_on(super::$name(Way { direct: true })));
        }
        #[test]
        fn queued_one_thread() {
            limited(|| one_thread().block_on(super::$name(Way { direct: false })));
        }
        #[test]
        fn direct_two_threads() {
            limited(|| two_threads().block_on(super::$name(Way { direct: true })));
        }
        #[test]
        fn queued_two_threads() {
            limited(|| two_threads().block_on(super::$name(Way { direct: false })));
        }
    })+ };
}

/// Two tests of each function `fn(Way)`, on a plain thread.
macro_rules! both_ways_outside {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        use crate::kit::{Way, limited};
        #[test]
        fn direct() {
            limited(|| super::$name(Way { direct: true }));
        }
        #[test]
        fn queued() {
            limited(|| super::$name(Way { direct: false }));
        }
    })+ };
}

/// Runs a case, and ends the process if it takes too long: where a thread blocks, no async timeout can fire.
pub(crate) fn limited<T>(case: impl FnOnce() -> T) -> T {
    let (disarm, armed) = mpsc::channel::<()>();
    let name = std::thread::current().name().unwrap_or("case").to_owned();
    std::thread::spawn(move || {
        if armed.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            // Not by `eprintln`, whose output would be captured and lost.
            let _ = writeln!(std::io::stderr(), "HANG: {name}");
            std::process::exit(101);
        }
    });
    let result = case();
    drop(disarm);
    result
}

pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

pub(crate) fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub(crate) const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Lets every other task of this thread run as far as it can, without time passing.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Waits until `ready` holds, without time passing.
pub(crate) async fn until(mut ready: impl FnMut() -> bool) {
    while !ready() {
        tokio::task::yield_now().await;
    }
}

/// The same on a plain thread.
pub(crate) fn until_blocking(mut ready: impl FnMut() -> bool) {
    while !ready() {
        std::thread::sleep(ms(1));
    }
}

/// Polls a future once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match futures::poll!(future) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, event: impl ToString) {
        self.0.lock().unwrap().push(event.to_string());
    }
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
    /// What has happened since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
    pub(crate) fn count(&self, event: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|seen| *seen == event).count()
    }
}

/// Holds handlers until it is opened, and tells how many have come.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<(tokio::sync::Semaphore, AtomicUsize)>);

impl Default for Gate {
    fn default() -> Self {
        Gate(Arc::new((tokio::sync::Semaphore::new(0), AtomicUsize::new(0))))
    }
}

impl Gate {
    pub(crate) async fn pass(&self) {
        self.0.1.fetch_add(1, SeqCst);
        self.0.0.acquire().await.unwrap().forget();
    }
    pub(crate) fn open(&self, n: usize) {
        self.0.0.add_permits(n);
    }
    pub(crate) fn arrivals(&self) -> usize {
        self.0.1.load(SeqCst)
    }
    pub(crate) async fn arrived(&self, n: usize) {
        until(|| self.arrivals() >= n).await;
    }
}
