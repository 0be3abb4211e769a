//! How a node finds out where others are, and says where it is itself: services that do that for it.

use crate::key::Key;
use crate::server_url::ServerUrl;
use crate::ticket::Ticket;
use futures_core::future::BoxFuture;
use futures_util::{StreamExt, stream};
use iroh::address_lookup::{
    AddrFilter, AddressLookup, AddressLookupBuilder, DnsAddressLookup, EndpointData, EndpointInfo, Error,
    Item, PkarrPublisher, PkarrResolver,
};
use iroh::dns::DnsResolver;
use iroh::endpoint::Builder;
use iroh::{Endpoint, EndpointId};
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

/// A service that knows where nodes are: one of your own, such as a table in a database or a file that is shared.
///
/// It is asked whenever somebody is looked for to whom there is no connection. Nobody is let in because he was found, and whoever answers there has to prove
/// his key: a service that lies can make nodes unreachable and nothing else. What it learns is whom this node looks for, and what it is told.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{Discovery, DiscoveryError, Key, Node, Remote, Ticket};
/// use futures_core::future::BoxFuture;
/// use serde::{Deserialize, Serialize};
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex};
///
/// /// One table for all nodes of a test.
/// #[derive(Clone, Debug, Default)]
/// struct Table(Arc<Mutex<HashMap<Key, Ticket>>>);
///
/// impl Discovery for Table {
///     fn publish(&self, ticket: Ticket) {
///         self.0.lock().unwrap().insert(ticket.key(), ticket);
///     }
///     fn find(&self, key: Key) -> BoxFuture<'static, Result<Option<Ticket>, DiscoveryError>> {
///         let found = self.0.lock().unwrap().get(&key).cloned();
///         Box::pin(async move { Ok(found) })
///     }
/// }
///
/// #[actor]
/// struct Lamp;
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Lamp {
///     pub fn on(&mut self) {}
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let table = Table::default();
/// let node = || Node::builder().bind(([127, 0, 0, 1], 0)).discovery(table.clone()).start();
/// let (home, phone) = (node().await?, node().await?);
/// home.allow(phone.key());
/// home.serve("hall", &Lamp.spawn())?;
/// LampHandle::at(&phone, home.key(), "hall").on().await?; // found by its key alone
/// # Ok(()) }
/// ```
pub trait Discovery: fmt::Debug + Send + Sync + 'static {
    /// Says where this node is, when it starts and whenever that has changed. It must not block: what takes time goes into a task of its own. By
    /// default nothing is said.
    fn publish(&self, ticket: Ticket) {
        drop(ticket);
    }

    /// Where this node is: `None` if it is not known. A ticket of another key is as good as none.
    ///
    /// # Errors
    /// If that cannot be said now. Whoever calls hears that the node was unreachable, if nothing else leads there.
    ///
    /// # Cancel safety
    /// It is dropped when it is not waited for any more.
    fn find(&self, key: Key) -> BoxFuture<'static, Result<Option<Ticket>, DiscoveryError>>;
}

/// A service does not say where a node is.
#[derive(Clone, Debug, thiserror::Error)]
#[error("where the node is cannot be found out: {0}")]
pub struct DiscoveryError(Arc<dyn std::error::Error + Send + Sync>);

impl DiscoveryError {
    /// For this reason: an error or a text.
    pub fn new(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        DiscoveryError(Arc::from(why.into()))
    }
}

/// What its answers are said to come from.
const SOURCE: &str = "discovery";

/// One that serves this node.
#[derive(Debug)]
struct Service {
    own: Key,
    discovery: Arc<dyn Discovery>,
}

impl AddressLookup for Service {
    fn publish(&self, data: &EndpointData) {
        let address = EndpointInfo::from_parts(self.own.0, data.clone()).into_endpoint_addr();
        self.discovery.publish(Ticket::of(self.own, &address));
    }

    fn resolve(
        &self,
        endpoint_id: EndpointId,
    ) -> Option<Pin<Box<dyn futures_core::Stream<Item = Result<Item, Error>> + Send>>> {
        let key = Key(endpoint_id);
        let found = self.discovery.find(key);
        let answer = async move {
            match found.await {
                Ok(ticket) => {
                    let ticket = ticket.filter(|ticket| ticket.key() == key && !ticket.is_empty())?;
                    Some(Ok(Item::new(EndpointInfo::from(ticket.endpoint()), SOURCE, None)))
                }
                Err(error) => Some(Err(Error::from_err(SOURCE, error))),
            }
        };
        Some(stream::once(answer).filter_map(async |answer| answer).boxed())
    }
}

/// One that is to serve a node that is being made.
#[derive(Clone, Debug)]
struct Offer(Arc<dyn Discovery>);

impl AddressLookupBuilder for Offer {
    fn into_address_lookup(
        self,
        endpoint: &Endpoint,
    ) -> Result<impl AddressLookup, iroh::address_lookup::AddressLookupBuilderError> {
        Ok(Service { own: Key(endpoint.id()), discovery: self.0 })
    }
}

/// A server of pkarr records: what a node signs of where it is, by its key. `iroh-dns-server` is one that you can run.
///
/// A node says there which relays pass on to it, again every five minutes, and asks there for others. The server, and whoever asks it for that key, learns
/// what was said; the server sees as well who asks for whom, and from which address. It cannot lie about what was signed.
///
/// ```no_run
/// use actor_remote::{Node, Pkarr};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::builder()
///     .relay("https://relay.example.org".parse()?)
///     .pkarr(Pkarr::at("https://dns.example.org/pkarr".parse()?))
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is given to `NodeBuilder::pkarr`"]
pub struct Pkarr {
    server: ServerUrl,
    says: Says,
}

#[derive(Clone, Copy, Debug)]
enum Says {
    Nothing,
    Relays,
    Everything,
}

impl Pkarr {
    /// The one at this URL, with the path of its records: mostly `/pkarr`.
    pub fn at(server: ServerUrl) -> Self {
        Pkarr { server, says: Says::Relays }
    }

    /// The node's own addresses are said there as well, for all to see: without a relay it is found by nothing else.
    pub fn with_addresses(self) -> Self {
        Pkarr { says: Says::Everything, ..self }
    }

    /// Nothing is said there of this node: it only asks for others.
    pub fn only_asks(self) -> Self {
        Pkarr { says: Says::Nothing, ..self }
    }
}

/// A domain below which the system of names (DNS) says where nodes are, as `iroh-dns-server` and others write it there.
///
/// A node asks there for others, by their keys; those who answer and those on the way, mostly the provider's servers, see for whom it asks. Nothing is said there of this
/// node: that goes by [`Pkarr`].
#[derive(Clone, Debug)]
#[must_use = "it is given to `NodeBuilder::dns`"]
pub struct Dns {
    domain: String,
    server: Option<SocketAddr>,
}

impl Dns {
    /// Below this domain, as the servers say that the system names.
    pub fn under(domain: impl Into<String>) -> Self {
        let mut domain = domain.into();
        // The system shall not look below domains of its own.
        if !domain.ends_with('.') {
            domain.push('.');
        }
        Dns { domain, server: None }
    }

    /// As this server says, whatever the system names.
    pub fn asked_at(self, server: impl Into<SocketAddr>) -> Self {
        Dns { server: Some(server.into()), ..self }
    }
}

/// All of one node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services {
    own: Vec<Offer>,
    pkarr: Vec<Pkarr>,
    dns: Vec<Dns>,
}

impl Services {
    pub(crate) fn add(&mut self, discovery: impl Discovery) {
        self.own.push(Offer(Arc::new(discovery)));
    }

    pub(crate) fn add_pkarr(&mut self, pkarr: Pkarr) {
        self.pkarr.push(pkarr);
    }

    pub(crate) fn add_dns(&mut self, dns: Dns) {
        self.dns.push(dns);
    }

    pub(crate) fn install(&self, mut endpoint: Builder) -> Builder {
        for offer in &self.own {
            endpoint = endpoint.address_lookup(offer.clone());
        }
        for Pkarr { server, says } in &self.pkarr {
            let url = || server.0.clone().into();
            let filter = match says {
                Says::Nothing => None,
                Says::Relays => Some(AddrFilter::relay_only()),
                Says::Everything => Some(AddrFilter::unfiltered()),
            };
            if let Some(filter) = filter {
                endpoint = endpoint.address_lookup(PkarrPublisher::builder(url()).addr_filter(filter));
            }
            endpoint = endpoint.address_lookup(PkarrResolver::builder(url()));
        }
        for Dns { domain, server } in &self.dns {
            let lookup = DnsAddressLookup::builder(domain.clone());
            endpoint = endpoint.address_lookup(match server {
                Some(server) => lookup.dns_resolver(DnsResolver::with_nameserver(*server)),
                None => lookup,
            });
        }
        endpoint
    }
}
