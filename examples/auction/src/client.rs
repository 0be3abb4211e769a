//! Who goes on.

use std::collections::BTreeMap;

use actor_core::prelude::*;

use crate::auction::AuctionHandle;
use crate::bidder::{Bidder, Visitor, offer};
use crate::news::{Heard, News};
use crate::{Price, Time};

/// Bids in any number of auctions, and when it is beaten offers what is asked, in each up to its own top.
#[actor(protocols)]
#[derive(Debug, Default)]
pub(crate) struct Client {
    tops: BTreeMap<String, Price>,
    heard: Vec<Heard>,
}

impl Visitor for Client {
    fn memory(&mut self) -> &mut Vec<Heard> {
        &mut self.heard
    }
}

impl Bidder for Client {
    fn bid(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
        item: &str,
        price: Price,
        top: Price,
    ) {
        self.tops.insert(item.to_owned(), top);
        offer(ctx, at, &auction, item.to_owned(), price.min(top));
    }

    fn beaten_offer(&mut self, item: String, asked: Price) -> Option<Price> {
        let top = self.tops.get(&item).copied().unwrap_or_default();
        self.hear(item, News::BeatenOffer { asked });
        (asked <= top).then_some(asked)
    }
}

#[cfg(test)]
mod tests {
    use actor_core::test::settle;

    use super::*;
    use crate::auction::Auction;
    use crate::bidder::BidderHandle;
    use crate::line::Lot;
    use crate::seller::Owner;

    fn auction() -> AuctionHandle {
        let (item, seller) = ("lamp".to_owned(), "otto".to_owned());
        let lot = Lot { item, seller, minimum: 10, opens: 0, closes: 60, end: 80 };
        Auction::new(lot, Owner::default().spawn().into()).spawn()
    }

    fn client() -> BidderHandle {
        Client::default().spawn_with(Spawn::new().name("bob")).into()
    }

    #[tokio::test]
    async fn it_never_offers_more_than_its_own_top() {
        let client = client();
        client.bid(1, auction(), "lamp", 10, 50).await.unwrap();
        assert_eq!(client.beaten_offer("lamp".to_owned(), 50).await.unwrap(), Some(50));
        assert_eq!(client.beaten_offer("lamp".to_owned(), 51).await.unwrap(), None);
        assert_eq!(client.beaten_offer("violin".to_owned(), 1).await.unwrap(), None);
    }

    #[tokio::test]
    async fn not_even_at_first() {
        let (auction, client) = (auction(), client());
        client.bid(1, auction.clone(), "lamp", 90, 50).await.unwrap();
        assert_eq!(auction.end().await.unwrap().sold, Some(("bob".to_owned(), 50)));
    }

    #[tokio::test]
    async fn after_the_end_it_is_over_too() {
        let (auction, client) = (auction(), client());
        auction.end().await.unwrap();
        client.bid(90, auction, "lamp", 10, 50).await.unwrap();
        settle().await;
        let heard = client.heard().await.unwrap();
        assert_eq!(heard, [Heard { item: "lamp".to_owned(), news: News::Over }]);
    }
}
