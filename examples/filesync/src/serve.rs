//! Reading for others: what a folder answers when a peer asks for contents.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::chunk::{self, ChunkHash, ChunkRef, MAX_CHUNK};
use crate::index::{FileNode, Timestamp};
use crate::path::RelPath;

/// So many chunks are listed at a time, however large the file is.
const PAGE: usize = 256;

/// Part of the list of a file's chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) chunks: Vec<ChunkRef>,
    /// Where to go on; `None` at the end of the file.
    pub(crate) next: Option<u64>,
}

/// Why a content is not served. Another peer may have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("it has no such content")]
    Absent,
    #[error("its file was changed in the meantime")]
    Changed,
    #[error("its file cannot be read: {0}")]
    Unreadable(String),
}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Self::Changed,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// A file that holds a content, as it looked when that was known.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    path: PathBuf,
    size: u64,
    mtime: Timestamp,
}

impl Holder {
    /// The file at `path` of the folder `root`.
    pub(crate) fn new(path: &RelPath, file: &FileNode, root: &Path) -> Self {
        Self { path: path.under(root), size: file.size, mtime: file.mtime }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self) -> Result<File, ServeError> {
        let file = File::open(&self.path)?;
        let meta = file.metadata()?;
        // Cheap, and spares the one who asks the work with a list that would turn out wrong.
        if (meta.len(), Timestamp::modified(&meta)) == (self.size, self.mtime) {
            Ok(file)
        } else {
            Err(ServeError::Changed)
        }
    }

    /// Lists chunks of the file from byte `from` on, which must be the beginning of one.
    pub(crate) fn page(&self, from: u64) -> Result<Page, ServeError> {
        let mut file = self.open()?;
        file.seek(SeekFrom::Start(from))?;
        let chunks = chunk::chunks(file, from).take(PAGE).collect::<io::Result<Vec<_>>>()?;
        let next = match chunks.last() {
            Some(last) if chunks.len() == PAGE => Some(last.offset + u64::from(last.len)),
            _ => None,
        };
        Ok(Page { chunks, next })
    }

    /// Reads a chunk, and sees that it is the one that was asked for.
    pub(crate) fn chunk(&self, chunk: ChunkRef) -> Result<Vec<u8>, ServeError> {
        read_chunk(&self.open()?, chunk)
    }
}

/// Reads a chunk of any file, if it is there.
pub(crate) fn read_chunk(file: &File, chunk: ChunkRef) -> Result<Vec<u8>, ServeError> {
    // The length may come from anywhere, and decides how much memory is taken.
    if chunk.len as usize > MAX_CHUNK {
        return Err(ServeError::Absent);
    }
    let mut data = vec![0; chunk.len as usize];
    file.read_exact_at(&mut data, chunk.offset)?;
    if ChunkHash::of(&data) == chunk.hash { Ok(data) } else { Err(ServeError::Changed) }
}

/// The chunks of a file that is like the one wanted, by hash; at most `most`, so that memory has a bound.
pub(crate) fn reusable(file: &File, most: usize) -> io::Result<Vec<ChunkRef>> {
    let mut chunks = chunk::chunks(file, 0).take(most).collect::<io::Result<Vec<_>>>()?;
    chunks.sort_unstable_by_key(|chunk| chunk.hash);
    chunks.dedup_by_key(|chunk| chunk.hash);
    Ok(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::content_of;

    fn holder(path: &Path) -> Holder {
        let meta = std::fs::metadata(path).unwrap();
        Holder { path: path.to_owned(), size: meta.len(), mtime: Timestamp::modified(&meta) }
    }

    #[test]
    fn pages_and_chunks_give_the_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("large");
        let mut data = vec![0; 40_000_000];
        blake3::Hasher::new().finalize_xof().fill(&mut data);
        std::fs::write(&file, &data).unwrap();

        let held = holder(&file);
        let (mut from, mut pages, mut hasher) = (Some(0), 0, chunk::ContentHasher::new());
        while let Some(at) = from {
            let page = held.page(at).unwrap();
            page.chunks.iter().for_each(|chunk| hasher.push(chunk.hash));
            let last = *page.chunks.last().unwrap();
            let bytes = held.chunk(last).unwrap();
            assert_eq!(bytes, data[last.offset as usize..][..last.len as usize]);
            (from, pages) = (page.next, pages + 1);
        }
        assert!(pages > 1);
        assert_eq!(hasher.finish(), content_of(&data[..]).unwrap().0);
        assert!(reusable(&File::open(&file).unwrap(), 100).unwrap().len() <= 100);
    }

    #[test]
    fn a_changed_a_shorter_and_an_absent_file_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x");
        std::fs::write(&file, "12345").unwrap();
        let held = holder(&file);
        let wanted = held.page(0).unwrap().chunks[0];
        for now in [Some("54321"), Some("1"), None] {
            match now {
                Some(text) => std::fs::write(&file, text).unwrap(),
                None => std::fs::remove_file(&file).unwrap(),
            }
            assert_eq!(held.chunk(wanted), Err(ServeError::Changed));
            assert_eq!(held.page(0), Err(ServeError::Changed));
        }
        std::fs::write(&file, "1").unwrap();
        let long = ChunkRef { len: u32::MAX, ..wanted };
        assert_eq!(read_chunk(&File::open(&file).unwrap(), long), Err(ServeError::Absent));
    }
}
