//! What one handle sends arrives in order, whatever its size.

use crate::account::{AccountHandle, two};
use actor_remote::Remote;
use futures_util::future::join_all;

#[tokio::test]
async fn small_and_large_ones() {
    let two = two().await;
    let sizes = [10, 200_000, 10, 0, 1_000_000, 10, 17_000, 10];
    let notes: Vec<_> = (0..160u32)
        .zip(sizes.iter().cycle())
        .map(|(number, size)| two.there.note(number, "x".repeat(*size)).start())
        .collect();
    join_all(notes).await.into_iter().for_each(Result::unwrap);
    assert_eq!(two.here.seen().await.unwrap(), Vec::from_iter(0..160));
}

#[tokio::test]
async fn calls_and_tells() {
    let two = two().await;
    for number in 0..300u32 {
        if number % 3 == 0 {
            two.there.note(number, String::new()).try_tell().unwrap();
        } else {
            two.there.note(number, String::new()).start().detach();
        }
    }
    assert_eq!(two.there.seen().await.unwrap(), Vec::from_iter(0..300));
}

#[tokio::test]
async fn a_large_one_keeps_nobody_else_waiting() {
    let two = two().await;
    let other = AccountHandle::at(&two.shop, two.bank.key(), "ann");
    other.deposit(1).await.unwrap();
    let large = two.there.note(1, "x".repeat(16_000_000)).start();
    // Sent later, and there first.
    assert_eq!(other.seen().await.unwrap(), []);
    large.await.unwrap();
    assert_eq!(other.seen().await.unwrap(), [1]);
}

#[tokio::test]
async fn one_that_is_taken_back_while_its_body_is_on_its_way_holds_nobody() {
    let two = two().await;
    two.there.deposit(1).await.unwrap();
    let large = two.there.note(1, "x".repeat(16_000_000)).start();
    let behind = two.there.note(2, String::new()).start();
    drop(large);
    behind.await.unwrap();
    // More than there may be streams at a time: none of them is left lying.
    for _ in 0..100 {
        drop(two.there.note(1, "x".repeat(100_000)).start());
        two.there.deposit(1).await.unwrap();
    }
    let seen = two.here.seen().await.unwrap();
    // Each may have been there before it was taken back.
    assert_eq!(seen.iter().filter(|note| **note == 2).count(), 1, "{seen:?}");
}
