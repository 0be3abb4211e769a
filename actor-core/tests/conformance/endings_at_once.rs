//! Actors that are told to end before their task has run at all.

use crate::kit::{Gate, Log, Way, settle};
use actor_core::prelude::*;

#[actor]
struct Brief {
    gate: Gate,
    log: Log,
}

#[actor]
impl Brief {
    #[on_stop]
    async fn leave(&mut self) {
        self.log.push("leaves");
        self.gate.pass().await;
        self.log.push("left");
    }
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
        self.log.push("held");
    }
}

fn brief(way: Way) -> (BriefHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Brief { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn one_that_is_stopped_at_once_is_woken_by_what_its_hook_waits_for(way: Way) {
    let (brief, gate, log) = brief(way);
    brief.stop();
    gate.arrived(1).await;
    settle().await;
    assert_eq!(log.all(), ["leaves"]);
    gate.open(1);
    assert!(matches!(brief.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["leaves", "left"]);
}

async fn one_that_is_stopped_at_once_hears_a_kill_in_its_hook(way: Way) {
    let (brief, gate, log) = brief(way);
    brief.stop();
    gate.arrived(1).await;
    settle().await;
    brief.kill();
    assert!(matches!(brief.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["leaves"]);
}

async fn one_that_is_stopped_at_once_handles_what_was_sent_before(way: Way) {
    let (brief, gate, log) = brief(way);
    gate.open(2);
    brief.note(1).try_tell().unwrap();
    let held = brief.hold().start();
    brief.note(2).try_tell().unwrap();
    brief.stop();
    assert!(matches!(brief.note(3).try_tell(), Err(TellError::NotRunning(_))));
    assert!(matches!(brief.stopped().await, ExitReason::Stopped));
    held.await.unwrap();
    assert_eq!(log.all(), ["1", "held", "2", "leaves", "left"]);
}

async fn one_that_is_killed_at_once_runs_nothing(way: Way) {
    let (brief, _, log) = brief(way);
    let never = brief.note(1).start();
    brief.kill();
    assert!(never.await.unwrap_err().never_ran());
    assert!(matches!(brief.stopped().await, ExitReason::Killed));
    assert!(log.all().is_empty());
}

async fn one_that_is_called_directly_and_stopped_before_its_task_ran(way: Way) {
    let (brief, gate, log) = brief(way);
    assert_eq!(brief.note(1).await.unwrap(), 1);
    brief.stop();
    gate.open(1);
    drop(brief.clone());
    assert!(matches!(brief.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["1", "leaves", "left"]);
}

four_ways!(
    one_that_is_stopped_at_once_is_woken_by_what_its_hook_waits_for,
    one_that_is_stopped_at_once_hears_a_kill_in_its_hook,
    one_that_is_stopped_at_once_handles_what_was_sent_before,
    one_that_is_killed_at_once_runs_nothing,
    one_that_is_called_directly_and_stopped_before_its_task_ran,
);
