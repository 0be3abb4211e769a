//! Parents and supervisors with children on other runtimes: who ends when, and that nobody hangs.

use crate::kit::{Gate, Log, Way, two_threads, until_blocking};
use actor_core::prelude::*;
use actor_core::{Backoff, Exit, Supervise, Supervisor};
use futures::executor::block_on;
use std::time::Duration;
use tokio::runtime::{Handle, Id, Runtime};

const HOUR: Duration = Duration::from_secs(3_600);

#[actor]
struct Member {
    way: Way,
    name: &'static str,
    gate: Gate,
    log: Log,
}

impl Member {
    fn new(way: Way, name: &'static str, log: &Log) -> Self {
        Member { way, name, gate: Gate::default(), log: log.clone() }
    }
    fn say(&self, what: &str) {
        self.log.push(format!("{} {what}", self.name));
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.say("dropped");
    }
}

#[actor]
impl Member {
    #[on_stop]
    fn stopping(&mut self) {
        self.say("stops");
    }
    #[on_exit]
    fn lost(&mut self, Exit { reason, .. }: Exit) {
        self.say(&format!("lost one: {reason}"));
    }
    pub fn child(&mut self, ctx: &mut Context<Self>, name: &'static str, on: Handle) -> MemberHandle {
        let child = ctx.spawn_with(Member::new(self.way, name, &self.log), self.way.spawn().on(&on));
        ctx.watch(&child);
        child
    }
    /// It is down after its first fall, for an hour.
    pub fn fragile_child(&mut self, ctx: &mut Context<Self>, name: &'static str, on: Handle) -> MemberHandle {
        let (way, log) = (self.way, self.log.clone());
        let policy =
            Supervise::permanent().backoff(Backoff::exponential(HOUR, HOUR)).with(way.spawn().on(&on));
        ctx.supervised(policy, move || Member::new(way, name, &log))
    }
    pub fn home(&self) -> Id {
        Handle::current().id()
    }
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn burst(&mut self) {
        panic!("torn");
    }
}

fn parent(way: Way, on: &Runtime) -> (MemberHandle, Log) {
    let log = Log::default();
    (Member::new(way, "p", &log).spawn_with(way.spawn().on(on.handle())), log)
}

/// In a handler that waits.
fn held(member: &MemberHandle) -> PendingReply<()> {
    let gate = block_on(member.gate()).unwrap();
    let held = member.hold().start();
    until_blocking(|| gate.arrivals() == 1);
    held
}

fn is_killed(member: &MemberHandle) {
    assert!(matches!(block_on(member.stopped()), ExitReason::Killed));
    assert!(matches!(block_on(member.home()), Err(CallError::NotRunning)));
}

fn children_end_before_their_parent_wherever_they_live(way: Way) {
    let [ours, theirs, others] = [(); 3].map(|()| two_threads());
    let (parent, log) = parent(way, &ours);
    let one = block_on(parent.child("one", theirs.handle().clone())).unwrap();
    let two = block_on(parent.child("two", others.handle().clone())).unwrap();
    let below = block_on(one.child("below", ours.handle().clone())).unwrap();
    assert_eq!(block_on(parent.home()).unwrap(), ours.handle().id());
    assert_eq!(block_on(one.home()).unwrap(), theirs.handle().id());
    assert_eq!(block_on(two.home()).unwrap(), others.handle().id());
    assert_eq!(block_on(below.home()).unwrap(), ours.handle().id());
    parent.stop();
    assert!(matches!(block_on(parent.stopped()), ExitReason::Stopped));
    for child in [&one, &two, &below] {
        assert!(!child.is_running());
        assert!(matches!(block_on(child.stopped()), ExitReason::Stopped));
    }
    let expected =
        "p stops, p dropped, two stops, two dropped, one stops, one dropped, below stops, below dropped";
    assert_eq!(log.take().join(", "), expected);
}

fn those_of_one_that_falls_are_killed_wherever_they_live(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (parent, log) = parent(way, &ours);
    let child = block_on(parent.child("c", theirs.handle().clone())).unwrap();
    let (held, queued) = (held(&child), child.home().start());
    assert!(block_on(parent.burst()).is_err());
    assert!(matches!(block_on(parent.stopped()), ExitReason::Panicked(_)));
    assert!(!child.is_running(), "it ended before");
    assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    is_killed(&child);
    assert_eq!(log.take(), ["p dropped", "c dropped"]);
}

fn a_childs_runtime_goes_and_its_parent_hears_of_it(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (parent, log) = parent(way, &ours);
    let child = block_on(parent.child("c", theirs.handle().clone())).unwrap();
    let sibling = block_on(parent.child("s", ours.handle().clone())).unwrap();
    let (held, queued) = (held(&child), child.home().start());
    drop(theirs);
    assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    is_killed(&child);
    assert_eq!(block_on(sibling.home()).unwrap(), ours.handle().id());
    assert_eq!(block_on(parent.home()).unwrap(), ours.handle().id());
    assert_eq!(log.take(), ["c dropped", "p lost one: killed"]);
    parent.stop();
    assert!(matches!(block_on(parent.stopped()), ExitReason::Stopped));
    assert!(matches!(block_on(sibling.stopped()), ExitReason::Stopped));
}

/// Nobody is left to wait for them: they may end a little later than it.
fn a_parents_runtime_goes_and_its_children_elsewhere_are_killed(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (parent, log) = parent(way, &ours);
    let busy = block_on(parent.child("busy", theirs.handle().clone())).unwrap();
    let idle = block_on(parent.child("idle", theirs.handle().clone())).unwrap();
    let down = block_on(parent.fragile_child("down", theirs.handle().clone())).unwrap();
    assert!(block_on(down.burst()).is_err());
    let held = held(&busy);
    let queued = [busy.home().start(), down.home().start()];
    drop(ours);
    is_killed(&parent);
    assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
    for queued in queued {
        assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    }
    [busy, idle, down].iter().for_each(is_killed);
    assert!(log.take().iter().all(|said| said.ends_with("dropped")), "no hook runs");
}

fn a_child_that_backs_off_goes_with_its_runtime(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (parent, _) = parent(way, &ours);
    let down = block_on(parent.fragile_child("down", theirs.handle().clone())).unwrap();
    assert!(block_on(down.burst()).is_err());
    let queued = down.home().start();
    drop(theirs);
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    is_killed(&down);
    parent.stop();
    assert!(matches!(block_on(parent.stopped()), ExitReason::Stopped));
}

/// Of a supervisor `a` lives with it, `b` elsewhere.
fn a_group_over_two_runtimes(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let log = Log::default();
    let supervisor = {
        let _here = ours.enter();
        Supervisor::one_for_all().intensity(9, HOUR).spawn()
    };
    let [a, b] = [("a", &ours), ("b", &theirs)].map(|(name, home)| {
        let log = log.clone();
        let policy = Supervise::permanent().intensity(9, HOUR).with(way.spawn().on(home.handle()));
        supervisor.child(policy, move || Member::new(way, name, &log))
    });
    let homes = || (block_on(a.home()).unwrap(), block_on(b.home()).unwrap());
    assert_eq!(homes(), (ours.handle().id(), theirs.handle().id()));
    for fallen in [&a, &b] {
        assert!(block_on(fallen.burst()).is_err());
        assert_eq!(homes(), (ours.handle().id(), theirs.handle().id()), "each is made anew where it lived");
        until_blocking(|| log.all().len() == 3);
        let (fallen, other) = if *fallen == a { ("a", "b") } else { ("b", "a") };
        let expected = [format!("{fallen} dropped"), format!("{other} stops"), format!("{other} dropped")];
        assert_eq!(log.take(), expected);
    }
    drop(theirs);
    is_killed(&b);
    assert_eq!(block_on(a.home()).unwrap(), ours.handle().id());
    assert!(block_on(a.burst()).is_err());
    assert_eq!(block_on(a.home()).unwrap(), ours.handle().id(), "it is made anew without the other");
    assert!(!b.is_running());
    supervisor.stop();
    assert!(matches!(block_on(supervisor.stopped()), ExitReason::Stopped));
    assert!(matches!(block_on(a.stopped()), ExitReason::Stopped));
}

fn a_supervisors_runtime_goes_and_its_children_elsewhere_are_killed(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let log = Log::default();
    let supervisor = {
        let _here = ours.enter();
        Supervisor::one_for_one().spawn()
    };
    let child = {
        let log = log.clone();
        let policy = Supervise::permanent().with(way.spawn().on(theirs.handle()));
        supervisor.child(policy, move || Member::new(way, "c", &log))
    };
    let (held, queued) = (held(&child), child.home().start());
    drop(ours);
    assert!(matches!(block_on(held), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    is_killed(&child);
    assert!(matches!(block_on(supervisor.stopped()), ExitReason::Killed));
    assert_eq!(log.take(), ["c dropped"], "nobody makes it anew");
}

both_ways_outside!(
    children_end_before_their_parent_wherever_they_live,
    those_of_one_that_falls_are_killed_wherever_they_live,
    a_childs_runtime_goes_and_its_parent_hears_of_it,
    a_parents_runtime_goes_and_its_children_elsewhere_are_killed,
    a_child_that_backs_off_goes_with_its_runtime,
    a_group_over_two_runtimes,
    a_supervisors_runtime_goes_and_its_children_elsewhere_are_killed,
);
