//! Replies that are streams, between two nodes.

use crate::account::{Account, two, two_with};
use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::Remote;
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize, Serializer, ser};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[tokio::test]
async fn items_come_in_order_and_the_end_is_the_end() {
    let two = two().await;
    let mut texts = two.there.texts(vec![1, 0, 200_000, 3]).await.unwrap();
    for size in [1, 0, 200_000, 3] {
        assert_eq!(texts.next().await.unwrap().unwrap().len(), size);
    }
    assert!(texts.next().await.is_none());
    assert!(texts.next().await.is_none());
}

/// They are taken several at a time, as many as it is thought that there is room for.
#[tokio::test]
async fn items_of_all_sizes_come_whole_and_in_order() {
    let two = two().await;
    let sizes = [0, 10, 10, 10, 10, 40_000, 3, 17_000, 17_000, 100_000, 1, 1, 16_384, 16_380, 0].repeat(30);
    let mut texts = two.there.texts(sizes.clone()).await.unwrap();
    for size in sizes {
        assert_eq!(texts.next().await.unwrap().unwrap().len(), size);
    }
    assert!(texts.next().await.is_none());
}

/// One of them cannot be written.
#[derive(Deserialize)]
struct Odd(u64);

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            5 => Err(ser::Error::custom("five")),
            number => serializer.serialize_newtype_struct("Odd", &number),
        }
    }
}

#[actor]
struct Odds;

#[actor(derive(Serialize, Deserialize))]
impl Odds {
    pub fn all(&self) -> impl Stream<Item = Odd> + use<> {
        stream::iter((0..10).map(Odd))
    }
}

#[tokio::test]
async fn one_that_cannot_be_written_is_the_last_behind_those_before() {
    let two = two().await;
    two.bank.serve("odds", &Odds.spawn()).unwrap();
    let mut odds = OddsHandle::at(&two.shop, two.bank.key(), "odds").all().await.unwrap();
    for number in 0..5 {
        assert_eq!(odds.next().await.unwrap().unwrap().0, number);
    }
    let error = odds.next().await.unwrap().err().unwrap();
    assert!(matches!(error, CallError::Remote(RemoteError::Codec(_))), "{error:?}");
    assert!(odds.next().await.is_none());
}

#[tokio::test]
async fn a_reader_holds_it_back_and_stops_it() {
    let account = Account::default();
    let cancelled = Arc::clone(&account.cancelled);
    let two = two_with(account).await;
    let mut numbers = two.there.numbers(5).await.unwrap();
    for expected in 5..1005 {
        assert_eq!(numbers.next().await.unwrap().unwrap(), expected);
    }
    // An endless one: were it not held back, nothing else would come through.
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    drop(numbers);
    cancelled.notified().await;
}

#[tokio::test]
async fn several_at_a_time() {
    let two = two().await;
    let mut all = Vec::new();
    for n in 0..50 {
        all.push((n, two.there.numbers(n).await.unwrap()));
    }
    for step in 0..100 {
        for (n, numbers) in &mut all {
            assert_eq!(numbers.next().await.unwrap().unwrap(), *n + step);
        }
    }
}

#[tokio::test]
async fn one_that_nobody_reads_keeps_nobody_waiting() {
    let two = two().await;
    let mut unread = Vec::new();
    for _ in 0..20 {
        unread.push(two.there.texts(vec![100_000; 50]).await.unwrap());
    }
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    let mut last = unread.pop().unwrap();
    let mut count = 0;
    while let Some(text) = last.next().await {
        assert_eq!(text.unwrap().len(), 100_000);
        count += 1;
    }
    assert_eq!(count, 50);
}

#[tokio::test]
async fn the_death_of_the_actor_is_no_silent_end() {
    let two = two().await;
    two.here.deposit(3).await.unwrap();
    let mut stuck = two.there.stuck().await.unwrap();
    assert_eq!(stuck.next().await.unwrap().unwrap(), 3);
    two.here.kill();
    let error = stuck.next().await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Interrupted(ExitReason::Killed)), "{error:?}");
    assert!(stuck.next().await.is_none());
}

#[tokio::test]
async fn the_loss_of_the_connection_is_none_either() {
    let two = two().await;
    let mut stuck = two.there.stuck().await.unwrap();
    assert_eq!(stuck.next().await.unwrap().unwrap(), 0);
    two.bank.close().await;
    let error = stuck.next().await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::ConnectionLost { .. })), "{error:?}");
    assert!(stuck.next().await.is_none());
}

/// Counts what it makes.
#[actor]
struct Fountain(Arc<AtomicU64>);

#[actor(derive(Serialize, Deserialize))]
impl Fountain {
    pub fn flow(&self, size: usize) -> impl Stream<Item = Vec<u8>> + use<> {
        let made = Arc::clone(&self.0);
        stream::iter(0u64..).map(move |_| {
            made.fetch_add(1, Ordering::AcqRel);
            vec![7; size]
        })
    }
}

#[tokio::test]
async fn what_nobody_reads_is_bounded_in_items_and_in_bytes() {
    // How many may wait on the way, beside those that wait at the actor: 16, and one that does for its turn.
    for (size, on_the_way) in [(0, 16), (100, 16), (30_000, 3), (100_000, 1)] {
        let two = two().await;
        let made = Arc::new(AtomicU64::new(0));
        two.bank.serve("fountain", &Fountain(Arc::clone(&made)).spawn()).unwrap();
        let mut flow = FountainHandle::at(&two.shop, two.bank.key(), "fountain").flow(size).await.unwrap();
        // Time enough for more.
        for _ in 0..100 {
            two.there.deposit(1).await.unwrap();
        }
        let most = on_the_way + 16 + 1;
        assert!(made.load(Ordering::Acquire) <= most, "{size}: {made:?}");
        for _ in 0..300 {
            assert_eq!(flow.next().await.unwrap().unwrap().len(), size);
        }
        assert_eq!(two.there.deposit(1).await.unwrap(), 101);
    }
}
