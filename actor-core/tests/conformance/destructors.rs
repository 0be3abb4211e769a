//! Destructors that call back, and destructors that panic.

use crate::kit::{Gate, Log, Way, poll_once, two_threads};
use actor_core::prelude::*;
use actor_core::{Supervise, WeakHandle};
use futures::executor::block_on;
use std::sync::{Arc, OnceLock};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Nothing,
    Panics,
}

/// Something whose destructor may panic.
#[derive(Debug)]
struct Grenade(Does, Log);

impl Drop for Grenade {
    fn drop(&mut self) {
        self.1.push("gone");
        assert!(self.0 == Does::Nothing || std::thread::panicking(), "in a destructor");
    }
}

#[actor]
struct Vault {
    gate: Gate,
    log: Log,
    inside: Option<Grenade>,
    /// Asked for more when it is dropped.
    own: Option<VaultHandle>,
}

impl Drop for Vault {
    fn drop(&mut self) {
        if let Some(own) = &self.own {
            let refused = matches!(own.note(1).try_tell(), Err(TellError::NotRunning(_)))
                && matches!(own.note(2).blocking(), Err(CallError::WouldBlock | CallError::NotRunning));
            own.kill();
            drop(own.note(3).start());
            self.log.push(if refused { "refused" } else { "taken" });
        }
    }
}

#[actor]
impl Vault {
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub fn own(&mut self, ctx: &mut Context<Self>) {
        self.own = Some(ctx.handle());
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub async fn hold_something(&mut self, something: Grenade) {
        self.gate.pass().await;
        drop(something);
    }
    pub fn take(&mut self, _something: Grenade) {}
    pub async fn take_slowly(&mut self, _something: Grenade) {}
    pub fn give(&mut self) -> Grenade {
        Grenade(Does::Panics, self.log.clone())
    }
    pub async fn give_slowly(&mut self) -> Grenade {
        self.gate.pass().await;
        Grenade(Does::Panics, self.log.clone())
    }
    pub fn carry(&mut self, something: Grenade) {
        self.inside = Some(something);
    }
}

fn vault(way: Way) -> (VaultHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (
        Vault { gate: gate.clone(), log: log.clone(), inside: None, own: None }.spawn_with(way.spawn()),
        gate,
        log,
    )
}

async fn an_actor_with_its_own_handle_lives_until_it_is_stopped(way: Way) {
    let (vault, _, log) = vault(way);
    vault.own().await.unwrap();
    let (stopped, weak) = (vault.stopped(), vault.downgrade());
    drop(vault);
    let again = weak.upgrade().expect("it has a handle of its own");
    assert_eq!(again.note(7).await.unwrap(), 7);
    again.stop();
    drop(again);
    assert!(matches!(stopped.await, ExitReason::Stopped));
    assert!(weak.upgrade().is_none());
    assert_eq!(log.all(), ["7", "refused"]);
}

async fn a_state_that_calls_back_while_it_is_dropped_is_refused(way: Way) {
    for end in [VaultHandle::stop as fn(&VaultHandle), VaultHandle::kill] {
        let (vault, gate, log) = vault(way);
        vault.own().await.unwrap();
        let (hold, queued) = (vault.hold().start(), vault.note(4).start());
        gate.arrived(1).await;
        end(&vault);
        gate.open(1);
        let _ = (hold.await, queued.await);
        vault.stopped().await;
        assert_eq!(log.count("refused"), 1);
    }
}

async fn a_panic_of_the_state_makes_a_good_end_a_panic(way: Way) {
    let (vault, gate, log) = vault(way);
    vault.carry(Grenade(Does::Panics, log.clone())).await.unwrap();
    let hold = vault.hold().start();
    gate.arrived(1).await;
    vault.stop();
    gate.open(1);
    hold.await.unwrap();
    let ExitReason::Panicked(panic) = vault.stopped().await else { panic!("it panicked") };
    assert_eq!((panic.text(), panic.message()), ("in a destructor", None));
}

async fn a_panic_of_the_state_leaves_the_reason_of_a_bad_end(way: Way) {
    let (vault, gate, log) = vault(way);
    vault.carry(Grenade(Does::Panics, log.clone())).await.unwrap();
    let (hold, queued) = (vault.hold().start(), vault.note(1).start());
    gate.arrived(1).await;
    vault.kill();
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(vault.stopped().await, ExitReason::Killed));
}

async fn a_panic_on_the_way_out_of_a_killed_handler_hangs_nobody(way: Way) {
    let (vault, gate, log) = vault(way);
    let hold = vault.hold_something(Grenade(Does::Panics, log.clone())).start();
    let queued = vault.note(1).start();
    gate.arrived(1).await;
    vault.kill();
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(vault.stopped().await, ExitReason::Killed));
}

fn a_handlers_and_the_states_that_panic_as_the_runtime_goes_hang_nobody(way: Way) {
    let runtime = two_threads();
    let (vault, hold) = runtime.block_on(async {
        let (vault, gate, log) = vault(way);
        vault.carry(Grenade(Does::Panics, log.clone())).await.unwrap();
        let hold = vault.hold_something(Grenade(Does::Panics, log.clone())).start();
        gate.arrived(1).await;
        (vault, hold)
    });
    drop(runtime);
    assert!(matches!(block_on(hold), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(vault.stopped()), ExitReason::Killed));
}

async fn a_message_that_panics_while_it_is_thrown_away_keeps_nobody_waiting(way: Way) {
    let (vault, gate, log) = vault(way);
    let hold = vault.hold().start();
    gate.arrived(1).await;
    let first = vault.take(Grenade(Does::Panics, log.clone())).start();
    vault.take_slowly(Grenade(Does::Panics, log.clone())).tell().await.unwrap();
    let last = vault.note(1).start();
    vault.kill();
    let _ = hold.await;
    assert!(matches!(first.await, Err(CallError::NotRunning)));
    assert!(matches!(last.await, Err(CallError::NotRunning)));
    assert!(matches!(vault.stopped().await, ExitReason::Killed));
    assert_eq!(log.count("gone"), 2);
}

async fn a_cancelled_message_that_panics_while_it_is_skipped_hangs_nobody(way: Way) {
    for slowly in [false, true] {
        let (vault, gate, log) = vault(way);
        let hold = vault.hold().start();
        gate.arrived(1).await;
        let grenade = Grenade(Does::Panics, log.clone());
        match slowly {
            true => drop(vault.take_slowly(grenade).start()),
            false => drop(vault.take(grenade).start()),
        }
        let behind = vault.note(1).start();
        gate.open(1);
        hold.await.unwrap();
        // Whether the actor survives it is not promised; an answer is.
        let _ = behind.await;
        vault.stop();
        vault.stopped().await;
    }
}

async fn an_argument_that_panics_at_the_end_of_its_handler_is_a_panic_of_the_handler(way: Way) {
    for slowly in [false, true] {
        let (vault, _, log) = vault(way);
        let grenade = Grenade(Does::Panics, log.clone());
        let (name, answer) = match slowly {
            true => ("take_slowly", vault.take_slowly(grenade).await),
            false => ("take", vault.take(grenade).await),
        };
        assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
        let ExitReason::Panicked(panic) = vault.stopped().await else { panic!("it panicked") };
        assert_eq!((panic.text(), panic.message()), ("in a destructor", Some(name)));
    }
}

async fn a_reply_that_panics_because_nobody_wants_it_hangs_nobody(way: Way) {
    let (told, ..) = vault(way);
    told.give().tell().await.unwrap();
    let _ = told.note(1).await;
    told.stop();
    told.stopped().await;

    let (slowly, gate, _) = vault(way);
    slowly.give_slowly().tell().await.unwrap();
    gate.arrived(1).await;
    let behind = slowly.note(1).start();
    gate.open(1);
    let _ = behind.await;
    slowly.stop();
    slowly.stopped().await;

    let (left, gate, _) = vault(way);
    let mut call = left.give_slowly();
    assert!(poll_once(&mut call).await.is_none());
    gate.arrived(1).await;
    drop(call);
    let behind = left.note(1).start();
    gate.open(1);
    let _ = behind.await;
    left.stop();
    left.stopped().await;
}

async fn a_message_that_holds_a_handle_of_its_actor_is_thrown_away_with_it(way: Way) {
    #[actor]
    struct Ring;
    #[actor]
    impl Ring {
        pub fn pass(&mut self, _own: RingHandle) {}
        pub async fn wait(&mut self) {
            std::future::pending::<()>().await;
        }
    }
    let ring = Ring.spawn_with(way.spawn());
    ring.wait().tell().await.unwrap();
    let queued = ring.pass(ring.clone()).start();
    ring.pass(ring.clone()).tell().await.unwrap();
    ring.kill();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(ring.stopped().await, ExitReason::Killed));
    let weak = ring.downgrade();
    drop(ring);
    assert!(weak.upgrade().is_none(), "nothing holds a handle any more");
}

/// Held by a constructor: says whether its actor runs when it goes.
struct Lease(Arc<OnceLock<WeakHandle<VaultHandle>>>, Log);

impl Drop for Lease {
    fn drop(&mut self) {
        let vault = self.0.get().and_then(WeakHandle::upgrade);
        self.1.push(if vault.is_some_and(|vault| vault.is_running()) { "in time" } else { "too late" });
    }
}

fn leased(how: Spawn) -> (VaultHandle, Log) {
    let (weak, log) = (Arc::new(OnceLock::new()), Log::default());
    let lease = Lease(Arc::clone(&weak), log.clone());
    let policy = Supervise::permanent().with(how);
    let vault = Vault::supervised(policy, move || {
        let Lease(..) = &lease;
        Vault { gate: Gate::default(), log: Log::default(), inside: None, own: None }
    });
    assert!(weak.set(vault.downgrade()).is_ok());
    (vault, log)
}

async fn what_a_constructor_holds_goes_before_the_end_is_known(way: Way) {
    for end in [ActorHandle::stop, ActorHandle::kill] {
        let (vault, log) = leased(way.spawn());
        vault.note(1).await.unwrap();
        end(&vault);
        vault.stopped().await;
        assert_eq!(log.all(), ["in time"]);
    }
}

fn so_it_does_when_the_runtime_goes(way: Way) {
    let runtime = two_threads();
    let (vault, log) = leased(way.spawn().on(runtime.handle()));
    block_on(vault.note(1)).unwrap();
    drop(runtime);
    assert!(matches!(block_on(vault.stopped()), ExitReason::Killed));
    assert_eq!(log.all(), ["in time"]);
}

four_ways!(
    an_actor_with_its_own_handle_lives_until_it_is_stopped,
    a_state_that_calls_back_while_it_is_dropped_is_refused,
    a_panic_of_the_state_makes_a_good_end_a_panic,
    a_panic_of_the_state_leaves_the_reason_of_a_bad_end,
    a_panic_on_the_way_out_of_a_killed_handler_hangs_nobody,
    a_message_that_panics_while_it_is_thrown_away_keeps_nobody_waiting,
    a_cancelled_message_that_panics_while_it_is_skipped_hangs_nobody,
    an_argument_that_panics_at_the_end_of_its_handler_is_a_panic_of_the_handler,
    a_reply_that_panics_because_nobody_wants_it_hangs_nobody,
    a_message_that_holds_a_handle_of_its_actor_is_thrown_away_with_it,
    what_a_constructor_holds_goes_before_the_end_is_known,
);
both_ways_outside!(
    a_handlers_and_the_states_that_panic_as_the_runtime_goes_hang_nobody,
    so_it_does_when_the_runtime_goes,
);
