//! Where a node may be, as it is said of it in handles and among members.

#[cfg(feature = "members")]
use crate::key::Key;
use crate::server_url::ServerUrl;
#[cfg(feature = "members")]
use crate::ticket::Ticket;
use iroh::{EndpointAddr, TransportAddr};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

/// No more addresses are said and heard of a node.
pub(crate) const ADDRESSES: usize = 8;

/// Nor more relays.
pub(crate) const RELAYS: usize = 4;

/// Nor longer URLs of those, in bytes.
const URL: usize = 256;

/// A place where a node may be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Hint {
    V4(SocketAddrV4),
    V6(SocketAddrV6),
    /// A server that passes on to it.
    Relay(#[serde(serialize_with = "write", deserialize_with = "read")] ServerUrl),
}

fn write<S: Serializer>(url: &ServerUrl, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ServerUrl, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() > URL {
        return Err(serde::de::Error::custom("a URL that is longer than it may be"));
    }
    text.parse().map_err(serde::de::Error::custom)
}

impl From<SocketAddr> for Hint {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(address) => Hint::V4(address),
            SocketAddr::V6(address) => Hint::V6(address),
        }
    }
}

/// Some such places: addresses, and then relays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hints(Vec<Hint>);

impl Hints {
    /// So many of these as may be said; relays with long URLs are left out.
    pub(crate) fn new(
        addresses: impl IntoIterator<Item = SocketAddr>,
        relays: impl IntoIterator<Item = ServerUrl>,
    ) -> Self {
        let relays = relays.into_iter().filter(|relay| relay.as_str().len() <= URL);
        let relays = relays.take(RELAYS).map(Hint::Relay);
        Hints(addresses.into_iter().take(ADDRESSES).map(Hint::from).chain(relays).collect())
    }

    /// What the ticket says.
    #[cfg(feature = "members")]
    pub(crate) fn of(ticket: &Ticket) -> Self {
        Hints::new(ticket.addresses().iter().copied(), ticket.relays().iter().cloned())
    }

    /// What the engine knows.
    pub(crate) fn known(address: &EndpointAddr) -> Self {
        Hints::new(address.ip_addrs().copied(), address.relay_urls().cloned().map(ServerUrl))
    }

    /// Whether they are no more than may be said.
    pub(crate) fn are_few(&self) -> bool {
        let relays = self.relays().count();
        relays <= RELAYS && self.0.len() - relays <= ADDRESSES
    }

    #[cfg(feature = "members")]
    pub(crate) fn ticket(&self, key: Key) -> Ticket {
        Ticket::new(key, self.addresses()).with_relays(self.relays().cloned())
    }

    fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.0.iter().filter_map(|hint| match hint {
            Hint::V4(address) => Some(SocketAddr::V4(*address)),
            Hint::V6(address) => Some(SocketAddr::V6(*address)),
            Hint::Relay(_) => None,
        })
    }

    fn relays(&self) -> impl Iterator<Item = &ServerUrl> {
        self.0.iter().filter_map(|hint| match hint {
            Hint::Relay(relay) => Some(relay),
            Hint::V4(_) | Hint::V6(_) => None,
        })
    }

    /// As the engine knows them.
    pub(crate) fn places(&self) -> impl Iterator<Item = TransportAddr> {
        let relays = self.relays().map(|relay| TransportAddr::Relay(relay.0.clone()));
        self.addresses().map(TransportAddr::Ip).chain(relays)
    }
}

#[cfg(test)]
mod tests {
    use super::{ADDRESSES, Hint, Hints, RELAYS, URL};
    use crate::server_url::ServerUrl;
    use std::net::SocketAddr;

    fn relay(length: usize) -> ServerUrl {
        let start = "https://relay.example.org/";
        format!("{start}{}", "r".repeat(length - start.len())).parse().unwrap()
    }

    fn heard(hints: &Hints) -> Result<Hints, postcard::Error> {
        postcard::from_bytes(&postcard::to_allocvec(hints).unwrap())
    }

    #[test]
    fn no_more_is_said_than_may_be_heard() {
        let address = |port| SocketAddr::from(([10, 0, 0, 1], port));
        let relays = (0..10).map(|n| relay(30 + n)).chain([relay(URL + 1)]);
        let hints = Hints::new((0..20).map(address), relays.clone());
        assert_eq!((hints.addresses().count(), hints.relays().count()), (ADDRESSES, RELAYS));
        assert!(hints.are_few());
        assert_eq!(heard(&hints).unwrap(), hints);
        let longest = Hints::new([], [relay(URL + 1), relay(URL)]);
        assert_eq!(longest.relays().count(), 1);
        assert_eq!(heard(&longest).unwrap(), longest);
    }

    #[test]
    fn whoever_says_more_is_found_out() {
        assert!(!Hints((0..=RELAYS).map(|_| Hint::Relay(relay(30))).collect()).are_few());
        let address = SocketAddr::from(([10, 0, 0, 1], 1));
        assert!(!Hints((0..=ADDRESSES).map(|_| Hint::from(address)).collect()).are_few());
        heard(&Hints(vec![Hint::Relay(relay(URL + 1))])).unwrap_err();
        // One relay, whose URL has a user.
        let user = "http://ann@a/";
        let bytes = [&[1, 2, user.len() as u8], user.as_bytes()].concat();
        postcard::from_bytes::<Hints>(&bytes).unwrap_err();
    }

    #[test]
    fn addresses_are_written_as_they_were_before_there_were_relays() {
        let addresses: Vec<SocketAddr> = vec![([10, 0, 0, 1], 4000).into(), "[::1]:65535".parse().unwrap()];
        let hints = Hints::new(addresses.iter().copied(), []);
        assert_eq!(postcard::to_allocvec(&hints).unwrap(), postcard::to_allocvec(&addresses).unwrap());
    }
}
