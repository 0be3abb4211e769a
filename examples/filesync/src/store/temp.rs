//! Files in the making, and how contents and names come to the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::folder::Folder;
use crate::index::{FileNode, Stamp};

/// So many are brought to the disk one by one. For more of them that takes ten times as long as to bring all there that the file system holds back,
/// though some of it may be others'.
const FEW: usize = 16;

/// How many files of a batch are brought to the disk at the same time.
const FLUSHERS: usize = 8;

/// Directories in which there are names that may not be on the disk yet.
pub(crate) type Names = BTreeSet<PathBuf>;

/// A name that nobody looks at. It goes away with this value unless the file was given another one.
#[derive(Debug)]
struct TempName {
    path: PathBuf,
    is_placed: bool,
}

impl Drop for TempName {
    fn drop(&mut self) {
        if !self.is_placed {
            // What cannot be removed goes when the folder is next opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file in the making.
#[derive(Debug)]
pub(crate) struct Temp {
    name: TempName,
    file: File,
}

impl Temp {
    /// With room for so many bytes, if the file system can promise that: what will not fit is not fetched first.
    pub(crate) fn create(folder: &Folder, size: u64) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = folder.tmp().join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let temp = Self { name: TempName { path, is_placed: false }, file };
        if size > 0 {
            reserve(&temp.file, size)?;
        }
        Ok(temp)
    }

    pub(crate) fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    /// Gives the file its mode and its mtime; to be called when its content is complete.
    pub(crate) fn finish(self, node: &FileNode) -> io::Result<Whole> {
        dress(&self.file, node)?;
        Ok(Whole { stamp: Stamp::of(&self.file.metadata()?), name: self.name })
    }
}

/// A file that has all that it is to have, but for its name. It is not open, so that there may be many.
#[derive(Debug)]
pub(crate) struct Whole {
    name: TempName,
    stamp: Stamp,
}

impl Whole {
    /// A small one.
    pub(crate) fn write(folder: &Folder, node: &FileNode, data: &[u8]) -> io::Result<Self> {
        // Nothing is yet to come for which room would have to be promised.
        let temp = Temp::create(folder, 0)?;
        temp.write_at(data, 0)?;
        temp.finish(node)
    }

    /// Gives it its name.
    pub(super) fn rename(mut self, to: &Path) -> io::Result<Stamp> {
        fs::rename(&self.name.path, to)?;
        self.name.is_placed = true;
        // Of the file that was placed, not of whatever has the name by now: of that the old stamp says that it is another one.
        let now = fs::symlink_metadata(to).map(|meta| Stamp::of(&meta));
        Ok(now.ok().filter(|now| now.is_of_same_file(&self.stamp)).unwrap_or(self.stamp))
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

pub(super) fn dress(file: &File, node: &FileNode) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(node.mode))?;
    match node.mtime.to_system() {
        Some(mtime) => file.set_times(FileTimes::new().set_modified(mtime)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "its mtime is out of range")),
    }
}

/// Brings the contents of files and the names in directories to the disk: all at once if there are many and the file system can, else several at a
/// time, so that the disk can order them.
pub(crate) fn flush(folder: &Folder, files: &[&Whole], names: &Names) -> io::Result<()> {
    if files.len() + names.len() > FEW && flush_at_once(&File::open(folder.tmp())?)? {
        return Ok(());
    }
    let share = files.len().div_ceil(FLUSHERS).max(1);
    std::thread::scope(|scope| {
        let flush_some = |some: &[&Whole]| some.iter().try_for_each(|file| sync(&file.name.path));
        let flushers: Vec<_> =
            files.chunks(share).map(|some| scope.spawn(move || flush_some(some))).collect();
        flushers.into_iter().try_for_each(|flusher| {
            flusher.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
        })
    })?;
    names.iter().try_for_each(|dir| match sync(dir) {
        // Removed by a later step, whose own parent is in the list.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // A directory that may be written and not read cannot be brought to the disk by its name.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    })
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
