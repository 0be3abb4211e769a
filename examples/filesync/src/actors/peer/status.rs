//! What a peer is at, for who asks in the middle of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::index::Snapshot;
use crate::path::RelPath;
use crate::plan::Take;

/// Of more transfers nobody reads: of small files there are hundreds at a time.
const TRANSFERS: usize = 20;

/// What a peer is at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status {
    /// How many others had the same as it in this round.
    pub(crate) in_step: usize,
    /// How many files it takes in this round, and how many of those are here.
    pub(crate) wanted: usize,
    pub(crate) got: usize,
    /// The largest of the files that are on their way to it.
    pub(crate) transfers: Vec<Transfer>,
    /// What it knows of its folder.
    pub(crate) view: Snapshot,
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) path: RelPath,
    pub(crate) size: u64,
    /// How much of it is here.
    pub(crate) done: u64,
}

/// The same as the peer itself keeps it.
#[derive(Debug, Default)]
pub(super) struct Doing {
    pub(super) in_step: usize,
    wanted: usize,
    got: usize,
    transfers: BTreeMap<RelPath, (u64, Arc<AtomicU64>)>,
}

impl Doing {
    /// A round begins.
    pub(super) fn begin(&mut self) {
        // A round that failed in the middle has left its transfers there.
        *self = Self::default();
    }

    pub(super) fn expect(&mut self, files: usize) {
        self.wanted = files;
    }

    /// Of files that are fetched as one. What it gives is told how much of the only one is here; of many none is before all are.
    pub(super) fn begin_transfers(&mut self, takes: &[Take]) -> Arc<AtomicU64> {
        let done = Arc::new(AtomicU64::new(0));
        let transfers = takes.iter().map(|take| (take.path.clone(), (take.file.size, Arc::clone(&done))));
        self.transfers.extend(transfers);
        done
    }

    pub(super) fn end_transfer(&mut self, path: &RelPath) {
        self.transfers.remove(path);
        self.got += 1;
    }

    pub(super) fn status(&self, view: Snapshot) -> Status {
        let mut largest: Vec<_> = self.transfers.iter().collect();
        largest.sort_by_key(|(_, (size, _))| Reverse(*size));
        largest.truncate(TRANSFERS);
        let transfer = |(path, (size, done)): (&RelPath, &(u64, Arc<AtomicU64>))| Transfer {
            path: path.clone(),
            size: *size,
            done: done.load(Ordering::Relaxed),
        };
        Status {
            in_step: self.in_step,
            wanted: self.wanted,
            got: self.got,
            transfers: largest.into_iter().map(transfer).collect(),
            view,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Entry, Node};
    use crate::testing::{file_node, path};
    use crate::version::VersionVector;

    #[test]
    fn a_transfer_is_seen_until_it_ends_and_a_round_begins_without_any() {
        let file = file_node("text", 1);
        let entry = Entry { version: VersionVector::default(), node: Node::File(file.clone()) };
        let take =
            |name| Take { path: path(name), entry: entry.clone(), file: file.clone(), replaces: false };
        let mut doing = Doing::default();
        doing.expect(2);
        doing.begin_transfers(&[take("a")]).store(3, Ordering::Relaxed);
        doing.begin_transfers(&[take("b")]);
        doing.end_transfer(&path("b"));
        let status = doing.status(Snapshot::default());
        assert_eq!((status.got, status.wanted), (1, 2));
        assert_eq!(status.transfers, [Transfer { path: path("a"), size: 4, done: 3 }]);
        doing.begin();
        let status = doing.status(Snapshot::default());
        assert_eq!((status.wanted, status.transfers.len()), (0, 0));
    }
}
