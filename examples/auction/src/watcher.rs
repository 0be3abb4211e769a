//! Who only looks.

use actor_core::prelude::*;

use crate::bidder::{Remembers, Visitor};
use crate::news::Heard;

/// Asks how auctions stand, and never bids: it is no `Bidder`, so nobody can ask it for more.
#[actor]
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    heard: Vec<Heard>,
}

#[actor]
impl Watcher {}

impl Remembers for Watcher {
    fn memory(&mut self) -> &mut Vec<Heard> {
        &mut self.heard
    }
}

impl Visitor for Watcher {}
