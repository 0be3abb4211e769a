//! Looking at a folder: what is there, without following symlinks and without changing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io;
use std::num::NonZero;
use std::os::unix::fs::MetadataExt;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::chunk::{self, ChunkRef, ContentId};
use crate::index::{FileNode, Index, Node, Stamp, Timestamp, mode_of};
use crate::path::{RelPath, STATE_DIR};
use crate::serve::Lists;

/// How often a file is read again that is being written to.
const READS: usize = 3;

/// At most so many files are read at the same time.
const READERS: usize = 8;

/// Something that is synced.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Dir { mode: u32 },
    File(FileNode, Stamp),
}

/// Why something is not synced. It is left alone, and so is whatever other peers have in its place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Skip {
    #[error("a symlink, which is not followed")]
    Symlink,
    #[error("neither a file nor a directory")]
    Special,
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("kept changing while it was read")]
    Busy,
}

impl Skip {
    /// The user wanted this synced, and it was not.
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Busy)
    }
}

/// All of a folder.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) found: BTreeMap<RelPath, Found>,
    pub(crate) blocked: BTreeMap<RelPath, Skip>,
    /// How much had to be read.
    pub(crate) read: u64,
    /// The chunks of files that were read.
    pub(crate) lists: Lists,
}

impl Scan {
    /// The path, or a directory above it, was skipped.
    pub(crate) fn is_blocked(&self, path: &RelPath) -> bool {
        is_within(path, |at| self.blocked.contains_key(at))
    }

    /// The skipped paths alone.
    pub(crate) fn blocked_paths(&self) -> BTreeSet<RelPath> {
        self.blocked.keys().cloned().collect()
    }
}

/// `set` holds the path or a directory above it.
pub(crate) fn is_within(path: &RelPath, set: impl Fn(&RelPath) -> bool) -> bool {
    set(path) || path.ancestors().any(|dir| set(&dir))
}

/// Looks at all of `root`. A file that looks as it did when `index` was made is not read again.
pub(crate) fn scan(root: &Path, index: &Index) -> io::Result<Scan> {
    let (mut scan, mut unread) = (Scan::default(), Vec::new());
    let mut open: Vec<Option<RelPath>> = vec![None];
    while let Some(dir) = open.pop() {
        let listed = list(root, dir.as_ref());
        let names = match (listed, dir) {
            (Ok(names), _) => names,
            (Err(gone), Some(dir)) if gone.kind() == io::ErrorKind::NotFound => {
                // Between its parent's listing and its own.
                scan.found.remove(&dir);
                continue;
            }
            (Err(error), Some(dir)) => {
                scan.found.remove(&dir);
                scan.blocked.insert(dir, Skip::Unreadable(error));
                continue;
            }
            // Not an empty folder: all that it holds would count as deleted.
            (Err(error), None) => return Err(error),
        };
        for path in names {
            if let Some(true) = look(root, &path, index, &mut scan, &mut unread) {
                open.push(Some(path));
            }
        }
    }
    read_all(root, &unread, &mut scan);
    Ok(scan)
}

fn list(root: &Path, dir: Option<&RelPath>) -> io::Result<Vec<RelPath>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir.map_or_else(|| root.to_owned(), |dir| dir.under(root)))? {
        let name = entry?.file_name();
        // The only name that a listing can hold and a `RelPath` refuses.
        if name != STATE_DIR {
            names.push(RelPath::child(dir, &name).map_err(io::Error::other)?);
        }
    }
    Ok(names)
}

/// Reads files, several at a time, and notes what they hold.
fn read_all(root: &Path, unread: &[(RelPath, Metadata)], scan: &mut Scan) {
    let readers = thread::available_parallelism().map_or(1, NonZero::get).min(READERS).min(unread.len());
    let next = AtomicUsize::new(0);
    let read_some = || {
        let mut done = Vec::new();
        while let Some((path, seen)) = unread.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut bytes = 0;
            let content = read(&path.under(root), seen, &mut bytes);
            done.push((path, content, bytes));
        }
        done
    };
    let done: Vec<_> = thread::scope(|scope| {
        let readers: Vec<_> = (0..readers).map(|_| scope.spawn(read_some)).collect();
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    for (path, content, bytes) in done {
        scan.read += bytes;
        let skip = match content {
            Ok(Some((meta, content, list))) => {
                scan.found.insert(path.clone(), found(&meta, content));
                scan.lists.insert(content, list);
                continue;
            }
            Ok(None) => Skip::Busy,
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Skip::Unreadable(error),
        };
        scan.blocked.insert(path.clone(), skip);
    }
}

fn found(meta: &Metadata, content: ContentId) -> Found {
    let (size, mtime, mode) = (meta.size(), Timestamp::modified(meta), mode_of(meta));
    Found::File(FileNode { size, mtime, mode, content }, Stamp::of(meta))
}

/// Notes what is at `path`, or that it is a file that must be read; `Some(true)` if that is a directory.
fn look(
    root: &Path,
    path: &RelPath,
    index: &Index,
    scan: &mut Scan,
    unread: &mut Vec<(RelPath, Metadata)>,
) -> Option<bool> {
    let full = path.under(root);
    let meta = match fs::symlink_metadata(&full) {
        Ok(meta) => meta,
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            scan.blocked.insert(path.clone(), Skip::Unreadable(error));
            return None;
        }
    };
    let kind = meta.file_type();
    if kind.is_dir() {
        scan.found.insert(path.clone(), Found::Dir { mode: mode_of(&meta) });
        return Some(true);
    }
    let skip = if kind.is_symlink() {
        Skip::Symlink
    } else if !kind.is_file() {
        Skip::Special
    } else {
        match known_content(path, index, &meta) {
            Some(known) => drop(scan.found.insert(path.clone(), found(&meta, known))),
            None => unread.push((path.clone(), meta)),
        }
        return Some(false);
    };
    scan.blocked.insert(path.clone(), skip);
    None
}

/// The content of the file if the index knows it and nothing points to a change since.
fn known_content(path: &RelPath, index: &Index, meta: &Metadata) -> Option<ContentId> {
    let stamp = index.stamp(path)?;
    let Node::File(file) = &index.entries().get(path)?.node else { return None };
    (stamp.is_proof() && stamp.same(&Stamp::of(meta))).then_some(file.content)
}

/// The content of the file with the list of its chunks, and how the file looked before and after it was read; `None` if it never stayed the same.
fn read(
    full: &Path,
    seen: &Metadata,
    total: &mut u64,
) -> io::Result<Option<(Metadata, ContentId, Vec<ChunkRef>)>> {
    let file = File::open(full)?;
    // As it was when it was listed: if it is still so when it was read, it was so all the time.
    let mut before = seen.clone();
    for _ in 0..READS {
        let mut list = Vec::new();
        let (content, size) = chunk::list_of(&file, before.size(), |chunk| list.push(chunk))?;
        *total += size;
        let after = file.metadata()?;
        if (after.dev(), after.ino()) != (seen.dev(), seen.ino()) {
            return Ok(None);
        }
        if Stamp::of(&before).same(&Stamp::of(&after)) && size == after.size() {
            return Ok(Some((after, content, list)));
        }
        before = after;
        io::Seek::rewind(&mut &file)?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::SystemTime;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn found(scan: &Scan) -> Vec<String> {
        scan.found.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn files_directories_and_odd_names() {
        let dir = folder();
        fs::create_dir_all(dir.path().join("a/empty")).unwrap();
        fs::create_dir(dir.path().join(STATE_DIR)).unwrap();
        fs::write(dir.path().join("a/x\ny"), "1").unwrap();
        fs::write(dir.path().join("-rf"), "").unwrap();
        fs::set_permissions(dir.path().join("-rf"), fs::Permissions::from_mode(0o640)).unwrap();
        let scan = scan(dir.path(), &Index::new().unwrap()).unwrap();
        assert_eq!(found(&scan), ["-rf", "a", "a/empty", r#""a/x\ny""#]);
        assert!(scan.blocked.is_empty());
        let Found::File(file, _) = &scan.found[&RelPath::new("-rf").unwrap()] else { panic!() };
        assert_eq!((file.size, file.mode), (0, 0o640));
    }

    #[test]
    fn symlinks_and_sockets_are_skipped() {
        let dir = folder();
        symlink("/etc", dir.path().join("etc")).unwrap();
        symlink("nowhere", dir.path().join("dangling")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let scan = scan(dir.path(), &Index::new().unwrap()).unwrap();
        assert!(scan.found.is_empty());
        assert!(scan.blocked.values().all(|skip| !skip.is_failure()));
        assert!(scan.is_blocked(&RelPath::new("etc/passwd").unwrap()));
        assert_eq!(scan.blocked.len(), 3);
    }

    #[test]
    fn what_looks_the_same_is_not_read_again() {
        let dir = folder();
        let path = dir.path().join("a");
        fs::write(&path, "12345").unwrap();
        let old = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        File::options().write(true).open(&path).unwrap().set_times(old).unwrap();
        let mut index = Index::new().unwrap();
        let first = scan(dir.path(), &index).unwrap();
        index.observe(&first);
        assert_eq!((first.read, scan(dir.path(), &index).unwrap().read), (5, 0));

        // The same size and mtime: only the ctime tells.
        fs::write(&path, "54321").unwrap();
        File::options().write(true).open(&path).unwrap().set_times(old).unwrap();
        assert_eq!(index.observe(&scan(dir.path(), &index).unwrap()).edited, 1);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_and_not_empty() {
        let dir = folder();
        assert!(scan(&dir.path().join("absent"), &Index::new().unwrap()).is_err());
    }
}
