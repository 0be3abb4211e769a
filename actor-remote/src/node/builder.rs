//! How a node is set up.

use super::book::{Book, BookError};
use super::relays::Relays;
use super::{Node, Settings};
use crate::discovery::{Discovery, Dns, Pkarr, Services};
use crate::key::{IdentityError, identity};
use crate::wire::ALPN;
use iroh::address_lookup::memory::MemoryLookup;
use iroh::endpoint::{AckFrequencyConfig, IdleTimeout, QuicTransportConfig, VarInt, presets};
use iroh::{Endpoint, SecretKey};
#[cfg(feature = "mdns")]
use iroh_mdns_address_lookup::MdnsAddressLookup;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Options of a [`Node`].
///
/// ```no_run
/// use actor_remote::Node;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::builder().identity("/var/lib/bank/key").bind(([0, 0, 0, 0], 4000)).start().await?;
/// println!("{}", node.ticket());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "`start` makes a node of it"]
pub struct NodeBuilder {
    identity: Option<PathBuf>,
    bind: Vec<SocketAddr>,
    limits: Limits,
    connect: Duration,
    silence: Duration,
    book: Option<PathBuf>,
    pub(super) relays: Relays,
    pub(super) is_behind_relays: bool,
    services: Services,
    #[cfg(feature = "mdns")]
    mdns: bool,
}

/// What others may take of this node: see [`NodeBuilder::limits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections in all; 1,024 by default.
    pub connections: u32,
    /// Connections of one peer; 4 by default.
    pub connections_of_one: u32,
    /// Calls of one connection that are under way; 1,024 by default. Who calls waits with more.
    pub calls: u32,
    /// The bytes of a message that comes, of a reply to it, and of replies that come; 16 MiB by default. So larger messages take a larger limit where they are served, and larger
    /// replies one on both sides.
    pub bytes: u64,
    /// Actors that one connection may watch at a time; 8,192 by default. Whoever would watch more is told so.
    pub watches: u32,
    /// Actors that one peer is given in messages and replies at a time, and as many may it give; 4,096 by default.
    pub handles: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 1024,
            connections_of_one: 4,
            calls: 1024,
            bytes: 16 * 1024 * 1024,
            watches: 8192,
            handles: 4096,
        }
    }
}

/// Why there is no node.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Its identity could not be read or made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Its address book cannot be used.
    #[error(transparent)]
    Book(#[from] BookError),
    /// It cannot be reached there: the address is another's, or none of this machine.
    #[error("{address} cannot be bound: {reason}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: String,
    },
    /// It is to be [behind relays only](NodeBuilder::behind_relays_only), and has none.
    #[error("a node that is behind relays only must have one: `NodeBuilder::relay`")]
    NoRelay,
    /// What it is to trust as an [authority](NodeBuilder::authority) is no certificate.
    #[error("an authority's certificate cannot be used: {0}")]
    Authority(String),
    /// There is no socket.
    #[error("no socket can be opened: {0}")]
    Socket(String),
}

/// Streams with bodies that a peer may have open at a time.
const BODIES: u32 = 64;

/// How much of such a stream may lie here unread.
const WINDOW: u32 = 1024 * 1024;

/// A packet that says nothing but that others have come is sent after so many of them, or so long. The engine never says it beside anything else: with
/// a packet for every two, as is usual, each small call costs a third one, before the next is made. One that is missed is said at once.
fn acknowledgements() -> AckFrequencyConfig {
    let mut config = AckFrequencyConfig::default();
    config.ack_eliciting_threshold(VarInt::from_u32(10)).max_ack_delay(Some(Duration::from_millis(10)));
    config
}

impl NodeBuilder {
    pub(super) fn new() -> Self {
        NodeBuilder {
            identity: None,
            bind: Vec::new(),
            limits: Limits::default(),
            connect: Duration::from_secs(1),
            silence: Duration::from_secs(1),
            book: None,
            relays: Relays::default(),
            is_behind_relays: false,
            services: Services::default(),
            #[cfg(feature = "mdns")]
            mdns: false,
        }
    }

    /// The file with its secret key. If it is not there it is made, for its owner alone. Without one the key is forgotten with the node.
    pub fn identity(self, file: impl Into<PathBuf>) -> Self {
        NodeBuilder { identity: Some(file.into()), ..self }
    }

    /// Where it is reached; several times for several. By default on all addresses, at a port that the system chooses.
    pub fn bind(mut self, address: impl Into<SocketAddr>) -> Self {
        self.bind.push(address.into());
        self
    }

    /// What others may take of it.
    pub fn limits(self, limits: Limits) -> Self {
        NodeBuilder { limits, ..self }
    }

    /// How long a connection may take to be made; 1 s by default.
    pub fn connect_within(self, time: Duration) -> Self {
        NodeBuilder { connect: time, ..self }
    }

    /// After how long without a sign of life a peer counts as gone; 1 s by default, with a sign asked for four times in that. 5 s suit the internet.
    pub fn lost_after(self, silence: Duration) -> Self {
        NodeBuilder { silence, ..self }
    }

    /// A file that says where others are: a [`Ticket`](crate::Ticket) a line; what stands behind a `#` says nothing. It is read whenever somebody is looked for
    /// whose address may be in it, so what is written there later counts, whatever else is still asked. [`learn`](Node::learn) goes on beside it.
    ///
    /// Nobody is let in because he stands there.
    ///
    /// # Errors
    /// [`start`](Self::start) says what is wrong with it. A line that was spoiled later is skipped.
    pub fn address_book(self, file: impl Into<PathBuf>) -> Self {
        NodeBuilder { book: Some(file.into()), ..self }
    }

    /// A server of pkarr records that is told where this node is, and asked for others; several times for several. None by default.
    pub fn pkarr(mut self, pkarr: Pkarr) -> Self {
        self.services.add_pkarr(pkarr);
        self
    }

    /// Where others are is asked by DNS; several times for several domains. None by default.
    pub fn dns(mut self, dns: Dns) -> Self {
        self.services.add_dns(dns);
        self
    }

    /// A service of your own that knows where nodes are; several times for several.
    pub fn discovery(mut self, discovery: impl Discovery) -> Self {
        self.services.add(discovery);
        self
    }

    /// Says in the local network, by multicast DNS, who and where it is, and finds others who do: they need no ticket, only their key. Off by default
    /// (feature `mdns`).
    ///
    /// Everybody in that network sees the key and the addresses. Nobody is let in because he was found.
    #[cfg(feature = "mdns")]
    pub fn mdns(self) -> Self {
        NodeBuilder { mdns: true, ..self }
    }

    /// Makes the node, on the current tokio runtime.
    ///
    /// # Errors
    /// If its identity cannot be read or made, its address book cannot be used, no socket can be opened, or it is to be behind relays and has none.
    pub async fn start(self) -> Result<Node, NodeError> {
        let secret = match &self.identity {
            Some(path) => identity(path)?,
            None => SecretKey::generate(),
        };
        if self.is_behind_relays && !self.relays.is_some() {
            return Err(NodeError::NoRelay);
        }
        let addresses = MemoryLookup::new();
        let mut endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(secret)
            .alpns(vec![ALPN.to_vec()])
            .relay_mode(self.relays.mode())
            .ca_tls_config(self.relays.trust()?)
            .address_lookup(addresses.clone())
            .transport_config(self.transport());
        let book = self.book.as_deref().map(Book::open).transpose()?;
        endpoint = self.services.install(endpoint);
        #[cfg(feature = "mdns")]
        if self.mdns {
            endpoint = endpoint.address_lookup(MdnsAddressLookup::builder().service_name("actor"));
        }
        if !self.bind.is_empty() || self.is_behind_relays {
            endpoint = endpoint.clear_ip_transports();
        }
        for address in self.bind.iter().filter(|_| !self.is_behind_relays) {
            endpoint = endpoint
                .bind_addr(*address)
                .map_err(|error| NodeError::Bind { address: *address, reason: error.to_string() })?;
        }
        let endpoint = endpoint.bind().await.map_err(|error| match self.bind.first() {
            Some(address) => NodeError::Bind { address: *address, reason: error.to_string() },
            None => NodeError::Socket(error.to_string()),
        })?;
        let relays = self.relays.urls();
        let Self { limits, connect, silence, is_behind_relays, .. } = self;
        let settings = Settings { limits, connect, silence, relays, is_behind_relays };
        Ok(Node::open(endpoint, addresses, book, settings))
    }

    fn transport(&self) -> QuicTransportConfig {
        // Longer than QUIC can say is as long as it can.
        let idle = IdleTimeout::try_from(self.silence).unwrap_or(IdleTimeout::from(VarInt::MAX));
        let asks = self.silence / 4;
        QuicTransportConfig::builder()
            .max_idle_timeout(Some(idle))
            .keep_alive_interval(asks)
            .default_path_max_idle_timeout(self.silence)
            .default_path_keep_alive_interval(asks)
            .initial_rtt(Duration::from_millis(50))
            .max_concurrent_bidi_streams(VarInt::from_u32(1))
            .max_concurrent_uni_streams(VarInt::from_u32(BODIES))
            .stream_receive_window(VarInt::from_u32(WINDOW))
            // Those that are read slowly leave room for the lane.
            .receive_window(VarInt::from_u32(WINDOW * (BODIES + 16)))
            .ack_frequency_config(Some(acknowledgements()))
            .build()
    }
}
