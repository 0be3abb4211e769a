//! The one who speaks to the user.

use actor_core::prelude::*;

use crate::progress::View;

/// Shows what everybody does. Being one actor, it never mixes two lines, and nobody who tells it something waits for a
/// terminal.
#[actor(mailbox = 4096)]
#[derive(Debug)]
pub(crate) struct Reporter {
    view: View,
    moved: u64,
}

#[actor]
impl Reporter {
    pub(crate) fn new(view: View) -> Self {
        Self { view, moved: 0 }
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
        self.moved += bytes;
    }

    /// Answers as soon as so many bytes were moved, with how many they were.
    #[message(when = self.moved >= *at_least)]
    pub(crate) fn when_moved(&self, at_least: u64) -> u64 {
        self.moved
    }

    /// Takes the bars away. The answer means that all before it was shown.
    pub(crate) fn finish(&mut self) {
        self.view.finish();
    }
}
