//! The side of a folder that answers.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use actor_core::prelude::*;

use super::source::Source;
use crate::changes::{Changes, Mark, Shown};
use crate::chunk::ContentId;
use crate::folder::Folder;
use crate::index::Snapshot;
use crate::serve::{Chunks, Holder, Lists, Page, ServeError, Wanted};

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
    lists: Lists,
    /// Those who have asked for news.
    curious: Vec<(Option<Mark>, ReplyTo<Mark>)>,
}

#[actor]
impl Disk {
    pub(crate) fn new(folder: Arc<Folder>, view: Snapshot) -> io::Result<Self> {
        let (shown, lists) = (Shown::new(view.clone())?, Lists::default());
        let mut disk = Self { folder, shown, files: HashMap::new(), lists, curious: Vec::new() };
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

    /// Has lists of chunks at hand, in place of those before.
    #[message]
    pub(crate) fn remember(&mut self, lists: Lists) {
        self.lists = lists;
    }

    fn tell_news(&mut self, since: Option<Mark>, reply: ReplyTo<Mark>) {
        if self.shown.has_news(since) {
            let _ = reply.send(self.shown.mark());
        } else if !reply.caller_gone() {
            self.curious.push((since, reply));
        }
    }

    fn file(&self, content: ContentId) -> Option<Holder> {
        self.files.get(&content).cloned()
    }
}

/// Answers from a thread of its own. An answer that comes too late is of no use to anybody, so nobody is told of it.
fn answer<T: Send + 'static>(reply: ReplyTo<T>, read: impl FnOnce() -> T + Send + 'static) {
    tokio::task::spawn_blocking(move || reply.send(read()));
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
        let (file, list) = (self.file(content), self.lists.get(content));
        answer(reply, move || file.ok_or(ServeError::Absent)?.page(from, list.as_deref()));
    }

    /// See [`Chunks::read`].
    fn chunks(&mut self, _: &mut Context<Self>, wanted: Vec<Wanted>, reply: ReplyTo<Chunks>) {
        let wanted: Vec<_> = wanted.into_iter().map(|wanted| (wanted, self.file(wanted.content))).collect();
        answer(reply, move || Chunks::read(&wanted));
    }
}
