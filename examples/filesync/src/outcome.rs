//! What was done, as the user reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::actors::peer::{Looked, Met};
use crate::actors::reporter::ReporterHandle;
use crate::index::{Entries, Node};
use crate::path::RelPath;
use crate::show::{bytes, count};

/// What a run, or a round of one peer, has done.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rounds: usize,
    pub(crate) steps: usize,
    pub(crate) took: Duration,
    pub(crate) files: usize,
    pub(crate) dirs: usize,
    taken: usize,
    bytes: u64,
    carried: u64,
    removed: usize,
    pub(crate) conflicts: BTreeMap<RelPath, BTreeSet<RelPath>>,
    /// What should be the same everywhere and is not, a line each.
    pub(crate) skipped: BTreeSet<String>,
}

impl Outcome {
    /// All was the same before.
    pub(crate) fn is_idle(&self) -> bool {
        self.steps == 0 && self.skipped.is_empty()
    }

    /// What the look at a folder found; `None` if its peer crashed.
    pub(crate) fn add_look(&mut self, label: &str, looked: Option<Looked>) {
        match looked {
            Some(looked) => self
                .skipped
                .extend(looked.unreadable.iter().map(|(path, why)| format!("{label}: {path}: {why}"))),
            None => drop(self.skipped.insert(crashed(label))),
        }
    }

    /// What came of meeting the others; `None` if the peer crashed.
    pub(crate) fn add_meeting(&mut self, label: &str, met: Option<Met>) {
        let Some(met) = met else {
            self.skipped.insert(crashed(label));
            return;
        };
        self.steps += met.steps;
        self.taken += met.taken;
        self.bytes += met.bytes;
        self.carried += met.carried;
        self.removed += met.removed;
        self.skipped.extend(met.failed);
        self.skipped.extend(met.blocked.iter().map(|path| {
            format!("{label}: {path} is left as it is: something that is not synced is in its place or in it")
        }));
        for (path, copies) in met.conflicts {
            self.conflicts.entry(path).or_default().extend(copies);
        }
    }

    pub(crate) fn count(&mut self, entries: &Entries) {
        for entry in entries.values() {
            match entry.node {
                Node::File(_) => self.files += 1,
                Node::Dir { .. } => self.dirs += 1,
                Node::Tombstone => {}
            }
        }
    }

    /// A line for each conflict.
    pub(crate) fn conflict_lines(&self) -> impl Iterator<Item = String> {
        self.conflicts.iter().map(|(path, copies)| {
            let copies = copies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("conflict: {path} was changed in two places; the other version is kept as {copies}")
        })
    }

    /// `3 files taken (1.2 MiB, 800 B over links), 1 removed`
    pub(crate) fn work(&self) -> String {
        let mut done = Vec::new();
        if self.taken > 0 {
            let (files, size) = (count(self.taken, "file"), bytes(self.bytes));
            done.push(format!("{files} taken ({size}, {} over links)", bytes(self.carried)));
        }
        if self.removed > 0 {
            done.push(format!("{} removed", self.removed));
        }
        if !self.conflicts.is_empty() {
            done.push(count(self.conflicts.len(), "conflict"));
        }
        if done.is_empty() {
            done.push(if self.steps == 0 { "nothing to do" } else { "no contents moved" }.to_owned());
        }
        done.join(", ")
    }
}

fn crashed(label: &str) -> String {
    format!("{label}: it is not known to be like the others: its peer crashed")
}

/// Says what happened in a folder since it was last looked at, and, if asked for, what is left out on purpose.
pub(crate) async fn mention(reporter: &ReporterHandle, label: &str, looked: &Looked, ignored: bool) {
    if looked.edited + looked.deleted > 0 {
        let line = format!("{label}: {} new or edited, {} deleted", looked.edited, looked.deleted);
        let _ = reporter.say(line).tell().await;
    }
    for (path, why) in looked.ignored.iter().filter(|_| ignored) {
        let line = format!("{label}: {path} is not synced: {why}");
        let _ = reporter.warn(line).tell().await;
    }
}
