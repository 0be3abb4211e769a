//! A folder and the state in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Refusal};
use crate::index::Index;
use crate::index::db::{self, Db};
use crate::index::file::{self, BadIndex, Place};
use crate::net::home::Home;
use crate::path::STATE_DIR;

/// A synced folder, held by this process alone for as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    label: String,
    state: PathBuf,
    /// Open from the first time that something is written.
    db: Mutex<Option<Db>>,
    /// The system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// What was found in the state of a folder.
#[derive(Debug)]
pub(crate) enum Memory {
    /// The index of a run before.
    Kept(Index),
    /// The folder was never synced.
    None(Index),
    /// There was an index, and it is not to be trusted: all files count as new.
    Damaged(Index, &'static str),
    /// The folder is a copy of another one, and has a new identity.
    Copied(Index),
}

impl Memory {
    pub(crate) fn into_index(self) -> Index {
        match self {
            Self::Kept(index) | Self::None(index) | Self::Damaged(index, _) | Self::Copied(index) => index,
        }
    }
}

/// The real paths of `given`, if they can be synced with each other.
pub(crate) fn check(given: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut real: Vec<PathBuf> = Vec::new();
    for folder in given {
        let refuse = |why| Err(Error::Refused { folder: folder.clone(), why });
        let path = match fs::canonicalize(folder) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return refuse(Refusal::Absent),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return refuse(Refusal::NotAFolder),
            Err(error) => return Err(Error::io("open", folder)(error)),
        };
        if !path.is_dir() {
            return refuse(Refusal::NotAFolder);
        }
        if path.components().any(|part| part.as_os_str() == STATE_DIR) {
            return refuse(Refusal::State);
        }
        real.push(path);
    }
    for (i, path) in real.iter().enumerate() {
        for (j, other) in real.iter().enumerate() {
            let refuse = |why| Err(Error::Refused { folder: given[i].clone(), why });
            if j < i && is_same(path, other)? {
                return refuse(Refusal::Twice);
            }
            if path != other && path.starts_with(other) {
                return refuse(Refusal::Inside(given[j].clone()));
            }
        }
    }
    Ok(real)
}

/// One directory under two names is the same, too: a bind mount for example.
fn is_same(a: &Path, b: &Path) -> Result<bool, Error> {
    let id = |path: &Path| {
        fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).map_err(Error::io("open", path))
    };
    Ok(a == b || id(a)? == id(b)?)
}

impl Folder {
    /// Takes hold of the folder at `root`, and clears away what a run that was killed left half written.
    /// `label` is what it is called in messages.
    pub(crate) fn open(root: PathBuf, label: String) -> Result<Self, Error> {
        let state = root.join(STATE_DIR);
        let tmp = state.join("tmp");
        fs::create_dir_all(&tmp).map_err(Error::io("create", &tmp))?;
        // A symlink in its place would have us write somewhere else.
        for dir in [&state, &tmp] {
            let meta = fs::symlink_metadata(dir).map_err(Error::io("open", dir))?;
            if !meta.is_dir() {
                return Err(Error::io("use", dir)(io::ErrorKind::NotADirectory.into()));
            }
        }
        let path = state.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked(root)),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        for entry in fs::read_dir(&tmp).map_err(Error::io("list", &tmp))? {
            let stale = entry.map_err(Error::io("list", &tmp))?.path();
            fs::remove_file(&stale).map_err(Error::io("remove", &stale))?;
        }
        Ok(Self { root, label, state, db: Mutex::new(None), _lock: lock })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.state.join("tmp")
    }

    fn database(&self) -> PathBuf {
        self.state.join("index.redb")
    }

    /// Where older programs have kept the index.
    fn old_index(&self) -> PathBuf {
        self.state.join("index")
    }

    fn place(&self) -> io::Result<Place> {
        let meta = fs::metadata(&self.state)?;
        Ok(Place { device: meta.dev(), inode: meta.ino() })
    }

    /// Reads the index; one that cannot be believed is as good as none.
    pub(crate) fn load(&self) -> Result<Memory, Error> {
        let new = || Index::new().map_err(Error::io("draw an id for", &self.root));
        let path = self.database();
        let found = match &*self.db() {
            Some(open) => open.load(),
            None => db::read(&path),
        };
        let (path, found) = match found {
            Ok(None) => (self.old_index(), self.old()),
            found => (path, found),
        };
        let (mut index, place) = match found {
            Ok(Some(saved)) => saved,
            Ok(None) => return Ok(Memory::None(new()?)),
            Err(BadIndex::Damaged(why)) => {
                *self.db() = None;
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
                return Ok(Memory::Damaged(new()?, why));
            }
            Err(newer @ BadIndex::Newer(_)) => {
                return Err(Error::NewerState { file: path, why: newer.to_string() });
            }
            Err(BadIndex::Io(error)) => return Err(Error::io("read", &path)(error)),
        };
        if place == self.place().map_err(Error::io("open", &self.state))? {
            return Ok(Memory::Kept(index));
        }
        index.rekey().map_err(Error::io("draw an id for", &self.root))?;
        // Nor may two answer to one key.
        Home::of(&self.root).forget()?;
        Ok(Memory::Copied(index))
    }

    /// What an older program has left.
    fn old(&self) -> Result<Option<(Index, Place)>, BadIndex> {
        match fs::read(self.old_index()) {
            Ok(bytes) => file::decode(&bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BadIndex::Io(error)),
        }
    }

    /// Writes what has changed in the index, whole or not at all. All that it says must be on the disk by now.
    pub(crate) fn save(&self, index: &Index) -> Result<(), Error> {
        let path = self.database();
        let place = self.place().map_err(Error::io("open", &self.state))?;
        let mut db = self.db();
        let mut save = || -> io::Result<()> {
            // One that has failed is opened anew next time.
            let open = match db.take() {
                Some(open) => open,
                None => Db::open(&path)?,
            };
            open.save(index, place)?;
            *db = Some(open);
            Ok(())
        };
        save().map_err(Error::io("write", &path))?;
        // From now on the database knows better.
        match fs::remove_file(self.old_index()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove", &self.old_index())(error))
            }
            _ => Ok(()),
        }
    }

    fn db(&self) -> MutexGuard<'_, Option<Db>> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether some filesync is at work in the folder `root`.
pub(crate) fn is_in_use(root: &Path) -> Result<bool, Error> {
    let path = root.join(STATE_DIR).join("lock");
    match File::open(&path) {
        // For no longer than this look: one that begins in the same instant would find it in use.
        Ok(lock) => match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("open", &path)(error)),
    }
}

/// Labels for folders: their names, made longer from the left until they differ.
pub(crate) fn labels(roots: &[PathBuf]) -> Vec<String> {
    let tail = |path: &Path, parts: usize| {
        let all: Vec<_> = path.components().collect();
        let tail: PathBuf = all[all.len().saturating_sub(parts)..].iter().collect();
        tail.to_string_lossy().replace(char::is_control, "?")
    };
    let longest = roots.iter().map(|root| root.components().count()).max().unwrap_or(0);
    for parts in 1..longest {
        let labels: Vec<String> = roots.iter().map(|root| tail(root, parts)).collect();
        let mut unique = labels.clone();
        unique.sort_unstable();
        unique.dedup();
        if unique.len() == labels.len() {
            return labels;
        }
    }
    roots.iter().map(|root| tail(root, longest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{file as file_of, scan_of};
    use std::os::unix::fs::symlink;

    fn refused(given: &[PathBuf]) -> Refusal {
        match check(given).unwrap_err() {
            Error::Refused { why, .. } => why,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn folders_that_cannot_be_synced() {
        let dir = tempfile::tempdir().unwrap();
        let (a, inside, file) = (dir.path().join("a"), dir.path().join("a/in"), dir.path().join("file"));
        fs::create_dir_all(&inside).unwrap();
        fs::create_dir_all(dir.path().join("ab")).unwrap();
        fs::create_dir_all(a.join(".filesync/tmp")).unwrap();
        fs::write(&file, "").unwrap();
        symlink(&a, dir.path().join("link")).unwrap();

        assert_eq!(refused(&[a.clone(), dir.path().join("no")]), Refusal::Absent);
        assert_eq!(refused(&[a.clone(), file.clone()]), Refusal::NotAFolder);
        assert_eq!(refused(&[a.clone(), file.join("x")]), Refusal::NotAFolder);
        assert_eq!(refused(&[a.clone(), dir.path().join("a/../a/")]), Refusal::Twice);
        assert_eq!(refused(&[a.clone(), dir.path().join("link")]), Refusal::Twice);
        assert_eq!(refused(&[a.clone(), inside.clone()]), Refusal::Inside(a.clone()));
        assert_eq!(refused(&[inside, a.clone()]), Refusal::Inside(a.clone()));
        assert_eq!(refused(&[a.join(".filesync/tmp"), dir.path().join("ab")]), Refusal::State);
        // A name that begins as another one does is another folder.
        assert_eq!(check(&[a, dir.path().join("ab")]).unwrap().len(), 2);
    }

    #[test]
    fn one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        assert!(matches!(Folder::open(dir.path().to_owned(), String::new()), Err(Error::Locked(_))));
        assert!(is_in_use(dir.path()).unwrap());
        drop(first);
        assert!(!is_in_use(dir.path()).unwrap());
        Folder::open(dir.path().to_owned(), String::new()).unwrap();
    }

    #[test]
    fn the_state_comes_back_and_damage_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        let Memory::None(index) = folder.load().unwrap() else { panic!() };
        folder.save(&index).unwrap();
        let Memory::Kept(again) = folder.load().unwrap() else { panic!() };
        assert_eq!(again.snapshot().peer, index.snapshot().peer);
        drop(folder);
        fs::write(dir.path().join(".filesync/index.redb"), "rubbish").unwrap();
        let folder = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        let Memory::Damaged(rebuilt, _) = folder.load().unwrap() else { panic!() };
        assert_ne!(rebuilt.snapshot().peer, index.snapshot().peer);
        folder.save(&rebuilt).unwrap();
        let Memory::Kept(again) = folder.load().unwrap() else { panic!() };
        assert_eq!(again.snapshot().peer, rebuilt.snapshot().peer);
    }

    #[test]
    fn what_an_older_program_has_left_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        let mut index = Index::new().unwrap();
        index.observe(&scan_of([("a", file_of("1")), ("b", file_of("2"))]));
        let old = dir.path().join(".filesync/index");
        fs::write(&old, file::encode(&index, folder.place().unwrap()).unwrap()).unwrap();
        // As long as it is not written, what was there stays.
        for _ in 0..2 {
            let Memory::Kept(taken) = folder.load().unwrap() else { panic!() };
            assert_eq!((taken.snapshot(), taken.is_dirty()), (index.snapshot(), true));
        }
        folder.save(&folder.load().unwrap().into_index()).unwrap();
        assert!(!old.exists());
        let Memory::Kept(again) = folder.load().unwrap() else { panic!() };
        assert_eq!((again.snapshot(), again.is_dirty()), (index.snapshot(), false));

        // One that is damaged is no worse than none.
        fs::remove_file(dir.path().join(".filesync/index.redb")).unwrap();
        fs::write(&old, "rubbish").unwrap();
        drop(folder);
        let folder = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        let Memory::Damaged(rebuilt, _) = folder.load().unwrap() else { panic!() };
        folder.save(&rebuilt).unwrap();
        assert!(!old.exists());
    }

    #[test]
    fn a_copied_state_gets_a_new_identity() {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::open(dir.path().to_owned(), String::new()).unwrap();
        let index = folder.load().unwrap().into_index();
        folder.save(&index).unwrap();
        let twin = Folder::open(copy.path().to_owned(), String::new()).unwrap();
        fs::copy(dir.path().join(".filesync/index.redb"), copy.path().join(".filesync/index.redb")).unwrap();
        let Memory::Copied(rekeyed) = twin.load().unwrap() else { panic!() };
        assert_ne!(rekeyed.snapshot().peer, index.snapshot().peer);
    }

    #[test]
    fn stale_temporaries_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        drop(Folder::open(dir.path().to_owned(), String::new()).unwrap());
        let stale = dir.path().join(".filesync/tmp/17");
        fs::write(&stale, "half").unwrap();
        Folder::open(dir.path().to_owned(), String::new()).unwrap();
        assert!(!stale.exists());
    }

    #[test]
    fn labels_are_as_short_as_they_can_be() {
        let roots = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(labels(&roots(&["/x/a", "/x/b"])), ["a", "b"]);
        assert_eq!(labels(&roots(&["/x/a", "/y/a"])), ["x/a", "y/a"]);
    }
}
