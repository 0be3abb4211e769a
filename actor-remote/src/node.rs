//! A node: this program, as others on the network see it.

mod book;
mod builder;
mod guests;
mod places;
mod relays;

use crate::directory::{FencingToken, LocalDirectory, Location, Petnames};
use crate::handles::{Imports, Leases};
use crate::key::Key;
use crate::link::{Link, Whence};
use crate::peers::Peers;
use crate::server;
use crate::server_url::ServerUrl;
use crate::ticket::Ticket;
use actor_core::ActorHandle;
use actor_core::remote::{Portable, Service, serve};
pub(crate) use book::Book;
pub use book::BookError;
pub use builder::{Limits, NodeBuilder, NodeError};
use futures_util::future::OptionFuture;
use guests::Allowed;
use iroh::address_lookup::memory::MemoryLookup;
use iroh::{Endpoint, SecretKey, Watcher as _};
pub use relays::NoRelay;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
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
    pub silence: Duration,
    /// Those that it was given.
    pub relays: Vec<ServerUrl>,
    pub is_behind_relays: bool,
}

/// What its connections share.
pub(crate) struct Inner {
    endpoint: Endpoint,
    addresses: MemoryLookup,
    book: Option<Book>,
    pub(crate) peers: Arc<Peers>,
    runtime: Handle,
    pub(crate) settings: Arc<Settings>,
    services: Mutex<HashMap<String, Arc<Named>>>,
    pub(crate) petnames: Petnames,
    pub(crate) leases: Leases,
    pub(crate) imports: Mutex<Imports>,
    allowed: watch::Sender<Allowed>,
    closed: watch::Sender<bool>,
    /// How many connections there are, in all and by peer.
    guests: Mutex<HashMap<Key, u32>>,
    links: Mutex<HashMap<Key, Weak<Link>>>,
    senders: AtomicU64,
}

/// An actor under a name.
pub(crate) struct Named {
    pub(crate) service: Arc<dyn Service>,
    /// Which holder of the name it is.
    pub(crate) token: FencingToken,
    is_withdrawn: AtomicBool,
}

impl Named {
    /// Whether it is still what its name leads to: neither withdrawn nor ended.
    pub(crate) fn is_current(&self) -> bool {
        !self.is_withdrawn.load(Ordering::Acquire) && self.service.is_running()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name is taken, or is none.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// An actor that runs is served by this name, this one or another, until it is [withdrawn](Node::withdraw).
    #[error("`{0}` is taken: an actor that runs is served by this name, and was not withdrawn")]
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

    fn open(endpoint: Endpoint, addresses: MemoryLookup, book: Option<Book>, settings: Settings) -> Self {
        let inner = Arc::new(Inner {
            endpoint: endpoint.clone(),
            addresses,
            book,
            peers: Arc::new(Peers::new(settings.silence)),
            runtime: Handle::current(),
            settings: Arc::new(settings),
            services: Mutex::default(),
            petnames: Petnames::default(),
            leases: Leases::new(SecretKey::generate().to_bytes()),
            imports: Mutex::default(),
            allowed: watch::Sender::default(),
            closed: watch::Sender::new(false),
            guests: Mutex::default(),
            links: Mutex::default(),
            senders: AtomicU64::new(0),
        });
        let host = Arc::downgrade(&inner);
        let follow =
            (!inner.settings.relays.is_empty()).then(|| relays::follow(endpoint.clone(), Weak::clone(&host)));
        let accepting = tokio::spawn(async move {
            let accept = async {
                while let Some(incoming) = endpoint.accept().await {
                    let Some(inner) = host.upgrade() else { return };
                    tokio::spawn(server::welcome(inner, incoming));
                }
            };
            tokio::join!(accept, OptionFuture::from(follow));
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
        self.inner().ticket()
    }

    /// Remembers where another node is. If it could not be reached, the next call tries that at once, without the pause that is kept after failures.
    pub fn learn(&self, ticket: &Ticket) {
        lock(&self.inner().imports).learned(ticket.key());
        self.inner().addresses.add_endpoint_info(ticket.endpoint());
        self.inner().is_at(ticket.key(), ticket.endpoint().addrs);
    }

    /// Lets the holder of this key call what is served here. Nobody else is let in, but those who were given handles in messages, to call those.
    pub fn allow(&self, key: Key) {
        self.inner().allowed.send_modify(|allowed| {
            allowed.keys.insert(key);
        });
    }

    /// Lets anybody in who knows where it is.
    pub fn allow_everybody(&self) {
        self.inner().allowed.send_modify(|allowed| allowed.everybody = true);
    }

    /// Takes that back, with all handles that the holder of this key was given, and closes the connections that it has.
    pub fn forbid(&self, key: Key) {
        self.inner().leases.revoke(key);
        self.inner().allowed.send_modify(|allowed| {
            allowed.keys.remove(&key);
            allowed.lent.remove(&key);
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
        let service = serve(handle.clone()).map_err(|error| ServeError::NoMessages(error.to_string()))?;
        let mut services = lock(&self.inner().services);
        if services.get(name).is_some_and(|known| known.is_current()) {
            return Err(ServeError::Taken(name.to_owned()));
        }
        let token = self.inner().petnames.token();
        let named = Named { service, token, is_withdrawn: AtomicBool::new(false) };
        services.insert(name.to_owned(), Arc::new(named));
        drop(services);
        self.inner().petnames.tell();
        Ok(())
    }

    /// Serves what is called so no more: whoever calls it hears that there is no such actor. What is under way is answered.
    ///
    /// Then another one can be served by the name. Whoever calls between the two hears [`NoSuchActor`](actor_core::RemoteError::NoSuchActor), which never ran; after that handles lead to the
    /// other one, but for those that are watched, and ended with the first.
    pub fn withdraw(&self, name: &str) {
        let withdrawn = lock(&self.inner().services).remove(name);
        if let Some(service) = withdrawn {
            service.is_withdrawn.store(true, Ordering::Release);
            self.inner().petnames.tell();
        }
    }

    /// Where what is served as `name` here is now: what is written into a [`Directory`](crate::Directory).
    #[must_use]
    pub fn location(&self, name: &str) -> Location {
        Location::new(self.ticket(), name)
    }

    /// The names that are this node's alone: those that it serves, and what others are called here.
    #[must_use]
    pub fn directory(&self) -> LocalDirectory {
        LocalDirectory::of(self.inner())
    }

    /// Leaves the network: its connections are closed, and what is under way is answered as lost.
    pub async fn close(&self) {
        self.0.accepting.abort();
        self.inner().closed.send_replace(true);
        self.inner().endpoint.close().await;
    }
}

impl Inner {
    pub(crate) fn key(&self) -> Key {
        Key(self.endpoint.id())
    }

    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Resolves when it leaves the network.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Who and where it is now.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket::of(self.key(), &self.endpoint.watch_addr().get())
    }

    pub(crate) fn service(&self, name: &str) -> Option<Arc<Named>> {
        lock(&self.services).get(name).cloned()
    }

    /// The way to this peer, which all handles share.
    pub(crate) fn link(&self, peer: Key) -> Arc<Link> {
        let mut links = lock(&self.links);
        if let Some(link) = links.get(&peer).and_then(Weak::upgrade) {
            return link;
        }
        links.retain(|_, link| link.strong_count() > 0);
        let whence = Whence {
            endpoint: self.endpoint.clone(),
            addresses: self.addresses.clone(),
            book: self.book.clone(),
            peers: Arc::clone(&self.peers),
        };
        let link = Link::open(whence, peer, Arc::clone(&self.settings));
        links.insert(peer, Arc::downgrade(&link));
        link
    }

    /// Whoever could not be reached may be now.
    fn retry(&self) {
        let links: Vec<_> = lock(&self.links).values().filter_map(Weak::upgrade).collect();
        links.iter().for_each(|link| link.retry());
    }

    /// This one has come, so it can be reached.
    pub(crate) fn retry_one(&self, peer: Key) {
        let link = lock(&self.links).get(&peer).and_then(Weak::upgrade);
        if let Some(link) = link {
            link.retry();
        }
    }

    pub(crate) fn sender(&self) -> u64 {
        self.senders.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("key", &self.key()).finish_non_exhaustive()
    }
}
