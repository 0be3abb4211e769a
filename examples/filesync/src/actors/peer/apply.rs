//! Taking the steps of a plan, in its order.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use actor_core::prelude::*;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use super::{Met, Peer, in_background};
use crate::actors::source::SourceHandle;
use crate::conflict;
use crate::error::Error;
use crate::fetch::{Fetcher, Ready};
use crate::index::{Snapshot, Stamp};
use crate::path::RelPath;
use crate::plan::{Dir, Plan, Removal, Take};
use crate::store::{Expect, StepError, Steps, flush_all};

/// Files fetched at the same time.
const FILES_AT_ONCE: usize = 16;
/// So much is fetched before it is brought to the disk and given its names, if the number of files does not end it.
const BATCH_BYTES: u64 = 64 * 1024 * 1024;

type Outcome<S, T = ()> = (S, Result<T, StepError>);

impl Peer {
    pub(super) async fn apply(
        &mut self,
        ctx: &mut Context<Self>,
        mut plan: Plan,
        peers: &[(SourceHandle, Snapshot)],
        met: &mut Met,
    ) -> Result<(), Error> {
        met.blocked = std::mem::take(&mut plan.blocked);
        let (files, bytes) = plan.amount();
        self.doing.expect(files);
        if files > 0 {
            let _ = self.reporter.expect(self.number, files, bytes).tell().await;
        }
        let wanted: HashSet<_> =
            plan.copies.iter().flatten().chain(&plan.files).map(|take| take.file.content).collect();
        let fetcher = Arc::new(Fetcher::new(
            Arc::clone(&self.folder),
            self.number,
            self.settings.patience,
            self.reporter.clone(),
            &wanted,
            self.index.entries(),
            peers,
        ));

        // A copy that cannot be kept must not cost what it is a copy of: nothing beside it is changed this time.
        let has_copies = !plan.copies.is_empty();
        let mut unsafe_dirs: BTreeSet<_> =
            met.blocked.iter().filter(|path| conflict::is_copy(path)).map(RelPath::parent).collect();
        for mut copies in plan.copies {
            copies.retain(|take| {
                !met.conflicts.contains_key(&take.path) || !unsafe_dirs.contains(&take.path.parent())
            });
            unsafe_dirs.extend(self.take(ctx, copies, &fetcher, met).await?);
        }
        if has_copies {
            // From now on others find here what is about to be replaced.
            self.publish().await?;
        }
        let is_safe = |path: &RelPath| !unsafe_dirs.contains(&path.parent());
        plan.adopt.retain(|(path, _)| is_safe(path));
        plan.clear.retain(|removal| is_safe(&removal.path));
        plan.dirs.retain(|dir| is_safe(&dir.path));
        plan.files.retain(|take| is_safe(&take.path));
        plan.touch.retain(|take| is_safe(&take.path));
        plan.remove.retain(|removal| is_safe(&removal.path));

        met.steps += plan.adopt.len();
        for (path, entry) in plan.adopt {
            let stamp = self.index.stamp(&path).copied();
            self.index.set(&path, entry, stamp);
        }
        self.remove(plan.clear, met).await?;
        let closed: Vec<Dir> = plan.dirs.iter().filter(|dir| dir.is_closed()).cloned().collect();
        plan.dirs.retain(|dir| !(dir.exists && dir.is_closed()));
        self.make_dirs(plan.dirs, met).await?;
        self.take(ctx, plan.files, &fetcher, met).await?;
        met.carried = fetcher.carried();
        self.touch(plan.touch, met).await?;
        self.remove(plan.remove, met).await?;
        self.close_dirs(closed, met).await
    }

    /// Fetches files and gives them their names, batch by batch; the directories of those that it could not get.
    ///
    /// While one batch is brought to the disk the next one is fetched.
    async fn take(
        &mut self,
        ctx: &mut Context<Self>,
        takes: Vec<Take>,
        fetcher: &Arc<Fetcher>,
        met: &mut Met,
    ) -> Result<BTreeSet<Option<RelPath>>, Error> {
        let mut failed = BTreeSet::new();
        let mut queue = takes.into_iter();
        let mut running = JoinSet::new();
        let mut batch = Batch::default();
        let mut placing = None;
        loop {
            while running.len() < FILES_AT_ONCE
                && let Some(take) = queue.next()
            {
                let fetcher = Arc::clone(fetcher);
                let done = self.doing.begin_transfer(&take);
                running.spawn(async move {
                    let path = take.path.clone();
                    (path, fetcher.fetch(take, &done).await)
                });
            }
            let next = ctx.serving(self, running.join_next()).await;
            let is_last = next.is_none();
            if let Some(ended) = next {
                let (path, fetched) = ended.map_err(|panicked| Error::Actor(panicked.to_string()))?;
                self.doing.end_transfer(&path);
                match fetched {
                    Ok(ready) => batch.push(ready),
                    Err(error) => {
                        failed.insert(path.parent());
                        self.failed(&path, &error, met);
                    }
                }
            }
            if is_last || batch.files.len() >= self.settings.batch || batch.bytes >= BATCH_BYTES {
                let next = self.place(std::mem::take(&mut batch));
                // It has begun, and is waited for when there is another one, or nothing else to wait for.
                let before = placing.replace(next);
                let last = placing.take_if(|_| is_last);
                for before in before.into_iter().chain(last) {
                    let placed = ctx.serving(self, before).await;
                    let done = match placed.unwrap_or_else(|panicked| Err(Error::Actor(panicked.to_string())))
                    {
                        Ok(placed) => self.placed(placed, &mut failed, met).await,
                        Err(error) => Err(error),
                    };
                    if let Err(error) = done {
                        // Nothing goes on behind the back of whoever tries again.
                        if let Some(last) = placing.take() {
                            let _ = ctx.serving(self, last).await;
                        }
                        return Err(error);
                    }
                }
            }
            if is_last {
                return Ok(failed);
            }
        }
    }

    /// Brings files to the disk and gives them their names, from now on and on a thread of its own.
    fn place(&self, batch: Batch) -> JoinHandle<Result<Vec<Outcome<Take, Stamp>>, Error>> {
        let batch: Vec<_> =
            batch.files.into_iter().map(|ready| (self.expected(&ready.take), ready)).collect();
        let folder = Arc::clone(&self.folder);
        spawn_blocking(move || {
            let io = |error| Error::io("write", folder.root())(error);
            let batch: Vec<_> = batch
                .into_iter()
                .map(|(expect, Ready { take, content })| {
                    let temp = content.written(&folder, &take.file).map_err(StepError::from);
                    (expect, temp, take)
                })
                .collect();
            flush_all(&batch.iter().filter_map(|(_, temp, _)| temp.as_ref().ok()).collect::<Vec<_>>())
                .map_err(io)?;
            let mut steps = Steps::new(&folder);
            let placed = batch
                .into_iter()
                .map(|(expect, temp, take)| {
                    let result = temp.and_then(|temp| steps.place(temp, &take.path, expect));
                    (take, result)
                })
                .collect();
            steps.flush().map_err(io)?;
            Ok(placed)
        })
    }

    async fn placed(
        &mut self,
        placed: Vec<Outcome<Take, Stamp>>,
        failed: &mut BTreeSet<Option<RelPath>>,
        met: &mut Met,
    ) -> Result<(), Error> {
        if placed.is_empty() {
            return Ok(());
        }
        for (take, result) in placed {
            match result {
                Ok(stamp) => {
                    met.steps += 1;
                    met.taken += 1;
                    met.bytes += take.file.size;
                    self.index.set(&take.path, take.entry, Some(stamp));
                }
                Err(error) => {
                    failed.insert(take.path.parent());
                    self.failed(&take.path, &error, met);
                }
            }
        }
        self.trap.spring();
        self.publish_now_and_then().await
    }

    async fn touch(&mut self, takes: Vec<Take>, met: &mut Met) -> Result<(), Error> {
        let takes = takes.into_iter().map(|take| (self.expected(&take), take)).collect();
        let done =
            self.steps(takes, |steps, (expect, take)| steps.touch(&take.path, &take.file, *expect)).await?;
        for ((_, take), result) in done {
            if let Some(stamp) = self.outcome(&take.path, result, met) {
                self.index.set(&take.path, take.entry, Some(stamp));
            }
        }
        Ok(())
    }

    async fn remove(&mut self, removals: Vec<Removal>, met: &mut Met) -> Result<(), Error> {
        let removals = removals.into_iter().map(|removal| (self.file_at(&removal.path), removal)).collect();
        let done = self
            .steps(removals, |steps, (expect, removal)| match removal.is_dir {
                true => steps.remove_dir(&removal.path),
                false => steps.remove_file(&removal.path, *expect),
            })
            .await?;
        for ((_, removal), result) in done {
            if self.outcome(&removal.path, result, met).is_some()
                && let Some(tombstone) = removal.entry
            {
                met.removed += 1;
                self.index.set(&removal.path, tombstone, None);
            }
        }
        Ok(())
    }

    async fn make_dirs(&mut self, dirs: Vec<Dir>, met: &mut Met) -> Result<(), Error> {
        let done = self
            .steps(dirs, |steps, dir| match dir.exists {
                true => steps.set_dir_mode(&dir.path, dir.mode),
                false => steps.make_dir(&dir.path, dir.mode),
            })
            .await?;
        for (dir, result) in done {
            // A closed directory is as it must be only when it is closed.
            if self.outcome(&dir.path, result, met).is_some() && !dir.is_closed() {
                self.index.set(&dir.path, dir.entry, None);
            }
        }
        Ok(())
    }

    async fn close_dirs(&mut self, mut dirs: Vec<Dir>, met: &mut Met) -> Result<(), Error> {
        dirs.reverse();
        let done = self.steps(dirs, |steps, dir| steps.set_dir_mode(&dir.path, dir.mode)).await?;
        for (dir, result) in done {
            if self.outcome(&dir.path, result, met).is_some() {
                self.index.set(&dir.path, dir.entry, None);
            }
        }
        Ok(())
    }

    /// Takes one kind of step for each of `list`, and brings them all to the disk.
    async fn steps<S: Send + 'static, T: Send + 'static>(
        &self,
        list: Vec<S>,
        step: impl Fn(&mut Steps<'_>, &S) -> Result<T, StepError> + Send + 'static,
    ) -> Result<Vec<Outcome<S, T>>, Error> {
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let folder = Arc::clone(&self.folder);
        in_background(move || {
            let mut steps = Steps::new(&folder);
            let done = list
                .into_iter()
                .map(|one| {
                    let result = step(&mut steps, &one);
                    (one, result)
                })
                .collect();
            steps.flush().map_err(Error::io("write", folder.root()))?;
            Ok(done)
        })
        .await
    }

    /// What must be at the path for the file to be put there.
    fn expected(&self, take: &Take) -> Expect {
        if take.replaces { self.file_at(&take.path) } else { Expect::Absent }
    }

    /// The file that the index says is there.
    fn file_at(&self, path: &RelPath) -> Expect {
        let file = self.index.entries().get(path).and_then(|entry| entry.node.file());
        match (self.index.stamp(path), file) {
            (Some(stamp), Some(file)) => Expect::File(*stamp, file.content),
            _ => Expect::Absent,
        }
    }

    fn outcome<T>(&self, path: &RelPath, result: Result<T, StepError>, met: &mut Met) -> Option<T> {
        match result {
            Ok(done) => {
                met.steps += 1;
                Some(done)
            }
            Err(error) => {
                self.failed(path, &error, met);
                None
            }
        }
    }

    fn failed(&self, path: &RelPath, error: &dyn std::fmt::Display, met: &mut Met) {
        met.failed.push(format!("{}: {path}: {error}", self.folder.label()));
    }
}

/// Files on their way to the disk.
#[derive(Default)]
struct Batch {
    files: Vec<Ready>,
    bytes: u64,
}

impl Batch {
    fn push(&mut self, ready: Ready) {
        self.bytes += ready.take.file.size;
        self.files.push(ready);
    }
}
