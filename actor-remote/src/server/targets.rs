//! Who is asked for.

use super::Serving;
use crate::handles::Lease;
use crate::link::Actor;
use crate::node::{NAME, Named};
use crate::wire::{Failure, Whom, cut};
use actor_core::remote::Service;
use std::sync::{Arc, Mutex, PoisonError};

/// What a number stands for on this connection.
pub(super) struct Target {
    pub sender: u64,
    pub actor: Actor,
    pub message: String,
    pub fingerprint: u64,
    /// It is looked up when it is first used, and again when that actor has gone.
    pub known: Mutex<Option<(Found, u32)>>,
}

/// Who was asked for.
#[derive(Clone)]
pub(super) enum Found {
    Named(Arc<Named>),
    Lent(Arc<Lease>),
}

impl Found {
    pub(super) fn service(&self) -> &Arc<dyn Service> {
        match self {
            Found::Named(named) => &named.service,
            Found::Lent(lease) => &lease.service,
        }
    }

    pub(super) fn is_current(&self) -> bool {
        match self {
            Found::Named(named) => named.is_current(),
            Found::Lent(_) => true,
        }
    }
}

pub(super) fn is_too_long(actor: Whom<'_>) -> bool {
    match actor {
        Whom::Name(name) => name.len() > NAME,
        Whom::Lease(_) => false,
    }
}

impl Serving {
    /// The actor, and the message's number here.
    pub(super) fn find(&self, target: &Target) -> Result<(Arc<dyn Service>, u32), Failure> {
        let mut known = target.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, index)) = &*known
            && found.is_current()
        {
            return Ok((Arc::clone(found.service()), *index));
        }
        let found = self.look_up(&target.actor).ok_or(Failure::NoSuchActor)?;
        let service = Arc::clone(found.service());
        let entry = service.message(&target.message).ok_or(Failure::Mismatch(None))?;
        if entry.fingerprint != target.fingerprint {
            return Err(Failure::Mismatch(Some((entry.fingerprint, cut(entry.text.clone())))));
        }
        let index = entry.index;
        *known = Some((found, index));
        Ok((service, index))
    }

    /// Whoever was only lent something finds nothing else.
    pub(super) fn look_up(&self, actor: &Actor) -> Option<Found> {
        match actor {
            Actor::Name(name) if self.node.knows(self.peer) => self.node.service(name).map(Found::Named),
            Actor::Name(_) => None,
            Actor::Lease(id) => self.node.leases.find(self.peer, id).map(Found::Lent),
        }
    }
}
