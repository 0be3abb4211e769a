//! Where other nodes are, as far as it was said here.

use super::{Inner, lock};
use crate::hints::{ADDRESSES, Hints, RELAYS};
use crate::key::Key;
use iroh::{EndpointAddr, TransportAddr};
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

impl Inner {
    /// Remembers where another node may be, as others say; whether nothing was known of it.
    pub(crate) fn hint(&self, key: Key, hints: impl Iterator<Item = TransportAddr>) -> bool {
        let known = self.addresses.get_endpoint_info(key.0).map(|info| info.to_endpoint_addr());
        let places = known.as_ref().map(|known| &known.addrs);
        let room = |limit: usize, is_one: fn(&TransportAddr) -> bool| {
            (2 * limit).saturating_sub(places.into_iter().flatten().filter(|place| is_one(place)).count())
        };
        let (mut addresses, mut relays) =
            (room(ADDRESSES, TransportAddr::is_ip), room(RELAYS, TransportAddr::is_relay));
        let new: BTreeSet<_> = hints
            .filter(|hint| self.heeds(hint) && !places.is_some_and(|places| places.contains(hint)))
            .filter(|hint| {
                let room = if hint.is_relay() { &mut relays } else { &mut addresses };
                let has_room = *room > 0;
                *room -= usize::from(has_room);
                has_room
            })
            .collect();
        if !new.is_empty() {
            self.addresses.add_endpoint_info(EndpointAddr { id: key.0, addrs: new });
        }
        known.is_none()
    }

    /// Whether it may go there because somebody says so. To relays that it was not given a node that hides behind its own does not go: it would be seen there.
    fn heeds(&self, place: &TransportAddr) -> bool {
        match place {
            TransportAddr::Relay(url) if self.settings.is_behind_relays => {
                self.settings.relays.iter().any(|own| own.0 == *url)
            }
            _ => true,
        }
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
    pub(crate) fn relocate(&self, key: Key, old: &Hints, new: &Hints) {
        let known = self.addresses.get_endpoint_info(key.0).map(|info| info.to_endpoint_addr());
        let heeded =
            |hints: &Hints| hints.places().filter(|place| self.heeds(place)).collect::<BTreeSet<_>>();
        let (old, new) = (heeded(old), heeded(new));
        let known = known.into_iter().flat_map(|known| known.addrs).filter(|place| !old.contains(place));
        let places = known.chain(new.iter().cloned());
        self.addresses.set_endpoint_info(EndpointAddr::from_parts(key.0, places));
        self.is_at(key, new);
    }

    /// Nothing leads there any more.
    pub(crate) fn unlearn(&self, key: Key) {
        self.addresses.remove_endpoint_info(key.0);
    }

    /// Whether it was said where another node is.
    pub(crate) fn has_heard_of(&self, key: Key) -> bool {
        let known = self.addresses.get_endpoint_info(key.0);
        known.is_some_and(|known| !known.to_endpoint_addr().is_empty())
    }

    /// Where another node may be, or by which relays this one is reached: where it is itself can be seen by whoever it speaks to.
    pub(crate) fn whereabouts(&self, key: Key) -> Hints {
        if key != self.key() {
            let known = self.addresses.get_endpoint_info(key.0);
            return known.map(|known| Hints::known(&known.to_endpoint_addr())).unwrap_or_default();
        }
        match self.settings.relays.as_slice() {
            [] => Hints::default(),
            _ => Hints::new([], self.ticket().relays().iter().cloned()),
        }
    }
}
