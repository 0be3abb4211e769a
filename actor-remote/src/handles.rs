//! Handles within messages and replies: what is given to a peer, and what a peer gives.
//!
//! An actor of this program is lent: the peer gets a [`Lease`], by which it and nobody else may call that one actor, for as long as it holds it or
//! until the connection by which it does is gone. What is known by a name is passed on as a name, and leads to where it is. What was lent by
//! another node is lent on: the way leads through here.

use crate::hints::Hints;
use crate::key::Key;
use crate::link::Actor;
use crate::node::{Inner, lock};
use crate::own::Own;
use crate::path::Path;
use crate::wire::Address;
use actor_core::ActorId;
use actor_core::luggage::Token;
use actor_core::remote::{Carrier, Given, Porter, SchemaError, Service};
use iroh::TransportAddr;
use iroh::endpoint::{Connection, WeakConnectionHandle};
use std::any::TypeId;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Weak};

/// Where the actors are whose proxies are here.
pub(crate) fn origins() -> MutexGuard<'static, HashMap<ActorId, (Key, Actor)>> {
    static ORIGINS: LazyLock<Mutex<HashMap<ActorId, (Key, Actor)>>> = LazyLock::new(Mutex::default);
    lock(&ORIGINS)
}

/// The right of one peer to call one actor. It keeps the actor.
pub(crate) struct Lease {
    id: [u8; 16],
    peer: Key,
    actor: ActorId,
    kind: TypeId,
    pub(crate) service: Arc<dyn Service>,
    node: Weak<Inner>,
    is_revoked: AtomicBool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(node) = self.node.upgrade() else { return };
        node.leases.remove(self);
        if !self.is_revoked.load(Ordering::Acquire) {
            node.let_go(self.peer);
        }
    }
}

/// What is lent by a node.
pub(crate) struct Leases {
    /// So that nobody guesses a number, which would be of no use to anybody else.
    secret: [u8; 32],
    count: AtomicU64,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<[u8; 16], Weak<Lease>>,
    by_actor: HashMap<(Key, ActorId, TypeId), Weak<Lease>>,
}

impl Leases {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Leases { secret, count: AtomicU64::new(0), known: Mutex::default() }
    }

    /// The one that `peer` has under this number.
    pub(crate) fn find(&self, peer: Key, id: &[u8; 16]) -> Option<Arc<Lease>> {
        let lease = lock(&self.known).by_id.get(id)?.upgrade()?;
        (lease.peer == peer && !lease.is_revoked.load(Ordering::Acquire)).then_some(lease)
    }

    /// Whatever `peer` has is taken from it.
    pub(crate) fn revoke(&self, peer: Key) {
        let leases: Vec<_> = lock(&self.known).by_id.values().filter_map(Weak::upgrade).collect();
        for lease in leases.iter().filter(|lease| lease.peer == peer) {
            lease.is_revoked.store(true, Ordering::Release);
        }
    }

    fn of(&self, peer: Key, actor: ActorId, kind: TypeId) -> Option<Arc<Lease>> {
        let lease = lock(&self.known).by_actor.get(&(peer, actor, kind))?.upgrade()?;
        (!lease.is_revoked.load(Ordering::Acquire)).then_some(lease)
    }

    fn insert(&self, lease: &Arc<Lease>) {
        let mut known = lock(&self.known);
        known.by_id.insert(lease.id, Arc::downgrade(lease));
        known.by_actor.insert((lease.peer, lease.actor, lease.kind), Arc::downgrade(lease));
    }

    fn remove(&self, lease: &Lease) {
        let mut known = lock(&self.known);
        known.by_id.remove(&lease.id);
        let of = (lease.peer, lease.actor, lease.kind);
        // There may be another one by now.
        if known.by_actor.get(&of).is_some_and(|known| known.strong_count() == 0) {
            known.by_actor.remove(&of);
        }
    }

    fn id(&self) -> [u8; 16] {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 16];
        blake3::Hasher::new_keyed(&self.secret).update(&count.to_le_bytes()).finalize_xof().fill(&mut id);
        id
    }
}

/// What peers have given, and is here.
#[derive(Default)]
pub(crate) struct Imports {
    known: HashMap<(Key, Actor, TypeId), Weak<dyn Carrier>>,
    /// How many each has given.
    by_giver: HashMap<Key, u32>,
    /// Nodes of which it is known by this alone where they are, and how many lead there.
    hinted: HashMap<Key, u32>,
}

impl Imports {
    /// Where this one is was said by the user.
    pub(crate) fn learned(&mut self, key: Key) {
        self.hinted.remove(&key);
    }
}

/// One that counts.
pub(crate) struct Import {
    node: Weak<Inner>,
    giver: Key,
    /// Where it leads, through this handle's kind.
    of: (Key, Actor, TypeId),
}

impl Drop for Import {
    fn drop(&mut self) {
        let Some(node) = self.node.upgrade() else { return };
        let mut imports = lock(&node.imports);
        let Imports { known, by_giver, hinted } = &mut *imports;
        // There may be another one by now.
        if known.get(&self.of).is_some_and(|known| known.strong_count() == 0) {
            known.remove(&self.of);
        }
        less(by_giver, self.giver);
        if hinted.contains_key(&self.of.0) && less(hinted, self.of.0) {
            node.unlearn(self.of.0);
        }
    }
}

/// One less; whether it was the last.
fn less(counts: &mut HashMap<Key, u32>, key: Key) -> bool {
    let left = counts.get_mut(&key).map(|count| {
        *count = count.saturating_sub(1);
        *count
    });
    if left == Some(0) {
        counts.remove(&key);
    }
    left == Some(0)
}

/// Who gives handles to one peer, and takes those that it gives.
pub(crate) struct PeerPorter {
    node: Weak<Inner>,
    peer: Key,
    /// Whether it is the peer that calls, and not this node.
    is_caller: bool,
    /// By which it came.
    connection: Option<WeakConnectionHandle>,
}

impl PeerPorter {
    /// For what is sent there, and what is replied.
    pub(crate) fn to(node: Weak<Inner>, peer: Key) -> Self {
        PeerPorter { node, peer, is_caller: false, connection: None }
    }

    /// For what comes from there, and what is replied.
    pub(crate) fn of_caller(node: Weak<Inner>, peer: Key, connection: &Connection) -> Self {
        PeerPorter { node, peer, is_caller: true, connection: Some(connection.weak_handle()) }
    }

    /// Where it is now, as far as can be seen.
    fn seen(&self) -> Option<SocketAddr> {
        let connection = self.connection.as_ref()?.upgrade()?;
        let paths = connection.paths();
        let address = |address: &TransportAddr| match address {
            TransportAddr::Ip(address) => Some(*address),
            _ => None,
        };
        let selected = paths.iter().filter(|path| path.is_selected());
        selected.chain(paths.iter()).find_map(|path| address(path.remote_addr()))
    }

    fn node(&self) -> Result<Arc<Inner>, String> {
        let node = self.node.upgrade().filter(|node| !node.is_closed());
        node.ok_or_else(|| "the node that handles would go by has been closed".to_owned())
    }

    fn lend(
        &self,
        node: &Arc<Inner>,
        actor: ActorId,
        kind: TypeId,
        service: Arc<dyn Service>,
    ) -> Result<Arc<Lease>, String> {
        if !node.lend(self.peer) {
            let limit = node.settings.limits.handles;
            return Err(format!("the peer has {limit} handles from here, and gets no more"));
        }
        let lease = Arc::new(Lease {
            id: node.leases.id(),
            peer: self.peer,
            actor,
            kind,
            service,
            node: Arc::downgrade(node),
            is_revoked: AtomicBool::new(false),
        });
        node.leases.insert(&lease);
        Ok(lease)
    }

    fn carrier(
        &self,
        node: &Arc<Inner>,
        of: (Key, Actor, TypeId),
        hints: impl Iterator<Item = TransportAddr>,
        again: bool,
    ) -> Result<Arc<dyn Carrier>, String> {
        let mut imports = lock(&node.imports);
        if let Some(known) = imports.known.get(&of).and_then(Weak::upgrade) {
            drop(imports);
            if !again {
                return Ok(known);
            }
            // Out of the lock, since it may be the last.
            drop(known);
            imports = lock(&node.imports);
        }
        let limit = node.settings.limits.handles;
        let Imports { known, by_giver, hinted } = &mut *imports;
        // Of one from whom nothing is taken nothing is kept either.
        if by_giver.get(&self.peer).copied().unwrap_or(0) >= limit {
            return Err(format!("the peer has given {limit} handles, and more are not taken"));
        }
        *by_giver.entry(self.peer).or_default() += 1;
        let (key, actor, _) = &of;
        if let Some(count) = hinted.get_mut(key) {
            *count += 1;
            node.hint(*key, hints);
        } else if node.hint(*key, hints) {
            hinted.insert(*key, 1);
        }
        let import = Some(Import { node: Arc::downgrade(node), giver: self.peer, of: of.clone() });
        let carrier: Arc<dyn Carrier> = match actor {
            Actor::Name(name) if *key == node.key() => Arc::new(Own::new(node, Arc::clone(name), import)),
            actor => Arc::new(Path::new(node, *key, actor.clone(), import)),
        };
        known.insert(of, Arc::downgrade(&carrier));
        Ok(carrier)
    }
}

impl Porter for PeerPorter {
    fn give(
        &self,
        actor: ActorId,
        kind: TypeId,
        service: &dyn Fn() -> Result<Arc<dyn Service>, SchemaError>,
    ) -> Result<(Vec<u8>, Token), String> {
        let node = self.node()?;
        let origin = origins().get(&actor).cloned();
        let service = || service().map_err(|error| error.to_string());
        let written = |key: Key, actor: &Actor, hints: Hints| {
            let address = Address { key: *key.as_bytes(), actor: actor.whom(), hints };
            postcard::to_allocvec(&address).map_err(|error| error.to_string())
        };
        match origin {
            // The peer's own: it knows it by the same name or number, for as long as this proxy is here.
            Some((key, actor)) if key == self.peer => {
                Ok((written(key, &actor, Hints::default())?, Arc::new(service()?)))
            }
            Some((key, actor @ Actor::Name(_))) => {
                Ok((written(key, &actor, node.whereabouts(key))?, Arc::new(())))
            }
            Some((_, Actor::Lease(_))) | None => {
                let lease = match node.leases.of(self.peer, actor, kind) {
                    Some(lease) => lease,
                    None => self.lend(&node, actor, kind, service()?)?,
                };
                let hints = node.whereabouts(node.key());
                Ok((written(node.key(), &Actor::Lease(lease.id), hints)?, lease))
            }
        }
    }

    fn take(&self, bytes: &[u8], kind: TypeId, again: bool) -> Result<Given, String> {
        let node = self.node()?;
        let (address, rest): (Address<'_>, _) =
            postcard::take_from_bytes(bytes).map_err(|error| error.to_string())?;
        let key = Key::from_bytes(&address.key).ok_or("a handle of a node without a key")?;
        let actor = Actor::from(address.actor);
        if !address.hints.are_few() || !rest.is_empty() {
            return Err("a handle that is longer than it may be".to_owned());
        }
        let is_own = key == node.key();
        match &actor {
            Actor::Lease(id) if is_own => {
                let lease = node.leases.find(self.peer, id);
                let lease = lease.ok_or("a handle that is not the peer's to give")?;
                return Ok(Given::Here(Arc::clone(&lease.service)));
            }
            Actor::Lease(_) if key != self.peer => {
                return Err("a handle that is not the peer's to give".to_owned());
            }
            // It would be called with our rights, at the wish of one who has none.
            Actor::Name(_) if self.is_caller && !node.knows(self.peer) => {
                return Err("a name from one who may not call by name".to_owned());
            }
            Actor::Name(name) if is_own => {
                let named = node.service(name).map(|named| Arc::clone(&named.service));
                if let Some(service) = named.filter(|service| service.handle().type_id() == kind) {
                    return Ok(Given::Here(service));
                }
            }
            Actor::Name(_) | Actor::Lease(_) => {}
        }
        let seen = if key == self.peer { self.seen() } else { None };
        // Of a third one nothing is believed where something is known: a false address may answer first.
        let is_heard = key == self.peer || !node.has_heard_of(key);
        let hints = if is_heard { address.hints } else { Hints::default() };
        let hints = seen.into_iter().map(TransportAddr::Ip).chain(hints.places());
        self.carrier(&node, (key, actor, kind), hints, again).map(Given::Elsewhere)
    }
}
