//! A runtime that is shut down from inside, by an actor that lives on it or by one on another.

use crate::kit::{Gate, Log, Way, one_thread, two_threads};
use actor_core::Supervise;
use actor_core::prelude::*;
use futures::executor::block_on;
use futures::future::join_all;
use std::future::pending;
use std::sync::mpsc;
use std::thread;
use tokio::runtime::Runtime;

/// Has a runtime, its own or another's.
#[actor]
struct Owner {
    runtime: Option<Runtime>,
    gate: Gate,
    log: Log,
    kept: Vec<ReplyTo<u32>>,
}

impl Owner {
    fn new(gate: &Gate, log: &Log) -> Self {
        log.push("made");
        Owner { runtime: None, gate: gate.clone(), log: log.clone(), kept: Vec::new() }
    }
    fn taken(&mut self) -> Runtime {
        self.runtime.take().unwrap()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.log.push("dropped");
    }
}

#[actor]
impl Owner {
    #[on_stop]
    fn stopping(&mut self) {
        self.log.push("on_stop");
    }
    pub fn own(&mut self, runtime: Runtime) {
        self.runtime = Some(runtime);
    }
    pub fn shut(&mut self) -> u32 {
        self.taken().shutdown_background();
        7
    }
    pub async fn shut_and_go_on(&mut self) -> u32 {
        self.gate.pass().await;
        self.taken().shutdown_background();
        pending().await
    }
    /// Which tokio does not allow where tasks run.
    pub fn drop_it(&mut self) {
        drop(self.taken());
    }
    pub async fn hold(&mut self) -> u32 {
        self.gate.pass().await;
        1
    }
    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        self.kept.push(reply);
    }
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
}

fn owner(how: Spawn) -> (OwnerHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Owner::new(&gate, &log).spawn_with(how), gate, log)
}

/// One that would be made anew after any fall of its own.
fn permanent_owner(how: Spawn) -> (OwnerHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    let make = {
        let (gate, log) = (gate.clone(), log.clone());
        move || Owner::new(&gate, &log)
    };
    (Owner::supervised(Supervise::permanent().with(how), make), gate, log)
}

/// Has ended with its runtime: no hook ran, nobody made it anew, and who comes now learns at once.
fn is_over(owner: &OwnerHandle, log: &Log) {
    assert!(matches!(block_on(owner.stopped()), ExitReason::Killed));
    assert!(matches!(block_on(owner.note(9)), Err(CallError::NotRunning)));
    assert!(matches!(owner.note(9).blocking(), Err(CallError::NotRunning)));
    assert!(matches!(owner.note(9).try_tell(), Err(TellError::NotRunning(_))));
    assert_eq!(log.all(), ["made", "dropped"]);
}

fn the_message_that_shuts_its_own_runtime_down_is_answered(way: Way) {
    for make in [owner, permanent_owner] {
        let runtime = two_threads();
        let (owner, _, log) = make(way.spawn().on(runtime.handle()));
        block_on(owner.own(runtime)).unwrap();
        assert_eq!(block_on(owner.shut()).unwrap(), 7);
        is_over(&owner, &log);
    }
}

fn also_if_a_task_of_that_runtime_sends_it(way: Way) {
    let runtime = two_threads();
    let (owner, _, log) = owner(way.spawn().on(runtime.handle()));
    let tasks = runtime.handle().clone();
    block_on(owner.own(runtime)).unwrap();
    let (tell, told) = mpsc::channel();
    let caller = owner.clone();
    drop(tasks.spawn(async move {
        tell.send(caller.shut().await).unwrap();
    }));
    // A task that waits for its answer ends with the runtime; one that runs the handler itself does not wait.
    if let Ok(answer) = told.recv() {
        assert_eq!(answer.unwrap(), 7);
    }
    is_over(&owner, &log);
}

fn one_that_goes_on_after_it_is_cut_off_and_all_hear(way: Way) {
    for make in [owner, permanent_owner] {
        let runtime = two_threads();
        let (owner, gate, log) = make(way.spawn().on(runtime.handle()).mailbox(4));
        block_on(owner.own(runtime)).unwrap();
        let kept = owner.keep().start();
        let running = owner.shut_and_go_on().start();
        block_on(gate.arrived(1));
        let queued: Vec<_> = (0..4).map(|n| owner.note(n).start()).collect();
        let waiting: Vec<_> = (4..6)
            .map(|n| {
                let owner = owner.clone();
                thread::spawn(move || owner.note(n).blocking())
            })
            .collect();
        gate.open(1);
        for begun in [running, kept] {
            assert!(matches!(block_on(begun), Err(CallError::Interrupted(ExitReason::Killed))));
        }
        for answer in block_on(join_all(queued)) {
            assert!(matches!(answer, Err(CallError::NotRunning)));
        }
        for waiting in waiting {
            assert!(matches!(waiting.join().unwrap(), Err(CallError::NotRunning)));
        }
        is_over(&owner, &log);
    }
}

/// It is what tokio says, where it is done; the runtime goes all the same.
fn dropping_a_runtime_in_a_handler_is_a_panic_of_that_handler(way: Way) {
    for theirs in [one_thread(), two_threads()] {
        let ours = two_threads();
        let (dropper, _, _) = owner(way.spawn().on(ours.handle()));
        let (victim, gate, log) = owner(way.spawn().on(theirs.handle()));
        let held = victim.hold().start();
        // A current-thread runtime runs only while somebody drives it.
        theirs.block_on(gate.arrived(1));
        let queued = victim.note(1).start();
        let blocked = thread::spawn({
            let victim = victim.clone();
            move || victim.note(2).blocking()
        });
        block_on(dropper.own(theirs)).unwrap();
        let answer = ours.block_on(dropper.drop_it());
        let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(panicked.message(), Some("drop_it"));
        assert!(panicked.text().contains("Cannot drop a runtime"), "{panicked}");
        assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
        assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
        assert!(matches!(blocked.join().unwrap(), Err(CallError::NotRunning)));
        is_over(&victim, &log);
    }
}

fn shutting_anothers_down_ends_those_who_live_there_alone(way: Way) {
    for theirs in [one_thread(), two_threads()] {
        let ours = two_threads();
        let (shutter, _, _) = owner(way.spawn().on(ours.handle()));
        let (victim, gate, log) = owner(way.spawn().on(theirs.handle()));
        let held = victim.hold().start();
        theirs.block_on(gate.arrived(1));
        let queued = victim.note(1).start();
        block_on(shutter.own(theirs)).unwrap();
        assert_eq!(ours.block_on(shutter.shut()).unwrap(), 7);
        assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
        assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
        is_over(&victim, &log);
        assert_eq!(ours.block_on(shutter.note(1)).unwrap(), 1);
    }
}

/// Its state is dropped on a thread of that runtime, where tokio allows it as little: nobody waits for ever because of that.
fn one_that_ends_with_its_own_runtime_in_its_state(way: Way) {
    let owner = || {
        let runtime = two_threads();
        let (owner, gate, log) = owner(way.spawn().on(runtime.handle()));
        block_on(owner.own(runtime)).unwrap();
        let held = owner.hold().start();
        block_on(gate.arrived(1));
        let queued = owner.note(1).start();
        (owner, gate, log, held, queued)
    };
    let (killed, _, log, held, queued) = owner();
    killed.kill();
    assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    is_over(&killed, &log);

    let (stopped, gate, _, held, queued) = owner();
    stopped.stop();
    gate.open(1);
    assert_eq!((block_on(held).unwrap(), block_on(queued).unwrap()), (1, 1));
    let ExitReason::Panicked(panicked) = block_on(stopped.stopped()) else { panic!("it did not end well") };
    assert!(panicked.text().contains("Cannot drop a runtime"), "{panicked}");
    assert!(matches!(block_on(stopped.note(9)), Err(CallError::NotRunning)));
}

both_ways_outside!(
    the_message_that_shuts_its_own_runtime_down_is_answered,
    also_if_a_task_of_that_runtime_sends_it,
    one_that_goes_on_after_it_is_cut_off_and_all_hear,
    dropping_a_runtime_in_a_handler_is_a_panic_of_that_handler,
    shutting_anothers_down_ends_those_who_live_there_alone,
    one_that_ends_with_its_own_runtime_in_its_state,
);
