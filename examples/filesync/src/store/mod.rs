//! Changing a folder so that a crash at any moment leaves each name with its old or its new content, whole.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::chunk::{ContentId, content_of};
use crate::error::plain;
use crate::folder::Folder;
use crate::index::{FileNode, Stamp};
use crate::path::RelPath;

/// So many are brought to the disk one by one. For more of them that takes ten times as long as to bring all there that the file system holds back,
/// though some of it may be others'.
const FEW: usize = 16;

/// How many files of a batch are brought to the disk at the same time.
const FLUSHERS: usize = 8;

/// What must be at a path for a step to be taken. Else somebody has changed it since the folder was looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    Absent,
    /// A file that looks like this. Should that prove nothing, its content decides.
    File(Stamp, ContentId),
    Dir,
}

/// Why a step was not taken. The path is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    #[error("it was changed in the meantime")]
    Changed,
    #[error("something that is not synced is still in it")]
    NotEmpty,
    #[error("the directory above it is gone or is a symlink")]
    NoWay,
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
}

/// A file in the making, under a name that nobody looks at. It goes away with this value unless it is placed.
#[derive(Debug)]
pub(crate) struct Temp {
    path: PathBuf,
    file: File,
    is_placed: bool,
}

impl Temp {
    /// With room for so many bytes, if the file system can promise that: what will not fit is not fetched first.
    pub(crate) fn create(folder: &Folder, size: u64) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = folder.tmp().join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let temp = Self { path, file, is_placed: false };
        if size > 0 {
            reserve(&temp.file, size)?;
        }
        Ok(temp)
    }

    /// With all that it is to have.
    pub(crate) fn whole(folder: &Folder, node: &FileNode, data: &[u8]) -> io::Result<Self> {
        // Nothing is yet to come for which room would have to be promised.
        let temp = Self::create(folder, 0)?;
        temp.write_at(data, 0)?;
        temp.finish(node)?;
        Ok(temp)
    }

    pub(crate) fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    /// Gives the file its mode and its mtime; to be called when its content is complete.
    pub(crate) fn finish(&self, node: &FileNode) -> io::Result<()> {
        dress(&self.file, node)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.is_placed {
            // What cannot be removed goes when the folder is next opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, size: u64) -> io::Result<()> {
    use nix::errno::Errno;
    use nix::fcntl::{FallocateFlags, fallocate};
    let Ok(size) = i64::try_from(size) else { return Err(io::ErrorKind::FileTooLarge.into()) };
    // Its length is what is written: nothing must look as if it had come.
    match fallocate(file, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, size) {
        Err(full @ (Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG)) => Err(full.into()),
        // It cannot promise anything.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

/// Brings all to the disk that the file system of this file holds back. `false`: it is not known for certain to do so.
#[cfg(target_os = "linux")]
fn flush_at_once(file: &File) -> io::Result<bool> {
    use nix::sys::statfs::{self, fstatfs};
    use nix::unistd::syncfs;
    // Those that have files on disks of this machine: others may take it for enough that somebody else has them.
    let known = [
        statfs::EXT4_SUPER_MAGIC,
        statfs::XFS_SUPER_MAGIC,
        statfs::BTRFS_SUPER_MAGIC,
        statfs::F2FS_SUPER_MAGIC,
        statfs::TMPFS_MAGIC,
    ];
    let is_known = fstatfs(file).is_ok_and(|about| known.contains(&about.filesystem_type()));
    if is_known {
        syncfs(file)?;
    }
    Ok(is_known)
}

#[cfg(not(target_os = "linux"))]
fn flush_at_once(_: &File) -> io::Result<bool> {
    Ok(false)
}

fn dress(file: &File, node: &FileNode) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(node.mode))?;
    match node.mtime.to_system() {
        Some(mtime) => file.set_times(FileTimes::new().set_modified(mtime)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "its mtime is out of range")),
    }
}

/// Checks that nothing is between the root and `path` but directories, and that `path` is what it is expected to be.
///
/// What happens between this and the step itself is not seen: a few microseconds, in which no portable call could help.
fn check(root: &Path, path: &RelPath, expect: Expect) -> Result<(), StepError> {
    for dir in path.ancestors() {
        match fs::symlink_metadata(dir.under(root)) {
            Ok(meta) if meta.is_dir() => {}
            _ => return Err(StepError::NoWay),
        }
    }
    let now = match fs::symlink_metadata(path.under(root)) {
        Ok(meta) => Some(meta),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let is_same = |content| -> Result<bool, StepError> {
        let (now, _) = content_of(File::open(path.under(root))?)?;
        Ok(now == content)
    };
    match (expect, now) {
        (Expect::Absent, None) => Ok(()),
        (Expect::File(stamp, content), Some(now))
            if now.is_file() && stamp.same(&Stamp::of(&now)) && (stamp.is_proof() || is_same(content)?) =>
        {
            Ok(())
        }
        (Expect::Dir, Some(now)) if now.is_dir() => Ok(()),
        _ => Err(StepError::Changed),
    }
}

/// Steps whose names are on the disk only after [`Steps::flush`].
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    folder: &'a Folder,
    touched: BTreeSet<PathBuf>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(folder: &'a Folder) -> Self {
        Self { folder, touched: BTreeSet::new() }
    }

    fn at(&mut self, path: &RelPath, expect: Expect) -> Result<PathBuf, StepError> {
        check(self.folder.root(), path, expect)?;
        let full = path.under(self.folder.root());
        self.touched.extend(full.parent().map(Path::to_owned));
        Ok(full)
    }

    /// Gives a finished file its name. Its content must be on the disk: see [`flush_all`].
    pub(crate) fn place(
        &mut self,
        mut temp: Temp,
        path: &RelPath,
        expect: Expect,
    ) -> Result<Stamp, StepError> {
        let full = self.at(path, expect)?;
        fs::rename(&temp.path, &full)?;
        temp.is_placed = true;
        // Of the file that was placed, not of whatever has the name by now.
        Ok(Stamp::of(&temp.file.metadata()?))
    }

    /// Changes mode and mtime and leaves the content.
    pub(crate) fn touch(
        &mut self,
        path: &RelPath,
        node: &FileNode,
        expect: Expect,
    ) -> Result<Stamp, StepError> {
        let file = File::open(self.at(path, expect)?)?;
        dress(&file, node)?;
        file.sync_all()?;
        Ok(Stamp::of(&file.metadata()?))
    }

    pub(crate) fn remove_file(&mut self, path: &RelPath, expect: Expect) -> Result<(), StepError> {
        let full = self.at(path, expect)?;
        Ok(fs::remove_file(full)?)
    }

    pub(crate) fn remove_dir(&mut self, path: &RelPath) -> Result<(), StepError> {
        let full = self.at(path, Expect::Dir)?;
        match fs::remove_dir(full) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Err(StepError::NotEmpty),
            other => Ok(other?),
        }
    }

    /// Makes a directory with `mode`, but open to its owner for as long as files are put in.
    pub(crate) fn make_dir(&mut self, path: &RelPath, mode: u32) -> Result<(), StepError> {
        let full = self.at(path, Expect::Absent)?;
        fs::DirBuilder::new().mode(0o700).create(&full)?;
        Ok(fs::set_permissions(full, Permissions::from_mode(mode | 0o700))?)
    }

    pub(crate) fn set_dir_mode(&mut self, path: &RelPath, mode: u32) -> Result<(), StepError> {
        let full = self.at(path, Expect::Dir)?;
        Ok(fs::set_permissions(full, Permissions::from_mode(mode))?)
    }

    /// Brings all names to the disk. Only then may the index speak of them.
    pub(crate) fn flush(self) -> io::Result<()> {
        if self.touched.len() > FEW && flush_at_once(&File::open(self.folder.tmp())?)? {
            return Ok(());
        }
        for dir in self.touched {
            match File::open(&dir) {
                Ok(dir) => dir.sync_all()?,
                // Removed by a later step, whose own parent is in the list.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                // A directory that may be written and not read cannot be brought to the disk by its name.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Brings the contents of many files to the disk: all at once if the file system can, else several at a time, so that the disk can order them.
pub(crate) fn flush_all(temps: &[&Temp]) -> io::Result<()> {
    if let Some(temp) = temps.first()
        && temps.len() > FEW
        && flush_at_once(&temp.file)?
    {
        return Ok(());
    }
    let share = temps.len().div_ceil(FLUSHERS).max(1);
    std::thread::scope(|scope| {
        let flushers: Vec<_> = temps
            .chunks(share)
            .map(|some| scope.spawn(move || some.iter().try_for_each(|temp| temp.file.sync_all())))
            .collect();
        flushers.into_iter().try_for_each(|flusher| {
            flusher.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Timestamp;
    use crate::testing::path;
    use std::os::unix::fs::{MetadataExt, symlink};
    use std::time::SystemTime;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path().to_owned(), "a".into()).unwrap();
        (dir, folder)
    }

    fn ready(folder: &Folder, text: &str) -> Temp {
        let temp = Temp::create(folder, 0).unwrap();
        temp.write_at(text.as_bytes(), 0).unwrap();
        let (content, size) = content_of(text.as_bytes()).unwrap();
        temp.finish(&FileNode { size, mtime: Timestamp::new(-5, 123_456_789), mode: 0o604, content })
            .unwrap();
        flush_all(&[&temp]).unwrap();
        temp
    }

    #[test]
    fn a_stamp_that_proves_nothing_is_not_relied_on() {
        let (dir, folder) = folder();
        fs::write(dir.path().join("x"), "edit").unwrap();
        // As if the edit had come within one tick of the clock after the look.
        let stamp = Stamp::of(&fs::metadata(dir.path().join("x")).unwrap());
        assert!(!stamp.is_proof());
        let mut steps = Steps::new(&folder);
        for (text, is_removed) in [(&b"seen"[..], false), (b"edit", true)] {
            let expect = Expect::File(stamp, content_of(text).unwrap().0);
            assert_eq!(steps.remove_file(&path("x"), expect).is_ok(), is_removed);
        }
    }

    fn leftovers(folder: &Folder) -> usize {
        fs::read_dir(folder.tmp()).unwrap().count()
    }

    #[test]
    fn a_placed_file_has_content_mode_and_mtime() {
        let (dir, folder) = folder();
        let mut steps = Steps::new(&folder);
        steps.make_dir(&path("d"), 0o555).unwrap();
        let stamp = steps.place(ready(&folder, "new"), &path("d/x"), Expect::Absent).unwrap();
        steps.set_dir_mode(&path("d"), 0o555).unwrap();
        steps.flush().unwrap();
        let meta = fs::metadata(dir.path().join("d/x")).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("d/x")).unwrap(), "new");
        assert_eq!((meta.mtime(), meta.mtime_nsec(), meta.mode() & 0o7777), (-5, 123_456_789, 0o604));
        assert!(stamp.same(&Stamp::of(&meta)) && stamp.is_proof());
        assert_eq!(leftovers(&folder), 0);
        fs::set_permissions(dir.path().join("d"), Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_file_that_was_changed_meanwhile_is_not_replaced_or_removed() {
        let (dir, folder) = folder();
        let full = dir.path().join("x");
        fs::write(&full, "seen").unwrap();
        let old = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        File::open(&full).unwrap().set_times(old).unwrap();
        let content = content_of(&b"seen"[..]).unwrap().0;
        let seen = Expect::File(Stamp::of(&fs::metadata(&full).unwrap()), content);
        fs::write(&full, "edited since").unwrap();
        let mut steps = Steps::new(&folder);
        for expect in [seen, Expect::Absent] {
            assert!(matches!(
                steps.place(ready(&folder, "new"), &path("x"), expect),
                Err(StepError::Changed)
            ));
            assert!(matches!(steps.remove_file(&path("x"), expect), Err(StepError::Changed)));
        }
        assert_eq!(fs::read_to_string(&full).unwrap(), "edited since");
        assert_eq!(leftovers(&folder), 0);
    }

    #[test]
    fn nothing_is_written_through_a_symlink() {
        let (dir, folder) = folder();
        let outside = tempfile::tempdir().unwrap();
        symlink(outside.path(), dir.path().join("d")).unwrap();
        let mut steps = Steps::new(&folder);
        let result = steps.place(ready(&folder, "new"), &path("d/x"), Expect::Absent);
        assert!(matches!(result, Err(StepError::NoWay)));
        assert!(matches!(steps.make_dir(&path("d/e"), 0o755), Err(StepError::NoWay)));
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_that_holds_something_stays() {
        let (dir, folder) = folder();
        fs::create_dir(dir.path().join("d")).unwrap();
        symlink("x", dir.path().join("d/link")).unwrap();
        let mut steps = Steps::new(&folder);
        assert!(matches!(steps.remove_dir(&path("d")), Err(StepError::NotEmpty)));
        fs::remove_file(dir.path().join("d/link")).unwrap();
        steps.remove_dir(&path("d")).unwrap();
        steps.flush().unwrap();
    }

    #[test]
    fn a_temporary_that_is_not_placed_goes_away() {
        let (_dir, folder) = folder();
        drop(ready(&folder, "never placed"));
        // Room that is kept is no content.
        assert_eq!(Temp::create(&folder, 1000).unwrap().file.metadata().unwrap().len(), 0);
        assert_eq!(leftovers(&folder), 0);
    }
}
