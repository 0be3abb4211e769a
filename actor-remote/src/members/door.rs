//! What a member answers to others: an actor that is served like any other.

use super::engine::EngineHandle;
use super::id::Id;
use crate::node::lock;
use actor_core::WeakHandle;
use actor_core::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The name by which it is served.
pub(super) const DOOR: &str = "actor/members";

/// What a member says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Announced {
    /// Which run of its program it is.
    pub(super) life: u64,
    /// Grows with each change of the names.
    pub(super) version: u64,
    pub(super) names: BTreeSet<String>,
}

/// Hands on what others say; what is the engine's own stays out of their reach.
#[actor(mailbox = 1024)]
pub(super) struct Door {
    pub(super) engine: WeakHandle<EngineHandle>,
    pub(super) announced: Arc<Mutex<Announced>>,
}

#[actor(derive(Serialize, Deserialize))]
impl Door {
    /// A word of the protocol, with the version of the sender's names.
    pub(super) fn packet(&self, from: Id, version: u64, packet: Vec<u8>) {
        if let Some(engine) = self.engine.upgrade() {
            // One that is lost is said again.
            let _ = engine.heard(from, version, packet).try_tell();
        }
    }

    /// This one goes, and says so.
    pub(super) fn leaving(&self, who: Id) {
        if let Some(engine) = self.engine.upgrade() {
            let _ = engine.left(who).try_tell();
        }
    }

    /// What it announces: who wants to know asks it itself.
    pub(super) fn announced(&self) -> Announced {
        lock(&self.announced).clone()
    }
}
