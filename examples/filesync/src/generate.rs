//! Made-up files for the demo: the same ones for the same seed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const DIRS: [&str; 4] = ["", "notes", "photos", "photos/2026"];
/// Names that a careless program trips over.
const ODD: [&[u8]; 5] = [b"-rf", b"two\nlines", b"\"quoted\" 'twice'", b"not utf-8 \xff\xfe", b" spaces "];

/// Bytes that follow from a seed and a label, and from nothing else.
#[derive(Debug)]
pub(crate) struct Generator(blake3::OutputReader);

impl Generator {
    pub(crate) fn new(seed: u64, label: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes()).update(label.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound.max(1)
    }

    /// Writes a file of `size` bytes, a piece at a time.
    pub(crate) fn write(&mut self, path: &Path, size: u64) -> io::Result<()> {
        let mut file = File::create(path)?;
        let (mut piece, mut left) = ([0; 64 * 1024], size);
        while left > 0 {
            let part = &mut piece[..left.min(64 * 1024) as usize];
            self.0.fill(part);
            file.write_all(part)?;
            left -= part.len() as u64;
        }
        Ok(())
    }

    /// Mostly small files, now and then one of many chunks.
    fn size(&mut self) -> u64 {
        match self.below(10) {
            0 => 0,
            1 => self.below(4 << 20),
            2 | 3 => self.below(300 << 10),
            _ => self.below(8 << 10),
        }
    }
}

/// Fills the empty folder `root` with `files` files; their names begin with `label`, but for some odd ones.
pub(crate) fn fill(root: &Path, label: &str, files: u32, seed: u64) -> io::Result<()> {
    for dir in DIRS {
        fs::create_dir_all(root.join(dir))?;
    }
    fs::create_dir_all(root.join(format!("empty {label}")))?;
    // What the demo's edits are about, the same in all folders.
    let mut shared = Generator::new(seed, "shared");
    shared.write(&root.join("photos/2026/contested.dat"), 1 << 10)?;
    shared.write(&root.join("photos/before.dat"), 1 << 20)?;
    let mut generator = Generator::new(seed, label);
    for n in 0..files {
        let dir = root.join(DIRS[generator.below(DIRS.len() as u64) as usize]);
        let size = generator.size();
        generator.write(&dir.join(name(label, n)), size)?;
    }
    Ok(())
}

fn name(label: &str, n: u32) -> PathBuf {
    match ODD.get(n as usize) {
        Some(odd) => {
            let odd = OsStr::from_bytes(odd);
            [odd, OsStr::new(" "), OsStr::new(label)].into_iter().collect::<std::ffi::OsString>().into()
        }
        None => format!("{label} {n}.dat").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn hash(seed: u64) -> blake3::Hash {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), "a", 8, seed).unwrap();
        let mut hasher = blake3::Hasher::new();
        // Contents and names; the mtimes are those of now.
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        for path in names.iter().filter(|path| path.is_file()) {
            hasher.update(path.file_name().unwrap().as_bytes()).update(&fs::read(path).unwrap());
        }
        assert!(tree::hash(dir.path()).is_ok());
        hasher.finalize()
    }

    #[test]
    fn one_seed_makes_one_folder() {
        assert_eq!(hash(7), hash(7));
        assert_ne!(hash(7), hash(8));
    }
}
