//! Replies that a test waits for.

use actor_core::prelude::*;
use actor_core::test;
use futures::executor::block_on;
use std::time::Duration;
use tokio::time::Instant;

#[actor]
struct Desk(Option<ReplyTo<u32>>);

#[actor]
impl Desk {
    pub fn ask(&mut self, question: u32, reply: ReplyTo<u32>) {
        match question {
            0 => drop(reply),
            1 => self.0 = Some(reply),
            n => drop(reply.send(n)),
        }
    }
    pub fn delegate(&self, to: DeskHandle, reply: ReplyTo<u32>) {
        reply.forward(to.ask(5));
    }
    pub fn try_to(&self, reply: ReplyTo<Result<u32, String>>) {
        reply.send(Err("no".into())).ok();
    }
}

#[test]
fn answered_dropped_or_open() {
    let mut desk = Desk(None);
    let (reply, mut answer) = ReplyTo::test();
    desk.ask(7, reply);
    assert!(!answer.is_open() && !answer.is_dropped());
    assert_eq!(answer.take().unwrap().unwrap(), 7);
    assert!(answer.take().is_none());

    let (reply, mut answer) = ReplyTo::test();
    desk.ask(0, reply);
    assert!(answer.is_dropped());
    assert!(matches!(block_on(answer), Err(CallError::Dropped)));

    let (reply, mut answer) = ReplyTo::test();
    desk.ask(1, reply);
    assert!(answer.is_open());
    answer.caller_leaves();
    assert!(desk.0.as_ref().unwrap().caller_gone());

    let (reply, mut answer) = ReplyTo::test();
    desk.try_to(reply);
    assert_eq!(answer.take().unwrap().unwrap(), Err("no".to_owned()));
}

#[test]
fn one_that_is_dropped_is_a_caller_that_has_gone() {
    let mut desk = Desk(None);
    let (reply, answer) = ReplyTo::test();
    desk.ask(1, reply);
    drop(answer);
    assert!(desk.0.unwrap().caller_gone());
}

#[test]
fn a_forwarded_one_says_where_to() {
    let (other, mut probe) = test::probe::<DeskHandle>();
    let (reply, mut answer) = ReplyTo::test();
    Desk(None).delegate(other, reply);
    assert_eq!(answer.forwarded(), Some("ask"));
    assert!(answer.is_open());
    probe.try_expect().unwrap().reply(DeskReply::Ask(9));
    assert_eq!(answer.take().unwrap().unwrap(), 9);
}

#[tokio::test(start_paused = true)]
async fn its_deadline_is_that_of_the_forwarded_call() {
    let at = Instant::now() + Duration::from_secs(5);
    let (other, mut probe) = test::probe::<DeskHandle>();
    let (reply, answer) = ReplyTo::test_deadline(at);
    Desk(None).delegate(other, reply);
    let call = probe.expect().await;
    assert_eq!(call.deadline(), Some(at));
    assert!(matches!(answer.await, Err(CallError::TimedOut { started: true })));
    assert!(call.caller_gone());
}
