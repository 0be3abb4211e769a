//! The process that calls: one call that runs, one behind it, a stream, a watch, and calls and tells again and again.
//!
//! It says by lines what it is told, as it is told it:
//!
//! | | |
//! |---|---|
//! | `ready` | all of it is under way |
//! | `one WHAT TOLD text` | how that call, stream or watch ended |
//! | `call N TOLD MICROSECONDS text`, `tell N ..` | one of those that are made again and again, and how long it took |
//! | `item N` | of the stream |
//! | `clock N` | the seconds since 1970, when `clock` was said to it |
//! | `done` | nothing is under way any more, after `stop` was said to it |

use crate::Fallible;
use crate::site::SiteHandle;
use actor_core::prelude::*;
use actor_core::{OutOfSight, ReplyStream};
use actor_remote::{Node, Remote, Ticket};
use histories::Told;
use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many make calls again and again, and as many tells.
pub(crate) const HANDS: usize = 2;

/// The bytes of the calls of all of them but the first.
const LARGE: usize = 100_000;

/// How it is set up.
#[derive(clap::Args, Debug)]
pub(crate) struct Call {
    /// After how many milliseconds of silence the other one counts as gone.
    #[arg(long, default_value_t = 1_000)]
    lost_after: u64,
    /// Whom it calls.
    #[arg(long)]
    peer: Ticket,
    /// How long the call that runs takes, in milliseconds.
    #[arg(long)]
    hold: u64,
    /// How long it takes with each item of its stream, in milliseconds.
    #[arg(long, default_value_t = 0)]
    slow: u64,
}

pub(crate) async fn run(options: Call) -> Fallible {
    let node = Node::builder()
        .lost_after(Duration::from_millis(options.lost_after))
        .bind(([0, 0, 0, 0], 0))
        .start()
        .await?;
    node.learn(&options.peer);
    let key = options.peer.key();
    let at = |name: &str| SiteHandle::at(&node, key, name);
    let (worker, feed, ledger, watched) = (at("worker"), at("feed"), at("ledger"), at("watched"));
    // Before anything else: there may be weather from the start.
    while ledger.add(0).await.is_err() {}

    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(until(stopped.clone(), "watch", async move {
        let reason = watched.stopped().await;
        let unseen = OutOfSight::of(&reason).map_or(reason.to_string(), ToString::to_string);
        (Told::Unknown, unseen)
    }));
    let running = worker.work(1, options.hold).start();
    let queued = worker.work(2, 0).start();
    // In order behind both: when it lies in the mailbox, so do they.
    worker.note(0).tell().await?;
    for (name, call) in [("running", running), ("queued", queued)] {
        tasks.spawn(async move {
            let outcome = call.await;
            println!("one {name} {} {}", Told::of(&outcome), text(&outcome));
        });
    }
    let pause = if options.slow > 0 { 0 } else { 20 };
    let numbers = feed.numbers(pause).await?;
    let slow = Duration::from_millis(options.slow);
    tasks.spawn(until(stopped.clone(), "streaming", async move { read(numbers, slow).await }));
    // On the same connection behind the watch: it has been asked for.
    ledger.add(1).await?;
    println!("ready");

    let next = Arc::new(AtomicU64::new(2));
    for hand in 0..HANDS {
        let body = if hand == 0 { 0 } else { LARGE };
        tasks.spawn(calls(ledger.clone(), body, Arc::clone(&next), stopped.clone()));
        tasks.spawn(tells(ledger.clone(), Arc::clone(&next), stopped.clone()));
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some_and(|line| line == "clock") {
        println!("clock {}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    }
    stop.send(true)?;
    while tasks.join_next().await.is_some() {}
    println!("done");
    Ok(())
}

fn text<T: Debug, E: Display>(outcome: &Result<T, E>) -> String {
    match outcome {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    }
}

/// How it ended, or that it goes on.
async fn until(mut stopped: watch::Receiver<bool>, name: &str, ends: impl Future<Output = (Told, String)>) {
    let (told, text) = tokio::select! {
        ended = ends => ended,
        _ = stopped.wait_for(|stopped| *stopped) => (Told::Ok, "goes on".to_owned()),
    };
    println!("one {name} {told} {text}");
}

async fn read(mut numbers: ReplyStream<u64>, slow: Duration) -> (Told, String) {
    let mut expected = 0;
    loop {
        match numbers.next().await {
            Some(Ok(number)) if number == expected => println!("item {number}"),
            Some(Ok(number)) => return (Told::Never, format!("{number} came instead of {expected}")),
            Some(Err(error)) => return (Told::of(&Err::<(), _>(error.clone())), error.to_string()),
            None => return (Told::Never, "an end of what has none".to_owned()),
        }
        expected += 1;
        tokio::time::sleep(slow).await;
    }
}

const PAUSE: Duration = Duration::from_millis(10);

async fn calls(ledger: SiteHandle, body: usize, next: Arc<AtomicU64>, stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let (id, began) = (next.fetch_add(1, Ordering::Relaxed), Instant::now());
        let outcome = match body {
            0 => ledger.add(id).await,
            bytes => ledger.load(id, vec![1; bytes]).await,
        };
        println!("call {id} {} {} {}", Told::of(&outcome), began.elapsed().as_micros(), text(&outcome));
        tokio::time::sleep(PAUSE).await;
    }
}

async fn tells(ledger: SiteHandle, next: Arc<AtomicU64>, stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let (id, began) = (next.fetch_add(1, Ordering::Relaxed), Instant::now());
        let outcome = ledger.note(id).tell().await;
        println!("tell {id} {} {} {}", Told::of_tell(&outcome), began.elapsed().as_micros(), text(&outcome));
        tokio::time::sleep(PAUSE).await;
    }
}
