//! Two programs that know the same actor differently.

use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::{Node, Remote};
use serde::{Deserialize, Serialize};

mod old {
    use super::*;

    #[actor]
    pub struct Shop;

    #[actor(derive(Serialize, Deserialize))]
    impl Shop {
        pub fn first(&self, n: u32) -> u32 {
            n
        }
        pub fn changed(&self, n: u32) -> u32 {
            n
        }
        pub fn reply(&self) -> u32 {
            1
        }
        pub fn gone(&self) {}
    }
}

mod new {
    use super::*;

    #[actor]
    pub struct Shop;

    #[actor(derive(Serialize, Deserialize))]
    impl Shop {
        pub fn added(&self) -> String {
            "new".into()
        }
        pub fn reply(&self) -> u64 {
            1
        }
        pub fn changed(&self, n: u32, more: bool) -> u32 {
            n + u32::from(more)
        }
        pub fn first(&self, n: u32) -> u32 {
            n + 1
        }
    }
}

async fn mismatch<T: std::fmt::Debug>(call: impl Future<Output = Result<T, CallError>>) -> (String, bool) {
    let error = call.await.unwrap_err();
    assert!(error.never_ran());
    let CallError::Remote(RemoteError::VersionMismatch(mismatch)) = &error else { panic!("{error:?}") };
    let theirs = mismatch.theirs.as_ref().map(|(fingerprint, _)| *fingerprint);
    assert_ne!(theirs, Some(mismatch.ours.0));
    (mismatch.message.clone(), theirs.is_some())
}

#[tokio::test]
async fn what_did_not_change_goes_on() {
    let (there, here) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    there.allow(here.key());
    here.learn(&there.ticket());
    there.serve("new", &new::Shop.spawn()).unwrap();
    there.serve("old", &old::Shop.spawn()).unwrap();

    let old = old::ShopHandle::at(&here, there.key(), "new");
    assert_eq!(old.first(1).await.unwrap(), 2);
    assert_eq!(mismatch(old.changed(1)).await, ("Changed".into(), true));
    assert_eq!(mismatch(old.reply()).await, ("Reply".into(), true));
    assert_eq!(mismatch(old.gone()).await, ("Gone".into(), false));

    let new = new::ShopHandle::at(&here, there.key(), "old");
    assert_eq!(new.first(1).await.unwrap(), 1);
    assert_eq!(mismatch(new.changed(1, true)).await, ("Changed".into(), true));
    assert_eq!(mismatch(new.reply()).await, ("Reply".into(), true));
    assert_eq!(mismatch(new.added()).await, ("Added".into(), false));
}

#[actor(derive(Serialize, Deserialize))]
pub trait Bidder {
    fn limit(&self) -> u32;
}

impl Bidder for old::Shop {
    fn limit(&self) -> u32 {
        7
    }
}

#[tokio::test]
async fn protocols_are_served_by_their_own_handles() {
    let (there, here) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    there.allow(here.key());
    here.learn(&there.ticket());
    there.serve("bidder", &BidderHandle::from(old::Shop.spawn())).unwrap();
    let bidder = BidderHandle::at(&here, there.key(), "bidder");
    assert_eq!(bidder.limit().await.unwrap(), 7);
}
