//! Messages that come before all ordinary ones.

use crate::kit::{Gate, Log, Way, poll_once, settle};
use actor_core::prelude::*;
use actor_core::{ExitReason, Overflow, Supervise, TellError};

#[actor(mailbox = 2)]
#[derive(Default)]
struct Desk {
    gate: Gate,
    log: Log,
}

impl Desk {
    fn spawned(how: Spawn) -> (DeskHandle, Gate, Log) {
        let desk = Desk::default();
        let (gate, log) = (desk.gate.clone(), desk.log.clone());
        (desk.spawn_with(how), gate, log)
    }
}

#[actor]
impl Desk {
    pub fn note(&mut self, n: u32) {
        self.log.push(n);
    }
    #[message(urgent)]
    pub fn alarm(&mut self, n: u32) -> u32 {
        self.log.push(format!("alarm {n}"));
        n
    }
    #[message(urgent)]
    pub async fn slow_alarm(&mut self) {
        self.log.push("slow alarm");
        self.gate.pass().await;
    }
    #[message(urgent)]
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&Log) -> R + Send + 'static) -> R {
        f(&self.log)
    }
    #[message(urgent, when = self.log.count("go") > 0)]
    pub fn alarm_later(&mut self) {
        self.log.push("alarm later");
    }
    #[message(urgent, interleave)]
    pub fn status(&mut self, n: u32) {
        self.log.push(format!("status {n}"));
    }
    #[message(interleave)]
    pub fn look(&mut self) {
        self.log.push("look");
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) {
        let gate = self.gate.clone();
        ctx.serving(self, gate.pass()).await;
        self.log.push("served");
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
    #[message(urgent)]
    pub fn close(self) {}
}

async fn before_all_others_and_in_order(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn().unbounded());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let notes = [1, 2].map(|n| desk.note(n).start());
    let alarms = [1, 2].map(|n| desk.alarm(n).start());
    desk.with(|log| log.push("boxed")).tell().await.unwrap();
    gate.open(1);
    hold.await.unwrap();
    for note in notes {
        note.await.unwrap();
    }
    for (alarm, n) in alarms.into_iter().zip(1..) {
        assert_eq!(alarm.await.unwrap(), n);
    }
    assert_eq!(log.take(), ["alarm 1", "alarm 2", "boxed", "1", "2"]);
}

/// Also before those that were taken out together.
async fn in_the_middle_of_a_long_queue(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn().unbounded());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    for n in 0..100 {
        desk.note(n).try_tell().unwrap();
    }
    let second = desk.hold().start();
    for n in 100..200 {
        desk.note(n).try_tell().unwrap();
    }
    gate.open(1);
    hold.await.unwrap();
    gate.arrived(2).await;
    desk.alarm(7).try_tell().unwrap();
    gate.open(1);
    second.await.unwrap();
    desk.note(200).await.unwrap();
    let all = log.take();
    assert_eq!(all.iter().position(|event| event == "alarm 7"), Some(100), "{all:?}");
    assert_eq!(all.len(), 202);
}

async fn a_full_mailbox_has_room_for_them(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    desk.note(1).try_tell().unwrap();
    desk.note(2).try_tell().unwrap();
    assert!(matches!(desk.note(3).try_tell(), Err(TellError::Full(_))));
    desk.alarm(1).try_tell().unwrap();
    desk.alarm(2).try_tell().unwrap();
    assert!(matches!(desk.alarm(3).try_tell(), Err(TellError::Full(_))), "theirs is as large");
    let mut third = desk.alarm(3);
    assert!(poll_once(&mut third).await.is_none());
    let mut fourth = desk.alarm(4);
    assert!(poll_once(&mut fourth).await.is_none());
    gate.open(1);
    hold.await.unwrap();
    assert_eq!((third.await.unwrap(), fourth.await.unwrap()), (3, 4));
    desk.note(4).await.unwrap();
    assert_eq!(log.take(), ["alarm 1", "alarm 2", "alarm 3", "alarm 4", "1", "2", "4"]);
}

async fn one_that_waits_for_room_can_leave(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    desk.alarm(1).try_tell().unwrap();
    desk.alarm(2).try_tell().unwrap();
    let mut leaves = desk.alarm(3);
    assert!(poll_once(&mut leaves).await.is_none());
    let mut tells = desk.alarm(4).tell();
    assert!(poll_once(&mut tells).await.is_none());
    drop(leaves);
    gate.open(1);
    hold.await.unwrap();
    tells.await.unwrap();
    desk.note(1).await.unwrap();
    assert_eq!(log.take(), ["alarm 1", "alarm 2", "alarm 4", "1"]);
}

async fn rejected_where_that_is_wished(way: Way) {
    let (desk, gate, _) = Desk::spawned(way.spawn().mailbox(1).overflow(Overflow::Reject));
    let hold = desk.hold().start();
    gate.arrived(1).await;
    desk.alarm(1).try_tell().unwrap();
    assert!(matches!(desk.alarm(2).await, Err(CallError::Full)));
    gate.open(1);
    hold.await.unwrap();
}

async fn nobody_runs_meanwhile(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn());
    let slow = desk.slow_alarm().start();
    gate.arrived(1).await;
    let alarm = desk.alarm(1).start();
    settle().await;
    assert_eq!(log.take(), ["slow alarm"]);
    gate.open(1);
    slow.await.unwrap();
    alarm.await.unwrap();
}

async fn with_a_guard(way: Way) {
    let (desk, _, log) = Desk::spawned(way.spawn());
    let later = desk.alarm_later().start();
    settle().await;
    desk.note(1).await.unwrap();
    log.push("go");
    desk.note(2).await.unwrap();
    later.await.unwrap();
    assert_eq!(log.take(), ["1", "go", "2", "alarm later"]);
}

async fn served_before_others(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn().unbounded());
    let first = desk.hold().start();
    gate.arrived(1).await;
    let serve = desk.serve().start();
    let look = desk.look().start();
    let note = desk.note(1).start();
    gate.open(1);
    first.await.unwrap();
    gate.arrived(2).await;
    look.await.unwrap();
    let status = [1, 2].map(|n| desk.status(n).start());
    for status in status {
        status.await.unwrap();
    }
    // Urgent, but not to be served.
    let alarms = [1, 2].map(|n| desk.alarm(n).start());
    settle().await;
    let third = desk.alarm(3).start();
    settle().await;
    assert_eq!(log.take(), ["look", "status 1", "status 2"]);
    gate.open(1);
    serve.await.unwrap();
    for alarm in alarms.into_iter().chain([third]) {
        alarm.await.unwrap();
    }
    note.await.unwrap();
    assert_eq!(log.take(), ["served", "alarm 1", "alarm 2", "alarm 3", "1"]);
}

async fn every_end_answers_them(way: Way) {
    for ending in 0..3 {
        let (desk, gate, _) = Desk::spawned(way.spawn());
        let hold = desk.hold().start();
        gate.arrived(1).await;
        let alarms = [1, 2].map(|n| desk.alarm(n).start());
        let mut waits = desk.alarm(3);
        assert!(poll_once(&mut waits).await.is_none());
        match ending {
            0 => desk.kill(),
            1 => {
                desk.stop();
                gate.open(1);
            }
            _ => {
                let close = desk.close();
                drop(close);
                desk.kill();
            }
        }
        drop(hold);
        for alarm in alarms {
            match alarm.await {
                Ok(_) => assert_eq!(ending, 1, "a stop handles what is queued"),
                Err(error) => assert!(error.never_ran() && ending != 1),
            }
        }
        assert!(matches!(waits.await, Err(CallError::NotRunning)));
        desk.stopped().await;
        assert!(matches!(desk.alarm(4).await, Err(CallError::NotRunning)));
    }
}

async fn the_last_message_may_be_one(way: Way) {
    let (desk, gate, log) = Desk::spawned(way.spawn().unbounded());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let note = desk.note(1).start();
    let close = desk.close().start();
    gate.open(1);
    hold.await.unwrap();
    close.await.unwrap();
    assert!(matches!(note.await, Err(CallError::NotRunning)));
    assert!(matches!(desk.stopped().await, ExitReason::Finished));
    assert!(log.take().is_empty());
}

async fn they_outlive_a_fall(way: Way) {
    let log = Log::default();
    let made = log.clone();
    let policy = Supervise::permanent().with(way.spawn().unbounded());
    let gate = Gate::default();
    let (kept, inner) = (gate.clone(), gate.clone());
    let desk = Desk::supervised(policy, move || Desk { gate: inner.clone(), log: made.clone() });
    let hold = desk.hold().start();
    kept.arrived(1).await;
    let fall = desk.fall().start();
    let note = desk.note(1).start();
    settle().await;
    gate.open(1);
    hold.await.unwrap();
    let alarm = desk.alarm(1).start();
    assert!(fall.await.is_err());
    note.await.unwrap();
    alarm.await.unwrap();
    assert_eq!(log.count("alarm 1"), 1);
}

/// None of its messages is urgent.
#[actor(mailbox = 2)]
#[derive(Default)]
struct Shelf {
    gate: Gate,
    log: Log,
}

#[actor]
trait Notes {
    fn noted(&mut self, n: u32);
}

#[actor]
impl Shelf {
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&Log) -> R + Send + 'static) -> R {
        f(&self.log)
    }
    #[message(when = self.log.count("7") > 0)]
    pub fn held(&mut self) {
        self.log.push("held");
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
}

impl Notes for Shelf {
    fn noted(&mut self, n: u32) {
        self.log.push(format!("noted {n}"));
    }
}

impl Shelf {
    fn spawned(how: Spawn) -> (ShelfHandle, Gate, Log) {
        let shelf = Shelf::default();
        let (gate, log) = (shelf.gate.clone(), shelf.log.clone());
        (shelf.spawn_with(how), gate, log)
    }
}

async fn a_request_that_is_urgent_this_time(way: Way) {
    let (shelf, gate, log) = Shelf::spawned(way.spawn().unbounded());
    let notes = NotesHandle::from(shelf.clone());
    let hold = shelf.hold().start();
    gate.arrived(1).await;
    shelf.note(1).try_tell().unwrap();
    notes.noted(2).try_tell().unwrap();
    let started = shelf.note(3).urgent().start();
    shelf.note(4).urgent().tell().await.unwrap();
    shelf.note(5).urgent().try_tell().unwrap();
    notes.noted(6).urgent().tell().await.unwrap();
    let mut awaited = shelf.note(7).timeout(std::time::Duration::MAX).urgent();
    assert!(poll_once(&mut awaited).await.is_none());
    shelf.with(|log| log.push("boxed")).urgent().try_tell().unwrap();
    shelf.held().urgent().try_tell().unwrap();
    gate.open(1);
    hold.await.unwrap();
    assert_eq!((started.await.unwrap(), awaited.await.unwrap()), (3, 7));
    assert_eq!(shelf.note(10).await.unwrap(), 10);
    let expected = ["3", "4", "5", "noted 6", "7", "boxed", "held", "1", "noted 2", "10"];
    assert_eq!(log.take(), expected);
    // Where nobody waits it is as any other.
    assert_eq!(shelf.note(11).urgent().await.unwrap(), 11);
}

async fn and_has_room_of_its_own(way: Way) {
    let (shelf, gate, log) = Shelf::spawned(way.spawn());
    let hold = shelf.hold().start();
    gate.arrived(1).await;
    shelf.note(1).try_tell().unwrap();
    shelf.note(2).try_tell().unwrap();
    assert!(matches!(shelf.note(3).try_tell(), Err(TellError::Full(_))));
    shelf.note(4).urgent().try_tell().unwrap();
    shelf.note(5).urgent().try_tell().unwrap();
    assert!(matches!(shelf.note(6).urgent().try_tell(), Err(TellError::Full(_))));
    let mut waits = shelf.note(7).urgent().tell();
    assert!(poll_once(&mut waits).await.is_none());
    let mut leaves = shelf.note(8).urgent();
    assert!(poll_once(&mut leaves).await.is_none());
    let detached = shelf.note(9).urgent().start();
    drop(leaves);
    detached.detach();
    gate.open(1);
    hold.await.unwrap();
    waits.await.unwrap();
    shelf.note(10).await.unwrap();
    assert_eq!(log.take(), ["4", "5", "7", "9", "1", "2", "10"]);
}

both_ways!(
    before_all_others_and_in_order,
    in_the_middle_of_a_long_queue,
    a_full_mailbox_has_room_for_them,
    one_that_waits_for_room_can_leave,
    rejected_where_that_is_wished,
    nobody_runs_meanwhile,
    with_a_guard,
    served_before_others,
    every_end_answers_them,
    the_last_message_may_be_one,
    they_outlive_a_fall,
    a_request_that_is_urgent_this_time,
    and_has_room_of_its_own,
);
