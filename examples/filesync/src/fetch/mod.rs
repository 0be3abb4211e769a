//! Getting the content of one file: from what is here already, else from any peer that has it.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actor_core::prelude::*;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::actors::reporter::ReporterHandle;
use crate::actors::source::SourceHandle;
use crate::chunk::{ChunkHash, ChunkRef, ContentHasher, ContentId, MIN_CHUNK};
use crate::error::plain;
use crate::folder::Folder;
use crate::index::{Entries, FileNode, Snapshot};
use crate::path::RelPath;
use crate::plan::Take;
use crate::serve::{Holder, Page, ServeError, read_chunk, reusable};
use crate::store::Temp;

/// Chunks asked for at the same time, for one file.
const CHUNKS_IN_FLIGHT: usize = 16;
/// Chunks held in memory at the same time, for all files of a peer: 8 MiB at most.
const CHUNKS_AT_ONCE: usize = 32;
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
    /// Written, with mode and mtime.
    Written(Temp),
    /// So little that it is written with others of a batch: by one thread, since many that make files in one directory only wait for each other.
    Small(Vec<u8>),
}

impl Content {
    /// Written, if it is not yet.
    pub(crate) fn written(self, folder: &Folder, node: &FileNode) -> std::io::Result<Temp> {
        match self {
            Self::Written(temp) => Ok(temp),
            Self::Small(data) => Temp::whole(folder, node, &data),
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
            let source = Arc::new(Source { handle: handle.clone(), is_late: AtomicBool::new(false) });
            for content in wanted_in(&view.entries).into_keys() {
                sources.entry(content).or_default().push(Arc::clone(&source));
            }
        }
        let holder = |(path, file): (RelPath, FileNode)| Holder::new(&path, &file, folder.root());
        let here = wanted_in(local).into_iter().map(|(content, found)| (content, holder(found))).collect();
        let (memory, turn) = (Semaphore::new(CHUNKS_AT_ONCE), AtomicUsize::new(0));
        Self { folder, me, sources, here, patience, memory, turn, carried: AtomicU64::new(0), reporter }
    }

    /// How many bytes came over links; the rest was here already.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// Gets a file. A list of chunks that turns out wrong is asked of the next peer.
    ///
    /// How much of it is here is told to `done` meanwhile.
    pub(crate) async fn fetch(&self, take: Take, done: &AtomicU64) -> Result<Ready, FetchError> {
        let lists = self.sources.get(&take.file.content).map_or(0, Vec::len);
        let mut list = 0;
        loop {
            done.store(0, Ordering::Relaxed);
            match self.assemble(&take, list, done).await {
                Err(FetchError::Wrong) if list + 1 < lists => list += 1,
                other => return other.map(|content| Ready { take, content }),
            }
        }
    }

    /// Puts a file together, page by page of its list of chunks, many chunks at a time.
    async fn assemble(&self, take: &Take, list: usize, done: &AtomicU64) -> Result<Content, FetchError> {
        let (content, size) = (take.file.content, take.file.size);
        if size <= MIN_CHUNK as u64 && !self.here.contains_key(&content) {
            return self.small(take, done).await.map(Content::Small);
        }
        let folder = Arc::clone(&self.folder);
        let temp = Arc::new(blocking(move || Temp::create(&folder, size)).await?);
        let old = self.reusable(take).await;
        let mut hasher = ContentHasher::new();
        let mut from = (size > 0).then_some(0);
        while let Some(at) = from {
            let page = self.page(content, size, at, list).await?;
            page.chunks.iter().for_each(|chunk| hasher.push(chunk.hash));
            let (old, temp) = (old.as_ref(), &temp);
            stream::iter(page.chunks)
                .map(|chunk| async move {
                    self.chunk(content, chunk, old, temp).await?;
                    done.fetch_add(u64::from(chunk.len), Ordering::Relaxed);
                    Ok::<_, FetchError>(())
                })
                .buffer_unordered(CHUNKS_IN_FLIGHT)
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
        Ok(Content::Written(blocking(move || temp.finish(&file).map(|()| temp)).await?))
    }

    /// Gets a file that is one chunk.
    async fn small(&self, take: &Take, done: &AtomicU64) -> Result<Vec<u8>, FetchError> {
        let FileNode { size, content, .. } = take.file;
        let chunk = ChunkRef { offset: 0, len: size as u32, hash: content.only_chunk() };
        let data = match size {
            0 if ChunkHash::of(&[]) != chunk.hash => return Err(FetchError::Wrong),
            0 => Vec::new(),
            _ => {
                let _room = self.memory.acquire().await.map_err(std::io::Error::other)?;
                self.carry(content, chunk).await?
            }
        };
        done.store(size, Ordering::Relaxed);
        let _ = self.reporter.moved(self.me, size).tell().await;
        Ok(data)
    }

    async fn page(&self, content: ContentId, size: u64, from: u64, list: usize) -> Result<Page, FetchError> {
        if size <= MIN_CHUNK as u64 {
            let chunk = ChunkRef { offset: 0, len: size as u32, hash: content.only_chunk() };
            return Ok(Page { chunks: vec![chunk], next: None });
        }
        let here = self.here.get(&content).filter(|_| list == 0).cloned();
        let page = match here {
            Some(here) => blocking(move || Ok(here.page(from).ok())).await?,
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

    /// Gets one chunk into its place in the file.
    async fn chunk(
        &self,
        content: ContentId,
        chunk: ChunkRef,
        old: Option<&Reusable>,
        temp: &Arc<Temp>,
    ) -> Result<(), FetchError> {
        let _room = self.memory.acquire().await.map_err(std::io::Error::other)?;
        let here = old.and_then(|old| old.find(chunk.hash));
        let found = match here {
            Some((file, here)) => blocking(move || Ok(read_chunk(&file, here).ok())).await?,
            None => None,
        };
        let data = match found {
            Some(data) => data,
            None => self.carry(content, chunk).await?,
        };
        let temp = Arc::clone(temp);
        blocking(move || temp.write_at(&data, chunk.offset)).await?;
        let _ = self.reporter.moved(self.me, u64::from(chunk.len)).tell().await;
        Ok(())
    }

    /// Gets a chunk from another peer, and sees that it is the one that was asked for.
    async fn carry(&self, content: ContentId, chunk: ChunkRef) -> Result<Vec<u8>, FetchError> {
        let patience = self.patience;
        let ask = |source: SourceHandle| async move {
            let data = source.chunk(content, chunk).timeout(patience).await?;
            let right = data.len() == chunk.len as usize && ChunkHash::of(&data) == chunk.hash;
            if right { Ok(data.into_vec()) } else { Err(CallError::Handler(ServeError::Changed)) }
        };
        // Each chunk begins with another peer, so that all share the work.
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let data = self.ask_anyone(content, first, ask).await?;
        self.carried.fetch_add(u64::from(chunk.len), Ordering::Relaxed);
        Ok(data)
    }

    /// Asks those who have the content, one after the other from the `first` on, until one gives what is asked for.
    ///
    /// Who is late or cut off costs the patience of one request. The next one is asked then, and the late one last, until
    /// it answers again.
    async fn ask_anyone<T, F>(
        &self,
        content: ContentId,
        first: usize,
        ask: impl Fn(SourceHandle) -> F,
    ) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, CallError<ServeError>>>,
    {
        let sources = self.sources.get(&content).map_or(&[][..], Vec::as_slice);
        let mut order: Vec<&Source> =
            (0..sources.len()).map(|n| sources[(first + n) % sources.len()].as_ref()).collect();
        order.sort_by_key(|source| source.is_late.load(Ordering::Relaxed));
        let mut result = Err(FetchError::NoSource);
        for source in order {
            let answer = ask(source.handle.clone()).await;
            // That it has something to say, if only that it cannot serve this, shows that it is there.
            let is_late = !matches!(answer, Ok(_) | Err(CallError::Handler(_)));
            source.is_late.store(is_late, Ordering::Relaxed);
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => result = Err(FetchError::NotServed(error)),
            }
        }
        result
    }

    /// The chunks that can be taken from this folder: of the same content, or of what the file was before.
    async fn reusable(&self, take: &Take) -> Option<Reusable> {
        if take.file.size <= MIN_CHUNK as u64 && !self.here.contains_key(&take.file.content) {
            return None;
        }
        let before = || take.replaces.then(|| take.path.under(self.folder.root()));
        let file = self.here.get(&take.file.content).map(|here| here.path().to_owned()).or_else(before)?;
        // It only saves work, so that it cannot be read is no failure.
        let reuse = blocking(move || {
            let file = File::open(file)?;
            Ok(Reusable { chunks: reusable(&file, REUSE)?, file: Arc::new(file) })
        });
        reuse.await.ok()
    }
}

/// A peer that has something that is wanted.
#[derive(Debug)]
struct Source {
    handle: SourceHandle,
    is_late: AtomicBool,
}

/// A file in this folder, and where its chunks are.
#[derive(Debug)]
struct Reusable {
    file: Arc<File>,
    chunks: Vec<ChunkRef>,
}

impl Reusable {
    fn find(&self, hash: ChunkHash) -> Option<(Arc<File>, ChunkRef)> {
        let at = self.chunks.binary_search_by_key(&hash, |chunk| chunk.hash).ok()?;
        Some((Arc::clone(&self.file), self.chunks[at]))
    }
}

/// Runs what waits for the disk where nobody else has to wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked)))
}
