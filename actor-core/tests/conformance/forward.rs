//! Calls that are passed on.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle, until};
use actor_core::Overflow;
use actor_core::prelude::*;
use tokio::time::Instant;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too big")]
struct TooBig;

#[actor(mailbox = 1)]
struct Back {
    gate: Gate,
    log: Log,
}

#[actor]
impl Back {
    pub fn double(&mut self, n: u32) -> u32 {
        self.log.push(n);
        2 * n
    }
    pub fn checked(&mut self, n: u32) -> Result<u32, TooBig> {
        if n < 10 { Ok(n) } else { Err(TooBig) }
    }
    pub async fn hold(&mut self, ctx: &mut Context<Self>) -> u32 {
        self.gate.pass().await;
        self.log.push(format!("gone {}", ctx.caller_gone()));
        1
    }
    pub fn deadline(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
    pub fn burst(&mut self) -> u32 {
        panic!("behind");
    }
    pub fn let_go(&mut self, _reply: ReplyTo<u32>) {}
}

#[actor]
struct Front {
    back: BackHandle,
    log: Log,
    kept: Option<ReplyTo<Option<Instant>>>,
}

#[actor]
impl Front {
    pub fn double(&mut self, n: u32, reply: ReplyTo<u32>) {
        reply.forward(self.back.double(n));
        self.log.push("free");
    }
    pub async fn double_slowly(&mut self, n: u32, reply: ReplyTo<u32>) {
        tokio::task::yield_now().await;
        reply.forward(self.back.double(n));
    }
    pub fn checked(&mut self, n: u32, reply: ReplyTo<Result<u32, TooBig>>) {
        reply.forward(self.back.checked(n));
    }
    pub fn widened(&mut self, n: u32, reply: ReplyTo<Result<u32, TooBig>>) {
        reply.forward(self.back.checked(n));
    }
    pub fn hold(&mut self, reply: ReplyTo<u32>) {
        reply.forward(self.back.hold());
    }
    pub fn hold_shortly(&mut self, reply: ReplyTo<u32>) {
        reply.forward(self.back.hold().timeout(ms(20)));
    }
    pub fn deadline(&mut self, reply: ReplyTo<Option<Instant>>) {
        reply.forward(self.back.deadline());
    }
    pub fn keep(&mut self, reply: ReplyTo<Option<Instant>>) {
        self.kept = Some(reply);
    }
    pub fn forward_kept(&mut self) {
        if let Some(reply) = self.kept.take() {
            reply.forward(self.back.deadline());
        }
    }
    pub fn burst(&mut self, reply: ReplyTo<u32>) {
        reply.forward(self.back.burst());
    }
    pub fn let_go(&mut self, reply: ReplyTo<u32>) {
        reply.forward(self.back.let_go());
    }
    pub fn ping(&mut self) {}
}

struct Office {
    front: FrontHandle,
    back: BackHandle,
    gate: Gate,
    log: Log,
}

fn office(way: Way) -> Office {
    office_with(way, way.spawn())
}

fn office_with(way: Way, how: Spawn) -> Office {
    let (gate, log) = (Gate::default(), Log::default());
    let back = Back { gate: gate.clone(), log: log.clone() }.spawn_with(how);
    let front = Front { back: back.clone(), log: log.clone(), kept: None }.spawn_with(way.spawn());
    Office { front, back, gate, log }
}

async fn the_caller_gets_the_value(way: Way) {
    let Office { front, .. } = office(way);
    assert_eq!(front.double(4).await.unwrap(), 8);
    assert_eq!(front.double_slowly(5).await.unwrap(), 10);
    assert_eq!(front.double(6).start().await.unwrap(), 12);
    assert_eq!(front.checked(7).await.unwrap(), 7);
}

async fn the_caller_gets_the_error(way: Way) {
    let Office { front, .. } = office(way);
    assert!(matches!(front.checked(70).await, Err(CallError::Handler(TooBig))));
    assert!(matches!(front.widened(70).start().await, Err(CallError::Handler(TooBig))));
    assert_eq!(front.widened(7).await.unwrap(), 7);
}

async fn the_one_in_front_is_free_meanwhile(way: Way) {
    let Office { front, gate, .. } = office(way);
    let held = front.hold().start();
    gate.arrived(1).await;
    front.ping().await.unwrap();
    gate.open(1);
    assert_eq!(held.await.unwrap(), 1);
}

async fn one_that_waits_for_room_is_sent_when_there_is_some(way: Way) {
    let Office { front, back, gate, .. } = office(way);
    let held = front.hold().start();
    gate.arrived(1).await;
    let (second, third, fourth) = (front.double(2).start(), front.double(3).start(), front.double(4).start());
    front.ping().await.unwrap();
    assert!(back.double(9).try_tell().is_err(), "it is full");
    gate.open(1);
    assert_eq!(held.await.unwrap(), 1);
    assert_eq!((second.await.unwrap(), third.await.unwrap(), fourth.await.unwrap()), (4, 6, 8));
}

async fn to_one_that_does_not_run_it_is_dropped(way: Way) {
    let Office { front, back, .. } = office(way);
    back.stop();
    back.stopped().await;
    let error = front.double(1).await.unwrap_err();
    assert!(matches!(error, CallError::Dropped) && !error.never_ran());
}

async fn one_that_is_queued_when_the_actor_ends_is_dropped(way: Way) {
    let Office { front, back, gate, .. } = office(way);
    let (held, queued, in_line) = (front.hold().start(), front.double(1).start(), front.double(2).start());
    gate.arrived(1).await;
    front.ping().await.unwrap();
    back.kill();
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::Dropped)));
    assert!(matches!(in_line.await, Err(CallError::Dropped)));
}

async fn to_one_that_rejects_it_is_dropped(way: Way) {
    let Office { front, gate, .. } = office_with(way, way.spawn().overflow(Overflow::Reject));
    let held = front.hold().start();
    gate.arrived(1).await;
    let queued = front.double(1).start();
    assert!(matches!(front.double(2).await, Err(CallError::Dropped)));
    gate.open(1);
    assert_eq!((held.await.unwrap(), queued.await.unwrap()), (1, 2));
}

async fn a_panic_and_a_reply_let_go_behind_reach_the_caller(way: Way) {
    let Office { front, .. } = office(way);
    assert!(matches!(front.let_go().await, Err(CallError::Dropped)));
    let error = front.burst().await.unwrap_err();
    assert!(matches!(error, CallError::Interrupted(ExitReason::Panicked(panic)) if panic.text() == "behind"));
    assert!(front.is_running());
}

async fn the_callers_leaving_cancels_it(way: Way) {
    let Office { front, gate, log, back } = office(way);
    let held = front.hold().start();
    gate.arrived(1).await;
    let queued = front.double(1).start();
    let in_line = front.double(2).start();
    front.ping().await.unwrap();
    drop((held, queued, in_line));
    gate.open(1);
    back.double(7).await.unwrap();
    settle().await;
    assert_eq!(log.all(), ["free", "free", "gone true", "7"]);
}

async fn the_deadline_is_the_callers(way: Way) {
    let Office { front, .. } = office(way);
    let now = Instant::now();
    assert_eq!(front.deadline().timeout(ms(50)).await.unwrap(), Some(now + ms(50)));
    assert_eq!(front.deadline().timeout(ms(60)).start().await.unwrap(), Some(now + ms(60)));
    assert_eq!(front.deadline().await.unwrap(), None);
}

async fn a_kept_one_has_its_own_callers_deadline(way: Way) {
    let Office { front, .. } = office(way);
    let now = Instant::now();
    let kept = front.keep().timeout(ms(500)).start();
    front.forward_kept().timeout(ms(50)).await.unwrap();
    assert_eq!(kept.await.unwrap(), Some(now + ms(500)));
    let kept = front.keep().timeout(ms(40)).start();
    front.forward_kept().await.unwrap();
    assert_eq!(kept.await.unwrap(), Some(now + ms(40)));
}

async fn a_time_of_its_own_ends_it_as_started(way: Way) {
    let Office { front, .. } = office(way);
    let began = Instant::now();
    assert!(matches!(front.hold_shortly().await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), ms(20));
}

async fn the_callers_time_ends_it(way: Way) {
    let Office { front, log, gate, .. } = office(way);
    let began = Instant::now();
    assert!(matches!(front.hold().timeout(ms(30)).await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), ms(30));
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["gone true"]);
}

async fn it_goes_on_when_the_one_in_front_ends(way: Way) {
    for end in [FrontHandle::stop as fn(&FrontHandle), FrontHandle::kill] {
        let Office { front, gate, .. } = office(way);
        let mut held = front.hold();
        assert!(poll_once(&mut held).await.is_none());
        gate.arrived(1).await;
        end(&front);
        front.stopped().await;
        gate.open(1);
        assert_eq!(held.await.unwrap(), 1);
    }
}

async fn of_a_tell_it_is_passed_on_too(way: Way) {
    let Office { front, log, .. } = office(way);
    front.double(3).tell().await.unwrap();
    until(|| log.count("3") == 1).await;
}

#[actor]
struct Relay(Option<RelayHandle>);

#[actor]
impl Relay {
    pub fn depth(&mut self, n: u32, reply: ReplyTo<u32>) {
        match &self.0 {
            Some(next) => reply.forward(next.depth(n + 1)),
            None => drop(reply.send(n)),
        }
    }
}

async fn a_chain_of_200_passes_it_on(way: Way) {
    let mut relay = Relay(None).spawn_with(way.spawn());
    for _ in 0..200 {
        relay = Relay(Some(relay)).spawn_with(way.spawn());
    }
    assert_eq!(relay.depth(0).await.unwrap(), 200);
    assert_eq!(relay.depth(0).start().await.unwrap(), 200);
    drop(relay.depth(0).start());
    assert_eq!(relay.depth(0).await.unwrap(), 200);
}

four_ways!(
    the_caller_gets_the_value,
    the_caller_gets_the_error,
    the_one_in_front_is_free_meanwhile,
    one_that_waits_for_room_is_sent_when_there_is_some,
    to_one_that_does_not_run_it_is_dropped,
    one_that_is_queued_when_the_actor_ends_is_dropped,
    to_one_that_rejects_it_is_dropped,
    a_panic_and_a_reply_let_go_behind_reach_the_caller,
    the_callers_leaving_cancels_it,
    it_goes_on_when_the_one_in_front_ends,
    of_a_tell_it_is_passed_on_too,
    a_chain_of_200_passes_it_on,
);
both_ways_paused!(
    the_deadline_is_the_callers,
    a_kept_one_has_its_own_callers_deadline,
    a_time_of_its_own_ends_it_as_started,
    the_callers_time_ends_it,
);
