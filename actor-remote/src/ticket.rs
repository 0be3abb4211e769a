//! Where a node is: what is handed to somebody who should call it.

use crate::key::{Key, NoKey};
use crate::server_url::{NoServerUrl, ServerUrl};
use iroh::{EndpointAddr, TransportAddr};
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// A node's key, the addresses where it was last, and the relays that pass on to it: one word that can be sent by mail or read out.
///
/// It is no secret and no permission: it says where to knock. Written as the key, an `@`, and the addresses with commas between them; a relay is an
/// address that is a URL.
///
/// ```
/// use actor_remote::{Node, Ticket};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::local().await?;
/// let ticket: Ticket = node.ticket().to_string().parse()?;
/// assert_eq!(ticket, node.ticket());
///
/// let behind_a_wall: Ticket = format!("{}@https://relay.example.org/", node.key()).parse()?;
/// assert_eq!(behind_a_wall.relays(), ["https://relay.example.org".parse()?]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    key: Key,
    addresses: Vec<SocketAddr>,
    relays: Vec<ServerUrl>,
}

impl Ticket {
    /// Of a node with this key at these addresses.
    #[must_use]
    pub fn new(key: Key, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        Ticket { key, addresses: in_order(addresses), relays: Vec::new() }
    }

    /// The same, reached by these relays as well, and by no others.
    #[must_use]
    pub fn with_relays(self, relays: impl IntoIterator<Item = ServerUrl>) -> Self {
        Ticket { relays: in_order(relays), ..self }
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

    /// Which relays pass on to it.
    #[must_use]
    pub fn relays(&self) -> &[ServerUrl] {
        &self.relays
    }

    /// Whether it says who the node is and nothing else.
    pub(crate) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.relays.is_empty()
    }

    pub(crate) fn of(key: Key, address: &EndpointAddr) -> Self {
        let relays = address.relay_urls().cloned().map(ServerUrl);
        Ticket::new(key, address.ip_addrs().copied()).with_relays(relays)
    }

    pub(crate) fn endpoint(&self) -> EndpointAddr {
        let addresses = self.addresses.iter().copied().map(TransportAddr::Ip);
        let relays = self.relays.iter().map(|relay| TransportAddr::Relay(relay.0.clone()));
        EndpointAddr::from_parts(self.key.0, addresses.chain(relays))
    }
}

/// So that two that say the same are equal.
fn in_order<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<_> = items.into_iter().collect();
    items.sort();
    items.dedup();
    items
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.key)?;
        let addresses = self.addresses.iter().map(|address| address as &dyn fmt::Display);
        let relays = self.relays.iter().map(|relay| relay as &dyn fmt::Display);
        addresses.chain(relays).enumerate().try_for_each(|(n, place)| {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{place}")
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
    /// One of them is a URL, and not that of a relay.
    #[error(transparent)]
    Relay(#[from] NoServerUrl),
}

impl FromStr for Ticket {
    type Err = NoTicket;

    fn from_str(text: &str) -> Result<Self, NoTicket> {
        let (key, places) = text.split_once('@').ok_or_else(|| NoTicket::NoAt(text.to_owned()))?;
        let (mut addresses, mut relays) = (Vec::new(), Vec::new());
        for place in places.split(',').filter(|place| !place.is_empty()) {
            match place.contains("://") {
                true => relays.push(place.parse()?),
                false => {
                    addresses.push(place.parse().map_err(|_| NoTicket::Address(place.to_owned()))?);
                }
            }
        }
        Ok(Ticket::new(key.parse()?, addresses).with_relays(relays))
    }
}

#[cfg(test)]
mod tests {
    use super::{NoTicket, Ticket};

    const KEY: &str = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";

    #[test]
    fn it_is_read_as_it_was_written() {
        // As it was before there were relays, and with those.
        for places in ["", "127.0.0.1:4000", "127.0.0.1:4000,[::1]:4001", "https://relay.example.org/"] {
            let text = format!("{KEY}@{places}");
            assert_eq!(text.parse::<Ticket>().unwrap().to_string(), text);
        }
        let text = format!("{KEY}@https://b.org/r,10.0.0.1:1,http://a.org,10.0.0.1:1");
        let ticket: Ticket = text.parse().unwrap();
        assert_eq!(ticket.to_string(), format!("{KEY}@10.0.0.1:1,http://a.org/,https://b.org/r"));
        assert_eq!(Ticket::of(ticket.key(), &ticket.endpoint()), ticket);
    }

    #[test]
    fn what_is_none_is_named() {
        let error = |places: &str| format!("{KEY}@{places}").parse::<Ticket>().unwrap_err();
        assert!(matches!(error("127.0.0.1"), NoTicket::Address(place) if place == "127.0.0.1"));
        assert!(
            matches!(error("127.0.0.1:1,udp://a.org"), NoTicket::Relay(no_url) if no_url.url == "udp://a.org")
        );
        assert!(matches!(KEY.parse::<Ticket>(), Err(NoTicket::NoAt(_))));
        assert!(matches!("key@127.0.0.1:1".parse::<Ticket>(), Err(NoTicket::Key(_))));
    }
}
