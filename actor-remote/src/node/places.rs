//! Where other nodes are, as far as it was said here.

use super::{Inner, lock};
use crate::key::Key;
use crate::wire::HINTS;
use iroh::{EndpointAddr, TransportAddr};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

impl Inner {
    /// Remembers where another node may be; whether nothing was known of it.
    pub(crate) fn hint(&self, key: Key, hints: &[SocketAddr]) -> bool {
        let known = self.addresses.get_endpoint_info(key.0).map(|info| info.to_endpoint_addr());
        let count = known.as_ref().map_or(0, |known| known.ip_addrs().count());
        let is_new =
            |hint: &SocketAddr| !known.as_ref().is_some_and(|known| known.ip_addrs().any(|a| a == hint));
        let room = (2 * HINTS).saturating_sub(count);
        let new = hints.iter().filter(|hint| is_new(hint)).take(room).map(|hint| TransportAddr::Ip(*hint));
        let address = EndpointAddr::from_parts(key.0, new);
        if address.ip_addrs().next().is_some() {
            self.addresses.add_endpoint_info(address);
        }
        known.is_none()
    }

    /// Somebody has said that it is there now: what was elsewhere may be dead, and whoever waits for the next attempt waits no longer.
    pub(super) fn is_at(&self, key: Key, places: BTreeSet<TransportAddr>) {
        let link = lock(&self.links).get(&key).and_then(Weak::upgrade);
        if let Some(link) = link {
            link.retry();
        }
        if !places.is_empty() && self.peers.has(key) {
            let peers = Arc::clone(&self.peers);
            self.runtime.spawn(async move { peers.heard_of(key, &places).await });
        }
    }

    /// Members say that it is not at `old` any more but at `new`. What was learned otherwise stays.
    #[cfg(feature = "members")]
    pub(crate) fn relocate(&self, key: Key, old: &[SocketAddr], new: &[SocketAddr]) {
        let known = self.addresses.get_endpoint_info(key.0).map(|info| info.to_endpoint_addr());
        let is_old = |place: &TransportAddr| matches!(place, TransportAddr::Ip(known) if old.contains(known));
        let known = known.into_iter().flat_map(|known| known.addrs).filter(|place| !is_old(place));
        let addresses = known.chain(new.iter().copied().map(TransportAddr::Ip));
        self.addresses.set_endpoint_info(EndpointAddr::from_parts(key.0, addresses));
        self.is_at(key, new.iter().copied().map(TransportAddr::Ip).collect());
    }

    /// Nothing leads there any more.
    pub(crate) fn unlearn(&self, key: Key) {
        self.addresses.remove_endpoint_info(key.0);
    }

    /// Where another node may be.
    pub(crate) fn whereabouts(&self, key: Key) -> Vec<SocketAddr> {
        let known = self.addresses.get_endpoint_info(key.0).map(|info| info.to_endpoint_addr());
        known.iter().flat_map(EndpointAddr::ip_addrs).take(HINTS).copied().collect()
    }
}
