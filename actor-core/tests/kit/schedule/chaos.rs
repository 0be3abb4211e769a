//! Actors that ask, tell, serve, wait, fall and are ended, as the seed says: whatever they do to each other, everybody is answered.

use actor_core::prelude::*;
use actor_core::test::actor_test;
use actor_core::test::schedule::{self, choose};
use actor_core::{Backoff, Supervise, Supervisor};
use futures::{StreamExt, stream};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);

/// How often each call's handler began.
#[derive(Clone, Default)]
struct Begun(Arc<Mutex<HashMap<u32, u32>>>);

impl Begun {
    fn note(&self, call: u32) {
        *self.0.lock().unwrap().entry(call).or_default() += 1;
    }
    fn of(&self, call: u32) -> u32 {
        self.0.lock().unwrap().get(&call).copied().unwrap_or(0)
    }
}

#[actor(mailbox = 1)]
struct Monkey {
    begun: Begun,
    bananas: u32,
    /// In a lock that is never locked: replies are not shared, and readers share the actor.
    held: Mutex<Vec<ReplyTo<u32>>>,
}

impl Monkey {
    fn new(begun: &Begun) -> Self {
        Monkey { begun: begun.clone(), bananas: 0, held: Mutex::default() }
    }
}

#[actor]
impl Monkey {
    pub fn plain(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        self.bananas += 1;
        call
    }
    pub async fn slow(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        sleep(2 * MS).await;
        call
    }
    /// Asks another, which may ask another.
    pub async fn ask(&mut self, call: u32, others: Vec<MonkeyHandle>) -> u32 {
        self.begun.note(call);
        if let Some((next, rest)) = others.split_first() {
            let _ = next.ask(call + 1000, rest.to_vec()).await;
        }
        call
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>, call: u32, other: MonkeyHandle) -> u32 {
        self.begun.note(call);
        let asked = ctx.serving(self, async move { other.meanwhile(call + 1000).await }).await;
        drop(asked);
        call
    }
    #[message(interleave)]
    pub async fn meanwhile(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        sleep(MS).await;
        call
    }
    #[message(concurrent)]
    pub async fn read(&self, call: u32) -> u32 {
        self.begun.note(call);
        sleep(MS).await;
        call
    }
    #[message(when = self.bananas > 0)]
    pub fn eat(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        self.bananas -= 1;
        call
    }
    #[message(urgent)]
    pub fn now(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        call
    }
    pub async fn tell_on(&mut self, call: u32, other: MonkeyHandle) -> u32 {
        self.begun.note(call);
        let _ = other.plain(call + 1000).tell().await;
        call
    }
    pub fn keep(&mut self, call: u32, reply: ReplyTo<u32>) {
        self.begun.note(call);
        self.held.get_mut().unwrap().push(reply);
    }
    pub fn release(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        for reply in self.held.get_mut().unwrap().drain(..) {
            // If it fails, the caller has gone.
            let _ = reply.send(0);
        }
        call
    }
    pub fn later(&mut self, ctx: &mut Context<Self>, call: u32, reply: ReplyTo<u32>) {
        self.begun.note(call);
        ctx.then(sleep(MS), move |monkey, ctx, ()| {
            monkey.bananas += 1;
            ctx.after("more", MS, MonkeyMessage::Plain { call: 9_999 });
            let _ = reply.send(call);
        });
    }
    pub fn pass(&mut self, call: u32, other: MonkeyHandle, reply: ReplyTo<u32>) {
        reply.forward(other.slow(call));
    }
    pub fn flow(&mut self, ctx: &mut Context<Self>, call: u32) -> u32 {
        self.begun.note(call);
        ctx.attach(stream::iter([9_997, 9_998]), |call| MonkeyMessage::Plain { call });
        call
    }
    pub fn family(&mut self, ctx: &mut Context<Self>, call: u32) -> u32 {
        self.begun.note(call);
        let child = ctx.spawn(Monkey::new(&self.begun));
        ctx.watch(&child);
        drop(child.plain(call + 1000).start());
        call
    }
    pub fn items(&mut self, call: u32) -> impl futures::Stream<Item = u32> + use<> {
        self.begun.note(call);
        stream::iter([call, call])
    }
    pub fn fall(&mut self, call: u32) -> u32 {
        self.begun.note(call);
        panic!("{call} is too much");
    }
    #[on_exit]
    fn lost(&mut self) {
        self.bananas += 1;
    }
}

/// One call of any kind, to any of them.
async fn call(monkeys: &[MonkeyHandle], call: u32) -> Result<u32, CallError> {
    let any = || monkeys[choose(monkeys.len())].clone();
    let (to, other) = (any(), any());
    let within = [MS, 3 * MS, 20 * MS, 300 * MS][choose(4)];
    match choose(18) {
        0 => to.slow(call).timeout(within).await,
        1 => to.ask(call, vec![other, any(), any()]).timeout(within).await,
        2 => to.serve(call, other).timeout(within).await,
        3 => to.meanwhile(call).timeout(within).await,
        4 => to.read(call).timeout(within).await,
        5 => to.eat(call).timeout(within).await,
        6 => to.now(call).timeout(within).await,
        7 => to.tell_on(call, other).timeout(within).await,
        8 => to.keep(call).timeout(within).await.map(|_| call),
        9 => to.release(call).timeout(within).await,
        10 => to.later(call).timeout(within).await,
        11 => to.pass(call, other).timeout(within).await,
        12 => to.flow(call).timeout(within).await,
        13 => to.family(call).timeout(within).await,
        14 => to.fall(call).timeout(within).await,
        15 => {
            let pending = to.plain(call).timeout(within).start();
            schedule::settle().await;
            pending.await
        }
        16 => match to.items(call).timeout(within).await {
            // It ends by itself, or with its actor.
            Ok(items) => items.fold(Ok(call), async |all, item| all.and(item)).await,
            Err(error) => Err(error),
        },
        _ => to.plain(call).timeout(within).await,
    }
}

#[track_caller]
fn promised(answer: &Result<u32, CallError>, call: u32, begun: u32) {
    assert!(begun <= 1, "{call} ran {begun} times");
    match answer {
        Ok(value) => assert_eq!((*value, begun), (call, 1)),
        Err(error) if error.never_ran() => assert_eq!(begun, 0, "{call}: {error}"),
        Err(_) => {}
    }
}

#[actor_test(seeds = 1000)]
async fn everybody_is_answered() {
    let begun = Begun::default();
    let supervisor = match choose(3) {
        0 => Supervisor::one_for_one(),
        1 => Supervisor::one_for_all(),
        _ => Supervisor::rest_for_one(),
    };
    let supervisor = supervisor.intensity(4, Duration::from_secs(1)).spawn();
    let make = || {
        let begun = begun.clone();
        move || Monkey::new(&begun)
    };
    let backoff = Backoff::exponential(MS, 8 * MS).jitter(0.5);
    let monkeys = [
        Monkey::new(&begun).spawn(),
        Monkey::supervised(Supervise::permanent().backoff(backoff.clone()), make()),
        supervisor.child(Supervise::permanent(), make()),
        supervisor.child(Supervise::transient().backoff(backoff).grace(2 * MS), make()),
    ];
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (monkeys, begun) = (monkeys.clone(), begun.clone());
            schedule::spawn(async move {
                for n in client * 10..client * 10 + 4 {
                    let answer = call(&monkeys, n).await;
                    promised(&answer, n, begun.of(n));
                }
            })
        })
        .collect();
    let ends = schedule::spawn({
        let monkeys = monkeys.clone();
        async move {
            sleep([MS, 5 * MS][choose(2)]).await;
            let one = &monkeys[choose(monkeys.len())];
            match choose(4) {
                0 => one.kill(),
                1 => one.stop(),
                2 => one.stop_within(MS),
                _ => {}
            }
        }
    });
    for client in clients {
        client.await;
    }
    ends.await;
    supervisor.stop();
    supervisor.stopped().await;
    for monkey in monkeys {
        monkey.stop_within(5 * MS);
        monkey.stopped().await;
        assert!(monkey.plain(5_000).await.is_err_and(|error| error.never_ran()));
    }
}
