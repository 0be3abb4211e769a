//! What an actor that is flooded still gets: urgent messages, ticks, the ends of those that it watches, its own kill.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actor_core::prelude::*;

use crate::neighbour::{Busy, BusyHandle, Neighbour, turn};
use crate::options::{Options, Threads};
use crate::others::on;
use crate::times::{Moment, Times};

/// A little more than the runtime's timers can tell apart.
const PERIOD: Duration = Duration::from_millis(5);
/// Of so long rounds, each with an actor of its own.
const ROUND: Duration = Duration::from_millis(100);

/// Of one flood.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) flood: Neighbour,
    pub(crate) ordinary: Times,
    pub(crate) urgent: Times,
    pub(crate) exits: Times,
    pub(crate) kills: Times,
    /// How late ticks were beside a task that is always ready.
    pub(crate) late: Times,
    /// Ticks that should have come: periods in which that task had a turn.
    pub(crate) due: u64,
}

impl Seen {
    fn of(flood: Neighbour) -> Self {
        let [ordinary, urgent, exits, kills, late] = std::array::from_fn(|_| Times::new());
        Seen { flood, ordinary, urgent, exits, kills, late, due: 0 }
    }
}

pub(crate) fn measure(options: &Options, threads: Threads) -> Vec<Seen> {
    let chosen = Neighbour::FLOODS.into_iter().filter(|flood| options.is_chosen(&flood.name()));
    chosen
        .map(|flood| {
            eprintln!("{}, in {}", threads.title(), flood.name());
            let time = options.time();
            on(threads, async move {
                let mut seen = Seen::of(flood);
                let begin = Instant::now();
                while begin.elapsed() < time {
                    round(threads, &mut seen).await;
                }
                seen
            })
        })
        .collect()
}

async fn round(threads: Threads, seen: &mut Seen) {
    // These are before all others, so none of the others has its turn.
    let is_urgent = matches!(seen.flood, Neighbour::Urgent(_));
    let flooded = seen.flood.begin().await.pop().expect("one that is flooded");
    // From here on its mailbox is full.
    if !is_urgent {
        flooded.lost().await.expect("it runs");
    }
    let yardstick = flooded.begin(PERIOD).urgent().await.expect("it runs");
    let runs = Arc::clone(&yardstick);
    let measures = tokio::spawn(async move { runs.run().await });
    let begin = Instant::now();
    while begin.elapsed() < ROUND {
        for _ in 0..8 {
            seen.urgent.note(time(threads, flooded.lost().urgent()).await);
            turn().await;
        }
        seen.exits.note(exit(threads, &flooded).await);
        if !is_urgent {
            seen.ordinary.note(time(threads, flooded.lost()).await);
        }
    }
    let beat = flooded.beat().urgent().await.expect("it runs").expect("a beat");
    measures.abort();
    seen.due += yardstick.periods();
    beat.late.into_iter().for_each(|late| seen.late.note(late));
    let begin = Moment::now(threads);
    flooded.kill();
    flooded.stopped().await;
    seen.kills.note(begin.until(Moment::now(threads)));
}

async fn time<T>(threads: Threads, ask: impl IntoFuture<Output = Result<T, CallError>>) -> Duration {
    let begin = Moment::now(threads);
    ask.await.expect("it runs");
    begin.until(Moment::now(threads))
}

/// How long it is from the end of an actor until the one that watches it knows.
async fn exit(threads: Threads, flooded: &BusyHandle) -> Duration {
    let one = Busy::doing(Duration::ZERO).spawn();
    let (told, seen) = tokio::sync::oneshot::channel();
    flooded.follow(one.clone()).urgent().await.expect("it runs");
    flooded.tell_exit(told).urgent().await.expect("it runs");
    let begin = Moment::now(threads);
    one.kill();
    seen.await.expect("it is told");
    begin.until(Moment::now(threads))
}
