//! Several members behind one handle.

use super::Members;
use crate::key::Key;
use crate::node::lock;
use crate::remote::carrier;
use actor_core::remote::{Carrier, Carriers, Portable, proxy_of_many};
use actor_core::{ActorHandle, CallError, RemoteError, Spawn};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Those who announce a name.
struct Workers {
    members: Members,
    name: Arc<str>,
    /// Whose turn it is, counted on and on.
    next: AtomicUsize,
    /// The ways to those who are there; a new one would be a new connection.
    ways: Mutex<HashMap<Key, Arc<dyn Carrier>>>,
}

#[track_caller]
pub(super) fn pool<H: ActorHandle<Message: Portable>>(members: &Members, name: &str) -> H {
    let workers = Workers {
        members: members.clone(),
        name: name.into(),
        next: AtomicUsize::new(0),
        ways: Mutex::default(),
    };
    proxy_of_many(Spawn::new().name(name), workers)
}

impl Carriers for Workers {
    fn next(&self) -> Vec<Arc<dyn Carrier>> {
        let mut keys = self.members.keys(&self.name);
        if let Some(turn) = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(keys.len()) {
            keys.rotate_left(turn);
        }
        let node = self.members.node().inner();
        let mut ways = lock(&self.ways);
        let gone: Vec<_> = ways.extract_if(|key, _| !keys.contains(key)).collect();
        let way = |key: &Key| {
            let way = ways.entry(*key).or_insert_with(|| carrier(node, *key, Arc::clone(&self.name)));
            Arc::clone(way)
        };
        let next = keys.iter().map(way).collect();
        drop(ways);
        drop(gone);
        next
    }

    fn nobody(&self) -> CallError {
        CallError::Remote(RemoteError::NoSuchActor(Arc::new(self.name.to_string())))
    }
}
