//! The side of a folder that answers.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use actor_core::prelude::*;
use serde_bytes::ByteBuf;

use super::source::Source;
use crate::changes::{Changes, Mark, Shown};
use crate::chunk::{ChunkRef, ContentId};
use crate::folder::Folder;
use crate::index::Snapshot;
use crate::serve::{Holder, Page, ServeError};

/// Answers what other peers ask about a folder. It asks nobody.
///
/// The answers are read on threads of their own and sent from there, so the actor is free for the next question while
/// the disk turns. Its mailbox has room for what many peers ask at the same time: from elsewhere nobody waits for room.
#[actor(mailbox = 1024)]
#[derive(Debug)]
pub(crate) struct Disk {
    folder: Arc<Folder>,
    shown: Shown,
    /// A file for each content. Contents are asked for and not names: a name may mean something else by the time that
    /// it arrives, and a peer has no business with names that it was not told.
    files: HashMap<ContentId, Holder>,
    /// Those who have asked for news.
    curious: Vec<(Option<Mark>, ReplyTo<Mark>)>,
}

#[actor]
impl Disk {
    pub(crate) fn new(folder: Arc<Folder>, view: Snapshot) -> io::Result<Self> {
        let mut disk =
            Self { folder, shown: Shown::new(view.clone())?, files: HashMap::new(), curious: Vec::new() };
        disk.publish(view);
        Ok(disk)
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
        self.shown.show(view);
        for (since, reply) in std::mem::take(&mut self.curious) {
            self.tell_news(since, reply);
        }
    }

    fn tell_news(&mut self, since: Option<Mark>, reply: ReplyTo<Mark>) {
        if self.shown.has_news(since) {
            let _ = reply.send(self.shown.mark());
        } else if !reply.caller_gone() {
            self.curious.push((since, reply));
        }
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

impl Source for Disk {
    fn changes(&mut self, _: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Changes>) {
        let _ = reply.send(self.shown.since(since));
    }

    fn when_changed(&mut self, _: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Mark>) {
        self.curious.retain(|(_, reply)| !reply.caller_gone());
        self.tell_news(since, reply);
    }

    /// See [`Holder::page`].
    fn page(
        &mut self,
        _: &mut Context<Self>,
        content: ContentId,
        from: u64,
        reply: ReplyTo<Result<Page, ServeError>>,
    ) {
        self.read(content, reply, move |file| file.page(from));
    }

    /// See [`Holder::chunk`].
    fn chunk(
        &mut self,
        _: &mut Context<Self>,
        content: ContentId,
        chunk: ChunkRef,
        reply: ReplyTo<Result<ByteBuf, ServeError>>,
    ) {
        self.read(content, reply, move |file| file.chunk(chunk).map(ByteBuf::from));
    }
}
