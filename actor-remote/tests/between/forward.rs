//! A call that is passed on to a third node.

use crate::account::{Account, AccountHandle, Overdrawn};
use crate::handles::{Board, BoardHandle};
use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::{Node, Remote};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Passes on whatever it is asked.
#[actor]
pub struct Gate;

#[actor(derive(Serialize, Deserialize))]
impl Gate {
    pub fn deposit(&mut self, reply: ReplyTo<u64>, to: AccountHandle, amount: u64) {
        reply.forward(to.deposit(amount));
    }
    pub fn withdraw(&mut self, reply: ReplyTo<Result<u64, Overdrawn>>, to: AccountHandle, amount: u64) {
        reply.forward(to.withdraw(amount));
    }
    pub fn wait(&mut self, reply: ReplyTo<u64>, to: AccountHandle) {
        reply.forward(to.wait());
    }
    pub fn remaining(&mut self, reply: ReplyTo<Option<u64>>, to: AccountHandle) {
        reply.forward(to.remaining());
    }
    pub fn numbers(&mut self, reply: ReplyTo<ReplyStream<u64>>, to: AccountHandle, from: u64) {
        reply.forward(to.numbers(from));
    }
    pub fn open(&mut self, reply: ReplyTo<AccountHandle>, to: BoardHandle, balance: u64) {
        reply.forward(to.open(balance));
    }
}

/// The shop asks the bank's gate for what is at home.
struct Three {
    home: Node,
    _bank: Node,
    shop: Node,
    /// As the shop knows them.
    gate: GateHandle,
    account: AccountHandle,
    /// The gate itself.
    here: GateHandle,
}

async fn three(account: Account) -> Three {
    let [home, bank, shop] =
        [Node::local().await, Node::local().await, Node::local().await].map(Result::unwrap);
    home.allow(bank.key());
    bank.allow(shop.key());
    shop.learn(&bank.ticket());
    // Where home is, the bank learns from the handle.
    shop.learn(&home.ticket());
    home.serve("ann", &account.spawn()).unwrap();
    home.serve("board", &Board::default().spawn()).unwrap();
    let here = Gate.spawn();
    bank.serve("gate", &here).unwrap();
    let gate = GateHandle::at(&shop, bank.key(), "gate");
    let account = AccountHandle::at(&shop, home.key(), "ann");
    Three { home, _bank: bank, shop, gate, account, here }
}

#[tokio::test]
async fn it_is_answered_as_from_there() {
    let three = three(Account::default()).await;
    let Three { gate, account, .. } = &three;
    assert_eq!(gate.deposit(account.clone(), 42).await.unwrap(), 42);
    let error = gate.withdraw(account.clone(), 50).await.unwrap_err();
    assert!(matches!(error, CallError::Handler(Overdrawn { balance: 42, asked: 50 })), "{error:?}");
    let left = gate.remaining(account.clone()).timeout(Duration::from_secs(100)).await.unwrap().unwrap();
    assert!((90_000..=100_000).contains(&left), "{left}");
    let mut numbers = gate.numbers(account.clone(), 7).await.unwrap();
    for number in 7..100 {
        assert_eq!(numbers.next().await.unwrap().unwrap(), number);
    }
    // What is given there is lent on here.
    let board = BoardHandle::at(&three.shop, three.home.key(), "board");
    let opened = gate.open(board, 3).await.unwrap();
    assert_eq!(opened.deposit(1).await.unwrap(), 4);
}

#[tokio::test]
async fn a_caller_that_leaves_is_heard_of_there() {
    let account = Account::default();
    let (waits, cancelled) = (Arc::clone(&account.waits), Arc::clone(&account.cancelled));
    let three = three(account).await;
    let waiting = three.gate.wait(three.account.clone()).start();
    waits.notified().await;
    drop(waiting);
    timeout(Duration::from_secs(20), cancelled.notified()).await.unwrap();
    // A stream that nobody reads, too.
    let mut numbers = three.gate.numbers(three.account.clone(), 0).await.unwrap();
    assert_eq!(numbers.next().await.unwrap().unwrap(), 0);
    drop(numbers);
    timeout(Duration::from_secs(20), cancelled.notified()).await.unwrap();
}

#[tokio::test]
async fn it_is_answered_though_the_one_between_has_ended() {
    let account = Account::default();
    let (waits, gate) = (Arc::clone(&account.waits), Arc::clone(&account.gate));
    let three = three(account).await;
    let waiting = three.gate.wait(three.account.clone()).start();
    waits.notified().await;
    three.here.stop();
    three.here.stopped().await;
    gate.notify_one();
    assert_eq!(waiting.await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_lost_behind_it_is_never_said_not_to_have_run() {
    let account = Account::default();
    let waits = Arc::clone(&account.waits);
    let three = three(account).await;
    let waiting = three.gate.wait(three.account.clone()).start();
    waits.notified().await;
    three.home.close().await;
    let error = waiting.await.unwrap_err();
    assert!(matches!(&error, CallError::Remote(RemoteError::ConnectionLost { .. })), "{error:?}");
    assert!(!error.never_ran());
    // It cannot be reached any more; but the first handler has run.
    let error = three.gate.deposit(three.account.clone(), 1).await.unwrap_err();
    assert!(matches!(error, CallError::Dropped), "{error:?}");
}
