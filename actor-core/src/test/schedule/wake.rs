//! Who can run: participants that were woken.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// Where wakers leave their participant's number. They may be woken on any thread.
#[derive(Debug, Default)]
pub(super) struct Bells {
    woken: Mutex<Woken>,
    step: AtomicU32,
}

#[derive(Debug, Default)]
struct Woken {
    numbers: Vec<u32>,
    /// Of the run, while it sleeps.
    sleeper: Option<Waker>,
}

impl Bells {
    fn lock(&self) -> MutexGuard<'_, Woken> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds those that were woken since it was asked, in the order of their numbers.
    pub(super) fn take(&self, ready: &mut Vec<u32>) {
        for number in self.lock().numbers.drain(..) {
            if let Err(at) = ready.binary_search(&number) {
                ready.insert(at, number);
            }
        }
    }

    /// The run sleeps until somebody is woken; `false` if somebody was.
    pub(super) fn sleep(&self, waker: &Waker) -> bool {
        let mut woken = self.lock();
        let sleeps = woken.numbers.is_empty();
        if sleeps {
            woken.sleeper = Some(waker.clone());
        }
        sleeps
    }

    pub(super) fn set_step(&self, step: u32) {
        self.step.store(step, Ordering::Relaxed);
    }
}

/// The waker of a participant.
#[derive(Debug)]
pub(super) struct Call {
    number: u32,
    stands: AtomicBool,
    /// In which step it was woken.
    since: AtomicU32,
    bells: Arc<Bells>,
}

impl Call {
    pub(super) fn new(number: u32, bells: &Arc<Bells>) -> Arc<Self> {
        let (stands, since) = (AtomicBool::new(false), AtomicU32::new(0));
        Arc::new(Call { number, stands, since, bells: Arc::clone(bells) })
    }

    /// It has its turn: in which step it was woken.
    pub(super) fn answer(&self) -> u32 {
        self.stands.store(false, Ordering::Release);
        self.since.load(Ordering::Relaxed)
    }
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.stands.swap(true, Ordering::AcqRel) {
            return;
        }
        self.since.store(self.bells.step.load(Ordering::Relaxed), Ordering::Relaxed);
        let mut woken = self.bells.lock();
        woken.numbers.push(self.number);
        let sleeper = woken.sleeper.take();
        drop(woken);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }
}
