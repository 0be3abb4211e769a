//! The way into a group.

use actor_core::prelude::*;
use serde::{Deserialize, Serialize};

use super::group::GroupHandle;
use crate::net::card::Card;

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum TurnedAway {
    #[error("the secret in the ticket is not the one of this folder: ask for a new ticket")]
    Secret,
    #[error("the group has as many members as it can have")]
    Full,
    #[error("the folder is being closed")]
    Closing,
}

/// Where somebody knocks who is not in the group yet.
#[actor(derive(Serialize, Deserialize))]
pub(crate) trait Door {
    /// Lets `who` in, if the secret is right, and says who is in the group.
    async fn enter(&mut self, secret: String, who: Card) -> Result<Vec<Card>, TurnedAway>;
}

/// Opens to whoever has the secret.
///
/// It is the only actor that strangers reach, on a node of its own: whoever knocks can do nothing else.
#[actor(protocols)]
#[derive(Debug)]
pub(crate) struct Porter {
    secret: blake3::Hash,
    group: GroupHandle,
}

impl Porter {
    pub(crate) fn new(secret: &str, group: GroupHandle) -> Self {
        Self { secret: blake3::hash(secret.as_bytes()), group }
    }
}

impl Door for Porter {
    async fn enter(&mut self, secret: String, who: Card) -> Result<Vec<Card>, TurnedAway> {
        // Hashes are compared in a time that tells nothing.
        if blake3::hash(secret.as_bytes()) != self.secret {
            return Err(TurnedAway::Secret);
        }
        self.group.admit(who).await.map_err(|error| match error {
            CallError::Handler(why) => why,
            _ => TurnedAway::Closing,
        })
    }
}
