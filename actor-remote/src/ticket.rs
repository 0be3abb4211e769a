//! Where a node is: what is handed to somebody who should call it.

use crate::key::{Key, NoKey};
use iroh::{EndpointAddr, TransportAddr};
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// A node's key and the addresses where it was last: one word that can be sent by mail or read out.
///
/// It is no secret and no permission: it says where to knock. Written as the key, an `@`, and the addresses with commas between them.
///
/// ```
/// use actor_remote::{Node, Ticket};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::local().await?;
/// let ticket: Ticket = node.ticket().to_string().parse()?;
/// assert_eq!(ticket, node.ticket());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    key: Key,
    addresses: Vec<SocketAddr>,
}

impl Ticket {
    /// Of a node with this key at these addresses.
    #[must_use]
    pub fn new(key: Key, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        let mut addresses: Vec<_> = addresses.into_iter().collect();
        addresses.sort();
        addresses.dedup();
        Ticket { key, addresses }
    }

    /// Who it is.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Where it is.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(crate) fn endpoint(&self) -> EndpointAddr {
        EndpointAddr::from_parts(self.key.0, self.addresses.iter().copied().map(TransportAddr::Ip))
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.key)?;
        self.addresses.iter().enumerate().try_for_each(|(n, address)| {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{address}")
        })
    }
}

/// A text that is no ticket.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// There is no `@`.
    #[error("`{0}` is no ticket: a key, an `@` and addresses are one")]
    NoAt(String),
    /// What is before the `@` is no key.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// What is behind it is no list of addresses.
    #[error("`{0}` is no address: `127.0.0.1:4000` is one")]
    Address(String),
}

impl FromStr for Ticket {
    type Err = NoTicket;

    fn from_str(text: &str) -> Result<Self, NoTicket> {
        let (key, addresses) = text.split_once('@').ok_or_else(|| NoTicket::NoAt(text.to_owned()))?;
        let address = |text: &str| text.parse().map_err(|_| NoTicket::Address(text.to_owned()));
        let addresses = addresses
            .split(',')
            .filter(|text| !text.is_empty())
            .map(address)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Ticket::new(key.parse()?, addresses))
    }
}
