//! Links that are cut, disks that others ask, and what a fetch makes of them.

mod copies;
mod links;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actor_core::prelude::*;

use super::disk::{Disk, DiskHandle};
use super::link::{Link, LinkHandle};
use super::reporter::Reporter;
use super::source::SourceHandle;
use crate::changes::Known;
use crate::chunk::{ChunkRef, ContentId};
use crate::fetch::{FetchError, Fetcher};
use crate::folder::Folder;
use crate::index::{Index, Node, Snapshot};
use crate::path::RelPath;
use crate::plan::Take;
use crate::progress::View;
use crate::scan::scan;
use crate::serve::ServeError;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(20);

/// A folder with a file `x`, and its disk.
struct Shown {
    dir: tempfile::TempDir,
    folder: Arc<Folder>,
    view: Snapshot,
    disk: DiskHandle,
}

impl Shown {
    fn new(content: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x"), content).unwrap();
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
        let path = RelPath::new("x").unwrap();
        let entry = self.view.entries[&path].clone();
        let Node::File(file) = entry.node.clone() else { panic!() };
        Take { path, entry, file, replaces: false }
    }

    fn only_chunk(&self) -> (ContentId, ChunkRef) {
        let file = self.take().file;
        (file.content, ChunkRef { offset: 0, len: file.size as u32, hash: file.content.only_chunk() })
    }
}

/// A fetcher for an empty folder that can ask these.
fn fetcher(here: &Arc<Folder>, take: &Take, peers: &[(SourceHandle, Snapshot)]) -> Fetcher {
    let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
    let wanted = [take.file.content].into();
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
    let ready = fetcher.fetch(take, &done).await.unwrap();
    assert_eq!(done.into_inner(), 1_000_000);
    assert_eq!(ready.take.file.size, 1_000_000);
}

#[tokio::test]
async fn a_cut_link_answers_when_it_is_mended() {
    let shown = Shown::new(b"content");
    let (content, chunk) = shown.only_chunk();
    let link = shown.link();
    let source = SourceHandle::from(link.clone());
    assert_eq!(source.chunk(content, chunk).await.unwrap(), b"content");
    link.cut().await.unwrap();
    assert!(matches!(source.chunk(content, chunk).timeout(SHORT).await, Err(CallError::TimedOut { .. })));
    let (answer, mended) = tokio::join!(source.chunk(content, chunk).timeout(LONG), link.mend());
    mended.unwrap();
    assert_eq!(answer.unwrap(), b"content");
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
    let (content, chunk) = shown.only_chunk();
    let (other, _) = crate::chunk::content_of(&b"other"[..]).unwrap();
    let source = SourceHandle::from(shown.disk.clone());
    let absent = source.chunk(other, chunk).await;
    assert!(matches!(absent, Err(CallError::Handler(ServeError::Absent))));
    fs::write(shown.dir.path().join("x"), "changed").unwrap();
    let changed = source.chunk(content, chunk).await;
    assert!(matches!(changed, Err(CallError::Handler(ServeError::Changed))));
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
    let ready = fetcher(&here.folder, &take, &peers).fetch(take.clone(), &AtomicU64::new(0)).await.unwrap();
    assert_eq!(ready.take.file, take.file);
    let temps: Vec<_> = fs::read_dir(here.folder.tmp()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(temps.len() == 1 && fs::read(&temps[0]).unwrap() == data);
    drop(ready);

    let nobody = fetcher(&here.folder, &take, &peers[..1]).fetch(take.clone(), &AtomicU64::new(0)).await;
    assert!(matches!(nobody, Err(FetchError::NotServed(CallError::TimedOut { .. }))));
    let nobody = fetcher(&here.folder, &take, &[]).fetch(take, &AtomicU64::new(0)).await;
    assert!(matches!(nobody, Err(FetchError::NoSource)));
    assert_eq!(fs::read_dir(here.folder.tmp()).unwrap().count(), 0);
}
