//! A call between two nodes is what it is on one.

use crate::account::{Account, AccountHandle, AccountMessage, Overdrawn, two, two_with};
use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::Remote;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn replies_and_the_errors_of_methods_come_back() {
    let two = two().await;
    assert_eq!(two.there.deposit(42).await.unwrap(), 42);
    let error = two.there.withdraw(50).await.unwrap_err();
    assert!(matches!(error, CallError::Handler(Overdrawn { balance: 42, asked: 50 })), "{error:?}");
    assert_eq!(two.here.balance().await.unwrap(), 42);
}

#[tokio::test]
async fn a_tell_returns_when_it_lies_in_the_mailbox_there() {
    let two = two().await;
    two.there.deposit(1).tell().await.unwrap();
    assert_eq!(two.here.balance().await.unwrap(), 1);
    two.there.deposit(1).try_tell().unwrap();
    // Behind it, in order.
    assert_eq!(two.there.balance().await.unwrap(), 2);
}

#[tokio::test]
async fn a_message_that_cannot_be_delivered_is_handed_back() {
    let two = two().await;
    two.here.stop();
    two.here.stopped().await;
    let error = two.there.deposit(7).tell().await.unwrap_err();
    assert!(matches!(error, TellError::NotRunning(AccountMessage::Deposit { amount: 7 })), "{error:?}");
    let nobody = AccountHandle::at(&two.shop, two.bank.key(), "bob");
    let error = nobody.deposit(7).tell().await.unwrap_err();
    let TellError::Remote(AccountMessage::Deposit { amount: 7 }, RemoteError::NoSuchActor(name)) = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(&*name, "bob");
}

#[tokio::test]
async fn many_at_a_time() {
    let two = two().await;
    let calls = (0..3000).map(|_| two.there.deposit(1).start());
    let balances: Vec<u64> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(balances, Vec::from_iter(1..=3000));
}

#[tokio::test]
async fn blocking_and_from_many_threads() {
    let two = two().await;
    let calls = (0..8).map(|_| {
        let account = two.there.clone();
        tokio::task::spawn_blocking(move || {
            for _ in 0..50 {
                account.deposit(1).blocking().unwrap();
            }
        })
    });
    join_all(calls).await.into_iter().for_each(Result::unwrap);
    assert_eq!(two.here.balance().await.unwrap(), 400);
}

#[tokio::test]
async fn large_ones_come_whole_and_too_large_ones_are_refused() {
    let two = two().await;
    for size in [0, 1, 16 * 1024, 16 * 1024 + 1, 100_000, 3_000_000] {
        let text = "x".repeat(size);
        assert_eq!(two.there.echo(text.clone()).await.unwrap(), text, "{size}");
    }
    let error = two.there.echo("x".repeat(17 * 1024 * 1024)).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::TooLarge(_))) && error.never_ran(), "{error:?}");
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn deadlines_go_along() {
    let two = two().await;
    assert_eq!(two.there.remaining().await.unwrap(), None);
    let left = two.there.remaining().timeout(Duration::from_secs(100)).await.unwrap().unwrap();
    assert!((90_000..=100_000).contains(&left), "{left}");
    let error = two.there.wait().timeout(Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error:?}");
    // The handler there was told, and has gone on.
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_caller_that_leaves_is_heard_of() {
    let account = Account::default();
    let (waits, cancelled) = (Arc::clone(&account.waits), Arc::clone(&account.cancelled));
    let two = two_with(account).await;
    let running = two.there.wait().start();
    waits.notified().await;
    let queued = two.there.deposit(1).start();
    // The second is taken back before it ran, and the first is told that nobody waits.
    drop(queued);
    drop(running);
    cancelled.notified().await;
    assert_eq!(two.there.balance().await.unwrap(), 0);
}

#[tokio::test]
async fn answers_by_hand_and_those_that_are_let_go() {
    let two = two().await;
    let kept = two.there.keep().start();
    two.there.forget().await.unwrap();
    assert!(matches!(kept.await, Err(CallError::Dropped)));
}

#[tokio::test]
async fn the_end_of_the_actor_is_told_as_it_is() {
    let two = two().await;
    let error = two.there.panics().await.unwrap_err();
    let CallError::Interrupted(ExitReason::Panicked(panicked)) = error else { panic!("{error:?}") };
    assert_eq!((panicked.message(), panicked.text()), (Some("panics"), "as it was told"));
    assert!(panicked.location().unwrap().file().ends_with("account.rs"));
    let error = two.there.deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::NotRunning) && error.never_ran(), "{error:?}");
    // The name is free for another.
    two.bank.serve("ann", &Account::default().spawn()).unwrap();
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_last_message_is_answered() {
    let two = two().await;
    two.there.deposit(3).await.unwrap();
    assert_eq!(two.there.close().await.unwrap(), 3);
}

#[tokio::test]
async fn what_is_no_data_is_refused_by_name() {
    let two = two().await;
    let error = two.there.with(|balance| *balance).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::NotData { message }) if **message == "with"),
        "{error:?}"
    );
    assert!(error.never_ran());
}

#[tokio::test]
async fn any_number_of_handles_one_after_the_other() {
    let two = two().await;
    // In all more than a connection may name at a time.
    for round in 1..=18 {
        let handles = Vec::from_iter((0..500).map(|_| AccountHandle::at(&two.shop, two.bank.key(), "ann")));
        let balances = join_all(handles.iter().map(|account| account.deposit(1).start())).await;
        assert_eq!(balances.into_iter().map(Result::unwrap).max(), Some(500 * round));
    }
}

#[tokio::test]
async fn stopping_a_handle_from_elsewhere_ends_the_way_alone() {
    let two = two().await;
    two.there.stop();
    two.there.stopped().await;
    assert!(matches!(two.there.deposit(1).await, Err(CallError::NotRunning)));
    assert!(two.here.is_running());
}

/// Says which task runs it.
#[actor]
struct Worker;

#[actor(derive(Serialize, Deserialize))]
impl Worker {
    pub fn short(&self) -> String {
        tokio::task::id().to_string()
    }
    pub fn long(&self) -> String {
        // It keeps the thread, as whoever computes does.
        std::thread::sleep(Duration::from_millis(2));
        tokio::task::id().to_string()
    }
}

#[tokio::test]
async fn what_is_known_to_be_short_runs_where_it_was_read_and_nothing_else() {
    let two = two().await;
    two.bank.serve("worker", &Worker.spawn()).unwrap();
    let worker = WorkerHandle::at(&two.shop, two.bank.key(), "worker");
    // Nobody knows yet how long they take.
    let (own, long) = (worker.short().await.unwrap(), worker.long().await.unwrap());
    assert_eq!(own, long);
    for _ in 0..20 {
        assert_eq!(worker.long().await.unwrap(), own);
    }
    let elsewhere = async { while worker.short().await.unwrap() == own {} };
    tokio::time::timeout(Duration::from_secs(20), elsewhere).await.unwrap();
    assert_eq!(worker.long().await.unwrap(), own);
}
