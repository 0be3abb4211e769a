//! The same protocols with the macro.

use super::TooDear;
use actor_core::prelude::*;

/// Whoever bids in an auction.
#[actor(derive_message(Debug, Clone), derive_reply(Debug))]
pub trait Bidder: Sync {
    /// Somebody bid more.
    fn beaten(&mut self, best: u32);
    /// How far this bidder goes.
    async fn limit(&self) -> u32;
    /// What it would bid over `best`, beside others that ask.
    #[message(concurrent)]
    async fn consider(&self, best: u32) -> u32;
    /// Asks for a bid over `best`.
    #[message(interleave)]
    fn bid(&mut self, best: u32) -> Result<u32, TooDear>;
    /// Answers later.
    fn ponder(&mut self, about: &str, reply: ReplyTo<usize>);
    /// The last message.
    fn leave(self) -> u32;
}

/// A bidder that also sells.
#[actor(extends = Bidder, derive_message(Debug, Clone), derive_reply(Debug))]
pub trait Seller: Bidder {
    /// What it sells.
    fn lots(&self) -> usize;
}
