//! An independent look at a folder: one hash of all that a sync must bring to agree.
//!
//! It shares no code with the scan, the chunks or the index, so that it does not share their mistakes.

use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The hash of names, kinds, permissions, mtimes and contents of everything below `root`, but for filesync's own state.
pub(crate) fn hash(root: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    add_dir(root, &mut hasher)?;
    Ok(hasher.finalize())
}

fn add_dir(dir: &Path, hasher: &mut blake3::Hasher) -> io::Result<()> {
    let mut entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| entry.file_name() != ".filesync");
    entries.sort_by_key(fs::DirEntry::file_name);
    hasher.update(&entries.len().to_le_bytes());
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        let meta = fs::symlink_metadata(&path)?;
        hasher.update(&name.len().to_le_bytes()).update(name.as_bytes());
        hasher.update(&(meta.mode() & 0o777).to_le_bytes());
        if meta.is_dir() {
            hasher.update(b"d");
            add_dir(&path, hasher)?;
        } else if meta.is_file() {
            hasher.update(b"f").update(&meta.len().to_le_bytes());
            hasher.update(&meta.mtime().to_le_bytes()).update(&meta.mtime_nsec().to_le_bytes());
            let mut content = blake3::Hasher::new();
            content.update_reader(File::open(&path)?)?;
            hasher.update(content.finalize().as_bytes());
        } else {
            hasher.update(b"?");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn sees_content_name_mode_mtime_and_place_and_no_state() {
        let dir = tempfile::tempdir().unwrap();
        let (root, file) = (dir.path(), dir.path().join("d/x"));
        fs::create_dir_all(root.join("d")).unwrap();
        fs::write(&file, "1").unwrap();
        let mut seen = vec![hash(root).unwrap()];
        fs::create_dir(root.join(".filesync")).unwrap();
        assert_eq!(hash(root).unwrap(), seen[0]);

        let changes: [&dyn Fn() -> io::Result<()>; 5] = [
            &|| fs::write(&file, "2"),
            &|| fs::set_permissions(&file, fs::Permissions::from_mode(0o600)),
            &|| File::open(&file)?.set_modified(std::time::SystemTime::UNIX_EPOCH),
            &|| fs::rename(&file, root.join("d/y")),
            &|| fs::create_dir(root.join("empty")),
        ];
        for change in changes {
            change().unwrap();
            let now = hash(root).unwrap();
            assert!(!seen.contains(&now));
            seen.push(now);
        }
    }
}
