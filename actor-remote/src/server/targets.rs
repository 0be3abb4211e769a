//! Who is asked for.

use super::Serving;
use crate::handles::Lease;
use crate::link::Actor;
use crate::node::{NAME, Named};
use crate::wire::{Failure, Whom, cut};
use actor_core::remote::Service;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What a number stands for on this connection.
pub(super) struct Target {
    pub sender: u64,
    pub actor: Actor,
    pub message: String,
    pub fingerprint: u64,
    /// It is looked up when it is first used, and again when that actor has gone.
    pub known: Mutex<Option<(Known, u32)>>,
}

/// Who was found before. What is served lives as long as it is served, whoever has called it.
pub(super) enum Known {
    Named(Weak<Named>),
    Lent(Arc<Lease>),
}

impl Known {
    fn of(found: Found) -> Self {
        match found {
            Found::Named(named) => Known::Named(Arc::downgrade(&named)),
            Found::Lent(lease) => Known::Lent(lease),
        }
    }

    /// The actor, if it is still what was asked for.
    fn service(&self) -> Option<Arc<dyn Service>> {
        match self {
            Known::Named(named) => {
                let named = named.upgrade().filter(|named| named.is_current())?;
                Some(Arc::clone(&named.service))
            }
            Known::Lent(lease) => Some(Arc::clone(&lease.service)),
        }
    }
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
            && let Some(service) = found.service()
        {
            return Ok((service, *index));
        }
        let found = self.look_up(&target.actor).ok_or(Failure::NoSuchActor)?;
        let service = Arc::clone(found.service());
        let entry = service.message(&target.message).ok_or(Failure::Mismatch(None))?;
        if entry.fingerprint != target.fingerprint {
            return Err(Failure::Mismatch(Some((entry.fingerprint, cut(entry.text.clone())))));
        }
        let index = entry.index;
        *known = Some((Known::of(found), index));
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
