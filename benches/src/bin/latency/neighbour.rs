//! Whom the others have beside them.

use std::sync::Arc;
use std::time::Duration;

use actor_core::Exit;
use actor_core::prelude::*;
use bench_kit::clock::spin;
use futures::stream;
use tokio::sync::oneshot;

use crate::yardstick::Yardstick;

/// Who send without end.
const SENDERS: usize = 4;
/// Timers, parked messages, children: what there may be many of.
const MANY: usize = 1_000;
/// More than an ordinary mailbox holds.
const ROOM: usize = 4_096;
/// How often each of many timers comes.
const PERIOD: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Neighbour {
    Nobody,
    /// Tasks without an actor, which are always ready and have much to do: the yardstick.
    Tasks,
    /// Of messages that take so many microseconds.
    Flood(u64),
    Async(u64),
    Concurrent(u64),
    /// Of asks that their callers run themselves.
    Direct(u64),
    Urgent(u64),
    Stream(u64),
    /// Beside messages that are parked, whose guard looks at their arguments.
    Parked,
    /// Of one actor; each tick takes so many microseconds.
    Timers(u64),
    /// Of an actor each.
    TimedActors,
    /// Full mailboxes that are killed.
    Killed,
    /// With many children, again and again.
    Parent,
    /// That many watch.
    Watched,
}

impl Neighbour {
    /// Those that flood one actor.
    pub(crate) const FLOODS: [Self; 8] = [
        Self::Flood(0),
        Self::Flood(10),
        Self::Flood(50),
        Self::Async(10),
        Self::Concurrent(10),
        Self::Urgent(10),
        Self::Stream(10),
        Self::Parked,
    ];

    pub(crate) const ALL: [Self; 17] = [
        Self::Nobody,
        Self::Tasks,
        Self::Flood(0),
        Self::Flood(10),
        Self::Flood(50),
        Self::Async(0),
        Self::Async(10),
        Self::Concurrent(10),
        Self::Direct(10),
        Self::Urgent(10),
        Self::Stream(10),
        Self::Parked,
        Self::Timers(5),
        Self::TimedActors,
        Self::Killed,
        Self::Parent,
        Self::Watched,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Nobody => "nobody".into(),
            Self::Tasks => "8 tasks without an actor, 10 µs a turn".into(),
            Self::Flood(0) => "a flood of tells".into(),
            Self::Flood(work) => format!("a flood, {work} µs each"),
            Self::Async(0) => "a flood of `async` ones".into(),
            Self::Async(work) => format!("a flood of `async` ones, {work} µs each"),
            Self::Concurrent(work) => format!("a flood of `concurrent` ones, {work} µs each"),
            Self::Direct(work) => format!("asks in a loop, run by their caller, {work} µs each"),
            Self::Urgent(work) => format!("a flood of urgent ones, {work} µs each"),
            Self::Stream(work) => format!("a stream that is always ready, {work} µs an item"),
            Self::Parked => "a flood, 1,000 parked by a guard on arguments".into(),
            Self::Timers(work) => format!("1,000 timers of an actor, 100 Hz, {work} µs each"),
            Self::TimedActors => "1,000 actors with a timer, 100 Hz".into(),
            Self::Killed => "actors killed with full mailboxes".into(),
            Self::Parent => "parents of 1,000 children that end".into(),
            Self::Watched => "actors that end and are watched by 1,000".into(),
        }
    }

    /// Begins, on the current runtime, and goes on as long as that lives. What is returned must be kept until then.
    pub(crate) async fn begin(self) -> Vec<BusyHandle> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Tasks => {
                for _ in 0..8 {
                    tokio::spawn(async {
                        loop {
                            spin(Duration::from_micros(10));
                            turn().await;
                        }
                    });
                }
                Vec::new()
            }
            Self::Flood(_) | Self::Async(_) | Self::Concurrent(_) | Self::Urgent(_) => {
                let busy = Busy::doing(self.work()).spawn();
                self.flood(&busy);
                vec![busy]
            }
            Self::Direct(_) => {
                let busy = Busy::doing(self.work()).spawn();
                let asked = busy.clone();
                tokio::spawn(async move { while asked.plain().await.is_ok() {} });
                vec![busy]
            }
            Self::Parked => {
                let busy = Busy::doing(Duration::ZERO).spawn();
                for n in 1..=MANY {
                    busy.hold(n).tell().await.expect("it runs");
                }
                self.flood(&busy);
                vec![busy]
            }
            Self::Stream(_) => {
                let busy = Busy::doing(self.work()).spawn();
                busy.read_on().await.expect("it runs");
                vec![busy]
            }
            Self::Timers(_) => {
                let busy = Busy::doing(self.work()).spawn();
                busy.arm(MANY).await.expect("it runs");
                vec![busy]
            }
            Self::TimedActors => {
                let all: Vec<_> = (0..MANY).map(|_| Busy::doing(Duration::ZERO).spawn()).collect();
                for one in &all {
                    one.arm(1).await.expect("it runs");
                }
                all
            }
            Self::Killed => again_and_again(killed),
            Self::Parent => again_and_again(parent),
            Self::Watched => again_and_again(watched),
        }
    }

    fn work(self) -> Duration {
        match self {
            Self::Flood(work) | Self::Async(work) | Self::Concurrent(work) | Self::Urgent(work) => {
                Duration::from_micros(work)
            }
            Self::Direct(work) | Self::Stream(work) | Self::Timers(work) => Duration::from_micros(work),
            _ => Duration::ZERO,
        }
    }

    /// Senders that wait for room only.
    pub(crate) fn flood(self, busy: &BusyHandle) {
        for _ in 0..SENDERS {
            let busy = busy.clone();
            tokio::spawn(async move {
                // It is killed at the end.
                while self.send(&busy).await.is_ok() {}
            });
        }
    }

    async fn send(self, busy: &BusyHandle) -> Result<(), CallError> {
        match self {
            Self::Async(_) => busy.later().tell().await?,
            Self::Concurrent(_) => busy.read().tell().await?,
            Self::Urgent(_) => busy.plain().urgent().tell().await?,
            _ => busy.plain().tell().await?,
        }
        Ok(())
    }
}

/// The other tasks first, once. Tokio's own keeps its task back until the timers and whoever is ready have had their turn, many times over.
pub(crate) async fn turn() {
    let mut has_waited = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn again_and_again<F: Future<Output = ()> + Send + 'static>(what: fn() -> F) -> Vec<BusyHandle> {
    tokio::spawn(async move {
        loop {
            what().await;
            turn().await;
        }
    });
    Vec::new()
}

async fn killed() {
    let busy = Busy::doing(Duration::ZERO).spawn();
    // Where it has no thread of its own it handles none of them before all are there.
    for _ in 0..ROOM {
        if busy.plain().try_tell().is_err() {
            break;
        }
    }
    busy.kill();
    busy.stopped().await;
}

async fn parent() {
    let parent = Busy::doing(Duration::ZERO).spawn();
    for _ in 0..MANY {
        parent.bear().await.expect("it runs");
    }
    parent.stop();
    parent.stopped().await;
}

async fn watched() {
    let one = Busy::doing(Duration::ZERO).spawn();
    let mut watchers = Vec::new();
    for _ in 0..MANY {
        let watcher = Busy::doing(Duration::ZERO).spawn();
        watcher.follow(one.clone()).await.expect("it runs");
        watchers.push(watcher);
    }
    one.kill();
    for watcher in watchers {
        while watcher.lost().await.expect("it runs") == 0 {
            turn().await;
        }
    }
}

/// Does what it is told to, and takes its time.
#[actor]
pub(crate) struct Busy {
    work: Duration,
    lost: u32,
    beat: Option<Beat>,
    told: Option<oneshot::Sender<()>>,
}

/// A timer, and how it came.
#[derive(Debug)]
pub(crate) struct Beat {
    yardstick: Arc<Yardstick>,
    /// How late each tick was.
    pub(crate) late: Vec<Duration>,
}

#[actor]
impl Busy {
    #[message(skip)]
    pub(crate) fn doing(work: Duration) -> Self {
        Busy { work, lost: 0, beat: None, told: None }
    }
    pub fn plain(&mut self) {
        spin(self.work);
    }
    pub async fn later(&mut self) {
        spin(self.work);
    }
    #[message(concurrent)]
    pub async fn read(&self) {
        spin(self.work);
    }
    #[message(when = *number == 0)]
    pub fn hold(&mut self, number: usize) {}
    pub fn read_on(&mut self, ctx: &mut Context<Self>) {
        ctx.attach(stream::repeat(()), |()| BusyMessage::Plain);
    }
    pub fn arm(&mut self, timers: usize, ctx: &mut Context<Self>) {
        for key in 0..timers {
            ctx.every(key as u64, PERIOD, || BusyMessage::Plain);
        }
    }
    pub fn bear(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn(Busy::doing(Duration::ZERO));
    }
    pub fn follow(&mut self, other: BusyHandle, ctx: &mut Context<Self>) {
        ctx.watch(&other);
    }
    pub fn lost(&self) -> u32 {
        self.lost
    }
    /// The next end of another is told.
    pub fn tell_exit(&mut self, told: oneshot::Sender<()>) {
        self.told = Some(told);
    }
    pub fn begin(&mut self, period: Duration, ctx: &mut Context<Self>) -> Arc<Yardstick> {
        ctx.every("beat", period, || BusyMessage::Tick);
        let yardstick = Arc::new(Yardstick::new(period));
        self.beat = Some(Beat { yardstick: Arc::clone(&yardstick), late: Vec::new() });
        yardstick
    }
    #[message]
    fn tick(&mut self) {
        if let Some(Beat { yardstick, late }) = &mut self.beat {
            late.push(yardstick.late());
        }
    }
    pub fn beat(&mut self) -> Option<Beat> {
        self.beat.take()
    }
    #[on_exit]
    fn count(&mut self, exit: Exit) {
        self.lost += u32::from(!exit.reason.is_normal());
        if let Some(told) = self.told.take() {
            let _ = told.send(());
        }
    }
}
