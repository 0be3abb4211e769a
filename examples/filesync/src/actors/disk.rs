//! The side of a folder that answers.

use std::collections::HashMap;
use std::sync::Arc;

use actor_core::prelude::*;

use super::ask::Ask;
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
    /// While it is paused, what it was asked.
    held: Option<Vec<Ask>>,
}

#[actor]
impl Disk {
    pub(crate) fn new(folder: Arc<Folder>, view: Snapshot) -> Self {
        let mut disk = Self { folder, files: HashMap::new(), view: view.clone(), held: None };
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
    pub(crate) fn index(&mut self, reply: ReplyTo<Snapshot>) {
        self.take(Ask::Index(reply));
    }

    /// Part of the list of chunks of a content; see [`Holder::page`].
    pub(crate) fn page(&mut self, content: ContentId, from: u64, reply: ReplyTo<Result<Page, ServeError>>) {
        self.take(Ask::Page { content, from, reply });
    }

    /// One chunk of a content; see [`Holder::chunk`].
    pub(crate) fn chunk(
        &mut self,
        content: ContentId,
        chunk: ChunkRef,
        reply: ReplyTo<Result<Vec<u8>, ServeError>>,
    ) {
        self.take(Ask::Chunk { content, chunk, reply });
    }

    /// Answers nothing until [`resume`](Self::resume), as a machine that sleeps.
    pub(crate) fn pause(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Answers again, also what was asked during the pause by those who still wait.
    pub(crate) fn resume(&mut self) {
        for ask in self.held.take().into_iter().flatten() {
            self.take(ask);
        }
    }

    fn take(&mut self, ask: Ask) {
        if ask.is_over() {
            return;
        }
        match &mut self.held {
            Some(held) => {
                held.retain(|ask| !ask.is_over());
                held.push(ask);
            }
            None => self.answer(ask),
        }
    }

    /// An answer that comes too late is of no use to anybody, so nobody is told of it.
    fn answer(&self, ask: Ask) {
        match ask {
            Ask::Index(reply) => drop(reply.send(self.view.clone())),
            Ask::Page { content, from, reply } => {
                let file = self.files.get(&content).cloned();
                tokio::task::spawn_blocking(move || {
                    reply.send(file.ok_or(ServeError::Absent).and_then(|file| file.page(from)))
                });
            }
            Ask::Chunk { content, chunk, reply } => {
                let file = self.files.get(&content).cloned();
                tokio::task::spawn_blocking(move || {
                    reply.send(file.ok_or(ServeError::Absent).and_then(|file| file.chunk(chunk)))
                });
            }
        }
    }
}
