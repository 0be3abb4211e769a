//! Going on when something has ended, and other messages meanwhile.

use crate::kit::{Gate, Log, Way, ms, settle, until};
use actor_core::prelude::*;
use actor_core::{ExitReason, Supervise};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

type Awaited = oneshot::Receiver<&'static str>;

#[actor]
#[derive(Default)]
struct Waiter {
    said: Vec<&'static str>,
    gate: Gate,
    log: Log,
}

impl Waiter {
    fn spawned(way: Way) -> (WaiterHandle, Log) {
        let log = Log::default();
        (Waiter { log: log.clone(), ..Waiter::default() }.spawn_with(way.spawn()), log)
    }
}

#[actor]
impl Waiter {
    pub fn wait(&mut self, ctx: &mut Context<Self>, what: Awaited) {
        ctx.then(what, |this, _, said| {
            let said = said.unwrap_or("nothing");
            this.said.push(said);
            this.log.push(said);
        });
    }
    pub fn answer(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<&'static str>, what: Awaited) {
        ctx.then(what, |_, _, said| reply.send(said.unwrap_or("nothing")).unwrap_or_default());
    }
    /// Its continuation waits again.
    pub fn twice(
        &mut self,
        ctx: &mut Context<Self>,
        reply: ReplyTo<&'static str>,
        one: Awaited,
        two: Awaited,
    ) {
        ctx.then(one, |_, ctx, _| {
            ctx.then(two, |_, _, said| reply.send(said.unwrap_or("nothing")).unwrap_or_default());
        });
    }
    pub async fn wait_in_async(&mut self, ctx: &mut Context<Self>, what: Awaited) {
        tokio::task::yield_now().await;
        ctx.then(what, |this, _, said| this.log.push(said.unwrap_or("nothing")));
    }
    pub fn fall_later(&mut self, ctx: &mut Context<Self>, what: Awaited) {
        ctx.then(what, |_, _, _| panic!("too late"));
    }
    pub fn fall_meanwhile(&mut self, ctx: &mut Context<Self>) {
        ctx.then(async { panic!("on the way") }, |this: &mut Waiter, _, ()| this.log.push("never"));
    }
    pub fn stop_later(&mut self, ctx: &mut Context<Self>, what: Awaited) {
        ctx.then(what, |_, ctx, _| ctx.stop());
    }
    pub fn many(&mut self, ctx: &mut Context<Self>, n: u32) {
        for i in 0..n {
            ctx.then(async move { i }, |this, _, i| this.log.push(i));
        }
    }
    /// Asks itself, which nobody could do in a handler.
    pub fn ask_self(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<usize>) {
        let me = ctx.handle();
        ctx.then(async move { me.count().await }, |_, _, count| {
            reply.send(count.unwrap_or(99)).unwrap_or_default()
        });
    }
    /// The deadline that the future and the continuation see.
    pub fn kept_deadline(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<[Option<Instant>; 2]>) {
        ctx.then(probe(), |_, ctx, seen| reply.send([seen, ctx.deadline()]).unwrap_or_default());
    }
    pub fn free_deadline(&mut self, ctx: &mut Context<Self>, to: oneshot::Sender<[bool; 2]>) {
        ctx.then(probe(), |_, ctx, seen| {
            to.send([seen.is_some(), ctx.deadline().is_some()]).unwrap();
        });
    }
    pub fn count(&self) -> usize {
        self.said.len()
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
    pub fn open(&mut self) {
        self.gate.open(1);
    }
}

#[actor]
struct Probe;

#[actor]
impl Probe {
    pub fn deadline(&self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
}

async fn probe() -> Option<Instant> {
    let probe = Probe.spawn();
    probe.deadline().await.unwrap()
}

async fn other_messages_run_meanwhile(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.wait(what).await.unwrap();
    assert_eq!(waiter.count().await.unwrap(), 0);
    settle().await;
    assert!(log.take().is_empty());
    say.send("done").unwrap();
    until(|| log.count("done") == 1).await;
    assert_eq!(waiter.count().await.unwrap(), 1);
}

async fn it_answers_a_kept_reply(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    let answer = waiter.answer(what).start();
    assert_eq!(waiter.count().await.unwrap(), 0);
    say.send("done").unwrap();
    assert_eq!(answer.await.unwrap(), "done");
}

async fn one_within_the_other(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    let ((one, what_one), (two, what_two)) = (oneshot::channel(), oneshot::channel());
    let answer = waiter.twice(what_one, what_two).start();
    settle().await;
    two.send("two").unwrap();
    one.send("one").unwrap();
    assert_eq!(answer.await.unwrap(), "two");
}

async fn from_a_handler_that_waits(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.wait_in_async(what).await.unwrap();
    say.send("done").unwrap();
    until(|| log.count("done") == 1).await;
}

async fn they_go_on_in_the_order_of_their_ends(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let mut says = Vec::new();
    for _ in 0..3 {
        let (say, what) = oneshot::channel();
        waiter.wait(what).await.unwrap();
        says.push(say);
    }
    settle().await;
    for (at, said) in [(2, "c"), (0, "a"), (0, "b")] {
        says.remove(at).send(said).unwrap();
    }
    until(|| log.all().len() == 3).await;
    assert_eq!(log.take(), ["c", "a", "b"]);
}

async fn a_thousand_at_once(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    waiter.many(1000).await.unwrap();
    until(|| log.all().len() == 1000).await;
    assert_eq!(log.take(), (0..1000).map(|n| n.to_string()).collect::<Vec<_>>());
}

async fn an_actor_asks_itself_by_it(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    assert_eq!(waiter.ask_self().await.unwrap(), 0);
}

async fn the_actor_lives_on_for_it(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.wait(what).await.unwrap();
    let mut stopped = waiter.stopped();
    drop(waiter);
    settle().await;
    assert!(futures::poll!(&mut stopped).is_pending());
    say.send("done").unwrap();
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.take(), ["done"]);
}

async fn but_not_beyond_its_end(way: Way) {
    for ending in 0..3 {
        let (waiter, log) = Waiter::spawned(way);
        let (say, what) = oneshot::channel();
        waiter.wait(what).await.unwrap();
        let (mut kept_say, kept) = oneshot::channel();
        let answer = waiter.answer(kept).start();
        settle().await;
        match ending {
            0 => waiter.stop(),
            1 => waiter.kill(),
            _ => assert!(waiter.fall().await.is_err()),
        }
        waiter.stopped().await;
        assert!(matches!(answer.await, Err(CallError::Interrupted(_))), "ending {ending}");
        assert!(say.send("late").is_err(), "the future is gone");
        kept_say.closed().await;
        settle().await;
        assert!(log.take().is_empty());
    }
}

async fn a_new_incarnation_knows_nothing_of_it(way: Way) {
    let log = Log::default();
    let made = log.clone();
    let waiter = Waiter::supervised(Supervise::permanent().with(way.spawn()), move || Waiter {
        log: made.clone(),
        ..Waiter::default()
    });
    let (say, what) = oneshot::channel();
    waiter.wait(what).await.unwrap();
    let (_say, kept) = oneshot::channel();
    let answer = waiter.answer(kept).start();
    settle().await;
    assert!(waiter.fall().await.is_err());
    assert!(matches!(answer.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert_eq!(waiter.count().await.unwrap(), 0);
    assert!(say.send("late").is_err());
    assert!(log.take().is_empty());
}

async fn a_panic_in_it(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.fall_later(what).await.unwrap();
    say.send("go").unwrap();
    let ExitReason::Panicked(panicked) = waiter.stopped().await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (None, "too late"));
    assert!(panicked.location().unwrap().to_string().contains("then.rs"));
}

async fn a_panic_of_what_it_waits_for(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    waiter.fall_meanwhile().await.unwrap();
    let ExitReason::Panicked(panicked) = waiter.stopped().await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (None, "on the way"));
    assert!(log.take().is_empty());
}

async fn it_can_end_its_actor(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.stop_later(what).await.unwrap();
    say.send("go").unwrap();
    assert!(matches!(waiter.stopped().await, ExitReason::Stopped));
}

async fn it_waits_for_a_handler_that_waits(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    waiter.wait(what).await.unwrap();
    let hold = waiter.hold().start();
    settle().await;
    say.send("done").unwrap();
    settle().await;
    assert!(log.take().is_empty());
    let gate = waiter.open().start();
    drop(hold);
    drop(gate);
    waiter.kill();
    waiter.stopped().await;
    assert!(log.take().is_empty());
}

async fn the_deadline_of_a_kept_call_holds_for_it(way: Way) {
    let (waiter, _) = Waiter::spawned(way);
    let deadline = Instant::now() + Duration::from_secs(9);
    let seen = waiter.kept_deadline().deadline(deadline).await.unwrap();
    assert_eq!(seen, [Some(deadline); 2]);
    let (to, seen) = oneshot::channel();
    waiter.free_deadline(to).deadline(deadline).await.unwrap();
    assert_eq!(seen.await.unwrap(), [false; 2], "a call that has been answered has none");
}

async fn a_caller_that_leaves_harms_nothing(way: Way) {
    let (waiter, log) = Waiter::spawned(way);
    let (say, what) = oneshot::channel();
    assert!(matches!(waiter.answer(what).timeout(ms(5)).await, Err(CallError::TimedOut { started: true })));
    say.send("late").unwrap();
    sleep(ms(5)).await;
    assert_eq!(waiter.count().await.unwrap(), 0);
    assert!(log.take().is_empty());
}

both_ways!(
    other_messages_run_meanwhile,
    it_answers_a_kept_reply,
    one_within_the_other,
    from_a_handler_that_waits,
    they_go_on_in_the_order_of_their_ends,
    a_thousand_at_once,
    an_actor_asks_itself_by_it,
    the_actor_lives_on_for_it,
    but_not_beyond_its_end,
    a_new_incarnation_knows_nothing_of_it,
    a_panic_in_it,
    a_panic_of_what_it_waits_for,
    it_can_end_its_actor,
    it_waits_for_a_handler_that_waits,
);
both_ways_paused!(the_deadline_of_a_kept_call_holds_for_it, a_caller_that_leaves_harms_nothing);
