//! A node that dies without a word and comes back at another port.

use crate::account::{Account, AccountHandle, node};
use actor_core::prelude::*;
use actor_remote::{Key, Node, Remote, Ticket};
use futures_util::{StreamExt, stream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const ANY: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// A node that dies with the runtime that it has for itself: as a process that is killed, it says nothing.
struct Mortal {
    runtime: Option<Runtime>,
    node: Node,
    ann: AccountHandle,
}

impl Mortal {
    fn born(folder: &Path, lost_after: Duration) -> Self {
        Self::born_with(folder, lost_after, Account::default())
    }

    fn born_with(folder: &Path, lost_after: Duration, ann: Account) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let file = folder.join("key");
        let start = async move {
            let node = Node::builder().bind(ANY).identity(file).connect_within(SLOW).lost_after(lost_after);
            let node = node.start().await.unwrap();
            node.allow_everybody();
            let ann = ann.spawn();
            node.serve("ann", &ann).unwrap();
            (node, ann)
        };
        let (node, ann) = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(start)).join().unwrap());
        Mortal { runtime: Some(runtime), node, ann }
    }

    fn at(&self, ticket: &Ticket) -> AccountHandle {
        self.node.learn(ticket);
        let _inside = self.runtime.as_ref().unwrap().enter();
        AccountHandle::at(&self.node, ticket.key(), "ann")
    }

    /// It calls there, and keeps the connection until it dies.
    fn calls(&self, ticket: &Ticket) {
        let account = self.at(ticket);
        self.runtime.as_ref().unwrap().spawn(async move {
            until_it_works(&account, Instant::now()).await;
            std::future::pending::<()>().await;
        });
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        let runtime = self.runtime.take().unwrap();
        // When it is over nothing of it runs any more.
        std::thread::spawn(move || runtime.shutdown_timeout(SOON)).join().unwrap();
    }
}

/// What it took, from `began`.
async fn until_it_works(account: &AccountHandle, began: Instant) -> Duration {
    while let Err(error) = account.deposit(1).await {
        assert!(matches!(error, CallError::Remote(_)), "{error:?}");
        assert!(began.elapsed() < SOON, "{error:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    began.elapsed()
}

/// On a busy machine. Without a remedy it is as long as connections are kept, or for ever.
const SOON: Duration = Duration::from_secs(60);

/// As long as connections are kept: much longer than that.
const KEPT: u64 = 300;

/// As long as it takes to connect on a busy machine.
const SLOW: Duration = Duration::from_secs(3);

/// So many of these stories are told at a time: more would have little time each.
const AT_A_TIME: usize = 4;

/// What happens.
#[derive(Clone, Copy, Debug)]
struct Story {
    /// It calls the one that calls it, before it dies, and when it is back.
    calls: (bool, bool),
    /// After how long without a sign of life a peer counts as gone.
    lost_after: Duration,
    /// How long it is away.
    away: Duration,
}

impl Story {
    async fn play(self) {
        let folder = tempfile::tempdir().unwrap();
        let shop = Node::builder().bind(ANY).connect_within(SLOW).lost_after(self.lost_after);
        let shop = shop.start().await.unwrap();
        shop.allow_everybody();
        let here = Account::default().spawn();
        shop.serve("ann", &here).unwrap();
        let bank = Mortal::born(folder.path(), self.lost_after);
        shop.learn(&bank.node.ticket());
        let account = AccountHandle::at(&shop, bank.node.key(), "ann");
        until_it_works(&account, Instant::now()).await;
        if self.calls.0 {
            bank.calls(&shop.ticket());
            until(|| here.balance(), 1).await;
        }
        drop(bank);
        tokio::time::sleep(self.away).await;
        let again = Mortal::born(folder.path(), self.lost_after);
        let began = Instant::now();
        shop.learn(&again.node.ticket());
        if self.calls.1 {
            again.calls(&shop.ticket());
            until(|| here.balance(), 1 + u64::from(self.calls.0)).await;
        }
        let calls = began.elapsed();
        let called = until_it_works(&account, began).await;
        println!("{self:?}: calls after {calls:.2?}, is called after {called:.2?}");
    }
}

/// Waits until as much has been paid in.
async fn until<F: Future<Output = Result<u64, CallError>>>(balance: impl Fn() -> F, least: u64) {
    let began = Instant::now();
    while balance().await.unwrap() < least {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn it_calls_and_is_called_soon_whatever_there_was_before() {
    let mut stories = Vec::new();
    for calls in [(false, false), (false, true), (true, false), (true, true)] {
        for (lost_after, away) in [(1, 0), (1, 600), (KEPT, 0)] {
            let (lost_after, away) = (Duration::from_secs(lost_after), Duration::from_millis(away));
            stories.push(Story { calls, lost_after, away }.play());
        }
    }
    let told = stream::iter(stories).for_each_concurrent(AT_A_TIME, |story| story);
    assert!(timeout(SOON * 3, told).await.is_ok(), "one of them hangs");
}

/// What was sent before the death is no sign of life, though it is read after it.
#[tokio::test]
async fn what_it_said_last_is_read_after_its_death() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Node::builder().bind(ANY).lost_after(Duration::from_secs(KEPT)).start().await.unwrap();
    let ann = Account::default();
    let (gate, waits) = (Arc::clone(&ann.gate), Arc::clone(&ann.waits));
    let bank = Mortal::born_with(folder.path(), Duration::from_secs(KEPT), ann);
    shop.learn(&bank.node.ticket());
    let account = AccountHandle::at(&shop, bank.node.key(), "ann");
    let answered = account.wait().start();
    waits.notified().await;
    // It answers, and is gone when its answer can be read here.
    let (sent, is_sent) = std::sync::mpsc::channel();
    let ann = bank.ann.clone();
    bank.runtime.as_ref().unwrap().spawn(async move {
        gate.notify_one();
        ann.deposit(1).await.unwrap();
        // Behind all that sends it: its only thread does one after the other.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        sent.send(()).unwrap();
    });
    is_sent.recv().unwrap();
    drop(bank);
    let again = Mortal::born(folder.path(), Duration::from_secs(KEPT));
    shop.learn(&again.node.ticket());
    let works = until_it_works(&account, Instant::now());
    assert!(timeout(SOON, works).await.is_ok(), "what is dead is taken for alive");
    drop(answered);
}

/// Two processes with one key are a mistake, but one that must not look as if one of them had died.
#[tokio::test]
async fn whoever_is_there_is_not_cut_off_by_one_who_comes_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let shop = node().await;
    shop.allow_everybody();
    shop.serve("ann", &Account::default().spawn()).unwrap();
    let kept = Duration::from_secs(KEPT);
    let (one, other) = (Mortal::born(folder.path(), kept), Mortal::born(folder.path(), kept));
    let first = one.at(&shop.ticket());
    assert_eq!(first.deposit(1).await.unwrap(), 1);
    let waits = first.wait().timeout(Duration::from_secs(2)).start();
    // Behind the one that waits, so that nothing but a receipt comes.
    other.at(&shop.ticket()).deposit(1).tell().await.unwrap();
    let outcome = waits.await;
    assert!(matches!(outcome, Err(CallError::TimedOut { .. })), "{outcome:?}");
}

/// Nobody knows where it is, so that attempts fail at once, and the pauses between them grow until they are longer than what comes takes.
#[tokio::test]
async fn whoever_calls_is_called_without_the_pause_after_failures() {
    let folder = tempfile::tempdir().unwrap();
    let shop = node().await;
    shop.allow_everybody();
    let here = Account::default().spawn();
    shop.serve("ann", &here).unwrap();
    let account = AccountHandle::at(&shop, Key::in_file(folder.path().join("key")).unwrap(), "ann");
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(1600) {
        assert!(account.deposit(1).await.unwrap_err().never_ran());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let bank = Mortal::born(folder.path(), Duration::from_secs(KEPT));
    bank.calls(&shop.ticket());
    until(|| here.balance(), 1).await;
    assert_eq!(account.deposit(1).await.unwrap(), 1);
}
