//! What a folder holds and held, each path with its version: the folder's memory between runs.

pub(crate) mod db;
pub(crate) mod file;
mod observe;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::chunk::ContentId;
use crate::path::RelPath;
use crate::version::{PeerId, VersionVector};

/// The permission bits that are kept. Set-user-id, set-group-id and sticky are not: a peer must not hand out rights.
const MODE_BITS: u32 = 0o777;

/// Two changes closer than this may carry the same time stamp, so a stamp this young proves nothing.
const STAMP_GRAIN: Duration = Duration::from_millis(50);

/// A point in time with its nanoseconds, before 1970 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Timestamp {
    secs: i64,
    nanos: u32,
}

impl Timestamp {
    pub(crate) const fn new(secs: i64, nanos: u32) -> Self {
        Self { secs, nanos }
    }

    pub(crate) fn modified(of: &Metadata) -> Self {
        Self::new(of.mtime(), of.mtime_nsec() as u32)
    }

    fn changed(of: &Metadata) -> Self {
        Self::new(of.ctime(), of.ctime_nsec() as u32)
    }

    /// `None`: the system cannot say such a time.
    pub(crate) fn to_system(self) -> Option<SystemTime> {
        let nanos = Duration::from_nanos(u64::from(self.nanos));
        let secs = Duration::from_secs(self.secs.unsigned_abs());
        let whole = if self.secs < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(secs)?
        } else {
            SystemTime::UNIX_EPOCH.checked_add(secs)?
        };
        whole.checked_add(nanos)
    }
}

/// A file as all peers see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct FileNode {
    pub(crate) size: u64,
    pub(crate) mtime: Timestamp,
    pub(crate) mode: u32,
    pub(crate) content: ContentId,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Node {
    /// Nothing any more. Kept for good, so that a peer that comes back after a year does not bring the file back.
    Tombstone,
    /// A directory, an empty one too. Its mtime is not kept: it changes with every entry.
    Dir {
        mode: u32,
    },
    File(FileNode),
}

impl Node {
    pub(crate) fn is_live(&self) -> bool {
        !matches!(self, Self::Tombstone)
    }

    pub(crate) fn file(&self) -> Option<&FileNode> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
    }
}

/// What is at a path, and which changes that contains.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) version: VersionVector,
    pub(crate) node: Node,
}

pub(crate) type Entries = BTreeMap<RelPath, Entry>;

/// How a file looked from outside when its content was known; the same again means the same content.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Stamp {
    size: u64,
    mtime: Timestamp,
    ctime: Timestamp,
    inode: u64,
    /// Taken so soon after the last change that another might have left no trace.
    young: bool,
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let young = match Timestamp::modified(meta).to_system() {
            Some(mtime) => mtime.checked_add(STAMP_GRAIN).is_none_or(|until| until >= SystemTime::now()),
            None => true,
        };
        Self {
            size: meta.size(),
            mtime: Timestamp::modified(meta),
            ctime: Timestamp::changed(meta),
            inode: meta.ino(),
            young,
        }
    }

    /// Nothing outside the content has changed either.
    pub(crate) fn same(&self, other: &Self) -> bool {
        (self.size, self.mtime, self.ctime, self.inode) == (other.size, other.mtime, other.ctime, other.inode)
    }

    /// It is the same file with the same content, and the one may have another name than the other.
    pub(crate) fn is_of_same_file(&self, other: &Self) -> bool {
        (self.size, self.mtime, self.inode) == (other.size, other.mtime, other.inode)
    }

    /// It can be told from a later state of the file for certain.
    pub(crate) fn is_proof(&self) -> bool {
        !self.young
    }
}

/// The permission bits of `meta` that are kept.
pub(crate) fn mode_of(meta: &Metadata) -> u32 {
    meta.mode() & MODE_BITS
}

/// A folder's index. The default is nobody's, and stands for one that is yet to be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    me: PeerId,
    /// How many changes this folder has made; each gets its own number.
    clock: u64,
    entries: Arc<Entries>,
    stamps: Arc<BTreeMap<RelPath, Stamp>>,
    dirty: Dirty,
}

/// What differs from what was last read or written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Dirty {
    /// Who it is, or that there is one.
    head: bool,
    paths: BTreeSet<RelPath>,
}

/// An index as other peers see it. The default is nobody's, who has nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) peer: PeerId,
    pub(crate) entries: Arc<Entries>,
}

impl Index {
    /// The index of a folder that remembers nothing.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            me: PeerId::random()?,
            clock: 0,
            entries: Arc::default(),
            stamps: Arc::default(),
            dirty: Dirty { head: true, ..Dirty::default() },
        })
    }

    /// The same with an id that was not drawn, for tests that must be the same each time.
    #[cfg(test)]
    pub(crate) fn of(id: [u8; 16]) -> Self {
        Self { me: PeerId::from_bytes(id), ..Self::default() }
    }

    pub(crate) fn entries(&self) -> &Arc<Entries> {
        &self.entries
    }

    pub(crate) fn stamp(&self, path: &RelPath) -> Option<&Stamp> {
        self.stamps.get(path)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { peer: self.me, entries: Arc::clone(&self.entries) }
    }

    /// It differs from what was last read or written.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty != Dirty::default()
    }

    /// Nothing of it is on the disk as it is to be.
    pub(crate) fn spoil(&mut self) {
        self.dirty = Dirty { head: true, paths: self.entries.keys().cloned().collect() };
    }

    pub(crate) fn saved(&mut self) {
        self.dirty = Dirty::default();
    }

    /// Notes that `path` now holds `entry`, with the stamp of the file on the disk if it is one.
    pub(crate) fn set(&mut self, path: &RelPath, entry: Entry, stamp: Option<Stamp>) {
        self.set_stamp(path, stamp);
        if self.entries.get(path) != Some(&entry) {
            self.dirty.paths.insert(path.clone());
            Arc::make_mut(&mut self.entries).insert(path.clone(), entry);
        }
    }

    fn set_stamp(&mut self, path: &RelPath, stamp: Option<Stamp>) {
        match (self.stamps.get(path), stamp) {
            (None, None) => {}
            // Only its age may differ, which is not worth a write of its own: the content was read again and is the same.
            (Some(old), Some(new)) if old.same(&new) => {
                if old.young && !new.young {
                    Arc::make_mut(&mut self.stamps).insert(path.clone(), new);
                }
            }
            (_, Some(new)) => {
                self.dirty.paths.insert(path.clone());
                Arc::make_mut(&mut self.stamps).insert(path.clone(), new);
            }
            (Some(_), None) => {
                self.dirty.paths.insert(path.clone());
                Arc::make_mut(&mut self.stamps).remove(path);
            }
        }
    }

    /// Takes a new identity and keeps what it knows: what was seen under the old one stays seen.
    ///
    /// Needed when the state was copied together with its folder. Two folders that count their changes under one id would
    /// each take the other's changes for its own, and lose them.
    pub(crate) fn rekey(&mut self) -> io::Result<()> {
        self.me = PeerId::random()?;
        self.clock = 0;
        self.dirty.head = true;
        Ok(())
    }

    /// Another folder knows changes under this folder's id that this folder does not: there is, or was, a twin.
    pub(crate) fn has_twin(&self, other: &Snapshot) -> bool {
        other.peer == self.me || other.entries.values().any(|entry| entry.version.of(self.me) > self.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_and_after_1970_survive() {
        for (secs, nanos) in [(0, 0), (1, 999_999_999), (-1, 5), (-2_000_000_000, 123)] {
            let time = Timestamp::new(secs, nanos);
            let file = tempfile::tempfile().unwrap();
            file.set_times(std::fs::FileTimes::new().set_modified(time.to_system().unwrap())).unwrap();
            assert_eq!(Timestamp::modified(&file.metadata().unwrap()), time);
        }
    }

    #[test]
    fn a_young_stamp_is_no_proof() {
        let file = tempfile::tempfile().unwrap();
        assert!(!Stamp::of(&file.metadata().unwrap()).is_proof());
        file.set_times(std::fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH)).unwrap();
        assert!(Stamp::of(&file.metadata().unwrap()).is_proof());
    }

    #[test]
    fn a_twin_is_seen_by_its_id_or_by_what_others_know() {
        let mut mine = Index::new().unwrap();
        let mut other = Index::new().unwrap();
        assert!(!mine.has_twin(&other.snapshot()));
        assert!(mine.has_twin(&mine.snapshot()));

        let mut version = VersionVector::default();
        version.bump(mine.snapshot().peer, 1);
        let path = RelPath::new("x").unwrap();
        other.set(&path, Entry { version, node: Node::Tombstone }, None);
        assert!(mine.has_twin(&other.snapshot()));
        mine.rekey().unwrap();
        assert!(!mine.has_twin(&other.snapshot()));
    }
}
