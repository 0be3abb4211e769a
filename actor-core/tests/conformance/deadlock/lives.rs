//! Hooks, ends and falls.

use super::node::{NodeHandle, Told, node, pair};
use crate::kit::{Gate, Way, ms, settle};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise};
use std::sync::Arc;
use tokio::time::Instant;

#[actor]
struct Hooked {
    heard: Arc<std::sync::Mutex<Vec<String>>>,
}

#[actor]
impl Hooked {
    #[on_start]
    async fn start(&mut self, ctx: &mut Context<Self>) {
        self.hear(ctx.handle().plain().await);
    }
    #[on_exit]
    async fn exited(&mut self, ctx: &mut Context<Self>, _exit: actor_core::Exit) {
        self.hear(ctx.handle().plain().await);
    }
    #[on_stop]
    async fn leave(&mut self, ctx: &mut Context<Self>) {
        self.hear(ctx.handle().plain().await);
    }
    fn hear(&self, answer: Result<(), CallError>) {
        let heard = match answer {
            Err(CallError::Deadlock(cycle)) => cycle.to_string(),
            other => format!("{other:?}"),
        };
        self.heard.lock().unwrap().push(heard);
    }
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) {
        ctx.watch(&whom);
    }
    pub fn plain(&mut self) {}
}

async fn in_hooks(way: Way) {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hooked = Hooked { heard: Arc::clone(&heard) }.spawn_with(way.spawn().name("h"));
    let other = node(way, "other");
    hooked.watch(other.clone()).await.unwrap();
    other.stop();
    other.stopped().await;
    settle().await;
    hooked.stop();
    hooked.stopped().await;
    assert_eq!(*heard.lock().unwrap(), ["h.on_start -> h.plain", "h.on_exit -> h.plain", "Err(NotRunning)"]);
}

async fn one_that_will_be_cut_off_earlier(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.call(gate.clone(), b.clone()).start();
    let y = b.call(gate.clone(), a.clone()).start();
    gate.arrived(2).await;
    a.plain().try_tell().unwrap();
    let began = Instant::now();
    // `b` stands in the line of `a` until that ends.
    a.stop_within(ms(30));
    gate.open(2);
    assert!(matches!(y.await, Err(CallError::Handler(Told::Other(_)))), "not running");
    let x = x.await;
    assert!(matches!(x, Ok(6)), "{x:?}");
    assert!(began.elapsed() <= ms(30));
}

async fn killed_in_the_middle(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.walk_after(gate.clone(), vec![b.clone(), a.clone()]).start();
    gate.arrived(1).await;
    a.kill();
    gate.open(1);
    assert!(matches!(x.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert_eq!(b.plain().await.unwrap(), 6);
}

#[actor]
struct Fragile;

#[actor]
impl Fragile {
    pub fn burst(&mut self) {
        panic!("torn");
    }
    pub async fn call(&mut self, to: FragileHandle) -> Result<(), Told> {
        Ok(to.quiet().await?)
    }
    pub fn quiet(&mut self) {}
}

async fn one_that_is_made_anew_waits_for_nobody(way: Way) {
    let backoff = Backoff::exponential(ms(50), ms(50)).jitter(0.0);
    let policy = Supervise::permanent().backoff(backoff).with(way.spawn());
    let a = Fragile::supervised(policy, || Fragile);
    let b = Fragile.spawn_with(way.spawn());
    a.burst().await.unwrap_err();
    assert!(b.call(a.clone()).await.is_ok());
    let Err(CallError::Handler(told)) = a.call(a.clone()).await else { panic!() };
    assert!(told.is_deadlock());
    assert!(a.call(b).await.is_ok());
}

both_ways!(in_hooks, killed_in_the_middle,);
both_ways_paused!(one_that_will_be_cut_off_earlier, one_that_is_made_anew_waits_for_nobody,);
