//! Changing a folder so that a crash at any moment leaves each name with its old or its new content, whole.

mod temp;

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::chunk::{ContentId, content_of};
use crate::error::plain;
use crate::folder::Folder;
use crate::index::{FileNode, Stamp};
use crate::path::RelPath;

use temp::dress;
pub(crate) use temp::{Names, Temp, Whole, flush};

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
    touched: Names,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(folder: &'a Folder) -> Self {
        Self { folder, touched: Names::new() }
    }

    fn at(&mut self, path: &RelPath, expect: Expect) -> Result<PathBuf, StepError> {
        check(self.folder.root(), path, expect)?;
        let full = path.under(self.folder.root());
        self.touched.extend(full.parent().map(Path::to_owned));
        Ok(full)
    }

    /// Gives a finished file its name. Its content must be on the disk: see [`flush`].
    pub(crate) fn place(&mut self, file: Whole, path: &RelPath, expect: Expect) -> Result<Stamp, StepError> {
        Ok(file.rename(&self.at(path, expect)?)?)
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

    /// Where there are names that are not on the disk yet. Only when they are the index may speak of them: see [`flush`].
    pub(crate) fn names(self) -> Names {
        self.touched
    }

    /// Brings all names to the disk.
    pub(crate) fn flush(self) -> io::Result<()> {
        flush(self.folder, &[], &self.touched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Timestamp;
    use crate::testing::path;
    use std::fs::FileTimes;
    use std::os::unix::fs::{MetadataExt, symlink};
    use std::time::SystemTime;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path().to_owned(), "a".into()).unwrap();
        (dir, folder)
    }

    fn ready(folder: &Folder, text: &str) -> Whole {
        let (content, size) = content_of(text.as_bytes()).unwrap();
        let node = FileNode { size, mtime: Timestamp::new(-5, 123_456_789), mode: 0o604, content };
        let file = Whole::write(folder, &node, text.as_bytes()).unwrap();
        flush(folder, &[&file], &Names::new()).unwrap();
        file
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
        let temp = Temp::create(&folder, 1000).unwrap();
        assert_eq!(fs::read_dir(folder.tmp()).unwrap().next().unwrap().unwrap().metadata().unwrap().len(), 0);
        drop(temp);
        assert_eq!(leftovers(&folder), 0);
    }
}
