//! Made-up folders, and whether two are the same.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use blake3::{Hash, Hasher, OutputReader};

/// What the programs keep in a folder of their own.
const STATES: [&str; 2] = [".filesync", ".stfolder"];
/// Small files of a directory.
const OF_A_DIR: u32 = 100;
const SMALL: u64 = 4 << 10;

/// A folder that is full.
pub(crate) struct Tree {
    pub(crate) title: String,
    pub(crate) root: PathBuf,
    pub(crate) files: usize,
    pub(crate) hash: Hash,
}

impl Tree {
    /// A few files of `size` bytes.
    pub(crate) fn large(place: &Path, files: u32, size: u64) -> io::Result<Self> {
        let root = place.join("large");
        fs::create_dir(&root)?;
        let mut noise = Noise::new("large");
        for n in 0..files {
            noise.write(&root.join(format!("{n}.dat")), size)?;
        }
        Self::made(format!("{files} files of {} MiB", size >> 20), root, files)
    }

    /// Many files of up to 4 KiB.
    pub(crate) fn small(place: &Path, files: u32) -> io::Result<Self> {
        let root = place.join("small");
        fs::create_dir(&root)?;
        let mut noise = Noise::new("small");
        for n in 0..files {
            let dir = root.join((n / OF_A_DIR).to_string());
            if n % OF_A_DIR == 0 {
                fs::create_dir(&dir)?;
            }
            let size = noise.below(SMALL);
            noise.write(&dir.join(format!("{n}.dat")), size)?;
        }
        Self::made(format!("{files} files of up to {} KiB", SMALL >> 10), root, files)
    }

    fn made(title: String, root: PathBuf, files: u32) -> io::Result<Self> {
        Ok(Self { title, hash: hash(&root)?, root, files: files as usize })
    }

    /// As if none of the programs had ever seen it.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        for state in STATES {
            match fs::remove_dir_all(self.root.join(state)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Bytes without a pattern, the same ones each time.
struct Noise(OutputReader);

impl Noise {
    fn new(label: &str) -> Self {
        Self(Hasher::new().update(label.as_bytes()).finalize_xof())
    }

    fn below(&mut self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }

    fn write(&mut self, path: &Path, size: u64) -> io::Result<()> {
        let (mut file, mut piece) = (File::create(path)?, vec![0; 1 << 20]);
        let mut left = size;
        while left > 0 {
            let part = left.min(piece.len() as u64);
            let part = &mut piece[..usize::try_from(part).map_err(io::Error::other)?];
            self.0.fill(part);
            file.write_all(part)?;
            left -= part.len() as u64;
        }
        Ok(())
    }
}

/// Of names, modes, times and contents of all files below.
pub(crate) fn hash(root: &Path) -> io::Result<Hash> {
    let mut hasher = Hasher::new();
    add(root, &mut hasher)?;
    Ok(hasher.finalize())
}

fn add(dir: &Path, hasher: &mut Hasher) -> io::Result<()> {
    let mut entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| !STATES.iter().any(|state| entry.file_name() == *state));
    entries.sort_by_key(fs::DirEntry::file_name);
    hasher.update(&entries.len().to_le_bytes());
    for entry in entries {
        let (name, meta) = (entry.file_name(), entry.metadata()?);
        hasher.update(&name.len().to_le_bytes()).update(name.as_bytes());
        if meta.is_dir() {
            add(&entry.path(), hasher)?;
            continue;
        }
        hasher.update(&meta.mode().to_le_bytes()).update(&meta.len().to_le_bytes());
        hasher.update(&meta.mtime().to_le_bytes()).update(&meta.mtime_nsec().to_le_bytes());
        hasher.update_reader(File::open(entry.path())?)?;
    }
    Ok(())
}
