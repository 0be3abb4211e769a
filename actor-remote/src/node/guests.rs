//! Who may come in, and who is inside.

use super::{Inner, lock};
use crate::key::Key;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Allowed {
    pub keys: HashSet<Key>,
    pub everybody: bool,
    /// How many actors each has been lent: it may call those, and nothing else.
    pub lent: HashMap<Key, u32>,
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

    /// Whether this one may call what is served.
    pub(crate) fn knows(&self, peer: Key) -> bool {
        self.allowed.borrow().knows(peer)
    }

    /// One actor more that this one may call; `false` if it has as many as it may.
    pub(crate) fn lend(&self, peer: Key) -> bool {
        let most = self.settings.limits.handles;
        self.allowed.send_if_modified(|allowed| {
            let count = allowed.lent.entry(peer).or_default();
            let has_room = *count < most;
            *count += u32::from(has_room);
            has_room
        })
    }

    /// One less.
    pub(crate) fn let_go(&self, peer: Key) {
        self.allowed.send_modify(|allowed| {
            if let Some(count) = allowed.lent.get_mut(&peer) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    allowed.lent.remove(&peer);
                }
            }
        });
    }
}

impl Allowed {
    fn knows(&self, peer: Key) -> bool {
        self.everybody || self.keys.contains(&peer)
    }

    fn allows(&self, peer: Key) -> bool {
        self.knows(peer) || self.lent.get(&peer).is_some_and(|count| *count > 0)
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
