//! Reading for others: what a folder answers when a peer asks for contents, and what the peer makes of that.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::chunk::{self, ChunkHash, ChunkRef, ContentId, MAX_CHUNK};
use crate::index::{FileNode, Timestamp};
use crate::path::RelPath;

/// So many chunks are listed at a time, however large the file is.
const PAGE: usize = 256;

/// No answer holds more bytes of contents. Who asks for as much as this waits no longer than for a few chunks, however thin the line is.
pub(crate) const MOST_BYTES: usize = 512 * 1024;
/// Nor more chunks.
pub(crate) const MOST_CHUNKS: usize = 256;

/// So many chunks are listed in memory: those of some 4 GiB, in 3 MiB.
const LISTED: usize = 64 * 1024;

/// The chunks of contents that were read not long ago, so that they need not be read again to be listed. It does not grow with the files.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    lists: HashMap<ContentId, Arc<[ChunkRef]>>,
    chunks: usize,
}

impl Lists {
    /// Of one chunk there is no list, and what has no room is forgotten.
    pub(crate) fn insert(&mut self, content: ContentId, list: Vec<ChunkRef>) {
        if list.len() > 1 && self.chunks + list.len() <= LISTED {
            self.chunks += list.len();
            self.lists.insert(content, list.into());
        }
    }

    pub(crate) fn get(&self, content: ContentId) -> Option<Arc<[ChunkRef]>> {
        self.lists.get(&content).cloned()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

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
    #[error("too much was asked for at a time")]
    TooMuch,
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

/// A chunk that is asked for. What it should be is known to who asks, who looks at it anyhow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) content: ContentId,
    pub(crate) offset: u64,
    pub(crate) len: u32,
}

/// The same as who asks knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) content: ContentId,
    pub(crate) chunk: ChunkRef,
}

impl Piece {
    pub(crate) fn wanted(&self) -> Wanted {
        Wanted { content: self.content, offset: self.chunk.offset, len: self.chunk.len }
    }
}

/// What there is of chunks that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chunks {
    /// Whether each is there, in the order in which they were asked for.
    each: Vec<Result<(), ServeError>>,
    /// Those that are, one after the other.
    bytes: ByteBuf,
}

impl Chunks {
    /// Reads chunks of files. One that cannot be read is told, and costs none of the others.
    pub(crate) fn read(wanted: &[(Wanted, Option<Holder>)]) -> Self {
        let all: u64 = wanted.iter().map(|(wanted, _)| u64::from(wanted.len)).sum();
        let mut bytes =
            Vec::with_capacity(usize::try_from(all).map_or(MOST_BYTES, |all| all.min(MOST_BYTES)));
        // Chunks of one file come in a row, and it is opened once.
        let mut open: Option<(ContentId, Result<File, ServeError>)> = None;
        let mut read = |n: usize, wanted: Wanted, holder: Option<&Holder>| {
            if n >= MOST_CHUNKS || bytes.len() + wanted.len as usize > MOST_BYTES {
                return Err(ServeError::TooMuch);
            }
            if open.as_ref().is_none_or(|(content, _)| *content != wanted.content) {
                open = Some((wanted.content, holder.ok_or(ServeError::Absent).and_then(Holder::open)));
            }
            let Some((_, file)) = &open else { return Err(ServeError::Absent) };
            let (file, at) = (file.as_ref().map_err(Clone::clone)?, bytes.len());
            bytes.resize(at + wanted.len as usize, 0);
            let read = file.read_exact_at(&mut bytes[at..], wanted.offset);
            if read.is_err() {
                bytes.truncate(at);
            }
            Ok(read?)
        };
        let each = wanted
            .iter()
            .enumerate()
            .map(|(n, (wanted, holder))| read(n, *wanted, holder.as_ref()))
            .collect();
        Self { each, bytes: bytes.into() }
    }

    /// Each of the pieces that were asked for, if it is what it should be.
    pub(crate) fn looked_at(self, pieces: &[Piece]) -> Vec<Result<Bytes, ServeError>> {
        let (mut each, mut bytes) = (self.each.into_iter(), Bytes::from(self.bytes.into_vec()));
        let mut look = |chunk: ChunkRef| {
            each.next().unwrap_or(Err(ServeError::Absent))?;
            let len = chunk.len as usize;
            let data = if len <= bytes.len() { bytes.split_to(len) } else { Bytes::new() };
            if data.len() == len && ChunkHash::of(&data) == chunk.hash {
                Ok(data)
            } else {
                Err(ServeError::Changed)
            }
        };
        pieces.iter().map(|piece| look(piece.chunk)).collect()
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

    /// Lists chunks of the file from byte `from` on, which must be the beginning of one; out of `list`, if that is known.
    pub(crate) fn page(&self, from: u64, list: Option<&[ChunkRef]>) -> Result<Page, ServeError> {
        let mut file = self.open()?;
        let chunks: Vec<_> = match list {
            Some(list) => {
                let at = list.partition_point(|chunk| chunk.offset < from);
                list[at..].iter().take(PAGE).copied().collect()
            }
            None => {
                file.seek(SeekFrom::Start(from.min(self.size)))?;
                chunk::chunks(file, from.min(self.size)..self.size).take(PAGE).collect::<io::Result<_>>()?
            }
        };
        let next = match chunks.last() {
            Some(last) if chunks.len() == PAGE => Some(last.offset + u64::from(last.len)),
            _ => None,
        };
        Ok(Page { chunks, next })
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
    let mut chunks =
        chunk::chunks(file, 0..file.metadata()?.len()).take(most).collect::<io::Result<Vec<_>>>()?;
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

    fn ask(pieces: &[(Piece, Option<Holder>)]) -> Vec<Result<Bytes, ServeError>> {
        let wanted: Vec<_> = pieces.iter().map(|(piece, holder)| (piece.wanted(), holder.clone())).collect();
        let pieces: Vec<_> = pieces.iter().map(|(piece, _)| *piece).collect();
        Chunks::read(&wanted).looked_at(&pieces)
    }

    fn one(holder: &Holder, chunk: ChunkRef) -> Result<Bytes, ServeError> {
        let content = content_of(&b"whatever"[..]).unwrap().0;
        ask(&[(Piece { content, chunk }, Some(holder.clone()))]).remove(0)
    }

    #[test]
    fn pages_and_chunks_give_the_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("large");
        let mut data = vec![0; 40_000_000];
        blake3::Hasher::new().finalize_xof().fill(&mut data);
        std::fs::write(&file, &data).unwrap();

        let held = holder(&file);
        let (mut list, mut lists) = (Vec::new(), Lists::default());
        let (content, _) = chunk::list_of(&data[..], u64::MAX, |chunk| list.push(chunk)).unwrap();
        lists.insert(content, list);
        assert!(!lists.is_empty());
        let (mut from, mut pages, mut hasher) = (Some(0), 0, chunk::ContentHasher::new());
        while let Some(at) = from {
            let page = held.page(at, None).unwrap();
            assert_eq!(held.page(at, lists.get(content).as_deref()).unwrap(), page);
            page.chunks.iter().for_each(|chunk| hasher.push(chunk.hash));
            let last = *page.chunks.last().unwrap();
            let bytes = one(&held, last).unwrap();
            assert_eq!(bytes, data[last.offset as usize..][..last.len as usize]);
            (from, pages) = (page.next, pages + 1);
        }
        assert!(pages > 1);
        assert_eq!(hasher.finish(), content);
        assert!(reusable(&File::open(&file).unwrap(), 100).unwrap().len() <= 100);
    }

    #[test]
    fn one_that_is_not_there_costs_the_others_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut asked: Vec<_> = (0..5)
            .map(|n| {
                let (path, text) = (dir.path().join(n.to_string()), format!("content {n}"));
                std::fs::write(&path, &text).unwrap();
                let (content, len) = (content_of(text.as_bytes()).unwrap().0, text.len() as u32);
                let chunk = ChunkRef { offset: 0, len, hash: content.only_chunk() };
                (Piece { content, chunk }, Some(holder(&path)))
            })
            .collect();
        std::fs::remove_file(dir.path().join("1")).unwrap();
        asked[2].1 = None;
        // As if somebody had changed it so that nothing but the content tells.
        asked[3].0.chunk.hash = ChunkHash::of(b"content x");
        let got = ask(&asked);
        let good = |n| Ok(Bytes::from(format!("content {n}")));
        let due =
            [good(0), Err(ServeError::Changed), Err(ServeError::Absent), Err(ServeError::Changed), good(4)];
        assert_eq!(got, due);
    }

    #[test]
    fn an_answer_has_a_bound_and_one_that_is_cut_short_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large");
        std::fs::write(&path, vec![7; 2 * MOST_BYTES]).unwrap();
        let content = content_of(File::open(&path).unwrap()).unwrap().0;
        let piece = |len: usize| {
            let chunk = ChunkRef { offset: 0, len: len as u32, hash: ChunkHash::of(&vec![7; len]) };
            (Piece { content, chunk }, Some(holder(&path)))
        };
        let each = ask(&[piece(MOST_BYTES - 1), piece(2), piece(1), piece(u32::MAX as usize >> 8)]);
        let are_there: Vec<_> = each.iter().map(Result::is_ok).collect();
        assert_eq!(are_there, [true, false, true, false]);
        assert_eq!(each[1], Err(ServeError::TooMuch));
        let many = ask(&vec![piece(1); MOST_CHUNKS + 1]);
        assert_eq!(many.iter().filter(|one| one.is_ok()).count(), MOST_CHUNKS);

        let (piece, holder) = piece(3);
        let short = Chunks { bytes: ByteBuf::from(vec![7; 2]), ..Chunks::read(&[(piece.wanted(), holder)]) };
        let none = Chunks { each: Vec::new(), bytes: ByteBuf::new() };
        assert_eq!(short.looked_at(&[piece]), [Err(ServeError::Changed)]);
        assert_eq!(none.looked_at(&[piece]), [Err(ServeError::Absent)]);
    }

    #[test]
    fn a_changed_a_shorter_and_an_absent_file_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x");
        std::fs::write(&file, "12345").unwrap();
        let held = holder(&file);
        let wanted = held.page(0, None).unwrap().chunks[0];
        for now in [Some("54321"), Some("1"), None] {
            match now {
                Some(text) => std::fs::write(&file, text).unwrap(),
                None => std::fs::remove_file(&file).unwrap(),
            }
            assert_eq!(one(&held, wanted).unwrap_err(), ServeError::Changed);
            assert_eq!(held.page(0, None), Err(ServeError::Changed));
        }
        std::fs::write(&file, "1").unwrap();
        let long = ChunkRef { len: u32::MAX, ..wanted };
        assert_eq!(read_chunk(&File::open(&file).unwrap(), long), Err(ServeError::Absent));
    }
}
