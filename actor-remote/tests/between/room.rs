//! More than may be under way at a time.

use crate::account::{Account, AccountHandle};
use actor_core::prelude::*;
use actor_remote::{Limits, Node, Remote};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// One that serves two accounts and lets 4 calls be under way, and one that calls.
async fn narrow(ann: Account) -> (Node, Node, AccountHandle, AccountHandle) {
    let limits = Limits { calls: 4, ..Limits::default() };
    let bank = Node::builder().bind(([127, 0, 0, 1], 0)).limits(limits).start().await.unwrap();
    bank.allow_everybody();
    bank.serve("ann", &ann.spawn()).unwrap();
    bank.serve("bob", &Account::default().spawn()).unwrap();
    let shop = Node::local().await.unwrap();
    shop.learn(&bank.ticket());
    let at = |name| AccountHandle::at(&shop, bank.key(), name);
    let (ann, bob) = (at("ann"), at("bob"));
    (bank, shop, ann, bob)
}

#[tokio::test]
async fn calls_wait_for_room_and_none_is_refused() {
    let account = Account::default();
    let (gate, waits) = (Arc::clone(&account.gate), Arc::clone(&account.waits));
    let (_bank, _shop, ann, bob) = narrow(account).await;
    let running = ann.wait().start();
    waits.notified().await;
    // All at once, where there is room for three.
    let calls: Vec<_> = (0..500).map(|_| ann.deposit(1).start()).collect();
    let beside = bob.deposit(7).start();
    gate.notify_one();
    let all = async {
        assert_eq!(running.await.unwrap(), 0);
        for (n, call) in (1..).zip(calls) {
            assert_eq!(call.await.unwrap(), n);
        }
        assert_eq!(beside.await.unwrap(), 7);
    };
    timeout(PATIENCE, all).await.unwrap();
}

#[tokio::test]
async fn whoever_leaves_makes_room() {
    let account = Account::default();
    let (waits, cancelled) = (Arc::clone(&account.waits), Arc::clone(&account.cancelled));
    let (_bank, _shop, ann, bob) = narrow(account).await;
    let running = ann.wait().start();
    waits.notified().await;
    let queued: Vec<_> = (0..2).map(|_| ann.deposit(1).start()).collect();
    // Behind them: when it lies in the mailbox, so do they.
    ann.balance().tell().await.unwrap();
    let last = ann.deposit(1).start();
    // It waits in this side's actor, whose task has its turn here; a call by another handle need not wait behind it.
    tokio::task::yield_now().await;
    // That is all that may be under way.
    let beside = bob.deposit(7).timeout(Duration::from_millis(200)).await;
    assert!(matches!(beside, Err(CallError::TimedOut { .. })), "{beside:?}");
    drop((running, queued, last));
    timeout(PATIENCE, cancelled.notified()).await.unwrap();
    assert_eq!(timeout(PATIENCE, bob.deposit(7)).await.unwrap().unwrap(), 7);
    assert_eq!(timeout(PATIENCE, ann.balance()).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn as_many_streams_as_may_be_flow_on() {
    let (_bank, _shop, ann, bob) = narrow(Account::default()).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(ann.numbers(0).await.unwrap());
    }
    let beside = bob.deposit(7).start();
    // More than flow without credit, which must be given though there is no room for a call.
    for expected in 0..200 {
        for stream in &mut streams {
            let item = timeout(PATIENCE, stream.next()).await.unwrap();
            assert_eq!(item.unwrap().unwrap(), expected);
        }
    }
    drop(streams);
    assert_eq!(timeout(PATIENCE, beside).await.unwrap().unwrap(), 7);
}
