//! Links that are cut, disks that others ask, and what a fetch makes of them.

mod copies;
mod links;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use bytes::Bytes;

use super::disk::{Disk, DiskHandle};
use super::link::{Link, LinkHandle};
use super::reporter::Reporter;
use super::source::SourceHandle;
use crate::changes::Known;
use crate::chunk::ChunkRef;
use crate::fetch::{Content, FetchError, Fetcher, Ready};
use crate::folder::Folder;
use crate::index::{FileNode, Index, Node, Snapshot};
use crate::path::RelPath;
use crate::plan::Take;
use crate::progress::View;
use crate::scan::scan;
use crate::serve::{Piece, ServeError};

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(20);

/// A folder with files, and its disk.
struct Shown {
    dir: tempfile::TempDir,
    folder: Arc<Folder>,
    view: Snapshot,
    disk: DiskHandle,
}

impl Shown {
    /// With one file, `x`.
    fn new(content: &[u8]) -> Self {
        Self::with(&[("x", content)])
    }

    fn with(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let folder = Arc::new(Folder::open(dir.path().to_owned(), "a".into()).unwrap());
        let mut index = Index::new().unwrap();
        index.observe(&scan(dir.path(), &index).unwrap());
        let view = index.snapshot();
        let disk = Disk::new(Arc::clone(&folder), view.clone()).unwrap().spawn();
        Self { dir, folder, view, disk }
    }

    fn link(&self) -> LinkHandle {
        Link::new(self.disk.clone().into(), Duration::ZERO).spawn()
    }

    fn take(&self) -> Take {
        self.take_of("x")
    }

    fn take_of(&self, name: &str) -> Take {
        let path = RelPath::new(name).unwrap();
        let entry = self.view.entries[&path].clone();
        let Node::File(file) = entry.node.clone() else { panic!() };
        Take { path, entry, file, replaces: false }
    }

    fn only_piece(&self) -> Piece {
        let FileNode { size, content, .. } = self.take().file;
        Piece { content, chunk: ChunkRef { offset: 0, len: size as u32, hash: content.only_chunk() } }
    }
}

/// A chunk of `source`, and what came of the question.
async fn chunk(
    source: &SourceHandle,
    piece: Piece,
    patience: Duration,
) -> Result<Result<Bytes, ServeError>, CallError> {
    let chunks = source.chunks(vec![piece.wanted()]).timeout(patience).await?;
    Ok(chunks.looked_at(&[piece]).remove(0))
}

async fn fetch(fetcher: &Fetcher, take: Take, done: &AtomicU64) -> Result<Ready, FetchError> {
    let parcel = fetcher.parcel(&mut [take].into_iter().peekable()).unwrap();
    fetcher.fetch(parcel, done).await.remove(0).1
}

/// A fetcher for an empty folder that can ask these.
fn fetcher(here: &Arc<Folder>, take: &Take, peers: &[(SourceHandle, Snapshot)]) -> Fetcher {
    fetcher_of(here, std::slice::from_ref(take), peers)
}

fn fetcher_of(here: &Arc<Folder>, takes: &[Take], peers: &[(SourceHandle, Snapshot)]) -> Fetcher {
    let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
    let wanted = takes.iter().map(|take| take.file.content).collect();
    Fetcher::new(Arc::clone(here), 0, SHORT, reporter, &wanted, Index::new().unwrap().entries(), peers)
}

#[tokio::test]
async fn what_is_here_under_another_name_is_not_asked_for() {
    let mut data = vec![0; 1_000_000];
    blake3::Hasher::new().finalize_xof().fill(&mut data);
    let here = Shown::new(&data);
    let mut take = here.take();
    take.path = RelPath::new("moved").unwrap();
    let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
    let wanted = [take.file.content].into();
    let local = &here.view.entries;
    let fetcher = Fetcher::new(Arc::clone(&here.folder), 0, SHORT, reporter, &wanted, local, &[]);
    let done = AtomicU64::new(0);
    let ready = fetch(&fetcher, take, &done).await.unwrap();
    assert_eq!(done.into_inner(), 1_000_000);
    assert_eq!(ready.take.file.size, 1_000_000);
}

#[tokio::test]
async fn a_cut_link_answers_when_it_is_mended() {
    let shown = Shown::new(b"content");
    let (piece, link) = (shown.only_piece(), shown.link());
    let source = SourceHandle::from(link.clone());
    assert_eq!(chunk(&source, piece, LONG).await.unwrap().unwrap(), "content");
    link.cut().await.unwrap();
    assert!(matches!(chunk(&source, piece, SHORT).await, Err(CallError::TimedOut { .. })));
    let (answer, mended) = tokio::join!(chunk(&source, piece, LONG), link.mend());
    mended.unwrap();
    assert_eq!(answer.unwrap().unwrap(), "content");
}

#[tokio::test]
async fn a_disk_tells_what_is_new_and_lets_wait_who_knows_all() {
    let shown = Shown::new(b"content");
    let source = SourceHandle::from(shown.disk.clone());
    let mut known = Known::default();
    assert!(known.learn(source.changes(None).await.unwrap()));
    assert_eq!(known.view().entries, shown.view.entries);
    assert_eq!(source.when_changed(None).await.unwrap(), known.mark().unwrap());

    let waits = source.when_changed(known.mark()).start();
    // The same again is no news; the next is.
    shown.disk.publish(shown.view.clone()).await.unwrap();
    assert!(source.when_changed(known.mark()).timeout(SHORT).await.is_err());
    let mut index = Index::new().unwrap();
    fs::write(shown.dir.path().join("y"), "new").unwrap();
    index.observe(&scan(shown.dir.path(), &index).unwrap());
    shown.disk.publish(index.snapshot()).await.unwrap();
    let now = waits.await.unwrap();
    assert!(known.learn(source.changes(known.mark()).await.unwrap()));
    assert_eq!((known.mark(), known.view().peer), (Some(now), index.snapshot().peer));
    assert!(known.view().entries.contains_key(&RelPath::new("y").unwrap()));
}

#[tokio::test]
async fn what_a_disk_does_not_have_it_says() {
    let shown = Shown::new(b"content");
    let (piece, source) = (shown.only_piece(), SourceHandle::from(shown.disk.clone()));
    let (content, _) = crate::chunk::content_of(&b"other"[..]).unwrap();
    assert_eq!(chunk(&source, Piece { content, ..piece }, LONG).await.unwrap(), Err(ServeError::Absent));
    fs::write(shown.dir.path().join("x"), "changed").unwrap();
    assert_eq!(chunk(&source, piece, LONG).await.unwrap(), Err(ServeError::Changed));
}

#[tokio::test]
async fn a_fetch_goes_on_with_another_peer() {
    let mut data = vec![0; 1_000_000];
    blake3::Hasher::new().finalize_xof().fill(&mut data);
    let (cut, changed, good) = (Shown::new(&data), Shown::new(&data), Shown::new(&data));
    fs::write(changed.dir.path().join("x"), vec![1; 1_000_000]).unwrap();
    let links = [cut.link(), changed.link(), good.link()];
    links[0].cut().await.unwrap();
    let take = good.take();
    // The views come from the indexes; what the files became since only shows when they are asked for.
    let peers: Vec<_> = links.iter().map(|link| (link.clone().into(), good.view.clone())).collect();

    let here = Shown::new(b"");
    let ready = fetch(&fetcher(&here.folder, &take, &peers), take.clone(), &AtomicU64::new(0)).await.unwrap();
    assert_eq!(ready.take.file, take.file);
    let temps: Vec<_> = fs::read_dir(here.folder.tmp()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(temps.len() == 1 && fs::read(&temps[0]).unwrap() == data);
    drop(ready);

    let nobody = fetch(&fetcher(&here.folder, &take, &peers[..1]), take.clone(), &AtomicU64::new(0)).await;
    assert!(matches!(nobody, Err(FetchError::NotServed(CallError::TimedOut { .. }))));
    let nobody = fetch(&fetcher(&here.folder, &take, &[]), take, &AtomicU64::new(0)).await;
    assert!(matches!(nobody, Err(FetchError::NoSource)));
    assert_eq!(fs::read_dir(here.folder.tmp()).unwrap().count(), 0);
}

#[tokio::test]
async fn small_files_come_together_and_each_from_whoever_has_it() {
    let files: [(&str, &[u8]); 4] = [("a", b"1"), ("b", b"2"), ("c", b"3"), ("empty", b"")];
    let (cut, changed, good) = (Shown::with(&files), Shown::with(&files), Shown::with(&files[1..3]));
    fs::write(changed.dir.path().join("b"), "edited since").unwrap();
    fs::remove_file(changed.dir.path().join("c")).unwrap();
    let links = [cut.link(), changed.link(), good.link()];
    links[0].cut().await.unwrap();
    let views = [&cut, &changed, &good].map(|shown| shown.view.clone());
    let peers: Vec<_> = links.iter().cloned().map(SourceHandle::from).zip(views).collect();
    let takes: Vec<_> = files.iter().map(|(name, _)| cut.take_of(name)).collect();

    let (here, asked) = (Shown::new(b"x"), Instant::now());
    let fetcher = fetcher_of(&here.folder, &takes, &peers);
    let mut queue = takes.into_iter().peekable();
    let parcel = fetcher.parcel(&mut queue).unwrap();
    assert!(queue.peek().is_none() && parcel.takes().len() == 4);
    for (path, fetched) in fetcher.fetch(parcel, &AtomicU64::new(0)).await {
        let Ready { take, content } = fetched.unwrap();
        let (_, due) = files.iter().find(|(name, _)| *name == path.to_string()).unwrap();
        assert!(take.path == path && matches!(content, Content::Small(data) if data == due));
    }
    assert_eq!(fetcher.carried(), 3);
    // The one that is cut off was waited for once, and not for each.
    assert!(asked.elapsed() < SHORT * 3);
}
