//! Where somebody asks how it is going.

use std::sync::Arc;

use actor_core::prelude::*;
use serde::{Deserialize, Serialize};

use super::group::{GroupHandle, Presence};
use super::peer::{PeerHandle, Transfer};
use crate::conflict;
use crate::index::{Entries, Node};
use crate::path::RelPath;

/// More are counted and not named.
const CONFLICTS: usize = 100;

/// Says how a folder is. Asked from another process, and by nobody else than who may read the folder's state.
#[actor(derive(Serialize, Deserialize))]
pub(crate) trait Desk {
    async fn report(&mut self) -> Result<Report, Closing>;
}

/// The folder is being let go of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("it is just ending")]
pub(crate) struct Closing;

/// How a folder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) held: Held,
    pub(crate) peers: Vec<Neighbour>,
    /// How many of those who are here had the same when they were last asked.
    pub(crate) in_step: usize,
    /// How many files are being taken, and how many of them have come.
    pub(crate) wanted: usize,
    pub(crate) got: usize,
    pub(crate) transfers: Vec<Transfer>,
}

/// Another member of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Neighbour {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) presence: Presence,
}

/// What is in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) files: usize,
    pub(crate) dirs: usize,
    pub(crate) bytes: u64,
    /// How many files are versions that lost a conflict, and the first of them. Who has looked at one deletes or renames it.
    pub(crate) conflicts: usize,
    pub(crate) some_conflicts: Vec<RelPath>,
}

impl Held {
    fn of(entries: &Entries) -> Self {
        let mut held = Self::default();
        for (path, entry) in entries {
            match &entry.node {
                Node::Dir { .. } => held.dirs += 1,
                Node::Tombstone => {}
                Node::File(file) => {
                    held.files += 1;
                    held.bytes += file.size;
                    if conflict::is_copy(path) {
                        held.conflicts += 1;
                        if held.some_conflicts.len() < CONFLICTS {
                            held.some_conflicts.push(path.clone());
                        }
                    }
                }
            }
        }
        held
    }
}

/// Asks those who know.
///
/// They answer while they are at work, so it can be asked at any time; and it is not they who count.
#[actor(protocols)]
#[derive(Debug)]
pub(crate) struct Clerk {
    name: String,
    folder: String,
    peer: PeerHandle,
    group: GroupHandle,
    /// What was counted last, and of what.
    counted: Option<(Arc<Entries>, Held)>,
}

impl Clerk {
    pub(crate) fn new(name: &str, folder: String, peer: PeerHandle, group: GroupHandle) -> Self {
        Self { name: name.to_owned(), folder, peer, group, counted: None }
    }

    async fn count(&mut self, entries: Arc<Entries>) -> Held {
        match &self.counted {
            Some((of, held)) if Arc::ptr_eq(of, &entries) => held.clone(),
            _ => {
                let of = Arc::clone(&entries);
                let held = tokio::task::spawn_blocking(move || Held::of(&of)).await.unwrap_or_default();
                self.counted = Some((entries, held.clone()));
                held
            }
        }
    }
}

impl Desk for Clerk {
    async fn report(&mut self) -> Result<Report, Closing> {
        let status = self.peer.status().await.map_err(|_| Closing)?;
        let roll = self.group.roll().await.map_err(|_| Closing)?;
        let peers = roll.into_iter().map(|(card, presence)| Neighbour {
            address: card.ticket.addresses().first().map_or_else(String::new, ToString::to_string),
            name: card.name,
            presence,
        });
        Ok(Report {
            name: self.name.clone(),
            folder: self.folder.clone(),
            held: self.count(status.view.entries).await,
            peers: peers.collect(),
            in_step: status.in_step,
            wanted: status.wanted,
            got: status.got,
            transfers: status.transfers,
        })
    }
}
