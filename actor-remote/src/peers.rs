//! The connections that there are with each peer, and which of them have outlived it.
//!
//! The engine knows one best way to each key for all its connections, and sends the first packets of a new one there and nowhere else. That way goes on being the best
//! one as long as there is any connection, even if it belonged to one that has died: of a peer that is killed and comes back elsewhere, that may be for ever. So whoever is heard
//! of from somewhere new is asked whether he is still where he was, and if he is not, what he had there is closed, so that the engine forgets the way.

use crate::key::Key;
use crate::node::lock;
use crate::wire::close;
use bytes::Bytes;
use futures_util::future::join_all;
use iroh::TransportAddr;
use iroh::endpoint::{Connection, VarInt, WeakConnectionHandle};
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How often it is looked whether something was heard.
const LOOKS: Duration = Duration::from_millis(10);

/// How often it is asked for: packets are lost.
const ASKS: Duration = Duration::from_millis(100);

/// How long is waited for an answer: so long at least, a quarter of the silence after which a peer counts as gone, but no more than so long (whoever has come
/// waits for his hello meanwhile), unless the way there takes longer.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(800));

/// How many signs of life it takes, each after it was asked for: the first may have been sent, and have lain unread, before the peer died.
const SIGNS: u32 = 2;

/// How many times as long as it takes to go there and back.
const TRIPS: u32 = 4;

/// Those with each peer, in both directions.
#[derive(Debug)]
pub(crate) struct Peers {
    known: Mutex<HashMap<Key, Vec<WeakConnectionHandle>>>,
    /// How long is waited for a sign of life.
    patience: Duration,
}

impl Peers {
    /// Of a node for which a peer counts as gone after this silence.
    pub(crate) fn new(silence: Duration) -> Self {
        let (least, most) = PATIENCE;
        Peers { known: Mutex::default(), patience: (silence / 4).clamp(least, most) }
    }

    /// One more.
    pub(crate) fn add(&self, peer: Key, connection: &Connection) {
        let mut peers = lock(&self.known);
        let known = peers.entry(peer).or_default();
        known.retain(|known| known.upgrade().is_some_and(|known| known.close_reason().is_none()));
        known.push(connection.weak_handle());
    }

    /// One less.
    pub(crate) fn remove(&self, peer: Key, connection: &Connection) {
        let mut peers = lock(&self.known);
        if let Some(known) = peers.get_mut(&peer) {
            let is_other = |known: &Connection| known.stable_id() != connection.stable_id();
            known.retain(|known| known.upgrade().is_some_and(|known| is_other(&known)));
            if known.is_empty() {
                peers.remove(&peer);
            }
        }
    }

    /// Whether there are any.
    pub(crate) fn has(&self, peer: Key) -> bool {
        lock(&self.known).contains_key(&peer)
    }

    /// Those that go by none of these ways.
    fn not_by(&self, peer: Key, ways: &BTreeSet<TransportAddr>) -> Vec<Connection> {
        let known: Vec<_> = lock(&self.known).get(&peer).into_iter().flatten().cloned().collect();
        let open = known.iter().filter_map(WeakConnectionHandle::upgrade);
        let open = open.filter(|known| known.close_reason().is_none());
        open.filter(|known| ways_of(known).is_disjoint(ways)).collect()
    }

    /// The peer says that it is to be found there: whatever goes elsewhere and is dead is closed.
    pub(crate) async fn heard_of(&self, peer: Key, ways: &BTreeSet<TransportAddr>) {
        let others = self.not_by(peer, ways);
        let _ = join_all(others.iter().map(|other| is_there(other, self.patience))).await;
    }

    /// The same, of a connection that has come from there; whether the engine knows that it is the way now. If it does not, it forgets the old way when this one is
    /// closed as well.
    pub(crate) async fn has_come(&self, peer: Key, connection: &Connection) -> bool {
        let others = self.not_by(peer, &ways_of(connection));
        let are_there = join_all(others.iter().map(|other| is_there(other, self.patience))).await;
        are_there.into_iter().all(|is_there| is_there)
            || connection.paths().iter().any(|path| path.is_selected())
    }
}

fn ways_of(connection: &Connection) -> BTreeSet<TransportAddr> {
    connection.paths().iter().map(|path| path.remote_addr().clone()).collect()
}

/// Asks for a sign of life, and closes it if there is none.
async fn is_there(connection: &Connection, patience: Duration) -> bool {
    let heard = || connection.stats().udp_rx.datagrams;
    let (mut before, began) = (heard(), Instant::now());
    let slowest = connection.paths().iter().map(|path| path.rtt()).max().unwrap_or_default();
    let patience = patience.max(slowest * TRIPS);
    let mut looks = interval(LOOKS);
    let (mut signs, mut asked) = (0, None::<Instant>);
    loop {
        looks.tick().await;
        let waited = began.elapsed();
        if connection.close_reason().is_some() {
            return false;
        }
        if asked.is_some() && heard() > before {
            (before, asked, signs) = (heard(), None, signs + 1);
            if signs == SIGNS {
                return true;
            }
        }
        if waited >= patience {
            connection.close(VarInt::from_u32(close::DONE), b"silent, and heard of elsewhere");
            return false;
        }
        // Whoever gets it confirms it, and does nothing else with it.
        if asked.is_none_or(|asked| asked.elapsed() >= ASKS) {
            let _ = connection.send_datagram(Bytes::new());
            asked = Some(Instant::now());
        }
    }
}
