//! Contents in chunks: cut where the content says, so that an insertion moves only the chunks that it touches.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use fastcdc::v2020::FastCDC;
use serde::{Deserialize, Serialize};

/// A content of at most this size is one chunk.
pub(crate) const MIN_CHUNK: usize = 16 * 1024;
const AVG_CHUNK: usize = 64 * 1024;
/// No chunk is larger: what one request costs in memory.
pub(crate) const MAX_CHUNK: usize = 256 * 1024;
/// So much of a file is read at a time.
const PIECE: usize = 1024 * 1024;

/// The blake3 hash of one chunk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct ChunkHash([u8; 32]);

impl ChunkHash {
    pub(crate) fn of(data: &[u8]) -> Self {
        Self(*blake3::hash(data).as_bytes())
    }
}

/// What a whole file holds: the hash of its only chunk, or the hash of the list of its chunks' hashes.
///
/// So a receiver that checks chunks one by one, in whatever order they come, has checked the file without reading it
/// again, and a small file needs no list at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct ContentId([u8; 32]);

impl ContentId {
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The one chunk of a content that is known to have only one.
    pub(crate) const fn only_chunk(self) -> ChunkHash {
        ChunkHash(self.0)
    }
}

impl fmt::Debug for ChunkHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", blake3::Hash::from_bytes(self.0).to_hex().split_at(12).0)
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.only_chunk().fmt(f)
    }
}

/// A chunk's place in its file and what must be found there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkRef {
    pub(crate) offset: u64,
    pub(crate) len: u32,
    pub(crate) hash: ChunkHash,
}

/// The chunks of bytes `range` of a file, of which `source` gives the first byte next. If the file ends before, so does the last of them.
///
/// Cutting starts anew at each chunk, so it may begin at any chunk's offset and finds the same chunks: nobody has to
/// keep the list of a large file.
pub(crate) fn chunks<R: Read>(source: R, range: Range<u64>) -> impl Iterator<Item = io::Result<ChunkRef>> {
    let piece = (range.end - range.start).min(PIECE as u64) as usize;
    Cutter { source, range, buffer: vec![0; piece], unused: 0..0 }
}

/// Reads pieces of a file and cuts chunks out of them, without moving what it has read more often than once a piece.
struct Cutter<R> {
    source: R,
    /// What is yet to be cut.
    range: Range<u64>,
    buffer: Vec<u8>,
    /// The part of the buffer that was read and not cut yet.
    unused: Range<usize>,
}

impl<R: Read> Cutter<R> {
    /// Reads what has room in the buffer.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.unused.clone(), 0);
        self.unused = 0..self.unused.len();
        loop {
            let left = self.range.end - self.range.start - self.unused.len() as u64;
            let room = self.buffer.len() - self.unused.end;
            let most = left.min(room as u64) as usize;
            if most == 0 {
                return Ok(());
            }
            match self.source.read(&mut self.buffer[self.unused.end..][..most]) {
                Ok(0) => self.range.end = self.range.start + self.unused.len() as u64,
                Ok(read) => self.unused.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn cut(&mut self) -> io::Result<Option<ChunkRef>> {
        // Where the next chunk ends is certain when the longest that there may be is here.
        if self.unused.len() < MAX_CHUNK {
            self.fill()?;
        }
        let unused = &self.buffer[self.unused.clone()];
        let Some(cut) = FastCDC::new(unused, MIN_CHUNK, AVG_CHUNK, MAX_CHUNK).next() else { return Ok(None) };
        let hash = ChunkHash::of(&unused[..cut.length]);
        let chunk = ChunkRef { offset: self.range.start, len: cut.length as u32, hash };
        self.range.start += cut.length as u64;
        self.unused.start += cut.length;
        Ok(Some(chunk))
    }
}

impl<R: Read> Iterator for Cutter<R> {
    type Item = io::Result<ChunkRef>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cut().transpose()
    }
}

/// Builds a [`ContentId`] from chunk hashes in order.
#[derive(Debug)]
pub(crate) struct ContentHasher {
    first: Option<ChunkHash>,
    list: blake3::Hasher,
    count: u64,
}

impl ContentHasher {
    pub(crate) fn new() -> Self {
        // A key of its own: no content can be made whose only chunk looks like a list.
        Self {
            first: None,
            list: blake3::Hasher::new_derive_key("filesync list of chunk hashes v1"),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, chunk: ChunkHash) {
        self.first.get_or_insert(chunk);
        self.list.update(&chunk.0);
        self.count += 1;
    }

    pub(crate) fn finish(&self) -> ContentId {
        match (self.count, self.first) {
            (_, None) => ContentId(ChunkHash::of(b"").0),
            (1, Some(only)) => ContentId(only.0),
            _ => ContentId(*self.list.finalize().as_bytes()),
        }
    }
}

/// The id and size of all that `source` gives.
pub(crate) fn content_of<R: Read>(source: R) -> io::Result<(ContentId, u64)> {
    list_of(source, u64::MAX, |_| {})
}

/// The same of no more than the first `size` bytes; `each` is told of every chunk.
pub(crate) fn list_of<R: Read>(
    source: R,
    size: u64,
    mut each: impl FnMut(ChunkRef),
) -> io::Result<(ContentId, u64)> {
    let mut hasher = ContentHasher::new();
    let mut read = 0;
    for chunk in chunks(source, 0..size) {
        let chunk = chunk?;
        hasher.push(chunk.hash);
        read += u64::from(chunk.len);
        each(chunk);
    }
    Ok((hasher.finish(), read))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without a pattern, from a small generator that needs no dependency.
    fn noise(len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    }

    fn list(data: &[u8]) -> Vec<ChunkRef> {
        chunks(data, 0..data.len() as u64).collect::<io::Result<_>>().unwrap()
    }

    #[test]
    fn chunks_cover_the_content_in_order_and_within_bounds() {
        let data = noise(2_000_000);
        let mut at = 0;
        let all = list(&data);
        for chunk in &all {
            assert_eq!(chunk.offset, at);
            assert!(chunk.len as usize <= MAX_CHUNK);
            assert_eq!(chunk.hash, ChunkHash::of(&data[at as usize..][..chunk.len as usize]));
            at += u64::from(chunk.len);
        }
        assert_eq!(at, data.len() as u64);
        assert!(all.len() > 8, "{}", all.len());
    }

    #[test]
    fn cutting_may_start_at_any_chunk() {
        let data = noise(1_500_000);
        let all = list(&data);
        for (i, chunk) in all.iter().enumerate() {
            let range = chunk.offset..data.len() as u64;
            let rest: Vec<_> =
                chunks(&data[chunk.offset as usize..], range).collect::<io::Result<_>>().unwrap();
            assert_eq!(rest, all[i..]);
        }
    }

    /// Gives a few bytes at a time.
    struct Drips<'a>(&'a [u8]);

    impl Read for Drips<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let most = to.len().min(7_001);
            self.0.read(&mut to[..most])
        }
    }

    #[test]
    fn a_cut_is_where_the_content_says_and_not_where_a_read_ends() {
        let data = noise(3_000_000);
        let mut whole: Vec<_> = FastCDC::new(&data, MIN_CHUNK, AVG_CHUNK, MAX_CHUNK)
            .map(|cut| (cut.offset as u64, cut.length as u32))
            .collect();
        for size in [data.len() as u64, u64::MAX] {
            let drips: Vec<_> = chunks(Drips(&data), 0..size).map(Result::unwrap).collect();
            assert_eq!(drips.iter().map(|chunk| (chunk.offset, chunk.len)).collect::<Vec<_>>(), whole);
        }
        let first = whole.remove(0).1;
        let part: Vec<_> = chunks(Drips(&data), 0..u64::from(first) + 10).map(Result::unwrap).collect();
        assert_eq!(part.iter().map(|chunk| chunk.len).collect::<Vec<_>>(), [first, 10]);
    }

    #[test]
    fn an_insertion_leaves_most_chunks_as_they_were() {
        let data = noise(4_000_000);
        let before: std::collections::HashSet<_> = list(&data).iter().map(|c| c.hash).collect();
        let mut edited = data;
        edited.splice(1_000_000..1_000_000, *b"a few bytes more");
        let after = list(&edited);
        let new = after.iter().filter(|c| !before.contains(&c.hash)).count();
        assert!(new <= 4, "{new} of {} chunks are new", after.len());
    }

    #[test]
    fn small_and_empty_contents_are_their_only_chunk() {
        for len in [0, 1, MIN_CHUNK] {
            let data = noise(len);
            let (id, size) = content_of(&data[..]).unwrap();
            assert_eq!(size, len as u64);
            assert_eq!(id.only_chunk(), ChunkHash::of(&data));
        }
    }

    #[test]
    fn different_contents_have_different_ids() {
        let data = noise(500_000);
        let (id, _) = content_of(&data[..]).unwrap();
        let mut other = data.clone();
        other[400_000] ^= 1;
        assert_ne!(content_of(&other[..]).unwrap().0, id);
        assert_eq!(content_of(&data[..]).unwrap().0, id);
    }
}
