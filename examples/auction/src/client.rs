//! Who wants to have it.

use std::collections::BTreeMap;

use actor_core::prelude::*;
use thiserror::Error;

use crate::auction::AuctionHandle;
use crate::news::{Heard, News};
use crate::seller::SellerHandle;
use crate::{Price, Time};

/// Bids in any number of auctions, in each up to its own top.
#[actor]
#[derive(Debug, Default)]
pub(crate) struct Client {
    tops: BTreeMap<String, Price>,
    heard: Vec<Heard>,
}

/// The auction has ended for good, and the offer went nowhere.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the auction has ended for good")]
pub(crate) struct Ended;

#[actor]
impl Client {
    /// Offers `price` for `item`, and goes on up to `top` when it is beaten.
    pub(crate) async fn bid(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
        item: &str,
        price: Price,
        top: Price,
    ) -> Result<(), Ended> {
        self.tops.insert(item.to_owned(), top);
        auction.offer(at, price.min(top), ctx.handle()).tell().await.map_err(|_| Ended)
    }

    /// Asks how an auction stands; the answer comes as a [`status`](Self::status).
    pub(crate) async fn look(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
    ) -> Result<(), Ended> {
        auction.inquire(at, ctx.handle()).tell().await.map_err(|_| Ended)
    }

    /// What an auction takes now, and until when.
    pub(crate) fn status(&mut self, item: String, asked: Price, expires: Time) {
        self.heard.push(Heard { item, news: News::Status { asked, expires } });
    }

    /// Its offer is the best so far.
    pub(crate) fn best_offer(&mut self, item: String, price: Price) {
        self.heard.push(Heard { item, news: News::BestOffer { price } });
    }

    /// Another offer is the best now, or its own was too low: `asked` is the least that is taken. The reply is what it
    /// offers instead, or that it leaves.
    pub(crate) fn beaten_offer(&mut self, item: String, asked: Price) -> Option<Price> {
        let top = self.tops.get(&item).copied().unwrap_or_default();
        self.heard.push(Heard { item, news: News::BeatenOffer { asked } });
        (asked <= top).then_some(asked)
    }

    /// The auction has ended with `client`'s offer; that may be this one, or the one that it lost to.
    pub(crate) fn auction_concluded(
        &mut self,
        ctx: &mut Context<Self>,
        item: String,
        seller: SellerHandle,
        client: ClientHandle,
        price: Price,
    ) {
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let news = if client == ctx.handle() {
            News::Won { seller: name(seller.name()), price }
        } else {
            News::Sold { client: name(client.name()), price }
        };
        self.heard.push(Heard { item, news });
    }

    /// The auction has ended, and no offer was high enough.
    pub(crate) fn auction_failed(&mut self, item: String) {
        self.heard.push(Heard { item, news: News::Failed });
    }

    /// Its offer came too late.
    pub(crate) fn auction_over(&mut self, item: String) {
        self.heard.push(Heard { item, news: News::Over });
    }

    /// All that it has heard, in order.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auction::Auction;
    use crate::line::Lot;
    use crate::seller::Seller;

    fn auction() -> AuctionHandle {
        let (item, seller) = ("lamp".to_owned(), "otto".to_owned());
        let lot = Lot { item, seller, minimum: 10, opens: 0, closes: 60, end: 80 };
        Auction::new(lot, Seller::default().spawn()).spawn()
    }

    #[tokio::test]
    async fn it_never_offers_more_than_its_own_top() {
        let client = Client::default().spawn();
        client.bid(1, auction(), "lamp", 10, 50).await.unwrap();
        assert_eq!(client.beaten_offer("lamp".to_owned(), 50).await.unwrap(), Some(50));
        assert_eq!(client.beaten_offer("lamp".to_owned(), 51).await.unwrap(), None);
        assert_eq!(client.beaten_offer("violin".to_owned(), 1).await.unwrap(), None);
    }

    #[tokio::test]
    async fn not_even_at_first() {
        let (auction, client) = (auction(), Client::default().spawn_with(Spawn::new().name("bob")));
        client.bid(1, auction.clone(), "lamp", 90, 50).await.unwrap();
        assert_eq!(auction.end().await.unwrap().sold, Some(("bob".to_owned(), 50)));
    }

    #[tokio::test]
    async fn after_the_end_there_is_nobody_to_bid_to() {
        let (auction, client) = (auction(), Client::default().spawn());
        auction.end().await.unwrap();
        let refused = client.bid(90, auction.clone(), "lamp", 10, 50).await;
        assert!(matches!(refused, Err(CallError::Handler(Ended))), "{refused:?}");
        let refused = client.look(90, auction).await;
        assert!(matches!(refused, Err(CallError::Handler(Ended))), "{refused:?}");
    }
}
