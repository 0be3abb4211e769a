//! The actor that is called, and two nodes of which one may call the other.

use actor_core::prelude::*;
use actor_remote::{Node, Remote};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("balance {balance} is less than {asked}")]
pub struct Overdrawn {
    pub balance: u64,
    pub asked: u64,
}

/// Says when it goes.
pub struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[actor(mailbox = 4096)]
#[derive(Default)]
pub struct Account {
    balance: u64,
    seen: Vec<u32>,
    /// Lets go whoever waits in `wait`.
    pub gate: Arc<Notify>,
    /// Says that somebody waits there.
    pub waits: Arc<Notify>,
    /// Says that one is cancelled there.
    pub cancelled: Arc<Notify>,
    kept: Option<ReplyTo<u64>>,
}

#[actor(derive(Serialize, Deserialize))]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
        if amount > self.balance {
            return Err(Overdrawn { balance: self.balance, asked: amount });
        }
        self.balance -= amount;
        Ok(self.balance)
    }
    #[message(interleave)]
    pub fn balance(&self) -> u64 {
        self.balance
    }
    pub fn echo(&self, text: String) -> String {
        text
    }
    pub fn note(&mut self, number: u32, text: String) {
        drop(text);
        self.seen.push(number);
    }
    pub fn seen(&self) -> Vec<u32> {
        self.seen.clone()
    }
    pub async fn wait(&mut self, ctx: &mut Context<Self>) -> u64 {
        let gate = Arc::clone(&self.gate);
        self.waits.notify_one();
        tokio::select! {
            () = ctx.cancelled() => self.cancelled.notify_one(),
            () = gate.notified() => {}
        }
        self.balance
    }
    pub fn remaining(&self, ctx: &Context<Self>) -> Option<u64> {
        let left = ctx.deadline()?.saturating_duration_since(tokio::time::Instant::now());
        u64::try_from(left.as_millis()).ok()
    }
    pub fn keep(&mut self, reply: ReplyTo<u64>) {
        self.kept = Some(reply);
    }
    pub fn forget(&mut self) {
        self.kept = None;
    }
    /// Endless, beside the actor; says in `cancelled` that nobody reads it.
    pub fn numbers(&self, from: u64) -> impl Stream<Item = u64> + use<> {
        let gone = Gone(Arc::clone(&self.cancelled));
        stream::iter(from..).map(move |number| {
            let _ = &gone;
            number
        })
    }
    pub fn texts(&self, sizes: Vec<usize>) -> impl Stream<Item = String> + use<> {
        stream::iter(sizes).map(|size| "x".repeat(size))
    }
    /// Borrows the actor, and never ends.
    pub fn stuck(&self) -> impl Stream<Item = u64> {
        stream::iter([self.balance]).chain(stream::pending())
    }
    pub fn panics(&mut self) {
        panic!("as it was told");
    }
    pub fn close(self) -> u64 {
        self.balance
    }
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut u64) -> R + Send + 'static) -> R {
        f(&mut self.balance)
    }
}

/// A node that takes a busy machine neither for one that cannot be reached nor for one that has died.
pub async fn node() -> Node {
    let node = Node::builder().bind(([127, 0, 0, 1], 0));
    node.connect_within(Duration::from_secs(10)).lost_after(Duration::from_secs(20)).start().await.unwrap()
}

/// One that serves, one that calls.
pub struct Two {
    pub bank: Node,
    pub shop: Node,
    /// As it is known where it is.
    pub here: AccountHandle,
    /// As it is known elsewhere.
    pub there: AccountHandle,
}

pub async fn two() -> Two {
    two_with(Account::default()).await
}

pub async fn two_with(account: Account) -> Two {
    let (bank, shop) = (node().await, node().await);
    bank.allow(shop.key());
    shop.learn(&bank.ticket());
    let here = account.spawn();
    bank.serve("ann", &here).unwrap();
    let there = AccountHandle::at(&shop, bank.key(), "ann");
    Two { bank, shop, here, there }
}
