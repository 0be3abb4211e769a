//! The index on the disk: a database, into which only what has changed is written.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Once};

use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use serde::{Deserialize, Serialize};

use super::file::{BadIndex, Place};
use super::{Dirty, Entries, Entry, Index, Stamp};
use crate::path::RelPath;
use crate::version::PeerId;

/// Raised whenever what is in the tables is laid out differently. The first format was a file of its own, see [`super::file`].
pub(crate) const FORMAT: u32 = 2;

/// Under each path its entry and stamp.
const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");
const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const FORMAT_KEY: &str = "format";
const HEAD_KEY: &str = "head";
/// So much of it is kept in memory: the index itself is there anyhow.
const CACHE: usize = 4 << 20;

/// What is said of all entries together.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    me: PeerId,
    clock: u64,
    place: Place,
    /// Of each entry one hash, and these added up without carrying: it follows from one that changes what it becomes, and an entry that
    /// is lost, or another than was written, makes it wrong.
    sum: [u8; 32],
}

/// The database of a folder that is held.
#[derive(Debug)]
pub(crate) struct Db(
    /// It is there until this goes.
    Option<Database>,
);

impl Drop for Db {
    fn drop(&mut self) {
        let database = self.0.take();
        // When it is closed it tidies up, which a damaged one may not survive.
        let _ = guarded(|| {
            drop(database);
            Ok(())
        });
    }
}

impl Db {
    /// The database in this file, which is made if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, BadIndex> {
        guarded(|| Ok(Self(Some(Builder::new().set_cache_size(CACHE).create(path)?))))
    }

    /// What was saved, and for which directory; `None` if nothing ever was.
    pub(crate) fn load(&self) -> Result<Option<(Index, Place)>, BadIndex> {
        guarded(|| read_from(self.database()?))
    }

    fn database(&self) -> Result<&Database, Fault> {
        self.0.as_ref().ok_or(Fault::Db(redb::Error::DatabaseClosed))
    }

    /// Writes what has changed, all of it or nothing, and brings it to the disk.
    pub(crate) fn save(&self, index: &Index, place: Place) -> io::Result<()> {
        Ok(guarded(|| self.write(index, place))?)
    }

    fn write(&self, index: &Index, place: Place) -> Result<(), Fault> {
        let writing = self.database()?.begin_write()?;
        {
            let (mut about, mut entries) = (writing.open_table(ABOUT)?, writing.open_table(ENTRIES)?);
            let mut sum = match about.get(HEAD_KEY)? {
                Some(head) => unseal::<Head>(head.value())?.sum,
                None => [0; 32],
            };
            for path in &index.dirty.paths {
                let Some(entry) = index.entries.get(path) else { continue };
                let value = postcard::to_stdvec(&(entry, index.stamps.get(path))).map_err(no_sense)?;
                if let Some(old) = entries.insert(path.as_bytes(), value.as_slice())? {
                    add(&mut sum, path.as_bytes(), old.value());
                }
                add(&mut sum, path.as_bytes(), &value);
            }
            let head = Head { me: index.me, clock: index.clock, place, sum };
            about.insert(FORMAT_KEY, FORMAT.to_le_bytes().as_slice())?;
            about.insert(HEAD_KEY, seal(&head)?.as_slice())?;
        }
        Ok(writing.commit()?)
    }
}

/// What was saved in this file, which is not touched, and for which directory; `None` if nothing ever was.
pub(crate) fn read(path: &Path) -> Result<Option<(Index, Place)>, BadIndex> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BadIndex::Io(error)),
        // It is never made without a head.
        Ok(meta) if meta.len() == 0 => return Err(BadIndex::Damaged("it is empty")),
        Ok(_) => {}
    }
    let read = guarded(|| match Builder::new().set_cache_size(CACHE).open_read_only(path) {
        Err(DatabaseError::RepairAborted) => Ok(None),
        opened => read_from(&opened?).map(Some),
    });
    match read? {
        Some(saved) => Ok(saved),
        // Whoever wrote it last had no time to close it: that is made good now.
        None => Db::open(path)?.load(),
    }
}

fn read_from(database: &impl ReadableDatabase) -> Result<Option<(Index, Place)>, Fault> {
    let reading = database.begin_read()?;
    let about = match reading.open_table(ABOUT) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        about => about?,
    };
    let format = about.get(FORMAT_KEY)?.and_then(|format| format.value().try_into().ok());
    match format.map(u32::from_le_bytes) {
        Some(FORMAT) => {}
        Some(newer) if newer > FORMAT => return Err(Fault::Bad(BadIndex::Newer(newer))),
        _ => return Err(Fault::Bad(BadIndex::Damaged("it says no format that there is"))),
    }
    let head = about.get(HEAD_KEY)?;
    let head: Head = unseal(head.as_ref().map_or(&[][..], redb::AccessGuard::value))?;
    let (mut entries, mut stamps, mut sum) = (Entries::new(), BTreeMap::new(), [0; 32]);
    for row in reading.open_table(ENTRIES)?.iter()? {
        let (path, value) = row?;
        add(&mut sum, path.value(), value.value());
        let (entry, stamp): (Entry, Option<Stamp>) = postcard::from_bytes(value.value()).map_err(no_sense)?;
        let path = RelPath::new(path.value()).map_err(no_sense)?;
        stamps.extend(stamp.map(|stamp| (path.clone(), stamp)));
        entries.insert(path, entry);
    }
    if sum != head.sum {
        return Err(Fault::Bad(BadIndex::Damaged("its checksum does not fit")));
    }
    let index = Index {
        me: head.me,
        clock: head.clock,
        entries: Arc::new(entries),
        stamps: Arc::new(stamps),
        dirty: Dirty::default(),
    };
    Ok(Some((index, head.place)))
}

impl From<BadIndex> for io::Error {
    fn from(bad: BadIndex) -> Self {
        match bad {
            BadIndex::Io(error) => error,
            other => Self::other(other),
        }
    }
}

/// Adds an entry to a sum, or takes it out again.
fn add(sum: &mut [u8; 32], path: &[u8], value: &[u8]) {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&path.len().to_le_bytes()).update(path).update(value);
    sum.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(sum, byte)| *sum ^= byte);
}

fn seal(head: &Head) -> Result<Vec<u8>, Fault> {
    let body = postcard::to_stdvec(head).map_err(no_sense)?;
    Ok([blake3::hash(&body).as_bytes().as_slice(), &body].concat())
}

fn unseal<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, Fault> {
    let whole = bytes.split_at_checked(32).filter(|(hash, body)| blake3::hash(body).as_bytes() == *hash);
    let (_, body) = whole.ok_or(Fault::Bad(BadIndex::Damaged("its head is damaged")))?;
    postcard::from_bytes(body).map_err(no_sense)
}

/// What can go wrong with a database.
enum Fault {
    Db(redb::Error),
    Bad(BadIndex),
}

macro_rules! from {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                Self::Db(error.into())
            }
        })*
    };
}

from!(DatabaseError, TransactionError, TableError, StorageError, CommitError);

fn no_sense<E>(_: E) -> Fault {
    Fault::Bad(BadIndex::Damaged("something in it makes no sense"))
}

/// Not the disk's fault: it was read where there is nothing, or what was read is nothing.
fn is_nonsense(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
    )
}

/// Does something with a database that may be damaged in any way, which the library may find out by a panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, BadIndex> {
    thread_local!(static IS_GUARDED: Cell<bool> = const { Cell::new(false) });
    static QUIET: Once = Once::new();
    // Nobody should read of a panic that is no fault of this program.
    QUIET.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                before(panic);
            }
        }));
    });
    IS_GUARDED.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(false);
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Fault::Bad(bad))) => Err(bad),
        Ok(Err(Fault::Db(redb::Error::Io(error)))) if !is_nonsense(&error) => Err(BadIndex::Io(error)),
        Ok(Err(Fault::Db(_))) | Err(_) => Err(BadIndex::Damaged("it is no database, or a torn one")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{file, path, scan_of};

    const PLACE: Place = Place { device: 1, inode: 2 };

    fn reload(at: &Path) -> Result<Index, BadIndex> {
        let (index, place) = read(at)?.expect("it was saved");
        assert_eq!(place, PLACE);
        Ok(index)
    }

    #[test]
    fn what_has_changed_is_written_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("index");
        let db = Db::open(&at).unwrap();
        assert!(db.load().unwrap().is_none());
        let mut index = Index::new().unwrap();
        let same = file("1");
        index.observe(&scan_of([("a", same.clone()), ("b", file("2")), ("c", file("3"))]));
        db.save(&index, PLACE).unwrap();
        index.saved();
        index.observe(&scan_of([("a", same), ("b", file("edited"))]));
        assert_eq!(index.dirty.paths, [path("b"), path("c")].into());
        db.save(&index, PLACE).unwrap();
        drop(db);
        let again = reload(&at).unwrap();
        assert_eq!((again.snapshot(), again.clock), (index.snapshot(), index.clock));
        assert_eq!(again.stamps.keys().collect::<Vec<_>>(), [&path("a"), &path("b")]);
        assert!(!again.is_dirty());
    }

    #[test]
    fn a_flipped_bit_does_no_harm_or_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let (at, bad) = (dir.path().join("index"), dir.path().join("bad"));
        let mut index = Index::new().unwrap();
        index.observe(&scan_of([("a", file("1")), ("b", file("2"))]));
        let db = Db::open(&at).unwrap();
        db.save(&index, PLACE).unwrap();
        drop(db);
        let good = fs::read(&at).unwrap();
        let flip = |flipped: &[usize]| {
            let mut bytes = good.clone();
            flipped.iter().for_each(|byte| bytes[*byte] ^= 0x10);
            fs::write(&bad, bytes).unwrap();
            match reload(&bad) {
                Ok(read) => assert_eq!(read.snapshot(), index.snapshot(), "{flipped:?}"),
                Err(BadIndex::Damaged(_)) => return true,
                Err(other) => panic!("{flipped:?}: {other}"),
            }
            false
        };
        // Here and there in the header, and in what is in use of the rest.
        let used: Vec<_> = (0..good.len()).filter(|byte| *byte < 320 || good[*byte] != 0).collect();
        for byte in used.iter().step_by(used.len() / 40) {
            flip(&[*byte]);
        }
        // In what is said of a file, wherever that lies.
        let content = index.entries[&path("a")].node.file().unwrap().content;
        let said: Vec<_> =
            (0..good.len() - 32).filter(|at| good[*at..][..32] == *content.as_bytes()).collect();
        assert!(!said.is_empty() && flip(&said));
        for cut in [1, 100, good.len() / 2, good.len() - 1] {
            fs::write(&bad, &good[..cut]).unwrap();
            assert!(matches!(reload(&bad), Err(BadIndex::Damaged(_))), "cut at {cut}");
        }
    }
}
