//! The side of a folder that asks.

mod apply;
mod status;
mod take;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use futures::future::join_all;
use tokio::task::spawn_blocking;

use super::disk::DiskHandle;
use super::reporter::ReporterHandle;
use super::source::SourceHandle;
use crate::changes::Known;
use crate::error::Error;
use crate::folder::{Folder, Memory};
use crate::index::{Entries, Index, Snapshot};
use crate::merge::{has_all, merge};
use crate::path::RelPath;
use crate::plan::{Plan, plan};
use crate::scan::scan;

use status::Doing;
pub(crate) use status::{Status, Transfer};

/// The shortest time between two publications in the middle of a round.
const BETWEEN_PUBLISHING: Duration = Duration::from_secs(1);
/// One part of the time goes into publishing then, as against so many parts of work: the others take as long again to read what is new.
const WORK: u32 = 20;

/// Brings its folder to what all peers together come to.
///
/// It alone changes the folder and its index; the [`Disk`](super::disk::Disk) beside it shows them to the others, who
/// are answered while this one is busy.
///
/// It is supervised: one that crashed is made anew, and goes on from the index that it saved last. Between the saved index and the folder lies
/// no more than after a crash of the whole program, which comes to the same.
#[actor]
#[derive(Debug)]
pub(crate) struct Peer {
    /// Which one it is, for the reporter.
    number: usize,
    folder: Arc<Folder>,
    index: Index,
    disk: DiskHandle,
    reporter: ReporterHandle,
    /// How long an answer may take before another peer is asked.
    patience: Duration,
    trap: Trap,
    /// Another one was there before it, and crashed.
    is_anew: bool,
    /// What the last look at the folder could not see; neither it nor anything below is touched.
    blocked: BTreeSet<RelPath>,
    published: Instant,
    /// How long that took.
    publishing: Duration,
    doing: Doing,
    /// What the others have told of themselves: next time they tell only what is new.
    known: Vec<(SourceHandle, Known)>,
}

/// Makes a peer crash at the worst moment: files have got their names, and its index does not know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trap(Arc<AtomicU32>);

impl Trap {
    /// So many times.
    #[cfg(test)]
    pub(crate) fn set(&self, times: u32) {
        self.0.store(times, Ordering::Relaxed);
    }

    fn spring(&self) {
        let left = self.0.load(Ordering::Relaxed);
        if left > 0 {
            self.0.store(left - 1, Ordering::Relaxed);
            // Past the panic hook, which would print what is no fault.
            resume_unwind(Box::new("it was made to crash"));
        }
    }
}

/// What a look at the folder found.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) edited: usize,
    pub(crate) deleted: usize,
    /// Things that should be synced and cannot be.
    pub(crate) unreadable: BTreeMap<RelPath, String>,
    /// Things that are not synced, on purpose.
    pub(crate) ignored: BTreeMap<RelPath, String>,
}

/// What came of meeting the other peers once.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Steps taken, also those that changed no more than the index.
    pub(crate) steps: usize,
    pub(crate) taken: usize,
    pub(crate) bytes: u64,
    /// How many of the bytes came over links.
    pub(crate) carried: u64,
    pub(crate) removed: usize,
    pub(crate) conflicts: BTreeMap<RelPath, BTreeSet<RelPath>>,
    /// Who could not be asked.
    pub(crate) absent: Vec<String>,
    /// What could not be done for a reason that stays.
    pub(crate) blocked: Vec<RelPath>,
    /// What could not be done and may be possible when tried again.
    pub(crate) failed: Vec<String>,
}

impl Met {
    /// There was nothing to do and nothing left out.
    pub(crate) fn is_settled(&self) -> bool {
        self.steps == 0 && self.failed.is_empty() && self.absent.is_empty()
    }
}

#[actor]
impl Peer {
    /// Without an index it is one that takes the place of another, and reads that one's.
    pub(crate) fn new(
        number: usize,
        folder: Arc<Folder>,
        index: Option<Index>,
        disk: DiskHandle,
        reporter: ReporterHandle,
        patience: Duration,
        trap: Trap,
    ) -> Self {
        Self {
            number,
            folder,
            is_anew: index.is_none(),
            index: index.unwrap_or_default(),
            disk,
            reporter,
            patience,
            trap,
            blocked: BTreeSet::new(),
            published: Instant::now(),
            publishing: Duration::ZERO,
            doing: Doing::default(),
            known: Vec::new(),
        }
    }

    #[on_start]
    async fn recall(&mut self) -> Result<(), Error> {
        if self.is_anew {
            let folder = Arc::clone(&self.folder);
            (self.index, _) = in_background(move || remember(&folder)).await?;
        }
        Ok(())
    }

    /// Looks at the folder, and shows the others what has changed in it.
    pub(crate) async fn look(&mut self, ctx: &mut Context<Self>) -> Result<Looked, Error> {
        let (folder, index) = (Arc::clone(&self.folder), self.index.clone());
        let scan =
            in_background(move || scan(folder.root(), &index).map_err(Error::io("list", folder.root())));
        let mut scan = ctx.serving(self, scan).await?;
        let lists = std::mem::take(&mut scan.lists);
        if !lists.is_empty() {
            // Without them it works as well, if not as fast.
            let _ = self.disk.remember(lists).tell().await;
        }
        let observed = self.index.observe(&scan);
        self.blocked = scan.blocked_paths();
        self.publish().await?;
        let mut looked = Looked { edited: observed.edited, deleted: observed.deleted, ..Looked::default() };
        for (path, skip) in scan.blocked {
            let list = if skip.is_failure() { &mut looked.unreadable } else { &mut looked.ignored };
            list.insert(path, skip.to_string());
        }
        Ok(looked)
    }

    /// Asks all other peers what they hold, and does what follows from that for this folder.
    pub(crate) async fn meet(
        &mut self,
        ctx: &mut Context<Self>,
        sources: &[SourceHandle],
    ) -> Result<Met, Error> {
        let mut met = Met::default();
        self.doing.begin();
        let patience = self.patience;
        // Those who are not asked any more are forgotten.
        let mut known = std::mem::take(&mut self.known);
        let asked = sources.iter().map(|source| {
            let before = known.iter().position(|(of, _)| of == source);
            let known = before.map(|at| known.swap_remove(at).1).unwrap_or_default();
            catch_up(source, known, patience)
        });
        let answers = ctx.serving(self, join_all(asked)).await;
        let mut peers: Vec<(SourceHandle, Snapshot)> = Vec::new();
        for (source, (known, answer)) in sources.iter().zip(answers) {
            match answer {
                Ok(()) => peers.push((source.clone(), known.view().clone())),
                Err(error) => met
                    .absent
                    .push(format!("{}: another folder cannot be reached: {error}", self.folder.label())),
            }
            self.known.push((source.clone(), known));
        }
        if peers.iter().any(|(_, view)| self.index.has_twin(view)) {
            self.index.rekey().map_err(Error::io("draw an id for", self.folder.root()))?;
        }
        let sides: Vec<Arc<Entries>> = std::iter::once(self.index.entries())
            .chain(peers.iter().map(|(_, view)| &view.entries))
            .cloned()
            .collect();
        self.doing.in_step = sides.iter().skip(1).filter(|side| **side == sides[0]).count();
        // The usual case on a run that has nothing to do, and much less work than a merge.
        if self.doing.in_step < peers.len() {
            let (local, blocked) = (Arc::clone(self.index.entries()), self.blocked.clone());
            let merging = in_background(move || {
                let sides: Vec<_> = sides.iter().map(Arc::as_ref).collect();
                if has_all(&local, &sides[1..]) {
                    return Ok((BTreeMap::new(), Plan::default()));
                }
                let merged = merge(&sides);
                let plan = plan(&local, &merged, &blocked);
                Ok((merged.conflicts, plan))
            });
            let (conflicts, plan) = ctx.serving(self, merging).await?;
            met.conflicts = conflicts;
            self.apply(ctx, plan, &peers, &mut met).await?;
        }
        self.publish().await?;
        Ok(met)
    }

    /// What it is at, also while it looks at its folder or waits for the others.
    #[message(interleave)]
    pub(crate) fn status(&self) -> Status {
        self.doing.status(self.index.snapshot())
    }

    /// The folder as its index has it.
    pub(crate) fn view(&self) -> Snapshot {
        self.index.snapshot()
    }

    /// Saves the index and shows it to the others.
    async fn publish(&mut self) -> Result<(), Error> {
        let begin = Instant::now();
        if self.index.is_dirty() {
            let (folder, index) = (Arc::clone(&self.folder), self.index.clone());
            in_background(move || folder.save(&index)).await?;
            self.index.saved();
        }
        let published = self.disk.publish(self.index.snapshot()).await;
        self.published = Instant::now();
        self.publishing = self.published - begin;
        published.map_err(|error| Error::Actor(error.to_string()))
    }

    /// Does so if it was not done lately: both cost more, the more files there are.
    ///
    /// A crash in between costs nothing but time: what was placed is found as if the user had put it there, and is the same
    /// as the others have.
    async fn publish_now_and_then(&mut self) -> Result<(), Error> {
        let pause = BETWEEN_PUBLISHING.max(self.publishing * WORK);
        if self.published.elapsed() < pause { Ok(()) } else { self.publish().await }
    }
}

/// Lets another folder tell what it has not told yet.
async fn catch_up(
    source: &SourceHandle,
    mut known: Known,
    patience: Duration,
) -> (Known, Result<(), CallError>) {
    loop {
        match source.changes(known.mark()).timeout(patience).await {
            Ok(changes) => {
                if known.learn(changes) {
                    return (known, Ok(()));
                }
            }
            Err(error) => return (known, Err(error)),
        }
    }
}

/// The index of a folder, with what the user should know about it.
pub(crate) fn remember(folder: &Folder) -> Result<(Index, Option<String>), Error> {
    let memory = folder.load()?;
    let note = match &memory {
        Memory::Kept(_) | Memory::None(_) => None,
        Memory::Damaged(_, why) => Some(format!(
            "{}: its state in .filesync is damaged ({why}); it is made anew from the files",
            folder.label()
        )),
        Memory::Copied(_) => Some(format!(
            "{}: its state was copied from another folder; it has a new identity now",
            folder.label()
        )),
    };
    Ok((memory.into_index(), note))
}

/// Runs what waits for the disk, or thinks long, on a thread of its own.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work).await.unwrap_or_else(|panicked| Err(Error::Actor(panicked.to_string())))
}
