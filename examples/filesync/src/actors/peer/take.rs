//! Taking files: fetched in parcels, brought to the disk in batches.

use std::collections::BTreeSet;
use std::sync::Arc;

use actor_core::prelude::*;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use super::apply::Outcome;
use super::{Met, Peer};
use crate::error::Error;
use crate::fetch::{Fetcher, Ready};
use crate::folder::Folder;
use crate::index::Stamp;
use crate::path::RelPath;
use crate::plan::Take;
use crate::store::{Expect, Names, StepError, Steps, flush};

/// Parcels fetched at the same time, and bytes of them beyond which there are not more than a few: of two large files the first is to be on the
/// disk while the second one comes.
const PARCELS_AT_ONCE: usize = 16;
const BYTES_AT_ONCE: u64 = 64 * 1024 * 1024;
const FEW: usize = 2;

/// What ends a batch. To bring it to the disk costs nearly the same, however much that is.
const BATCH_FILES: usize = 2048;
const BATCH_BYTES: u64 = 64 * 1024 * 1024;
/// Contents that are in memory until then.
const BATCH_HELD: usize = 4 * 1024 * 1024;

impl Peer {
    /// Fetches files and gives them their names, batch by batch; the directories of those that it could not get.
    ///
    /// While one batch is brought to the disk the next one is fetched.
    pub(super) async fn take(
        &mut self,
        ctx: &mut Context<Self>,
        takes: Vec<Take>,
        fetcher: &Arc<Fetcher>,
        met: &mut Met,
    ) -> Result<BTreeSet<Option<RelPath>>, Error> {
        let mut failed = BTreeSet::new();
        let mut queue = takes.into_iter().peekable();
        let mut running = JoinSet::new();
        let (mut batch, mut placing) = (Batch::default(), Placing::default());
        let mut coming = 0;
        loop {
            while (running.len() < FEW || running.len() < PARCELS_AT_ONCE && coming < BYTES_AT_ONCE)
                && let Some(parcel) = fetcher.parcel(&mut queue)
            {
                coming += parcel.bytes();
                let fetcher = Arc::clone(fetcher);
                let done = self.doing.begin_transfers(parcel.takes());
                running.spawn(async move { (parcel.bytes(), fetcher.fetch(parcel, &done).await) });
            }
            let Some(ended) = ctx.serving(self, running.join_next()).await else { break };
            let (bytes, fetched) = ended.map_err(|panicked| Error::Actor(panicked.to_string()))?;
            coming -= bytes;
            for (path, fetched) in fetched {
                self.doing.end_transfer(&path);
                match fetched {
                    Ok(ready) => batch.push(ready),
                    Err(error) => {
                        failed.insert(path.parent());
                        self.failed(&path, &error, met);
                    }
                }
            }
            if batch.is_full() {
                self.place(ctx, std::mem::take(&mut batch), &mut placing, &mut failed, met).await?;
            }
        }
        self.place(ctx, batch, &mut placing, &mut failed, met).await?;
        while placing.is_under_way() {
            self.place(ctx, Batch::default(), &mut placing, &mut failed, met).await?;
        }
        Ok(failed)
    }

    /// Begins to bring a batch to the disk, as soon as the one before it has its names. What had its names before that is on the disk by
    /// then, and goes into the index.
    async fn place(
        &mut self,
        ctx: &mut Context<Self>,
        batch: Batch,
        placing: &mut Placing,
        failed: &mut BTreeSet<Option<RelPath>>,
        met: &mut Met,
    ) -> Result<(), Error> {
        let named = match placing.job.take() {
            Some(job) => {
                ctx.serving(self, job).await.map_err(|panicked| Error::Actor(panicked.to_string()))??
            }
            None => Named::default(),
        };
        let safe = std::mem::replace(&mut placing.named, named.files);
        if !(batch.files.is_empty() && named.names.is_empty()) {
            let files = batch.files.into_iter().map(|ready| (self.expected(&ready.take), ready)).collect();
            let folder = Arc::clone(&self.folder);
            placing.job = Some(spawn_blocking(move || name(&folder, files, &named.names)));
        }
        let placed = self.placed(safe, failed, met).await;
        if placed.is_err()
            && let Some(job) = placing.job.take()
        {
            // Nothing goes on behind the back of whoever tries again.
            let _ = ctx.serving(self, job).await;
        }
        placed
    }

    /// Notes files that are on the disk.
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
}

/// Files on their way to the disk.
#[derive(Default)]
struct Batch {
    files: Vec<Ready>,
    bytes: u64,
    held: usize,
}

impl Batch {
    fn push(&mut self, ready: Ready) {
        self.bytes += ready.take.file.size;
        self.held += ready.content.held();
        self.files.push(ready);
    }

    fn is_full(&self) -> bool {
        self.files.len() >= BATCH_FILES || self.bytes >= BATCH_BYTES || self.held >= BATCH_HELD
    }
}

/// Files that have their names, or could not get them. The names are on the disk when the next batch is.
#[derive(Default)]
struct Named {
    files: Vec<Outcome<Take, Stamp>>,
    names: Names,
}

/// The batch that is being brought to the disk, and the one before it.
#[derive(Default)]
struct Placing {
    job: Option<JoinHandle<Result<Named, Error>>>,
    named: Vec<Outcome<Take, Stamp>>,
}

impl Placing {
    fn is_under_way(&self) -> bool {
        self.job.is_some() || !self.named.is_empty()
    }
}

/// Brings the contents of files to the disk, and then gives them their names; and with them the names that were given before.
fn name(folder: &Folder, files: Vec<(Expect, Ready)>, before: &Names) -> Result<Named, Error> {
    let written: Vec<_> = files
        .into_iter()
        .map(|(expect, Ready { take, content })| {
            let whole = content.written(folder, &take.file).map_err(StepError::from);
            (expect, whole, take)
        })
        .collect();
    let whole: Vec<_> = written.iter().filter_map(|(_, whole, _)| whole.as_ref().ok()).collect();
    flush(folder, &whole, before).map_err(Error::io("write", folder.root()))?;
    let mut steps = Steps::new(folder);
    let files = written
        .into_iter()
        .map(|(expect, whole, take)| {
            let result = whole.and_then(|whole| steps.place(whole, &take.path, expect));
            (take, result)
        })
        .collect();
    Ok(Named { files, names: steps.names() })
}
