//! What a folder shows to others, wherever they are.

use actor_core::prelude::*;
use serde::{Deserialize, Serialize};

use crate::changes::{Changes, Mark};
use crate::chunk::ContentId;
use crate::serve::{Chunks, Page, ServeError, Wanted};

/// A folder to take from. A handle of it leads to an actor in this process or in one elsewhere, and whoever asks need not know.
///
/// All that a peer elsewhere may do with a folder is here: it can read what the index shows, and nothing else.
#[actor(derive(Serialize, Deserialize), derive_message(Clone))]
pub(crate) trait Source {
    /// Lets questions through.
    #[message(skip)]
    fn is_open(&self) -> bool {
        true
    }

    /// Part of what the folder's index says: what has changed since a mark.
    #[message(when = self.is_open())]
    fn changes(&mut self, ctx: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Changes>);

    /// Answers when something has changed since a mark, with the one from where all is known.
    #[message(when = self.is_open())]
    fn when_changed(&mut self, ctx: &mut Context<Self>, since: Option<Mark>, reply: ReplyTo<Mark>);

    /// Part of the list of chunks of a content.
    #[message(when = self.is_open())]
    fn page(
        &mut self,
        ctx: &mut Context<Self>,
        content: ContentId,
        from: u64,
        reply: ReplyTo<Result<Page, ServeError>>,
    );

    /// Chunks of contents: the answer has all that are there, and says of each other one why it is not.
    #[message(when = self.is_open())]
    fn chunks(&mut self, ctx: &mut Context<Self>, wanted: Vec<Wanted>, reply: ReplyTo<Chunks>);
}
