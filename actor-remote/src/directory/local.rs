//! The directory of one node.

use super::{Claim, Directory, DirectoryError, FencingToken, Holder, Keeper, Location, Lost};
use crate::node::{Inner, lock};
use futures_core::future::BoxFuture;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The names that are one node's alone: what it serves, and what it calls others. See [`Node::directory`](crate::Node::directory).
///
/// A name is unique here and says nothing elsewhere. Such names for others are known as petnames: `ann` is whoever this node calls so. They are set for good
/// by [`set`](Self::set), or claimed as in any [`Directory`]; neither is written to a disk, and tokens begin anew with each node.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{Directory, Node, Remote};
/// use serde::{Deserialize, Serialize};
///
/// #[actor]
/// struct Account;
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Account {
///     pub fn owner(&self) -> String {
///         "Ann".into()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (bank, shop) = (Node::local().await?, Node::local().await?);
/// # bank.allow(shop.key());
/// bank.serve("4711", &Account.spawn())?;
/// // What is served is found by the name that it is served by,
/// assert!(bank.directory().lookup("4711").await?.is_some());
///
/// // and others by the name that they are given.
/// shop.directory().set("ann", bank.location("4711"))?;
/// let ann = AccountHandle::find(&shop, &shop.directory(), "ann").await?;
/// assert_eq!(ann.owner().await?, "Ann");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct LocalDirectory(Arc<Inner>);

/// What a node calls others.
pub(crate) struct Petnames {
    known: Mutex<HashMap<String, Petname>>,
    tokens: AtomicU64,
    /// Counts changes, also of what is served.
    changes: watch::Sender<u64>,
}

struct Petname {
    holder: Holder,
    is_claimed: bool,
}

impl Default for Petnames {
    fn default() -> Self {
        Petnames { known: Mutex::default(), tokens: AtomicU64::new(0), changes: watch::Sender::default() }
    }
}

impl Petnames {
    pub(crate) fn token(&self) -> FencingToken {
        FencingToken::new(self.tokens.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A name has changed hands.
    pub(crate) fn tell(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn holder(&self, name: &str) -> Option<Holder> {
        lock(&self.known).get(name).map(|known| known.holder.clone())
    }

    fn remove(&self, name: &str, is_meant: impl FnOnce(&Petname) -> bool) -> bool {
        let mut known = lock(&self.known);
        let is_there = known.get(name).is_some_and(is_meant) && known.remove(name).is_some();
        drop(known);
        if is_there {
            self.tell();
        }
        is_there
    }
}

impl LocalDirectory {
    pub(crate) fn of(node: &Arc<Inner>) -> Self {
        LocalDirectory(Arc::clone(node))
    }

    /// From here on `name` is what is at `location`, until [`forget`](Self::forget) or another `set`.
    ///
    /// # Errors
    /// If an actor is served by that name, or it was claimed; if it is no name.
    pub fn set(&self, name: &str, location: Location) -> Result<(), DirectoryError> {
        self.take(name, location, false).map(drop)
    }

    /// Nobody is called so any more; whether somebody was. What is served or claimed is not touched.
    pub fn forget(&self, name: &str) -> bool {
        self.0.petnames.remove(name, |known| !known.is_claimed)
    }

    fn take(&self, name: &str, location: Location, is_claimed: bool) -> Result<FencingToken, DirectoryError> {
        DirectoryError::check(name)?;
        if self.0.is_closed() {
            return Err(DirectoryError::Closed);
        }
        let taken =
            |holder: Holder| DirectoryError::Taken { name: name.to_owned(), holder: Box::new(holder) };
        // What is served by a name is what that name means here.
        let is_itself = location.key() == self.0.key() && location.name() == name;
        if let Some(holder) = self.served(name).filter(|_| !is_itself) {
            return Err(taken(holder));
        }
        let mut known = lock(&self.0.petnames.known);
        if let Some(known) = known.get(name).filter(|known| known.is_claimed || is_claimed) {
            return Err(taken(known.holder.clone()));
        }
        let token = self.0.petnames.token();
        known.insert(name.to_owned(), Petname { holder: Holder::new(location, token), is_claimed });
        drop(known);
        self.0.petnames.tell();
        Ok(token)
    }

    fn served(&self, name: &str) -> Option<Holder> {
        let named = self.0.service(name).filter(|named| named.is_current())?;
        Some(Holder::new(Location::new(self.0.ticket(), name), named.token))
    }

    fn holder(&self, name: &str) -> Option<Holder> {
        self.0.petnames.holder(name).or_else(|| self.served(name))
    }
}

/// Takes the name from its holder when he gives it back.
async fn keep(node: Arc<Inner>, name: String, token: FencingToken, keeper: Keeper) {
    let mut closing = node.closing();
    let node = Arc::downgrade(&node);
    let is_closed = tokio::select! {
        () = keeper.released() => false,
        _ = closing.wait_for(|is_closed| *is_closed) => true,
    };
    if let Some(node) = node.upgrade() {
        node.petnames.remove(&name, |known| known.holder.token() == token);
    }
    if is_closed {
        keeper.lose(Lost::Closed);
        keeper.released().await;
    }
    keeper.done(Ok(()));
}

impl Directory for LocalDirectory {
    fn claim<'a>(
        &'a self,
        name: &'a str,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<Claim, DirectoryError>> {
        Box::pin(async move {
            let token = self.take(name, location.clone(), true)?;
            let (claim, keeper) = Claim::new(name, location.clone(), token);
            tokio::spawn(keep(Arc::clone(&self.0), name.to_owned(), token, keeper));
            Ok(claim)
        })
    }

    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>> {
        Box::pin(async move {
            DirectoryError::check(name)?;
            Ok(self.holder(name))
        })
    }

    fn changed<'a>(
        &'a self,
        name: &'a str,
        since: Option<FencingToken>,
    ) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>> {
        Box::pin(async move {
            DirectoryError::check(name)?;
            let mut changes = self.0.petnames.changes.subscribe();
            let mut closing = self.0.closing();
            loop {
                changes.mark_unchanged();
                let holder = self.holder(name);
                if holder.as_ref().map(Holder::token) != since {
                    return Ok(holder);
                }
                let service = self.0.service(name).filter(|named| named.is_current());
                // It is waited for, and not kept.
                let stopped = service.map(|named| named.service.stopped());
                let ended = async {
                    match stopped {
                        Some(stopped) => drop(stopped.await),
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = changes.changed() => {}
                    () = ended => {}
                    _ = closing.wait_for(|is_closed| *is_closed) => return Err(DirectoryError::Closed),
                }
            }
        })
    }
}

impl fmt::Debug for LocalDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDirectory").field("node", &self.0.key()).finish_non_exhaustive()
    }
}
