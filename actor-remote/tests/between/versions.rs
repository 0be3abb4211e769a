//! Two programs that know the same actor differently.

use crate::account::node;
use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::Remote;
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
    let (there, here) = (node().await, node().await);
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
    let (there, here) = (node().await, node().await);
    there.allow(here.key());
    here.learn(&there.ticket());
    there.serve("bidder", &BidderHandle::from(old::Shop.spawn())).unwrap();
    let bidder = BidderHandle::at(&here, there.key(), "bidder");
    assert_eq!(bidder.limit().await.unwrap(), 7);
}

mod new_listener {
    use super::*;

    #[actor]
    pub struct Listener;

    #[actor(derive(Serialize, Deserialize))]
    impl Listener {
        pub fn first(&self) -> u32 {
            1
        }
        pub fn added(&self) -> u32 {
            2
        }
    }

    #[actor]
    #[derive(Default)]
    pub struct Board(Option<ListenerHandle>);

    #[actor(derive(Serialize, Deserialize))]
    impl Board {
        pub fn subscribe(&mut self, listener: ListenerHandle) {
            self.0 = Some(listener);
        }
        pub fn other(&mut self, listener: old::ShopHandle) {
            drop(listener);
        }
        pub async fn ask(&self) -> Option<(u32, bool)> {
            let listener = self.0.as_ref()?;
            let added = listener.added().await;
            Some((listener.first().await.ok()?, matches!(added, Err(error) if error.never_ran())))
        }
    }
}

mod old_listener {
    use super::*;

    #[actor]
    pub struct Listener;

    #[actor(derive(Serialize, Deserialize))]
    impl Listener {
        pub fn first(&self) -> u32 {
            1
        }
    }

    #[actor]
    pub struct Board;

    #[actor(derive(Serialize, Deserialize))]
    impl Board {
        pub fn subscribe(&mut self, listener: ListenerHandle) {
            drop(listener);
        }
        pub fn other(&mut self, listener: ListenerHandle) {
            drop(listener);
        }
    }
}

#[tokio::test]
async fn of_a_handle_in_a_message_only_the_name_counts() {
    let (there, here) = (node().await, node().await);
    there.allow(here.key());
    here.learn(&there.ticket());
    let board = new_listener::Board::default().spawn();
    there.serve("board", &board).unwrap();
    let old = old_listener::BoardHandle::at(&here, there.key(), "board");
    old.subscribe(old_listener::Listener.spawn()).await.unwrap();
    assert_eq!(board.ask().await.unwrap(), Some((1, true)));
    let error = old.other(old_listener::Listener.spawn()).await.unwrap_err();
    let CallError::Remote(RemoteError::VersionMismatch(mismatch)) = error else { panic!("{error:?}") };
    assert_eq!(mismatch.ours.1, "Other { listener: Handle { handle of Listener: bytes } } -> ()");
    assert!(mismatch.theirs.as_ref().unwrap().1.contains("handle of Shop"));
}
