//! The one who speaks to the user.

use actor_core::prelude::*;

use crate::progress::View;

/// Shows what everybody does. Being one actor, it never mixes two lines, and nobody who tells it something waits for a
/// terminal.
#[actor(mailbox = 4096)]
#[derive(Debug)]
pub(crate) struct Reporter {
    view: View,
}

#[actor]
impl Reporter {
    pub(crate) fn new(view: View) -> Self {
        Self { view }
    }

    /// Something that the user asked for.
    pub(crate) fn say(&mut self, text: &str) {
        self.view.line(text);
    }

    /// Something that the user should look at.
    pub(crate) fn warn(&mut self, text: &str) {
        self.view.warning(text);
    }

    /// `peer` is about to take so many files of so many bytes together.
    pub(crate) fn expect(&mut self, peer: usize, files: usize, bytes: u64) {
        self.view.expect(peer, files, bytes);
    }

    /// `peer` has got so many bytes over a link, or found them at home.
    pub(crate) fn moved(&mut self, peer: usize, bytes: u64) {
        self.view.moved(peer, bytes);
    }

    /// Takes the bars away. The answer means that all before it was shown.
    pub(crate) fn finish(&mut self) {
        self.view.finish();
    }
}
