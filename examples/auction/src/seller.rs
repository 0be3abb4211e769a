//! Who has something to sell.

use actor_core::prelude::*;

use crate::Price;
use crate::bidder::BidderHandle;
use crate::news::{Heard, News};

/// Whoever wants to know how the auction of a thing of its own went.
#[actor]
pub(crate) trait Seller {
    /// `bidder` has bought `item`.
    fn auction_concluded(&mut self, item: String, bidder: BidderHandle, price: Price);

    /// Nobody offered enough for `item`.
    fn auction_failed(&mut self, item: String);
}

/// Hears how the auctions of its items went.
#[actor]
#[derive(Debug, Default)]
pub(crate) struct Owner {
    heard: Vec<Heard>,
}

#[actor]
impl Owner {
    /// All that it has heard, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.clone()
    }
}

impl Seller for Owner {
    fn auction_concluded(&mut self, item: String, bidder: BidderHandle, price: Price) {
        let client = bidder.name().unwrap_or_default().to_owned();
        self.heard.push(Heard { item, news: News::Sold { client, price } });
    }

    fn auction_failed(&mut self, item: String) {
        self.heard.push(Heard { item, news: News::Failed });
    }
}
