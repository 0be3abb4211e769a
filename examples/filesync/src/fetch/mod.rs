//! Getting the contents of files: from what is here already, else from any peer that has them.

mod carry;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::iter::Peekable;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actor_core::prelude::*;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use crate::actors::reporter::ReporterHandle;
use crate::actors::source::SourceHandle;
use crate::chunk::{ChunkRef, ContentHasher, ContentId, MIN_CHUNK};
use crate::error::plain;
use crate::folder::Folder;
use crate::index::{Entries, FileNode, Snapshot};
use crate::path::RelPath;
use crate::plan::Take;
use crate::serve::{Holder, MOST_BYTES, MOST_CHUNKS, Page, Piece, ServeError, read_chunk, reusable};
use crate::store::{Temp, Whole};
use carry::Source;

/// Requests for chunks that are under way at the same time, for one file.
const REQUESTS: usize = 4;
/// So many bytes of chunks are asked for, or here and not written yet, for all files of a peer.
const BYTES_AT_ONCE: usize = 8 * MOST_BYTES;
/// So many chunks of an older version are remembered to be taken from it: some 4 GiB of it, in 3 MiB of memory.
const REUSE: usize = 64 * 1024;

/// A file of which all is here, and that has no name yet.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) take: Take,
    pub(crate) content: Content,
}

/// Where its content is.
#[derive(Debug)]
pub(crate) enum Content {
    /// Written.
    Written(Whole),
    /// So little that it is written with others of a batch: by one thread, since many that make files in one directory only wait for each other.
    Small(Bytes),
}

impl Content {
    /// How much memory it takes.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Written(_) => 0,
            Self::Small(data) => data.len(),
        }
    }

    /// Written, if it is not yet.
    pub(crate) fn written(self, folder: &Folder, node: &FileNode) -> std::io::Result<Whole> {
        match self {
            Self::Written(file) => Ok(file),
            Self::Small(data) => Whole::write(folder, node, &data),
        }
    }
}

/// Why a file could not be got. Nothing of it is left, and it can be tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no peer that can be reached has it")]
    NoSource,
    #[error("no peer gave it; the last one: {0}")]
    NotServed(CallError<ServeError>),
    #[error("a peer sent something else")]
    Wrong,
    #[error("{}", plain(.0))]
    Io(#[from] std::io::Error),
}

/// What is fetched as one.
#[derive(Debug)]
pub(crate) enum Parcel {
    File(Take),
    /// Files that are one chunk each, which one request is enough for.
    Small(Vec<Take>),
}

impl Parcel {
    pub(crate) fn takes(&self) -> &[Take] {
        match self {
            Self::File(take) => std::slice::from_ref(take),
            Self::Small(takes) => takes,
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.takes().iter().map(|take| take.file.size).sum()
    }
}

/// What fetching needs to know, for all files of one round.
#[derive(Debug)]
pub(crate) struct Fetcher {
    folder: Arc<Folder>,
    me: usize,
    /// Who has what, of the contents that are wanted.
    sources: HashMap<ContentId, Vec<Arc<Source>>>,
    /// The wanted contents that are in this folder already, under another name.
    here: HashMap<ContentId, Holder>,
    patience: Duration,
    memory: Semaphore,
    turn: AtomicUsize,
    carried: AtomicU64,
    reporter: ReporterHandle,
}

impl Fetcher {
    pub(crate) fn new(
        folder: Arc<Folder>,
        me: usize,
        patience: Duration,
        reporter: ReporterHandle,
        wanted: &HashSet<ContentId>,
        local: &Entries,
        peers: &[(SourceHandle, Snapshot)],
    ) -> Self {
        let wanted_in = |entries: &Entries| -> HashMap<ContentId, (RelPath, FileNode)> {
            let files = entries.iter().filter_map(|(path, entry)| Some((path, entry.node.file()?)));
            files
                .filter(|(_, file)| wanted.contains(&file.content))
                .map(|(path, file)| (file.content, (path.clone(), file.clone())))
                .collect()
        };
        let mut sources: HashMap<ContentId, Vec<Arc<Source>>> = HashMap::new();
        for (handle, view) in peers {
            let source = Arc::new(Source::new(handle.clone()));
            for content in wanted_in(&view.entries).into_keys() {
                sources.entry(content).or_default().push(Arc::clone(&source));
            }
        }
        let holder = |(path, file): (RelPath, FileNode)| Holder::new(&path, &file, folder.root());
        let here = wanted_in(local).into_iter().map(|(content, found)| (content, holder(found))).collect();
        let (memory, turn) = (Semaphore::new(BYTES_AT_ONCE), AtomicUsize::new(0));
        Self { folder, me, sources, here, patience, memory, turn, carried: AtomicU64::new(0), reporter }
    }

    /// How many bytes came over links; the rest was here already.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// The next files that are to be fetched as one.
    pub(crate) fn parcel(&self, queue: &mut Peekable<impl Iterator<Item = Take>>) -> Option<Parcel> {
        let first = queue.next()?;
        if !self.is_small(&first) {
            return Some(Parcel::File(first));
        }
        let mut bytes = first.file.size;
        let mut takes = vec![first];
        let mut fits = |next: &Take| {
            bytes += next.file.size;
            bytes <= MOST_BYTES as u64 && self.is_small(next)
        };
        while takes.len() < MOST_CHUNKS
            && let Some(next) = queue.next_if(&mut fits)
        {
            takes.push(next);
        }
        Some(Parcel::Small(takes))
    }

    /// It is one chunk, and not here.
    fn is_small(&self, take: &Take) -> bool {
        take.file.size <= MIN_CHUNK as u64 && !self.here.contains_key(&take.file.content)
    }

    /// Gets the files of a parcel. How much of one that has it for itself is here is told to `done` meanwhile.
    pub(crate) async fn fetch(
        &self,
        parcel: Parcel,
        done: &AtomicU64,
    ) -> Vec<(RelPath, Result<Ready, FetchError>)> {
        match parcel {
            Parcel::File(take) => vec![(take.path.clone(), self.file(take, done).await)],
            Parcel::Small(takes) => self.small(takes).await,
        }
    }

    /// Gets a file. A list of chunks that turns out wrong is asked of the next peer.
    async fn file(&self, take: Take, done: &AtomicU64) -> Result<Ready, FetchError> {
        let lists = self.sources.get(&take.file.content).map_or(0, Vec::len);
        let mut list = 0;
        loop {
            done.store(0, Ordering::Relaxed);
            match self.assemble(&take, list, done).await {
                Err(FetchError::Wrong) if list + 1 < lists => list += 1,
                other => return other.map(|file| Ready { take, content: Content::Written(file) }),
            }
        }
    }

    /// Puts a file together, page by page of its list of chunks, many chunks at a time.
    async fn assemble(&self, take: &Take, list: usize, done: &AtomicU64) -> Result<Whole, FetchError> {
        let (content, size) = (take.file.content, take.file.size);
        let folder = Arc::clone(&self.folder);
        let temp = Arc::new(blocking(move || Temp::create(&folder, size)).await?);
        let old = self.reusable(take).await;
        let mut hasher = ContentHasher::new();
        let mut from = (size > 0).then_some(0);
        while let Some(at) = from {
            let page = self.page(content, size, at, list).await?;
            page.chunks.iter().for_each(|chunk| hasher.push(chunk.hash));
            let (old, temp) = (old.as_ref(), &temp);
            stream::iter(rows(content, page.chunks))
                .map(|row| async move {
                    let bytes = self.row(row, old, temp).await?;
                    done.fetch_add(bytes as u64, Ordering::Relaxed);
                    Ok::<_, FetchError>(())
                })
                .buffer_unordered(REQUESTS)
                .try_collect::<()>()
                .await?;
            from = page.next;
        }
        // Each chunk was what the list said; and so the list is what the index says, all of it.
        if hasher.finish() != content {
            return Err(FetchError::Wrong);
        }
        let temp = Arc::into_inner(temp).ok_or(FetchError::Wrong)?;
        let file = take.file.clone();
        Ok(blocking(move || temp.finish(&file)).await?)
    }

    /// Gets files that are one chunk each.
    async fn small(&self, takes: Vec<Take>) -> Vec<(RelPath, Result<Ready, FetchError>)> {
        let pieces: Vec<_> = takes.iter().map(|take| only_piece(&take.file)).collect();
        let bytes = bytes_of(&pieces);
        let got = match self.room(bytes).await {
            Ok(_room) => self.carry(&pieces).await,
            Err(closed) => pieces.iter().map(|_| Err(FetchError::Io(closed.kind().into()))).collect(),
        };
        let _ = self.reporter.moved(self.me, bytes as u64).tell().await;
        let ready = |(take, got): (Take, Result<Bytes, FetchError>)| {
            (take.path.clone(), got.map(|data| Ready { take, content: Content::Small(data) }))
        };
        takes.into_iter().zip(got).map(ready).collect()
    }

    async fn page(&self, content: ContentId, size: u64, from: u64, list: usize) -> Result<Page, FetchError> {
        if size <= MIN_CHUNK as u64 {
            return Ok(Page { chunks: vec![only_chunk(content, size)], next: None });
        }
        let here = self.here.get(&content).filter(|_| list == 0).cloned();
        let page = match here {
            Some(here) => blocking(move || Ok(here.page(from, None).ok())).await?,
            None => None,
        };
        let patience = self.patience;
        let page = match page {
            Some(page) => page,
            None => {
                let ask =
                    |source: SourceHandle| async move { source.page(content, from).timeout(patience).await };
                self.ask_anyone(content, list, ask).await?
            }
        };
        // What does not go on cannot end.
        let goes_on = page.next.is_none_or(|next| next > from);
        if goes_on { Ok(page) } else { Err(FetchError::Wrong) }
    }

    /// Gets a row of chunks into their places in the file; how many bytes that was.
    async fn row(
        &self,
        row: Vec<Piece>,
        old: Option<&Arc<Reusable>>,
        temp: &Arc<Temp>,
    ) -> Result<usize, FetchError> {
        let bytes = bytes_of(&row);
        let _room = self.room(bytes).await?;
        let missing = match old.map(Arc::clone) {
            Some(old) => {
                let temp = Arc::clone(temp);
                blocking(move || old.copy(row, &temp)).await?
            }
            None => row,
        };
        if !missing.is_empty() {
            let got = self.carry(&missing).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            let temp = Arc::clone(temp);
            blocking(move || {
                missing.iter().zip(got).try_for_each(|(piece, data)| temp.write_at(&data, piece.chunk.offset))
            })
            .await?;
        }
        let _ = self.reporter.moved(self.me, bytes as u64).tell().await;
        Ok(bytes)
    }

    /// Waits until so many bytes may be asked for.
    async fn room(&self, bytes: usize) -> std::io::Result<SemaphorePermit<'_>> {
        let bytes = bytes.min(BYTES_AT_ONCE) as u32;
        self.memory.acquire_many(bytes).await.map_err(std::io::Error::other)
    }

    /// The chunks that can be taken from this folder: of the same content, or of what the file was before.
    async fn reusable(&self, take: &Take) -> Option<Arc<Reusable>> {
        let before = || take.replaces.then(|| take.path.under(self.folder.root()));
        let file = self.here.get(&take.file.content).map(|here| here.path().to_owned()).or_else(before)?;
        // It only saves work, so that it cannot be read is no failure.
        let reuse = blocking(move || {
            let file = File::open(file)?;
            Ok(Arc::new(Reusable { chunks: reusable(&file, REUSE)?, file }))
        });
        reuse.await.ok()
    }
}

/// A file in this folder, and where its chunks are.
#[derive(Debug)]
struct Reusable {
    file: File,
    chunks: Vec<ChunkRef>,
}

impl Reusable {
    /// Writes those of the pieces that are in the file; those that are not.
    fn copy(&self, row: Vec<Piece>, to: &Temp) -> std::io::Result<Vec<Piece>> {
        let mut missing = Vec::new();
        for piece in row {
            let at = self.chunks.binary_search_by_key(&piece.chunk.hash, |chunk| chunk.hash).ok();
            match at.and_then(|at| read_chunk(&self.file, self.chunks[at]).ok()) {
                Some(data) => to.write_at(&data, piece.chunk.offset)?,
                None => missing.push(piece),
            }
        }
        Ok(missing)
    }
}

/// The chunks of a content in rows, each of which one request is enough for.
fn rows(content: ContentId, chunks: Vec<ChunkRef>) -> Vec<Vec<Piece>> {
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    let mut bytes = 0;
    for chunk in chunks {
        bytes += chunk.len as usize;
        match rows.last_mut() {
            Some(row) if bytes <= MOST_BYTES && row.len() < MOST_CHUNKS => row.push(Piece { content, chunk }),
            _ => {
                rows.push(vec![Piece { content, chunk }]);
                bytes = chunk.len as usize;
            }
        }
    }
    rows
}

fn only_chunk(content: ContentId, size: u64) -> ChunkRef {
    ChunkRef { offset: 0, len: size as u32, hash: content.only_chunk() }
}

fn only_piece(file: &FileNode) -> Piece {
    Piece { content: file.content, chunk: only_chunk(file.content, file.size) }
}

fn bytes_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.chunk.len as usize).sum()
}

/// Runs what waits for the disk where nobody else has to wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked)))
}
