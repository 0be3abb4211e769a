//! Whatever is done through recorders and faults that do not strike comes out as it would without them.

use crate::bank::{Bank, BankHandle, BankMessage, BankReply};
use actor_core::prelude::*;
use actor_core::test::{Fault, Faults, record};
use proptest::prelude::*;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::sleep;

/// Whatever takes time takes a multiple of this, and no deadline is one: so no two things happen at the same time.
const STEP: Duration = Duration::from_millis(10);

/// What is said of a call that was not answered in time.
const LATE: &str = "timed out";

#[derive(Clone, Debug)]
enum Op {
    Ask(BankMessage, How, Option<u32>),
    Wait,
    /// Leaves a call that was started.
    Leave(usize),
    Stop,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Await,
    Start,
    Tell,
}

fn message() -> impl Strategy<Value = BankMessage> {
    prop_oneof![
        4 => (1..9_u64).prop_map(|amount| BankMessage::Note { amount }),
        4 => (1..9_u64).prop_map(|amount| BankMessage::Lend { amount }),
        4 => (0..5_u32).prop_map(|steps| BankMessage::Count { time: STEP * steps }),
        4 => Just(BankMessage::Hurry),
        4 => Just(BankMessage::Rename { name: "another".into() }),
        1 => Just(BankMessage::Close),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let how = prop_oneof![3 => Just(How::Start), 1 => Just(How::Await), 1 => Just(How::Tell)];
    prop_oneof![
        16 => (message(), how, prop::option::of(0..6_u32)).prop_map(|(message, how, limit)| Op::Ask(message, how, limit)),
        4 => Just(Op::Wait),
        3 => (0..8_usize).prop_map(Op::Leave),
        1 => Just(Op::Stop),
    ]
}

/// What a caller gets, but for what it cannot know for certain from further away: whether a message that is late had started.
fn seen(answer: Result<BankReply, CallError>) -> String {
    match answer {
        Ok(reply) => format!("{reply:?}"),
        Err(CallError::TimedOut { .. }) => LATE.to_owned(),
        Err(error) => error.to_string(),
    }
}

/// All answers, and what the bank had in the end.
async fn play(program: &[Op], front: BankHandle, bank: BankHandle) -> Vec<String> {
    let (mut answers, mut calls) = (Vec::new(), Vec::new());
    for op in program {
        match op {
            Op::Ask(message, how, limit) => {
                let request = front.ask(message.clone());
                let request = match limit {
                    Some(steps) => request.timeout(STEP * *steps + STEP / 2),
                    None => request,
                };
                match how {
                    How::Await => {
                        let answer = seen(request.await);
                        if answer == LATE {
                            // A deadline lies half-way between two steps: from there the next would fall upon one.
                            sleep(STEP / 2).await;
                        }
                        answers.push(answer);
                    }
                    // Each is waited for all the time: else nobody need notice that a deadline has passed.
                    How::Start => calls.push(Some(tokio::spawn(request.start()))),
                    // Whether the actor behind still takes it, the sender does not hear.
                    How::Tell => request.tell().await.unwrap_or_default(),
                }
            }
            Op::Wait => sleep(STEP).await,
            Op::Leave(place) => {
                // When all that can happen has.
                sleep(STEP).await;
                if let Some(call) = calls.get_mut(*place).and_then(Option::take) {
                    call.abort();
                }
            }
            Op::Stop => front.stop(),
        }
    }
    for call in calls.into_iter().flatten() {
        answers.push(seen(call.await.expect("a call does not panic")));
    }
    sleep(100 * STEP).await;
    answers.push(format!("{:?}", bank.with(|total| *total).await.ok()));
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn answers_are_the_same_with_and_without(program in prop::collection::vec(op(), 1..24)) {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (without, with) = runtime.block_on(async {
            let bank = Bank::default().spawn();
            let without = play(&program, bank.clone(), bank).await;
            let bank = Bank::default().spawn();
            let (inner, _recording) = record(&bank);
            let idle = Fault::fail(CallError::Full).named("with");
            let (front, _recording) = record(&Faults::new(1).with(idle).around(&inner));
            (without, play(&program, front, bank).await)
        });
        prop_assert_eq!(without, with);
    }
}
