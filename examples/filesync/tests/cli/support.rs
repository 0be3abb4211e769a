//! Folders to sync, and looks at them that share no code with the program.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// A temporary place with folders in it.
pub(crate) struct Place(tempfile::TempDir);

/// Something in a folder, with all that syncing must keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Dir { mode: u32 },
    File { mode: u32, mtime: (i64, i64), content: Vec<u8> },
    Symlink(PathBuf),
}

impl Place {
    pub(crate) fn new<const N: usize>(folders: [&str; N]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for folder in folders {
            fs::create_dir(place.at(folder)).unwrap();
        }
        place
    }

    pub(crate) fn at(&self, path: impl AsRef<OsStr>) -> PathBuf {
        self.0.path().join(path.as_ref())
    }

    /// Writes a file, and the directories that it needs.
    pub(crate) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.at(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn set_mtime(&self, path: &str, secs: u64, nanos: u32) {
        let time = SystemTime::UNIX_EPOCH + Duration::new(secs, nanos);
        File::open(self.at(path)).unwrap().set_modified(time).unwrap();
    }

    /// The program, about to sync these folders.
    pub(crate) fn command<const N: usize>(&self, folders: [&str; N]) -> Command {
        let mut command = program();
        command.arg("sync").args(folders.map(|folder| self.at(folder)));
        command
    }

    /// The same command, and everything in this place, for somebody who may not do everything: where the tests run as the
    /// superuser, permissions would show nothing.
    pub(crate) fn as_nobody(&self, command: Command) -> Command {
        const NOBODY: u32 = 65_534;
        if fs::metadata(self.0.path()).unwrap().uid() != 0 {
            return command;
        }
        let program = self.at("program");
        fs::copy(command.get_program(), &program).unwrap();
        self.chmod("", 0o755);
        let mut open: Vec<_> =
            fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut other = Command::new(program);
        other.args(command.get_args()).uid(NOBODY).gid(NOBODY);
        other
    }

    /// Syncs, and expects this exit code.
    pub(crate) fn sync_code<const N: usize>(&self, folders: [&str; N], code: i32) -> Said {
        let said = Said::new(self.command(folders).output().unwrap());
        assert_eq!(said.code, Some(code), "{said:?}");
        said
    }

    /// Syncs all that there is to sync.
    pub(crate) fn sync<const N: usize>(&self, folders: [&str; N]) -> Said {
        let said = self.sync_code(folders, 0);
        let trees = folders.map(|folder| tree(&self.at(folder)));
        for (other, name) in trees.iter().zip(folders).skip(1) {
            let skip_links = |tree: &BTreeMap<Vec<u8>, Item>| {
                let mut tree = tree.clone();
                tree.retain(|_, item| !matches!(item, Item::Symlink(_)));
                tree
            };
            assert_eq!(names(&skip_links(&trees[0])), names(&skip_links(other)), "{name} has other names");
            assert!(skip_links(&trees[0]) == skip_links(other), "{name} differs");
        }
        said
    }

    /// The names in a folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&tree(&self.at(folder)))
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filesync"));
    command.stdin(Stdio::null());
    command
}

/// All of a folder but the program's own state.
pub(crate) fn tree(root: &Path) -> BTreeMap<Vec<u8>, Item> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name() == Some(OsStr::new(".filesync")) {
                continue;
            }
            let meta = fs::symlink_metadata(&path).unwrap();
            let mode = meta.mode() & 0o7777;
            let item = if meta.is_dir() {
                open.push(path.clone());
                Item::Dir { mode }
            } else if meta.is_symlink() {
                Item::Symlink(fs::read_link(&path).unwrap())
            } else {
                let mtime = (meta.mtime(), meta.mtime_nsec());
                Item::File { mode, mtime, content: fs::read(&path).unwrap() }
            };
            found.insert(path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec(), item);
        }
    }
    found
}

pub(crate) fn names(tree: &BTreeMap<Vec<u8>, Item>) -> Vec<String> {
    tree.keys().map(|name| name.escape_ascii().to_string()).collect()
}

/// Bytes without a pattern, others for another seed.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Polls until `what` holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = std::time::Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(60), "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
