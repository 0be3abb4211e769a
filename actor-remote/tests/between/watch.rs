//! The end of an actor elsewhere.

use crate::account::{Account, AccountHandle, Two, two, two_with};
use actor_core::prelude::*;
use actor_core::{Exit, OutOfSight, Registry, RemoteError};
use actor_remote::{Key, Limits, Node, Remote};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Passes on the ends that it is told.
#[actor]
pub struct Watcher(mpsc::UnboundedSender<Exit>);

#[actor]
impl Watcher {
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: AccountHandle) {
        ctx.watch(&whom);
    }
    pub fn unwatch(&mut self, ctx: &mut Context<Self>, whom: AccountHandle) {
        ctx.unwatch(&whom);
    }
    #[on_exit]
    fn told(&mut self, exit: Exit) {
        self.0.send(exit).unwrap();
    }
}

fn watcher() -> (WatcherHandle, mpsc::UnboundedReceiver<Exit>) {
    let (told, exits) = mpsc::unbounded_channel();
    (Watcher(told).spawn(), exits)
}

/// Why it ends, in a time that is long enough for anything.
pub async fn end(handle: &AccountHandle) -> ExitReason {
    timeout(Duration::from_secs(20), handle.stopped()).await.expect("it ends")
}

#[tokio::test]
async fn it_ends_here_as_it_does_there() {
    let two = two().await;
    let stopped = two.there.stopped();
    two.here.stop();
    assert!(matches!(stopped.await, ExitReason::Stopped));
    assert!(!two.there.is_running());
    assert!(matches!(two.there.deposit(1).await, Err(CallError::NotRunning)));

    let two = self::two().await;
    two.here.kill();
    assert!(matches!(end(&two.there).await, ExitReason::Killed));

    let two = self::two().await;
    let stopped = two.there.stopped();
    assert_eq!(two.there.close().await.unwrap(), 0);
    assert!(matches!(stopped.await, ExitReason::Finished));

    let two = self::two().await;
    let stopped = two.there.stopped();
    two.here.panics().await.unwrap_err();
    let ExitReason::Panicked(panicked) = stopped.await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("panics"), "as it was told"));
    assert!(panicked.location().unwrap().file().ends_with("account.rs"));
}

#[tokio::test]
async fn whoever_asks_whether_it_runs_hears_when_it_does_not() {
    let two = two().await;
    assert!(two.there.is_running());
    two.here.stop();
    while two.there.is_running() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_actor_that_watches_is_told() {
    let two = two().await;
    let (watcher, mut exits) = watcher();
    watcher.watch(two.there.clone()).await.unwrap();
    let other = AccountHandle::at(&two.shop, two.bank.key(), "ann");
    watcher.watch(other.clone()).await.unwrap();
    watcher.unwatch(other.clone()).await.unwrap();
    two.here.stop();
    let exit = exits.recv().await.unwrap();
    assert_eq!((exit.id, exit.name.as_deref()), (two.there.id(), Some("ann")));
    assert!(matches!(exit.reason, ExitReason::Stopped));
    // Only whoever watches it keeps this one.
    watcher.watch(AccountHandle::at(&two.shop, two.bank.key(), "ann")).await.unwrap();
    assert!(matches!(exits.recv().await.unwrap().reason, ExitReason::Stopped));
    // The other one ends as well, and nobody is told.
    assert!(matches!(end(&other).await, ExitReason::Stopped));
    assert!(exits.try_recv().is_err());
}

#[tokio::test]
async fn whoever_is_not_there_cannot_be_seen() {
    let two = two().await;
    let out_of_sight = async |key: Key, name: &str| {
        let reason = end(&AccountHandle::at(&two.shop, key, name)).await;
        assert!(!reason.is_normal());
        OutOfSight::of(&reason).unwrap_or_else(|| panic!("{reason:?}")).to_string()
    };
    let nobody = out_of_sight(two.bank.key(), "bob").await;
    assert_eq!(nobody, "out of sight: no actor `bob` is served there");
    let too_long = out_of_sight(two.bank.key(), &"x".repeat(5000)).await;
    assert!(too_long.contains("is served there"), "{too_long}");
    let nowhere = Node::local().await.unwrap().key();
    assert_eq!(out_of_sight(nowhere, "ann").await, "out of sight: no address of it is known");
    let other = Node::local().await.unwrap();
    two.shop.learn(&other.ticket());
    let refused = out_of_sight(other.key(), "ann").await;
    assert_eq!(refused, "out of sight: the other machine lets nobody in with this key");
}

fn lost(reason: &ExitReason) {
    let why = OutOfSight::of(reason).unwrap_or_else(|| panic!("{reason:?}")).why();
    assert!(matches!(why, CallError::Remote(RemoteError::ConnectionLost { .. })), "{why:?}");
}

#[tokio::test]
async fn with_the_connection_it_goes_out_of_sight() {
    let two = two().await;
    let (watcher, mut exits) = watcher();
    watcher.watch(two.there.clone()).await.unwrap();
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    // One that nobody watches survives that.
    let other = AccountHandle::at(&two.shop, two.bank.key(), "ann");
    assert_eq!(other.deposit(1).await.unwrap(), 2);
    two.bank.forbid(two.shop.key());
    lost(&exits.recv().await.unwrap().reason);
    assert!(matches!(two.there.deposit(1).await, Err(CallError::NotRunning)));
    assert!(two.here.is_running());
    two.bank.allow(two.shop.key());
    while other.deposit(1).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A new one finds it again.
    let again = AccountHandle::at(&two.shop, two.bank.key(), "ann");
    let stopped = again.stopped();
    two.here.stop();
    assert!(matches!(stopped.await, ExitReason::Stopped));
}

/// One whose limits are these.
async fn limited(limits: Limits) -> Two {
    let bank = Node::builder().bind(([127, 0, 0, 1], 0)).limits(limits).start().await.unwrap();
    let shop = Node::local().await.unwrap();
    bank.allow(shop.key());
    shop.learn(&bank.ticket());
    let here = Account::default().spawn();
    bank.serve("ann", &here).unwrap();
    let there = AccountHandle::at(&shop, bank.key(), "ann");
    Two { bank, shop, here, there }
}

#[tokio::test]
async fn no_more_are_watched_than_allowed_and_those_that_go_are_forgotten() {
    let two = limited(Limits { watches: 2, ..Limits::default() }).await;
    let at = || AccountHandle::at(&two.shop, two.bank.key(), "ann");
    let first = two.there.stopped();
    let second = at();
    assert!(second.is_running());
    // Behind both, in order.
    second.deposit(1).await.unwrap();
    two.there.deposit(1).await.unwrap();
    let reason = end(&at()).await;
    assert!(matches!(OutOfSight::of(&reason).unwrap().why(), CallError::Full), "{reason:?}");
    drop(second);
    let third = loop {
        let third = at();
        let stopped = third.stopped();
        match timeout(Duration::from_millis(100), stopped).await {
            Ok(reason) => assert!(matches!(OutOfSight::of(&reason).unwrap().why(), CallError::Full)),
            Err(_) => break third,
        }
    };
    two.here.stop();
    assert!(matches!(end(&third).await, ExitReason::Stopped));
    assert!(matches!(first.await, ExitReason::Stopped));
}

#[tokio::test]
async fn all_that_was_answered_is_there_before_the_end() {
    for _ in 0..10 {
        let two = two().await;
        let stopped = two.there.stopped();
        let texts = Vec::from_iter((0..3).map(|_| two.there.echo("x".repeat(500_000)).start()));
        let closed = two.there.close().start();
        for text in texts {
            assert_eq!(text.await.unwrap().len(), 500_000);
        }
        assert_eq!(closed.await.unwrap(), 0);
        assert!(matches!(stopped.await, ExitReason::Finished));
    }
}

#[tokio::test]
async fn what_never_ran_is_told_so_though_it_is_watched() {
    let account = Account::default();
    let waits = Arc::clone(&account.waits);
    let two = two_with(account).await;
    let stopped = two.there.stopped();
    let running = two.there.wait().start();
    waits.notified().await;
    let queued = Vec::from_iter((0..100).map(|_| two.there.deposit(1).start()));
    // In order: when this lies in the mailbox, they do.
    two.there.deposit(1).tell().await.unwrap();
    two.here.kill();
    assert!(matches!(running.await, Err(CallError::Interrupted(ExitReason::Killed))));
    for call in queued {
        let error = call.await.unwrap_err();
        assert!(matches!(error, CallError::NotRunning), "{error:?}");
    }
    assert!(matches!(stopped.await, ExitReason::Killed));
}

/// Those who have called it do not keep it.
#[tokio::test]
async fn what_is_served_no_more_ends_with_its_last_handle() {
    let two = two().await;
    let (here, there) = (two.here.stopped(), two.there.stopped());
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    drop(two.here);
    two.bank.withdraw("ann");
    let ends = futures_util::future::join(here, there);
    let ends = timeout(Duration::from_secs(20), ends).await.expect("it ends");
    assert!(matches!(ends, (ExitReason::Finished, ExitReason::Finished)), "{ends:?}");
}

#[tokio::test]
async fn one_that_is_served_or_has_a_name_is_not_watched_for_that() {
    let two = two().await;
    let home = Node::local().await.unwrap();
    two.shop.allow(home.key());
    home.learn(&two.shop.ticket());
    two.shop.serve("ann at the bank", &two.there).unwrap();
    let registry = Registry::new();
    registry.register("ann", &two.there).unwrap();
    let far = AccountHandle::at(&home, two.shop.key(), "ann at the bank");
    assert_eq!(far.deposit(1).await.unwrap(), 1);
    assert_eq!(far.deposit(1).await.unwrap(), 2);
    assert!(registry.get::<AccountHandle>("ann").is_some());
    two.bank.forbid(two.shop.key());
    while far.deposit(1).await.is_ok() {}
    two.bank.allow(two.shop.key());
    timeout(Duration::from_secs(20), async {
        while far.deposit(1).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    assert!(registry.get::<AccountHandle>("ann").is_some());
}

#[tokio::test]
async fn out_of_sight_behind_another_node_is_no_end() {
    let two = two().await;
    let home = Node::local().await.unwrap();
    two.shop.allow(home.key());
    home.learn(&two.shop.ticket());
    two.shop.serve("ann at the bank", &two.there).unwrap();
    let far = AccountHandle::at(&home, two.shop.key(), "ann at the bank");
    assert_eq!(far.deposit(1).await.unwrap(), 1);
    let stopped = far.stopped();
    assert_eq!(far.deposit(1).await.unwrap(), 2);
    two.bank.close().await;
    lost(&timeout(Duration::from_secs(20), stopped).await.unwrap());
    assert!(two.here.is_running());
}
