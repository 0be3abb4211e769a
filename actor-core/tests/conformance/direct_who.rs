//! Who runs a handler, and what it sees of that.

use crate::kit::{Gate, Way, ms, two_threads, until};
use actor_core::prelude::*;
use std::thread::{self, ThreadId};
use std::time::Duration;
use tokio::task::{Id, spawn_blocking, try_id};

tokio::task_local! {
    static WHO: u32;
}

#[actor]
struct Mirror(Gate);

#[actor]
impl Mirror {
    pub fn task(&mut self) -> Option<Id> {
        try_id()
    }
    pub async fn task_async(&mut self) -> Option<Id> {
        try_id()
    }
    pub async fn tasks(&mut self) -> (Option<Id>, Option<Id>) {
        let before = try_id();
        self.0.pass().await;
        (before, try_id())
    }
    pub fn task_by_reply(&mut self, reply: ReplyTo<Option<Id>>) {
        let _ = reply.send(try_id());
    }
    pub fn local(&mut self) -> Option<u32> {
        WHO.try_with(|who| *who).ok()
    }
    pub async fn locals(&mut self) -> (Option<u32>, Option<u32>) {
        let before = WHO.try_with(|who| *who).ok();
        self.0.pass().await;
        (before, WHO.try_with(|who| *who).ok())
    }
    pub fn thread(&mut self) -> ThreadId {
        thread::current().id()
    }
}

fn mirror(how: Spawn) -> (MirrorHandle, Gate) {
    let gate = Gate::default();
    (Mirror(gate.clone()).spawn_with(how), gate)
}

/// Whether it is so at least once in many times: a machine that is busy may make any handler look long, and then it is queued; or it lets the
/// caller go on each time before the actor's task has fallen asleep, so there is a pause.
macro_rules! once {
    ($so:expr) => {{
        let mut found = false;
        for _ in 0..200 {
            found = $so;
            if found {
                break;
            }
            tokio::time::sleep(ms(1)).await;
        }
        found
    }};
}

async fn an_awaited_call_of_an_idle_actor_runs_in_its_caller_if_it_may(way: Way) {
    let seen = tokio::spawn(async move {
        let own = try_id();
        let (mirror, _) = mirror(way.spawn());
        let plain = once!(mirror.task().await.unwrap() == own);
        let exclusive = once!(mirror.task_async().await.unwrap() == own);
        let reply = once!(mirror.task_by_reply().await.unwrap() == own);
        (plain, exclusive, reply)
    });
    assert_eq!(seen.await.unwrap(), (way.direct, way.direct, way.direct));
}

async fn start_tell_and_blocking_never_run_it_in_the_caller(way: Way) {
    #[actor]
    struct Teller(Vec<Option<Id>>);
    #[actor]
    impl Teller {
        pub fn note(&mut self) -> Option<Id> {
            self.0.push(try_id());
            try_id()
        }
        pub fn seen(&mut self) -> Vec<Option<Id>> {
            self.0.clone()
        }
    }
    let seen = tokio::spawn(async move {
        let teller = Teller(Vec::new()).spawn_with(way.spawn());
        let own = try_id();
        for _ in 0..20 {
            assert_ne!(teller.note().start().await.unwrap(), own);
            teller.note().tell().await.unwrap();
            teller.note().try_tell().unwrap();
            teller.note().start().detach();
            let blocking = teller.clone();
            let (there, here) =
                spawn_blocking(move || (blocking.note().blocking().unwrap(), try_id())).await.unwrap();
            assert_ne!(there, here);
        }
        (own, teller.seen().await.unwrap())
    });
    let (own, seen) = seen.await.unwrap();
    assert_eq!(seen.len(), 100);
    assert!(seen.iter().all(|id| *id != own && id.is_some()));
}

async fn after_its_first_wait_it_runs_in_the_actors_task(way: Way) {
    tokio::spawn(async move {
        let (mirror, gate) = mirror(way.spawn());
        let own = try_id();
        let of_the_actor = mirror.task().start().await.unwrap();
        gate.open(20);
        for _ in 0..20 {
            let (before, after) = mirror.tasks().await.unwrap();
            // The gate is open: not every one waits.
            assert!(before == own || before == of_the_actor);
            assert!(after == before || after == of_the_actor);
        }
        let (before, after) = tokio::join!(mirror.tasks(), async {
            gate.arrived(21).await;
            tokio::task::yield_now().await;
            gate.open(1);
        })
        .0
        .unwrap();
        assert!(way.direct || before == of_the_actor);
        assert_eq!(after, of_the_actor);
        assert_ne!(own, of_the_actor);
    })
    .await
    .unwrap();
}

async fn task_locals_are_the_callers_until_the_first_wait(way: Way) {
    let (mirror, gate) = mirror(way.spawn());
    let found = WHO.scope(7, async { once!(mirror.local().await.unwrap() == Some(7)) }).await;
    assert_eq!(found, way.direct);
    assert_eq!(WHO.scope(7, async { mirror.local().start().await.unwrap() }).await, None);
    let call = WHO.scope(7, async { mirror.locals().await.unwrap() });
    let ((before, after), ()) = tokio::join!(call, async {
        gate.arrived(1).await;
        tokio::task::yield_now().await;
        gate.open(1);
    });
    assert!(before.is_none() || way.direct);
    assert_eq!(after, None);
}

async fn the_kind_can_switch_it_off_and_spawn_can_switch_it_on(way: Way) {
    #[actor(direct = false)]
    struct Shy;
    #[actor]
    impl Shy {
        pub fn task(&self) -> Option<Id> {
            try_id()
        }
    }
    tokio::spawn(async move {
        let own = try_id();
        let shy = Shy.spawn();
        assert!(!once!(shy.task().await.unwrap() == own));
        let bold = Shy.spawn_with(way.spawn());
        assert_eq!(once!(bold.task().await.unwrap() == own), way.direct);
    })
    .await
    .unwrap();
}

fn an_actor_of_another_runtime_is_never_called_directly(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (mirror, gate) = mirror(way.spawn().on(theirs.handle()));
    let asked = mirror.clone();
    let task = ours.spawn(async move {
        let (own, here) = (try_id(), thread::current().id());
        for _ in 0..100 {
            assert_ne!(asked.task().await.unwrap(), own);
            assert_ne!(asked.thread().await.unwrap(), here);
            assert_ne!(asked.task_async().timeout(Duration::from_secs(50)).await.unwrap(), own);
        }
    });
    ours.block_on(task).unwrap();
    // Nor from a plain thread, without any runtime.
    for _ in 0..20 {
        assert_ne!(futures::executor::block_on(mirror.thread()).unwrap(), thread::current().id());
    }
    gate.open(1);
}

async fn an_idle_actor_is_called_directly_in_the_midst_of_others(way: Way) {
    let (one, gate) = mirror(way.spawn());
    let (two, _) = mirror(way.spawn());
    let waits = one.tasks().start();
    until(|| gate.arrivals() == 1).await;
    assert!(two.task_async().await.is_ok());
    gate.open(1);
    waits.await.unwrap();
}

four_ways!(
    an_awaited_call_of_an_idle_actor_runs_in_its_caller_if_it_may,
    start_tell_and_blocking_never_run_it_in_the_caller,
    after_its_first_wait_it_runs_in_the_actors_task,
    task_locals_are_the_callers_until_the_first_wait,
    the_kind_can_switch_it_off_and_spawn_can_switch_it_on,
    an_idle_actor_is_called_directly_in_the_midst_of_others,
);
both_ways_outside!(an_actor_of_another_runtime_is_never_called_directly);
