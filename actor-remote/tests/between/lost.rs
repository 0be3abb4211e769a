//! What is known of a call when the connection has gone.

use crate::account::{Account, AccountHandle, two, two_with};
use actor_core::prelude::*;
use actor_core::{RemoteError, Started, Unreachable};
use actor_remote::{Node, Remote};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn calls_under_way_are_answered_when_the_other_node_leaves() {
    let account = Account::default();
    let waits = Arc::clone(&account.waits);
    let two = two_with(account).await;
    let running = two.there.wait().start();
    waits.notified().await;
    let queued = two.there.deposit(1).start();
    // Behind both, in order: when it lies in the mailbox, they do.
    two.there.deposit(1).tell().await.unwrap();
    two.bank.close().await;
    for error in [running.await.unwrap_err(), queued.await.unwrap_err()] {
        assert!(
            matches!(
                error,
                CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown | Started::Yes })
            ),
            "{error:?}"
        );
        assert!(!error.never_ran());
    }
}

#[tokio::test]
async fn a_handle_survives_its_connection() {
    let two = two().await;
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    // Closed from there, as by a restart: the same key at another address.
    two.bank.forbid(two.shop.key());
    while two.there.deposit(1).await.is_ok() {}
    two.bank.allow(two.shop.key());
    loop {
        match two.there.deposit(1).await {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, CallError::Remote(_)), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_learnt_is_tried_at_once() {
    let (bank, shop) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    bank.allow_everybody();
    bank.serve("ann", &Account::default().spawn()).unwrap();
    let account = AccountHandle::at(&shop, bank.key(), "ann");
    // Nobody has said where it is; after that there is a pause, in which the same would be heard.
    let error = account.deposit(1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::Unreachable(Unreachable::NoAddress))),
        "{error:?}"
    );
    shop.learn(&bank.ticket());
    assert_eq!(account.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_node_that_was_closed_says_so() {
    let two = two().await;
    two.there.deposit(1).await.unwrap();
    two.shop.close().await;
    let error = two.there.deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(_)), "{error:?}");
}

#[tokio::test]
async fn what_is_queued_by_many_is_answered_once_each() {
    let two = two().await;
    let calls: Vec<_> = (0..2000).map(|_| two.there.deposit(1).start()).collect();
    tokio::spawn(async move { two.bank.close().await });
    let mut answered = 0;
    for call in calls {
        match call.await {
            Ok(_) | Err(CallError::Remote(_) | CallError::NotRunning) => answered += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(answered, 2000);
}

#[tokio::test]
async fn two_nodes_call_each_other() {
    let (ann, bob) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    for (one, other) in [(&ann, &bob), (&bob, &ann)] {
        one.allow(other.key());
        one.learn(&other.ticket());
        one.serve("account", &Account::default().spawn()).unwrap();
    }
    let at_bob = AccountHandle::at(&ann, bob.key(), "account");
    let at_ann = AccountHandle::at(&bob, ann.key(), "account");
    for n in 1..=20 {
        let (one, other) = tokio::join!(at_bob.deposit(1), at_ann.deposit(1));
        assert_eq!((one.unwrap(), other.unwrap()), (n, n));
    }
}
