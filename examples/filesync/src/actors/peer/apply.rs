//! Taking the steps of a plan, in its order.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use actor_core::prelude::*;

use super::{Met, Peer, in_background};
use crate::actors::source::SourceHandle;
use crate::conflict;
use crate::error::Error;
use crate::fetch::Fetcher;
use crate::index::Snapshot;
use crate::path::RelPath;
use crate::plan::{Dir, Plan, Removal, Take};
use crate::store::{Expect, StepError, Steps};

pub(super) type Outcome<S, T = ()> = (S, Result<T, StepError>);

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
            self.patience,
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
    pub(super) fn expected(&self, take: &Take) -> Expect {
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

    pub(super) fn failed(&self, path: &RelPath, error: &dyn std::fmt::Display, met: &mut Met) {
        met.failed.push(format!("{}: {path}: {error}", self.folder.label()));
    }
}
