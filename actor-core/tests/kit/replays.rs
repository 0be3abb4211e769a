//! Actors of which only a recording is left.

use crate::bank::{Account, Bank, BankHandle, BankMessage, BankReply, TooMuch};
use actor_core::prelude::*;
use actor_core::test::{Replay, record_with, replay};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn note(amount: u64) -> BankMessage {
    BankMessage::Note { amount }
}

fn played(
    script: impl IntoIterator<Item = (BankMessage, Result<BankReply, CallError>)>,
) -> (BankHandle, Replay) {
    replay(script)
}

/// What a test that ends so is told.
fn failure(end: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(end)).expect_err("it fails the test");
    *panic.downcast().expect("a text")
}

#[tokio::test]
async fn what_was_recorded_is_answered() {
    let (bank, recording) = record_with(&Bank::default().spawn(), Clone::clone, Clone::clone);
    let account = Account { balance: 100, bank: bank.clone() }.spawn();
    account.pay(30).await.unwrap();
    assert!(bank.lend(40).await.is_err());
    account.pay(2).await.unwrap();
    let script = recording.script();
    assert_eq!(script.len(), 3);

    let (bank, replay) = played(script);
    let account = Account { balance: 100, bank: bank.clone() }.spawn();
    account.pay(30).await.unwrap();
    assert_eq!(replay.left(), 2);
    assert!(matches!(bank.lend(40).await, Err(CallError::Handler(TooMuch(40)))));
    account.pay(2).await.unwrap();
    assert_eq!(replay.left(), 0);
    replay.verify();
}

#[tokio::test]
async fn failures_are_played_too() {
    let (bank, replay) =
        played([(note(1), Err(CallError::TimedOut { started: true })), (note(1), Ok(BankReply::Note(2)))]);
    assert!(matches!(bank.note(1).await, Err(CallError::TimedOut { started: true })));
    assert_eq!(bank.note(1).await.unwrap(), 2);
    replay.verify();
}

#[tokio::test]
async fn a_mismatch_is_an_error_and_a_diff() {
    let script = [1, 2, 3, 4].map(|amount| (note(amount), Ok(BankReply::Note(amount))));
    let (bank, replay) = played(script);
    assert_eq!(bank.note(1).await.unwrap(), 1);
    let error = bank.note(3).await.unwrap_err();
    assert!(matches!(error, CallError::Mock(_)) && !error.never_ran());
    assert_eq!(
        error.to_string(),
        "`Note { amount: 3 }` came where `Note { amount: 2 }` was recorded, as message 2"
    );
    // From there on nothing is right.
    let error = bank.hurry().await.unwrap_err();
    assert_eq!(error.to_string(), "`Hurry` came when the replay had gone wrong before");
    let text = failure(|| drop(replay));
    assert_eq!(
        text,
        "what came is not what was recorded (- recorded, + came):
    Note { amount: 1 }
  - Note { amount: 2 }
    Note { amount: 3 }
  - Note { amount: 4 }
  + Hurry
"
    );
}

#[tokio::test]
async fn one_too_many() {
    let (bank, replay) = played([]);
    let error = bank.note(3).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Note { amount: 3 }` came where nothing was recorded any more, as message 1"
    );
    assert!(failure(|| replay.verify()).ends_with("  + Note { amount: 3 }\n"));
}

#[tokio::test]
async fn one_too_few_is_seen_by_verify_alone() {
    let (bank, replay) = played([(note(1), Ok(BankReply::Note(1)))]);
    drop(replay);
    assert_eq!(bank.note(1).await.unwrap(), 1);
    let (_bank, replay) = played([(note(1), Ok(BankReply::Note(1)))]);
    assert!(failure(|| replay.verify()).ends_with("  - Note { amount: 1 }\n"));
}

#[tokio::test]
#[should_panic(expected = "the test's own")]
async fn a_test_that_fails_already_is_told_of_its_own_failure() {
    let (bank, _replay) = played([]);
    bank.note(3).await.unwrap_err();
    panic!("the test's own");
}
