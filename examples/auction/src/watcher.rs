//! Who only looks.

use actor_core::prelude::*;

use crate::bidder::Visitor;
use crate::news::Heard;

/// Asks how auctions stand, and never bids: it is no `Bidder`, so nobody can ask it for more.
#[actor(protocols)]
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    heard: Vec<Heard>,
}

impl Visitor for Watcher {
    fn memory(&mut self) -> &mut Vec<Heard> {
        &mut self.heard
    }
}
