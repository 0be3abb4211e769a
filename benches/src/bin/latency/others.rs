//! What others see of a neighbour: how late their turns are, and how long their asks take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use tokio::sync::mpsc;

use crate::neighbour::{Neighbour, turn};
use crate::options::{Options, Threads};
use crate::times::{Moment, Times};

/// How often the task is woken that asks.
const PACE: Duration = Duration::from_micros(200);

/// Beside one neighbour.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) neighbour: Neighbour,
    /// From one turn of a task that is always ready to the next.
    pub(crate) turns: Times,
    /// From its wake by another thread to its turn.
    pub(crate) woken: Times,
    /// An ask that the caller may run itself, and one that goes through the mailbox.
    pub(crate) asks: [Times; 2],
}

pub(crate) fn measure(options: &Options, threads: Threads) -> Vec<Seen> {
    let chosen = Neighbour::ALL.into_iter().filter(|neighbour| options.is_chosen(&neighbour.name()));
    chosen
        .map(|neighbour| {
            eprintln!("{}, beside {}", threads.title(), neighbour.name());
            let time = options.time();
            let turns = on(threads, async move {
                let neighbours = neighbour.begin().await;
                let turns = turns(threads, time / 2).await;
                drop(neighbours);
                turns
            });
            let (woken, asks) = on(threads, async move {
                let neighbours = neighbour.begin().await;
                let times = asks(time).await;
                drop(neighbours);
                times
            });
            Seen { neighbour, turns, woken, asks }
        })
        .collect()
}

/// As a task of a runtime of its own, which ends with all that is left on it.
pub(crate) fn on<T: Send + 'static>(threads: Threads, work: impl Future<Output = T> + Send + 'static) -> T {
    threads.runtime().block_on(async { tokio::spawn(work).await.expect("no panic") })
}

async fn turns(threads: Threads, time: Duration) -> Times {
    let mut times = Times::new();
    // What is made at the beginning is not what is measured.
    let warm = Instant::now();
    while warm.elapsed() < time / 10 {
        turn().await;
    }
    let begin = Instant::now();
    let mut last = Moment::now(threads);
    while begin.elapsed() < time {
        turn().await;
        let now = Moment::now(threads);
        times.note(last.until(now));
        // The histogram itself takes time that is nobody's delay.
        last = Moment::now(threads);
    }
    times
}

#[actor]
#[derive(Default)]
struct Quiet(u64);

#[actor]
impl Quiet {
    pub fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

async fn asks(time: Duration) -> (Times, [Times; 2]) {
    let quiet = [true, false].map(|direct| Quiet::default().spawn_with(Spawn::new().direct(direct)));
    let (pacer, mut wakes) = Pacer::begin();
    let (mut woken, mut asks) = (Times::new(), [Times::new(), Times::new()]);
    let (begin, mut count) = (Instant::now(), 0);
    while let Some(sent) = wakes.recv().await {
        let now = Instant::now();
        if begin.elapsed() > time {
            break;
        }
        // The first ones find all cold.
        count += 1;
        let which = count % 2;
        quiet[which].next().await.expect("it runs");
        let took = now.elapsed();
        if begin.elapsed() > time / 10 {
            woken.note(now.saturating_duration_since(sent));
            asks[which].note(took);
        }
    }
    pacer.end();
    (woken, asks)
}

/// A thread that says again and again what time it is. It never waits for an answer: who is late is late for all that follow.
struct Pacer {
    is_over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Pacer {
    fn begin() -> (Self, mpsc::UnboundedReceiver<Instant>) {
        let (sender, wakes) = mpsc::unbounded_channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            while !over.load(Ordering::Relaxed) && sender.send(Instant::now()).is_ok() {
                thread::sleep(PACE);
            }
        });
        (Pacer { is_over, thread }, wakes)
    }

    fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
    }
}
