//! A node: this program, as others on the network see it.

mod builder;

use crate::key::Key;
use crate::link::Link;
use crate::portable::Portable;
use crate::server;
use crate::service::{Local, Service};
use crate::ticket::Ticket;
use actor_core::ActorHandle;
pub use builder::{Limits, NodeBuilder, NodeError};
use iroh::address_lookup::memory::MemoryLookup;
use iroh::{Endpoint, Watcher as _};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// This program on the network: who it is, whom it lets in, and which of its actors can be called from elsewhere.
///
/// It is known by its [`Key`]; all that is sent is encrypted and comes from who it says. Nobody may call it who has not been
/// [allowed](Self::allow). Clones are the same node; when the last one and the last handle made by it have gone, or by [`close`](Self::close), it leaves the network.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{Node, Remote};
/// use serde::{Deserialize, Serialize};
///
/// #[actor]
/// pub struct Account {
///     balance: u64,
/// }
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Account {
///     pub fn deposit(&mut self, amount: u64) -> u64 {
///         self.balance += amount;
///         self.balance
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // On one machine:
/// let bank = Node::local().await?;
/// bank.serve("ann", &Account { balance: 40 }.spawn())?;
///
/// // On another:
/// let shop = Node::local().await?;
/// # bank.allow(shop.key());
/// shop.learn(&bank.ticket());
/// let account = AccountHandle::at(&shop, bank.key(), "ann");
/// assert_eq!(account.deposit(2).await?, 42);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Node(Arc<Presence>);

/// What ends with the last clone: the accepting of connections.
struct Presence {
    inner: Arc<Inner>,
    accepting: AbortHandle,
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.accepting.abort();
        self.inner.closed.send_replace(true);
    }
}

pub(crate) struct Settings {
    pub limits: Limits,
    pub connect: Duration,
}

/// What its connections share.
pub(crate) struct Inner {
    endpoint: Endpoint,
    addresses: MemoryLookup,
    pub(crate) settings: Arc<Settings>,
    services: Mutex<HashMap<String, Arc<dyn Service>>>,
    allowed: watch::Sender<Allowed>,
    closed: watch::Sender<bool>,
    /// How many connections there are, in all and by peer.
    guests: Mutex<HashMap<Key, u32>>,
    links: Mutex<HashMap<Key, Weak<Link>>>,
    senders: AtomicU64,
}

#[derive(Default)]
struct Allowed {
    keys: HashSet<Key>,
    everybody: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name is taken, or is none.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// Another actor that runs is served by this name.
    #[error("`{0}` is taken: another actor is served by this name")]
    Taken(String),
    /// Nobody could ask for it.
    #[error("a name has 1 to {limit} bytes, and this one has {bytes}")]
    Length {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Its messages, written by hand, are not as `#[actor]` writes them: enums of messages and of replies with the same variants in the same order.
    #[error("its messages are not as `#[actor]` writes them: {0}")]
    NoMessages(String),
}

/// The length of a name in bytes.
pub(crate) const NAME: usize = 1024;

impl Node {
    /// Options.
    pub fn builder() -> NodeBuilder {
        NodeBuilder::new()
    }

    /// One with a key of its own that is forgotten with it, reached by this machine alone: for tests.
    ///
    /// # Errors
    /// If no socket can be opened.
    pub async fn local() -> Result<Self, NodeError> {
        NodeBuilder::new().bind(([127, 0, 0, 1], 0)).start().await
    }

    fn open(endpoint: Endpoint, addresses: MemoryLookup, settings: Settings) -> Self {
        let inner = Arc::new(Inner {
            endpoint: endpoint.clone(),
            addresses,
            settings: Arc::new(settings),
            services: Mutex::default(),
            allowed: watch::Sender::default(),
            closed: watch::Sender::new(false),
            guests: Mutex::default(),
            links: Mutex::default(),
            senders: AtomicU64::new(0),
        });
        let host = Arc::downgrade(&inner);
        let accepting = tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let Some(inner) = host.upgrade() else { return };
                tokio::spawn(server::welcome(inner, incoming));
            }
        });
        Node(Arc::new(Presence { inner, accepting: accepting.abort_handle() }))
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0.inner
    }

    /// Who it is.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.inner().endpoint.id())
    }

    /// Who and where it is now, for those who are to call it.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket::new(self.key(), self.inner().endpoint.watch_addr().get().ip_addrs().copied())
    }

    /// Remembers where another node is. If it could not be reached, the next call tries that at once, without the pause that is kept after failures.
    pub fn learn(&self, ticket: &Ticket) {
        self.inner().addresses.add_endpoint_info(ticket.endpoint());
        let link = lock(&self.inner().links).get(&ticket.key()).and_then(Weak::upgrade);
        if let Some(link) = link {
            link.retry();
        }
    }

    /// Lets the holder of this key call what is served here. Nobody else is let in.
    pub fn allow(&self, key: Key) {
        self.inner().allowed.send_modify(|allowed| {
            allowed.keys.insert(key);
        });
    }

    /// Lets anybody in who knows where it is.
    pub fn allow_everybody(&self) {
        self.inner().allowed.send_modify(|allowed| allowed.everybody = true);
    }

    /// Takes that back, and closes the connections that the holder of this key has.
    pub fn forbid(&self, key: Key) {
        self.inner().allowed.send_modify(|allowed| {
            allowed.keys.remove(&key);
        });
    }

    /// Lets others call `handle`, an actor's or a protocol's, by `name`. It lives as long as it is served.
    ///
    /// Whoever looks it up must do that by the same kind of handle: a protocol's for a protocol's. The name of an actor that has ended is free.
    ///
    /// # Errors
    /// If the name is taken, empty, or longer than 1,024 bytes; if messages that were written by hand are no enum that could be sent.
    pub fn serve<H: ActorHandle<Message: Portable>>(&self, name: &str, handle: &H) -> Result<(), ServeError> {
        if name.is_empty() || name.len() > NAME {
            return Err(ServeError::Length { bytes: name.len(), limit: NAME });
        }
        let service = Local::new(handle.clone(), self.inner().settings.limits.bytes)
            .map_err(|error| ServeError::NoMessages(error.to_string()))?;
        let mut services = lock(&self.inner().services);
        if services.get(name).is_some_and(|known| known.is_current()) {
            return Err(ServeError::Taken(name.to_owned()));
        }
        services.insert(name.to_owned(), Arc::new(service));
        Ok(())
    }

    /// Serves what is called so no more: whoever calls it hears that there is no such actor. What is under way is answered.
    pub fn withdraw(&self, name: &str) {
        let withdrawn = lock(&self.inner().services).remove(name);
        if let Some(service) = withdrawn {
            service.withdraw();
        }
    }

    /// Leaves the network: its connections are closed, and what is under way is answered as lost.
    pub async fn close(&self) {
        self.0.accepting.abort();
        self.inner().closed.send_replace(true);
        self.inner().endpoint.close().await;
    }
}

impl Inner {
    pub(crate) fn allows(&self, peer: Key) -> bool {
        self.allowed.borrow().allows(peer)
    }

    /// Resolves when this one, who was let in, is not any more.
    pub(crate) async fn banned(self: Arc<Self>, peer: Key) {
        let (mut allowed, mut closed) = (self.allowed.subscribe(), self.closed.subscribe());
        drop(self);
        tokio::select! {
            _ = allowed.wait_for(|allowed| !allowed.allows(peer)) => {}
            _ = closed.wait_for(|closed| *closed) => {}
        }
    }

    /// A place for a connection, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, peer: Key) -> Option<Place> {
        let mut guests = lock(&self.guests);
        let all: u32 = guests.values().sum();
        let of_this_one = guests.entry(peer).or_default();
        if all >= self.settings.limits.connections || *of_this_one >= self.settings.limits.connections_of_one
        {
            return None;
        }
        *of_this_one += 1;
        Some(Place { node: Arc::clone(self), peer })
    }

    pub(crate) fn service(&self, name: &str) -> Option<Arc<dyn Service>> {
        lock(&self.services).get(name).cloned()
    }

    /// The way to this peer, which all handles share.
    pub(crate) fn link(&self, peer: Key) -> Arc<Link> {
        let mut links = lock(&self.links);
        if let Some(link) = links.get(&peer).and_then(Weak::upgrade) {
            return link;
        }
        links.retain(|_, link| link.strong_count() > 0);
        let link = Link::open(self.endpoint.clone(), peer, Arc::clone(&self.settings));
        links.insert(peer, Arc::downgrade(&link));
        link
    }

    pub(crate) fn sender(&self) -> u64 {
        self.senders.fetch_add(1, Ordering::Relaxed)
    }
}

impl Allowed {
    fn allows(&self, peer: Key) -> bool {
        self.everybody || self.keys.contains(&peer)
    }
}

/// A connection that counts.
pub(crate) struct Place {
    node: Arc<Inner>,
    peer: Key,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guests = lock(&self.node.guests);
        if let Some(count) = guests.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                guests.remove(&self.peer);
            }
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("key", &self.key()).finish_non_exhaustive()
    }
}
