//! Who has something to sell.

use actor_core::prelude::*;

use crate::Price;
use crate::client::ClientHandle;
use crate::news::{Heard, News};

/// Hears how the auctions of its items went.
#[actor]
#[derive(Debug, Default)]
pub(crate) struct Seller {
    heard: Vec<Heard>,
}

#[actor]
impl Seller {
    /// `client` has bought `item`.
    pub(crate) fn auction_concluded(&mut self, item: String, client: ClientHandle, price: Price) {
        let client = client.name().unwrap_or_default().to_owned();
        self.heard.push(Heard { item, news: News::Sold { client, price } });
    }

    /// Nobody offered enough for `item`.
    pub(crate) fn auction_failed(&mut self, item: String) {
        self.heard.push(Heard { item, news: News::Failed });
    }

    /// All that it has heard, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.clone()
    }
}
