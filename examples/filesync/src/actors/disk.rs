//! The side of a folder that answers.

use std::collections::HashMap;
use std::sync::Arc;

use actor_core::prelude::*;

use crate::chunk::{ChunkRef, ContentId};
use crate::folder::Folder;
use crate::index::Snapshot;
use crate::serve::{Holder, Page, ServeError};

/// Answers what other peers ask about a folder. It asks nobody.
///
/// The answers are read on threads of their own and sent from there, so the actor is free for the next question while
/// the disk turns.
#[actor]
#[derive(Debug)]
pub(crate) struct Disk {
    folder: Arc<Folder>,
    view: Snapshot,
    /// A file for each content. Contents are asked for and not names: a name may mean something else by the time that
    /// it arrives, and a peer has no business with names that it was not told.
    files: HashMap<ContentId, Holder>,
    is_paused: bool,
}

#[actor]
impl Disk {
    pub(crate) fn new(folder: Arc<Folder>, view: Snapshot) -> Self {
        let mut disk = Self { folder, files: HashMap::new(), view: view.clone(), is_paused: false };
        disk.publish(view);
        disk
    }

    /// Shows `view` from now on. All that it says must be on the disk.
    pub(crate) fn publish(&mut self, view: Snapshot) {
        let root = self.folder.root();
        self.files = view
            .entries
            .iter()
            .filter_map(|(path, entry)| {
                let file = entry.node.file()?;
                Some((file.content, Holder::new(path, file, root)))
            })
            .collect();
        self.view = view;
    }

    /// The index of the folder.
    #[message(when = !self.is_paused)]
    pub(crate) fn index(&self) -> Snapshot {
        self.view.clone()
    }

    /// Part of the list of chunks of a content; see [`Holder::page`].
    #[message(when = !self.is_paused)]
    pub(crate) fn page(&self, content: ContentId, from: u64, reply: ReplyTo<Result<Page, ServeError>>) {
        self.read(content, reply, move |file| file.page(from));
    }

    /// One chunk of a content; see [`Holder::chunk`].
    #[message(when = !self.is_paused)]
    pub(crate) fn chunk(
        &self,
        content: ContentId,
        chunk: ChunkRef,
        reply: ReplyTo<Result<Vec<u8>, ServeError>>,
    ) {
        self.read(content, reply, move |file| file.chunk(chunk));
    }

    /// Answers nothing until [`resume`](Self::resume), as a machine that sleeps.
    pub(crate) fn pause(&mut self) {
        self.is_paused = true;
    }

    /// Answers again, also what was asked during the pause by those who still wait.
    pub(crate) fn resume(&mut self) {
        self.is_paused = false;
    }

    /// An answer that comes too late is of no use to anybody, so nobody is told of it.
    fn read<T: Send + 'static>(
        &self,
        content: ContentId,
        reply: ReplyTo<Result<T, ServeError>>,
        part: impl FnOnce(Holder) -> Result<T, ServeError> + Send + 'static,
    ) {
        let file = self.files.get(&content).cloned();
        tokio::task::spawn_blocking(move || reply.send(file.ok_or(ServeError::Absent).and_then(part)));
    }
}
