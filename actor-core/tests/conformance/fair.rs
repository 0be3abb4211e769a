//! Others on the same thread have their turn, however much an actor has to do, and however long it takes for each.

use crate::kit::Way;
use actor_core::prelude::*;
use futures::stream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

const MESSAGES: usize = 64;
/// A row goes on after one that was as long as this, and not after two.
const ROW: usize = 3;

#[actor]
struct Busy {
    handled: Arc<AtomicUsize>,
}

#[actor]
impl Busy {
    #[message(skip)]
    fn takes_its_time(&self) {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_micros(200) {
            std::hint::spin_loop();
        }
        self.handled.fetch_add(1, SeqCst);
    }
    #[message(interleave)]
    pub fn plain(&mut self) {
        self.takes_its_time();
    }
    pub async fn later(&mut self) {
        self.takes_its_time();
    }
    #[message(concurrent)]
    pub async fn read(&self) {
        self.takes_its_time();
    }
    pub fn attach(&mut self, ctx: &mut Context<Self>) {
        ctx.attach(stream::iter(0..MESSAGES), |_| BusyMessage::Plain);
    }
    pub fn arm(&mut self, ctx: &mut Context<Self>) {
        for key in 0..MESSAGES {
            ctx.after(key as u64, Duration::ZERO, BusyMessage::Plain);
        }
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) {
        ctx.serving(self, std::future::pending::<()>()).await;
    }
}

/// How many messages are handled between two turns of a task that is always ready.
async fn row(way: Way, send: impl Fn(&BusyHandle)) -> usize {
    let handled = Arc::<AtomicUsize>::default();
    let busy = Busy { handled: handled.clone() }.spawn_with(way.spawn());
    send(&busy);
    // What is not a task has its turn less often.
    let row = tokio::spawn(async move {
        // There are rows before its first turn.
        turn().await;
        let (mut before, mut most) = (handled.load(SeqCst), 0);
        while before < MESSAGES {
            turn().await;
            let now = handled.load(SeqCst);
            most = most.max(now - before);
            before = now;
        }
        most
    });
    let row = row.await.unwrap();
    busy.kill();
    row
}

/// The other tasks first, once.
async fn turn() {
    let mut was_polled = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut was_polled, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn tell<E: std::fmt::Debug>(told: Result<(), E>) {
    told.unwrap();
}

async fn of_long_messages_few_come_in_a_row(way: Way) {
    let plain = row(way, |busy| (0..MESSAGES).for_each(|_| tell(busy.plain().try_tell()))).await;
    let later = row(way, |busy| (0..MESSAGES).for_each(|_| tell(busy.later().try_tell()))).await;
    let read = row(way, |busy| (0..MESSAGES).for_each(|_| tell(busy.read().try_tell()))).await;
    assert!([plain, later, read].iter().all(|row| *row <= ROW), "{plain}, {later}, {read} in a row");
}

async fn of_what_comes_otherwise_too(way: Way) {
    let items = row(way, |busy| tell(busy.attach().try_tell())).await;
    let ticks = row(way, |busy| tell(busy.arm().try_tell())).await;
    let served = row(way, |busy| {
        tell(busy.serve().try_tell());
        (0..MESSAGES).for_each(|_| tell(busy.plain().try_tell()));
    })
    .await;
    assert!([items, ticks, served].iter().all(|row| *row <= ROW), "{items}, {ticks}, {served} in a row");
}

both_ways!(of_long_messages_few_come_in_a_row, of_what_comes_otherwise_too);
