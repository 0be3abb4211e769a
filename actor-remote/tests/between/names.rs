//! Who has a name: claims, and the directory of one node.

use crate::account::{Account, AccountHandle, two};
use actor_core::prelude::*;
use actor_remote::{
    Claim, Directory, DirectoryError, FencingToken, Keeper, Location, Lost, NoLocation, Node, Remote, Ticket,
};
use std::time::Duration;
use tokio::time::Instant;

fn claimed() -> (Claim, Keeper) {
    // The key of nobody: the base point of the curve.
    let key = format!("58{}", "66".repeat(31)).parse().unwrap();
    Claim::new("bank", Location::new(Ticket::new(key, []), "ann"), FencingToken::new(7))
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_over_when_its_time_is_and_stays_so() {
    let (claim, keeper) = claimed();
    assert!(claim.is_held(), "no time was named");
    let began = Instant::now();
    keeper.extend(began + Duration::from_secs(2));
    keeper.extend(began + Duration::from_secs(5));
    assert_eq!(claim.lost().await, Lost::Expired);
    assert_eq!(began.elapsed().as_secs(), 5);
    keeper.extend(Instant::now() + Duration::from_secs(5));
    assert!(!claim.is_held() && !keeper.is_held());
    assert_eq!(claim.lost().await, Lost::Expired);
}

#[tokio::test(start_paused = true)]
async fn whoever_stood_still_sees_it_before_he_is_told() {
    let (claim, keeper) = claimed();
    keeper.extend(Instant::now() + Duration::from_secs(1));
    // Nothing runs meanwhile.
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!claim.is_held());
    // An answer of the directory that comes only now is too late.
    keeper.extend(Instant::now() + Duration::from_secs(9));
    assert!(!claim.is_held());
    keeper.lose(Lost::Revoked);
    assert_eq!(claim.lost().await, Lost::Expired, "the first reason is the reason");
}

#[tokio::test]
async fn a_directory_that_goes_takes_its_claims_along() {
    let (claim, keeper) = claimed();
    drop(keeper);
    assert_eq!(claim.lost().await, Lost::Closed);
    assert!(matches!(claim.release().await, Err(DirectoryError::Closed)));
}

#[tokio::test]
async fn an_actor_that_guards_a_claim_dies_with_it() {
    let (claim, keeper) = claimed();
    let account = Account::default().spawn();
    claim.guard(&account);
    assert_eq!(account.deposit(1).await.unwrap(), 1);
    keeper.lose(Lost::Revoked);
    assert!(matches!(account.stopped().await, ExitReason::Killed));
}

#[tokio::test]
async fn one_has_a_name_at_a_time() {
    let two = two().await;
    let names = two.bank.directory();
    let (vault, cellar) = (two.bank.location("vault"), two.shop.location("cellar"));
    let first = names.claim("bank", &vault).await.unwrap();
    let error = names.claim("bank", &cellar).await.unwrap_err();
    let DirectoryError::Taken { holder, .. } = &error else { panic!("{error:?}") };
    assert_eq!((holder.location(), holder.token()), (&vault, first.token()));
    assert!(matches!(names.set("bank", cellar.clone()), Err(DirectoryError::Taken { .. })));
    assert!(!names.forget("bank"));

    // Dropped, it is free, and whoever waits for it hears that.
    let token = first.token();
    let (freed, ()) = tokio::join!(names.changed("bank", Some(token)), async { drop(first) });
    assert_eq!(freed.unwrap(), None);
    let second = names.claim("bank", &cellar).await.unwrap();
    assert!(second.token() > token);
    assert_eq!(names.changed("bank", Some(token)).await.unwrap().unwrap().location(), &cellar);
    second.release().await.unwrap();
    assert_eq!(names.lookup("bank").await.unwrap(), None);

    let last = names.claim("bank", &cellar).await.unwrap();
    two.bank.close().await;
    assert_eq!(last.lost().await, Lost::Closed);
    assert!(matches!(names.claim("other", &cellar).await, Err(DirectoryError::Closed)));
}

#[tokio::test]
async fn what_is_served_has_its_name() {
    let two = two().await;
    let names = two.bank.directory();
    let ann = names.lookup("ann").await.unwrap().unwrap();
    assert_eq!(ann.location(), &two.bank.location("ann"));
    let error = names.claim("ann", &two.shop.location("ann")).await.unwrap_err();
    assert!(matches!(error, DirectoryError::Taken { .. }), "{error:?}");
    // Its own name it may claim.
    names.claim("ann", &two.bank.location("ann")).await.unwrap().release().await.unwrap();
    // It has the name until it has ended.
    let ended = names.changed("ann", Some(ann.token()));
    two.here.stop();
    assert_eq!(ended.await.unwrap(), None);
    two.bank.serve("ann", &Account::default().spawn()).unwrap();
    let successor = names.changed("ann", None).await.unwrap().unwrap();
    assert!(successor.token() > ann.token());
}

#[tokio::test]
async fn others_are_called_by_petnames() {
    let two = two().await;
    let names = two.shop.directory();
    let none = AccountHandle::find(&two.shop, &names, "my account").await;
    assert!(matches!(none, Err(DirectoryError::Unknown(name)) if name == "my account"));
    names.set("my account", two.bank.location("nobody")).unwrap();
    names.set("my account", two.bank.location("ann")).unwrap();
    let directory: Box<dyn Directory> = Box::new(names.clone());
    let account = AccountHandle::find(&two.shop, &*directory, "my account").await.unwrap();
    assert_eq!(account.deposit(2).await.unwrap(), 2);
    assert!(names.forget("my account"));
    assert!(!names.forget("my account"));
    assert_eq!(names.lookup("my account").await.unwrap(), None);
    assert!(matches!(names.lookup("").await, Err(DirectoryError::Length { bytes: 0, .. })));
    let long = "x".repeat(1025);
    assert!(names.set(&long, two.bank.location("ann")).is_err());
}

#[tokio::test]
async fn a_location_is_a_text() {
    let node = Node::local().await.unwrap();
    for name in ["ann", "with spaces  in it", ""] {
        let location = node.location(name);
        assert_eq!(location.to_string().parse::<Location>().unwrap(), location);
    }
    assert!(matches!("ann".parse::<Location>(), Err(NoLocation::NoName(_))));
    assert!(matches!("ann at home".parse::<Location>(), Err(NoLocation::Ticket(_))));
}
