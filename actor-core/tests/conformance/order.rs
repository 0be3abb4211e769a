//! What happens to many at once happens in an order that is the same in each run.

use crate::kit::{Log, Way, ms, settle, until};
use actor_core::prelude::*;
use actor_core::{Exit, Registry};
use futures::stream::{self, StreamExt};

const MANY: usize = 200;

/// Says that it is dropped.
#[derive(Debug)]
struct Trace {
    n: usize,
    log: Log,
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.log.push(self.n);
    }
}

#[actor]
#[derive(Default)]
struct Holder {
    n: usize,
    log: Log,
}

impl Holder {
    fn trace(&self, n: usize) -> Trace {
        Trace { n, log: self.log.clone() }
    }
}

#[actor]
impl Holder {
    pub fn ping(&self) {}
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: HolderHandle) {
        ctx.watch(&whom);
    }
    pub fn unwatch(&mut self, ctx: &mut Context<Self>, whom: HolderHandle) {
        ctx.unwatch(&whom);
    }
    #[on_exit]
    fn lost(&mut self, _exit: Exit) {
        self.log.push(self.n);
    }
    #[message]
    fn keep(&mut self, trace: Trace) {
        drop(trace);
    }
    pub fn attach(&mut self, ctx: &mut Context<Self>) {
        for n in 0..MANY {
            let trace = self.trace(n);
            let items = stream::pending().map(move |()| {
                let _with_it = &trace;
            });
            ctx.attach(items, |()| HolderMessage::Ping);
        }
    }
    pub fn wait(&mut self, ctx: &mut Context<Self>) {
        for n in 0..MANY {
            let trace = self.trace(n);
            let never = async move {
                let _with_it = &trace;
                std::future::pending::<()>().await;
            };
            ctx.then(never, |_, _, ()| ());
        }
    }
    /// Every other one is due at the same time as the one before it, and some are never.
    pub fn arm(&mut self, ctx: &mut Context<Self>) {
        for n in 0..MANY {
            let delay = if n < MANY / 2 { ms(1_000 + n as u64 / 2) } else { std::time::Duration::MAX };
            ctx.after(n as u64, delay, HolderMessage::Keep { trace: self.trace(n) });
        }
    }
}

fn holder(way: Way, n: usize, log: &Log) -> HolderHandle {
    Holder { n, log: log.clone() }.spawn_with(way.spawn())
}

fn in_order() -> Vec<String> {
    (0..MANY).map(|n| n.to_string()).collect()
}

async fn watchers_are_told_in_the_order_in_which_they_began(way: Way) {
    let (log, watched) = (Log::default(), holder(way, 0, &Log::default()));
    let watchers: Vec<_> = (0..=MANY).map(|n| holder(way, n, &log)).collect();
    // Who watches again is not moved; who gave up and watches again is the last.
    let order = [0].into_iter().chain(0..MANY).chain([3, MANY]);
    for n in order {
        watchers[n].watch(watched.clone()).await.unwrap();
    }
    watchers[7].unwatch(watched.clone()).await.unwrap();
    watchers[7].watch(watched.clone()).await.unwrap();
    watched.kill();
    until(|| log.all().len() > MANY).await;
    let expected = (0..=MANY).filter(|n| *n != 7).chain([7]).map(|n| n.to_string());
    assert_eq!(log.take(), expected.collect::<Vec<_>>());
}

async fn streams_go_with_their_actor_the_first_one_first(way: Way) {
    let log = Log::default();
    let holder = holder(way, 0, &log);
    holder.attach().await.unwrap();
    settle().await;
    holder.kill();
    holder.stopped().await;
    assert_eq!(log.take(), in_order());
}

async fn continuations_go_with_their_actor_the_first_one_first(way: Way) {
    let log = Log::default();
    let holder = holder(way, 0, &log);
    holder.wait().await.unwrap();
    settle().await;
    holder.kill();
    holder.stopped().await;
    assert_eq!(log.take(), in_order());
}

async fn timers_go_with_their_actor_in_the_order_of_their_time(way: Way) {
    let log = Log::default();
    let holder = holder(way, 0, &log);
    holder.arm().await.unwrap();
    holder.kill();
    holder.stopped().await;
    assert_eq!(log.take(), in_order());
}

async fn names_are_listed_in_alphabetical_order(way: Way) {
    let (registry, log) = (Registry::new(), Log::default());
    let holders: Vec<_> = (0..MANY).rev().map(|n| (format!("name {n:03}"), holder(way, n, &log))).collect();
    for (name, holder) in &holders {
        registry.register(name.as_str(), holder).unwrap();
    }
    let names: Vec<_> = (0..MANY).map(|n| format!("name {n:03}")).collect();
    assert_eq!(format!("{registry:?}"), format!("Registry({names:?})"));
}

both_ways!(
    watchers_are_told_in_the_order_in_which_they_began,
    streams_go_with_their_actor_the_first_one_first,
    continuations_go_with_their_actor_the_first_one_first,
    names_are_listed_in_alphabetical_order,
);
both_ways_paused!(timers_go_with_their_actor_in_the_order_of_their_time);
